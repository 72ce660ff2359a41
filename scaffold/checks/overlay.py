"""One kustomize overlay: whether it builds, and whether Kubernetes accepts the result."""

from scaffold.checks import kubeconform, kustomize
from scaffold.checks.registry import Subject
from scaffold.checks.report import Result, failed, not_run, passed
from scaffold.errors import ProcessFailedError, ToolMissingError


def check_overlay(subject: Subject, target: str) -> list[Result]:
    """Build the folder of a kustomization and check its objects against Kubernetes."""
    folder = (subject.path / target).parent
    shown = f"{subject.name}/{folder.relative_to(subject.path)}"
    try:
        text = kustomize.build(folder, repo=subject.path)
    except ToolMissingError as error:
        why = f"{error}: {error.hint}"
        return [not_run("kustomize", shown, why), not_run(kubeconform.NAME, shown, why)]
    except ProcessFailedError as error:
        return [failed("kustomize", shown, error.details or [str(error)])]
    if not text.strip():
        return [passed("kustomize", shown, "builds to nothing: nothing was promoted here yet")]
    checked = kubeconform.check_objects(
        text, shown, kubernetes=subject.kubernetes, schemas=subject.schemas
    )
    return [passed("kustomize", shown), checked]
