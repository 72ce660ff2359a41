"""The platform repo: found, and read at the head of main.

What counts is what is at the head of main on the forge, not what lies in a checkout.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from scaffold.config.branches import REGISTRATION
from scaffold.config.documents import parse_document
from scaffold.config.forge import ForgeSettings, kind_of
from scaffold.config.platform import PLATFORM_FILE, PLATFORM_REPO, Platform
from scaffold.config.service import Service, catalog_path
from scaffold.config.yaml_reader import read_yaml
from scaffold.errors import (
    BlueprintNotFoundError,
    ConfigError,
    ForgeError,
    PlatformNotFoundError,
)
from scaffold.fleet.catalog import Catalog, read_catalog, read_entry
from scaffold.forge.api import Forge, MergeRequest
from scaffold.forge.registry import open_forge
from scaffold.git import branches, clones, program, scratch
from scaffold.git.tree import CommitTree, Entry, open_repo

_FORGE: TypeAdapter[ForgeSettings] = TypeAdapter(ForgeSettings)


def registration_branch(service: str) -> str:
    """The branch of the merge request that a new service waits for."""
    return f"{REGISTRATION}{service}"


def find_platform(start: Path, given: Path | None) -> Path:
    """The checkout of the platform repo: `given`, or the nearest one upward of `start`.

    A folder `platform` beside the way up counts too, since `scaffold init` makes one.
    Raises PlatformNotFoundError.
    """
    if given is not None:
        if (given / PLATFORM_FILE).is_file():
            return given.resolve()
        raise PlatformNotFoundError(
            f"there is no {PLATFORM_FILE} here" if given.is_dir() else "there is no such folder",
            where=str(given),
            hint="Name a checkout of the platform repo.",
        )
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
    """The platform as it was at one commit of main; in a dry run nothing of it is changed."""

    folder: Path
    url: str
    head: str
    model: Platform
    tree: Mapping[str, Entry]
    forge: Forge
    dry_run: bool = False

    @cached_property
    def catalog(self) -> Catalog:
        """The services."""
        return read_catalog(self.tree)

    def blueprint_url(self, name: str) -> str:
        """Where a blueprint of this name is. Raises BlueprintNotFoundError."""
        sources = {source.name: source.url for source in self.model.blueprints}
        if name not in sources:
            raise BlueprintNotFoundError(
                f"there is no blueprint `{name}`", hint=f"There are: {', '.join(sources)}"
            )
        return sources[name]

    def blueprint_repo(self, name: str) -> str:
        """The name of the repo on the forge that a blueprint of this name belongs in."""
        return f"{kind_of(self.model.forge.kind).blueprints}{name}"

    def service(self, name: str) -> Service | None:
        """The catalog's entry of a service, or None. Raises ConfigError where it is not valid."""
        entry = self.tree.get(catalog_path(name))
        return None if entry is None else read_entry(entry, name)

    def pending(self, service: str) -> MergeRequest | None:
        """The open merge request that the registration of a new service waits for, or None."""
        branch = registration_branch(service)
        return next((one for one in self._registrations() if one.branch == branch), None)

    def pending_services(self) -> dict[str, MergeRequest]:
        """All services that wait for their registration."""
        return {one.branch.removeprefix(REGISTRATION): one for one in self._registrations()}

    def _registrations(self) -> tuple[MergeRequest, ...]:
        return tuple(
            one
            for one in self.forge.merge_requests(PLATFORM_REPO, open_only=True)
            if one.branch.startswith(REGISTRATION)
        )


def open_platform(folder: Path) -> PlatformRepo:
    """Read the platform at the head of main of its forge. Raises ConfigError, ForgeError.

    What killed runs left in the temporary folder is removed.
    """
    scratch.clear_up()
    url = program.git("config", "remote.origin.url", cwd=folder, check=False).text.strip()
    if not url:
        raise ForgeError(
            "the platform's checkout has no remote `origin`",
            where=str(folder),
            hint="Clone the platform repo, or make one with `scaffold init`.",
        )
    _give_git_the_token(folder)
    head = branches.remote_head(url)
    if head is None:
        raise ForgeError("the platform repo has no branch `main`", where=url)
    clones.fetch_missing(folder, url, head, "refs/heads/main")
    tree = CommitTree(open_repo(folder), head, where=url)
    if PLATFORM_FILE not in tree:
        raise PlatformNotFoundError(f"has no {PLATFORM_FILE} at the head of main", where=url)
    model = parse_document(Platform, tree[PLATFORM_FILE].data, source=PLATFORM_FILE)
    return PlatformRepo(folder, url, head, model, tree, open_forge(model.forge))


def _give_git_the_token(folder: Path) -> None:
    """Main can't be read without it; which server it is for, the checkout tells as well as main.

    Raises ForgeError where there is no token. A file that is not valid is told of once main's is.
    """
    try:
        told = read_yaml((folder / PLATFORM_FILE).read_bytes(), source=PLATFORM_FILE)
        settings = _FORGE.validate_python(told["forge"])
    except (OSError, ConfigError, ValidationError, KeyError, TypeError):
        return
    open_forge(settings)
