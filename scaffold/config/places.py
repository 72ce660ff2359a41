"""Paths of the files that scaffold writes into repos, and templates may not; each defined once.

So is the annotation by which a team keeps what deploys, and engines, would delete.
"""

HOLDS_DATA = "scaffold/holds-data"
"""A team puts it on what must outlive a prune, as a PersistentVolumeClaim does by itself."""

UPSTREAM_PATH = "upstream.yml"
"""The pin of a docker repo."""

IMAGE_PATH = "image/kustomization.yaml"
"""The pin of a manifest repo."""

IMAGE_PLACEHOLDER = "app"
"""The name that a blueprint's Deployment gives its image; the pin replaces it."""

RELEASE_FILE = "release.yml"
"""The pin of an environment: the file of its release that tells the commits that it is of."""

BASE_FOLDER = "base"
"""What a release is rendered from, with the image that the repo pins."""

RETIRE_MARKER = "retire.yml"
"""The file under which what is deployed is deleted, in the folder that it was deployed from."""

SMOKE_FILE = "smoke.yml"
"""What an environment is asked once it is deployed; see `scaffold.config.smokefile`."""

ACCESS_FOLDER = "access"
"""What the platform repo gives the services, below it a folder an environment."""

DEPLOY_FOLDER = "deploy"
"""What the platform repo tells the engines, below it a folder an environment that has one."""

ENGINE_ROOT = "engine.yaml"
"""The file in an environment's folder there that is applied once by hand, and reads the others."""

NOTIFICATIONS_PATH = f"{DEPLOY_FOLDER}/argocd-notifications.yaml"
"""How Argo CD sets statuses; applied once by hand. No environment's name holds a dot."""

BACKSTAGE_FOLDER = "backstage"
"""What the platform repo tells Backstage, where it is asked to."""

BACKSTAGE_TEAMS = f"{BACKSTAGE_FOLDER}/teams.yaml"
"""The teams; in a file of their own, since many have them from their directory of people."""

GENERATED_FOLDERS = (ACCESS_FOLDER, BACKSTAGE_FOLDER, DEPLOY_FOLDER)
"""Where the platform repo has what is generated."""


def environment_folder(environment: str) -> str:
    """The folder of an environment in an env repo."""
    return f"environments/{environment}"


def smoke_paths(environment: str) -> tuple[str, ...]:
    """Where an env repo says what an environment is asked; the first that is there counts."""
    return f"{environment_folder(environment)}/{SMOKE_FILE}", f"environments/{SMOKE_FILE}"


def kustomization_path(environment: str) -> str:
    """What an environment is built from in an env repo: its release, and what the owner adds."""
    return f"{environment_folder(environment)}/kustomization.yaml"


def release_folder(environment: str) -> str:
    """The folder in an env repo for the release of an environment; scaffold owns all of it."""
    return f"{environment_folder(environment)}/release"


def release_path(environment: str) -> str:
    """The pin of an environment in an env repo."""
    return f"{release_folder(environment)}/{RELEASE_FILE}"


def retire_marker(environment: str) -> str:
    """The file in an env repo that marks an environment as retired."""
    return f"{environment_folder(environment)}/{RETIRE_MARKER}"


def access_folder(environment: str, service: str) -> str:
    """The folder in the platform repo for one service in one environment."""
    return f"{ACCESS_FOLDER}/{environment}/{service}"


def engine_folder(environment: str) -> str:
    """The folder in the platform repo that an environment's engine reads."""
    return f"{DEPLOY_FOLDER}/{environment}"


def engine_root_path(environment: str) -> str:
    """The file in the platform repo by which an engine reads the others."""
    return f"{engine_folder(environment)}/{ENGINE_ROOT}"


def engine_project_path(environment: str, team: str) -> str:
    """The file in the platform repo with what Argo CD lets a team do."""
    return f"{engine_folder(environment)}/teams/{team}.yaml"


def engine_path(environment: str, service: str) -> str:
    """The file in the platform repo with what an engine is told of one service."""
    return f"{engine_folder(environment)}/services/{service}.yaml"


def backstage_path(service: str) -> str:
    """The file in the platform repo with what Backstage is told of a service."""
    return f"{BACKSTAGE_FOLDER}/services/{service}.yaml"
