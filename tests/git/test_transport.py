"""What goes over the wire: pushes that lose nobody's commit, and errors that say what to do."""

from pathlib import Path
from typing import Any

import pytest

from scaffold import process
from scaffold.config.urls import local_folder
from scaffold.errors import (
    ForgeError,
    PushRefusedError,
    ScaffoldError,
    StalePushError,
    ToolMissingError,
)
from scaffold.git import program, transport
from scaffold.git.branches import push, remote_head
from scaffold.git.clones import checkout, clone, fetch
from scaffold.git.folders import read_folder
from scaffold.git.program import identity
from scaffold.git.tree import Entry, Identity, init_bare, make_commit, open_repo
from scaffold.process import Finished
from tests.builders import commit_files, git, harmful_git_config, only_programs, write_files


class Remote:
    """A bare repo that is pushed to, and the store in which commits are made."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder / "remote.git"
        self.url = f"file://{self.folder}"
        init_bare(self.folder)
        self.store = folder / "store.git"
        init_bare(self.store)

    def commit(self, text: str, *parents: str, message: str = "Change") -> str:
        """Make a commit that nobody has yet."""
        tree = {"file": Entry.file(text.encode())}
        test = Identity("Test", "test@example.com")
        return make_commit(open_repo(self.store), tree, message, test, parents)

    def push(self, commit: str, *, expect: str | None) -> None:
        """Move main to a commit."""
        push(self.store, self.url, commit, "main", expect=expect)

    def hook(self, name: str, text: str) -> None:
        """Let the remote judge what is pushed to it."""
        write_files(self.folder, {f"hooks/{name}": f"#!/bin/sh\n{text}\n"})


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    """A remote that nothing was pushed to."""
    return Remote(tmp_path)


def test_a_branch_that_is_not_there_has_no_head(remote: Remote) -> None:
    """Nothing was pushed, so there is no commit."""
    assert remote_head(remote.url) is None


def test_a_push_makes_the_branch(remote: Remote) -> None:
    """Where none was expected and none is, it is made."""
    commit = remote.commit("one")

    remote.push(commit, expect=None)

    assert commit == remote_head(remote.url)


def test_a_push_moves_the_branch(remote: Remote) -> None:
    """Where the branch is as it was seen, it moves."""
    first = remote.commit("one")
    second = remote.commit("two", first)
    remote.push(first, expect=None)

    remote.push(second, expect=first)

    assert second == remote_head(remote.url)


def test_a_branch_that_moved_is_not_overwritten(remote: Remote) -> None:
    """Somebody else was quicker: their commit stays, and the error says to read again."""
    first = remote.commit("one")
    theirs, ours = remote.commit("theirs", first), remote.commit("ours", first)
    remote.push(first, expect=None)
    remote.push(theirs, expect=first)

    with pytest.raises(StalePushError, match="`main` moved while this was prepared"):
        remote.push(ours, expect=first)

    assert theirs == remote_head(remote.url)


def test_a_branch_that_came_up_is_not_overwritten(remote: Remote) -> None:
    """It was not there when it was looked for, and is now."""
    theirs = remote.commit("theirs")
    remote.push(theirs, expect=None)

    with pytest.raises(StalePushError):
        remote.push(remote.commit("ours"), expect=None)

    assert theirs == remote_head(remote.url)


def test_a_branch_that_was_deleted_is_not_made_again(remote: Remote) -> None:
    """It was there when it was looked for, and is not now."""
    first = remote.commit("one")

    with pytest.raises(StalePushError):
        remote.push(remote.commit("two", first), expect=first)

    assert remote_head(remote.url) is None


@pytest.mark.parametrize("hook", ["pre-receive", "update"])
def test_a_refusal_by_a_hook(remote: Remote, hook: str) -> None:
    """The forge takes no direct push: an error of its own kind, with the forge's words."""
    remote.hook(hook, "echo main is protected here >&2; exit 1")

    with pytest.raises(PushRefusedError, match="no direct push to `main` is allowed") as caught:
        remote.push(remote.commit("one"), expect=None)

    assert any("main is protected here" in line for line in caught.value.details)


def test_another_failure_is_no_refusal(remote: Remote) -> None:
    """A merge request would not help where the forge failed for another reason."""
    write_files(remote.folder, {"refs/heads/main/blocked": remote.commit("other") + "\n"})
    commit = remote.commit("one")
    while "403" in commit:  # see the next test
        commit = remote.commit("one", message=f"Not {commit}")

    with pytest.raises(ForgeError, match="can't push to `main`") as caught:
        remote.push(commit, expect=None)

    assert ForgeError is type(caught.value)


