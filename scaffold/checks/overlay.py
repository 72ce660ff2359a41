"""One kustomize overlay: whether it builds, and whether Kubernetes accepts the result."""

import re
from collections.abc import Iterator
from typing import Any

from scaffold.checks import kubeconform, kustomize
from scaffold.checks.registry import Subject
from scaffold.checks.report import Result, failed, not_run, passed
from scaffold.config.platform_kinds import PLATFORM_KINDS, is_the_platforms
from scaffold.config.yaml_reader import read_documents
from scaffold.errors import ConfigError, ProcessFailedError, ToolMissingError

_THEIRS = "platform-kinds"
_HINT = (
    "They are made from platform.yml, and applied by the platform repo's pipeline: take them out."
)
# A quick test, as most overlays have none and need not be parsed.
_WORTH_READING = re.compile(rf"\b(?:{'|'.join(PLATFORM_KINDS)})\b")


def check_overlay(subject: Subject, target: str) -> list[Result]:
    """Build the folder of a kustomization and check its objects against Kubernetes."""
    results, _ = _checked(subject, target)
    return results


def check_service_overlay(subject: Subject, target: str) -> list[Result]:
    """The same for a service's repo, which may have no objects that are the platform's."""
    results, text = _checked(subject, target)
    try:
        found = list(_the_platforms(text))
    except ConfigError as error:
        found = []
        results.append(failed(_THEIRS, results[0].target, [str(error)]))
    if found:
        lines = [f"{name}: namespaces, quotas and roles are the platform's" for name in found]
        results.append(failed(_THEIRS, results[0].target, [*lines, _HINT]))
    return results


def _checked(subject: Subject, target: str) -> tuple[list[Result], str]:
    """The results, and the objects; none where it does not build."""
    folder = (subject.path / target).parent
    shown = f"{subject.name}/{folder.relative_to(subject.path)}"
    try:
        text = kustomize.build(folder, repo=subject.path)
    except ToolMissingError as error:
        why = f"{error}: {error.hint}"
        return [not_run("kustomize", shown, why), not_run(kubeconform.NAME, shown, why)], ""
    except ProcessFailedError as error:
        return [failed("kustomize", shown, error.details or [str(error)])], ""
    if not text.strip():
        empty = "builds to nothing: nothing was promoted here yet"
        return [passed("kustomize", shown, empty)], ""
    checked = kubeconform.check_objects(
        text, shown, kubernetes=subject.kubernetes, schemas=subject.schemas
    )
    return [passed("kustomize", shown), checked], text


def _the_platforms(text: str) -> Iterator[str]:
    """The objects that a service's repo may not have, by kind and name."""
    if not _WORTH_READING.search(text):
        return
    for item in read_documents(text, source="kustomize build"):
        yield from _named(item)


def _named(item: Any) -> Iterator[str]:
    if not isinstance(item, dict):
        return
    if is_the_platforms(item.get("apiVersion", ""), item.get("kind")):
        yield f"{item['kind']} {item.get('metadata', {}).get('name', '')}".rstrip()
