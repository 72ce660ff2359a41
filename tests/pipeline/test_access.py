"""`scaffold pipeline access` against a real API server: namespaces, quotas and roles."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

import pytest
import yaml

from scaffold.errors import ConfigError, DeployError, UsageError
from scaffold.fleet.access import EXPIRES
from scaffold.pipeline.access import Granted, grant_access
from scaffold.pipeline.deploy.plan import Action
from scaffold.pipeline.deploy.step import deploy
from tests.pipeline.kube import Kube
from tests.pipeline.results import listed, outcomes
from tests.pipeline.trees import (
    EnvRepo,
    Item,
    claim,
    config_map,
    namespace_object,
    write_overlay,
)
from tests.pipeline.watch import after_each_call


def quota(service: str, namespace: str) -> Item:
    """A quota, as each service's access has one."""
    return {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": service, "namespace": namespace},
        "spec": {"hard": {"pods": "20"}},
    }


def for_a_while(until: str, namespace: str) -> Item:
    """A role that ends."""
    binding = role_binding("shop-for-a-while", namespace)
    binding["metadata"]["annotations"] = {EXPIRES: until}
    return binding


def role_binding(service: str, namespace: str) -> Item:
    """A role for a group."""
    group = "rbac.authorization.k8s.io"
    return {
        "apiVersion": f"{group}/v1",
        "kind": "RoleBinding",
        "metadata": {"name": service, "namespace": namespace},
        "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": "view"},
        "subjects": [{"apiGroup": group, "kind": "Group", "name": "team-a"}],
    }


class PlatformRepo:
    """A platform's repo with one environment, whose name no other test has."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.environment = f"e{uuid4().hex[:10]}"
        path.mkdir()
        platform = {
            "name": "acme",
            "forge": {"kind": "local", "path": "/forge"},
            "registry": "registry.example.com",
            "ci": {"image": "ci:1"},
            "blueprints": [{"name": "python-service", "url": "https://git.example.com/b.git"}],
            "environments": [{"name": self.environment}],
            "teams": [{"name": "team-a"}],
        }
        (path / "platform.yml").write_text(yaml.safe_dump(platform), encoding="utf-8")

    def folder(self, service: str) -> Path:
        """Where a service's access lies."""
        return self.path / "access" / self.environment / service

    def add(self, service: str, namespace: str, *more: Item) -> None:
        """Give a service its namespace, quota and role."""
        items = (quota(service, namespace), role_binding(service, namespace))
        # The namespace comes last on purpose: the order of a tree must not matter.
        space = namespace_object(namespace, service=service)
        write_overlay(self.folder(service), *items, *more, space)

    def retire(self, service: str, text: str = "") -> None:
        """Put a retire marker there."""
        (self.folder(service) / "retire.yml").write_text(text, encoding="utf-8")

    def grant(self) -> Granted:
        """Run the step."""
        return grant_access(self.path, self.environment)


