"""Whatever somebody writes as a pattern of paths is read, or refused as none."""

import warnings
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaffold.config.no_release import problem_with
from scaffold.config.owned import OwnedPaths
from scaffold.config.patterns import path_patterns
from scaffold.git.tree import Entry
from scaffold.upgrade.owners import reviewers

PATTERNS = st.text(st.sampled_from("[]!-^\\*?/az&~|:. é�"), max_size=12)


@given(PATTERNS)
def test_a_pattern_is_read_or_refused(pattern: str) -> None:
    """No other error comes out, and no warning of another library's."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with suppress(ValueError):
            path_patterns([pattern]).match_file("a/b")


def test_a_range_that_is_none_is_refused_wherever_it_stands() -> None:
    """In a blueprint and in `.scaffold.yml`; a rule of CODEOWNERS is left out, as forges do."""
    assert problem_with(("[z-a]",)).startswith("are patterns as in .gitignore: not a pattern")
    with pytest.raises(
        ValueError, match=r"not a pattern as in \.gitignore: bad character range z-a"
    ):
        OwnedPaths(paths=("[z-a]",), reason="Ours.")
    rules = Entry.file(b"* @ada\n[z-a] @bob\nb[z-a] @bob\n")
    assert ("ada",) == reviewers({"CODEOWNERS": rules}, ["b"])
