"""The outside programs that the tests of this folder need."""

import pytest

from tests.builders import need_programs


@pytest.fixture(autouse=True)
def _programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them, as `make test` installs them."""
    need_programs(
        monkeypatch,
        "kubeconform", "kustomize", "actionlint", "hadolint", "check-jsonschema", "promtool",
    )  # fmt: skip
