"""`scaffold init`: the platform repo, the local forge, a git repo for each shipped blueprint."""

import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from scaffold.config.forges.local import LOCAL
from scaffold.config.names import problem_with_label
from scaffold.config.platform import PLATFORM_REPO
from scaffold.documents.outputs import BlueprintRef
from scaffold.errors import ScaffoldError, StoppedError, UsageError, not_written
from scaffold.forge.local.adapter import LocalFolderForge
from scaffold.git import branches, clones, program
from scaffold.git.folders import read_folder
from scaffold.git.scratch import scratch_folder
from scaffold.git.tree import Tree, init_bare, make_commit
from scaffold.process import unbroken
from scaffold.render.source import shipped_blueprints, shipped_names
from scaffold.service.start import PlatformStart, platform_tree

FIRST_VERSION = "v1.0.0"
_CACHES = frozenset({".pytest_cache", "__pycache__"})


@dataclass(frozen=True)
class Initialised:
    """The result of `init`: a checkout of the platform repo, the forge, the blueprints."""

    platform: Path
    forge: str
    blueprints: tuple[BlueprintRef, ...]
    no_links: tuple[str, ...]  # answers with the places of docs and dashboards


def init_platform(folder: Path, start: PlatformStart) -> Initialised:
    """Create a platform in `folder`: `platform/` (a checkout) and `forge/` (bare repos).

    Raises UsageError where one exists already, or an answer is not valid.
    """
    check_names(start)
    checkout, root = folder.resolve() / "platform", folder.resolve() / "forge"
    if checkout.exists():
        raise _is_there(checkout)
    program.identity()
    is_new = not folder.exists()
    try:
        root.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise not_written(error, folder) from error
    is_ours = False
    try:
        with unbroken():
            root.mkdir()  # only one run can create it, which may then remove what is in it
            is_ours = True
        return _make(checkout, root, start)
    except (OSError, ScaffoldError, KeyboardInterrupt) as error:
        if isinstance(error, FileExistsError) and not is_ours:
            raise _is_there(root) from error
        if is_ours:
            shutil.rmtree(root, ignore_errors=True)
            shutil.rmtree(checkout, ignore_errors=True)
        _remove(folder, is_new=is_new)
        if isinstance(error, OSError):
            raise not_written(error, folder) from error
        if isinstance(error, KeyboardInterrupt):
            raise StoppedError("nothing was created") from None
        raise


def _remove(folder: Path, *, is_new: bool) -> None:
    """Remove the folder of a platform, if this run created it and it is empty."""
    if is_new:
        with suppress(OSError):
            folder.rmdir()


def _is_there(taken: Path) -> UsageError:
    return UsageError("is there already", where=str(taken), hint="Name another folder.")


def check_names(start: PlatformStart) -> None:
    """Raise UsageError for an invalid name."""
    for what, label in (
        ("organisation's", start.name),
        ("team's", start.team),
        *(("environment's", name) for name in start.environments),
    ):
        if problem := problem_with_label(label):
            raise UsageError(f"the {what} name `{label}` {problem}", hint="Choose another name.")


def _make(checkout: Path, root: Path, start: PlatformStart) -> Initialised:
    forge = LocalFolderForge(str(root))
    blueprints = []
    for name in shipped_names():
        repo = f"{LOCAL.blueprints}{name}"
        forge.create(repo, description=f"The blueprint {name}")
        tree = released_files(shipped_blueprints() / name)
        commit = _push_first(forge, repo, tree, f"Release {FIRST_VERSION}")
        program.git("update-ref", f"refs/tags/{FIRST_VERSION}", commit, cwd=root / f"{repo}.git")
        made = BlueprintRef(name=name, url=forge.url(repo), version=FIRST_VERSION)
        blueprints.append(made)
    forge.create(PLATFORM_REPO, description=f"The platform of {start.name}")
    settings = {"kind": "local", "path": str(root)}
    urls = {blueprint.name: blueprint.url for blueprint in blueprints}
    _push_first(forge, PLATFORM_REPO, platform_tree(start, settings, urls), "Start the platform")
    clones.clone(forge.url(PLATFORM_REPO), checkout)
    return Initialised(checkout, str(root), tuple(blueprints), start.no_links)


def released_files(blueprint: Path) -> Tree:
    """The files of a blueprint to release, without those that running its tests leaves."""
    return {
        path: entry
        for path, entry in read_folder(blueprint).items()
        if not _CACHES.intersection(PurePosixPath(path).parts)
    }


def _push_first(forge: LocalFolderForge, repo: str, tree: Tree, message: str) -> str:
    with scratch_folder() as scratch:
        store = init_bare(scratch / "store.git")
        commit = make_commit(store, tree, f"{message}\n", program.identity())
        branches.push(scratch / "store.git", forge.url(repo), commit, "main", expect=None)
    return commit
