"""`scaffold pipeline deploy` against a real API server: apply, prune, record."""

import json
from pathlib import Path

import pytest

from scaffold.errors import DeployError, ToolMissingError, UsageError
from scaffold.pipeline.deploy import prune
from scaffold.pipeline.deploy.step import deploy
from tests.pipeline.kube import Kube
from tests.pipeline.results import INVENTORY, listed, outcomes
from tests.pipeline.trees import EnvRepo, claim, config_map, deployment


def test_a_deploy_applies_the_tree(kube: Kube, env_repo: EnvRepo) -> None:
    """Every object of the tree must be on the cluster, and in the inventory."""
    env_repo.write(config_map("settings"), deployment("web"))

    done = deploy(env_repo.path, "dev")

    assert {"ConfigMap settings": "applied", "Deployment web": "applied"} == outcomes(done.actions)
    assert {"settings", INVENTORY} == kube.names("configmap", env_repo.namespace)
    assert {"web"} == kube.names("deployment", env_repo.namespace)
    assert {"ConfigMap settings", "Deployment web"} == listed(kube, env_repo.namespace)


def test_a_second_deploy_changes_nothing(kube: Kube, env_repo: EnvRepo) -> None:
    """Deploying the same tree again must not touch any object, nor the inventory."""
    env_repo.write(config_map("settings"), deployment("web"))
    deploy(env_repo.path, "dev")
    before = [
        kube.get(kind, name, env_repo.namespace)
        for kind, name in (("configmap", INVENTORY), ("deployment", "web"))
    ]

    done = deploy(env_repo.path, "dev")

    assert {"ConfigMap settings": "unchanged", "Deployment web": "unchanged"} == outcomes(
        done.actions
    )
    assert before == [
        kube.get(kind, name, env_repo.namespace)
        for kind, name in (("configmap", INVENTORY), ("deployment", "web"))
    ]


def test_what_left_the_tree_is_pruned(kube: Kube, env_repo: EnvRepo) -> None:
    """An object that an earlier deploy put there, and the tree no longer has, must go."""
    env_repo.write(config_map("settings"), config_map("old"))
    deploy(env_repo.path, "dev")
    env_repo.write(config_map("settings"))

    done = deploy(env_repo.path, "dev")

    assert {"ConfigMap settings": "unchanged", "ConfigMap old": "pruned"} == outcomes(done.actions)
    assert {"settings", INVENTORY} == kube.names("configmap", env_repo.namespace)
    assert {"ConfigMap settings"} == listed(kube, env_repo.namespace)


def test_neighbours_stay(kube: Kube, env_repo: EnvRepo, tmp_path: Path) -> None:
    """Neither a person's objects nor another service's in the same namespace may be pruned."""
    other = EnvRepo(tmp_path / "pay-env", env_repo.namespace, service="pay")
    other.release()
    other.write(config_map("pay-settings"))
    deploy(other.path, "dev")
    kube.kubectl("create", "configmap", "by-hand", f"--namespace={env_repo.namespace}")
    env_repo.write(config_map("settings"), config_map("old"))
    deploy(env_repo.path, "dev")
    env_repo.write(config_map("settings"))

    deploy(env_repo.path, "dev")

    assert {
        "settings", INVENTORY, "pay-settings", "scaffold-inventory-pay", "by-hand",
    } == kube.names("configmap", env_repo.namespace)  # fmt: skip


def test_a_persons_object_of_the_same_name_is_not_taken_over(kube: Kube, env_repo: EnvRepo) -> None:
    """A deploy must refuse to overwrite what somebody else put there, and apply nothing."""
    kube.kubectl("create", "configmap", "settings", f"--namespace={env_repo.namespace}")
    env_repo.write(config_map("settings"), config_map("more"))

    with pytest.raises(DeployError, match="are there already") as caught:
        deploy(env_repo.path, "dev")

    assert (f"ConfigMap {env_repo.namespace}/settings: by hand",) == caught.value.details
    assert {"settings"} == kube.names("configmap", env_repo.namespace)


def test_a_neighbours_object_of_the_same_name_is_not_taken_over(
    env_repo: EnvRepo, tmp_path: Path
) -> None:
    """Two services that both want one name: the second one must be told whose it is."""
    other = EnvRepo(tmp_path / "pay-env", env_repo.namespace, service="pay")
    other.release()
    other.write(config_map("settings"))
    deploy(other.path, "dev")
    env_repo.write(config_map("settings"))

    with pytest.raises(DeployError) as caught:
        deploy(env_repo.path, "dev")

    space = env_repo.namespace
    expected = f"ConfigMap {space}/settings: of {space}/scaffold-inventory-pay"
    assert (expected,) == caught.value.details


