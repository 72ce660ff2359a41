"""A mirror in the cache that is damaged is given up and fetched anew, once, and that is told."""

import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pygit2
import pytest

from scaffold.cache import note
from scaffold.errors import ForgeError
from scaffold.git import mirror
from scaffold.git.store import open_mirror
from scaffold.git.tree import Entry, read_tree
from tests.builders import commit_files, git, serve_folder

URL = "https://forge.test/shop.git"
OPEN = """\
import sys
from scaffold.git.store import open_mirror
from scaffold.git.tree import read_tree
_, store = open_mirror(sys.argv[1])
print(len(read_tree(store, "refs/heads/main")), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def origin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repo with some history, that is on a server as far as scaffold can tell."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    serve_folder(monkeypatch, tmp_path / "forge", "https://forge.test")
    for number in range(3):
        commit_files(tmp_path / "first", {"a": f"{number}\n", "b/c": "same\n"})
    git("tag", "v1.0.0", cwd=tmp_path / "first")
    folder = tmp_path / "forge/shop.git"
    git("clone", "-q", "--mirror", str(tmp_path / "first"), str(folder), cwd=tmp_path)
    return folder


@pytest.fixture
def copy(origin: Path) -> Path:
    """The mirror of it, which is whole, with each object in a file of its own."""
    assert origin.is_dir()
    folder, _ = open_mirror(URL)
    (pack,) = (folder / "objects/pack").glob("*.pack")
    data = pack.read_bytes()
    shutil.rmtree(folder / "objects/pack")
    subprocess.run(["git", "unpack-objects", "-q"], cwd=folder, input=data, check=True)
    note(folder)
    return folder


def push(origin: Path, text: str) -> str:
    """A commit that the origin has from now on."""
    commit = commit_files(origin.parents[1] / "first", {"a": text, "b/c": "same\n"})
    git("push", "-q", str(origin), "main", cwd=origin.parents[1] / "first")
    return commit


def loose(copy: Path, revision: str) -> Path:
    """The file of one object."""
    oid = git("rev-parse", revision, cwd=copy)
    return copy / "objects" / oid[:2] / oid[2:]


def into_a_pack(copy: Path) -> Path:
    """Have all objects in one pack, as a large fetch leaves them; return it."""
    git("repack", "-q", "-a", "-d", cwd=copy)
    note(copy)
    (pack,) = (copy / "objects/pack").glob("*.pack")
    return pack


def emptied(file: Path) -> None:
    """As after a power cut."""
    file.chmod(0o644)
    file.write_bytes(b"")


def all_gone(copy: Path) -> None:
    """As after somebody who cleared what is old, but for the folder itself."""
    shutil.rmtree(copy)
    copy.mkdir()


DAMAGES: dict[str, Callable[[Path], object]] = {
    "a lock on a branch": lambda copy: (copy / "refs/heads/main.lock").touch(),
    "a lock on all refs": lambda copy: (copy / "packed-refs.lock").write_text("half\n"),
    "an empty branch": lambda copy: emptied(copy / "refs/heads/main"),
    "a torn branch": lambda copy: (copy / "refs/heads/main").write_text("4b825dc642cb6eb9"),
    "a branch that is gone": lambda copy: (copy / "refs/heads/main").unlink(),
    "a torn tag": lambda copy: (copy / "refs/tags/v1.0.0").write_text("?\n"),
    "no head commit": lambda copy: loose(copy, "main").unlink(),
    "no old commit": lambda copy: loose(copy, "main~2").unlink(),
    "no tree": lambda copy: loose(copy, "main:b").unlink(),
    "no file": lambda copy: loose(copy, "main:b/c").unlink(),
    "an empty file": lambda copy: emptied(loose(copy, "main:b/c")),
    "an empty pack": lambda copy: emptied(into_a_pack(copy)),
    "half a pack": lambda copy: os.truncate(into_a_pack(copy), 50),
    "no pack": lambda copy: into_a_pack(copy).unlink(),
    "no index of a pack": lambda copy: into_a_pack(copy).with_suffix(".idx").unlink(),
    "no HEAD": lambda copy: (copy / "HEAD").unlink(),
    "no refs": lambda copy: shutil.rmtree(copy / "refs"),
    "no objects": lambda copy: shutil.rmtree(copy / "objects"),
    "nothing": all_gone,
}  # fmt: skip


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was told."""
    return [record.getMessage() for record in caplog.records]


