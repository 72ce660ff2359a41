"""The objects for Argo CD: https://argo-cd.readthedocs.io/en/stable/operator-manual/.

Argo CD applies everything by its own account, so what keeps a service in bounds is the project of
its team: which repos, which namespaces, which kinds. The projects lie in the platform repo, too.
"""

import json
from collections.abc import Iterable

import yaml

from scaffold.config.engine import deploy_status
from scaffold.config.environment import Environment
from scaffold.config.forges.server import ServerForge
from scaffold.config.places import engine_folder
from scaffold.config.platform import PLATFORM_REPO
from scaffold.config.team import Team
from scaffold.fleet.engines.objects import (
    STATUS_SECRET,
    Json,
    Run,
    annotated,
    check_length,
    data_kept,
    root_name,
    status_api,
)

NAMESPACE = "argocd"
_OWN_CLUSTER = "in-cluster"
_KEEP = ("argocd.argoproj.io/sync-options", "Prune=false,Delete=false")
_WAVE = "argocd.argoproj.io/sync-wave"
_STATUSES, _STATUS = "scaffold/statuses", "scaffold/status"
_DONE, _FAILED = "scaffold-deployed", "scaffold-failed"
# What a service may not bring along: it decides who may do what, and how much.
_FORBIDDEN = (
    ("", "LimitRange"),
    ("", "ResourceQuota"),
    ("rbac.authorization.k8s.io", "Role"),
    ("rbac.authorization.k8s.io", "RoleBinding"),
)


def project_name(team: str, environment: Environment) -> str:
    """What the project of a team in an environment is called; neither name holds a dot."""
    return f"{team}.{environment.name}"


def root(forge: ServerForge, environment: Environment) -> tuple[Json, ...]:
    """The platform's own project, and the Application by which Argo CD reads all others.

    They are applied once by hand, then by themselves. Raises ValueError where a name is too long.
    """
    name, url = root_name(environment), forge.repo_url(PLATFORM_REPO)
    check_length(name)
    project = _project(
        name,
        "What the platform gives services: namespaces, quotas, roles, and their Applications.",
        [url],
        [
            {"name": _OWN_CLUSTER, "namespace": NAMESPACE},
            {"name": _cluster(environment), "namespace": "*"},
        ],
    )
    project["spec"]["clusterResourceWhitelist"] = [{"group": "", "kind": "Namespace"}]
    source = {
        "repoURL": url,
        "targetRevision": "main",
        "path": engine_folder(environment.name),
        "directory": {"recurse": True},
    }
    labels = {"scaffold/environment": environment.name}
    into = {"name": _OWN_CLUSTER, "namespace": NAMESPACE}
    made = _application(name, labels, name, source, into)
    del made["metadata"]["finalizers"]  # who deletes it by mistake deletes no service
    return (project, made)


def team(environment: Environment, owner: Team, runs: Iterable[Run]) -> Json:
    """The project of a team: the env repos and the namespaces of its services, and no others."""
    name = project_name(owner.name, environment)
    check_length(name)
    mine = sorted((run.url, run.namespace) for run in runs)
    cluster = _cluster(environment)
    project = _project(
        name,
        f"The services of the team {owner.name} in {environment.name}.",
        [url for url, _ in mine],
        [{"name": cluster, "namespace": namespace} for _, namespace in mine],
    )
    project["spec"] |= {
        "clusterResourceWhitelist": [],
        "namespaceResourceBlacklist": [
            {"group": group, "kind": kind} for group, kind in _FORBIDDEN
        ],
    }
    return project


def service(run: Run) -> tuple[Json, ...]:
    """The two Applications of a service: its access first, then its release."""
    return (_access(run), _release(run))


