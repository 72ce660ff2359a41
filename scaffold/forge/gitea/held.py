"""Who holds what for a repo on Gitea, and how it is taken from teams."""

from collections.abc import Sequence
from typing import Any

from scaffold.config.team import Role
from scaffold.forge.api import Held
from scaffold.forge.gitea.access import permission_of
from scaffold.forge.gitea.client import GiteaApi
from scaffold.forge.gitea.required import required
from scaffold.forge.rest import NOT_FOUND, Call

_ROLES = {"read": Role.READ_ONLY, "write": Role.DEVELOPER, "admin": Role.ADMIN}
_ADMIN = "a token with the scope read:repository, of a user who administers the repo"
_ORG = "a token with the scope write:organization, of an owner of the organisation"
_MAIN = "main"


def read_held(api: GiteaApi, repo: str, groups: Sequence[str], bot: str) -> Held:
    """See `Forge.held`. Raises ForgeError."""
    path, call = api.path(repo), Call(f"read the rights to `{repo}`", _ADMIN)
    seen = api.send("GET", path, call)
    if not seen.data["permissions"]["admin"]:  # whose lists are empty then
        raise api.refused(seen, call)
    teams = _teams(api, repo, call)
    hooks = api.pages(f"{path}/hooks", call)
    rules = [one for one in api.pages(f"{path}/branch_protections", call)
             if one["rule_name"] == _MAIN]  # fmt: skip
    return Held(
        {
            group: _ROLES.get(permission_of(teams[group.lower()]))
            for group in groups
            if group.lower() in teams
        },
        any(_is_ours(rule, teams, bot) for rule in rules),
        frozenset(name for rule in rules for name in required(rule)),
        frozenset(hook["config"].get("url", "") for hook in hooks if hook["active"]),
    )


def _teams(api: GiteaApi, repo: str, call: Call) -> dict[str, Any]:
    return {team["name"].lower(): team for team in api.pages(f"{api.path(repo)}/teams", call)}


def _is_ours(rule: Any, teams: dict[str, Any], bot: str) -> bool:
    """Whether a rule lets the admins and the bot push, and no team beside them."""
    if not (rule["enable_push"] and rule["enable_push_whitelist"]):
        return not rule["enable_push"] and not bot
    pushers = {name.lower() for name in rule["push_whitelist_teams"]} & teams.keys()
    admins = {name for name, team in teams.items() if team["permission"] in {"admin", "owner"}}
    users = {name.lower() for name in rule["push_whitelist_usernames"]}
    return pushers == admins and users == {bot.lower()} - {""}


def take_from_teams(api: GiteaApi, repo: str, groups: Sequence[str]) -> None:
    """See `Forge.revoke`. Raises ForgeError."""
    teams = _teams(api, repo, Call(f"read the teams of `{repo}`", _ADMIN))
    for group in groups:
        if team := teams.get(group.lower()):
            call = Call(f"take the repo `{repo}` from the team `{group}`", _ORG)
            path = f"/teams/{team['id']}/repos/{api.group}/{repo}"
            api.send("DELETE", path, call, fine=(NOT_FOUND,))
