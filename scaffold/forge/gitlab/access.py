"""Who may do what on GitLab: shares with groups, the protection of main, and what a token lacks."""

from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import Any

from scaffold.config.team import Role
from scaffold.errors import ForgeError
from scaffold.forge.api import Access
from scaffold.forge.gitlab.client import NO_PROJECTS, GitlabApi
from scaffold.forge.making import bot_kept_out, make_once, no_bot
from scaffold.forge.rest import CONFLICT, FORBIDDEN, NOT_FOUND, Call


class _Level(IntEnum):
    """The roles of members: https://docs.gitlab.com/api/access_requests/#valid-access-levels ."""

    NO_ACCESS = 0
    REPORTER = 20
    DEVELOPER = 30
    MAINTAINER = 40
    OWNER = 50


_LEVELS = {
    Role.READ_ONLY: _Level.REPORTER,
    Role.DEVELOPER: _Level.DEVELOPER,
    Role.ADMIN: _Level.MAINTAINER,
}
ROLES: dict[int, Role] = {level: role for role, level in _LEVELS.items()}
_RISING = (Role.READ_ONLY, Role.DEVELOPER, Role.ADMIN)
_MAIN = "main"
_ADMIN = "a token with the scope api, of a user with the role Maintainer"
_READ = "a token with the scope api or read_api"
_TOKEN_TELLS_NOTHING = (400, FORBIDDEN, NOT_FOUND)


def share_with_groups(api: GitlabApi, repo: str, access: Access) -> None:
    """Give each group of `access` its highest role for a repo. Raises ForgeError."""
    wanted = {path: _LEVELS[role] for role in _RISING for path in access.get(role, ())}
    if not wanted:
        return
    project = api.path(repo)
    answer = api.send("GET", project, Call(f"read who may use `{repo}`", _ADMIN)).data
    shares = {share["group_full_path"].lower(): share for share in answer["shared_with_groups"]}
    for path, level in wanted.items():
        share = shares.get(path.lower())
        if share is not None and share["group_access_level"] == level:
            continue
        _refuse_above(api, repo, path)
        group = _group(api, path)
        call = Call(f"share `{repo}` with the group `{path}`", _ADMIN)
        if share is not None:  # a share can't be changed
            api.send("DELETE", f"{project}/share/{group}", call, fine=(NOT_FOUND,))
        body = {"group_id": group, "group_access": level}
        made = api.send("POST", f"{project}/share", call, json=body, fine=(CONFLICT,))
        # The answer to an earlier try was lost.
        if not made.ok and "already shared" not in made.words:
            raise api.refused(made, call)


def _refuse_above(api: GitlabApi, repo: str, path: str) -> None:
    where = api.full_path(repo)
    if f"{where}/".lower().startswith(f"{path}/".lower()):
        raise ForgeError(
            f"the group `{path}` can't be given a role for `{repo}`, since the repo is in it",
            where=where,
            hint="Its members have the roles that they have in the group. In platform.yml name"
            " other groups, such as groups below it.",
        )


def _group(api: GitlabApi, path: str) -> int:
    call = Call(f"look for the group `{path}`", f"{_READ}, of a user who sees the group")
    group = api.group_called(path, call)
    if group is None:
        raise ForgeError(
            f"there is no group `{path}`, or the token may not see it",
            where=api.base,
            hint="Groups in platform.yml have their full path, as in `acme/shop-devs`.",
        )
    return int(group["id"])


def protect_main(api: GitlabApi, repo: str, bot: str) -> None:
    """Let only maintainers, and the bot, push to main. Raises ForgeError.

    GitLab protects a default branch itself, some time after its first push, by what the group is
    set to. What is as strict as that stays as it is; a rule that lets developers push is replaced.
    """
    call = Call(f"protect main of `{repo}`", f"{_ADMIN}; the bot must be a member")
    project = api.path(repo)
    if api.send("GET", project, call).data["default_branch"] not in {None, _MAIN}:
        api.send("PUT", project, call, json={"default_branch": _MAIN})
    user = _extra_pusher(api, repo, bot, call)
    rules = f"{project}/protected_branches"
    rule = _rule(api, rules, call)
    if rule is not None and _developers_may_push(rule):
        api.send("DELETE", f"{rules}/{_MAIN}", call, fine=(NOT_FOUND,))
        rule = _new_rule(api, rules, call, _lowest(rule["merge_access_levels"]), user)
    elif rule is None:
        rule = _new_rule(api, rules, call, _group_merge_level(api, call), user)
    if user is not None and not _may_push(rule, user):
        body = {"allowed_to_push": [{"user_id": user}]}
        api.send("PATCH", f"{rules}/{_MAIN}", call, json=body)
        rule = _rule(api, rules, call)
    if user is not None and not _may_push(rule, user):
        raise bot_kept_out(
            bot,
            repo,
            api.full_path(repo),
            "Without a Premium licence GitLab lets roles push, not users: give the bot the"
            f" role Maintainer in `{api.group}`.",
        )


