"""Who holds what for a project on GitLab, and how it is taken from groups."""

from collections.abc import Sequence
from typing import Any

from scaffold.forge.api import Held
from scaffold.forge.gitlab.access import ROLES, is_protected
from scaffold.forge.gitlab.client import GitlabApi
from scaffold.forge.gitlab.required import required
from scaffold.forge.rest import NOT_FOUND, Call

_ADMIN = "a token with the scope api, of a user with the role Maintainer"


def read_held(api: GitlabApi, repo: str, groups: Sequence[str]) -> Held:
    """See `Forge.held`. Raises ForgeError."""
    call = Call(f"read the rights to `{repo}`", _ADMIN)
    project = api.send("GET", api.path(repo), call).data
    shares = _shares(project)
    hooks = api.pages(f"{api.path(repo)}/hooks", call)
    return Held(
        {
            group: ROLES.get(shares[group.lower()]["group_access_level"])
            for group in groups
            if group.lower() in shares
        },
        is_protected(api, repo, call),
        required(project),
        frozenset(hook["url"] for hook in hooks),
    )


def take_from_groups(api: GitlabApi, repo: str, groups: Sequence[str]) -> None:
    """See `Forge.revoke`. Raises ForgeError."""
    read = Call(f"read who may use `{repo}`", _ADMIN)
    shares = _shares(api.send("GET", api.path(repo), read).data)
    for group in groups:
        if share := shares.get(group.lower()):
            call = Call(f"take `{repo}` from the group `{group}`", _ADMIN)
            path = f"{api.path(repo)}/share/{share['group_id']}"
            api.send("DELETE", path, call, fine=(NOT_FOUND,))


def _shares(project: Any) -> dict[str, Any]:
    """The groups that a project is shared with, by their full path in lower case."""
    return {share["group_full_path"].lower(): share for share in project["shared_with_groups"]}
