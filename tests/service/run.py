"""Runs the program as a user runs it, on a platform of its own."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pexpect

from tests.builders import git
from tests.service.forked import run_forked

ALL_FOUR = ["payments-code", "payments-docker", "payments-env", "payments-manifest"]
Done = subprocess.CompletedProcess[str]


def scaffold(
    *arguments: str, cwd: Path, env: Mapping[str, str] | None = None, obey_modes: bool = False
) -> Done:
    """Run the program to its end; `env` comes on top of the environment.

    With `obey_modes`, files that may not be written to are not, by root neither.
    """
    environment = {**os.environ, **(env or {})}
    if not obey_modes and (done := run_forked(arguments, cwd, environment)):
        return done
    program = [sys.executable, "-m", "scaffold", *arguments]
    if obey_modes and os.getuid() == 0:
        program = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", *program]
    return subprocess.run(
        program, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


def hear_signals() -> None:
    """Let a process that is about to start hear Ctrl-C and a terminal that is closed.

    nohup, and a shell that starts something in the background, have their processes ignore these
    signals, and what those start ignores them, too.
    """
    for one in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        signal.signal(one, signal.SIG_DFL)


def on_a_terminal(*arguments: str, cwd: Path, env: Mapping[str, str]) -> str:
    """What the program shows on a terminal that has colours; `env` may say NO_COLOR."""
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    terminal: pexpect.spawn[str] = pexpect.spawn(
        sys.executable, ["-m", "scaffold", *arguments],
        cwd=str(cwd), timeout=60, encoding="utf-8", dimensions=(50, 140),
        env={**environment, "TERM": "xterm", **env}, preexec_fn=hear_signals,
    )  # fmt: skip
    terminal.expect(pexpect.EOF)
    terminal.close()
    return terminal.before or ""


def service_repos(workspace: Path) -> list[str]:
    """The names of the service's repos that the forge has."""
    return sorted(path.stem for path in (workspace / "forge").glob("payments*.git"))


def heads(workspace: Path) -> dict[str, str]:
    """The head of main of each of the service's repos."""
    return {
        name: git("rev-parse", "main", cwd=workspace / "forge" / f"{name}.git")
        for name in service_repos(workspace)
    }


def clone(workspace: Path, repo: str) -> Path:
    """A fresh clone of a repo of the forge."""
    folder = workspace / "clones" / repo
    git("clone", "-q", f"file://{workspace}/forge/{repo}.git", str(folder), cwd=workspace)
    return folder


def unfinish(workspace: Path, *, keep: list[str]) -> None:
    """Make it look as if `new service` had been killed after it made the repos `keep`."""
    for name in service_repos(workspace):
        if name not in keep:
            shutil.rmtree(workspace / "forge" / f"{name}.git")
    git("update-ref", "refs/heads/main", "main^", cwd=workspace / "forge/platform.git")


def release_blueprint(workspace: Path, tag: str, path: str, text: str) -> None:
    """Release a version of the shipped blueprint in which one file is another."""
    folder = clone(workspace, "blueprints/python-service")
    (folder / path).write_text(text, encoding="utf-8")
    git("add", "-A", cwd=folder)
    git("commit", "-q", "-m", f"Release {tag}", cwd=folder)
    git("tag", tag, cwd=folder)
    git("push", "-q", "origin", "main", tag, cwd=folder)
    shutil.rmtree(folder)


def refuse_pushes(workspace: Path, repo: str) -> None:
    """Let the forge take no push to main of a repo, as a protected branch does."""
    hook = workspace / "forge" / f"{repo}.git" / "hooks" / "update"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text('#!/bin/sh\n[ "$1" != refs/heads/main ]\n')
    hook.chmod(0o755)
