"""`kustomize build`, by kustomize itself or by the one inside kubectl."""

import tempfile
from functools import lru_cache
from pathlib import Path

from scaffold.checks.outside import refuse_outside
from scaffold.checks.tools import KUSTOMIZE
from scaffold.config.json_reader import read_json
from scaffold.errors import ConfigError, ProcessFailedError, ToolMissingError, UntrustedError
from scaffold.git.disk import fault_in
from scaffold.process import Finished, find_program, run
from scaffold.programs import KUSTOMIZE as AS_KUSTOMIZE
from scaffold.programs import environment

_HINT = f"Install kustomize ({KUSTOMIZE.get}) or kubectl."
_TIMEOUT = 120.0
_NOWHERE = "http://127.0.0.1:0"  # no server can listen on this port


def build(folder: Path, *, repo: Path) -> str:
    """Build an overlay in a repo and return its objects as a multi-document YAML text.

    References to anything outside of the repo are refused. Raises ToolMissingError,
    ProcessFailedError; FileError for a full disk.
    """
    program, name = _program()
    verb = "build" if name == "kustomize" else "kustomize"
    try:
        refuse_outside(folder, repo)
    except (ConfigError, UntrustedError) as error:
        details = [str(error), *error.details, error.hint]
        raise ProcessFailedError(
            "kustomize can't build it", where=str(folder), details=list(filter(None, details))
        ) from error
    done = run([program, verb, str(folder.resolve())], env=_environment(), timeout=_TIMEOUT)
    if done.status != 0:
        if file_error := fault_in("\n".join(done.last_lines), tempfile.gettempdir()):
            raise file_error
        details = [line.replace(f"{repo.resolve()}/", "") for line in done.last_lines]
        raise ProcessFailedError("kustomize can't build it", where=str(folder), details=details)
    return done.text


def renderer() -> str:
    """The kustomize that builds, and its version. Raises ToolMissingError, ProcessFailedError."""
    program, name = _program()
    return f"kustomize {_version(program, name)}"


@lru_cache(maxsize=4)
def _version(program: str, name: str) -> str:
    if name == "kustomize":
        return _asked(program, "version").text.strip()
    answer = read_json(_asked(program, "version", "--client", "--output=json").stdout, source=name)
    return str(answer.get("kustomizeVersion", "")) if isinstance(answer, dict) else ""


def _asked(program: str, *arguments: str) -> Finished:
    done = run([program, *arguments], env=_environment(), timeout=_TIMEOUT)
    if done.status != 0:
        raise ProcessFailedError("tells no version", where=program, details=done.last_lines)
    return done


def _program() -> tuple[str, str]:
    for name in ("kustomize", "kubectl"):
        if program := find_program(name):
            return program, name
    raise ToolMissingError("neither kustomize nor kubectl is installed", hint=_HINT)


def _environment() -> dict[str, str]:
    """An environment in which neither kustomize's git nor its HTTP client reaches a network."""
    proxies = ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy")
    return environment(AS_KUSTOMIZE, {**dict.fromkeys(proxies, _NOWHERE), "GIT_ALLOW_PROTOCOL": ""})
