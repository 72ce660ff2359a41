"""What is looked at on this machine: git, who commits, and the programs of the checks."""

from pathlib import Path

import pytest

from scaffold.checks import tools
from scaffold.doctor import machine
from scaffold.doctor.findings import Finding, Outcome
from scaffold.doctor.machine import look_at_machine
from tests.builders import need_programs, only_programs, write_files

ALL = ("kustomize", "kubeconform", "actionlint", "hadolint", "check-jsonschema", "promtool")


def found(*, versions: bool = False) -> dict[str, Finding]:
    """The findings by their names."""
    return {one.name: one for one in look_at_machine(versions=versions)}


def programs(folder: Path, monkeypatch: pytest.MonkeyPatch, **says: str) -> None:
    """Have nothing installed but git, and programs that print something."""
    only_programs(monkeypatch, folder, "git", "bash")
    scripts = {
        name.replace("_", "-"): f"#!/usr/bin/env bash\n{text}\n" for name, text in says.items()
    }
    write_files(folder, scripts)


def test_all_is_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine where everything is installed."""
    need_programs(monkeypatch, *ALL)

    assert {Outcome.OK} == {one.outcome for one in found().values()}
    assert ["git", "commits as", *(one.name for one in tools.TOOLS), "schemas"] == list(found())


def test_versions_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs say them each in its own way; one that was not given any says so itself."""
    programs(
        tmp_path / "bin", monkeypatch,
        kustomize="echo v5.7.1",
        kubeconform="echo development",
        actionlint="echo v1.7.7; echo installed by building from source",
        hadolint="echo Haskell Dockerfile Linter 2.12.0-no-git",
        check_jsonschema="echo check-jsonschema, version 0.39.0",
    )  # fmt: skip
    told = {name: one.found for name, one in found(versions=True).items()}

    assert told["git"].startswith("2.")
    assert "Dev <dev@example.com>" == told["commits as"]
    assert ("v5.7.1", "development", "2.12.0-no-git", "0.39.0", "v1.7.7") == (
        told["kustomize"], told["kubeconform"], told["hadolint"], told["check-jsonschema"],
        told["actionlint"],
    )  # fmt: skip


def test_kubectl_builds_in_place_of_kustomize(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one inside it has a version of its own."""
    answer = '{"clientVersion": {"gitVersion": "v1.34.2"}, "kustomizeVersion": "v5.6.0"}'
    programs(tmp_path / "bin", monkeypatch, kubectl=f"echo '{answer}'")
    one = found(versions=True)["kustomize"]

    assert (Outcome.OK, "v5.6.0") == (one.outcome, one.found)


@pytest.mark.parametrize("tool", tools.TOOLS, ids=lambda tool: tool.name)
def test_a_missing_program_is_told_with_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tool: tools.Tool
) -> None:
    """It is missing, which is no failure: what it checks is told as not run."""
    programs(tmp_path / "bin", monkeypatch)
    one = found()[tool.name]

    assert (Outcome.MISSING, f"not installed; it checks {tool.checks}") == (one.outcome, one.found)
    assert tool.get in one.fix[0]


def test_a_program_that_fails_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that does not start here would fail its checks, too."""
    programs(tmp_path / "bin", monkeypatch, kubeconform="echo no such library >&2; exit 127")
    one = found(versions=True)["kubeconform"]

    assert Outcome.FAILED is one.outcome
    assert one.found.endswith("bin/kubeconform: tells no version")
    assert ("no such library", tools.KUBECONFORM.how) == one.fix


def test_without_git_nothing_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the one program that every command needs; nobody can be asked who commits."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr("sys.executable", str(tmp_path / "bin/python"))
    told = found(versions=True)

    assert (Outcome.FAILED, False) == (told["git"].outcome, "commits as" in told)
    assert "Install git (https://git-scm.com/downloads)" in told["git"].fix[0]


def test_git_that_does_not_know_who_commits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What scaffold makes is committed as its user."""
    for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "EMAIL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    one = found()["commits as"]

    assert Outcome.FAILED is one.outcome
    assert 'git config --global user.name "Your Name"' in one.fix[0]


def test_schemas_that_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """They come as a package, beside the programs."""
    monkeypatch.setattr(machine, "shipped_schemas", lambda: None)
    one = found()["schemas"]

    assert Outcome.MISSING is one.outcome
    assert ("pip install 'scaffold-blueprints[checks]'",) == one.fix


def test_schemas_say_of_which_versions_they_are() -> None:
    """The oldest and the newest."""
    one = found()["schemas"]

    assert one.found.startswith("Kubernetes 1.")
    assert " to 1." in one.found
