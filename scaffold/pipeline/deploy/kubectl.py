"""Runs kubectl against one context and tells its refusals apart."""

import os
import re
from collections.abc import Sequence

from scaffold.config.json_reader import read_json
from scaffold.errors import ConfigError, DeployError
from scaffold.git.scratch import scratch_folder
from scaffold.pipeline.deploy.objects import Json
from scaffold.process import Finished, need_program, run
from scaffold.programs import KUBECTL, environment

REQUEST_TIMEOUT = 60
KUBECONFIG = "SCAFFOLD_KUBECONFIG"
"""The variable that has a kubeconfig itself: a CI whose secrets are no files knows no other way."""
_HINT = "Install kubectl (https://kubernetes.io/docs/tasks/tools/); the CI image has it."
_REASON = re.compile(r"Error from server \((\w+)\)")


class Kubectl:
    """kubectl with one kubeconfig context; an empty one means the current context.

    A kubeconfig logs in by programs of the cloud (exec plugins), which need variables that nobody
    can list: so it gets all of them but scaffold's and the forge's tokens.
    """

    def __init__(self, context: str = "") -> None:
        self._program = need_program("kubectl", _HINT)
        self._context = [f"--context={context}"] if context else []

    def run(
        self, *arguments: str, stdin: bytes = b"", timeout: float = REQUEST_TIMEOUT
    ) -> Finished:
        """Run kubectl; any exit status is a result."""
        command = [self._program, *self._context, *arguments]
        # The reasons below are read from kubectl's English words.
        given = {"LC_ALL": "C"}
        kubeconfig = os.environ.get(KUBECONFIG)
        if not kubeconfig:
            return run(command, env=environment(KUBECTL, given), stdin=stdin, timeout=timeout)
        with scratch_folder() as scratch:
            file = scratch / "kubeconfig"
            file.write_text(kubeconfig, encoding="utf-8")
            given["KUBECONFIG"] = str(file)
            return run(command, env=environment(KUBECTL, given), stdin=stdin, timeout=timeout)

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