@pytest.mark.parametrize("news", [False, True], ids=["no news", "a new commit"])
@pytest.mark.parametrize("kind", DAMAGES)
def test_it_is_fetched_anew(
    origin: Path, copy: Path, kind: str, news: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """All of it can be read then; the next run has nothing to tell."""
    DAMAGES[kind](copy)
    head = push(origin, "new\n") if news else git("rev-parse", "main", cwd=origin)

    folder, store = open_mirror(URL)

    assert head == str(store.references["refs/heads/main"].target)
    assert "" == git("fsck", "--no-dangling", cwd=folder)
    assert "same\n" == git("show", "v1.0.0:b/c", cwd=folder) + "\n"
    (told,) = warnings(caplog)
    assert told.startswith(f"{URL}: its copy in the cache is damaged, so it is fetched anew: ")
    open_mirror(URL)
    assert [told] == warnings(caplog)


def test_what_is_not_seen_at_once(copy: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A file of the right size with other bytes comes up when it is read; the next run has it."""
    file = loose(copy, "main:b/c")
    file.chmod(0o644)
    file.write_bytes(b"\0" * file.stat().st_size)

    with pytest.raises(ForgeError, match="has an object that is missing or broken") as caught:
        read_tree(open_mirror(URL)[1], "refs/heads/main", URL)

    assert "It is fetched anew if you run this again." == caught.value.hint
    tree = read_tree(open_mirror(URL)[1], "refs/heads/main", URL)
    assert Entry.file(b"same\n") == tree["b/c"]
    assert 1 == len(warnings(caplog))


def test_what_keeps_git_from_fetching(
    origin: Path, copy: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Such a file that the fetch itself needs is found by a look at all of them."""
    file = loose(copy, "main")
    file.chmod(0o644)
    file.write_bytes(b"\0" * file.stat().st_size)
    head = push(origin, "new\n")

    _, store = open_mirror(URL)

    assert head == str(store.references["refs/heads/main"].target)
    assert 1 == len(warnings(caplog))


def test_one_commit_of_it(copy: Path) -> None:
    """What is at hand is only taken as it is if it is whole."""
    commit = git("rev-parse", "main", cwd=copy)
    loose(copy, "main:b/c").unlink()

    assert Entry.file(b"same\n") == read_tree(open_mirror(URL)[1], commit)["b/c"]


def test_a_remote_that_fails_is_no_damage(
    origin: Path, copy: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The mirror stays, and the error is the remote's."""
    origin.rename(origin.with_name("away"))

    with pytest.raises(ForgeError, match="there is no repo here"):
        open_mirror(URL)

    origin.with_name("away").rename(origin)
    assert (copy, []) == (open_mirror(URL)[0], warnings(caplog))


def test_the_first_fetch_that_fails_leaves_nothing(
    origin: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """There is no mirror then that could be taken for a damaged one."""
    origin.rename(origin.with_name("away"))
    with pytest.raises(ForgeError):
        open_mirror(URL)
    origin.with_name("away").rename(origin)

    open_mirror(URL)

    assert [] == warnings(caplog)


def test_commits_of_our_own_are_no_damage(copy: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The bot makes commits in the mirror before it pushes them."""
    store = pygit2.Repository(str(copy))
    store.create_blob(b"ours\n")

    assert copy == open_mirror(URL)[0]
    assert [] == warnings(caplog)


def test_many_fetches_leave_few_packs(
    origin: Path, copy: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A bot fetches for years; what it made itself stays, too."""
    monkeypatch.setattr(mirror, "_MOST_PACKS", 3)
    ours = pygit2.Repository(str(copy)).create_blob(b"ours\n")

    for number in range(8):
        push(origin, f"{number}\n")
        assert copy == open_mirror(URL)[0]
        assert len(list((copy / "objects/pack").glob("*.pack"))) <= 3

    assert "ours" == git("cat-file", "-p", str(ours), cwd=copy)
    assert [] == warnings(caplog)


# --- More than one at a time -------------------------------------------------------


def start(*, wait: bool = True) -> "subprocess.Popen[str]":
    """Another process that opens the mirror, and keeps it open until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", OPEN, URL],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    if wait:
        assert process.stdout
        assert "2\n" == process.stdout.readline()
    return process


def end(process: "subprocess.Popen[str]") -> str:
    """Let it end; what it said beside."""
    _, said = process.communicate()
    assert 0 == process.returncode, said
    return said


def test_many_processes_find_it_damaged(origin: Path, copy: Path) -> None:
    """One fetches it anew, and all have it."""
    loose(copy, "main").unlink()

    processes = [start(wait=False) for _ in range(6)]
    said = [end(process) for process in processes]

    assert origin.is_dir()
    assert 1 == sum("fetched anew" in one for one in said), said


def test_many_threads_fetch_at_once(origin: Path, copy: Path) -> None:
    """Each has what was pushed before it began."""
    assert copy.is_dir()
    head = push(origin, "new\n")

    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda _: open_mirror(URL)[1], range(12)))

    assert {head} == {str(store.references["refs/heads/main"].target) for store in found}


def test_who_is_at_work_in_it_goes_on(origin: Path, tmp_path: Path) -> None:
    """The one that is damaged stays until nobody can be at work in it, and then it goes."""
    assert origin.is_dir()
    other = start()
    (copy,) = (tmp_path / "cache/scaffold/mirrors").glob("*/1.git")
    (copy / "packed-refs.lock").touch()

    assert "fetched anew" in end(start())
    assert "" == end(start())
    assert (copy / "HEAD").is_file()

    end(other)
    end(start())
    assert ["2.git"] == [path.name for path in copy.parent.glob("*.git")]


def test_what_a_killed_run_left_is_removed(origin: Path, tmp_path: Path) -> None:
    """By the next one that is alone with the mirrors."""
    assert origin.is_dir()
    end(start())
    mirrors = tmp_path / "cache/scaffold/mirrors"
    (home,) = {path.parent for path in mirrors.glob("*/*.git")}
    unfinished = mirrors / "unfinished/tmp-of-a-killed-run"
    notes = home / "half-12345678"
    for left in (unfinished, notes):
        left.mkdir()

    end(start())

    assert [False, False] == [unfinished.exists(), notes.exists()]
    assert ["1.git", "1.git.files", "lock"] == sorted(path.name for path in home.iterdir())


@pytest.mark.parametrize("seed", range(8))
def test_a_process_that_is_killed(origin: Path, seed: int) -> None:
    """At any moment: the next one has the whole repo, whatever was left."""
    moments = random.Random(seed)  # noqa: S311 - no secret
    for number in range(3):
        push(origin, f"{seed} {number}\n")
        process = start(wait=False)
        try:
            process.wait(timeout=moments.uniform(0.2, 1.0))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        process.communicate()

    folder, store = open_mirror(URL)

    assert "" == git("fsck", "--no-dangling", cwd=folder)
    assert git("rev-parse", "main", cwd=origin) == str(store.references["refs/heads/main"].target)
