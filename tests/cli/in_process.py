"""Runs a command in this process, which a start of the program's own costs much of a second."""

import io
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from subprocess import CompletedProcess

import pytest

from scaffold.cli.main import main

Ran = Callable[..., CompletedProcess[str]]


def in_process(*words: str) -> CompletedProcess[str]:
    """What the command prints, and how it ends."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["scaffold", *words])
        try:
            main()
            status = 0
        except SystemExit as ended:
            status = int(ended.code or 0)
    return CompletedProcess(words, status, out.getvalue(), err.getvalue())