def notifications(forge: ServerForge) -> Json:
    """How Argo CD sets statuses on commits: one ConfigMap an Argo CD, which people may add to."""
    api = status_api(forge)
    header, value = api.header
    headers = [
        {"name": header, "value": value.format(token=f"${STATUS_SECRET}")},
        {"name": "Content-Type", "value": "application/json"},
    ]
    server = {"url": api.url(forge.url), "headers": headers}
    data = {f"service.webhook.{STATUS_SECRET}": _yaml(server)}
    for name, phases, state in (
        (_DONE, "in ['Succeeded'] and app.status.health.status == 'Healthy'", "success"),
        (_FAILED, "in ['Error', 'Failed']", api.failed),
    ):
        rule = {
            "when": f"app.status?.operationState.phase {phases}",
            "oncePer": "app.status?.operationState?.operation?.sync?.revision",
            "send": [name],
        }
        data[f"trigger.{name}"] = _yaml([rule])
        data[f"template.{name}"] = _yaml({"webhook": {STATUS_SECRET: _call(state)}})
    metadata = {"name": "argocd-notifications-cm", "namespace": NAMESPACE}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def _call(state: str) -> Json:
    told = {
        "state": state,
        "context": f'{{{{index .app.metadata.annotations "{_STATUS}"}}}}',
        "description": "Argo CD",
        "target_url": "{{.context.argocdUrl}}/applications/{{.app.metadata.name}}",
    }
    # The template is read before the JSON is, so its quotes stay as they are.
    body = json.dumps(told).replace('\\"', '"')
    where = f'{{{{index .app.metadata.annotations "{_STATUSES}"}}}}'
    revision = "{{.app.status.operationState.operation.sync.revision}}"
    return {"method": "POST", "path": f"/{where}/{revision}", "body": body}


def _access(run: Run) -> Json:
    root = root_name(run.environment)
    source: Json = {
        "repoURL": run.forge.repo_url(PLATFORM_REPO),
        "targetRevision": "main",
        "path": run.access_path,
    }
    if not run.service.delete_data:
        source["kustomize"] = {"patches": [annotated(*_KEEP, kind="Namespace")]}
    made = _application(run.access_name, run.labels, root, source, _destination(run))
    made["metadata"]["annotations"] = {_WAVE: "0"}
    return made


def _release(run: Run) -> Json:
    source: Json = {"repoURL": run.url, "targetRevision": "main", "path": run.path}
    if not run.service.delete_data:
        source["kustomize"] = {"patches": data_kept(*_KEEP)}
    project = project_name(run.service.owner, run.environment)
    made = _application(
        run.name, run.labels, project, source, _destination(run), enabled=not run.service.paused
    )
    told = "notifications.argoproj.io/subscribe"
    # A retired environment may build to nothing; anything else that does is a mistake.
    made["spec"]["syncPolicy"]["automated"]["allowEmpty"] = True
    made["metadata"]["annotations"] = {
        _WAVE: "1",
        _STATUSES: run.statuses.statuses_of(run.repo_path),
        _STATUS: deploy_status(run.environment.name),
        **{f"{told}.{name}.{STATUS_SECRET}": "" for name in (_DONE, _FAILED)},
    }
    return made


def _application(
    name: str,
    labels: dict[str, str],
    project: str,
    source: Json,
    destination: Json,
    *,
    enabled: bool = True,
) -> Json:
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {
            "name": name,
            "namespace": NAMESPACE,
            "labels": labels,
            # With it, what the Application has applied goes when the Application does.
            "finalizers": ["resources-finalizer.argocd.argoproj.io"],
        },
        "spec": {
            "project": project,
            "source": source,
            "destination": destination,
            "syncPolicy": {
                "automated": {"enabled": enabled, "prune": True, "selfHeal": True},
                # A namespace may come later than what goes into it.
                "retry": {
                    "limit": 10,
                    "backoff": {"duration": "30s", "factor": 2, "maxDuration": "10m"},
                },
                "syncOptions": ["ServerSideApply=true"],
            },
        },
    }


def _project(name: str, description: str, repos: list[str], destinations: list[Json]) -> Json:
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {
            "description": description,
            "sourceRepos": repos,
            "destinations": destinations,
        },
    }


def _destination(run: Run) -> Json:
    return {"name": _cluster(run.environment), "namespace": run.namespace}


def _cluster(environment: Environment) -> str:
    return environment.deploy.cluster or _OWN_CLUSTER


def _yaml(value: object) -> str:
    return yaml.safe_dump(value, sort_keys=False, width=200)
