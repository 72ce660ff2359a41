"""Answers that are a success and yet none: of a portal, a proxy or another kind of server."""

from collections.abc import Callable
from functools import wraps
from inspect import isfunction
from typing import Any, TypeVar

import requests

from scaffold.errors import ForgeError
from scaffold.forge.http import hidden

_Adapter = TypeVar("_Adapter", bound=type)
_NO_CONTENT = 204
# What it ends in to read an answer that has another shape than the server's API has.
_OTHER_SHAPE = (AttributeError, IndexError, KeyError, TypeError)
# What the calls of `Forge` do whose names do not say it; the rest is named by what it does.
_DOING = {
    "check": "ask what the token may do",
    "ci_names": "list what pipelines are given",
    "find": "look for the repo",
    "grant": "give roles",
    "held": "read the rights",
    "may_push": "ask who may push",
    "merge_requests": "list the merge requests",
    "merges_itself": "ask whether it merges itself",
    "protect": "protect main",
    "repos": "list the repos",
    "revoke": "take roles",
    "set_ci_value": "give a value to pipelines",
    "set_ci_value_above": "give a value to pipelines",
    "statuses": "read the statuses",
    "webhook": "set the webhook",
}


def nonsense(response: requests.Response) -> str:
    """What is wrong with a success that is not as an API has it; nothing where it is JSON.

    Only a status may say that there is no body.
    """
    if response.status_code == _NO_CONTENT:
        return ""
    try:
        response.json()
    except ValueError:
        if not response.content:
            return "it is empty"
        kind = response.headers.get("content-type", "of no known kind")
        return "it is broken JSON" if "json" in kind else f"it is {kind}"
    return ""


def no_sense(doing: str, problem: str, *, where: str, server: str, token: str = "") -> ForgeError:
    """What to tell about a success that makes no sense; `server` is the kind that is meant."""
    return ForgeError(
        f"can't {doing}: the answer makes no sense",
        where=where,
        hint=f"Is `forge.url` the address of a {server}, with nothing else in front of it?",
        details=[hidden(problem, token)],
    )


def tells_nonsense(server: str) -> Callable[[_Adapter], _Adapter]:
    """Have each call of an adapter tell of JSON that has another shape than its server's.

    Such an answer shows wherever it is read first.
    """

    def decorated(adapter: _Adapter) -> _Adapter:
        for name in dir(adapter):  # with what it inherits
            method = getattr(adapter, name)
            if isfunction(method) and not name.startswith("_"):
                setattr(adapter, name, _telling(name, method, server))
        return adapter

    return decorated


def _telling(name: str, method: Callable[..., Any], server: str) -> Callable[..., Any]:
    @wraps(method)
    def checked(forge: Any, *arguments: Any, **named: Any) -> Any:
        try:
            return method(forge, *arguments, **named)
        except _OTHER_SHAPE as error:
            problem = f"{type(error).__name__}: {error}"
            where = forge.url(arguments[0]) if arguments else ""
            doing = _DOING.get(name, name.replace("_", " "))
            raise no_sense(doing, problem, where=where, server=server) from error

    return checked
