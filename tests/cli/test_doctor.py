"""`scaffold doctor`, run as a user runs it, and what `scaffold init` says of the same."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from scaffold.documents.schemas import published_schemas
from tests.builders import need_programs, write_files
from tests.service.run import scaffold

ALL = ("kustomize", "kubeconform", "actionlint", "hadolint", "check-jsonschema", "promtool")
BROKEN = "version: 1\n"


def document(folder: Path, *words: str, status: int = 0) -> dict[str, Any]:
    """What the command prints as JSON, which fits its schema."""
    done = scaffold("doctor", *words, "--output", "json", cwd=folder)
    assert status == done.returncode, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    jsonschema.Draft202012Validator(published_schemas()["output-doctor"]).validate(told)
    return told


def without_go_programs(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Have only those programs that come as Python packages."""
    folder.mkdir()
    for name in ("git", "bash", "env"):
        (folder / name).symlink_to(f"/usr/bin/{name}")
    monkeypatch.setenv("PATH", os.pathsep.join([str(folder), str(Path(sys.executable).parent)]))


def test_outside_of_a_platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine alone is looked at, which is said."""
    need_programs(monkeypatch, *ALL)
    done = scaffold("doctor", cwd=tmp_path)

    lines = done.stdout.splitlines()
    assert (0, "") == (done.returncode, done.stderr)
    assert lines[0].startswith("ok       git               2.")
    assert [
        "",
        "All is well.",
        "No forge was looked at: there is no platform.yml here or above.",
    ] == (lines[-3:])


def test_what_is_missing_is_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is listed with how to get it."""
    without_go_programs(monkeypatch, tmp_path / "bin")
    done = scaffold("doctor", cwd=tmp_path)

    assert 0 == done.returncode
    assert (
        "missing  kubeconform       not installed; it checks Kubernetes objects against their"
        " schemas\n"
        "  go install github.com/yannh/kubeconform/cmd/kubeconform@v0.7.0, or a built one:"
        " https://github.com/yannh/kubeconform/releases\n"
    ) in done.stdout
    assert "4 of 9 are missing" in done.stdout
    told = document(tmp_path)
    assert (True, False, "") == (told["passed"], told["complete"], told["platform"])


def test_what_fails_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told on standard error where nothing else is printed."""
    need_programs(monkeypatch, *ALL)
    write_files(tmp_path, {"platform.yml": BROKEN})
    quiet = scaffold("doctor", "--quiet", cwd=tmp_path)
    told = document(tmp_path, status=1)

    assert (1, "") == (quiet.returncode, quiet.stdout)
    assert quiet.stderr.startswith("failed   platform.yml")
    assert (False, str(tmp_path)) == (told["passed"], told["platform"])
    assert "1 of 10 failed" in scaffold("doctor", cwd=tmp_path).stdout


def test_a_platform_that_is_not_there(tmp_path: Path) -> None:
    """One that is named has to be there."""
    done = scaffold("doctor", "--platform", "nope", cwd=tmp_path)

    assert (2, True) == (done.returncode, "nope: there is no such folder" in done.stderr)


def test_a_platform_that_was_just_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of it is well."""
    need_programs(monkeypatch, *ALL)
    assert 0 == scaffold("init", "acme", "--defaults", cwd=tmp_path).returncode
    told = document(tmp_path / "acme")

    assert (True, True) == (told["passed"], told["complete"])
    assert str(tmp_path / "acme/platform") == told["platform"]
    assert ["platform.yml", "forge", "platform repo"] == [one["name"] for one in told["lines"][-3:]]


def test_init_says_at_its_end_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The platform is made all the same."""
    without_go_programs(monkeypatch, tmp_path / "bin")
    done = scaffold("init", "acme", "--defaults", cwd=tmp_path)
    told = json.loads(
        scaffold("init", "other", "--defaults", "--output", "json", cwd=tmp_path).stdout
    )

    assert (
        "Missing     kustomize, kubeconform, actionlint, promtool:"
        " `scaffold doctor` says how to get them\n"
    ) in done.stdout
    assert ["kustomize", "kubeconform", "actionlint", "promtool"] == told["missing"]
