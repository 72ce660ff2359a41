"""What the jobs of a repo are given on GitHub: setting secrets and variables of Actions.

https://docs.github.com/en/rest/actions/secrets and https://docs.github.com/en/rest/actions/variables
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from scaffold.config.ci_values import CiKind
from scaffold.errors import ForgeError
from scaffold.forge.api import CiValue
from scaffold.forge.github.ci_names import environments_of
from scaffold.forge.github.client import GithubApi
from scaffold.forge.rest import CONFLICT, FORBIDDEN, NOT_FOUND, Call

_REPO = "a token with the scope repo, of a user who administers the repo"
_ORG = "a token with the scope admin:org, of an owner of the organisation"
_SELECTED = "selected"


def set_of_repo(api: GithubApi, repo: str, value: CiValue) -> None:
    """See `Forge.set_ci_value`. An environment that is not there is made. Raises ForgeError."""
    call, place = Call(f"set the {value.kind} {value.name}", _REPO), f"{api.path(repo)}/actions"
    if value.environment:
        place = f"{api.path(repo)}/environments/{quote(value.environment, safe='')}"
        if value.environment not in environments_of(api, repo, call):
            api.send("PUT", place, call)
    _set(api, place, value, call)


def set_above(api: GithubApi, repos: Sequence[str], value: CiValue) -> bool:
    """See `Forge.set_ci_value_above`. What it makes is for these repos alone. Raises ForgeError."""
    call, place = Call(f"set the {value.kind} {value.name}", _ORG), f"/orgs/{api.group}/actions"
    one = f"{place}/{_plural(value)}/{value.name}"
    there = api.send("GET", one, call, fine=(FORBIDDEN, NOT_FOUND))
    if there.status == FORBIDDEN:
        return False
    more: dict[str, Any] = {"visibility": there.data["visibility"] if there.ok else _SELECTED}
    if more["visibility"] == _SELECTED:
        has = api.pages(f"{one}/repositories", call, items="repositories") if there.ok else ()
        wanted = {repo["id"] for repo in has} | {_id(api, repo, call) for repo in repos}
        more["selected_repository_ids"] = sorted(wanted)
    return _set(api, place, value, call, more, fine=(FORBIDDEN, NOT_FOUND))


def _plural(value: CiValue) -> str:
    return "variables" if value.kind is CiKind.VARIABLE else "secrets"


def _id(api: GithubApi, repo: str, call: Call) -> int:
    return int(api.send("GET", api.path(repo), call).data["id"])


def _set(
    api: GithubApi,
    place: str,
    value: CiValue,
    call: Call,
    more: Mapping[str, Any] | None = None,
    fine: tuple[int, ...] = (),
) -> bool:
    path, body = f"{place}/{_plural(value)}", dict(more or {})
    if value.kind is CiKind.VARIABLE:
        body |= {"name": value.name, "value": value.value}
        made = api.send("POST", path, call, json=body, fine=(*fine, CONFLICT), bare=True)
        if made.status != CONFLICT:
            return made.ok
        return api.send("PATCH", f"{path}/{value.name}", call, json=body, fine=fine, bare=True).ok
    key = api.send("GET", f"{path}/public-key", call, fine=fine)
    if not key.ok:
        return False
    body |= {"key_id": key.data["key_id"], "encrypted_value": _sealed(key.data["key"], value)}
    return api.send("PUT", f"{path}/{value.name}", call, json=body, fine=fine, bare=True).ok


def _sealed(key: str, value: CiValue) -> str:
    """The value as only GitHub can read it, by its public key.

    https://docs.github.com/en/rest/guides/encrypting-secrets-for-the-rest-api
    """
    try:
        from nacl.encoding import Base64Encoder
        from nacl.public import PublicKey, SealedBox
    except ImportError as error:
        raise ForgeError(
            f"can't set the {value.kind} {value.name}: PyNaCl is not installed, which encrypts it",
            hint='Run: pip install "scaffold-blueprints[secrets]"',
        ) from error
    box = SealedBox(PublicKey(key.encode(), Base64Encoder))
    return bytes(box.encrypt(value.value.encode(), Base64Encoder)).decode()
