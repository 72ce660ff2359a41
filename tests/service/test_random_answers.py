"""Whatever valid answers are given: a small sample of what benchmarks/random_answers.py runs."""

from pathlib import Path

import pytest

from tests.builders import need_programs
from tests.service.answers import problems_with, random_case

PROGRAMS = ("kubeconform", "kustomize", "actionlint", "hadolint", "check-jsonschema", "promtool")


@pytest.mark.parametrize("seed", range(4))
def test_any_valid_answers_make_a_service(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It must be created and registered, with every check run and passed."""
    need_programs(monkeypatch, *PROGRAMS)

    assert [] == problems_with(random_case(seed), tmp_path)
