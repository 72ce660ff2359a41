"""Who may do what on GitHub: teams, the ruleset of main, and what a token lacks."""

import re
from typing import Any
from urllib.parse import quote

from scaffold.config.team import Role
from scaffold.forge.api import Access
from scaffold.forge.github.client import GithubApi
from scaffold.forge.making import bot_kept_out, make_once, no_bot
from scaffold.forge.rest import FORBIDDEN, NOT_FOUND, Answer, Call

_PERMISSIONS = {Role.READ_ONLY: "pull", Role.DEVELOPER: "push", Role.ADMIN: "admin"}
_RISING = (Role.READ_ONLY, Role.DEVELOPER, Role.ADMIN)
_ORG = "a token with the scopes repo and admin:org, of a user who may make teams"
_ADMIN = (
    "a token with the scope repo, of a user who administers the repo; rules for private repos take"
    " the Team plan"
)
_SEES = "a token with the scope repo, of a user who sees the repo"
_MAIN, _RULESET = "main", "scaffold: main"
_MADE_BY_US = "Made by scaffold, for what platform.yml gives it"
_ADMIN_ROLE = 5  # the number that GitHub has for the role admin of a repo
_APP = "[bot]"  # ends the user name of an app
_NOT_IN_SLUGS = re.compile(r"[^a-z0-9_-]+")
_SCOPES = {
    "repo": "create, protect and write to repos",
    "workflow": "push the workflows of CI",
    "admin:org": "make teams and give them repos",
}
# Rules by which a change of a branch takes more than a push, and those that a push on top obeys:
# https://docs.github.com/en/rest/repos/rules
_NO_PUSH = frozenset({"pull_request", "update", "merge_queue", "required_status_checks"})
_FINE = frozenset({"creation", "deletion", "non_fast_forward"})
_BYPASSED = frozenset({"always", "exempt"})
# https://docs.github.com/en/graphql/reference/objects#refupdaterule
_PROTECTION = """
query ($owner: String!, $name: String!, $ref: String!) {
  repository(owner: $owner, name: $name) {
    ref(qualifiedName: $ref) { refUpdateRule { viewerCanPush } }
  }
}
"""
_RULES: list[dict[str, Any]] = [
    {
        "type": "pull_request",
        "parameters": {
            "required_approving_review_count": 0,
            "dismiss_stale_reviews_on_push": False,
            "require_code_owner_review": False,
            "require_last_push_approval": False,
            "required_review_thread_resolution": False,
        },
    },
    {"type": "non_fast_forward"},
    {"type": "deletion"},
]


def give_to_teams(api: GithubApi, repo: str, access: Access) -> None:
    """Give each group of `access` its highest permission on a repo. Raises ForgeError."""
    wanted = {slug_of(name): (name, _PERMISSIONS[r]) for r in _RISING for name in access.get(r, ())}
    if not wanted:
        return
    call = Call(f"read the teams of `{repo}`", _ADMIN)
    has = {team["slug"]: team["permission"] for team in api.pages(f"{api.path(repo)}/teams", call)}
    for slug, (name, permission) in wanted.items():
        if has.get(slug) == permission:
            continue
        call = Call(f"give the team `{name}` the repo `{repo}`", _ORG)
        _make_team(api, slug, name, call)
        path = f"/orgs/{api.group}/teams/{slug}{api.path(repo)}"
        api.send("PUT", path, call, json={"permission": permission})


def slug_of(name: str) -> str:
    """How GitHub names a team in addresses."""
    return _NOT_IN_SLUGS.sub("-", name.lower()).strip("-")


def _make_team(api: GithubApi, slug: str, name: str, call: Call) -> None:
    """See that there is a team; one that is made has no members.

    GitHub makes who makes a team its maintainer. A run may be killed before that is undone, so a
    team of ours that has no repo yet is looked at again.
    """
    teams = f"/orgs/{api.group}/teams"
    body = {"name": name, "privacy": "closed", "description": _MADE_BY_US}
    team = make_once(
        lambda: api.get(f"{teams}/{slug}", call),
        lambda: api.send("POST", teams, call, json=body).data,
    )
    is_new = team.get("description") == _MADE_BY_US and not team.get("repos_count")
    if is_new and (user := _login(_user(api, call))):
        path = f"{teams}/{slug}/memberships/{user}"
        api.send("DELETE", path, call, fine=(NOT_FOUND,))


