"""The platform repo: found, read at the head of main, and changed there.

What counts is what is at the head of main on the forge, not what lies in a checkout.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scaffold.errors import ForgeError, PlatformNotFoundError, PushRefusedError
from scaffold.forge import Forge, MergeRequest, open_forge
from scaffold.git import transport
from scaffold.git.tree import Entry, Tree, make_commit, open_repo, read_tree
from scaffold.model.documents import parse_document
from scaffold.model.platform import PLATFORM_FILE, PLATFORM_REPO, Platform
from scaffold.model.service import Service, catalog_path

_ATTEMPTS = 5


def find_platform(start: Path, given: Path | None) -> Path:
    """The checkout of the platform repo: `given`, SCAFFOLD_PLATFORM, or the nearest one upward.

    A folder `platform` beside the way up counts too, since `scaffold init` makes one.
    Raises PlatformNotFoundError.
    """
    named = given or (Path(env) if (env := os.environ.get("SCAFFOLD_PLATFORM")) else None)
    if named is not None:
        if (named / PLATFORM_FILE).is_file():
            return named.resolve()
        raise PlatformNotFoundError(f"there is no {PLATFORM_FILE} here", where=str(named))
    for folder in (start.resolve(), *start.resolve().parents):
        for candidate in (folder, folder / "platform"):
            if (candidate / PLATFORM_FILE).is_file():
                return candidate
    raise PlatformNotFoundError(
        f"there is no {PLATFORM_FILE} here or in a folder above",
        where=str(start),
        hint="Make one with `scaffold init DIR`, or name one with --platform DIR.",
    )


@dataclass(frozen=True)
class PlatformRepo:
    """The platform as it was at one commit of main."""

    folder: Path
    url: str
    head: str
    model: Platform
    tree: Tree
    forge: Forge

    def service(self, name: str) -> Service | None:
        """The catalog's entry of a service, or None. Raises ConfigError where it is not valid."""
        path = catalog_path(name)
        entry = self.tree.get(path)
        if entry is None:
            return None
        return parse_document(Service, entry.data.decode(), source=path)


def open_platform(folder: Path) -> PlatformRepo:
    """Read the platform at the head of main of its forge. Raises ConfigError, ForgeError."""
    url = transport.git("config", "remote.origin.url", cwd=folder, check=False).text.strip()
    if not url:
        raise ForgeError(
            "the platform's checkout has no remote `origin`",
            where=str(folder),
            hint="Clone the platform repo, or make one with `scaffold init`.",
        )
    head = transport.remote_head(url)
    if head is None:
        raise ForgeError("the platform repo has no branch `main`", where=url)
    transport.fetch(folder, url, "refs/heads/main")
    tree = read_tree(open_repo(folder), head)
    if PLATFORM_FILE not in tree:
        raise PlatformNotFoundError(f"has no {PLATFORM_FILE} at the head of main", where=url)
    text = tree[PLATFORM_FILE].data.decode()
    model = parse_document(Platform, text, source=PLATFORM_FILE)
    return PlatformRepo(folder, url, head, model, tree, open_forge(model.forge))


def change_platform(
    platform: PlatformRepo, files: Mapping[str, Entry], *, branch: str, message: str, body: str
) -> MergeRequest | None:
    """Put files on the platform's main, or propose them where this user may not push to it.

    Returns the merge request in that case. A push that lost a race is prepared afresh.
    Raises ForgeError.
    """
    author = transport.identity()
    for attempt in range(_ATTEMPTS):
        store = open_repo(platform.folder)
        tree = {**platform.tree, **files}
        commit = make_commit(store, tree, f"{message}\n\n{body}\n", author, [platform.head])
        try:
            transport.push(platform.folder, platform.url, commit, "main", expect=platform.head)
        except transport.StalePushError:
            if attempt == _ATTEMPTS - 1:
                raise
            platform = open_platform(platform.folder)
            continue
        except PushRefusedError:
            there = transport.remote_head(platform.url, branch)
            transport.push(platform.folder, platform.url, commit, branch, expect=there)
            return platform.forge.open_merge_request(
                PLATFORM_REPO, branch, title=message, body=body
            )
        # A checkout with work of its own in it is left as it is.
        transport.git("merge", "--quiet", "--ff-only", commit, cwd=platform.folder, check=False)
        return None
    return None
