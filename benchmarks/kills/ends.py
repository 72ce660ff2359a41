"""The end of a round: all that can be told of a workspace but for times and ids.

An id of a commit is replaced by the name of its repo and a digest of its tree, in which ids are
replaced likewise. So the ends of two rounds are equal where their repos hold the same.

A commit of a manifest repo that changes nothing of what is released may be released or not: the bot
leaves an environment where it is when its content would not change. So the notes that a person
pushes are no part of such a commit's name.
"""

import difflib
import hashlib
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pygit2
from pygit2.enums import SortMode

from benchmarks.kills.ground import NOTES, Ground
from scaffold.git.tree import open_repo, read_tree

End = dict[str, Any]
# Each follows the ones before it, so that what its pins name has its name already.
_ORDER = ("code", "docker", "manifest", "env")
_ID = re.compile(r"\b[0-9a-f]{40}\b|\b[0-9a-f]{12}\b")
# Of the files of a release, in which ids stand; the files themselves are compared.
_DIGEST = re.compile(r"\b[0-9a-f]{64}\b")
_NUMBER = re.compile(r"(/pulls/|!)\d+")
_TEMPORARY = re.compile(r"\.lock$|^tmp|^incoming-|^quarantine")
# The bot's own commits: how many there are depends on when it looks.
_MOVE = re.compile(r"^(- )?Move .*\n?", re.MULTILINE)


def end_of(ground: Ground) -> End:
    """What each repo of the forge holds, how the forge has it set up, and what lies about."""
    names: dict[str, str] = {}
    repos = [one for one in ground.forge.repos() if not one.startswith("blueprint")]
    found = {
        repo: _repo(ground, repo, names) for repo in sorted(repos, key=lambda name: _place(name))
    }
    return {"repos": found, "left over": sorted(_leftovers(ground))}


def differences(expected: Any, end: Any, where: str = "") -> Iterator[str]:
    """Say what differs, a line each."""
    if isinstance(expected, dict) and isinstance(end, dict):
        for key in sorted({*expected, *end}):
            yield from differences(expected.get(key), end.get(key), f"{where} {key}".strip())
    elif isinstance(expected, list) and isinstance(end, list) and len(expected) == len(end):
        for number, (before, after) in enumerate(zip(expected, end, strict=True)):
            yield from differences(before, after, f"{where} {number}")
    elif isinstance(expected, str) and isinstance(end, str):
        lines = difflib.unified_diff(expected.split("\n"), end.split("\n"), "expected", "is", n=0)
        if changed := _short("\n".join(lines)):
            yield f"{where}: {changed}"
    elif expected != end:
        yield f"{where}: expected {_short(json.dumps(expected))}, is {_short(json.dumps(end))}"


def _short(text: str) -> str:
    return text if len(text) < 600 else f"{text[:600]}..."


def _place(repo: str) -> tuple[int, str]:
    kind = repo.rpartition("-")[2]
    return (_ORDER.index(kind) if kind in _ORDER else len(_ORDER), repo)


def _repo(ground: Ground, repo: str, names: dict[str, str]) -> End:
    store = open_repo(ground.bare(repo))
    heads = {
        name.removeprefix("refs/heads/"): store.references[name].peel(pygit2.Commit)
        for name in store.references
        if name.startswith("refs/heads/")
    }
    for head in heads.values():
        _name(store, repo, head, names)
    about = ground.forge.find(repo)
    main = heads.get("main")
    return {
        "archived": about.archived if about else None,
        "branches": {
            name: _tree(store, head, names)
            if name == "main"
            else _changes(store, head, main, names)
            for name, head in heads.items()
        },
        "commits": _commits(store, main, names),
        "requests": sorted(
            [
                one.branch,
                str(one.state),
                one.draft,
                _plain(one.title, names),
                _plain(_MOVE.sub("", one.body), names),
            ]
            for one in ground.forge.merge_requests(repo)
        ),
        "settings": ground.settings(repo),
    }


