"""The first content of a platform repo."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from scaffold import __version__
from scaffold.config.documents import parse_document
from scaffold.config.engine import Engine
from scaffold.config.environment import Promotion
from scaffold.config.forges.kind import Ci
from scaffold.config.platform import PLATFORM_FILE, Platform
from scaffold.config.propagation import Require
from scaffold.documents.schemas import published_schemas
from scaffold.fleet.engines.tree import engine_tree
from scaffold.git.tree import Entry, Tree

SCHEMA_FILE = ".schema/platform.json"
_CHECKOUT = "actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8"  # v5.0.0
_README = """\
# The platform of {name}

- `platform.yml`: environments and how a release gets to each, teams and who holds which role,
  the registry, the blueprints. An editor that knows YAML schemas completes it.
- `services/`: the catalog, one file a service. `scaffold new service` writes it.
- `access/<environment>/<service>/`: the namespace, the quota and the three roles of each service.
  {applied} applies them from main, so whoever may merge here decides who may do what.
{more}Try a change with `scaffold check` before you push it.
"""
_BY_PIPELINE = """
A new environment needs a job in the pipeline beside its entry in `platform.yml`.
"""
_BY_ENGINE = """\
- `deploy/<environment>/`: what the engine is told, a file a service. `scaffold` writes it;
  `deploy/<environment>/engine.yaml` is applied once by hand.

"""


@dataclass(frozen=True)
class PlatformStart:
    """The answers of `init`; the rest of platform.yml starts with sensible values."""

    name: str
    registry: str
    team: str = "platform"
    environments: tuple[str, ...] = ("dev", "staging", "prod")
    ci: Ci = Ci.GITLAB
    docs: str = ""
    dashboards: str = ""
    engine: Engine = Engine.PIPELINE

    @property
    def answers(self) -> dict[str, str]:
        """The platform's answers for all services, without links that are not known."""
        return {name: url for name, url in self._bases.items() if url}

    @property
    def no_links(self) -> tuple[str, ...]:
        """The names of answers that are missing, so that nothing links to their places."""
        return tuple(name for name, url in self._bases.items() if not url)

    @property
    def _bases(self) -> dict[str, str]:
        return {"docs_base": self.docs, "grafana_base": self.dashboards}

    @property
    def groups(self) -> dict[str, list[str]]:
        """The groups with each role for the first team's services."""
        team = f"{self.name}-{self.team}"
        return {
            "read-only": [f"{team}-viewers"],
            "developer": [f"{team}-developers"],
            "admin": [f"{team}-admins"],
        }


def platform_tree(
    start: PlatformStart, forge: Mapping[str, Any], blueprints: Mapping[str, str]
) -> Tree:
    """The files of the platform repo; `blueprints` maps their names to their URLs.

    `forge` is the section of platform.yml.
    """
    image = f"{start.registry}/scaffold-ci:{__version__}"
    settings: dict[str, Any] = {
        "version": 1,
        "name": start.name,
        "forge": dict(forge),
        "registry": start.registry,
        "ci": {"image": image},
        "blueprints": [{"name": name, "url": url} for name, url in blueprints.items()],
        "environments": _environments(start),
        "propagation": {"require": str(_require(forge))},
        "teams": [{"name": start.team, "groups": start.groups}],
        "answers": start.answers,
    }
    text = f"# yaml-language-server: $schema={SCHEMA_FILE}\n{_yaml(settings)}"
    schema = json.dumps(published_schemas()["platform"], indent=2) + "\n"
    path, pipeline = _pipeline(start, image)
    files = {
        PLATFORM_FILE: text,
        SCHEMA_FILE: schema,
        "README.md": _readme(start),
        path: pipeline,
    }
    model = parse_document(Platform, text, source=PLATFORM_FILE)
    made = {name: Entry.file(content.encode()) for name, content in files.items()}
    return {**made, **engine_tree(model, ())}


