"""`scaffold pipeline deploy` of an empty tree: only a retire marker may take everything away."""

import pytest

from scaffold.errors import ConfigError, DeployError
from scaffold.pipeline.deploy.step import deploy
from tests.pipeline.kube import Kube
from tests.pipeline.results import INVENTORY, listed, outcomes
from tests.pipeline.trees import EnvRepo, claim, config_map


@pytest.fixture
def deployed(env_repo: EnvRepo) -> EnvRepo:
    """An environment with settings and a claim on the cluster."""
    env_repo.write(config_map("settings"), claim("files"))
    deploy(env_repo.path, "dev")
    return env_repo


def test_nothing_promoted_yet(kube: Kube, env_repo: EnvRepo) -> None:
    """Before the first promotion nothing is deployed, whatever settings wait there: no failure."""
    env_repo.write(config_map("settings-4855fth85m"))
    env_repo.unrelease()

    done = deploy(env_repo.path, "dev")

    assert "nothing was promoted to `dev` yet: nothing to deploy" == done.note
    assert () == done.actions
    assert set() == kube.names("configmap", env_repo.namespace)


def test_a_release_that_builds_to_nothing(kube: Kube, deployed: EnvRepo) -> None:
    """A tree that lost its objects by mistake must fail, and delete nothing."""
    deployed.write()

    with pytest.raises(DeployError, match="builds to nothing; nothing was deleted"):
        deploy(deployed.path, "dev")

    assert {"settings", INVENTORY} == kube.names("configmap", deployed.namespace)


def test_a_release_that_was_taken_back(kube: Kube, deployed: EnvRepo) -> None:
    """A revert of the first promotion is no retirement: it must fail, and delete nothing."""
    deployed.write()
    deployed.unrelease()

    with pytest.raises(DeployError, match="nothing is released there, and 1 objects") as caught:
        deploy(deployed.path, "dev")

    assert (f"ConfigMap {deployed.namespace}/settings",) == caught.value.details
    assert {"settings", INVENTORY} == kube.names("configmap", deployed.namespace)


def test_a_release_that_was_taken_back_beside_an_environments_own_objects(
    kube: Kube, deployed: EnvRepo
) -> None:
    """Objects of the environment itself must not turn a lost release into a prune."""
    deployed.write(config_map("own"))
    deployed.unrelease()

    with pytest.raises(DeployError, match="nothing is released there"):
        deploy(deployed.path, "dev")

    assert {"settings", INVENTORY} == kube.names("configmap", deployed.namespace)


def test_retiring_deletes_by_inventory_and_keeps_data(kube: Kube, deployed: EnvRepo) -> None:
    """Under a retire marker all goes but data, which stays listed; again changes nothing."""
    kube.kubectl("create", "configmap", "by-hand", f"--namespace={deployed.namespace}")
    deployed.retire()

    first, second = deploy(deployed.path, "dev"), deploy(deployed.path, "dev")

    assert {
        "ConfigMap settings": "pruned", "PersistentVolumeClaim files": "kept",
    } == outcomes(first.actions)  # fmt: skip
    assert {"PersistentVolumeClaim files": "kept"} == outcomes(second.actions)
    assert "`dev` is retired" == second.note
    assert {"by-hand", INVENTORY} == kube.names("configmap", deployed.namespace)
    assert {"files"} == kube.names("persistentvolumeclaim", deployed.namespace)


def test_retiring_with_data(kube: Kube, deployed: EnvRepo) -> None:
    """A marker that says so takes data along; nothing of ours is left, the inventory neither."""
    deployed.retire("# agreed with team-a\ndelete-data: true\n")

    done = deploy(deployed.path, "dev")

    assert {
        "ConfigMap settings": "pruned", "PersistentVolumeClaim files": "pruned",
    } == outcomes(done.actions)  # fmt: skip
    assert set() == kube.names("configmap", deployed.namespace)
    assert set() == kube.names("persistentvolumeclaim", deployed.namespace)
    assert () == deploy(deployed.path, "dev").actions


def test_a_marker_beside_a_release(kube: Kube, deployed: EnvRepo) -> None:
    """A marker and a release contradict each other: neither may be acted on."""
    deployed.retire()
    deployed.release()

    with pytest.raises(DeployError, match=r"holds both a retire\.yml and a release"):
        deploy(deployed.path, "dev")

    assert {"ConfigMap settings", "PersistentVolumeClaim files"} == listed(kube, deployed.namespace)


def test_a_marker_with_a_typo(deployed: EnvRepo) -> None:
    """A misspelt key must not be taken for its absence."""
    deployed.retire("delete_dta: true\n")

    with pytest.raises(ConfigError) as caught:
        deploy(deployed.path, "dev")

    assert "did you mean `delete-data`?" in caught.value.what


def test_coming_back_to_kept_data(kube: Kube, deployed: EnvRepo) -> None:
    """After a retirement was undone, nothing is promoted yet and the data is still known."""
    deployed.retire()
    deploy(deployed.path, "dev")
    (deployed.folder / "retire.yml").unlink()

    waiting = deploy(deployed.path, "dev")
    deployed.release()
    deployed.write(config_map("settings"), claim("files"))
    back = deploy(deployed.path, "dev")

    assert {"PersistentVolumeClaim files": "kept"} == outcomes(waiting.actions)
    assert {
        "ConfigMap settings": "applied", "PersistentVolumeClaim files": "unchanged",
    } == outcomes(back.actions)  # fmt: skip
    assert {"settings", INVENTORY} == kube.names("configmap", deployed.namespace)


def test_a_missing_pin(env_repo: EnvRepo) -> None:
    """A deleted pin must not be taken for an empty one."""
    (env_repo.folder / "release/release.yml").unlink()

    with pytest.raises(ConfigError, match="is missing"):
        deploy(env_repo.path, "dev")
