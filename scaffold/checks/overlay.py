"""One kustomize overlay: it builds, and what it builds to is what Kubernetes takes."""

from collections.abc import Mapping
from pathlib import Path

from scaffold.checks import kubeconform, kustomize
from scaffold.checks.report import Result, failed, not_run, passed
from scaffold.errors import ProcessFailedError, ToolMissingError


def check_overlay(
    folder: Path,
    target: str,
    *,
    kubernetes: str,
    schemas: Path,
    instead_of: Mapping[str, str],
) -> list[Result]:
    """Build `folder` and check its objects against a Kubernetes version.

    `schemas` is a folder with the schemas of custom kinds; `instead_of` is for kustomize, see
    there.
    """
    try:
        text = kustomize.build(folder, instead_of=instead_of)
    except ToolMissingError as error:
        why = f"{error}: {error.hint}"
        return [not_run("kustomize", target, why), not_run(kubeconform.NAME, target, why)]
    except ProcessFailedError as error:
        return [failed("kustomize", target, error.details or [str(error)])]
    if not text.strip():
        return [passed("kustomize", target, "builds to nothing: nothing was promoted here yet")]
    checked = kubeconform.check_objects(text, target, kubernetes=kubernetes, schemas=schemas)
    return [passed("kustomize", target), checked]
