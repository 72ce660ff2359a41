"""A deploy that is killed, or that meets another one, loses track of nothing."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from scaffold.errors import DeployError
from scaffold.pipeline.deploy import reconcile
from scaffold.pipeline.deploy.step import deploy
from tests.pipeline.kube import Kube
from tests.pipeline.results import INVENTORY, listed, outcomes
from tests.pipeline.trees import EnvRepo, claim, config_map
from tests.pipeline.watch import KilledError, after_each_call


def calls_of_a_change(repo: EnvRepo, monkeypatch: pytest.MonkeyPatch, *, killed_after: int) -> int:
    """Deploy with a kill after that many kubectl calls; return how many there were."""
    calls: list[Sequence[str]] = []

    def watch(command: Sequence[str]) -> None:
        calls.append(command)
        if len(calls) == killed_after:
            raise KilledError

    with monkeypatch.context() as patch:
        after_each_call(patch, watch)
        try:
            deploy(repo.path, "dev")
        except KilledError:
            assert killed_after == len(calls)
    return len(calls)


def change(repo: EnvRepo) -> None:
    """Deploy one tree, then write another that adds, changes, prunes and keeps."""
    repo.write(config_map("stays"), config_map("changes"), config_map("goes"), claim("files"))
    deploy(repo.path, "dev")
    repo.write(config_map("stays"), config_map("changes", "two"), config_map("comes"))


def test_a_kill_between_any_two_calls(
    kube: Kube, env_repo: EnvRepo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Wherever it is killed, no object may be unlisted, and a second run must end it."""
    change(env_repo)
    total = calls_of_a_change(env_repo, monkeypatch, killed_after=0)
    assert 8 == total

    for calls in range(1, total):
        namespace = f"{env_repo.namespace}-{calls}"
        kube.kubectl("create", "namespace", namespace)
        repo = EnvRepo(tmp_path / namespace, namespace)
        repo.release()
        change(repo)
        calls_of_a_change(repo, monkeypatch, killed_after=calls)
        there = {f"ConfigMap {name}" for name in kube.names("configmap", namespace)}
        assert there - {f"ConfigMap {INVENTORY}"} <= listed(kube, namespace), calls

        done = deploy(repo.path, "dev")

        assert "kept" == outcomes(done.actions)["PersistentVolumeClaim files"], calls
        assert {"stays", "changes", "comes", INVENTORY} == kube.names("configmap", namespace)
        expected = {"stays", "changes", "comes"}
        assert {f"ConfigMap {name}" for name in expected} | {
            "PersistentVolumeClaim files"
        } == listed(kube, namespace), calls


