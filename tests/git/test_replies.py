"""What servers answer a git that fails, on the wire to the real git, and what scaffold makes of it.

The words are those of the servers; scaffold/git/replies.py says where they stand.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scaffold.errors import ForgeError, PushRefusedError
from scaffold.git import access, branches, clones
from scaffold.git.access import Access, use_access
from scaffold.git.replies import REPLIES, Fault, fault_of
from scaffold.git.store import open_mirror
from scaffold.git.tree import Entry, Identity, init_bare, make_commit
from tests.forge.fake_http import TOKEN
from tests.forge.git_side import Rejection
from tests.git.server import GitServer, git_server

TEXT = {"Content-Type": "text/plain"}
HTML = {"Content-Type": "text/html"}
ASKED = "info/refs?service=git-receive-pack"
SENT = ".git/git-receive-pack"
MAIN = ("shop", "refs/heads/main")
BY_HOOK = "pre-receive hook declined"
RULESET = """\
error: GH013: Repository rule violations found for refs/heads/main.
Review all repository rules at http://github.com/acme/shop/rules?ref=refs%2Fheads%2Fmain

- Changes must be made through a pull request.

"""
PROTECTION = """\
error: GH006: Protected branch update failed for refs/heads/main.
error: Changes must be made through a pull request.
"""
REJECTIONS = {
    "GitHub, by a ruleset": ("push declined due to repository rule violations", RULESET),
    "GitHub, by a branch protection": ("protected branch hook declined", PROTECTION),
    "GitLab": (
        BY_HOOK,
        "GitLab: You are not allowed to push code to protected branches on this project.\n",
    ),
    "Gitea": (BY_HOOK, "\nGitea: Not allowed to push to protected branch main\n"),
    "Forgejo": (BY_HOOK, "\nForgejo: Not allowed to push to protected branch main\n"),
    "git, by a hook": ("hook declined", "main is frozen\n"),
    "git, of a hidden ref": ("deny updating a hidden ref", ""),
}
FORBIDDEN = {
    "GitHub": (ASKED, "Permission to acme/shop.git denied to bob.\n"),
    "GitHub, of an archived repo": (ASKED, "This repository was archived so it is read-only.\n"),
    "GitLab": (ASKED, "You are not allowed to push code to this project."),
    "Gitea": (SENT, "This repo is archived. You can view files and clone it.\n"),
}


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitServer]:
    """A server with an empty repo `shop`, which git has a token for."""
    monkeypatch.setattr(access, "_accesses", {})
    with git_server(tmp_path / "server") as running:
        use_access(Access(running.url, "bob", TOKEN))
        running.git.make("shop")
        yield running


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What was slept, in seconds; nothing really is."""
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    return slept


def push(
    server: GitServer, folder: Path, may_push: Callable[[], bool | None] = lambda: None
) -> str:
    """Push a first commit to main of the repo, of which `may_push` is what the forge says."""
    store = init_bare(folder / "store.git")
    commit = make_commit(store, {"file": Entry.file(b"x")}, "Add", Identity("Dev", "dev@e.com"))
    url = f"{server.url}/shop.git"
    branches.push(folder / "store.git", url, commit, "main", expect=None, may_push=may_push)
    return commit


@pytest.mark.parametrize("who", REJECTIONS)
def test_a_rejected_branch_is_a_refusal(
    server: GitServer, tmp_path: Path, naps: list[float], who: str
) -> None:
    """It is told at once, with all that the server said: a merge request can take its place."""
    server.git.rejects[MAIN] = Rejection(*REJECTIONS[who])

    with pytest.raises(PushRefusedError, match="no direct push to `main` is allowed") as caught:
        push(server, tmp_path)

    reason, words = REJECTIONS[who]
    said = "\n".join(caught.value.details)
    assert f"[remote rejected] ({reason})" in said
    assert [] == [line for line in words.split("\n") if line not in said]
    assert [] == naps


@pytest.mark.parametrize("who", FORBIDDEN)
def test_a_push_that_is_forbidden_is_a_refusal(
    server: GitServer, tmp_path: Path, naps: list[float], who: str
) -> None:
    """Status 403, before anything is sent or in answer to it; no time is lost on trying again."""
    end, said = FORBIDDEN[who]
    server.answers[end] = (403, TEXT, said)

    with pytest.raises(PushRefusedError, match="no direct push to `main` is allowed"):
        push(server, tmp_path)

    assert [] == naps


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (BY_HOOK, "GitLab: 500 Internal Server Error\n"),
        (BY_HOOK, "GitLab: Internal API unreachable\n"),
        (BY_HOOK, "Gitea: Internal Server Error\nUnable to contact gitea: connection refused\n"),
        (BY_HOOK, "Gitea: Internal Server Connection Error\n"),
        ("Internal Server Error", "Internal Server Error\n"),
    ],
)
def test_a_server_whose_own_server_failed_refuses_nothing(
    server: GitServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    reason: str,
    words: str,
) -> None:
    """Its hook declines, for want of an answer; tried again, the push comes through."""
    server.git.rejects[MAIN] = Rejection(reason, words)
    monkeypatch.setattr("time.sleep", lambda _: server.git.rejects.clear())

    commit = push(server, tmp_path)

    assert commit == branches.remote_head(f"{server.url}/shop.git")


def test_a_repo_that_is_being_moved_refuses_nothing(
    server: GitServer, tmp_path: Path, naps: list[float]
) -> None:
    """GitLab answers 403 meanwhile, and says that it passes."""
    said = "The repository is temporarily read-only. Please try again later."
    server.answers[ASKED] = (403, TEXT, said)
    server.once = True

    commit = push(server, tmp_path)

    assert commit == branches.remote_head(f"{server.url}/shop.git")
    assert [0.5] == naps


