"""Our table of GitLab's API (api.yml), as the OpenAPI description that the fake is held to."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.forge.openapi import Description

TABLE = Path(__file__).with_name("api.yml")
_PLAIN = {
    "text": {"type": "string"},
    "time": {"type": "string", "format": "date-time"},
    "number": {"type": "integer"},
    "flag": {"type": "boolean"},
}
_PAGED = {"page": "number", "per_page": list(range(1, 101))}


@cache
def description() -> Description:
    """What GitLab takes and answers, as far as scaffold uses it."""
    return Description(as_openapi(yaml.safe_load(TABLE.read_text(encoding="utf-8"))))


def as_openapi(table: Any) -> dict[str, Any]:
    """The table in the form of OpenAPI; what it does not have is refused everywhere."""
    paths: dict[str, dict[str, Any]] = {}
    for call, row in table["calls"].items():
        method, path = call.split()
        paths.setdefault(path, {})[method.lower()] = _operation(path, row)
    schemas = {name: _fields(row["fields"]) for name, row in table["things"].items()}
    return {"openapi": "3.0.0", "paths": paths, "components": {"schemas": schemas}}


def _operation(path: str, row: Any) -> dict[str, Any]:
    in_path = dict.fromkeys(re.findall(r"{(\w+)}", path), "text") | row.get("path", {})
    in_query = dict(row.get("query", {}))
    if in_query.pop("paged", False):
        in_query |= _PAGED
    parameters = [
        {"in": place, "name": name, "explode": False, "schema": _schema(kind)}
        for place, told in (("path", in_path), ("query", in_query))
        for name, kind in told.items()
    ]
    answers = {str(status): _content(kind) for status, kind in row["answers"].items()}
    operation = {"parameters": parameters, "responses": answers}
    if "body" in row:
        content = {"application/json": {"schema": (schema := _fields(row["body"]))}}
        operation["requestBody"] = {"required": "required" in schema, "content": content}
    return operation


def _content(kind: str) -> dict[str, Any]:
    return {} if kind == "nothing" else {"content": {"application/json": {"schema": _schema(kind)}}}


def _fields(told: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {name.removesuffix("!"): _schema(kind) for name, kind in told.items()},
        "additionalProperties": False,
        **({"required": must} if (must := [one[:-1] for one in told if one[-1] == "!"]) else {}),
    }


def _schema(kind: Any) -> dict[str, Any]:
    if isinstance(kind, list):
        return {"type": "integer" if isinstance(kind[0], int) else "string", "enum": kind}
    if kind.endswith(" or null"):
        return {**_PLAIN[kind.removesuffix(" or null")], "nullable": True}
    if kind.startswith("list of "):
        return {"type": "array", "items": _schema(kind.removeprefix("list of "))}
    return _PLAIN.get(kind) or {"$ref": f"#/components/schemas/{kind}"}
