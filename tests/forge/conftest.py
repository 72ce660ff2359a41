"""A forge in a folder, and a repo with branches in it."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from scaffold.forge.api import Forge
from scaffold.forge.gitea.adapter import GiteaOrganisationForge
from scaffold.forge.local.adapter import LocalFolderForge
from scaffold.git.branches import push, remote_head
from scaffold.git.tree import Entry, Identity, init_bare, make_commit, open_repo
from tests.forge.each import Server, on_gitea, on_github, on_gitlab, on_local
from tests.forge.life import Life
from tests.gitea import Gitea


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


def push_branch(forge: Forge, tmp_path: Path, branch: str, *, base: str = "", **files: str) -> str:
    """Push a commit with these files, on top of `base`, to a branch of the repo `shop`."""
    folder = tmp_path / "store.git"
    store = open_repo(folder) if folder.exists() else init_bare(folder)
    tree = {name: Entry.file(text.encode()) for name, text in files.items()}
    who = Identity("Dev", "dev@example.com")
    commit = make_commit(store, tree, f"Change {branch}", who, [base] if base else [])
    there = remote_head(forge.url("shop"), branch)
    push(folder, forge.url("shop"), commit, branch, expect=there)
    return commit


@pytest.fixture
def group(gitea: Gitea) -> str:
    """An organisation of this test's own on Gitea."""
    return gitea.new_organisation()


@pytest.fixture
def server(gitea: Gitea, group: str) -> GiteaOrganisationForge:
    """The forge in that organisation, as its owner has it; git has the same token."""
    return gitea.forge(group)


@pytest.fixture
def shop(server: GiteaOrganisationForge, tmp_path: Path) -> dict[str, str]:
    """The heads of `main` and of `a`, one commit further, of the repo `shop` on the server."""
    server.create("shop", description="A shop")
    main = push_branch(server, tmp_path, "main", file="1")
    return {"main": main, "a": push_branch(server, tmp_path, "a", base=main, file="2")}


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What was slept, in seconds; nothing really is."""
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    return slept


GITEA = pytest.param("gitea", marks=[pytest.mark.xdist_group("gitea"), pytest.mark.gitea])


@pytest.fixture(params=["github", "gitlab"])
def fake_server(request: pytest.FixtureRequest, tmp_path: Path) -> Server:
    """Each of the servers that is a fake, so that it is soon put back."""
    return _server(request.param, request, tmp_path)


@pytest.fixture(params=["github", "gitlab", GITEA])
def server_kind(request: pytest.FixtureRequest) -> str:
    """The name of each server."""
    return str(request.param)


@pytest.fixture
def any_server(server_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Server:
    """Each of the servers."""
    return _server(server_kind, request, tmp_path)


@pytest.fixture(params=["local", "github", "gitlab", GITEA])
def life(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Life]:
    """Each of the forges, without a repo."""
    if request.param == "local":
        yield on_local(tmp_path)
        return
    if request.param != "gitea":
        request.getfixturevalue("naps")  # a fake is waited for by its answers, not by time
    with _server(request.param, request, tmp_path)() as (_, connect):
        yield connect()


def _server(kind: str, request: pytest.FixtureRequest, folder: Path) -> Server:
    if kind == "gitea":
        return partial(on_gitea, request.getfixturevalue("gitea"), folder)
    if kind == "github":
        return partial(on_github, request.getfixturevalue("github_description"))
    return on_gitlab
