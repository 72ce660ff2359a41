"""Which versions of a template somebody gets without naming one."""

from collections.abc import Iterable
from dataclasses import dataclass

from packaging.version import Version

from scaffold.render.source import newest, parse_version


@dataclass(frozen=True)
class Offer:
    """What of a template's versions counts for somebody; by default its releases.

    With `below` that version and all newer ones are held back.
    """

    prereleases: bool = False
    below: Version | None = None

    def has(self, tag: str) -> bool:
        """Whether a version counts."""
        version = parse_version(tag)
        is_plain = version is not None and (self.prereleases or not version.is_prerelease)
        return is_plain and not self.holds(tag)

    def holds(self, tag: str) -> bool:
        """Whether a version is held back."""
        version = parse_version(tag)
        return version is not None and self.below is not None and version >= self.below

    def newest(self, tags: Iterable[str]) -> str | None:
        """The newest version by PEP 440, or None where there is none.

        Without `prereleases` they count only where there is nothing else.
        """
        known = {
            tag: version
            for tag in tags
            if (version := parse_version(tag)) is not None and not self.holds(tag)
        }
        if not known:
            return None
        return max(known, key=known.__getitem__) if self.prereleases else newest(known)


RELEASES = Offer()
