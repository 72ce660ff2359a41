"""A local forge with a whole fleet on it, for the benchmark `fleet`.

Every service has the four repos of the shipped blueprint at v1.0.0, rendered by scaffold's own
functions, with the pins and trailers that `scaffold new service` makes, and is in the catalog with
its namespaces and roles. They are written to the forge directly, since the command, which opens the
platform afresh each time, takes a second a service.

One repo in twenty has a commit of its owner to the very line that v1.1.0 changes, which conflicts;
of the others one in four has one to the end of the same file, which has to be merged.
"""

import shutil
import sys
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pygit2
import yaml

from benchmarks.timing import run
from scaffold.chain import pins
from scaffold.chain.release import empty_release
from scaffold.chain.rendering import render_release
from scaffold.config.places import release_folder
from scaffold.config.service import PairedRepo, Service, catalog_path
from scaffold.fleet.access import access_tree
from scaffold.fleet.platform import PlatformRepo, open_platform
from scaffold.git.tree import CommitTree, Entry, Identity, Tree, change_tree, make_commit, open_repo
from scaffold.render.provenance import template_trailers
from scaffold.render.questions import gather_answers
from scaffold.render.render import render
from scaffold.render.source import BlueprintVersion, open_version
from scaffold.service.answers import environment_answers, platform_answers
from scaffold.service.names import repo_names

OLD, NEW = "v1.0.0", "v1.1.0"
_AUTHOR = Identity("Benchmark", "benchmark@example.com")
_MAIN = "refs/heads/main"
_NOTE = b"\n# A note of the owner's\n"


@dataclass(frozen=True)
class Edit:
    """One line of a repo's file that the release changes, as it stands in template and render."""

    template: str
    path: str
    old: bytes
    new: bytes
    owners: bytes


EDITS = {
    "code": Edit(
        "code/README.md.jinja",
        "README.md",
        b"All of them set up `.venv` by themselves.",
        b"All of them set up `.venv` by themselves, the first time.",
        b"All of them set up `.venv`; ask us where one does not.",
    ),
    "docker": Edit(
        "shared/ci/gitlab-docker.yml.jinja",
        ".gitlab-ci.yml",
        b"stages: [validate, image]",
        b"stages: [validate, image]  # images are built of main alone",
        b"stages: [validate, image]  # ours",
    ),
    "manifest": Edit(
        "shared/http/manifest/deployment.yaml.jinja",
        "base/deployment.yaml",
        b"terminationGracePeriodSeconds: 35",
        b"terminationGracePeriodSeconds: 40",
        b"terminationGracePeriodSeconds: 90",
    ),
    "env": Edit(
        "shared/env/roll-back.md.jinja",
        "docs/roll-back.md",
        b"That is all. What `main` says is deployed",
        b"That is all: what `main` says is deployed",
        b"Then tell us. What `main` says is deployed",
    ),
}


@dataclass(frozen=True)
class FleetRepo:
    """One repo of the fleet.

    `edited` by its owner or not; `conflicting`: the edit is to what the release changes.
    """

    repo: str
    name: str
    url: str
    folder: Path
    edited: bool
    conflicting: bool


@dataclass(frozen=True)
class Fleet:
    """A platform, its forge, and a copy of that forge as it was before any upgrade."""

    root: Path
    repos: tuple[FleetRepo, ...]

    @property
    def workspace(self) -> Path:
        """Where scaffold runs."""
        return self.root / "acme"

    @property
    def forge(self) -> Path:
        """The forge; its path is recorded in every repo, so the contestants share it."""
        return self.workspace / "forge"

    def keep(self) -> None:
        """Keep the forge as it is now."""
        shutil.move(self.forge, self._kept)
        self.restore()

    def restore(self) -> None:
        """Put the forge back to how it was kept."""
        if self.forge.exists():
            shutil.rmtree(self.forge)
        run(["cp", "-a", str(self._kept), str(self.forge)])

    @property
    def _kept(self) -> Path:
        return self.root / "kept-forge"


def build_fleet(root: Path, services: int, released: Collection[str] = tuple(EDITS)) -> Fleet:
    """Make the platform, that many services, and the release that changes `released` repos."""
    workspace = root / "acme"
    run([sys.executable, "-m", "scaffold", "init", str(workspace), "--defaults", "--quiet"])
    platform = open_platform(workspace / "platform")
    url = platform.model.blueprints[0].url
    blueprint = open_version(url, OLD, root / "scratch")
    repos: list[FleetRepo] = []
    catalog: Tree = {}
    for number in range(services):
        service, made = _build_service(platform, blueprint, number, root)
        repos += made
        entry = yaml.safe_dump(service.model_dump(mode="json"), sort_keys=False)
        catalog[catalog_path(service.name)] = Entry.file(entry.encode())
        catalog |= access_tree(platform.model, service.name, service.owner)
    _commit(_folder(platform, "platform"), catalog, "Register the fleet\n")
    edits = [edit for repo, edit in EDITS.items() if repo in released]
    _release(_folder(platform, "blueprints/python-service"), edits)
    fleet = Fleet(root, tuple(repos))
    fleet.keep()
    return fleet


