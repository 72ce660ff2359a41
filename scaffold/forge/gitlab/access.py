"""Who may do what on GitLab: shares with groups, the protection of main, and what a token lacks."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from gitlab import Gitlab
from gitlab.const import AccessLevel
from gitlab.exceptions import GitlabError
from gitlab.v4.objects import CurrentUserManager, Project, ProjectProtectedBranch

from scaffold.config.platform import Role
from scaffold.errors import ForgeError
from scaffold.forge.api import Access
from scaffold.forge.gitlab.client import CONFLICT, GitlabApi, found
from scaffold.forge.making import bot_kept_out, make_once, no_bot
from scaffold.forge.rest import Call

_LEVELS = {
    Role.READ_ONLY: AccessLevel.REPORTER,
    Role.DEVELOPER: AccessLevel.DEVELOPER,
    Role.ADMIN: AccessLevel.MAINTAINER,
}
_RISING = (Role.READ_ONLY, Role.DEVELOPER, Role.ADMIN)
_MAIN = "main"
_ADMIN = "a token with the scope api, of a user with the role Maintainer"
_READ = "a token with the scope api or read_api"


def share_with_groups(api: GitlabApi, repo: str, access: Access) -> None:
    """Give each group of `access` its highest role for a repo. Raises ForgeError."""
    wanted = {path: _LEVELS[role] for role in _RISING for path in access.get(role, ())}
    if not wanted:
        return
    with api.asking(Call(f"read who may use `{repo}`", _ADMIN)):
        shares = api.client.projects.get(api.path(repo)).shared_with_groups
    project = api.project(repo)
    there = {one["group_full_path"].lower(): one for one in shares}
    for path, level in wanted.items():
        share = there.get(path.lower())
        if share is not None and share["group_access_level"] == level:
            continue
        _refuse_above(api, repo, path)
        group = _group(api, path)
        with api.asking(Call(f"share `{repo}` with the group `{path}`", _ADMIN)):
            if share is not None:  # a share can't be changed
                found(partial(project.unshare, group))
            _share(project, group, level)


def _refuse_above(api: GitlabApi, repo: str, path: str) -> None:
    if f"{api.path(repo)}/".lower().startswith(f"{path}/".lower()):
        raise ForgeError(
            f"the group `{path}` can't be given a role for `{repo}`, since the repo is in it",
            where=api.path(repo),
            hint="Its members have the roles that they have in the group. In platform.yml name"
            " other groups, such as groups below it.",
        )


def _group(api: GitlabApi, path: str) -> int:
    call = Call(f"look for the group `{path}`", f"{_READ}, of a user who sees the group")
    with api.asking(call):
        group = found(lambda: api.client.groups.get(path, with_projects=False))
    if group is None:
        raise ForgeError(
            f"there is no group `{path}`, or the token may not see it",
            where=api.client.url,
            hint="Groups in platform.yml have their full path, as in `acme/shop-devs`.",
        )
    return int(group.id)


def _share(project: Project, group: int, level: AccessLevel) -> None:
    try:
        project.share(group, level)
    except GitlabError as error:
        # The answer to an earlier try was lost.
        if error.response_code != CONFLICT or "already shared" not in str(error):
            raise


def protect_main(api: GitlabApi, repo: str, bot: str) -> None:
    """Let only maintainers, and the bot, push to main. Raises ForgeError.

    GitLab protects a default branch itself, some time after its first push, by what the group is
    set to. What is as strict as that stays as it is; a rule that lets developers push is replaced.
    """
    with api.asking(Call(f"protect main of `{repo}`", f"{_ADMIN}; the bot must be a member")):
        project = api.project(repo)
        if api.client.projects.get(api.path(repo)).default_branch not in {None, _MAIN}:
            api.client.projects.update(api.path(repo), {"default_branch": _MAIN})
        user = _extra_pusher(api, project, repo, bot)
        rule = _rule(project)
        if rule is not None and _developers_may_push(rule):
            found(lambda: project.protectedbranches.delete(_MAIN))
            rule = _new_rule(project, _merge_level(rule), user)
        elif rule is None:
            rule = _new_rule(project, _group_merge_level(api), user)
        if user is not None and not _may_push(rule, user):
            project.protectedbranches.update(_MAIN, {"allowed_to_push": [{"user_id": user}]})
            rule = _rule(project)
    if user is not None and not _may_push(rule, user):
        raise bot_kept_out(
            bot,
            repo,
            api.path(repo),
            "Without a Premium licence GitLab lets roles push, not users: give the bot the"
            f" role Maintainer in `{api.group}`.",
        )


def _extra_pusher(api: GitlabApi, project: Project, repo: str, bot: str) -> int | None:
    """The bot's id, unless its role lets it push anyway. Raises ForgeError for one with none."""
    if not bot:
        return None
    users = api.client.users.list(username=bot, get_all=True)
    if not users:
        raise no_bot(bot, api.client.url)
    user = int(users[0].id)
    members = project.members_all.list(query_parameters={"user_ids[]": [user]}, get_all=True)
    level = max((one.access_level for one in members), default=AccessLevel.NO_ACCESS)
    if level < AccessLevel.DEVELOPER:
        raise bot_kept_out(bot, repo, api.path(repo))
    return None if level >= AccessLevel.MAINTAINER else user


