"""Reviewers by CODEOWNERS, by the rules that GitHub and GitLab document."""

import pytest

from scaffold.git.tree import Entry
from scaffold.upgrade.owners import reviewers

RULES = """\
# Everything, unless a later line says otherwise
*           @acme/platform  @ann
/docs/      @writers someone@example.com
*.py        @ann @bob  # both
[Section][2] @ignored
src/vendor/
"""


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (["README.md"], ("acme/platform", "ann")),
        (["docs/a.md"], ("writers",)),
        (["src/a.py"], ("ann", "bob")),
        (["src/vendor/a.py"], ()),
        (["src/a.py", "docs/a.md", "b.py"], ("ann", "bob", "writers")),
        ([], ()),
    ],
)
def test_the_last_rule_that_matches_counts(changed: list[str], expected: tuple[str, ...]) -> None:
    """Of each file; nobody is named twice, and no address, since forges know names."""
    tree = {"CODEOWNERS": Entry.file(RULES.encode())}

    assert expected == reviewers(tree, changed)


def test_a_repo_without_one_has_no_reviewers() -> None:
    """Nobody is asked."""
    assert () == reviewers({}, ["README.md"])


def test_it_may_be_in_a_folder() -> None:
    """Where the forges look."""
    tree = {".gitlab/CODEOWNERS": Entry.file(b"* @ann\n")}

    assert ("ann",) == reviewers(tree, ["README.md"])


@pytest.mark.parametrize("rule", [b"\\ @bob", b"a\\ @bob", b"\xff\xfe @bob", b"[[ @bob"])
def test_a_rule_that_is_none(rule: bytes) -> None:
    """It counts for nobody, and the others count as ever."""
    tree = {"CODEOWNERS": Entry.file(b"* @ann\n" + rule + b"\n")}

    assert ("ann",) == reviewers(tree, ["README.md"])


def test_an_owner_without_a_name() -> None:
    """An `@` alone is nobody, so the files of that rule are nobody's."""
    assert () == reviewers({"CODEOWNERS": Entry.file(b"* @ann\n** @\n")}, ["README.md"])
