"""Two services that have nothing in common but the platform, and what each command says of them."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pygit2
import pytest
import yaml

from scaffold.cli.main import main
from scaffold.config.service import Service, catalog_path
from scaffold.fleet.generated import differences, with_differences
from scaffold.git.tree import Entry, change_tree, init_bare, make_commit, open_repo
from tests.builders import ANSWERS_NAME, ANSWERS_TEXT, git
from tests.chain.world import BLUEPRINT, DEV, PARTS, World, make_world

ENVIRONMENTS = (
    {"name": "dev", "promotion": "automatic"},
    {"name": "prod", "after": "dev", "promotion": "merge-request"},
)
QUESTIONS = """\
_subdirectory: "{{ repo }}"
repo: {type: str, choices: [code, docker, manifest, env], ask: false}
service: {type: str, default: shop}
owner: {type: str, default: platform}
"""
REPOFILE = 'service: {{ service }}\nowner: {{ owner }}\nrepo: {{ repo }}\nkubernetes: "1.34"\n'
COMMANDS = {
    "status": ("status",),
    "bot": ("bot", "run", "--once"),
    "upgrade": ("upgrade", "--all", "--jobs", "1"),
}


@dataclass(frozen=True)
class Said:
    """How a command ended: its exit status, its document, and what it wrote to stderr."""

    status: int
    document: Any
    errors: str


@dataclass
class Two:
    """The services `cart` of the blueprint `other` and `shop` of `small`; both are behind.

    Harm is done to `cart` alone.
    """

    world: World

    @property
    def root(self) -> Path:
        """The workspace: `platform/`, `forge/` and the blueprints."""
        return self.world.root

    def bare(self, name: str) -> pygit2.Repository:
        """A repo of the forge."""
        return open_repo(self.root / "forge" / f"{name}.git")

    def put(self, name: str, path: str, data: bytes | None, mode: int | None = None) -> str:
        """Commit a file to main of a repo of the forge; None removes it."""
        return put(self.bare(name), path, data, mode)

    def entry(self, name: str = "cart") -> dict[str, Any]:
        """What the catalog says of a service."""
        told: dict[str, Any] = self.world.entry(name).model_dump(mode="json")
        return told | {"blueprint": "small" if name == "shop" else "other"}

    def run(self, command: str, capsys: pytest.CaptureFixture[str]) -> Said:
        """Run one of the three commands over all services, in this process."""
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(self.root)
            patch.setattr(sys, "argv", ["scaffold", *COMMANDS[command], "--output", "json"])
            capsys.readouterr()
            try:
                main()
                status = 0
            except SystemExit as ended:
                status = int(ended.code or 0)
        done = capsys.readouterr()
        return Said(status, json.loads(done.out) if done.out else None, done.err)


def put(store: pygit2.Repository, path: str, data: bytes | None, mode: int | None = None) -> str:
    """Commit a file to main of a repo."""
    head = str(store.references["refs/heads/main"].target)
    entry = None if data is None else Entry(mode or 0o100644, data)
    commit = make_commit(store, change_tree(store, head, {path: entry}), "Change\n", DEV, [head])
    store.references["refs/heads/main"].set_target(pygit2.Oid(hex=commit))
    return commit


def make_two(root: Path) -> Two:
    """Code of both has a commit that no image has yet, and each blueprint a newer version."""
    world = make_world(root, "cart", "shop", environments=ENVIRONMENTS)
    two = Two(world)
    _add_blueprint(root / "small.git")
    _add_blueprint(root / "other.git")
    for name in world.services:
        for part in PARTS:
            _add_template(two, name, part)
        world.commit("code", {"app.py": "two\n"}, service=name)
    _add_platform(two)
    return two


def _add_blueprint(folder: Path) -> None:
    """A template of the four repos at v1.0.0, and v1.1.0 that has another README."""
    store = open_repo(folder) if folder.exists() else init_bare(folder)
    answers = Entry.file(ANSWERS_TEXT.encode())
    tree = {
        "blueprint.yml": Entry.file(BLUEPRINT.encode()),
        "copier.yml": Entry.file(QUESTIONS.encode()),
        **{f"{part}/{ANSWERS_NAME}": answers for part in PARTS},
        **{f"{part}/.scaffold.yml.jinja": Entry.file(REPOFILE.encode()) for part in PARTS},
        "code/NOTES": Entry.file(b"one\n"),
    }
    parents: list[str] = []
    for tag, text in (("v1.0.0", b"one\n"), ("v1.1.0", b"two\n")):
        whole = {**tree, "code/NOTES": Entry.file(text)}
        parents = [make_commit(store, whole, f"Release {tag}\n", DEV, parents)]
        oid = pygit2.Oid(hex=parents[0])
        store.references.create(f"refs/tags/{tag}", oid, force=True)
        store.references.create("refs/heads/main", oid, force=True)


def _add_template(two: Two, name: str, part: str) -> None:
    """What v1.0.0 has rendered for a repo."""
    blueprint = "small" if name == "shop" else "other"
    answers = {"owner": "platform", "repo": part, "service": name}
    head = {"_commit": "v1.0.0", "_src_path": f"file://{two.root}/{blueprint}.git"}
    repo = f"{name}-{part}"
    two.put(repo, ".copier-answers.yml", yaml.safe_dump(head | answers).encode())
    text = REPOFILE
    for key, value in answers.items():
        text = text.replace(f"{{{{ {key} }}}}", value)
    two.put(repo, ".scaffold.yml", text.encode())
    if part == "code":
        two.put(repo, "NOTES", b"one\n")


def _add_platform(two: Two) -> None:
    """The platform repo, and its checkout."""
    store = init_bare(two.root / "forge/platform.git")
    blueprints = [
        {"name": name, "url": f"file://{two.root}/{name}.git"} for name in ("small", "other")
    ]
    two.world.settings |= {"blueprints": blueprints, "record_versions": True}
    told = two.world.platform.model_dump(mode="json", by_alias=True)
    tree = {"platform.yml": Entry.file(yaml.safe_dump(told, sort_keys=False).encode())}
    for name in two.world.services:
        entry = Service.model_validate(two.entry(name)).model_dump(mode="json")
        tree[catalog_path(name)] = Entry.file(yaml.safe_dump(entry).encode())
    tree = with_differences(tree, differences(tree))
    commit = make_commit(store, tree, "Start\n", DEV)
    store.references.create("refs/heads/main", pygit2.Oid(hex=commit))
    url = f"file://{two.root}/forge/platform.git"
    git("clone", "-q", url, str(two.root / "platform"), cwd=two.root)
