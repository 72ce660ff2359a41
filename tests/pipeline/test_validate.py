"""`scaffold pipeline validate`: a check that did not run is no check that passed."""

from pathlib import Path

import pytest

from scaffold.errors import CheckFailedError
from scaffold.pipeline.validate import validate
from tests.builders import need_programs
from tests.pipeline.trees import config_map, write_overlay

ABOUT = "{service: shop, owner: team-a, repo: docker, kubernetes: '1.34'}\n"
CLEAN = 'FROM scratch\nLABEL title="shop"\n'


def docker_repo(folder: Path, dockerfile: str) -> Path:
    """A docker repo with this Dockerfile."""
    (folder / ".scaffold.yml").write_text(ABOUT)
    (folder / "Dockerfile").write_text(dockerfile)
    return folder


@pytest.fixture
def _hadolint(monkeypatch: pytest.MonkeyPatch) -> None:
    need_programs(monkeypatch, "hadolint")


@pytest.mark.usefixtures("_hadolint")
def test_a_clean_repo(tmp_path: Path) -> None:
    """The report has each check, and each one passed."""
    report = validate(docker_repo(tmp_path, CLEAN))

    assert [("docker/Dockerfile", "passed")] == [
        (result.target, str(result.outcome)) for result in report.results
    ]


@pytest.mark.usefixtures("_hadolint")
def test_a_repo_that_fails(tmp_path: Path) -> None:
    """What failed must be named, with what the tool said."""
    with pytest.raises(CheckFailedError, match="1 of 1 checks failed, 0 could not run") as caught:
        validate(docker_repo(tmp_path, "FROM debian:latest\n"))

    assert any("DL3007" in line for line in caught.value.details)


def test_a_check_that_can_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing tool must fail the pipeline, and the error say how to get it."""
    monkeypatch.setattr("scaffold.checks.kustomize.find_program", lambda *_: None)
    (tmp_path / ".scaffold.yml").write_text(ABOUT)
    write_overlay(tmp_path / "base")

    with pytest.raises(CheckFailedError, match="0 of 2 checks failed, 2 could not run") as caught:
        validate(tmp_path)

    assert any("Install kustomize" in line for line in caught.value.details)


def test_nothing_to_check(tmp_path: Path) -> None:
    """A wrong folder must not pass because there is nothing in it to fail."""
    (tmp_path / ".scaffold.yml").write_text(ABOUT)

    with pytest.raises(CheckFailedError, match="nothing was checked"):
        validate(tmp_path)


GROUP = "rbac.authorization.k8s.io"
RBAC = f"{GROUP}/v1"
THEIRS = {
    "Namespace": "v1", "ResourceQuota": "v1", "LimitRange": "v1", "Role": RBAC,
    "RoleBinding": RBAC, "ClusterRole": RBAC, "ClusterRoleBinding": RBAC,
}  # fmt: skip
# What a schema asks for of some of them.
MORE: dict[str, dict[str, object]] = {
    "LimitRange": {"spec": {"limits": []}},
    "Role": {"rules": []},
    "RoleBinding": {"roleRef": {"apiGroup": GROUP, "kind": "ClusterRole", "name": "x"}},
    "ClusterRoleBinding": {"roleRef": {"apiGroup": GROUP, "kind": "ClusterRole", "name": "x"}},
}


@pytest.mark.parametrize("kind", THEIRS)
@pytest.mark.parametrize("folder", ["base", "environments/dev"])
def test_what_is_the_platforms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, folder: str
) -> None:
    """A service's repo may not have it, though it is a valid object."""
    need_programs(monkeypatch, "kustomize", "kubeconform")
    (tmp_path / ".scaffold.yml").write_text(ABOUT)
    theirs = {"apiVersion": THEIRS[kind], "kind": kind, "metadata": {"name": "mine"}}
    write_overlay(tmp_path / folder, config_map("settings"), {**theirs, **MORE.get(kind, {})})

    with pytest.raises(CheckFailedError, match="1 of 3 checks failed, 0 could not run") as caught:
        validate(tmp_path)
    assert f"{kind} mine: namespaces, quotas and roles are the platform's" in str(
        caught.value.details
    )


def test_another_kind_of_such_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a service's as any other."""
    need_programs(monkeypatch, "kustomize", "kubeconform")
    (tmp_path / ".scaffold.yml").write_text(ABOUT)
    write_overlay(tmp_path / "base", config_map("settings", text="kind: Role"))
    assert 2 == len(validate(tmp_path).results)
