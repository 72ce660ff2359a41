"""`scaffold init` on a server: check first, say what would be created, then create it.

Everything is looked up before it is created, so a run that failed is finished by running it again.
"""

from dataclasses import dataclass
from pathlib import Path

from scaffold.config.forge import kind_of
from scaffold.config.forges.server import ServerForge
from scaffold.config.platform import PLATFORM_REPO
from scaffold.config.team import Role
from scaffold.documents.outputs import BlueprintRef
from scaffold.errors import ForgeError, UsageError
from scaffold.forge.api import Forge
from scaffold.forge.registry import open_forge
from scaffold.git import branches, clones, program, transport
from scaffold.git.scratch import scratch_folder
from scaffold.git.tree import Tree, init_bare, make_commit
from scaffold.render.source import shipped_blueprints, shipped_names
from scaffold.service.init import FIRST_VERSION, Initialised, check_names, released_files
from scaffold.service.start import PlatformStart, platform_tree


@dataclass(frozen=True)
class ServerInit:
    """The plan of init; nothing is created yet. `blueprints` maps their repos to their folders."""

    checkout: Path
    start: PlatformStart
    settings: ServerForge
    forge: Forge
    blueprints: dict[str, Path]

    @property
    def calls(self) -> tuple[str, ...]:
        """The actions of the plan, a line each."""
        group = f"{self.settings.url}/{self.settings.group}"
        repos = [*self.blueprints, PLATFORM_REPO]
        return (
            *(f"create the repo {repo} in {group} and push to its main" for repo in repos),
            *(f"grant {repo} to the team {self.start.team} and protect its main" for repo in repos),
            f"clone {PLATFORM_REPO} to {self.checkout}",
        )


def plan_server_init(folder: Path, start: PlatformStart, settings: ServerForge) -> ServerInit:
    """Test the connection and the token's rights, and create nothing.

    Raises UsageError for an invalid name or an existing folder, ForgeError where the token lacks
    rights, or the group has a platform already.
    """
    check_names(start)
    checkout = folder.resolve() / "platform"
    if checkout.exists():
        raise UsageError("is there already", where=str(checkout), hint="Name another folder.")
    program.identity()
    forge = open_forge(settings)
    if lacks := forge.check():
        raise ForgeError(
            "the token can't do what scaffold will have to",
            where=settings.url,
            details=list(lacks),
            hint="Grant what is named above, or set another token, and run this again.",
        )
    url = forge.url(PLATFORM_REPO)
    if forge.find(PLATFORM_REPO) and branches.remote_head(url):
        raise UsageError(
            "there is a platform in this group already",
            where=settings.group,
            hint=f"Work on it: git clone {url}",
        )
    start_of_name = kind_of(settings.kind).blueprints
    blueprints = {f"{start_of_name}{name}": shipped_blueprints() / name for name in shipped_names()}
    return ServerInit(checkout, start, settings, forge, blueprints)


def make_on_server(plan: ServerInit) -> Initialised:
    """Create what was planned. Raises ForgeError; the next run uses what was created until then.

    The platform comes last, and its checkout last of all: once that exists, everything does.
    """
    forge, start = plan.forge, plan.start
    access = {role: start.groups[role.value] for role in Role}
    blueprints = tuple(_release(forge, repo, path) for repo, path in plan.blueprints.items())
    for repo in plan.blueprints:
        forge.grant(repo, access)
        forge.protect(repo)
    forge.create(PLATFORM_REPO, description=f"The platform of {start.name}")
    forge.grant(PLATFORM_REPO, access)
    forge_settings = plan.settings.model_dump(mode="json", exclude_defaults=True)
    tree = platform_tree(
        start, forge_settings, {blueprint.name: blueprint.url for blueprint in blueprints}
    )
    _push(forge.url(PLATFORM_REPO), tree, "Start the platform")
    forge.protect(PLATFORM_REPO)
    clones.clone(forge.url(PLATFORM_REPO), plan.checkout)
    return Initialised(
        plan.checkout, f"{plan.settings.url}/{plan.settings.group}", blueprints, plan.start.no_links
    )


def _release(forge: Forge, repo: str, folder: Path) -> BlueprintRef:
    """Push a blueprint and tag it, unless an earlier run did."""
    forge.create(repo, description=f"The blueprint {folder.name}", topics=("scaffold",))
    url = forge.url(repo)
    tag = f"refs/tags/{FIRST_VERSION}"
    if branches.remote_head(url, fresh=True) is None:
        _push(url, released_files(folder), f"Release {FIRST_VERSION}", tag)
    elif not transport.reach(url, "ls-remote", operands=[tag]).text:
        raise ForgeError(
            f"the repo `{repo}` is there, but has no version {FIRST_VERSION}",
            where=url,
            hint="Delete the repo if nobody needs it, and run this again.",
        )
    return BlueprintRef(name=folder.name, url=url, version=FIRST_VERSION)


def _push(url: str, tree: Tree, message: str, tag: str = "") -> None:
    """Push a first commit, with its tag in the same step."""
    with scratch_folder() as scratch:
        folder = scratch / "store.git"
        commit = make_commit(init_bare(folder), tree, f"{message}\n", program.identity())
        refs = [f"{commit}:{ref}" for ref in filter(None, ("refs/heads/main", tag))]
        transport.reach(url, "push", "--atomic", operands=refs, cwd=folder, fresh=True)
