"""The user's git configuration: what reaches servers counts, all else leaves scaffold alone."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pygit2.enums import ObjectType

from scaffold.errors import ForgeError, PushRefusedError
from scaffold.git import clones, program
from scaffold.git.branches import push, remote_head
from scaffold.git.clones import checkout, clone, fetch
from scaffold.git.folders import read_folder
from scaffold.git.store import open_mirror
from scaffold.git.tree import Entry, Identity, init_bare, make_commit, open_repo
from tests.builders import commit_files, git, write_files
from tests.git.raw_trees import file, folder, raw_commit

TEST = Identity("Test", "test@example.com")
FILES = {"a.txt": "one\ntwo\n", "b/c": "three\n"}


class User:
    """Somebody with a git configuration, an origin that was pushed to, and a store for commits."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.origin = root / "origin.git"
        first = commit_files(root / "first", FILES)
        self.commits = [first, commit_files(root / "first", {**FILES, "d": "four\n"})]
        git("clone", "-q", "--bare", str(root / "first"), str(self.origin), cwd=root)
        self.url = f"file://{self.origin}"
        init_bare(root / "store.git")
        self.store = root / "store.git"
        self.config = root / "home/.gitconfig"
        self.config.parent.mkdir()
        self.config.touch()
        self.trace = root / "trace"
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(self.config))
        monkeypatch.setenv("XDG_CACHE_HOME", str(root / "cache"))

    def sets(self, *settings: str) -> None:
        """Put settings into the user's configuration; TRACE in them is a program that leaves one.

        Whatever it is started for, it does that and fails.
        """
        program = self.root / "home/program"
        write_files(program.parent, {"program": f"#!/bin/sh\necho ran >> {self.trace}\nexit 1\n"})
        for setting in settings:
            key, _, value = setting.partition("=")
            value = value.replace("TRACE", str(program)).replace("ROOT", str(self.root))
            git("config", "--file", str(self.config), key, value, cwd=self.root)

    def names_hooks(self) -> None:
        """Every hook of git's leaves a trace and fails, for all that the user works on."""
        names = (
            "post-checkout", "post-commit", "post-merge", "post-receive", "post-update",
            "pre-commit", "pre-push", "pre-receive", "proc-receive", "reference-transaction",
            "update",
        )  # fmt: skip
        text = f"#!/bin/sh\necho $0 >> {self.trace}\nexit 1\n"
        write_files(self.root / "home/hooks", dict.fromkeys(names, text))
        write_files(self.root / "home/template/hooks", dict.fromkeys(names, text))
        self.sets("core.hooksPath=ROOT/home/hooks", "init.templateDir=ROOT/home/template")

    def commit(self, text: str = "new\n") -> str:
        """A commit on top of the origin's, in the store."""
        fetch(self.store, self.url, "refs/heads/main")
        tree = {"a.txt": Entry.file(text.encode())}
        return make_commit(open_repo(self.store), tree, "Change\n", TEST, [self.commits[-1]])


@pytest.fixture
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> User:
    """A user who has set nothing."""
    return User(tmp_path, monkeypatch)


def pushed(user: User) -> None:
    """A push through git, as it is where the repo has hooks of its own."""
    hook = "#!/bin/sh\nexit 0\n"
    write_files(user.origin, {"hooks/pre-receive": hook})
    commit = user.commit()
    push(user.store, user.url, commit, "main", expect=user.commits[-1])
    assert commit == remote_head(user.url)


def laid_out(user: User) -> None:
    """A commit that no branch is at, as it was committed."""
    checkout(user.url, user.commits[0], user.root / "checkout")
    assert {path: Entry.file(text.encode()) for path, text in FILES.items()} == read_folder(
        user.root / "checkout"
    )
    assert not (user.root / "checkout/.git/hooks/pre-commit").exists()


def cloned(user: User) -> None:
    """A checkout that has its remote."""
    clone(user.url, user.root / "clone")
    assert user.url == git("config", "remote.origin.url", cwd=user.root / "clone")
    assert user.commits[-1] == git("rev-parse", "HEAD", cwd=user.root / "clone")


def merged(user: User) -> None:
    """The platform's checkout is brought up to what was pushed."""
    git("clone", "-q", user.url, "merged", cwd=user.root)
    commit = user.commit()
    program.git("fetch", "--quiet", str(user.store), commit, cwd=user.root / "merged")
    program.git("merge", "--quiet", "--ff-only", commit, cwd=user.root / "merged")


