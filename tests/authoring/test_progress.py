"""Trials that take their time are named while they are at work."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from scaffold.authoring.trials import Outcome, Trial, Tried, What
from scaffold.cli import trial_progress
from scaffold.cli.options import Format
from scaffold.cli.output import Printer
from tests.authoring.blueprints import Author

OWN = Trial(What.TESTS)
RENDER = Trial(What.RENDER, answers={"service": "shop"})


def heard(capsys: pytest.CaptureFixture[str], until: str) -> str:
    """What is on standard error once it has a text."""
    text = ""
    for _ in range(500):
        text += capsys.readouterr().err
        if until in text:
            return text
        time.sleep(0.01)
    raise AssertionError(text)


def test_silence_is_broken(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """First by what comes before all trials, then by those that are at work; none after the end."""
    monkeypatch.setattr(trial_progress, "SILENCE", 0.05)
    with trial_progress.trial_progress(Printer(Format.TABLE, quiet=False)) as told:
        heard(capsys, "at work  reading the blueprint and its versions (0 s)\n")
        told.planned(2)
        told.began(OWN)
        told.began(RENDER)
        heard(
            capsys,
            "at work  the blueprint's own tests (0 s); render   service=shop (0 s)\n",
        )
        told.done(Tried(RENDER, Outcome.PASSED))
        text = heard(capsys, "at work  the blueprint's own tests (0 s)\n")
        assert "passed   render   service=shop\n" in text
        told.done(Tried(OWN, Outcome.PASSED))
    capsys.readouterr()
    time.sleep(0.2)

    assert "" == capsys.readouterr().err


def test_quiet_is_quiet(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever takes its time."""
    monkeypatch.setattr(trial_progress, "SILENCE", 0.01)
    with trial_progress.trial_progress(Printer(Format.TABLE, quiet=True)) as told:
        told.began(OWN)
        time.sleep(0.1)

    assert "" == capsys.readouterr().err


def test_a_terminal_shows_what_is_at_work(
    author: Author, on_a_terminal: Callable[..., str], tmp_path: Path
) -> None:
    """Beside the bar, as far as it fits."""
    slow = "import time\n\n\ndef test_slow():\n    time.sleep(2)\n"
    author.write({"tests/test_slow.py": slow})
    shown = on_a_terminal("blueprint", "test", cwd=author.folder, env={"HOME": str(tmp_path)})

    assert "the blueprint's own tests (1 s)" in shown
    assert "3 passed, 0 failed" in shown