def _name(store: pygit2.Repository, repo: str, head: pygit2.Commit, names: dict[str, str]) -> None:
    """Give a name to each commit below a head."""
    for commit in store.walk(head.id, SortMode.TOPOLOGICAL | SortMode.REVERSE):
        if str(commit.id) not in names:
            tree = _tree(store, commit, names)
            if repo.endswith("-manifest"):
                tree = {path: text for path, text in tree.items() if not path.startswith(NOTES)}
            text = json.dumps(tree, sort_keys=True)
            name = f"{repo}@{hashlib.sha256(text.encode()).hexdigest()[:8]}"
            names[str(commit.id)] = names[str(commit.id)[:12]] = name


def _tree(store: pygit2.Repository, commit: pygit2.Commit, names: dict[str, str]) -> dict[str, str]:
    return {
        path: f"{entry.mode:o} {_plain(entry.data.decode('utf-8', 'replace'), names)}"
        for path, entry in read_tree(store, str(commit.id)).items()
    }


def _changes(
    store: pygit2.Repository,
    head: pygit2.Commit,
    main: pygit2.Commit | None,
    names: dict[str, str],
) -> dict[str, str | None]:
    """What a branch changes, whatever main has got since."""
    base = store.merge_base(head.id, main.id) if main else None
    before = _tree(store, store[base].peel(pygit2.Commit), names) if base else {}
    after = _tree(store, head, names)
    paths = {*before, *after}
    return {path: after.get(path) for path in paths if before.get(path) != after.get(path)}


def _commits(
    store: pygit2.Repository, main: pygit2.Commit | None, names: dict[str, str]
) -> dict[str, list[str]]:
    """The subjects on main, and those of commits that changed nothing: a step done twice."""
    subjects, empty = [], []
    for commit in store.walk(main.id, SortMode.TOPOLOGICAL) if main else ():
        subject = _plain(commit.message.partition("\n")[0], names)
        if not _MOVE.match(subject):
            subjects.append(subject)
        if [commit.tree_id] == [parent.tree_id for parent in commit.parents]:
            empty.append(subject)
    return {"subjects": sorted(subjects), "empty": sorted(empty)}


def _plain(text: str, names: dict[str, str]) -> str:
    text = _ID.sub(lambda found: names.get(found[0], found[0]), _DIGEST.sub("sha256", text))
    return _NUMBER.sub(r"\1N", text)


def _leftovers(ground: Ground) -> Iterator[str]:
    """What runs left: temporary files and folders, locks, changes in the checkout, processes."""
    root = ground.root
    own = root / "tmp" / f"scaffold-{os.getuid()}"
    for path in (*(root / "tmp").iterdir(), *own.glob("*")):
        if path != own:
            yield _anonymous(path.relative_to(root))
    for top in (root / "cache", root / "acme"):
        for path in top.rglob("*"):
            if _TEMPORARY.search(path.name) and not (
                _is_locked_by_the_kernel(path) or _is_gits(path.relative_to(top))
            ):
                yield _anonymous(path.relative_to(root))
    checkout = root / "acme/platform"
    for line in ground.git("status", "--porcelain", cwd=checkout).stdout.splitlines():
        yield f"acme/platform: {line}"
    for process in running_with("TMPDIR", root / "tmp"):
        yield f"a process: {process}"


def _is_locked_by_the_kernel(path: Path) -> bool:
    """Whether it is a file of the local forge's that stays; its lock ends with the process."""
    of_a_service = path.suffix == ".lock" and (
        path.parent.name == ".scaffold" or path.parent.parent.name == "locks"
    )
    return of_a_service or path.name == "scaffold-merge-requests.lock"


def _is_gits(path: Path) -> bool:
    """Whether it is a part of an object that a killed git left in a repo; `git gc` removes it."""
    return "objects" in path.parts and not {".git", "forge"}.isdisjoint(path.parts)


def _anonymous(path: Path) -> str:
    """A path without what is random in its names."""
    parts = [re.sub(r"(?<=[-_])[A-Za-z0-9_]{6,}$|(?<=^tmp)\w{6,}$", "*", one) for one in path.parts]
    return "/".join(re.sub(r"run-[0-9a-f]{8}", "run-*", one) for one in parts)


def running_with(variable: str, path: Path) -> list[str]:
    """The command lines of the processes that have this in their environment."""
    told = f"{variable}={path}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if told in (folder / "environ").read_bytes().split(b"\0"):
                words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                found.append(words.strip())
        except OSError:  # it may have ended
            continue
    return found