def protect_main(api: GithubApi, repo: str, bot: str) -> None:
    """Let only admins and the bot push to main but by pull requests. Raises ForgeError.

    Of a ruleset of ours that is there only who gets past it is set: its rules may be changed.
    """
    repo_path = api.path(repo)
    rulesets, call = f"{repo_path}/rulesets", Call(f"protect main of `{repo}`", _ADMIN)
    if api.send("GET", repo_path, call).data["default_branch"] != _MAIN:
        api.send("PATCH", repo_path, call, json={"default_branch": _MAIN})
    passes = [_passes("RepositoryRole", _ADMIN_ROLE), *_bot(api, bot, call)]
    number = make_once(
        lambda: _ruleset(api, rulesets, call),
        lambda: _make_ruleset(api, rulesets, passes, call),
    )
    actors = api.send("GET", f"{rulesets}/{number}", call).data["bypass_actors"]
    keys = {(actor["actor_type"], actor["actor_id"]) for actor in actors}
    missing = [actor for actor in passes if (actor["actor_type"], actor["actor_id"]) not in keys]
    if missing:
        body = {"bypass_actors": [*actors, *missing]}
        api.send("PUT", f"{rulesets}/{number}", call, json=body)
    if bot and not bot.endswith(_APP) and not _may_write(api, repo, bot, call):
        raise bot_kept_out(bot, repo, f"{api.group}/{repo}")


def _may_write(api: GithubApi, repo: str, user: str, call: Call) -> bool:
    """Whether a user may write to a repo: who gets past a ruleset is not thereby let in."""
    answer = api.get(f"{api.path(repo)}/collaborators/{user}/permission", call)
    return answer is not None and answer["permission"] in {"write", "admin"}


def _passes(kind: str, number: int) -> dict[str, Any]:
    return {"actor_type": kind, "actor_id": number, "bypass_mode": "always"}


def _bot(api: GithubApi, bot: str, call: Call) -> list[dict[str, Any]]:
    if not bot:
        return []
    path = f"/apps/{bot.removesuffix(_APP)}" if bot.endswith(_APP) else f"/users/{bot}"
    account = api.get(path, call)
    if account is None:
        raise no_bot(bot, api.base)
    return [_passes("Integration" if bot.endswith(_APP) else "User", account["id"])]


def our_ruleset(api: GithubApi, repo: str, call: Call) -> Any:
    """The ruleset that `protect_main` made, whole; None where there is none."""
    rulesets = f"{api.path(repo)}/rulesets"
    number = _ruleset(api, rulesets, call)
    return None if number is None else api.send("GET", f"{rulesets}/{number}", call).data


def _ruleset(api: GithubApi, rulesets: str, call: Call) -> int | None:
    known = api.pages(rulesets, call, {"includes_parents": "false"})
    return next((ruleset["id"] for ruleset in known if ruleset["name"] == _RULESET), None)


def _make_ruleset(api: GithubApi, rulesets: str, passes: list[dict[str, Any]], call: Call) -> int:
    body = {
        "name": _RULESET,
        "target": "branch",
        "enforcement": "active",
        "conditions": {"ref_name": {"include": [f"refs/heads/{_MAIN}"], "exclude": []}},
        "bypass_actors": passes,
        "rules": _RULES,
    }
    return int(api.send("POST", rulesets, call, json=body).data["id"])


