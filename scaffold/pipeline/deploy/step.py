"""`scaffold pipeline deploy`: makes an environment what the env repo says it is."""

from dataclasses import dataclass
from pathlib import Path

from scaffold.checks import kustomize
from scaffold.config.places import RETIRE_MARKER
from scaffold.errors import DeployError
from scaffold.pipeline.deploy.cluster import Cluster
from scaffold.pipeline.deploy.inventory import deploy_place
from scaffold.pipeline.deploy.objects import Json, parse_tree
from scaffold.pipeline.deploy.plan import Action, Outcome
from scaffold.pipeline.deploy.reconcile import Wish, reconcile
from scaffold.pipeline.deploy.scope import inside_namespace
from scaffold.pipeline.deploy.secrets import expected_secrets, missing_secrets
from scaffold.pipeline.target import Target, read_target


@dataclass(frozen=True)
class Deployed:
    """What became of each object; with `dry_run`, what would."""

    service: str
    environment: str
    namespace: str
    actions: tuple[Action, ...]
    note: str = ""
    dry_run: bool = False

    @property
    def differs(self) -> tuple[Action, ...]:
        """The objects that were not as the tree says, or were there though it has them not."""
        changed = {Outcome.APPLIED, Outcome.PRUNED}
        return tuple(one for one in self.actions if one.outcome in changed)


def deploy(
    path: Path, environment: str, *, dry_run: bool = False, delete_data: bool = False
) -> Deployed:
    """Apply one environment of the env repo in `path` and prune what is no longer in it.

    What holds data stays, unless `delete_data` or the retire marker says otherwise. Raises
    DeployError where the tree is empty and nobody asked for that: then nothing is deleted.
    """
    target = read_target(path, environment)
    cluster = Cluster(target.context, target.api_server)
    items = _tree(cluster, target, path)
    expected = _expected(cluster, items)
    retired = target.retired
    actions = reconcile(
        cluster,
        Wish(
            deploy_place(target.service, environment, target.namespace),
            items,
            may_prune=retired is not None or target.release is not None,
            delete_data=delete_data or (retired is not None and retired.delete_data),
            dry_run=dry_run,
        ),
    )
    note = _note(target) or expected
    return Deployed(target.service, environment, target.namespace, actions, note, dry_run)


def _tree(cluster: Cluster, target: Target, path: Path) -> tuple[Json, ...]:
    """The objects that are to be there; none under a retire marker, or before a release.

    What an environment has of its own, such as its settings, comes with the first release.
    """
    if target.retired:
        if target.release:
            raise DeployError(
                f"holds both a {RETIRE_MARKER} and a release; nothing was changed",
                where=str(target.folder),
                hint="To keep the service: `scaffold retire --undo`. To retire it: empty the "
                "release, as `scaffold retire` does.",
            )
        return ()
    if target.release is None:
        return ()
    source = str(target.folder)
    built = kustomize.build(target.folder, repo=path)
    items = parse_tree(built, source=source)
    if not items:
        raise DeployError(
            "a release is there, but it builds to nothing; nothing was deleted",
            where=source,
            hint="Revert the commit that emptied it, or take the service off the cluster: "
            "`scaffold retire`.",
        )
    return inside_namespace(cluster, items, target.namespace, source=source)


def _expected(cluster: Cluster, items: tuple[Json, ...]) -> str:
    """Which Secrets the pods wait for, since no repo holds them; empty where all are there.

    It never ends a deploy: an operator may make one of what the deploy brings.
    """
    expected = expected_secrets(items)
    there = cluster.secrets(expected)
    missing = missing_secrets(expected, there or {})
    if not missing:
        return ""
    told = (
        "pods start once these are there"
        if there is not None
        else ("pods need these, and the account may not look whether they are there")
    )
    return f"{told}: {'; '.join(missing)}"


def _note(target: Target) -> str:
    if target.retired:
        return f"`{target.environment}` is retired"
    if target.release is None:
        return f"nothing was promoted to `{target.environment}` yet: nothing to deploy"
    return ""
