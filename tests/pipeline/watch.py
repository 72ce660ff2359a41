"""Looks over the shoulder of the code under test: what happens after each kubectl."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from scaffold.pipeline.deploy import kubectl
from scaffold.process import Finished, run

Watch = Callable[[Sequence[str]], None]


class KilledError(Exception):
    """Stands for the end of the process."""


def after_each_call(monkeypatch: pytest.MonkeyPatch, watch: Watch) -> None:
    """Call `watch` with the command line of each kubectl that has run."""

    def watched(command: Sequence[str], **options: Any) -> Finished:
        done = run(command, **options)
        watch(command)
        return done

    monkeypatch.setattr(kubectl, "run", watched)
