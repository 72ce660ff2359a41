"""The statuses without which nothing is merged on Gitea: a part of the rule of main."""

from collections.abc import Collection
from typing import Any

from scaffold.forge.gitea.client import GiteaApi
from scaffold.forge.rest import Call

_ADMIN = "a token with the scope write:repository, of a user who administers the repo"
_ON, _NAMES = "enable_status_check", "status_check_contexts"


def require_statuses(
    api: GiteaApi, repo: str, statuses: Collection[str], former: Collection[str]
) -> None:
    """See `Forge.protect`: its rule is there. Raises ForgeError."""
    if not (statuses or former):
        return
    call = Call(f"set the statuses that a merge into main of `{repo}` needs", _ADMIN)
    path = f"{api.path(repo)}/branch_protections/main"
    has = required(api.send("GET", path, call).data)
    wanted = (has - frozenset(former)) | frozenset(statuses)
    if wanted != has:
        body = {_ON: bool(wanted), _NAMES: sorted(wanted)}
        api.send("PATCH", path, call, json=body)


def required(rule: Any) -> frozenset[str]:
    """The names that a rule asks for."""
    return frozenset(rule[_NAMES] or ()) if rule[_ON] else frozenset()
