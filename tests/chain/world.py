"""A small chain of four repos on a local forge."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pygit2
import yaml

from scaffold.bot.passes import Bot, PassReport
from scaffold.chain import pins
from scaffold.chain.decide import Judge, Why
from scaffold.chain.edges import Edge
from scaffold.chain.propagate import Event
from scaffold.chain.proposals import WriteContext
from scaffold.chain.release import empty_release, read_release
from scaffold.chain.rendering import render_release
from scaffold.chain.repos import ServiceChain
from scaffold.config.blueprint import BLUEPRINT_FILE
from scaffold.config.places import release_folder, release_path
from scaffold.config.platform import Platform
from scaffold.config.service import PairedRepo, Service
from scaffold.forge.api import StatusState
from scaffold.forge.local.adapter import LocalFolderForge
from scaffold.forge.local.statuses import write_status
from scaffold.git.tree import (
    Entry,
    Identity,
    change_tree,
    init_bare,
    make_commit,
    open_repo,
    read_tree,
)

BOT = Identity("Bot", "bot@example.com")
DEV = Identity("Dev", "dev@example.com")
PARTS = ("code", "docker", "manifest", "env")
BLUEPRINT = """\
name: small
summary: Four repos
kubernetes: "1.34"
repos:
  code: {name: "{{ service }}-code"}
  docker: {name: "{{ service }}-docker", follows: code, pin: upstream}
  manifest: {name: "{{ service }}-manifest", follows: docker, pin: image}
  env: {name: "{{ service }}-env", follows: manifest, pin: release}
