"""The places in the template of what a check finds in rendered files."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from scaffold.authoring.kit import Paired
from scaffold.checks.report import Result
from scaffold.lint.trace import RenderedFile, trace

_LINE = re.compile(r":(?P<line>[0-9]+)\b")
_OBJECT = re.compile(r"(?P<kind>[A-Z]\w+) (?P<name>\S+): ")  # as kubeconform's findings begin
_MOST = 3  # of one check


def rendered_files(paired: Paired, scratch: Path) -> dict[str, RenderedFile]:
    """All files of the repos that know their templates, by `repo/path`."""
    files: dict[str, RenderedFile] = {}
    for repo, tree in paired.trees.items():
        answers = {**paired.answers, "repo": repo}
        traced = trace(paired.service.blueprint, answers, tree, scratch, trust=True)
        files |= {f"{repo}/{file.path}": file for file in traced}
    return files


def places(result: Result, files: Mapping[str, RenderedFile]) -> tuple[str, ...]:
    """Where to mend what a check finds, as `file:line` of the template; empty where nobody knows.

    A finding names a line of the file, or an object of Kubernetes; else it is the file as a whole.
    """
    found = dict.fromkeys(
        f"{path}:{line}"
        for detail in result.details
        for path, line in _places_of(detail, result.target, files)
    )
    if not found and (file := files.get(result.target)) is not None:
        path, line = file.origin(1)
        return (f"{path}:{line}",)
    return tuple(found)[:_MOST]


def _places_of(
    detail: str, target: str, files: Mapping[str, RenderedFile]
) -> Iterator[tuple[str, int]]:
    if (file := files.get(target)) is not None:
        if said := _LINE.search(detail):
            yield file.origin(int(said["line"]))
    elif (said := _OBJECT.match(detail)) is not None:
        repo = target.partition("/")[0]
        for path, rendered in files.items():
            if path.startswith(f"{repo}/") and (
                line := _line_of(rendered, said["kind"], said["name"])
            ):
                yield rendered.origin(line)


def _line_of(file: RenderedFile, kind: str, name: str) -> int | None:
    """The line that begins an object of a kind and a name, by its `kind:`; None where it is not."""
    at = None
    for number, line in enumerate((file.text or "").split("\n"), 1):
        if line == f"kind: {kind}":
            at = number
        elif line.startswith("---"):
            at = None
        elif at is not None and line.strip() == f"name: {name}":
            return at
    return None
