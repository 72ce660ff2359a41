"""`scaffold pipeline access`: namespaces, quotas and roles, from the platform's repo."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from scaffold.checks import kustomize
from scaffold.config.documents import parse_document
from scaffold.config.environment import Environment
from scaffold.config.places import ACCESS_FOLDER, RETIRE_MARKER
from scaffold.config.platform import PLATFORM_FILE, Platform
from scaffold.errors import DeployError, ScaffoldError, UsageError
from scaffold.fleet.access import EXPIRES
from scaffold.pipeline.deploy.cluster import Cluster
from scaffold.pipeline.deploy.inventory import SERVICE, access_place
from scaffold.pipeline.deploy.objects import Json, parse_tree
from scaffold.pipeline.deploy.plan import Action
from scaffold.pipeline.deploy.reconcile import Wish, reconcile
from scaffold.pipeline.deploy.scope import inside_own_namespaces
from scaffold.pipeline.needed import read_needed
from scaffold.pipeline.target import check_environment_name, read_marker

SYSTEM_NAMESPACE = "scaffold-system"


@dataclass(frozen=True)
class ServiceAccess:
    """What became of one service's access: its actions, or the error that it ended in."""

    service: str
    actions: tuple[Action, ...] = ()
    error: ScaffoldError | None = None


@dataclass(frozen=True)
class Granted:
    """What became of the access of all services in one environment."""

    environment: str
    services: tuple[ServiceAccess, ...]
    dry_run: bool = False

    @property
    def error(self) -> DeployError | None:
        """The error for those that failed; None where none did."""
        failed = [one for one in self.services if one.error]
        if not failed:
            return None
        return DeployError(
            f"{len(failed)} of {len(self.services)} services failed, the others are done",
            where=f"{ACCESS_FOLDER}/{self.environment}",
            details=[line for one in failed for line in _lines(one)],
            hint="Mend these and run the step again.",
        )


def grant_access(path: Path, environment: str, *, dry_run: bool = False) -> Granted:
    """Apply `access/<environment>/<service>/` of the platform's repo, each service by itself.

    A dry run says what would become of each object.
    A service that fails does not stop the others; `Granted.error` has them. A binding whose time is
    over counts as gone, also where the bot did not take it out of the repo yet.
    """
    check_environment_name(environment)
    place = _place(path, environment)
    cluster = Cluster(place.context, place.api_server)
    if not dry_run:
        cluster.ensure_namespace(SYSTEM_NAMESPACE)
    root = path / ACCESS_FOLDER / environment
    folders = {folder.name: folder for folder in root.glob("*/") if folder.is_dir()}
    known = {
        item["metadata"]["labels"][SERVICE]
        for item in cluster.inventories(SYSTEM_NAMESPACE, environment)
    }
    services = [
        _grant(cluster, environment, name, path, dry_run=dry_run)
        for name in sorted({*folders, *known})
    ]
    return Granted(environment, tuple(services), dry_run)


def _grant(
    cluster: Cluster, environment: str, service: str, path: Path, *, dry_run: bool
) -> ServiceAccess:
    folder = path / ACCESS_FOLDER / environment / service
    try:
        retired = read_marker(folder)
        wish = Wish(
            access_place(service, environment, SYSTEM_NAMESPACE),
            () if retired else _tree(cluster, folder, path),
            delete_data=retired is not None and retired.delete_data,
            dry_run=dry_run,
        )
        return ServiceAccess(service, reconcile(cluster, wish))
    except ScaffoldError as error:
        return ServiceAccess(service, error=error)


def _tree(cluster: Cluster, folder: Path, path: Path) -> tuple[Json, ...]:
    if not folder.is_dir():
        raise DeployError(
            "the folder is gone, but what it put on the cluster is still there; "
            "nothing was deleted",
            where=str(folder),
            hint="Bring the folder back from git's history; to take the service off the cluster, "
            f"`scaffold retire`, which leaves a {RETIRE_MARKER} in it.",
        )
    items = parse_tree(kustomize.build(folder, repo=path), source=str(folder))
    if not items:
        raise DeployError(
            "builds to nothing; nothing was deleted",
            where=str(folder),
            hint="Revert the commit that emptied it, or retire the service: `scaffold retire`.",
        )
    now = datetime.now(UTC)
    standing = tuple(item for item in items if not _is_over(item, now))
    return inside_own_namespaces(cluster, standing, source=str(folder))


def _is_over(item: Json, now: datetime) -> bool:
    """Whether an object should be gone by now; one that does not say when is over, too."""
    expires = (item["metadata"].get("annotations") or {}).get(EXPIRES)
    if expires is None:
        return False
    try:
        return datetime.fromisoformat(str(expires)) <= now
    except (ValueError, TypeError):  # no time, or one without a zone
        return True


def _place(path: Path, environment: str) -> Environment:
    file = path / PLATFORM_FILE
    data = read_needed(file, hint="This step runs in the platform's repo; name it with --path.")
    platform = parse_document(Platform, data, source=str(file))
    for one in platform.environments:
        if one.name == environment:
            return one
    names = ", ".join(one.name for one in platform.environments)
    raise UsageError(
        f"has no environment `{environment}`", where=str(file), hint=f"It has: {names}."
    )


def _lines(one: ServiceAccess) -> list[str]:
    error = one.error
    if error is None:
        return []
    hint = [f"  {error.hint}"] if error.hint else []
    return [f"{one.service}: {error}", *(f"  {detail}" for detail in error.details), *hint]