def _folder(platform: PlatformRepo, repo: str) -> Path:
    return Path(platform.forge.url(repo).removeprefix("file://"))


def _build_service(
    platform: PlatformRepo, blueprint: BlueprintVersion, number: int, root: Path
) -> tuple[Service, list[FleetRepo]]:
    name = f"service-{number:04}"
    names = repo_names(blueprint, name)
    urls = {repo: platform.forge.url(one) for repo, one in names.items()}
    answers = _answers(platform, blueprint, name, names, root)
    made: list[FleetRepo] = []
    above: list[tuple[pins.Upstream, Tree]] = []
    for place, repo in enumerate(blueprint.model.chain()):
        tree = render(
            blueprint, repo, answers, folder_name=names[repo], scratch=root / "scratch"
        ) | _pins(repo, above, answers)
        platform.forge.create(names[repo], description=f"{name}: {repo}")
        folder = _folder(platform, names[repo])
        told = template_trailers(blueprint.url, blueprint.version, blueprint.commit)
        message = f"Create {names[repo]}\n\nScaffold-Service: {name}\n{told}"
        commit = _commit(folder, tree, message)
        conflicting = number % 5 == 0 and number // 5 % 4 == place
        edited = number % 4 == place
        if conflicting or edited:
            _edit(folder, EDITS[repo], tree, conflicting=conflicting)
        above.append((pins.Upstream(repo, urls[repo], commit), tree))
        made.append(
            FleetRepo(repo, names[repo], urls[repo], folder, edited or conflicting, conflicting)
        )
    service = Service(
        name=name,
        owner=answers["owner"],
        summary=answers["summary"],
        blueprint=blueprint.model.name,
        repos={repo: PairedRepo(name=one, url=urls[repo]) for repo, one in names.items()},
    )
    return service, made


def _answers(
    platform: PlatformRepo,
    blueprint: BlueprintVersion,
    service: str,
    names: Mapping[str, str],
    root: Path,
) -> dict[str, Any]:
    owner = platform.model.teams[0].name
    siblings = {repo: (name, platform.forge.url(name)) for repo, name in names.items()}
    supplied = platform_answers(platform.model, service, owner, siblings)
    supplied["environments"] = environment_answers(platform.model, service, owner)
    return gather_answers(
        blueprint, {"service": service}, supplied=supplied, prompt=None, scratch=root / "scratch"
    )


def _pins(repo: str, above: list[tuple[pins.Upstream, Tree]], answers: Mapping[str, Any]) -> Tree:
    """As `scaffold new service` has them."""
    if repo == "code":
        return {}
    upstream = above[-1][0]
    if repo == "docker":
        return {pins.UPSTREAM_PATH: Entry.file(pins.write_upstream(upstream))}
    if repo == "manifest":
        tag = pins.image_tag(above[0][0].commit, upstream.commit)
        image = f"{answers['registry']}/{answers['service']}"
        return {pins.IMAGE_PATH: Entry.file(pins.write_image(upstream, image=image, tag=tag))}
    sources = tuple(one for one, _ in reversed(above))
    first, *others = [release_folder(one["name"]) for one in answers["environments"]]
    released = render_release(above[-1][1], sources)
    files = {f"{first}/{name}": data for name, data in released.items()}
    for folder in others:
        files |= {f"{folder}/{name}": data for name, data in empty_release().items()}
    return {path: Entry.file(data) for path, data in files.items()}


def _edit(folder: Path, edit: Edit, tree: Tree, *, conflicting: bool) -> None:
    """Commit what the owner did."""
    data = tree[edit.path].data
    assert data.count(edit.old) == 1, edit.path
    data = data.replace(edit.old, edit.owners) if conflicting else data + _NOTE
    _commit(folder, {edit.path: Entry.file(data)}, "Do it our way\n")


def _release(folder: Path, edits: Iterable[Edit]) -> None:
    """Release the new version of the blueprint, which makes these edits."""
    store = open_repo(folder)
    files = CommitTree(store, str(store.references[_MAIN].target))
    changed: Tree = {}
    for edit in edits:
        data = files[edit.template].data
        assert data.count(edit.old) == 1, edit.template
        changed[edit.template] = Entry.file(data.replace(edit.old, edit.new))
    commit = _commit(folder, changed, f"Release {NEW}\n")
    store.references.create(f"refs/tags/{NEW}", pygit2.Oid(hex=commit))


def _commit(folder: Path, changed: Tree, message: str) -> str:
    """Commit files on top of what main has."""
    store = open_repo(folder)
    if _MAIN not in store.references:
        commit = make_commit(store, changed, message, _AUTHOR)
    else:
        head = str(store.references[_MAIN].target)
        tree = change_tree(store, head, changed)
        commit = make_commit(store, tree, message, _AUTHOR, [head])
    store.references.create(_MAIN, pygit2.Oid(hex=commit), force=True)
    return commit