def test_an_object_can_be_handed_over(kube: Kube, env_repo: EnvRepo) -> None:
    """The command in the refusal's hint must be what it takes to adopt an object."""
    space = env_repo.namespace
    kube.kubectl("create", "configmap", "settings", f"--namespace={space}")
    env_repo.write(config_map("settings"))
    with pytest.raises(DeployError) as caught:
        deploy(env_repo.path, "dev")
    command = caught.value.hint.partition("kubectl ")[2]

    kube.kubectl(*command.split())

    assert {"ConfigMap settings": "applied"} == outcomes(deploy(env_repo.path, "dev").actions)


def test_an_object_that_somebody_made_anew_is_left(kube: Kube, env_repo: EnvRepo) -> None:
    """A listed object whose uid is another one by now is not ours, so it must stay."""
    env_repo.write(config_map("settings"), config_map("old"))
    deploy(env_repo.path, "dev")
    kube.kubectl("delete", "configmap", "old", f"--namespace={env_repo.namespace}")
    kube.kubectl("create", "configmap", "old", f"--namespace={env_repo.namespace}")
    env_repo.write(config_map("settings"))

    done = deploy(env_repo.path, "dev")

    assert {"ConfigMap settings": "unchanged", "ConfigMap old": "left"} == outcomes(done.actions)
    assert "old" in kube.names("configmap", env_repo.namespace)
    assert {"ConfigMap settings"} == listed(kube, env_repo.namespace)


def test_an_object_that_is_gone_already_is_no_trouble(kube: Kube, env_repo: EnvRepo) -> None:
    """What somebody deleted by hand must not make a prune fail."""
    env_repo.write(config_map("settings"), config_map("old"))
    deploy(env_repo.path, "dev")
    kube.kubectl("delete", "configmap", "old", f"--namespace={env_repo.namespace}")
    env_repo.write(config_map("settings"))

    done = deploy(env_repo.path, "dev")

    assert {"ConfigMap settings": "unchanged", "ConfigMap old": "gone"} == outcomes(done.actions)


@pytest.mark.parametrize(
    "item",
    [claim("files"), config_map("files", annotations={"scaffold/holds-data": "true"})],
    ids=["claim", "annotated"],
)
def test_data_is_kept(kube: Kube, env_repo: EnvRepo, item: dict[str, str]) -> None:
    """What holds data must outlive a prune, be reported each time, and stay listed."""
    env_repo.write(config_map("settings"), item)
    deploy(env_repo.path, "dev")
    env_repo.write(config_map("settings"))
    expected = {"ConfigMap settings": "unchanged", f"{item['kind']} files": "kept"}

    first, second = deploy(env_repo.path, "dev"), deploy(env_repo.path, "dev")

    assert expected == outcomes(first.actions) == outcomes(second.actions)
    assert {"ConfigMap settings", f"{item['kind']} files"} == listed(kube, env_repo.namespace)


def test_data_goes_when_asked(kube: Kube, env_repo: EnvRepo) -> None:
    """With --delete-data, data that was kept before must go."""
    env_repo.write(config_map("settings"), claim("files"))
    deploy(env_repo.path, "dev")
    env_repo.write(config_map("settings"))
    deploy(env_repo.path, "dev")

    done = deploy(env_repo.path, "dev", delete_data=True)

    assert {
        "ConfigMap settings": "unchanged", "PersistentVolumeClaim files": "pruned",
    } == outcomes(done.actions)  # fmt: skip
    assert set() == kube.names("persistentvolumeclaim", env_repo.namespace)


def test_git_wins_over_a_hand(kube: Kube, env_repo: EnvRepo) -> None:
    """A field that the tree names must get the tree's value, whoever changed it since."""
    env_repo.write(config_map("settings", "from git"))
    deploy(env_repo.path, "dev")
    patch = json.dumps({"data": {"text": "by hand"}})
    space = f"--namespace={env_repo.namespace}"
    kube.kubectl("patch", "configmap", "settings", space, "--patch", patch)

    done = deploy(env_repo.path, "dev")

    found = kube.get("configmap", "settings", env_repo.namespace)
    assert {"ConfigMap settings": "applied"} == outcomes(done.actions)
    assert found is not None
    assert {"text": "from git"} == found["data"]


def test_what_the_tree_does_not_name_stays_as_it_is(kube: Kube, env_repo: EnvRepo) -> None:
    """An autoscaler's replicas must outlive a deploy."""
    env_repo.write(deployment("web"))
    deploy(env_repo.path, "dev")
    kube.kubectl("scale", "deployment", "web", "--replicas=7", f"-n{env_repo.namespace}")
    env_repo.write(deployment("web", image="app:2"))

    deploy(env_repo.path, "dev")

    found = kube.get("deployment", "web", env_repo.namespace)
    assert found is not None
    assert 7 == found["spec"]["replicas"]
    assert "app:2" == found["spec"]["template"]["spec"]["containers"][0]["image"]


