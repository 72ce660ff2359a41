"""The manifests for the bot that the docs give: valid, and locked down."""

from pathlib import Path

import pytest
import yaml

from scaffold.bot import stopping
from scaffold.checks.kubeconform import check_objects
from scaffold.checks.report import Outcome
from tests.builders import need_programs

FOLDER = Path(__file__).parents[2] / "docs" / "deploy"


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.glob("*.yaml")))
def test_they_pass_kubeconform(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Strictly, against the version that blueprints are for."""
    need_programs(monkeypatch, "kubeconform")
    # kubeconform knows no anchors: what a cluster would read is what is checked.
    documents = list(yaml.safe_load_all((FOLDER / name).read_text(encoding="utf-8")))
    text = yaml.safe_dump_all(documents)

    result = check_objects(text, name, kubernetes="1.34", schemas=tmp_path)

    assert (Outcome.PASSED, len(documents)) == (result.outcome, int(result.details[0].split()[0]))


def test_the_bot_can_be_reached_and_ends_in_time() -> None:
    """It listens on the pod's address, and has more time to end than it takes."""
    text = (FOLDER / "bot.yaml").read_text(encoding="utf-8")
    pod = next(yaml.safe_load_all(text))["spec"]["template"]["spec"]
    command = pod["containers"][0]["command"]

    assert "0.0.0.0" == command[command.index("--host") + 1]  # noqa: S104
    assert pod["terminationGracePeriodSeconds"] > stopping._PATIENCE
