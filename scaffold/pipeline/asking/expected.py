"""What an answer must be, and what is wrong with the one that came; pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from scaffold.config.json_reader import read_json
from scaffold.config.smokefile import Scalar
from scaffold.errors import ConfigError

_SHOWN = 200  # characters of an answer


@dataclass(frozen=True)
class Answer:
    """What came over HTTP; `trouble` says why nothing did, and is empty where something came."""

    status: int = 0
    body: bytes = b""
    trouble: str = ""


@dataclass(frozen=True)
class Expected:
    """What must come; a status of None stands for any of 2xx."""

    status: int | None = None
    text: str | None = None
    fields: Mapping[str, Scalar] = field(default_factory=dict)


def problem_with(answer: Answer, expected: Expected) -> str:
    """What came in place of what was expected; empty where it is as expected."""
    if answer.trouble:
        return answer.trouble
    text = answer.body.decode("utf-8", "replace")
    if not _fits(answer.status, expected.status):
        wanted = "2xx" if expected.status is None else expected.status
        return f"status {answer.status} came, {wanted} was expected; {_beginning(text)}"
    if expected.text is not None and expected.text not in text:
        return f"the text {expected.text!r} did not come; {_beginning(text)}"
    return _wrong_field(answer.body, text, expected.fields)


def _fits(came: int, expected: int | None) -> bool:
    return 200 <= came < 300 if expected is None else came == expected


def _wrong_field(body: bytes, text: str, fields: Mapping[str, Scalar]) -> str:
    if not fields:
        return ""
    try:
        loaded = read_json(body, source="the answer")
    except ConfigError as error:
        return f"JSON was expected, and the answer {error.what}; {_beginning(text)}"
    for path, wanted in fields.items():
        there, came = _look_up(loaded, path)
        if not there:
            return f"the field `{path}` did not come; {_beginning(text)}"
        if type(came) is not type(wanted) or came != wanted:
            shown = _short(json.dumps(came, ensure_ascii=False))
            expected = json.dumps(wanted, ensure_ascii=False)
            return f"the field `{path}` is {shown}, {expected} was expected"
    return ""


def _look_up(value: Any, path: str) -> tuple[bool, Any]:
    """Whether a field is there, and its value."""
    for part in path.split("."):
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            return False, None
    return True, value


def _beginning(text: str) -> str:
    if said := _of_the_api_server(text):
        return f"the API server says: {_short(said)}"
    line = " ".join(text.split())
    return f"the answer begins: {_short(line)}" if line else "the answer is empty"


def _of_the_api_server(text: str) -> str:
    """The message of a `Status`, by which the API server says that it got through to nobody."""
    try:
        loaded = read_json(text.encode(), source="the answer")
    except ConfigError:
        return ""
    is_status = isinstance(loaded, dict) and (loaded.get("kind"), loaded.get("apiVersion")) == (
        "Status",
        "v1",
    )
    return str(loaded.get("message") or "") if is_status else ""


def _short(text: str) -> str:
    shown = "".join(one if one.isprintable() else "?" for one in text[:_SHOWN])
    return f"{shown}..." if len(text) > _SHOWN else shown
