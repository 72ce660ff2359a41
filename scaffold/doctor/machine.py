"""What this machine has: git, who commits, the programs and schemas of the checks."""

import re
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from scaffold.checks.kustomize import renderer
from scaffold.checks.schemas import shipped_schemas, shipped_versions
from scaffold.checks.tools import (
    CHECKS_EXTRA,
    IMAGE_TOOLS,
    KUBECONFORM,
    KUSTOMIZE,
    TOOLS,
    Tool,
)
from scaffold.doctor.findings import Finding, failed, missing, well
from scaffold.errors import ProcessFailedError, ScaffoldError
from scaffold.git import program
from scaffold.process import find_program, run

_VERSION = re.compile(r"\bv?\d+\.\d+\S*")
_TIMEOUT = 60.0  # seconds that a program may take to say its version
_NAMES = {KUSTOMIZE.name: ("kustomize", "kubectl")}


def look_at_machine(*, versions: bool = True, images: bool = False) -> tuple[Finding, ...]:
    """Each program that commands use, several at a time; without `versions` none but git starts.

    With `images` also what scans and signs them.
    """
    tools = (*TOOLS, *IMAGE_TOOLS) if images else TOOLS
    looks: list[Callable[[], Iterable[Finding]]] = [
        _git,
        *((lambda tool=tool: [_look_at(tool, versions=versions)]) for tool in tools),
        _schemas,
    ]
    with ThreadPoolExecutor() as pool:
        return tuple(one for found in pool.map(lambda look: look(), looks) for one in found)


def _git() -> list[Finding]:
    try:
        found = [well("git", _version_in(program.git("--version").text))]
    except ScaffoldError as error:
        return [failed("git", error)]
    name = "commits as"
    try:
        who = program.identity()
    except ScaffoldError as error:
        return [*found, failed(name, error)]
    return [*found, well(name, f"{who.name} <{who.email}>")]


def _look_at(tool: Tool, *, versions: bool) -> Finding:
    found = find_program(*_NAMES.get(tool.name, (tool.name,)))
    if found is None:
        return missing(tool.name, f"not installed; it checks {tool.checks}", tool.how)
    if not versions:
        return well(tool.name, found)
    try:
        return well(tool.name, _version_of(tool, found))
    except ScaffoldError as error:
        return failed(tool.name, error, tool.how)


def _version_of(tool: Tool, path: str) -> str:
    """What a program says of its version. Raises ToolMissingError, ProcessFailedError."""
    if tool is KUSTOMIZE:
        return _version_in(renderer())
    done = run([path, *tool.version], timeout=_TIMEOUT)
    if done.status != 0:
        raise ProcessFailedError("tells no version", where=path, details=done.last_lines)
    return _version_in(done.text)


def _version_in(text: str) -> str:
    """The first version in a text; its first line where it has none."""
    found = _VERSION.search(text)
    return found.group() if found else text.strip().partition("\n")[0]


def _schemas() -> list[Finding]:
    shipped = shipped_schemas()
    known = [] if shipped is None else shipped_versions(shipped)
    if not known:
        lacks = f"not installed; {KUBECONFORM.name} checks objects against them"
        return [missing("schemas", lacks, CHECKS_EXTRA)]
    return [well("schemas", f"Kubernetes {known[0]} to {known[-1]}")]
