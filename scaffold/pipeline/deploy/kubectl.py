"""Runs kubectl against one context and tells its refusals apart."""

import re
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from scaffold.config.api_server import ApiServer
from scaffold.config.json_reader import read_json
from scaffold.errors import ConfigError, DeployError
from scaffold.git.scratch import scratch_folder
from scaffold.pipeline.deploy.login import Login
from scaffold.pipeline.deploy.objects import Json
from scaffold.process import Finished, Program, end, need_program, run, started
from scaffold.programs import KUBECTL, environment

REQUEST_TIMEOUT = 60
_PROXY_START = 20.0  # seconds; it begins to listen without asking the server
_HINT = "Install kubectl (https://kubernetes.io/docs/tasks/tools/); the CI image has it."
_REASON = re.compile(r"Error from server \((\w+)\)")


class Kubectl:
    """kubectl with one kubeconfig context; an empty one means the current context.

    With an API server it logs in there by a token of the job's, see `Login`.

    A kubeconfig logs in by programs of the cloud (exec plugins), which need variables that nobody
    can list: so it gets all of them but scaffold's and the forge's tokens.
    """

    def __init__(self, context: str = "", server: ApiServer | None = None) -> None:
        self._program = need_program("kubectl", _HINT)
        self._login = Login(server)
        self._context = [f"--context={context}"] if context else []

    def run(
        self, *arguments: str, stdin: bytes = b"", timeout: float = REQUEST_TIMEOUT
    ) -> Finished:
        """Run kubectl; any exit status is a result."""
        command = [self._program, *self._context, *arguments]
        with _kubectl_environment(self._login) as env:
            return run(command, env=env, stdin=stdin, timeout=timeout)

    @contextmanager
    def proxy(self, paths: str) -> Iterator[Path]:
        """A Unix socket for GETs of those paths of the API server that a pattern begins.

        Nobody else may open it, as a port could be by whoever is on the machine. Raises DeployError
        where kubectl does not serve it.
        """
        with scratch_folder() as scratch, _kubectl_environment(self._login) as env:
            place = scratch / "api"
            options = [f"--unix-socket={place}", f"--accept-paths={paths}"]
            options += ["--reject-methods=^(POST|PUT|PATCH|DELETE)$"]
            command = [self._program, *self._context, "proxy", *options]
            with started(command, None, env) as child:
                try:
                    _wait_for_socket(child, place)
                    yield place
                finally:
                    end(child)

    def json(self, *arguments: str, stdin: bytes = b"") -> Json | None:
        """What kubectl prints as JSON; None where the server has no such thing.

        Raises DeployError where it fails otherwise.
        """
        done = self.run(*arguments, stdin=stdin)
        if done.status == 0:
            return parse(done)
        if reasons(done) == {"NotFound"}:
            return None
        raise failure(done, f"`kubectl {arguments[0]}` failed")


@contextmanager
def _kubectl_environment(login: Login) -> Iterator[dict[str, str]]:
    # The reasons below are read from kubectl's English words.
    given = {"LC_ALL": "C"}
    if not (kubeconfig := login.kubeconfig()):
        yield environment(KUBECTL, given)
        return
    with scratch_folder() as scratch:
        file = scratch / "kubeconfig"
        file.write_text(kubeconfig, encoding="utf-8")
        yield environment(KUBECTL, given | {"KUBECONFIG": str(file)})


def _wait_for_socket(child: Program, place: Path) -> None:
    deadline = time.monotonic() + _PROXY_START
    while child.poll() is None and time.monotonic() < deadline:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe, suppress(OSError):
            probe.connect(str(place))
            return
        time.sleep(0.02)
    end(child)
    stdout, stderr = child.communicate()
    raise failure(Finished(child.returncode, stdout, stderr), "`kubectl proxy` does not start")


def parse(done: Finished) -> Json | None:
    """The JSON that kubectl printed; None for nothing, as with `--ignore-not-found`.

    Raises DeployError.
    """
    if not done.stdout.strip():
        return None
    try:
        loaded = read_json(done.stdout, source="kubectl")
    except ConfigError as error:
        raise _not_understood(error.what) from error
    if not isinstance(loaded, dict):
        raise _not_understood("is no object")
    return loaded


def items_of(data: Json | None) -> list[Json]:
    """The objects of a reply, which is a List only where there is more than one.

    Raises DeployError.
    """
    if data is None:
        return []
    items = data.get("items") if data.get("kind") == "List" else [data]
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise _not_understood("is no list of objects")
    return items


def _not_understood(why: str) -> DeployError:
    return DeployError(f"what kubectl printed {why}", hint="Is it the real kubectl?")


def reasons(done: Finished) -> set[str]:
    """Why the API server refused, in its own words, e.g. `NotFound` or `Conflict`."""
    return set(_REASON.findall(done.stderr.decode("utf-8", "replace")))


def failure(done: Finished, what: str, *, hint: str = "", extra: Sequence[str] = ()) -> DeployError:
    """The error for a kubectl that failed, with the end of what it said."""
    hint = hint or _hint_for(reasons(done), done)
    return DeployError(what, details=[*extra, *done.last_lines], hint=hint)


def _hint_for(found: set[str], done: Finished) -> str:
    if b"because it is being terminated" in done.stderr:
        return (
            "The namespace is being deleted; when it is gone, `scaffold pipeline access` makes it."
        )
    if b"You must be logged in to the server" in done.stderr:
        return (
            "The cluster does not take this log-in: the kubeconfig's is not valid (any more), or"
            " the server trusts no token of this job, by its issuer, audience or claims."
        )
    if "Forbidden" in found or "Unauthorized" in found:
        return "The pipeline's cluster account lacks this right; the platform team can give it."
    if b"namespaces " in done.stderr and "NotFound" in found:
        return (
            "The platform's pipeline makes the namespace: `scaffold pipeline access`. "
            "Run it first, then this step again."
        )
    if b"field is immutable" in done.stderr:
        return "This field can't change: give the object a new name, or delete it by hand."
    return "Nothing was lost track of: once this is fixed, run the step again."
