"""The objects for Flux: https://fluxcd.io/flux/components/.

Flux prunes what a build no longer has. What holds data is told by annotations of scaffold that it
does not know, so patches turn them into its own. A service is applied by an account that may do no
more than edit its own namespace; which account may, its access says.
"""

from scaffold.config.engine import deploy_status
from scaffold.config.environment import Environment
from scaffold.config.forges.server import ServerForge
from scaffold.config.places import engine_folder
from scaffold.config.platform import PLATFORM_REPO
from scaffold.fleet.engines.objects import (
    GIT_SECRET,
    STATUS_SECRET,
    Json,
    Run,
    annotated,
    check_length,
    data_kept,
    root_name,
)

NAMESPACE = "flux-system"
_KEEP = ("kustomize.toolkit.fluxcd.io/prune", "disabled")
_SOURCE = "source.toolkit.fluxcd.io/v1"
_KUSTOMIZE = "kustomize.toolkit.fluxcd.io/v1"
_NOTIFY = "notification.toolkit.fluxcd.io/v1beta3"


def root(forge: ServerForge, environment: Environment) -> tuple[Json, ...]:
    """The two objects by which Flux reads all others; applied once by hand, then by themselves.

    Raises ValueError where a name is too long.
    """
    name = root_name(environment)
    check_length(name)
    labels = {"scaffold/environment": environment.name}
    told = _kustomization(name, labels, name, engine_folder(environment.name))
    told["spec"]["deletionPolicy"] = "Orphan"  # who deletes it by mistake deletes no service
    return (_repository(name, labels, forge.repo_url(PLATFORM_REPO)), told)


def service(run: Run) -> tuple[Json, ...]:
    """All objects of a service, with those that they depend on first."""
    return (
        _account(run),
        _access(run),
        _repository(run.name, run.labels, run.url),
        _release(run),
        _provider(run),
        _alert(run),
    )


def _account(run: Run) -> Json:
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": _metadata(run.name, run.labels),
    }


def _access(run: Run) -> Json:
    made = _kustomization(
        run.access_name, run.labels, root_name(run.environment), run.access_path, wait=True
    )
    if not run.service.delete_data:
        made["spec"]["patches"] = [annotated(*_KEEP, kind="Namespace")]
    return _on_cluster(run, made)


def _release(run: Run) -> Json:
    made = _kustomization(run.name, run.labels, run.name, run.path, wait=True)
    made["spec"] |= {
        "targetNamespace": run.namespace,
        "serviceAccountName": run.name,
        "dependsOn": [{"name": run.access_name}],
    }
    if run.service.paused:
        made["spec"]["suspend"] = True
    if not run.service.delete_data:
        made["spec"]["patches"] = data_kept(*_KEEP)
    return _on_cluster(run, made)


def _on_cluster(run: Run, made: Json) -> Json:
    if secret := run.environment.deploy.cluster:
        made["spec"]["kubeConfig"] = {"secretRef": {"name": secret}}
    return made


def _provider(run: Run) -> Json:
    """Sets the status of a deploy, under the name that it is waited for."""
    return {
        "apiVersion": _NOTIFY,
        "kind": "Provider",
        "metadata": _metadata(run.name, run.labels),
        "spec": {
            "type": run.statuses.flux,
            "address": f"{run.forge.url}/{run.repo_path}",
            "secretRef": {"name": STATUS_SECRET},
            # CEL, so text in quotes: https://fluxcd.io/flux/components/notification/providers/
            "commitStatusExpr": f"'{deploy_status(run.environment.name)}'",
        },
    }


def _alert(run: Run) -> Json:
    return {
        "apiVersion": _NOTIFY,
        "kind": "Alert",
        "metadata": _metadata(run.name, run.labels),
        "spec": {
            "providerRef": {"name": run.name},
            "eventSeverity": "info",
            "eventSources": [{"kind": "Kustomization", "name": run.name}],
        },
    }


def _repository(name: str, labels: dict[str, str], url: str) -> Json:
    return {
        "apiVersion": _SOURCE,
        "kind": "GitRepository",
        "metadata": _metadata(name, labels),
        "spec": {
            "interval": "1m",
            "url": url,
            "ref": {"branch": "main"},
            "secretRef": {"name": GIT_SECRET},
        },
    }


def _kustomization(
    name: str, labels: dict[str, str], source: str, path: str, *, wait: bool = False
) -> Json:
    return {
        "apiVersion": _KUSTOMIZE,
        "kind": "Kustomization",
        "metadata": _metadata(name, labels),
        "spec": {
            "interval": "10m",
            "retryInterval": "1m",
            "timeout": "5m",
            "prune": True,
            "wait": wait,
            "sourceRef": {"kind": "GitRepository", "name": source},
            "path": f"./{path}",
        },
    }


def _metadata(name: str, labels: dict[str, str]) -> Json:
    return {"name": name, "namespace": NAMESPACE, "labels": labels}
