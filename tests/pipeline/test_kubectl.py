"""kubectl is told a context that is none but a context."""

from pathlib import Path

import pytest

from scaffold.pipeline.deploy.kubectl import Kubectl
from tests.stand_ins import StandIns


def test_a_context_is_no_option(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`.scaffold.yml`, which names it, is the owner's of the repo."""
    programs = StandIns(tmp_path / "stand-ins")
    programs.put("kubectl", "exit 0")
    monkeypatch.setenv("PATH", programs.path)

    Kubectl("--kubeconfig=/elsewhere").run("get", "pods")

    (started,) = programs.started
    assert ("--context=--kubeconfig=/elsewhere", "get", "pods") == started.arguments
