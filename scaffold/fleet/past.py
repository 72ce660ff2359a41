"""What the platform repo once said of rights on the forge, along main's history.

So what scaffold gave, and nobody asks for any more, is known without a state of its own.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import pygit2
from pydantic import TypeAdapter, ValidationError
from pygit2.enums import DiffOption, SortMode

from scaffold.config.forge import ForgeSettings
from scaffold.config.forges.server import ServerForge
from scaffold.config.platform import PLATFORM_FILE
from scaffold.config.service import catalog_path
from scaffold.config.team import Role
from scaffold.config.yaml_reader import read_yaml
from scaffold.errors import ConfigError

_FORGE: TypeAdapter[ForgeSettings] = TypeAdapter(ForgeSettings)
_CATALOG = str(PurePosixPath(catalog_path("x")).parent)
Groups = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Past:
    """What was said at any commit of main, now or before.

    `groups` are, by service, those that had a role for it; `statuses`, by repo of a service, those
    that a merge needed; `webhooks` the addresses that were told what happens in its repos.
    """

    groups: Groups
    statuses: Mapping[str, frozenset[str]]
    webhooks: frozenset[str]


def read_past(repo: pygit2.Repository, head: str) -> Past:
    """Read what the platform repo said up to a commit.

    First parents alone are looked at: what a branch said, main never did. A file that can't be
    read says nothing; nor does what lies before a shallow clone begins.
    """
    found: dict[str, set[str]] = defaultdict(set)
    teams: Groups = {}
    owners: dict[str, str] = {}
    statuses: dict[str, frozenset[str]] = defaultdict(frozenset)
    webhooks: set[str] = set()
    platform, catalog = None, None
    for commit in reversed(list(_first_parents(repo, head))):
        touched: set[str] = set()
        now = _at(commit, PLATFORM_FILE)
        if isinstance(now, pygit2.Blob) and now.id != platform:
            told = _read(now)
            platform, teams = now.id, _teams(told)
            for repo_name, names in _required(told).items():
                statuses[repo_name] |= {*names}
            webhooks |= _webhook(told)
            touched |= owners.keys()
        services = _at(commit, _CATALOG)
        if isinstance(services, pygit2.Tree) and services.id != catalog:
            changed = _changed(repo, catalog, services)
            owners |= changed
            catalog = services.id
            touched |= changed.keys()
        for name in touched:
            found[name] |= teams.get(owners[name], frozenset())
    groups = {name: frozenset(some) for name, some in found.items()}
    return Past(groups, statuses, frozenset(webhooks))


def _first_parents(repo: pygit2.Repository, head: str) -> Iterator[pygit2.Commit]:
    walker = repo.walk(pygit2.Oid(hex=head), SortMode.TOPOLOGICAL)
    walker.simplify_first_parent()
    return iter(walker)


def _at(commit: pygit2.Commit, path: str) -> pygit2.Object | None:
    return commit.tree[path] if path in commit.tree else None  # noqa: SIM401 - no `get` there


def _changed(
    repo: pygit2.Repository, before: pygit2.Oid | None, after: pygit2.Tree
) -> dict[str, str]:
    """The owner of each service whose entry changed; one that is gone keeps the one it had."""
    flags = DiffOption.NORMAL
    if before is None:
        diff = after.diff_to_tree(flags=flags, swap=True)
    else:
        diff = repo[before].peel(pygit2.Tree).diff_to_tree(after, flags=flags)
    owners = {}
    for delta in diff.deltas:
        path = PurePosixPath(delta.new_file.path)
        if str(path) in after and isinstance(blob := after[str(path)], pygit2.Blob):
            owner = _read(blob).get("owner")
            if isinstance(owner, str):
                owners[path.stem] = owner
    return owners


def _required(platform: dict[str, Any]) -> Mapping[str, tuple[str, ...]]:
    """The statuses that a merge needed; none where the settings are none of today's."""
    try:
        settings = _FORGE.validate_python(platform.get("forge"))
    except ValidationError:
        return {}
    return settings.required if isinstance(settings, ServerForge) else {}


def _webhook(platform: dict[str, Any]) -> set[str]:
    forge = platform.get("forge")
    address = forge.get("webhook") if isinstance(forge, dict) else None
    return {address} if isinstance(address, str) and address else set()


def _teams(platform: dict[str, Any]) -> Groups:
    """The groups of each team, whatever their role."""
    found = {}
    for team in _dicts(platform.get("teams")):
        groups = team.get("groups")
        named = (groups.get(role.value) for role in Role) if isinstance(groups, dict) else ()
        flat = (group for some in named if isinstance(some, list) for group in some)
        found[str(team.get("name"))] = frozenset(group for group in flat if isinstance(group, str))
    return found


def _dicts(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _read(blob: pygit2.Blob) -> dict[str, Any]:
    try:
        told = read_yaml(blob.data, source=PLATFORM_FILE)
    except ConfigError:
        return {}
    return told if isinstance(told, dict) else {}