def may_push(api: GithubApi, repo: str, branch: str) -> bool | None:
    """Whether the rules let this user push to a branch; None where they don't tell.

    Raises ForgeError.
    """
    repo_path, call = api.path(repo), Call(f"ask who may push to `{repo}`", _SEES)
    rights = api.send("GET", repo_path, call).data.get("permissions") or {}
    if rights.get("push") is False:
        return False
    rules = branch_rules(api, repo, branch, call)
    mine = {
        number: api.send("GET", f"{repo_path}/rulesets/{number}", call).data
        for number in {rule["ruleset_id"] for rule in rules}
    }
    held = {
        rule["type"]
        for rule in rules
        if mine[rule["ruleset_id"]].get("current_user_can_bypass") not in _BYPASSED
    }
    protected = _protection(api, repo, branch, call)
    if held & _NO_PUSH or protected is False:
        return False
    known = rights.get("push") is True and held <= _FINE and protected is None
    return True if known else None


def branch_rules(api: GithubApi, repo: str, branch: str, call: Call) -> list[Any]:
    """The rules of all rulesets that hold for a branch; none on a plan that has no rulesets."""
    path = f"{api.path(repo)}/rules/branches/{quote(branch, safe='')}"
    return list(api.pages(path, call, fine=(FORBIDDEN, NOT_FOUND)))


def _protection(api: GithubApi, repo: str, branch: str, call: Call) -> bool | None:
    """Whether a branch protection, of the older kind, lets this user push; None without one."""
    variables = {"owner": api.group, "name": repo, "ref": f"refs/heads/{branch}"}
    answer = api.graphql(_PROTECTION, variables, call)
    if not answer.ok:
        raise api.refused(answer, call)
    ref = answer.data["data"]["repository"]["ref"]
    rule = ref and ref["refUpdateRule"]
    return bool(rule["viewerCanPush"]) if rule else None


def check_rights(api: GithubApi, bot: str) -> tuple[str, ...]:
    """What the token or its user lacks, a line each. Raises ForgeError where nothing is known.

    A fine-grained or an app's token does not tell what it may do, so of those less is known.
    """
    call = Call("ask who the token's user is", "a token with the scope repo")
    user = _user(api, call)
    lacks = _lacking_scopes(user)
    organisation = api.get(f"/orgs/{api.group}", call)
    if organisation is None:
        return (*lacks, f"see the organisation `{api.group}`: make it, or become a member")
    if login := _login(user):
        lacks += _membership(api, login, organisation, call)
    if bot and not bot.endswith(_APP) and api.get(f"/users/{bot}", call) is None:
        lacks.append(f"let the bot push: there is no user `{bot}`")
    return tuple(lacks)


def _user(api: GithubApi, call: Call) -> Answer:
    """What GitHub tells of the token's user; it refuses to tell an app's token."""
    return api.send("GET", "/user", call, fine=(FORBIDDEN,))


def _login(user: Answer) -> str:
    """The user's name, empty for an app's token."""
    return str(user.data["login"]) if user.ok else ""


def _lacking_scopes(user: Answer) -> list[str]:
    """What a classic token may not do; others have no scopes."""
    if not user.ok or "x-oauth-scopes" not in user.headers:
        return []
    has = {scope.strip() for scope in user.headers["x-oauth-scopes"].split(",")}
    return [f"{what}: the token needs the scope {s}" for s, what in _SCOPES.items() if s not in has]


def _membership(api: GithubApi, user: str, organisation: Any, call: Call) -> list[str]:
    group = api.group
    path = f"/user/memberships/orgs/{group}"
    answer = api.send("GET", path, call, fine=(FORBIDDEN, NOT_FOUND))
    if answer.status == NOT_FOUND:
        return [f"create repos in `{group}`: `{user}` is no member"]
    if answer.status == FORBIDDEN:
        return [f"make teams in `{group}`: the token needs the permission Members, to write"]
    membership = answer.data
    if membership["state"] != "active":
        return [f"create repos in `{group}`: `{user}` has not taken the invitation yet"]
    if (
        membership["role"] != "admin"
        and organisation.get("members_can_create_repositories") is False
    ):
        return [f"create repos in `{group}`: only owners may, and `{user}` is none"]
    return []