def looked_at(user: User) -> None:
    """What is in a bare repo, by its folder."""
    assert program.is_bare(user.origin)
    assert user.commits[-1] == program.git("rev-parse", "main", cwd=user.origin).text.strip()
    open_mirror(f"file://{user.origin}")


ALL: dict[str, Callable[[User], None]] = {
    "push": pushed, "checkout": laid_out, "clone": cloned, "merge": merged, "bare": looked_at,
}  # fmt: skip
SETTINGS = {
    "bare repos are refused": ["safe.bareRepository=explicit"],
    "all is signed": [
        "commit.gpgSign=true", "push.gpgSign=true", "tag.gpgSign=true", "gpg.program=TRACE",
    ],
    "signatures are asked for": ["merge.verifySignatures=true"],
    "a watcher": ["core.fsmonitor=TRACE"],
    "line ends": ["core.autocrlf=true", "core.safecrlf=true"],
    "an old protocol": ["protocol.version=0"],
    "no protocol": ["protocol.allow=never", "protocol.file.allow=never"],
    "another name for origin": ["clone.defaultRemoteName=upstream"],
    "submodules": ["submodule.recurse=true", "fetch.recurseSubmodules=true"],
    "options for the server": ["push.pushOption=ci.skip"],
    "colours": ["color.ui=always"],
    "upkeep": ["gc.auto=1", "maintenance.auto=true", "fetch.writeCommitGraph=true"],
    "pruning": ["fetch.prune=true", "fetch.pruneTags=true"],
    "a bundle of all": ["feature.manyFiles=true", "fetch.negotiationAlgorithm=skipping"],
}  # fmt: skip


@pytest.mark.parametrize("does", ALL)
@pytest.mark.parametrize("setting", SETTINGS)
def test_a_setting_of_the_users(user: User, setting: str, does: str) -> None:
    """It changes nothing of what scaffold does, and nothing of it runs."""
    user.sets(*SETTINGS[setting])

    ALL[does](user)

    assert not user.trace.exists()


@pytest.mark.parametrize("does", ALL)
def test_the_users_hooks(user: User, does: str) -> None:
    """None runs, on neither end of a push on this machine."""
    user.names_hooks()

    ALL[does](user)

    assert not user.trace.exists()


def test_filters_for_all_files(user: User) -> None:
    """What is laid out for a run is as it was committed; in their own checkouts they filter."""
    (user.root / "attributes").write_text("* filter=x\n")
    user.sets("core.attributesFile=ROOT/attributes", "filter.x.smudge=TRACE")

    laid_out(user)

    assert not user.trace.exists()


def test_the_hooks_of_the_repo_judge(user: User) -> None:
    """Whatever hooks the user has for all that they work on."""
    user.names_hooks()
    commit = user.commit()
    write_files(user.origin, {"hooks/update": "#!/bin/sh\necho not here >&2; exit 1\n"})

    with pytest.raises(PushRefusedError) as caught:
        push(user.store, user.url, commit, "main", expect=user.commits[-1])

    assert "not here" in "\n".join(caught.value.details)


def test_where_the_repo_says_that_its_hooks_are(user: User) -> None:
    """They judge, since that is said by whoever keeps the repo."""
    user.names_hooks()
    commit = user.commit()
    write_files(user.root / "kept", {"update": "#!/bin/sh\necho not here >&2; exit 1\n"})
    git("config", "core.hooksPath", str(user.root / "kept"), cwd=user.origin)

    with pytest.raises(PushRefusedError) as caught:
        push(user.store, user.url, commit, "main", expect=user.commits[-1])

    assert "not here" in "\n".join(caught.value.details)


def test_no_tag_is_pushed_along(user: User) -> None:
    """A tag of the user's own stays with them."""
    user.sets("push.followTags=true")
    write_files(user.origin, {"hooks/pre-receive": "#!/bin/sh\nexit 0\n"})
    commit = user.commit()
    git("tag", "-a", "-m", "Mine", "mine", commit, cwd=user.store)

    push(user.store, user.url, commit, "main", expect=user.commits[-1])

    assert "" == git("tag", cwd=user.origin)


def test_what_a_server_says_has_no_colours(user: User) -> None:
    """Errors show it, and a program may read them."""
    user.sets("color.ui=always")
    write_files(user.origin, {"hooks/pre-receive": "#!/bin/sh\necho error: no >&2; exit 1\n"})

    with pytest.raises(PushRefusedError) as caught:
        push(user.store, user.url, user.commit(), "main", expect=user.commits[-1])

    assert "\x1b" not in "\n".join(caught.value.details)


