"""What the jobs of a repo are given on Gitea: setting secrets and variables."""

from collections.abc import Sequence

from scaffold.config.ci_values import CiKind
from scaffold.errors import ForgeError
from scaffold.forge.api import CiValue
from scaffold.forge.gitea.client import GiteaApi
from scaffold.forge.rest import CONFLICT, FORBIDDEN, NOT_FOUND, Call

_REPO = "a token with the scope write:repository, of a user who administers the repo"
_ORG = "a token with the scope write:organization, of an owner of the organisation"


def set_of_repo(api: GiteaApi, repo: str, value: CiValue) -> None:
    """See `Forge.set_ci_value`. Raises ForgeError."""
    if value.environment:
        raise ForgeError(
            f"can't set the {value.kind} {value.name}: Gitea has no environments",
            where=repo,
            hint="In platform.yml let it be of no environment. One kubeconfig has a context for"
            " each of them.",
        )
    _set(api, api.path(repo), value, Call(f"set the {value.kind} {value.name}", _REPO), ())


def set_above(
    api: GiteaApi,
    repos: Sequence[str],  # noqa: ARG001 - the organisation gives it to all
    value: CiValue,
) -> bool:
    """See `Forge.set_ci_value_above`. Raises ForgeError."""
    call = Call(f"set the {value.kind} {value.name}", _ORG)
    return _set(api, f"/orgs/{api.group}", value, call, (FORBIDDEN, NOT_FOUND))


def _set(api: GiteaApi, place: str, value: CiValue, call: Call, fine: tuple[int, ...]) -> bool:
    if value.kind is not CiKind.VARIABLE:
        path, body = f"{place}/actions/secrets/{value.name}", {"data": value.value}
        return api.send("PUT", path, call, json=body, fine=fine, bare=True).ok
    path, body = f"{place}/actions/variables/{value.name}", {"value": value.value}
    made = api.send("POST", path, call, json=body, fine=(*fine, CONFLICT), bare=True)
    if made.status != CONFLICT:
        return made.ok
    return api.send("PUT", path, call, json=body, fine=fine, bare=True).ok
