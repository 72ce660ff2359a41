"""Patterns of paths as in .gitignore, which people write. Pure."""

import re
import warnings
from collections.abc import Iterable

from pathspec import GitIgnoreSpec


def path_patterns(lines: Iterable[str]) -> GitIgnoreSpec:
    """The patterns, of which the last that fits a path counts.

    Raises ValueError for what is no pattern: pathspec lets the error of a regular expression
    through, as of the range `[z-a]`, and its warning, as of `[[a]`.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        try:
            return GitIgnoreSpec.from_lines(lines)
        except re.error as error:
            raise ValueError(f"not a pattern as in .gitignore: {error}") from error
