"""`scaffold blueprint register`: a blueprint's way to the forge and into platform.yml.

What is to be done is what the forge and the platform lack. So a run that was killed is finished by
running it again, and after that there is nothing left to do.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pygit2

from scaffold.config.blueprint import Blueprint
from scaffold.config.branches import BLUEPRINT
from scaffold.config.platform import PLATFORM_FILE
from scaffold.errors import ForgeError, UsageError
from scaffold.fleet.naming import with_blueprint
from scaffold.fleet.platform import PlatformRepo
from scaffold.fleet.proposals import change_platform
from scaffold.forge.api import MergeRequest, Proposal
from scaffold.git import program, transport
from scaffold.git.tree import Entry, Tree, find_ref, open_repo
from scaffold.render.source import newest_blueprint, versions
from scaffold.service.names import check_new_blueprint
from scaffold.service.rights import Kind, Right, rights, set_right

_MAIN = "refs/heads/main"
_TAGS = "refs/tags/"


@dataclass(frozen=True)
class Deed:
    """One thing to do, in the words for what is to be done and for what was done."""

    to_do: str
    done: str


@dataclass(frozen=True)
class Registration:
    """What is to be done for a blueprint; nothing of it is done yet.

    `repo` is its name on the forge. `refs` are the branches and tags that the forge lacks, and
    `rights` what is to be set there.
    """

    platform: PlatformRepo
    folder: Path
    blueprint: Blueprint
    repo: str
    is_there: bool
    refs: tuple[str, ...]
    rights: tuple[Right, ...]
    is_named: bool

    @property
    def url(self) -> str:
        """Where services will find it."""
        return self.platform.forge.url(self.repo)

    @property
    def deeds(self) -> tuple[Deed, ...]:
        """What is to be done, in order; nothing where all is so already."""
        return tuple(self._deeds())

    def _deeds(self) -> Iterator[Deed]:
        if not self.is_there:
            yield Deed(f"create the repo {self.repo}", f"created the repo {self.repo}")
        if self.refs:
            names = " and ".join(filter(None, (", ".join(self._short[:-1]), self._short[-1])))
            to_url = f"{names} to {self.url}"
            yield Deed(f"push {to_url}", f"pushed {to_url}")
        for right in self.rights:
            yield Deed(right.said, f"did {right.said}")
        if not self.is_named:
            words = f"{self.blueprint.name} in {PLATFORM_FILE}"
            yield Deed(f"name {words}", f"named {words}")

    @property
    def _short(self) -> list[str]:
        return [ref.rpartition("/")[2] for ref in self.refs]


def plan_registration(platform: PlatformRepo, folder: Path) -> Registration:
    """Say what is to be done for the blueprint in a checkout.

    Raises UsageError where the checkout is none or has no main, or its origin is another place;
    BlueprintNotFoundError where nothing was released; NameTakenError where the platform has another
    blueprint of that name; ConfigError where platform.yml can't take it; ForgeError where the forge
    has something else there.
    """
    if program.top_folder(folder) != folder.resolve():
        raise UsageError(
            "is not the top folder of a git repo",
            where=str(folder),
            hint="A blueprint is a git repo of its own: its tags are its versions.",
        )
    store = open_repo(folder)
    if find_ref(store, _MAIN) is None:
        raise UsageError(
            "has no branch `main`",
            where=str(folder),
            hint="Name the branch that is released from so: git branch -m main",
        )
    how = "Release one first: scaffold blueprint release"
    blueprint = newest_blueprint(store, str(folder), how)
    repo = platform.blueprint_repo(blueprint.name)
    url = platform.forge.url(repo)
    is_named = (blueprint.name, url) in ((one.name, one.url) for one in platform.model.blueprints)
    if not is_named:
        check_new_blueprint(platform, blueprint.name)
        with_blueprint(platform.tree[PLATFORM_FILE].data, blueprint.name, url)  # it can be named
    _refuse_other_origin(folder, url)
    is_there = platform.forge.find(repo) is not None
    there = _remote_refs(url) if is_there else {}
    owner = platform.model.teams[0].name
    wanted = () if is_named else rights(platform.model, owner, repo)
    return Registration(
        platform,
        folder,
        blueprint,
        repo,
        is_there,
        tuple(_lacking(store, there, url)),
        tuple(one for one in wanted if one.kind is not Kind.WEBHOOK),  # no pin follows a blueprint
        is_named,
    )


def _refuse_other_origin(folder: Path, url: str) -> None:
    origin = _origin(folder)
    if origin not in ("", url):
        raise UsageError(
            f"its `origin` is {origin}, and on the platform's forge it would be {url}",
            where=str(folder),
            hint=f"To have it there: git remote set-url origin {url} - or name the one that is"
            f" there in {PLATFORM_FILE}, under `blueprints`.",
        )


def _origin(folder: Path) -> str:
    return program.git("config", "remote.origin.url", cwd=folder, check=False).text.strip()


def _remote_refs(url: str) -> Mapping[str, str]:
    done = transport.reach(url, "ls-remote", "--refs", operands=[_MAIN, f"{_TAGS}*"])
    pairs = (line.split("\t") for line in done.text.splitlines())
    return {ref: target for target, ref in pairs}


def _lacking(store: pygit2.Repository, there: Mapping[str, str], url: str) -> Iterator[str]:
    """What the forge lacks of main and the versions. Raises ForgeError where it has others."""
    if _is_behind(store, there.get(_MAIN), url):
        yield _MAIN
    for tag in sorted(versions(store)):
        ref = f"{_TAGS}{tag}"
        if ref not in there:
            yield ref
        elif there[ref] != str(store.references[ref].target):
            raise ForgeError(
                f"`{tag}` is another commit there than here",
                where=url,
                hint="A version is never changed. Fetch what others have released: git fetch"
                " --tags --force",
            )


def _is_behind(store: pygit2.Repository, there: str | None, url: str) -> bool:
    """Whether main there is to be moved on to what it is here."""
    here = store.references[_MAIN].target
    if there is None or there == str(here):
        return there is None
    if there in store:
        commit = pygit2.Oid(hex=there)
        if store.descendant_of(commit, here):
            return False
        if store.descendant_of(here, commit):
            return True
    raise ForgeError(
        "has commits on main that are not here",
        where=url,
        hint="If it is this blueprint, get them: git pull origin main. Otherwise rename yours in"
        " blueprint.yml.",
    )


def register(plan: Registration) -> MergeRequest | None:
    """Do what was planned; returns the merge request where the platform's main takes no push.

    The platform is told last, once services can be made. In a dry run of the platform nothing is
    done, but the merge request is told. Raises ForgeError.
    """
    forge, name = plan.platform.forge, plan.blueprint.name
    if not plan.platform.dry_run:
        if not plan.is_there:
            forge.create(plan.repo, description=f"The blueprint {name}", topics=("scaffold",))
        if plan.refs:
            operands = [f"{ref}:{ref}" for ref in plan.refs]
            transport.reach(
                plan.url, "push", "--atomic", operands=operands, cwd=plan.folder, fresh=True
            )
        for right in plan.rights:
            set_right(forge, right)
        if not _origin(plan.folder):
            program.git("remote", "add", "--", "origin", plan.url, cwd=plan.folder)
    return None if plan.is_named else _name_it(plan)


def _name_it(plan: Registration) -> MergeRequest | None:
    name, url = plan.blueprint.name, plan.url

    def change(tree: Mapping[str, Entry]) -> Tree:
        entry = tree[PLATFORM_FILE]
        return {**tree, PLATFORM_FILE: Entry(entry.mode, with_blueprint(entry.data, name, url))}

    proposal = Proposal(f"Take in the blueprint {name}", f"{plan.blueprint.summary}\n\n{url}")
    return change_platform(plan.platform, change, f"{BLUEPRINT}{name}", proposal)