def test_the_commits_id_says_nothing_about_the_refusal(remote: Remote) -> None:
    """An id with 403 in it, as one in a hundred has, must not look like an HTTP status."""
    write_files(remote.folder, {"refs/heads/main/blocked": remote.commit("other") + "\n"})
    commit = remote.commit("one")
    while "403" not in commit:
        commit = remote.commit("one", message=f"Not {commit}")

    with pytest.raises(ForgeError) as caught:
        remote.push(commit, expect=None)

    assert ForgeError is type(caught.value)


def test_the_repos_name_says_nothing_about_the_refusal(tmp_path: Path) -> None:
    """A service called `permissions` must not make each failure look like a refusal."""
    remote = Remote(tmp_path / "permissions")
    write_files(remote.folder, {"refs/heads/main/blocked": remote.commit("other") + "\n"})
    commit = remote.commit("one")
    while "403" in commit:
        commit = remote.commit("one", message=f"Not {commit}")

    with pytest.raises(ForgeError) as caught:
        remote.push(commit, expect=None)

    assert ForgeError is type(caught.value)


def test_a_remote_that_is_not_there(remote: Remote, tmp_path: Path) -> None:
    """The error has git's own words."""
    with pytest.raises(ScaffoldError) as caught:
        push(remote.store, f"file://{tmp_path}/none", remote.commit("one"), "main", expect=None)

    assert any("does not appear to be a git repository" in line for line in caught.value.details)


