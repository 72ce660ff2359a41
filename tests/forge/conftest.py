"""A forge in a folder, and a repo with branches in it."""

from pathlib import Path

import pytest

from scaffold.forge.local import LocalFolderForge
from scaffold.git.transport import push
from scaffold.git.tree import Entry, Identity, init_bare, make_commit


@pytest.fixture(autouse=True)
def _user(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user whom git knows."""
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Dev")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "dev@example.com")


@pytest.fixture
def forge(tmp_path: Path) -> LocalFolderForge:
    """A forge in a folder that is not there yet."""
    return LocalFolderForge(str(tmp_path / "forge"))


@pytest.fixture
def branches(forge: LocalFolderForge, tmp_path: Path) -> dict[str, str]:
    """The heads of the branches `a` and `b` that were pushed to the forge's repo `shop`."""
    forge.create("shop", description="A shop")
    store = init_bare(tmp_path / "store.git")
    heads = {}
    for name in ("a", "b"):
        tree = {"file": Entry.file(name.encode())}
        heads[name] = make_commit(store, tree, name, Identity("Dev", "dev@example.com"))
        push(tmp_path / "store.git", forge.url("shop"), heads[name], name, expect=None)
    return heads