def test_a_kill_of_a_first_deploy(
    kube: Kube, env_repo: EnvRepo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Before there is any inventory, no object may get onto the cluster unlisted."""
    env_repo.write(config_map("one"), claim("files"))
    total = calls_of_a_change(env_repo, monkeypatch, killed_after=0)

    for calls in range(1, total):
        namespace = f"{env_repo.namespace}-{calls}"
        kube.kubectl("create", "namespace", namespace)
        repo = EnvRepo(tmp_path / namespace, namespace)
        repo.release()
        repo.write(config_map("one"), claim("files"))
        calls_of_a_change(repo, monkeypatch, killed_after=calls)
        there = {f"ConfigMap {name}" for name in kube.names("configmap", namespace)}
        assert there - {f"ConfigMap {INVENTORY}"} <= listed(kube, namespace), calls

        deploy(repo.path, "dev")

        assert {"ConfigMap one", "PersistentVolumeClaim files"} == listed(kube, namespace), calls


def test_a_kill_of_a_retirement(
    kube: Kube, env_repo: EnvRepo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A retirement that was killed anywhere must be ended by the next run."""
    for calls in range(1, 9):
        namespace = f"{env_repo.namespace}-{calls}"
        kube.kubectl("create", "namespace", namespace)
        repo = EnvRepo(tmp_path / namespace, namespace)
        repo.release()
        repo.write(config_map("one"), config_map("two"), claim("files"))
        deploy(repo.path, "dev")
        repo.retire("delete-data: true")
        calls_of_a_change(repo, monkeypatch, killed_after=calls)

        deploy(repo.path, "dev")

        assert set() == kube.names("configmap", namespace), calls
        assert set() == kube.names("persistentvolumeclaim", namespace), calls


def test_a_deploy_that_meets_another_one(
    kube: Kube, env_repo: EnvRepo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Of two at once, the slower one starts over: its tree wins, and nothing is left unlisted."""
    monkeypatch.setattr(reconcile, "PAUSE", 0.0)
    other = EnvRepo(tmp_path / "other", env_repo.namespace)
    other.release()
    other.write(config_map("settings", "other"), config_map("only-other"))
    env_repo.write(config_map("settings", "mine"), config_map("only-mine"))
    met: list[str] = []

    def meet(command: Sequence[str]) -> None:
        if "apply" in command and not met:
            met.append("apply")
            deploy(other.path, "dev")

    after_each_call(monkeypatch, meet)
    deploy(env_repo.path, "dev")

    assert ["apply"] == met
    assert {"settings", "only-mine", INVENTORY} == kube.names("configmap", env_repo.namespace)
    assert {"ConfigMap settings", "ConfigMap only-mine"} == listed(kube, env_repo.namespace)
    settings = kube.get("configmap", "settings", env_repo.namespace)
    assert settings is not None
    assert {"text": "mine"} == settings["data"]


def test_two_first_deploys_at_once(
    kube: Kube, env_repo: EnvRepo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Two that both find no inventory must not make two, nor lose the other's objects."""
    monkeypatch.setattr(reconcile, "PAUSE", 0.0)
    other = EnvRepo(tmp_path / "other", env_repo.namespace)
    other.release()
    other.write(config_map("only-other"))
    env_repo.write(config_map("only-mine"))
    met: list[str] = []

    def meet(command: Sequence[str]) -> None:
        if "get" in command and "--filename=-" in command and len(met) < 1:
            met.append("get")
            deploy(other.path, "dev")

    after_each_call(monkeypatch, meet)
    deploy(env_repo.path, "dev")

    assert {"only-mine", INVENTORY} == kube.names("configmap", env_repo.namespace)
    assert {"ConfigMap only-mine"} == listed(kube, env_repo.namespace)


def test_a_deploy_that_is_always_overtaken(
    kube: Kube, env_repo: EnvRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where others never stop, it must give up with a clear word, having unlisted nothing."""
    monkeypatch.setattr(reconcile, "PAUSE", 0.0)
    env_repo.write(config_map("settings"))
    deploy(env_repo.path, "dev")
    env_repo.write(config_map("settings"), config_map("more"))
    touches: list[str] = []

    def touch(command: Sequence[str]) -> None:
        if "get" in command and "--filename=-" in command:
            touches.append(str(len(touches)))
            label = f"touched={touches[-1]}"
            space = f"--namespace={env_repo.namespace}"
            kube.kubectl("label", "--overwrite", "configmap", INVENTORY, space, label)

    after_each_call(monkeypatch, touch)
    with pytest.raises(DeployError, match="another deploy of the same service is at work"):
        deploy(env_repo.path, "dev")

    assert 2 * reconcile.ATTEMPTS == len(touches)
    assert {"ConfigMap settings"} == listed(kube, env_repo.namespace)
    assert {"settings", INVENTORY} == kube.names("configmap", env_repo.namespace)


def test_an_object_that_somebody_makes_anew_during_a_deploy(
    kube: Kube, env_repo: EnvRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server itself must refuse to delete another object than the one that was looked at."""
    env_repo.write(config_map("settings"), config_map("old"))
    deploy(env_repo.path, "dev")
    env_repo.write(config_map("settings"))
    space = f"--namespace={env_repo.namespace}"

    def make_anew(command: Sequence[str]) -> None:
        if "apply" in command:
            kube.kubectl("delete", "configmap", "old", space)
            kube.kubectl("create", "configmap", "old", space)

    after_each_call(monkeypatch, make_anew)
    done = deploy(env_repo.path, "dev")

    assert {"ConfigMap settings": "unchanged", "ConfigMap old": "left"} == outcomes(done.actions)
    assert "old" in kube.names("configmap", env_repo.namespace)
    assert {"ConfigMap settings"} == listed(kube, env_repo.namespace)
