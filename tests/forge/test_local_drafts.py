"""Which content keeps a draft of the embedded forge out of main, whatever was pushed to it."""

from pathlib import Path

import pytest

from scaffold.errors import ForgeError
from scaffold.forge.api import Proposal, RequestState
from scaffold.forge.local.adapter import LocalFolderForge
from tests.builders import Files, commit_files, git

MARKED = "a\n<<<<<<< yours: main\nmine\n||||||| v1\nold\n=======\nnew\n>>>>>>> v2\nz\n"
LEFT_OVER = {
    "all markers": MARKED,
    "line ends of Windows": MARKED.replace("\n", "\r\n").encode(),
    "UTF-16": MARKED.encode("utf-16"),
    "UTF-16 from the first line on": MARKED.removeprefix("a\n").encode("utf-16"),
    "no UTF-8": MARKED.replace("mine", "gr\u00fcn").encode("latin-1"),
    "without the base": MARKED.replace("||||||| v1\nold\n", ""),
    "only the first": "<<<<<<< yours: main\nmine\n",
    "only the base's": "||||||| v1\nmine\n",
    "only the last": "mine\n>>>>>>> v2\n",
}
SETTLED = {
    "one side": "a\nmine\nz\n",
    "a heading": "Title\n=======\n",
    "a quotation of a conflict": "".join(f"    {line}\n" for line in MARKED.splitlines()),
    "arrows": "<<<<<<<<<<<< here\n>>>>>>>\n",
    "bytes": b"\0\1\2\xff",
}


@pytest.fixture
def checkout(forge: LocalFolderForge, tmp_path: Path) -> Path:
    """A checkout of a repo whose branch `upgrade` is a draft in conflict."""
    forge.create("shop", description="A shop")
    folder = tmp_path / "shop"
    commit_files(folder, {"a.txt": "a\nmine\nz\n"})
    git("remote", "add", "origin", forge.url("shop"), cwd=folder)
    git("push", "-q", "origin", "main", cwd=folder)
    git("switch", "-q", "-c", "upgrade", cwd=folder)
    push(folder, {"a.txt": MARKED})
    forge.open_merge_request("shop", "upgrade", Proposal("Upgrade", "", draft=True))
    return folder


def push(folder: Path, files: Files) -> None:
    """Make these all the files of the branch."""
    commit_files(folder, files)
    git("push", "-q", "origin", "HEAD", cwd=folder)


def refused(forge: LocalFolderForge) -> tuple[str, ...]:
    """The files that a merge is refused for."""
    before = git("rev-parse", "main", cwd=Path(forge.url("shop").removeprefix("file://")))
    with pytest.raises(ForgeError, match="is a draft with conflict markers") as caught:
        forge.merge("shop", 1)
    after = git("rev-parse", "main", cwd=Path(forge.url("shop").removeprefix("file://")))
    assert before == after
    assert RequestState.OPEN is forge.merge_requests("shop")[0].state
    return caught.value.details


@pytest.mark.parametrize("content", LEFT_OVER.values(), ids=LEFT_OVER)
def test_what_is_left_of_a_conflict(
    forge: LocalFolderForge, checkout: Path, content: str | bytes
) -> None:
    """One marker is one too many, in whatever encoding."""
    push(checkout, {"a.txt": content, "README.md": "new\n"})

    assert ("a.txt",) == refused(forge)


@pytest.mark.parametrize("content", SETTLED.values(), ids=SETTLED)
def test_what_is_none(forge: LocalFolderForge, checkout: Path, content: str | bytes) -> None:
    """A line that only looks like one hinders nobody."""
    push(checkout, {"a.txt": content})

    forge.merge("shop", 1)

    assert RequestState.MERGED is forge.merge_requests("shop")[0].state


def test_every_file_is_named(forge: LocalFolderForge, checkout: Path) -> None:
    """Also one that came later, or lies deeper."""
    push(checkout, {"a.txt": "settled\n", "b/c d.txt": MARKED, "e.txt": MARKED})

    assert ("b/c d.txt", "e.txt") == refused(forge)


def test_what_main_has_already_is_no_conflict_of_the_branch(
    forge: LocalFolderForge, checkout: Path
) -> None:
    """A text about conflicts can be changed by an upgrade."""
    git("switch", "-q", "main", cwd=checkout)
    push(checkout, {"a.txt": "a\nmine\nz\n", "conflicts.md": MARKED})
    git("switch", "-q", "upgrade", cwd=checkout)
    git("merge", "-q", "main", cwd=checkout)
    push(checkout, {"a.txt": "settled\n", "conflicts.md": f"{MARKED}more\n"})

    forge.merge("shop", 1)


def test_markers_that_a_merge_of_main_left(forge: LocalFolderForge, checkout: Path) -> None:
    """It was settled, then came into conflict with main, and that was committed as it is."""
    push(checkout, {"a.txt": "settled\n"})
    git("switch", "-q", "main", cwd=checkout)
    push(checkout, {"a.txt": "a\nmain's\nz\n"})
    git("switch", "-q", "upgrade", cwd=checkout)
    git("merge", "-q", "-s", "ours", "main", cwd=checkout)
    push(checkout, {"a.txt": "<<<<<<< HEAD\nsettled\n=======\nmain's\n>>>>>>> main\n"})

    assert ("a.txt",) == refused(forge)
