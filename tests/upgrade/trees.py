"""Merges of plain trees, without copier: what the rules are, many cases in little time."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pygit2.enums import FileMode

from scaffold.git.tree import Entry
from scaffold.merge.decisions import Conflict, Decision
from scaffold.merge.text import Labels
from scaffold.merge.trees import Merged, Rules, merge_trees
from scaffold.upgrade.plan import UpgradePlan

Tree = dict[str, Entry]
Content = str | bytes | Path | Entry
LABELS = Labels("ours", "base", "theirs")
# Enough lines for a file with one of them changed to be recognised elsewhere.
ONE = "one\ntwo\nthree\nfour\nfive\n"
OTHER = "alpha\nbeta\ngamma\ndelta\nepsilon\n"


def tree(files: Mapping[str, Content]) -> Tree:
    """Text and bytes are files (executable where they begin with `#!`), a path is a link."""
    return {path: _entry(content) for path, content in files.items()}


def _entry(content: Content) -> Entry:
    if isinstance(content, Entry):
        return content
    if isinstance(content, Path):
        return Entry(FileMode.LINK, str(content).encode())
    data = content.encode() if isinstance(content, str) else content
    return Entry(FileMode.BLOB_EXECUTABLE if data.startswith(b"#!") else FileMode.BLOB, data)


def submodule(commit: str = "1" * 40) -> Entry:
    """A submodule at a commit."""
    return Entry(FileMode.COMMIT, commit.encode())


@dataclass(frozen=True)
class Outcome:
    """What came of a merge; decisions and conflicts as path and kind."""

    tree: Tree
    decided: list[tuple[str, str]]
    conflicts: list[tuple[str, str]]
    details: dict[str, str]

    @property
    def texts(self) -> dict[str, str]:
        """The files as text, without the answers files; a link as where it points."""
        return {
            path: entry.data.decode()
            for path, entry in sorted(self.tree.items())
            if ".copier-answers" not in path
        }


def merge(
    base: Mapping[str, Content],
    theirs: Mapping[str, Content],
    ours: Mapping[str, Content],
    **rules: Any,
) -> Outcome:
    """Merge three trees; `rules` are those of `Rules`."""
    before = tree(ours)
    return _outcome(before, merge_trees(tree(base), tree(theirs), before, Rules(LABELS, **rules)))


def planned(plan: UpgradePlan) -> Outcome:
    """What would come of an upgrade."""
    return _outcome(dict(plan.project.files), plan.merged)


def _outcome(before: Tree, merged: Merged) -> Outcome:
    after = {path: entry for path, entry in before.items() if path not in merged.changes}
    after |= {path: entry for path, entry in merged.changes.items() if entry is not None}
    said: list[Decision | Conflict] = [*merged.decisions, *merged.conflicts]
    return Outcome(
        after,
        [(one.path, one.kind.value) for one in merged.decisions],
        [(one.path, one.kind.value) for one in merged.conflicts],
        {one.path: one.detail for one in said},
    )
