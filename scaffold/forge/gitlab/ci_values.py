"""What the jobs of a repo are given on GitLab: setting CI/CD variables."""

import re
from collections.abc import Sequence

from scaffold.config.ci_values import CiKind
from scaffold.errors import ForgeError
from scaffold.forge.api import CiValue
from scaffold.forge.gitlab.client import GitlabApi
from scaffold.forge.rest import FORBIDDEN, NOT_FOUND, Call

_REPO = "a token with the scope api, of a user with the role Maintainer"
_GROUP = "a token with the scope api, of a user with the role Owner in the group"
_INVALID = 400
# https://docs.gitlab.com/ci/variables/#mask-a-cicd-variable
_MASKABLE = re.compile(r"\S{8,}")


def set_of_repo(api: GitlabApi, repo: str, value: CiValue) -> None:
    """See `Forge.set_ci_value`. Raises ForgeError."""
    call = Call(f"set the {value.kind} {value.name}", _REPO)
    _set(api, f"{api.path(repo)}/variables", value, call, (), scope=value.environment or "*")


def set_above(
    api: GitlabApi,
    repos: Sequence[str],  # noqa: ARG001 - all are in the group
    value: CiValue,
) -> bool:
    """See `Forge.set_ci_value_above`. Raises ForgeError."""
    call = Call(f"set the {value.kind} {value.name}", _GROUP)
    place = f"{api.group_path(api.group)}/variables"
    return _set(api, place, value, call, (FORBIDDEN, NOT_FOUND))


def _set(
    api: GitlabApi,
    place: str,
    value: CiValue,
    call: Call,
    fine: tuple[int, ...],
    scope: str = "*",
) -> bool:
    is_secret = value.kind is CiKind.SECRET
    if is_secret and not _MASKABLE.fullmatch(value.value):
        raise ForgeError(
            f"can't {call.doing}: GitLab could not mask it in logs",
            hint="It masks values of 8 characters or more on one line, without blanks. A longer"
            " text is of the kind `file`.",
        )
    body = {
        "value": value.value,
        "variable_type": "file" if value.kind is CiKind.FILE else "env_var",
        "masked": is_secret,
        "protected": value.protected,
        "raw": True,  # a `$` in it names no other variable
    }
    # Of a group a scope is for those with Premium, so it is not named there.
    new = {"key": value.name, **({} if scope == "*" else {"environment_scope": scope})}
    made = api.send("POST", place, call, json=body | new, fine=(*fine, _INVALID))
    if made.status != _INVALID:
        return made.ok
    if "already been taken" not in made.words:
        raise api.refused(made, call)
    query = {"filter[environment_scope]": scope}
    return api.send("PUT", f"{place}/{value.name}", call, json=body, query=query, fine=fine).ok
