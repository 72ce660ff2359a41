"""Which Secrets pods can't start without, told before they wait for them."""

from typing import Any

from scaffold.pipeline.deploy.objects import Json, Key
from scaffold.pipeline.deploy.secrets import expected_secrets, missing_secrets
from scaffold.pipeline.deploy.step import deploy
from tests.pipeline.kube import Kube
from tests.pipeline.trees import EnvRepo, deployment

OURS = Key("", "Secret", "", "pay")


def variable(key: str, name: str = "pay", **more: Any) -> Json:
    """A variable of a container that has its value from a Secret."""
    return {"name": key, "valueFrom": {"secretKeyRef": {"name": name, "key": key, **more}}}


def test_what_containers_get_of_secrets_is_expected() -> None:
    """Keys one by one, a whole Secret, in a job's pods too; not what is optional."""
    job = {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": "night"},
        "spec": {"jobTemplate": {"spec": deployment("x", env=[variable("C")])["spec"]}},
    }
    whole = [{"secretRef": {"name": "all"}}, {"secretRef": {"name": "some", "optional": True}}]
    env = [variable("A"), variable("B"), variable("D", optional=True), {"name": "E", "value": "1"}]
    tree = [deployment("web", env=env, envFrom=whole), job]
    assert {
        Key("", "Secret", "", "all"): frozenset(),
        OURS: frozenset({"A", "B", "C"}),
    } == expected_secrets(tree)


def test_what_the_tree_itself_brings_is_not_expected() -> None:
    """External Secrets makes it once its object is there."""
    made = {
        "apiVersion": "external-secrets.io/v1",
        "kind": "ExternalSecret",
        "metadata": {"name": "any"},
        "spec": {"target": {"name": "pay"}},
    }
    assert {} == expected_secrets([deployment("web", env=[variable("A")]), made])


def test_what_is_missing_is_named() -> None:
    """The keys that a Secret lacks, or all where there is none."""
    expected = {OURS: {"A", "B"}}
    assert ("Secret pay with A, B",) == missing_secrets(expected, {})
    assert ("B in Secret pay",) == missing_secrets(expected, {OURS: {"data": {"A": "eA=="}}})
    assert () == missing_secrets(expected, {OURS: {"data": {"A": "eA==", "B": ""}}})


def test_a_deploy_says_which_secrets_are_not_there(kube: Kube, env_repo: EnvRepo) -> None:
    """It goes on: whoever makes them finds the pods waiting."""
    env_repo.write(deployment("web", env=[variable("A"), variable("B")]))
    space = env_repo.namespace
    kube.kubectl("create", "secret", "generic", "pay", "--from-literal=A=1", f"--namespace={space}")
    told = f"pods start once these are there: B in Secret {space}/pay"
    assert told == deploy(env_repo.path, "dev").note
    assert {"web"} == kube.names("deployment", space)
