"""The kinds of prereleases."""

from enum import StrEnum


class Pre(StrEnum):
    """A kind of prerelease, as PEP 440 writes it, in the order in which they come."""

    ALPHA = "a"
    BETA = "b"
    CANDIDATE = "rc"