"""
ENVIRONMENTS = (
    {"name": "dev", "promotion": "automatic"},
    {"name": "staging", "after": "dev", "promotion": "soak", "soak_hours": 2},
    {"name": "prod", "after": "staging", "promotion": "merge-request"},
)
AUTOMATIC = (
    {"name": "dev", "promotion": "automatic"},
    {"name": "staging", "after": "dev", "promotion": "automatic"},
)
Texts = dict[str, str | None]


@dataclass
class World:
    """A platform `acme` with services whose repos are small; `now` is the bot's clock."""

    root: Path
    settings: dict[str, Any] = field(default_factory=dict)
    services: tuple[str, ...] = ("shop",)
    paused: frozenset[str] = frozenset()
    base_url: str = ""
    now: datetime = field(default_factory=lambda: datetime.now(UTC) + timedelta(minutes=1))

    @property
    def forge(self) -> LocalFolderForge:
        """Where the repos are."""
        return LocalFolderForge(str(self.root / "forge"))

    def url(self, name: str) -> str:
        """Where git finds a repo."""
        return f"{self.base_url}/{name}.git" if self.base_url else self.forge.url(name)

    @property
    def platform(self) -> Platform:
        """What platform.yml says: no status is required, unless the settings say so."""
        said = {
            "name": "acme",
            "forge": {"kind": "local", "path": str(self.root / "forge")},
            "registry": "registry.example.com/acme",
            "ci": {"image": "ci"},
            "blueprints": [{"name": "small", "url": f"file://{self.root}/small.git"}],
            "environments": list(ENVIRONMENTS),
            "propagation": {"require": "none"},
            "teams": [{"name": "platform"}],
        }
        return Platform.model_validate(said | self.settings)

    def entry(self, service: str = "shop") -> Service:
        """The catalog's entry."""
        repos = {
            part: PairedRepo(name=f"{service}-{part}", url=self.url(f"{service}-{part}"))
            for part in PARTS
        }
        return Service(
            name=service, owner="platform", summary="", blueprint="small",
            paused=service in self.paused, repos=repos,
        )  # fmt: skip

    def bot(self) -> Bot:
        """A bot that has just read the platform."""
        entries = tuple(self.entry(name) for name in self.services)
        return Bot(self.platform, entries, self.forge, BOT)

    def chain(self, service: str = "shop") -> ServiceChain:
        """A service's chain as it is now."""
        return self.bot().chain(self.entry(service), {})

    def judge(self) -> Judge:
        """A judge of this moment."""
        return Judge(self.platform, self.forge.statuses, self.now)

    def context(self) -> WriteContext:
        """What a bot changes repos with."""
        return WriteContext(self.forge, self.platform, BOT)

    def run(self) -> PassReport:
        """One pass of the bot."""
        return self.bot().run_pass(self.now)

    def settle(self) -> PassReport:
        """Passes until one is quiet; that one's report. Nothing may go on for ever."""
        for _ in range(12):
            report = self.run()
            assert () == report.failures, [str(one.error) for one in report.failures]
            if report.quiet:
                return report
        raise AssertionError("the bot does not come to rest")

    def later(self, hours: float) -> None:
        """Let time pass for the bot."""
        self.now += timedelta(hours=hours)

    def repo(self, part: str, service: str = "shop") -> pygit2.Repository:
        """One of the repos of a service."""
        return open_repo(self.root / "forge" / f"{service}-{part}.git")

    def refs(self) -> dict[str, str]:
        """Where each ref of each repo is; those of merge requests and statuses, too."""
        return {
            f"{folder.stem} {ref.name}": str(ref.target)
            for folder in (self.root / "forge").glob("*.git")
            for ref in open_repo(folder).references.objects
        }

    def head(self, part: str, branch: str = "main", service: str = "shop") -> str:
        """Where a branch is."""
        return str(self.repo(part, service).references[f"refs/heads/{branch}"].target)

    def commit(
        self, part: str, files: Texts, message: str = "Change\n", *, branch: str = "main",
        service: str = "shop", on: str | None = None, who: Identity = DEV,
    ) -> str:  # fmt: skip
        """Put a commit on top of a branch (or of the commit `on`, whatever the branch has)."""
        repo = self.repo(part, service)
        parent = on or self.head(part, branch, service)
        entries = {
            path: None if text is None else Entry.file(text.encode())
            for path, text in files.items()
        }
        made = make_commit(repo, change_tree(repo, parent, entries), message, who, [parent])
        repo.references.create(f"refs/heads/{branch}", pygit2.Oid(hex=made), force=True)
        return made

    def text(self, part: str, path: str, commit: str = "main", service: str = "shop") -> str:
        """A file at a commit."""
        blob = self.repo(part, service).revparse_single(f"{commit}:{path}")
        assert isinstance(blob, pygit2.Blob)
        return blob.data.decode()

    def revert(self, place: str, *, steps: int = 1, service: str = "shop") -> str:
        """What `git revert` of the last commits that changed a pin does; return the new commit."""
        part, path = self.where(place)
        seen, chosen = [self.text(part, path, service=service)], "main"
        for commit in self.commits(part, service):
            text = self.text(part, path, str(commit.id), service)
            if text != seen[-1]:
                seen.append(text)
                chosen = str(commit.id)
            if len(seen) > steps:
                break
        back = self.as_at(place, chosen, service)
        return self.commit(part, back, f'Revert "{place}"\n', service=service)

    def go_back(self, place: str, steps: int) -> str | None:
        """Set a pin to what it was some values before; None where it never was another one."""
        part, now = self.where(place)[0], self.pin(place)
        found: dict[str | None, str] = {}
        for commit in self.commits(part):
            pin = self.pin(place, commit=str(commit.id))
            if now and pin != now and (pin is None or self.comes_after(place, now, pin)):
                found.setdefault(pin, str(commit.id))
        chosen = list(found.values())[:steps]
        if not chosen:
            return None
        return self.commit(part, self.as_at(place, chosen[-1]), f"Go back in {place}\n")

    def as_at(self, place: str, commit: str, service: str = "shop") -> Texts:
        """The change that gives a pin, and all that goes with it, what they were at a commit."""
        part, path = self.where(place)
        if part != "env":
            return {path: self.text(part, path, commit, service)}
        return self.release_files(
            place, self.below(release_folder(place), commit, service), service
        )

    def release_files(self, place: str, files: Mapping[str, bytes], service: str = "shop") -> Texts:
        """The change that makes these files the whole release of an environment."""
        folder = release_folder(place)
        gone = self.below(folder, "main", service)
        texts = {f"{folder}/{name}": data.decode() for name, data in files.items()}
        return {**{f"{folder}/{name}": None for name in gone}, **texts}

    def release_of(self, place: str, manifest: str) -> Texts:
        """The change that releases a commit of the manifest repo, as the bot would write it."""
        tree = read_tree(self.repo("manifest"), manifest)
        source = pins.Upstream("manifest", self.forge.url("shop-manifest"), manifest)
        return self.release_files(place, render_release(tree, (source,)))

    def below(self, folder: str, commit: str = "main", service: str = "shop") -> dict[str, bytes]:
        """The files in a folder of the env repo, by their names."""
        tree = self.repo("env", service).revparse_single(f"{commit}:{folder}")
        assert isinstance(tree, pygit2.Tree)
        return {str(one.name): one.data for one in tree if isinstance(one, pygit2.Blob)}

    def comes_after(self, place: str, newer: str, older: str) -> bool:
        """Whether the commit that a pin names comes after another."""
        repo = self.repo({"docker": "code", "manifest": "docker"}.get(place, "manifest"))
        return repo.descendant_of(pygit2.Oid(hex=newer), pygit2.Oid(hex=older))

    def where(self, place: str) -> tuple[str, str]:
        """The repo and the path of a pin."""
        paths = {"docker": pins.UPSTREAM_PATH, "manifest": pins.IMAGE_PATH}
        return (place, paths[place]) if place in paths else ("env", release_path(place))

    def pin(self, place: str, service: str = "shop", commit: str = "main") -> str | None:
        """The commit that a pin names."""
        part, path = self.where(place)
        text = self.text(part, path, commit, service)
        if part == "docker":
            return pins.read_upstream(text).commit
        if part == "manifest":
            return pins.read_image(text).commit
        release = read_release(text, source=path)
        return release.upstream.commit if release else None

    def commits(self, part: str, service: str = "shop") -> Sequence[pygit2.Commit]:
        """Main's first parents, newest first."""
        repo = self.repo(part, service)
        found = [repo[self.head(part, service=service)].peel(pygit2.Commit)]
        while found[-1].parents:
            found.append(found[-1].parents[0])
        return found

    def log(self, part: str) -> list[str]:
        """The subjects of main, newest first."""
        return [one.message.splitlines()[0] for one in self.commits(part)]

    def status(self, part: str, commit: str, name: str, state: StatusState) -> None:
        """What CI says about a commit."""
        write_status(self.root / "forge" / f"shop-{part}.git", commit, name, state)

    def edge(self, place: str) -> Edge:
        """A pin's edge."""
        return next(one for one in self.chain().edges if one.place == place)

    def why(self, place: str, service: str = "shop") -> Why:
        """What the bot would do about a pin."""
        chain = self.chain(service)
        edge = next(one for one in chain.edges if one.place == place)
        return self.judge().verdict(chain, edge).why

    def rule(self, part: str, patterns: Sequence[str]) -> None:
        """Let the blueprint say what of a repo makes no release beside docs."""
        told = yaml.safe_load(BLUEPRINT)
        told["repos"][part]["no_release"] = list(patterns)
        repo = open_repo(self.root / "small.git")
        files = {BLUEPRINT_FILE: Entry.file(yaml.safe_dump(told).encode())}
        made = make_commit(repo, files, "Release\n", DEV)
        repo.references.create("refs/tags/v1.1.0", pygit2.Oid(hex=made))

    def refuse_pushes(
        self, part: str, said: str = "protected branch", branch: str = "main"
    ) -> Path:
        """Let a repo take no push to a branch; return the hook, whose removal ends that."""
        return self.hook(
            part, "update", f'[ "$1" != refs/heads/{branch} ] || {{ echo "{said}" >&2; exit 1; }}'
        )

    def hook(self, part: str, name: str, script: str) -> Path:
        """A server-side hook."""
        path = self.root / "forge" / f"shop-{part}.git" / "hooks" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return path


