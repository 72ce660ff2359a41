"""kustomize builds an overlay, by itself or inside kubectl, and its own words reach the user."""

from pathlib import Path

import pytest
import yaml

from scaffold.checks.kustomize import build
from scaffold.errors import ProcessFailedError, ToolMissingError
from tests.builders import need_programs, only_programs, write_files

OVERLAY = {
    "kustomization.yaml": "resources: [one.yaml]\nnamePrefix: dev-\n",
    "one.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\n",
}


def names(text: str) -> list[str]:
    """The names of the objects in a multi-document text."""
    return [document["metadata"]["name"] for document in yaml.safe_load_all(text)]


def test_an_overlay_is_built(tmp_path: Path) -> None:
    """The result is the objects, changed as the overlay says."""
    write_files(tmp_path, OVERLAY)

    assert ["dev-one"] == names(build(tmp_path, repo=tmp_path))


def test_kubectl_does_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where only kubectl is installed, the kustomize inside it is used."""
    need_programs(monkeypatch, "kubectl")
    write_files(tmp_path / "overlay", OVERLAY)
    only_programs(monkeypatch, tmp_path / "bin", "kubectl")

    assert ["dev-one"] == names(build(tmp_path / "overlay", repo=tmp_path))


def test_neither_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says how to get one."""
    only_programs(monkeypatch, tmp_path / "bin")

    with pytest.raises(ToolMissingError, match="neither kustomize nor kubectl") as caught:
        build(tmp_path, repo=tmp_path)

    assert caught.value.hint.startswith("Install kustomize (go install sigs.k8s.io/kustomize")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"kustomization.yaml": "resources: [gone.yaml]\n"}, "gone.yaml: no such file"),
        ({"kustomization.yaml": "resuorces: []\n"}, 'unknown field "resuorces"'),
        ({}, "unable to find one of 'kustomization.yaml'"),
        (
            {**OVERLAY, "one.yaml": "apiVersion: v1\nkind: ConfigMap\n"},
            "missing metadata.name",
        ),
    ],
    ids=["resource", "key", "nothing", "name"],
)
def test_a_failure_has_kustomizes_own_words(
    tmp_path: Path, files: dict[str, str], said: str
) -> None:
    """The error names the folder, and its details say what kustomize found."""
    write_files(tmp_path, files)

    with pytest.raises(ProcessFailedError, match="kustomize can't build it") as caught:
        build(tmp_path, repo=tmp_path)

    assert str(tmp_path) == caught.value.where
    assert said in "\n".join(caught.value.details)


def test_a_folder_outside_the_overlay_is_not_read(tmp_path: Path) -> None:
    """A file elsewhere on the machine can't be pulled in by a path."""
    write_files(tmp_path, {"secret.yaml": OVERLAY["one.yaml"]})
    write_files(tmp_path / "overlay", {"kustomization.yaml": "resources: [../secret.yaml]\n"})

    with pytest.raises(ProcessFailedError) as caught:
        build(tmp_path / "overlay", repo=tmp_path)

    assert "security" in "\n".join(caught.value.details)


def test_the_users_tokens_are_not_handed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program gets no variable that it has no business with."""
    write_files(tmp_path / "bin", {"kustomize": "#!/bin/sh\nenv\n"})
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/usr/bin:/bin")
    monkeypatch.setenv("GITLAB_TOKEN", "secret")

    assert "GITLAB_TOKEN" not in build(tmp_path, repo=tmp_path)