def _rule(project: Project) -> ProjectProtectedBranch | None:
    # By the list: of a repo just made, a 404 would be taken for one that is to come.
    rules = project.protectedbranches.list(iterator=True)
    return next((one for one in rules if one.name == _MAIN), None)


def _new_rule(project: Project, merge_level: int, user: int | None) -> ProjectProtectedBranch:
    asked: dict[str, Any] = {
        "name": _MAIN,
        "push_access_level": AccessLevel.MAINTAINER,
        "merge_access_level": merge_level,
        "allow_force_push": False,
    }
    if user is not None:
        asked["allowed_to_push"] = [{"user_id": user}]
    return make_once(
        lambda: _rule(project), lambda: project.protectedbranches.create(asked), GitlabError
    )


def _developers_may_push(rule: ProjectProtectedBranch) -> bool:
    return any(
        one["access_level"] is not None
        and AccessLevel.NO_ACCESS < one["access_level"] < AccessLevel.MAINTAINER
        for one in rule.push_access_levels
    )


def _merge_level(rule: ProjectProtectedBranch) -> int:
    return _lowest(rule.merge_access_levels)


def _group_merge_level(api: GitlabApi) -> int:
    """Who may merge by what the group is set to: so it is no matter who protects main first."""
    group = api.client.groups.get(api.group, with_projects=False)
    told = group.attributes.get("default_branch_protection_defaults") or {}  # since 17.0
    return _lowest(told.get("allowed_to_merge") or ())


def _lowest(levels: Iterable[Mapping[str, Any]]) -> int:
    """The lowest role of an access list; Maintainer, GitLab's own default, where it has none."""
    roles = (one["access_level"] for one in levels)
    return min((int(one) for one in roles if one), default=int(AccessLevel.MAINTAINER))


def _may_push(rule: ProjectProtectedBranch | None, user: int) -> bool:
    return rule is not None and any(one.get("user_id") == user for one in rule.push_access_levels)


def check_rights(api: GitlabApi, bot: str) -> tuple[str, ...]:
    """What the token or its user lacks, a line each. Raises ForgeError where nothing is known."""
    client = api.client
    with api.asking(Call("ask who the token's user is", "a token with the scope api")):
        user = CurrentUserManager(client).get()
        lacks = [] if _has_scope(client) else ["write: the token needs the scope api"]
        group = found(lambda: client.groups.get(api.group, with_projects=False))
        if group is None:
            line = f"see the group `{api.group}`: make it, or make `{user.username}` a member"
            return (*lacks, line)
        if not user.attributes.get("is_admin"):
            members = group.members_all.list(
                query_parameters={"user_ids[]": [user.id]}, get_all=True
            )
            level = max((one.access_level for one in members), default=0)
            lacks += _lacking(api.group, user.username, level, group.attributes)
        if bot and not client.users.list(username=bot, get_all=True):
            lacks.append(f"let the bot push: there is no user `{bot}`")
    return tuple(lacks)


def _has_scope(client: Gitlab) -> bool:
    """Whether the token may write; one that no person, project or group made does not tell."""
    try:
        return "api" in client.personal_access_tokens.get("self").scopes
    except GitlabError as error:
        if error.response_code in {400, 403, 404}:
            return True
        raise


def _lacking(path: str, name: str, level: int, group: dict[str, Any]) -> list[str]:
    lacks = []
    if level < AccessLevel.MAINTAINER:
        lacks.append(
            f"create, share and protect repos in `{path}`: `{name}` needs the role Maintainer"
        )
    elif group.get("project_creation_level") == "owner" and level < AccessLevel.OWNER:
        lacks.append(f"create repos in `{path}`: the group lets only owners do that")
    if level < AccessLevel.OWNER:
        lacks.append(f"archive and delete repos in `{path}`: `{name}` needs the role Owner")
    if group.get("share_with_group_lock"):
        lacks.append(f"give groups roles: `{path}` is set not to share its projects with groups")
    return lacks
