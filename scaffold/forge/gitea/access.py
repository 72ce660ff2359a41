"""Who may do what on Gitea: teams, the protection of main, and what a token lacks."""

from typing import Any
from urllib.parse import quote

from scaffold.config.team import Role
from scaffold.errors import ForgeError
from scaffold.forge.api import Access
from scaffold.forge.gitea.client import GiteaApi
from scaffold.forge.making import bot_kept_out, make_once, no_bot
from scaffold.forge.rest import FORBIDDEN, INVALID, Call

_PERMISSIONS = {Role.READ_ONLY: "read", Role.DEVELOPER: "write", Role.ADMIN: "admin"}
_RISING = (Role.READ_ONLY, Role.DEVELOPER, Role.ADMIN)
_UNITS = ("repo.code", "repo.issues", "repo.pulls", "repo.releases", "repo.actions")
_MAIN = "main"
_ORG = "a token with the scope write:organization, of an owner of the organisation"
_ADMIN = "a token with the scope write:repository, of a user who administers the repo"


def grant_access(api: GiteaApi, repo: str, access: Access) -> None:
    """Give each group of `access` its highest permission on a repo. Raises ForgeError."""
    wanted = {name: _PERMISSIONS[role] for role in _RISING for name in access.get(role, ())}
    if not wanted:
        return
    teams = _teams(api)
    for name, permission in wanted.items():
        team = teams.get(name.lower()) or _make_team(api, name, permission)
        if (has := permission_of(team)) != permission:
            raise ForgeError(
                f"the team `{name}` has the permission `{has}`, where platform.yml gives it"
                f" `{permission}`",
                where=f"{api.group}/{repo}",
                hint="On Gitea a team has one permission for all of its repos: change the team's,"
                " or name another group in platform.yml.",
            )
        adding = Call(f"give the team `{name}` the repo `{repo}`", _ORG)
        api.send("PUT", f"/teams/{team['id']}/repos/{api.group}/{repo}", adding)


def permission_of(team: Any) -> str:
    """What a team may do with code; short of admin, Gitea tells it unit by unit."""
    permission = str(team["permission"])
    if permission in {"admin", "owner"}:
        return permission
    return str((team.get("units_map") or {}).get("repo.code", "none"))


def _teams(api: GiteaApi) -> dict[str, Any]:
    call = Call(f"read the teams of `{api.group}`", _ORG)
    return {team["name"].lower(): team for team in api.pages(f"/orgs/{api.group}/teams", call)}


def _make_team(api: GiteaApi, name: str, permission: str) -> Any:
    call = Call(f"make the team `{name}`", _ORG)
    body: dict[str, Any] = {
        "name": name,
        "permission": permission if permission == "admin" else "none",
        "includes_all_repositories": False,
        "can_create_org_repo": False,
    }
    if permission != "admin":
        body["units_map"] = dict.fromkeys(_UNITS, permission)
    return make_once(
        lambda: _teams(api).get(name.lower()),
        lambda: api.send("POST", f"/orgs/{api.group}/teams", call, json=body).data,
    )


def protect_main(api: GiteaApi, repo: str, bot: str) -> None:
    """Let only the admin teams of a repo, and the bot, push to main. Raises ForgeError.

    What else somebody has set up in the rule, such as approvals, stays.
    """
    call = Call(f"protect main of `{repo}`", _ADMIN)
    path = api.path(repo)
    if bot and not _is_user(api, bot):
        raise no_bot(bot, api.base)
    teams = [
        team["name"]
        for team in api.pages(f"{path}/teams", call)
        if team["permission"] in {"admin", "owner"}
    ]
    body = {
        "enable_push": True,
        "enable_push_whitelist": True,
        "push_whitelist_teams": teams,
        "push_whitelist_usernames": [bot] if bot else [],
    }
    rules = f"{path}/branch_protections"
    make_once(
        lambda: api.get(f"{rules}/{_MAIN}", call),
        lambda: api.send("POST", rules, call, json={"rule_name": _MAIN, **body}).data,
    )
    rule = api.send("PATCH", f"{rules}/{_MAIN}", call, json=body).data
    # Gitea leaves out, without a word, who may not write to the repo.
    if bot.lower() not in {"", *(name.lower() for name in rule["push_whitelist_usernames"])}:
        raise bot_kept_out(bot, repo, f"{api.group}/{repo}")


def _is_user(api: GiteaApi, name: str) -> bool:
    call = Call(f"look for the user `{name}`", "a token with the scope read:user")
    return api.get(f"/users/{quote(name)}", call) is not None


def check_rights(api: GiteaApi, bot: str) -> tuple[str, ...]:
    """What the token or its user lacks, a line each. Raises ForgeError where nothing is known.

    Gitea tells nobody the scopes of a token, but refuses for a missing one before it looks at what
    was sent: so an empty request, which can change nothing, is refused as not valid at best.
    """
    who = Call("ask who the token's user is", "a token with the scope read:user")
    user = api.send("GET", "/user", who).data["login"]
    organisation = api.get(
        f"/orgs/{api.group}", Call(f"look for `{api.group}`", "the scope read:organization")
    )
    if organisation is None:
        return (f"see the organisation `{api.group}`: make it, or make `{user}` a member",)
    lacks = []
    rights = api.get(f"/users/{user}/orgs/{api.group}/permissions", who) or {}
    if not (rights.get("can_create_repository") or rights.get("is_owner")):
        lacks.append(f"create repos in `{api.group}`: `{user}` must be in a team that may")
    if not rights.get("is_owner"):
        lacks.append(f"make teams in `{api.group}`: `{user}` must be an owner")
    for path, scope in (
        (f"/orgs/{api.group}/repos", "write:organization"),
        ("/repos/migrate", "write:repository"),
    ):
        call = Call("test the token", scope)
        if api.send("POST", path, call, json={}, fine=(FORBIDDEN, INVALID)).status == FORBIDDEN:
            lacks.append(f"write: the token needs the scope {scope}")
    if bot and not _is_user(api, bot):
        lacks.append(f"let the bot push: there is no user `{bot}`")
    return tuple(lacks)
