"""Which fields of an object a deploy changes, in words; pure."""

import json
from collections.abc import Iterator
from typing import Any

from scaffold.pipeline.deploy.objects import Json, content_of

_MOST = 3  # fields that are named
_LONGEST = 40  # characters of a value
_ABSENT = object()


def changed_fields(live: Json, after: Json) -> str:
    """The first fields that differ, with their values but in Secrets, and how many more there are.

    An item of a list is told by its name, where all have one, as Kubernetes merges such lists.
    """
    found = list(_differences(content_of(live), content_of(after), ""))
    secret = after["kind"] == "Secret"
    told = [
        path if secret else f"{path}: {_short(before)} -> {_short(then)}"
        for path, before, then in found[:_MOST]
    ]
    more = [f"{len(found) - _MOST} more"] if len(found) > _MOST else []
    return ", ".join([*told, *more])


def _differences(before: Any, then: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    if before == then:
        return
    if isinstance(before, dict) and isinstance(then, dict):
        for key in sorted({*before, *then}):
            inside = f"{path}.{key}" if path else str(key)
            yield from _differences(before.get(key, _ABSENT), then.get(key, _ABSENT), inside)
    elif (pair := _by_name(before, then)) is not None:
        for name in dict.fromkeys([*pair[0], *pair[1]]):
            mine, theirs = (side.get(name, _ABSENT) for side in pair)
            yield from _differences(mine, theirs, f"{path}[{name}]")
    else:
        yield path, before, then


def _by_name(before: Any, then: Any) -> tuple[Json, Json] | None:
    """The items of two lists by their names; None where some have none, or the same."""
    if not (isinstance(before, list) and isinstance(then, list)):
        return None
    if not all(isinstance(item, dict) and "name" in item for item in [*before, *then]):
        return None
    named = [{str(item["name"]): item for item in items} for items in (before, then)]
    same = [len(one) for one in named] == [len(before), len(then)]
    return (named[0], named[1]) if same else None


def _short(value: Any) -> str:
    if value is _ABSENT:
        return "none"
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
