"""`scaffold init`: the platform repo, the local forge, a git repo for each shipped blueprint."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import yaml

from scaffold import __version__
from scaffold.blueprint.source import shipped_blueprints
from scaffold.errors import ScaffoldError, UsageError
from scaffold.forge.local import LocalFolderForge
from scaffold.git import transport
from scaffold.git.scratch import scratch_folder
from scaffold.git.tree import Entry, Tree, init_bare, make_commit, read_folder
from scaffold.model.names import problem_with_label
from scaffold.model.platform import PLATFORM_FILE, PLATFORM_REPO, Platform

SCHEMA_FILE = ".schema/platform.json"
_FIRST_VERSION = "v1.0.0"


@dataclass(frozen=True)
class Initialised:
    """What `init` made."""

    platform: Path
    forge: Path
    blueprints: tuple[str, ...]


def init_platform(folder: Path, name: str) -> Initialised:
    """Make a platform in `folder`: `platform/` (a checkout) and `forge/` (bare repos).

    Raises UsageError where one is there already, or the name does not do.
    """
    if problem := problem_with_label(name):
        raise UsageError(f"the organisation's name `{name}` {problem}", hint="Name another folder.")
    checkout, root = folder.resolve() / "platform", folder.resolve() / "forge"
    for taken in (checkout, root):
        if taken.exists():
            raise UsageError("is there already", where=str(taken), hint="Name another folder.")
    transport.identity()
    try:
        return _make(checkout, root, name)
    except (OSError, ScaffoldError) as error:
        shutil.rmtree(root, ignore_errors=True)
        shutil.rmtree(checkout, ignore_errors=True)
        if isinstance(error, OSError):
            raise ScaffoldError(f"can't write: {error.strerror}", where=str(folder)) from error
        raise


def _make(checkout: Path, root: Path, name: str) -> Initialised:
    root.mkdir(parents=True)
    forge = LocalFolderForge(str(root))
    sources = []
    for blueprint in sorted(path for path in shipped_blueprints().iterdir() if path.is_dir()):
        repo = f"blueprints/{blueprint.name}"
        forge.create(repo, description=f"The blueprint {blueprint.name}")
        commit = _push_first(forge, repo, read_folder(blueprint), f"Release {_FIRST_VERSION}")
        transport.git("update-ref", f"refs/tags/{_FIRST_VERSION}", commit, cwd=root / f"{repo}.git")
        sources.append({"name": blueprint.name, "url": forge.url(repo)})
    forge.create(PLATFORM_REPO, description=f"The platform of {name}")
    _push_first(forge, PLATFORM_REPO, _platform_tree(root, name, sources), "Start the platform")
    transport.clone(forge.url(PLATFORM_REPO), checkout)
    return Initialised(checkout, root, tuple(source["name"] for source in sources))


def _push_first(forge: LocalFolderForge, repo: str, tree: Tree, message: str) -> str:
    with scratch_folder() as scratch:
        store = init_bare(scratch / "store.git")
        commit = make_commit(store, tree, f"{message}\n", transport.identity())
        transport.push(scratch / "store.git", forge.url(repo), commit, "main", expect=None)
    return commit


def _platform_tree(root: Path, name: str, sources: list[dict[str, str]]) -> Tree:
    registry = f"registry.example.com/{name}"
    team = f"{name}-platform"
    settings = {
        "version": 1,
        "name": name,
        "forge": {"kind": "local", "path": str(root)},
        "registry": registry,
        "ci": {"image": f"{registry}/scaffold-ci:{__version__}"},
        "blueprints": sources,
        "environments": [
            {"name": "dev", "promotion": "automatic", "replicas": {"min": 1, "max": 2}},
            {
                "name": "staging", "after": "dev", "promotion": "soak", "soak_hours": 2,
                "replicas": {"min": 2, "max": 4},
            },
            {
                "name": "prod", "after": "staging", "promotion": "merge-request",
                "replicas": {"min": 3, "max": 10},
            },
        ],
        "teams": [
            {
                "name": "platform",
                "groups": {
                    "read-only": [f"{team}-viewers"],
                    "developer": [f"{team}-developers"],
                    "admin": [f"{team}-admins"],
                },
            }
        ],
        "answers": {
            "docs_base": "https://docs.example.com",
            "grafana_base": "https://grafana.example.com",
        },
    }  # fmt: skip
    text = f"# yaml-language-server: $schema={SCHEMA_FILE}\n"
    text += yaml.safe_dump(settings, sort_keys=False)
    schema = json.dumps(Platform.model_json_schema(by_alias=True), indent=2) + "\n"
    return {
        PLATFORM_FILE: Entry.file(text.encode()),
        SCHEMA_FILE: Entry.file(schema.encode()),
    }
