"""kubectl is told a context that is none but a context, and which kubeconfig."""

from pathlib import Path

import pytest

from scaffold.pipeline.deploy.kubectl import Kubectl
from tests.stand_ins import StandIns
from tests.tokens import noted


def test_a_context_is_no_option(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`.scaffold.yml`, which names it, is the owner's of the repo."""
    programs = StandIns(tmp_path / "stand-ins")
    programs.put("kubectl", "exit 0")
    monkeypatch.setenv("PATH", programs.path)

    Kubectl("--kubeconfig=/elsewhere").run("get", "pods")

    (started,) = programs.started
    assert ("--context=--kubeconfig=/elsewhere", "get", "pods") == started.arguments


def test_a_kubeconfig_that_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a CI whose secrets are values: kubectl reads it of a file, which is gone afterwards."""
    programs = StandIns(tmp_path / "stand-ins")
    programs.put("kubectl", 'cat "$KUBECONFIG"')
    monkeypatch.setenv("PATH", programs.path)
    monkeypatch.setenv("KUBECONFIG", "/elsewhere")
    monkeypatch.setenv("SCAFFOLD_KUBECONFIG", noted("apiVersion: v1\nkind: Config\n"))

    done = Kubectl("prod").run("get", "pods")

    assert "apiVersion: v1\nkind: Config\n" == done.text
    (started,) = programs.started
    assert "SCAFFOLD_KUBECONFIG" not in started.variables
    assert not Path(started.variables["KUBECONFIG"]).exists()