def test_nothing_is_pruned_where_a_part_is_refused(kube: Kube, env_repo: EnvRepo) -> None:
    """A tree that the cluster refuses in part must fail before anything is deleted."""
    env_repo.write(config_map("old"))
    deploy(env_repo.path, "dev")
    env_repo.write(config_map("settings"), deployment("web", imagePullPolicy="Whenever"))

    with pytest.raises(DeployError, match="refused a part of the tree") as caught:
        deploy(env_repo.path, "dev")

    assert any('"Whenever"' in line for line in caught.value.details)
    assert "old" in kube.names("configmap", env_repo.namespace)
    assert {"ConfigMap old", "ConfigMap settings", "Deployment web"} == listed(
        kube, env_repo.namespace
    )


def test_an_object_that_does_not_go_is_reported(
    kube: Kube, env_repo: EnvRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A finalizer that nobody takes off must end in an error that names it; it stays listed."""
    monkeypatch.setattr(prune, "DELETE_TIMEOUT", 0.0)
    env_repo.write(config_map("settings"), config_map("old", finalizers=["example.com/hold"]))
    deploy(env_repo.path, "dev")
    env_repo.write(config_map("settings"))

    with pytest.raises(DeployError, match="still being deleted") as caught:
        deploy(env_repo.path, "dev")

    space = env_repo.namespace
    assert (f"ConfigMap {space}/old: waits for example.com/hold",) == caught.value.details
    assert "ConfigMap old" in listed(kube, space)
    patch = json.dumps({"metadata": {"finalizers": None}})
    kube.kubectl("patch", "configmap", "old", f"--namespace={space}", "--patch", patch)
    assert {"ConfigMap settings": "unchanged", "ConfigMap old": "gone"} == outcomes(
        deploy(env_repo.path, "dev").actions
    )


def test_a_dry_run_changes_nothing(kube: Kube, env_repo: EnvRepo) -> None:
    """A dry run must say what a deploy would do, and leave the cluster as it is."""
    env_repo.write(config_map("settings"), config_map("old"))
    deploy(env_repo.path, "dev")
    before = kube.get("configmap", INVENTORY, env_repo.namespace)
    env_repo.write(config_map("settings"), config_map("new"))

    done = deploy(env_repo.path, "dev", dry_run=True)

    assert {
        "ConfigMap settings": "unchanged", "ConfigMap new": "applied", "ConfigMap old": "pruned",
    } == outcomes(done.actions)  # fmt: skip
    assert {"settings", "old", INVENTORY} == kube.names("configmap", env_repo.namespace)
    assert before == kube.get("configmap", INVENTORY, env_repo.namespace)


def test_kubectl_missing(env_repo: EnvRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without kubectl the step must say so, and how to get it."""
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(ToolMissingError, match="`kubectl` is not installed") as caught:
        deploy(env_repo.path, "dev")

    assert "https://kubernetes.io/docs/tasks/tools/" in caught.value.hint


def test_a_cluster_account_without_rights(env_repo: EnvRepo) -> None:
    """The context of `.scaffold.yml` must be used, and a lack of rights be told as that."""
    env_repo.describe(context="nobody")
    env_repo.write(config_map("settings"))

    with pytest.raises(DeployError) as caught:
        deploy(env_repo.path, "dev")

    expected = "The pipeline's cluster account lacks this right; the platform team can give it."
    assert expected == caught.value.hint


def test_a_namespace_that_is_not_there(kube: Kube, tmp_path: Path) -> None:
    """A missing namespace is the platform team's to make, and the error must say how."""
    repo = EnvRepo(tmp_path / "env", "not-there")
    repo.release()
    repo.write(config_map("settings"))

    with pytest.raises(DeployError) as caught:
        deploy(repo.path, "dev")

    assert "`scaffold pipeline access`" in caught.value.hint
    assert "not-there" not in kube.kubectl("get", "namespaces")


@pytest.mark.parametrize(
    ("environment", "hint"),
    [("prod", "It has: dev."), ("dve", "Did you mean `dev`?")],
)
def test_an_environment_that_the_repo_does_not_have(
    env_repo: EnvRepo, environment: str, hint: str
) -> None:
    """A wrong name is wrong use, and the error must name what there is."""
    with pytest.raises(UsageError, match=f"has no environment `{environment}`") as caught:
        deploy(env_repo.path, environment)

    assert hint == caught.value.hint


def test_an_environments_name_is_no_path(env_repo: EnvRepo) -> None:
    """A name that would lead out of the repo must be refused."""
    with pytest.raises(UsageError, match=r"`\.\./dev` may hold only"):
        deploy(env_repo.path, "../dev")
