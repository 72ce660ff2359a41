"""Submodules of a template: copier checks them out, so their files are part of a version."""

import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pygit2
from pygit2.enums import FileMode

from scaffold.errors import BlueprintNotFoundError, ForgeError
from scaffold.git import clones, program
from scaffold.git.tree import CommitTree, Tree

_WANTED = r"^submodule\..*\.(path|url)$"
_SETTING = re.compile(r"submodule\.(?P<name>.*)\.(?P<key>path|url)\n(?P<value>.*)", re.S)
_HERE = ("/", "file://")

OpenStore = Callable[[str], pygit2.Repository]


def read_with_submodules(
    store: pygit2.Repository, commit: str, address: str, open_store: OpenStore, *, where: str
) -> Tree:
    """All files of a commit of the repo at an address, and of its submodules, to any depth.

    `open_store` opens the repo at another address; `where` says whose files these are. Raises
    BlueprintNotFoundError for a submodule that can't be had, UnsafeTreeError, ForgeError.
    """
    files = CommitTree(store, commit, where=where)
    tree: Tree = {}
    modules: dict[str, str] = {}
    for path, entry in files.items():
        if entry.mode == FileMode.COMMIT:
            modules[path] = entry.data.decode()
        else:
            tree[path] = entry
    urls = _urls(store, commit) if modules else {}
    for path, wanted in modules.items():
        if path not in urls:
            raise _missing(path, "has no URL in .gitmodules", where)
        url = _resolved(urls[path], address)
        if url.startswith(_HERE) and not address.startswith(_HERE):
            raise _missing(path, f"is a folder of this machine, {url}", where)
        inner = _store_with(open_store(url), url, wanted)
        if inner is None:
            raise _missing(path, f"needs commit {wanted[:12]}, which {url} has not", where)
        below = read_with_submodules(inner, wanted, url, open_store, where=f"{where}:{path}")
        tree |= {f"{path}/{name}": entry for name, entry in below.items()}
    return tree


def _missing(path: str, why: str, where: str) -> BlueprintNotFoundError:
    return BlueprintNotFoundError(
        f"its submodule `{path}` {why}",
        where=where,
        hint="A version is brought with all its files or not at all: fix it in the template.",
    )


def _urls(store: pygit2.Repository, commit: str) -> dict[str, str]:
    """Path -> URL, from .gitmodules of a commit."""
    done = program.git(
        "config", "--blob", f"{commit}:.gitmodules", "-z", "--get-regexp", _WANTED,
        cwd=Path(store.path), check=False,
    )  # fmt: skip
    modules: dict[str, dict[str, str]] = {}
    for line in done.text.split("\0"):
        if match := _SETTING.fullmatch(line):
            modules.setdefault(match["name"], {})[match["key"]] = match["value"]
    return {module["path"]: module["url"] for module in modules.values() if len(module) == 2}


def _resolved(url: str, parent: str) -> str:
    """A submodule's URL, which may be relative to that of its parent.

    See https://git-scm.com/docs/git-submodule#Documentation/git-submodule.txt-add
    """
    if not url.startswith(("./", "../")):
        return url
    base = parent.rstrip("/")
    while url.startswith(("./", "../")):
        step, _, url = url.partition("/")
        if step == "..":
            base = base[: max(base.rfind("/"), base.rfind(":") + 1, 0)]
    return f"{base}{'' if base.endswith((':', '/')) else '/'}{url}"


def _store_with(store: pygit2.Repository, url: str, commit: str) -> pygit2.Repository | None:
    """The repo, if it has the commit, which may be on no branch; else None."""
    if not url.startswith(_HERE):
        with suppress(ForgeError):
            clones.fetch_missing(Path(store.path), url, commit)
    return store if commit in store else None