@pytest.fixture
def platform(kube: Kube, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PlatformRepo:
    """A platform's repo; namespaces that are deleted go at once, as by the controller."""

    def finalize(command: Sequence[str]) -> None:
        path = str(command[3]) if "delete" in command else ""
        _, found, name = path.partition("/api/v1/namespaces/")
        if found and "/" not in name:
            kube.finalize(name)

    after_each_call(monkeypatch, finalize)
    return PlatformRepo(tmp_path / "platform")


@pytest.fixture
def space() -> str:
    """The name of a namespace that is not there."""
    return f"shop-{uuid4().hex[:10]}"


def actions_of(granted: Granted, service: str) -> tuple[Action, ...]:
    """What became of one service's objects."""
    return next(one.actions for one in granted.services if one.service == service)


def is_there(kube: Kube, namespace: str) -> bool:
    """Whether the namespace exists."""
    return kube.get("namespace", namespace) is not None


ALL = {"Namespace {0}": "applied", "ResourceQuota shop": "applied", "RoleBinding shop": "applied"}


def all_as(outcome: str, namespace: str) -> dict[str, str]:
    """The same outcome for all objects of a service's access."""
    return {key.format(namespace): outcome for key in ALL}


def test_access_is_granted(kube: Kube, platform: PlatformRepo, space: str) -> None:
    """A service's namespace, quota and role must be there, and be listed by the platform."""
    platform.add("shop", space)

    granted = platform.grant()

    assert all_as("applied", space) == outcomes(actions_of(granted, "shop"))
    assert granted.error is None
    inventory = f"scaffold-access-shop.{platform.environment}"
    assert set(all_as("", space)) == listed(kube, "scaffold-system", inventory)


@pytest.mark.parametrize("before", ["nothing", "granted", "retired", "in use"])
def test_a_dry_run_says_what_a_run_does(
    kube: Kube, platform: PlatformRepo, space: str, before: str
) -> None:
    """Each object with the same outcome and reason; no object of the cluster is changed."""
    platform.add("shop", space)
    if before != "nothing":
        platform.grant()
    if before == "in use":
        kube.kubectl("create", "configmap", "by-hand", f"--namespace={space}")
    if before in {"retired", "in use"}:
        platform.retire("shop")
    there = is_there(kube, space), kube.names("rolebinding", space)

    would = grant_access(platform.path, platform.environment, dry_run=True)
    assert there == (is_there(kube, space), kube.names("rolebinding", space))
    did = platform.grant()

    assert did.services == would.services


def test_a_role_whose_time_is_over(kube: Kube, platform: PlatformRepo, space: str) -> None:
    """It is gone from the cluster with the next run, though it is in the repo yet; others stay."""
    platform.add("shop", space, for_a_while("2999-01-01T00:00:00Z", space))
    platform.grant()
    assert ["shop", "shop-for-a-while"] == sorted(kube.names("rolebinding", space))

    for until in ("2026-01-01T00:00:00Z", "2999-01-01T00:00:00", "soon"):
        platform.add("shop", space, for_a_while(until, space))
        platform.grant()
        assert ["shop"] == sorted(kube.names("rolebinding", space))


def test_a_second_run_changes_nothing(platform: PlatformRepo, space: str) -> None:
    """What was granted already must not be touched."""
    platform.add("shop", space)
    platform.grant()

    assert all_as("unchanged", space) == outcomes(actions_of(platform.grant(), "shop"))


def test_an_empty_namespace_goes_with_its_service(
    kube: Kube, platform: PlatformRepo, space: str
) -> None:
    """What each cluster puts into a namespace by itself must not keep it."""
    platform.add("shop", space)
    platform.grant()
    kube.kubectl("create", "configmap", "kube-root-ca.crt", f"--namespace={space}")
    kube.kubectl("create", "serviceaccount", "default", f"--namespace={space}")
    platform.retire("shop")

    granted = platform.grant()

    assert all_as("pruned", space) == outcomes(actions_of(granted, "shop"))
    assert not is_there(kube, space)
    assert () == actions_of(platform.grant(), "shop")


def test_a_namespace_that_holds_something_is_kept(
    kube: Kube, platform: PlatformRepo, space: str
) -> None:
    """Somebody's object keeps the namespace, until it is gone; the roles go at once."""
    platform.add("shop", space)
    platform.grant()
    kube.kubectl("create", "configmap", "by-hand", f"--namespace={space}")
    platform.retire("shop")

    first = actions_of(platform.grant(), "shop")
    kept = next(one for one in first if one.key.is_namespace)
    there = is_there(kube, space)
    kube.kubectl("delete", "configmap", "by-hand", f"--namespace={space}")
    second = actions_of(platform.grant(), "shop")

    assert ("kept", "it still holds ConfigMap by-hand") == (kept.outcome, kept.why)
    assert "pruned" == outcomes(first)["RoleBinding shop"]
    assert there
    assert {f"Namespace {space}": "pruned"} == outcomes(second)
    assert not is_there(kube, space)


def test_a_namespace_that_holds_data_goes_when_asked(
    kube: Kube, platform: PlatformRepo, space: str
) -> None:
    """A marker that says so takes the namespace with all that its service left in it."""
    platform.add("shop", space)
    platform.grant()
    repo = EnvRepo(platform.path / "env", space)
    repo.release()
    repo.write(config_map("settings"), claim("files"))
    deploy(repo.path, "dev")
    platform.retire("shop", "delete-data: true")

    granted = platform.grant()

    assert all_as("pruned", space) == outcomes(actions_of(granted, "shop"))
    assert not is_there(kube, space)


def test_a_neighbour_keeps_a_shared_namespace(
    kube: Kube, platform: PlatformRepo, space: str
) -> None:
    """Two services of a team in one namespace: it must stay until both are retired."""
    platform.add("shop", space)
    platform.add("pay", space)
    first = platform.grant()
    platform.retire("pay", "delete-data: true")
    second = platform.grant()
    there = is_there(kube, space)
    platform.retire("shop", "delete-data: true")
    platform.grant()

    assert first.error is None
    assert "kept" == outcomes(actions_of(second, "pay"))[f"Namespace {space}"]
    assert "unchanged" == outcomes(actions_of(second, "shop"))[f"Namespace {space}"]
    assert there
    platform.grant()
    assert not is_there(kube, space)


def test_a_shared_namespace_is_not_changed_in_turns(platform: PlatformRepo, space: str) -> None:
    """Each service's tree labels it as its own; the one that made it must win for good."""
    platform.add("shop", space)
    platform.add("pay", space)
    platform.grant()

    granted = platform.grant()

    assert {"unchanged"} == {
        str(action.outcome) for one in granted.services for action in one.actions
    }


def test_a_folder_that_is_gone(kube: Kube, platform: PlatformRepo, space: str) -> None:
    """Without a marker nothing may be deleted; the error names it, and the others are done."""
    platform.add("shop", space)
    platform.grant()
    shutil.rmtree(platform.folder("shop"))
    platform.add("pay", f"{space}-pay")

    granted = platform.grant()

    assert isinstance(granted.error, DeployError)
    assert "1 of 2 services failed, the others are done" == granted.error.what
    assert granted.error.details[0].startswith("shop: ")
    assert "the folder is gone" in granted.error.details[0]
    assert is_there(kube, space)
    assert is_there(kube, f"{space}-pay")


def test_a_broken_overlay_fails_alone(kube: Kube, platform: PlatformRepo, space: str) -> None:
    """One service's mistake must not keep the others from their access."""
    platform.add("shop", space)
    platform.folder("broken").mkdir(parents=True)
    (platform.folder("broken") / "kustomization.yaml").write_text("resources: [none.yaml]")

    granted = platform.grant()

    assert granted.error is not None
    assert ["broken"] == [one.service for one in granted.services if one.error]
    assert is_there(kube, space)


def test_an_overlay_that_lost_its_objects(kube: Kube, platform: PlatformRepo, space: str) -> None:
    """An empty overlay without a marker must fail, and delete nothing."""
    platform.add("shop", space)
    platform.grant()
    write_overlay(platform.folder("shop"))

    granted = platform.grant()

    assert granted.error is not None
    assert "builds to nothing; nothing was deleted" in granted.error.details[0]
    assert is_there(kube, space)


def test_access_stays_inside_its_own_namespaces(
    kube: Kube, platform: PlatformRepo, space: str
) -> None:
    """An overlay must not reach into a namespace that it does not make."""
    platform.add("shop", space, role_binding("shop", "kube-system"))

    granted = platform.grant()

    assert granted.error is not None
    assert (
        f"  RoleBinding.rbac.authorization.k8s.io kube-system/shop: its namespace is not {space}"
    ) in granted.error.details
    assert not is_there(kube, space)


def test_a_namespace_that_was_there_before(kube: Kube, platform: PlatformRepo, space: str) -> None:
    """A namespace that somebody else made must not be taken over, nor deleted ever."""
    kube.kubectl("create", "namespace", space)
    platform.add("shop", space)

    granted = platform.grant()

    assert granted.error is not None
    assert f"  Namespace {space}: by hand" in granted.error.details


def test_two_environments_on_one_cluster(
    kube: Kube, platform: PlatformRepo, tmp_path: Path, space: str
) -> None:
    """Each environment must know only its own services."""
    platform.add("shop", space)
    platform.grant()
    other = PlatformRepo(tmp_path / "other")
    other.add("shop", f"{space}-other")

    granted = other.grant()

    assert granted.error is None
    assert is_there(kube, space)
    assert is_there(kube, f"{space}-other")


def test_an_unknown_environment(platform: PlatformRepo) -> None:
    """A wrong name is wrong use, and the error must name what there is."""
    with pytest.raises(UsageError, match="has no environment `prod`") as caught:
        grant_access(platform.path, "prod")

    assert f"It has: {platform.environment}." == caught.value.hint


def test_not_the_platforms_repo(tmp_path: Path) -> None:
    """Elsewhere the step must say where it belongs."""
    with pytest.raises(ConfigError) as caught:
        grant_access(tmp_path, "dev")

    assert "This step runs in the platform's repo; name it with --path." == caught.value.hint