def _extra_pusher(api: GitlabApi, repo: str, bot: str, call: Call) -> int | None:
    """The bot's id, unless its role lets it push anyway. Raises ForgeError for one with none."""
    if not bot:
        return None
    user = _user(api, bot, call)
    if user is None:
        raise no_bot(bot, api.base)
    level = _level(api, api.path(repo), user, call)
    if level < _Level.DEVELOPER:
        raise bot_kept_out(bot, repo, api.full_path(repo))
    return None if level >= _Level.MAINTAINER else user


def _user(api: GitlabApi, name: str, call: Call) -> int | None:
    return next((int(user["id"]) for user in api.pages("/users", call, {"username": name})), None)


def _level(api: GitlabApi, path: str, user: int, call: Call) -> int:
    """The role of a user in a repo or a group, whichever way they have it."""
    members = api.pages(f"{path}/members/all", call, {"user_ids": user})
    return max((member["access_level"] for member in members), default=_Level.NO_ACCESS)


def _rule(api: GitlabApi, rules: str, call: Call) -> Any:
    # By the list: of a repo just made, a 404 would be taken for one that is to come.
    return next((rule for rule in api.pages(rules, call) if rule["name"] == _MAIN), None)


def _new_rule(api: GitlabApi, rules: str, call: Call, merge_level: int, user: int | None) -> Any:
    body: dict[str, Any] = {
        "name": _MAIN,
        "push_access_level": _Level.MAINTAINER,
        "merge_access_level": merge_level,
        "allow_force_push": False,
    }
    if user is not None:
        body["allowed_to_push"] = [{"user_id": user}]
    return make_once(
        lambda: _rule(api, rules, call),
        lambda: api.send("POST", rules, call, json=body).data,
    )


def is_protected(api: GitlabApi, repo: str, call: Call) -> bool:
    """Whether a rule keeps developers from pushing to main. Raises ForgeError."""
    rule = _rule(api, f"{api.path(repo)}/protected_branches", call)
    return rule is not None and not _developers_may_push(rule)


def _developers_may_push(rule: Any) -> bool:
    return any(
        level["access_level"] is not None
        and _Level.NO_ACCESS < level["access_level"] < _Level.MAINTAINER
        for level in rule["push_access_levels"]
    )


def _group_merge_level(api: GitlabApi, call: Call) -> int:
    """Who may merge by what the group is set to: so it is no matter who protects main first."""
    group = api.send("GET", api.group_path(api.group), call, query=NO_PROJECTS).data
    defaults = group.get("default_branch_protection_defaults") or {}  # since 17.0
    return _lowest(defaults.get("allowed_to_merge") or ())


def _lowest(levels: Iterable[Mapping[str, Any]]) -> int:
    """The lowest role of an access list; Maintainer, GitLab's own default, where it has none."""
    roles = (level["access_level"] for level in levels)
    return min((int(role) for role in roles if role), default=int(_Level.MAINTAINER))


def _may_push(rule: Any, user: int) -> bool:
    return rule is not None and any(
        level.get("user_id") == user for level in rule["push_access_levels"]
    )


def check_rights(api: GitlabApi, bot: str) -> tuple[str, ...]:
    """What the token or its user lacks, a line each. Raises ForgeError where nothing is known."""
    call = Call("ask who the token's user is", "a token with the scope api")
    user = api.send("GET", "/user", call).data
    name = user["username"]
    lacks = [] if _has_scope(api, call) else ["write: the token needs the scope api"]
    group = api.group_called(api.group, call)
    if group is None:
        return (*lacks, f"see the group `{api.group}`: make it, or make `{name}` a member")
    if not user.get("is_admin"):
        level = _level(api, api.group_path(api.group), user["id"], call)
        lacks += _lacking(api.group, name, level, group)
    if bot and _user(api, bot, call) is None:
        lacks.append(f"let the bot push: there is no user `{bot}`")
    return tuple(lacks)


def _has_scope(api: GitlabApi, call: Call) -> bool:
    """Whether the token may write; one that no person, project or group made does not tell."""
    path = "/personal_access_tokens/self"
    answer = api.send("GET", path, call, fine=_TOKEN_TELLS_NOTHING)
    return "api" in answer.data["scopes"] if answer.ok else True


def _lacking(path: str, name: str, level: int, group: Mapping[str, Any]) -> list[str]:
    lacks = []
    if level < _Level.MAINTAINER:
        lacks.append(
            f"create, share and protect repos in `{path}`: `{name}` needs the role Maintainer"
        )
    elif group.get("project_creation_level") == "owner" and level < _Level.OWNER:
        lacks.append(f"create repos in `{path}`: the group lets only owners do that")
    if level < _Level.OWNER:
        lacks.append(f"archive and delete repos in `{path}`: `{name}` needs the role Owner")
    if group.get("share_with_group_lock"):
        lacks.append(f"give groups roles: `{path}` is set not to share its projects with groups")
    return lacks
