"""A published OpenAPI description, which the fake of a server is held to."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from openapi_schema_validator import OAS30Validator

_REFUSALS = 400


class Description:
    """What a server takes and answers, by method and path."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        self._told = told
        # Of paths that fit, the one with the most that is fixed comes first.
        templates = sorted(told["paths"], key=lambda one: one.count("{"))
        self._paths = [(_pattern(one), one) for one in templates]
        self._known: dict[tuple[str, ...], frozenset[str]] = {}

    def check_request(
        self, method: str, path: str, query: Mapping[str, list[str]], body: Any
    ) -> None:
        """Raise AssertionError where the server would not know what it is asked."""
        pointer, operation = self._operation(method, path)
        self._check_parameters(f"{method} {path}", pointer[1], operation, query)
        if body is None:
            assert not operation.get("requestBody", {}).get("required"), f"{method} {path}: no body"
            return
        assert "requestBody" in operation, f"{method} {path} takes no body"
        where = (*pointer, "requestBody", "content", "application/json", "schema")
        problems = list(self._problems(where, body))
        assert not problems, f"{method} {path}: {problems}"
        self._check_names(where, body)

    def _check_parameters(
        self, call: str, template: str, operation: Any, query: Mapping[str, list[str]]
    ) -> None:
        parameters = [self._resolved(one) for one in operation.get("parameters", [])]
        in_query = {one["name"]: one for one in parameters if one["in"] == "query"}
        assert set(query) <= set(in_query), f"{call} knows no {set(query) - set(in_query)}"
        missing = [name for name, one in in_query.items() if one.get("required")]
        assert set(missing) <= set(query), f"{call} lacks {set(missing) - set(query)}"
        found = _pattern(template).match(call.split()[1])
        in_path = dict(found.groupdict()) if found else {}
        for one in parameters:
            name, schema = one["name"], self._resolved(one.get("schema", {}))
            given = query.get(name) if one["in"] == "query" else [in_path[name]]
            if given is not None:
                problems = list(OAS30Validator(schema).iter_errors(_read(schema, given)))
                assert not problems, f"{call}: {name}: {[one.message[:300] for one in problems]}"

    def check_answer(self, method: str, path: str, status: int, body: Any) -> None:
        """Raise AssertionError where the server would not answer like that.

        Members may be left out, since a fake has only what is read; what it has must be right.
        Refusals are not held to it: no description has all of them.
        """
        if status >= _REFUSALS:
            return
        pointer, operation = self._operation(method, path)
        told = operation["responses"].get(str(status))
        assert told is not None, f"{method} {path} never answers {status}"
        if "$ref" in told:
            pointer = tuple(told["$ref"].removeprefix("#/").split("/"))
            told = self._resolved(told)
        else:
            pointer = (*pointer, "responses", str(status))
        if "content" not in told:
            return
        where = (*pointer, "content", "application/json", "schema")
        problems = list(self._problems(where, body, partial=True))
        assert not problems, f"{method} {path}: {problems}"
        self._check_names(where, body)

    def _operation(self, method: str, path: str) -> tuple[tuple[str, ...], Any]:
        for pattern, template in self._paths:
            if pattern.match(path) and method.lower() in self._told["paths"][template]:
                return (
                    ("paths", template, method.lower()),
                    self._told["paths"][template][method.lower()],
                )
        raise AssertionError(f"the server knows no {method} {path}")

    def _problems(
        self, where: tuple[str, ...], value: Any, *, partial: bool = False
    ) -> Iterator[str]:
        escaped = "/".join(one.replace("~", "~0").replace("/", "~1") for one in where)
        validator = OAS30Validator({**self._told, "$ref": f"#/{escaped}"})
        for error in validator.iter_errors(value):
            if not (partial and _only_missing(error)) and not _is_null(error):
                yield f"{error.json_path}: {error.message[:300]}"

    def _check_names(self, where: tuple[str, ...], value: Any) -> None:
        """Members that nobody knows are slips, though most schemas allow them."""
        one = value[0] if isinstance(value, list) and value else value
        if not isinstance(one, dict):
            return
        if where not in self._known:
            self._known[where] = frozenset(self._names(_at(self._told, where)))
        known = self._known[where]
        assert not known or set(one) <= known, f"{where[1]}: unknown {set(one) - known}"

    def _names(self, schema: Any) -> Iterator[str]:
        schema = self._resolved(schema)
        if "items" in schema:
            schema = self._resolved(schema["items"])
        yield from schema.get("properties", {})
        for key in ("allOf", "anyOf", "oneOf"):
            for one in schema.get(key, []):
                yield from self._names(one)

    def _resolved(self, one: Any) -> Any:
        while "$ref" in one:
            one = _at(self._told, tuple(one["$ref"].removeprefix("#/").split("/")))
        return one


def _at(told: Any, where: tuple[str, ...]) -> Any:
    for key in where:
        told = told[key]
    return told


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", template) + "$")


def _read(schema: Mapping[str, Any], given: list[str]) -> Any:
    """What text in a URL stands for; text that stands for nothing of the kind stays as it is."""
    kind, text = schema.get("type"), given[0]
    if kind == "array":
        parts = given if len(given) > 1 else text.split(",")
        return [_read(schema["items"], [one]) for one in parts]
    if kind == "boolean":
        return {"true": True, "false": False}.get(text, text)
    return int(text) if kind == "integer" and text.isdecimal() else text


def _only_missing(error: Any) -> bool:
    if error.validator == "required":
        return True
    return bool(error.context) and any(
        all(_only_missing(one) for one in error.context if one.schema_path[0] == branch)
        for branch in {one.schema_path[0] for one in error.context}
    )


def _is_null(error: Any) -> bool:
    """Whether it is about null where that is among no enum's values, and yet is meant."""
    return error.validator == "enum" and error.instance is None and error.schema.get("nullable")


@cache
def description(file: Path) -> Description:
    """The description in a file, read once."""
    return Description(json.loads(file.read_text(encoding="utf-8")))