def test_a_wrong_token_is_no_refusal(server: GitServer, tmp_path: Path) -> None:
    """Of a repo that everybody may read; a merge request would fail as well."""
    said = "HTTP Basic: Access denied. If a password was provided for Git authentication ..."
    server.answers[ASKED] = (401, {**TEXT, "WWW-Authenticate": 'Basic realm="GitLab"'}, said)

    with pytest.raises(ForgeError, match="the forge does not know who you are") as caught:
        push(server, tmp_path)

    assert ForgeError is type(caught.value)
    assert "Set a token, or look at your ssh key." == caught.value.hint


def test_what_is_wrong_with_the_commits_is_no_refusal(server: GitServer, tmp_path: Path) -> None:
    """As for a scope that the token lacks; the reason of the branch is told."""
    reason = "refusing to allow a Personal Access Token to create or update workflow `ci.yml`"
    server.git.rejects[MAIN] = Rejection(reason)

    with pytest.raises(ForgeError, match=r"can't push to `main`$") as caught:
        push(server, tmp_path)

    assert ForgeError is type(caught.value)
    assert any(reason in line for line in caught.value.details)


def test_what_is_too_large_is_not_sent_again(
    server: GitServer, tmp_path: Path, naps: list[float]
) -> None:
    """A proxy's limit will be the same the next time."""
    server.answers[SENT] = (413, HTML, "<html>\nRequest Entity Too Large\n</html>\n")

    with pytest.raises(ForgeError, match="can't push to `main`"):
        push(server, tmp_path)

    assert [] == naps


UNKNOWN = Rejection("verboten", "You shall not push\n")


def test_what_the_forge_answers_comes_before_the_words(server: GitServer, tmp_path: Path) -> None:
    """A refusal is known in whatever words a server has it."""
    server.git.rejects[MAIN] = UNKNOWN

    with pytest.raises(PushRefusedError) as caught:
        push(server, tmp_path, lambda: False)

    assert any("You shall not push" in line for line in caught.value.details)


def test_where_the_forge_lets_a_push_be_another_thing_is_the_matter(
    server: GitServer, tmp_path: Path
) -> None:
    """As a proxy that forbids it, or a token that was not authorized for single sign-on."""
    server.answers[ASKED] = (403, TEXT, "The organization has enforced SAML SSO.\n")

    with pytest.raises(ForgeError, match="can't push to `main`: the forge refuses it") as caught:
        push(server, tmp_path, lambda: True)

    assert ForgeError is type(caught.value)


def test_of_a_hook_the_forge_knows_nothing(server: GitServer, tmp_path: Path) -> None:
    """Somebody put it on the server, so what it declines is declined."""
    server.git.rejects[MAIN] = Rejection("pre-receive hook declined", "main is frozen\n")

    with pytest.raises(PushRefusedError):
        push(server, tmp_path, lambda: True)


def test_a_forge_that_does_not_answer_leaves_it_to_the_words(
    server: GitServer, tmp_path: Path
) -> None:
    """What went wrong with the question hides nothing."""

    def fails() -> bool:
        raise ForgeError("can't ask who may push")

    server.git.rejects[MAIN] = Rejection(*REJECTIONS["GitHub, by a ruleset"])
    with pytest.raises(PushRefusedError):
        push(server, tmp_path, fails)

    server.git.rejects[MAIN] = UNKNOWN
    with pytest.raises(ForgeError, match=r"can't push to `main`$"):
        push(server, tmp_path, fails)


def test_a_push_that_comes_through_asks_nothing(server: GitServer, tmp_path: Path) -> None:
    """It costs no call."""
    push(server, tmp_path, lambda: pytest.fail("it asked"))


PAGES = {
    "of several lines": (200, HTML, "<!doctype html>\n<html>\nLog in\n</html>\n"),
    "of one line": (200, HTML, "<!doctype html><html>Log in</html>"),
    "that is empty": (200, HTML, ""),
    "in JSON": (200, {"Content-Type": "application/json"}, '{"message": "Log in"}'),
    "somewhere else": (302, {"Location": "/login"}, ""),
}


@pytest.fixture(params=PAGES)
def page(request: pytest.FixtureRequest, server: GitServer) -> str:
    """The URL of a page, which a browser shows."""
    server.answers["info/refs?service=git-upload-pack"] = PAGES[request.param]
    server.answers["/login"] = PAGES["of several lines"]
    return f"{server.url}/shop.git"


def test_a_web_page_is_no_repo(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is asked of it; git takes some for empty repos."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for ask in (
        lambda: branches.remote_head(page),
        lambda: branches.default_head(page),
        lambda: clones.clone(page, tmp_path / "clone"),
        lambda: open_mirror(page),
    ):
        with pytest.raises(ForgeError) as caught:
            ask()
        assert ("this is a web page, not a git repo", page) == (
            caught.value.what,
            caught.value.where,
        )
        assert caught.value.hint.startswith("Name the URL that `git clone` takes.")


def test_an_empty_repo_is_a_repo(server: GitServer, tmp_path: Path) -> None:
    """Though git has as little to say of it."""
    url = f"{server.url}/shop.git"

    clones.clone(url, tmp_path / "clone")

    assert branches.remote_head(url) is None


def test_every_reply_has_a_source() -> None:
    """A page that can be looked at."""
    assert [] == [one.words for one in REPLIES if not one.source.startswith("https://")]


def test_what_nobody_knows_tells_nothing() -> None:
    """It is told in git's own words."""
    assert (Fault.OTHER, "") == fault_of("fatal: bad object")
