"""Changes of a service's entry in the catalog."""

from collections.abc import Mapping

import yaml

from scaffold.config.branches import PAUSE
from scaffold.config.policy import ServicePolicy
from scaffold.config.service import Service, catalog_path
from scaffold.fleet.catalog import read_entry
from scaffold.fleet.generated import with_service
from scaffold.fleet.platform import PlatformRepo
from scaffold.fleet.proposals import change_platform
from scaffold.forge.api import MergeRequest, Proposal
from scaffold.git.tree import Entry, Tree


def write_entry(service: Service) -> Entry:
    """The file of a service in the catalog."""
    left_out = {"policy"} if service.policy == ServicePolicy() else None
    told = service.model_dump(mode="json", by_alias=True, exclude=left_out)
    return Entry.file(yaml.safe_dump(told, sort_keys=False, allow_unicode=True).encode())


def set_paused(platform: PlatformRepo, name: str, *, paused: bool) -> MergeRequest | None:
    """Let the bot and the engines leave a service alone, or go on with it.

    Returns the merge request where the platform takes no push from this user. Raises UsageError
    for a service that is not there, ConfigError for one whose file is not valid.
    """
    path = catalog_path(platform.catalog.need(name).name)

    def change(tree: Mapping[str, Entry]) -> Tree:
        there = read_entry(tree[path], name)
        entry = write_entry(there.model_copy(update={"paused": paused}))
        return with_service({**tree, path: entry}, name)

    verb = "Pause" if paused else "Go on with"
    body = f"The bot {'leaves it alone' if paused else 'moves its pins again'}."
    proposal = Proposal(f"{verb} {name}", body)
    return change_platform(platform, change, f"{PAUSE}{name}", proposal)