def make_world(root: Path, *services: str, **settings: Any) -> World:
    """A platform whose services are in step: dev has the head, the others have nothing yet."""
    world = World(root, settings, services or ("shop",))
    _first(root / "small.git", {BLUEPRINT_FILE: BLUEPRINT.encode()}, tag="v1.0.0")
    for service in world.services:
        _make_service(world, service)
    return world


def _make_service(world: World, service: str) -> None:
    def folder(part: str) -> Path:
        return world.root / "forge" / f"{service}-{part}.git"

    def above(part: str, commit: str) -> pins.Upstream:
        return pins.Upstream(part, world.forge.url(f"{service}-{part}"), commit)

    code = _first(folder("code"), {"app.py": b"one\n", "README.md": b"# shop\n"})
    docker = _first(
        folder("docker"),
        {"Dockerfile": b"FROM x\n", pins.UPSTREAM_PATH: pins.write_upstream(above("code", code))},
    )
    image = pins.write_image(
        above("docker", docker), image="shop", tag=pins.image_tag(code, docker)
    )
    first = {"base/kustomization.yaml": b"resources: []\n", pins.IMAGE_PATH: image}
    manifest = _first(folder("manifest"), first)
    sources = (above("manifest", manifest), above("docker", docker), above("code", code))
    release = render_release({path: Entry.file(data) for path, data in first.items()}, sources)
    files = {}
    for one in world.platform.environments:
        files[f"environments/{one.name}/kustomization.yaml"] = b"resources: [release]\n"
        for name, data in (empty_release() if one.after else release).items():
            files[f"{release_folder(one.name)}/{name}"] = data
    _first(folder("env"), files)


def _first(folder: Path, files: dict[str, bytes], tag: str = "") -> str:
    folder.parent.mkdir(parents=True, exist_ok=True)
    repo = init_bare(folder)
    tree = {path: Entry.file(data) for path, data in files.items()}
    commit = make_commit(repo, tree, f"Create {folder.stem}\n", DEV)
    repo.references.create("refs/heads/main", pygit2.Oid(hex=commit))
    if tag:
        repo.references.create(f"refs/tags/{tag}", pygit2.Oid(hex=commit))
    return commit


def event(report: PassReport, place: str) -> Event:
    """What a pass did about one pin."""
    return next(one for one in report.events if one.verdict.edge.place == place)
