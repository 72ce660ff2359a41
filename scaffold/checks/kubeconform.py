"""kubeconform: every object against its schema, strictly, with schemas from disk.

A skipped object does not count as passed: an unknown kind fails, and so does a Kubernetes version
without schemas.
"""

import re
from pathlib import Path

from pydantic import BaseModel, ValidationError

from scaffold.checks.report import Result, failed, not_run, passed
from scaffold.checks.schemas import ready_schemas, shipped_schemas, shipped_versions
from scaffold.checks.tools import CHECKS_EXTRA, KUBECONFORM
from scaffold.process import find_program, run

NAME = "kubeconform"
_PREFIX = re.compile(
    r"problem validating schema\. Check JSON formatting: "
    r"jsonschema validation failed with '[^']*' *-? *"
)
_SCHEMAS_HINT = f"the Kubernetes schemas are not installed: {CHECKS_EXTRA}"


class _Resource(BaseModel):
    kind: str | None = None
    name: str | None = None
    status: str
    msg: str = ""


class _Summary(BaseModel):
    valid: int
    invalid: int
    errors: int
    skipped: int


class _Output(BaseModel):
    """What kubeconform prints with `-output json -summary`."""

    resources: tuple[_Resource, ...] | None = None
    summary: _Summary


def check_objects(text: str, target: str, *, kubernetes: str, schemas: Path) -> Result:
    """Check a multi-document text against a Kubernetes version, and custom kinds in `schemas`."""
    program = find_program("kubeconform")
    if program is None:
        return not_run(NAME, target, KUBECONFORM.missing)
    shipped = shipped_schemas()
    if shipped is None:
        return not_run(NAME, target, _SCHEMAS_HINT)
    source = shipped / f"v{kubernetes}.0-local-strict"
    if not source.is_dir():
        known = shipped_versions(shipped)
        return failed(
            NAME, target,
            [f"no schemas for Kubernetes {kubernetes} on disk; there are: {', '.join(known)}"],
        )  # fmt: skip
    strict = ready_schemas(source)
    custom = schemas / "{{.ResourceKind}}-{{.Group}}-{{.ResourceAPIVersion}}.json"
    done = run(
        [
            program, "-strict", "-summary", "-output", "json",
            "-schema-location", str(strict / "{{.ResourceKind}}{{.KindSuffix}}.json"),
            "-schema-location", str(custom), "-",
        ],
        stdin=text.encode(),
        timeout=120,
    )  # fmt: skip
    return _judge(done.text, target, done.last_lines)


def _judge(output: str, target: str, last_lines: list[str]) -> Result:
    try:
        parsed = _Output.model_validate_json(output)
    except ValidationError:
        return failed(NAME, target, last_lines or ["kubeconform said nothing"])
    summary = parsed.summary
    # kubeconform checks several objects in parallel, and prints each when it is done.
    problems = sorted(
        f"{resource.kind or 'object'} {resource.name or ''}: {_words(resource)}"
        for resource in parsed.resources or ()
        if resource.status != "statusValid"
    )
    if problems or summary.invalid or summary.errors or summary.skipped:
        return failed(NAME, target, problems or [f"not all objects passed: {summary}"])
    if not summary.valid:
        return failed(NAME, target, ["no object was checked"])
    return passed(NAME, target, f"{summary.valid} objects")


def _words(resource: _Resource) -> str:
    """The message of kubeconform, without the schema's address and the advice."""
    return _PREFIX.sub("", resource.msg or resource.status).strip()