def test_git_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the git program, the error says how to get it."""
    only_programs(monkeypatch, tmp_path / "bin")

    with pytest.raises(ToolMissingError, match="the program `git` is not installed") as caught:
        clone("file:///nowhere", tmp_path / "checkout")

    assert caught.value.hint.startswith("Install git (https://git-scm.com/downloads)")


def test_a_failed_command_says_where(tmp_path: Path) -> None:
    """The error names the remote and what git said of it."""
    with pytest.raises(ForgeError, match="can't be reached") as caught:
        fetch(tmp_path, "file:///nowhere", "main")

    assert "file:///nowhere" == caught.value.where
    assert caught.value.details


class TestIdentity:
    """Who the user is, by git's own rules."""

    @pytest.fixture(autouse=True)
    def nobody(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A user who told git nothing."""
        for name in ("AUTHOR_NAME", "AUTHOR_EMAIL", "COMMITTER_NAME", "COMMITTER_EMAIL"):
            monkeypatch.delenv(f"GIT_{name}", raising=False)
        monkeypatch.delenv("EMAIL", raising=False)
        monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "config"))
        monkeypatch.chdir(tmp_path)
        return tmp_path / "config"

    def test_it_is_read_from_the_configuration(self, nobody: Path) -> None:
        """Name and address are what git would write into a commit."""
        nobody.write_text("[user]\nname = J\u00f6rg <3\nemail = joerg@example.com\n")

        assert Identity("J\u00f6rg 3", "joerg@example.com") == identity()

    def test_the_environment_comes_first(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """As git has it."""
        monkeypatch.setenv("GIT_AUTHOR_NAME", "Bot")
        monkeypatch.setenv("GIT_AUTHOR_EMAIL", "bot@example.com")

        assert Identity("Bot", "bot@example.com") == identity()

    @pytest.mark.parametrize(
        "told", ["", "[user]\nname = Only a name\n", "[user]\nemail = a@b.c\n"]
    )
    def test_a_user_whom_git_does_not_know(self, nobody: Path, told: str) -> None:
        """No address is guessed from the machine's name; the error has the commands to run."""
        nobody.write_text(told)

        with pytest.raises(ScaffoldError, match="git does not know who you are") as caught:
            identity()

        assert 'git config --global user.name "Your Name"' in caught.value.hint


class TestHarmfulConfiguration:
    """The user's hooks, signing and templates don't come into what scaffold does."""

    @pytest.fixture(autouse=True)
    def harm(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Make it the user's configuration."""
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(harmful_git_config(tmp_path / "home")))

    def test_a_push(self, tmp_path: Path) -> None:
        """Neither the user's hooks nor a key that is not there keep it from getting through."""
        remote = Remote(tmp_path)
        commit = remote.commit("one")

        remote.push(commit, expect=None)

        assert commit == remote_head(remote.url)

    def test_a_checkout(self, tmp_path: Path) -> None:
        """All files are laid out, and no hook runs."""
        commit = commit_files(tmp_path / "origin", {"a": "one\n", "b/c": "two\n"})

        checkout(f"file://{tmp_path}/origin", commit, tmp_path / "checkout")

        expected = {"a": Entry.file(b"one\n"), "b/c": Entry.file(b"two\n")}
        assert expected == read_folder(tmp_path / "checkout")

    def test_a_clone(self, tmp_path: Path) -> None:
        """It is the user's own from then on, so git lays it out as the user has it."""
        commit = commit_files(tmp_path / "origin", {"a": "one\n"})

        clone(f"file://{tmp_path}/origin", tmp_path / "checkout")

        assert commit == git("rev-parse", "main", cwd=tmp_path / "checkout")


@pytest.mark.parametrize("name", ["GIT_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"])
def test_a_repo_named_by_the_environment_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Run inside a hook, git is told of the hook's repo, which is not the one that is meant."""
    commit = commit_files(tmp_path / "origin", {"a": "one\n"})
    monkeypatch.setenv(name, str(tmp_path / "of the hook"))

    checkout(f"file://{tmp_path}/origin", commit, tmp_path / "checkout")

    monkeypatch.delenv(name)
    assert not (tmp_path / "of the hook").exists()
    assert "" == git("status", "--porcelain", cwd=tmp_path / "checkout")


@pytest.mark.parametrize(
    ("url", "folder"),
    [
        ("file:///forge/a.git", Path("/forge/a.git")),
        ("/forge/a.git", Path("/forge/a.git")),
        ("https://git.example.com/a.git", None),
        ("git@git.example.com:a.git", None),
    ],
)
def test_which_repos_are_on_this_machine(url: str, folder: Path | None) -> None:
    """File URLs and plain paths are; what needs a connection is not."""
    assert folder == local_folder(url)


class TestReach:
    """Faults of a remote that pass by themselves; git's words are those of git 2.39 and curl."""

    URL = "https://git.example.com/acme/shop.git"

    @pytest.fixture
    def git_says(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """What git says the next times, in place of going anywhere; then it succeeds."""
        said: list[str] = []

        def git(_command: list[str], **_more: object) -> Finished:
            return Finished(128, b"", said.pop(0).encode()) if said else Finished(0, b"done", b"")

        monkeypatch.setattr(program, "run", git)
        monkeypatch.setattr("time.sleep", lambda _: None)
        return said

    @pytest.mark.parametrize(
        "fault",
        [
            "fatal: unable to access 'x': The requested URL returned error: 503",
            "fatal: unable to access 'x': The requested URL returned error: 429",
            "fatal: unable to access 'x': Could not resolve host: git.example.com",
            "error: RPC failed; curl 56 Recv failure: Connection reset by peer",
            "fatal: early EOF",
            "fatal: the remote end hung up unexpectedly",
            "kex_exchange_identification: Connection closed by remote host",
        ],
    )
    def test_a_passing_fault_is_tried_again(self, git_says: list[str], fault: str) -> None:
        """Until it has passed."""
        git_says += [fault] * 3

        assert "done" == transport.reach(self.URL, "fetch").text

    def test_it_ends(self, git_says: list[str]) -> None:
        """After half a minute; the error has what git said."""
        git_says += ["fatal: early EOF"] * 50

        with pytest.raises(ForgeError, match="can't be reached") as caught:
            transport.reach(self.URL, "fetch")
        assert (43, ("fatal: early EOF",)) == (len(git_says), caught.value.details)

    @pytest.mark.parametrize(
        ("said", "what"),
        [
            ("remote: Not found.\nfatal: repository 'x' not found", "there is no repo here"),
            ("fatal: Authentication failed for 'x'", "the forge does not know who you are"),
            ("git@x: Permission denied (publickey).", "the forge does not know who you are"),
        ],
    )
    def test_what_will_not_pass_is_told_at_once(
        self, git_says: list[str], said: str, what: str
    ) -> None:
        """A repo that is not there, and a user who is not known."""
        git_says.append(said)

        with pytest.raises(ForgeError, match=what):
            transport.reach(self.URL, "fetch")

    def test_a_fresh_repo_may_not_be_found_at_first(self, git_says: list[str]) -> None:
        """A server takes its time to know what it made."""
        git_says += ["fatal: repository 'x' not found"] * 3

        assert "done" == transport.reach(self.URL, "push", fresh=True).text


def test_a_push_whose_answer_was_lost_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What counts is where the branch is."""
    remote = Remote(tmp_path)
    commit = remote.commit("text")
    real = process.run

    def lossy(command: list[str], **more: Any) -> Finished:
        done = real(command, **more)
        return Finished(128, b"", b"fatal: odd end") if "push" in command else done

    monkeypatch.setattr(program, "run", lossy)

    push(remote.store, remote.url, commit, "main", expect=None)

    assert commit == remote_head(remote.url)