def _readme(start: PlatformStart) -> str:
    deployed = _BY_PIPELINE if start.engine is Engine.PIPELINE else _BY_ENGINE
    applied = {Engine.PIPELINE: "The pipeline", Engine.FLUX: "Flux", Engine.ARGOCD: "Argo CD"}
    return _README.format(name=start.name, applied=applied[start.engine], more=deployed)


def _require(forge: Mapping[str, Any]) -> Require:
    """The required status: none for a local forge, which has no CI."""
    return Require.NONE if forge["kind"] == "local" else Require.STATUS


def _environments(start: PlatformStart) -> list[dict[str, Any]]:
    """The environments: the first gets each commit, the last is promoted by merge request."""
    environments, names = [], start.environments
    for place, name in enumerate(names):
        first, last = place == 0, place == len(names) - 1
        environment: dict[str, Any] = {"name": name}
        if not first:
            environment["after"] = names[place - 1]
        if first:
            environment |= {"promotion": str(Promotion.AUTOMATIC), "replicas": {"min": 1, "max": 2}}
        elif last:
            environment |= {
                "promotion": str(Promotion.MERGE_REQUEST),
                "replicas": {"min": 3, "max": 10},
            }
        else:
            environment |= {"promotion": str(Promotion.SOAK), "soak_hours": 2}
            environment["replicas"] = {"min": 2, "max": 4}
        if start.engine is not Engine.PIPELINE:
            environment["deploy"] = {"engine": str(start.engine)}
        environments.append(environment)
    return environments


def _pipeline(start: PlatformStart, image: str) -> tuple[str, str]:
    """The path and text of the platform repo's pipeline; each job is one line of logic."""
    environments = start.environments if start.engine is Engine.PIPELINE else ()
    if start.ci is Ci.GITLAB:
        return ".gitlab-ci.yml", _yaml(_gitlab(image, environments))
    return ".github/workflows/ci.yml", _yaml(_github(image, environments))


def _gitlab(image: str, environments: tuple[str, ...]) -> dict[str, Any]:
    main = "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH"
    jobs: dict[str, Any] = {
        "validate": {"stage": "validate", "script": ["scaffold pipeline validate"]}
    }
    for name in environments:
        jobs[f"access/{name}"] = {
            "stage": "access",
            "rules": [{"if": main}],
            "environment": {"name": name, "action": "access"},
            "resource_group": f"access-{name}",
            "script": [f"scaffold pipeline access --environment {name}"],
        }
    request = '$CI_PIPELINE_SOURCE == "merge_request_event"'
    return {
        "default": {"image": image},
        "workflow": {"rules": [{"if": request}, {"if": main}]},
        "stages": list(dict.fromkeys(job["stage"] for job in jobs.values())),
        **jobs,
    }


def _github(image: str, environments: tuple[str, ...]) -> dict[str, Any]:
    credentials = {
        "username": "${{ vars.REGISTRY_USERNAME }}",
        "password": "${{ secrets.REGISTRY_PASSWORD }}",
    }

    def job(step: dict[str, Any], **more: Any) -> dict[str, Any]:
        checkout = {"uses": _CHECKOUT, "with": {"persist-credentials": False}}
        return {
            **more,
            "runs-on": "ubuntu-24.04",
            "container": {"image": image, "credentials": {**credentials}},
            "steps": [checkout, step],
        }

    jobs = {"validate": job({"run": "scaffold pipeline validate"})}
    for name in environments:
        jobs[f"access-{name}"] = job(
            {
                "run": f"scaffold pipeline access --environment {name}",
                "env": {"SCAFFOLD_KUBECONFIG": "${{ secrets.KUBECONFIG }}"},
            },
            needs=["validate"],
            **{"if": "github.ref == 'refs/heads/main'"},
            environment=name,
            concurrency=f"access-{name}",
        )
    return {
        "name": "ci",
        "on": {"pull_request": {}, "push": {"branches": ["main"]}},
        "permissions": {"contents": "read"},
        "jobs": jobs,
    }


def _yaml(value: Any) -> str:
    return yaml.safe_dump(value, sort_keys=False, width=100)
