"""`kustomize build`, by kustomize itself or by the one inside kubectl."""

import os
from collections.abc import Mapping
from pathlib import Path

from scaffold.errors import ProcessFailedError, ToolMissingError
from scaffold.git.access import with_access
from scaffold.process import find_program, run
from scaffold.programs import KUSTOMIZE, environment

HINT = "Install kustomize (go install sigs.k8s.io/kustomize/kustomize/v5@v5.7.1) or kubectl."
_TIMEOUT = 120.0


def build(folder: Path, *, instead_of: Mapping[str, str] | None = None) -> str:
    """Build an overlay and return its objects as a multi-document YAML text.

    `instead_of` maps URLs of remote bases to URLs that they are fetched from instead.
    Raises ToolMissingError, ProcessFailedError.
    """
    if program := find_program("kustomize"):
        command = [program, "build", str(folder)]
    elif program := find_program("kubectl"):
        command = [program, "kustomize", str(folder)]
    else:
        raise ToolMissingError("neither kustomize nor kubectl is installed", hint=HINT)
    done = run(command, env=_environment(instead_of or {}), timeout=_TIMEOUT)
    if done.status != 0:
        raise ProcessFailedError(
            "kustomize can't build it", where=str(folder), details=done.last_lines
        )
    return done.text


def _environment(instead_of: Mapping[str, str]) -> dict[str, str]:
    """What kustomize's git needs: the agent for private bases, and the stand-ins for URLs."""
    extra = {"GIT_CONFIG_COUNT": str(len(instead_of)), "GIT_TERMINAL_PROMPT": "0"}
    for number, (url, there) in enumerate(instead_of.items()):
        extra[f"GIT_CONFIG_KEY_{number}"] = f"url.{there}.insteadOf"
        extra[f"GIT_CONFIG_VALUE_{number}"] = url
    if agent := os.environ.get("SSH_AUTH_SOCK"):
        extra["SSH_AUTH_SOCK"] = agent
    return with_access(environment(KUSTOMIZE, extra))