def test_files_that_git_does_not_know_are_seen(user: User) -> None:
    """A release must be of all that is there."""
    user.sets("status.showUntrackedFiles=no")
    (user.root / "first/new").touch()

    assert "?? new\n" == program.git("status", "--porcelain", cwd=user.root / "first").text


@pytest.mark.parametrize(
    ("name", "value"),
    [("GIT_DEFAULT_HASH", "sha256"), ("GIT_TEMPLATE_DIR", "ROOT/home/template")],
)
def test_a_variable_of_the_users(
    user: User, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """Repos that are made for a run are as scaffold needs them."""
    write_files(user.root / "home/template", {"hooks/pre-commit": "#!/bin/sh\n"})
    monkeypatch.setenv(name, value.replace("ROOT", str(user.root)))

    laid_out(user)


def test_a_configuration_that_is_broken(user: User) -> None:
    """The error names the file, and not the network."""
    user.config.write_text("[core\n")

    with pytest.raises(ForgeError, match="git can't read its configuration") as caught:
        fetch(user.store, user.url, "refs/heads/main")

    assert str(user.config) in "\n".join(caught.value.details)


# --- What counts -----------------------------------------------------------------


def test_an_address_in_place_of_another(user: User) -> None:
    """`url.*.insteadOf` says how to reach a server from here."""
    user.sets(f"url.file://{user.root}/.insteadOf=https://forge.test/")

    assert user.commits[-1] == remote_head("https://forge.test/origin.git")


@pytest.mark.parametrize("where", ["setting", "variable"])
def test_the_users_ssh(user: User, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    """Keys and hops are theirs to choose."""
    # In place of a server: it runs here what it is asked to run there.
    ssh = f'#!/bin/sh\necho $* >> {user.trace}\nfor last; do :; done\nexec sh -c "$last"\n'
    write_files(user.root / "home", {"ssh": ssh})
    command = f"{user.root}/home/ssh -i key"
    if where == "setting":
        user.sets(f"core.sshCommand={command}")
    else:
        monkeypatch.setenv("GIT_SSH_COMMAND", command)

    assert user.commits[-1] == remote_head(f"ssh://git@forge.test{user.origin}")
    assert "-i key" in user.trace.read_text()


# --- What git itself checks ---------------------------------------------------------


@pytest.mark.parametrize("way", ["fetch", "clone", "clone_bare", "checkout"])
def test_hostile_objects_are_not_taken(user: User, way: str) -> None:
    """Git turns them down as they come in, and the error says so."""
    store = open_repo(user.origin)
    commit = raw_commit(store, folder("..", file("pwned")))
    store.references.create("refs/heads/main", commit, force=True)
    into = user.root / "into"
    ways: dict[str, Callable[[], None]] = {
        "fetch": lambda: fetch(user.store, user.url, "refs/heads/main"),
        "clone": lambda: clone(user.url, into),
        "clone_bare": lambda: clones.clone_bare(user.url, into),
        "checkout": lambda: checkout(user.url, commit, into),
    }

    with pytest.raises(ForgeError, match="has an object that git takes for damage") as caught:
        ways[way]()

    assert "hasDotdot: contains '..'" in "\n".join(caught.value.details)


@pytest.mark.parametrize(
    "author",
    [
        "Old Tool <old@example.com> 1200000000 +051800",
        "Old Tool <old@example.com>1200000000 +0000",
        "Old Tool old@example.com> 1200000000 +0000",
        "<old@example.com> 1200000000 +0000",
        "Old Tool <old@example.com> 01200000000 +0000",
        "Old Tool <old@example.com> 99999999999999999999 +0000",
    ],
    ids=["zone", "space", "address", "name", "padded date", "late date"],
)
def test_what_old_programs_wrote_is_taken(user: User, author: str) -> None:
    """Many a repo has something of the kind in its history."""
    store = open_repo(user.origin)
    blob = store.create_blob(b"one\n")
    tree = store.odb.write(ObjectType.TREE, b"0100644 a\0" + blob.raw)
    text = f"tree {tree}\nauthor {author}\ncommitter {author}\n\nOld\n"
    commit = str(store.odb.write(ObjectType.COMMIT, text.encode()))
    write_files(user.origin, {"refs/heads/main": f"{commit}\n"})

    fetch(user.store, user.url, "refs/heads/main")

    assert text.strip() == git("cat-file", "-p", commit, cwd=user.store)
