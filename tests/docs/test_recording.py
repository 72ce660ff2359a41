"""The recording on the front page of the docs shows what the program prints today."""

import json
import re
import runpy
from pathlib import Path

import pyte
import pytest

from tests.builders import need_programs

pytestmark = pytest.mark.filterwarnings("ignore:.*forkpty:DeprecationWarning")
SCRIPT = runpy.run_path(str(Path(__file__).parents[2] / "scripts/recording"))
CHANGES = re.compile(r"\b[0-9a-f]{12}\b|\b\d+ s\b|\b\d{4}-\d\d-\d\dT[\d:+]+")
WIDE = 200  # what the recording's screen would wrap, where an age has one more digit, is one line


def shown(recording: Path) -> list[str]:
    """The lines that a player ends with, those above its window, too; without what changes."""
    head, *events = map(json.loads, recording.read_text().splitlines())
    screen = pyte.HistoryScreen(WIDE, head["height"], history=1000)
    stream = pyte.Stream(screen)
    for _, _, text in events:
        stream.feed(text)
    above = ["".join(line[at].data for at in range(WIDE)) for line in screen.history.top]
    # Columns are as wide as what is in them.
    return [CHANGES.sub("...", " ".join(line.split())) for line in [*above, *screen.display]]


def test_it_is_as_a_recording_of_today(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where this fails, scripts/recording makes it anew."""
    need_programs(monkeypatch, "kubeconform", "kustomize", "hadolint", "actionlint", "promtool")
    record = SCRIPT["main"]
    for pause in ("KEY", "LOOK"):  # of a person
        monkeypatch.setitem(record.__globals__, pause, 0.0)

    record(tmp_path / "today.cast")

    assert shown(SCRIPT["RECORDING"]) == shown(tmp_path / "today.cast")
