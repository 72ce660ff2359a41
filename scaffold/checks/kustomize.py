"""`kustomize build`, by kustomize itself or by the one inside kubectl."""

from pathlib import Path

from scaffold.checks.bases import Bases, with_bases
from scaffold.errors import (
    ConfigError,
    ForgeError,
    ProcessFailedError,
    ToolMissingError,
    UnsafeTreeError,
    UntrustedError,
)
from scaffold.git.scratch import scratch_folder
from scaffold.process import find_program, run
from scaffold.programs import KUSTOMIZE, environment

HINT = "Install kustomize (go install sigs.k8s.io/kustomize/kustomize/v5@v5.7.1) or kubectl."
_TIMEOUT = 120.0
_NOWHERE = "http://127.0.0.1:0"  # a port that nothing can listen on


def build(folder: Path, *, repo: Path, bases: Bases | None = None) -> str:
    """Build an overlay in a repo and return its objects as a multi-document YAML text.

    It may take `bases` from other repos; `checks.bases` says how, and what is refused.
    Raises ToolMissingError, ProcessFailedError.
    """
    if program := find_program("kustomize"):
        command = [program, "build"]
    elif program := find_program("kubectl"):
        command = [program, "kustomize"]
    else:
        raise ToolMissingError("neither kustomize nor kubectl is installed", hint=HINT)
    with scratch_folder() as scratch:
        try:
            place, top = with_bases(folder, repo, bases or {}, scratch)
        except (ConfigError, ForgeError, UnsafeTreeError, UntrustedError) as error:
            details = [str(error), *error.details, error.hint]
            raise ProcessFailedError(
                "kustomize can't build it", where=str(folder), details=list(filter(None, details))
            ) from error
        done = run([*command, str(place.resolve())], env=_environment(), timeout=_TIMEOUT)
    if done.status != 0:
        details = [line.replace(f"{top.resolve()}/", "") for line in done.last_lines]
        raise ProcessFailedError("kustomize can't build it", where=str(folder), details=details)
    return done.text


def _environment() -> dict[str, str]:
    """Neither its git nor its own HTTP client gets anywhere; `checks.bases` fetches for it."""
    proxies = ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy")
    return environment(KUSTOMIZE, {**dict.fromkeys(proxies, _NOWHERE), "GIT_ALLOW_PROTOCOL": ""})
