"""The log-in of the registry that a job pushes to: two variables, as a file for its programs."""

import base64
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from scaffold.errors import UsageError
from scaffold.git.scratch import scratch_folder

USERNAME, PASSWORD = "REGISTRY_USERNAME", "REGISTRY_PASSWORD"
_DOCKER_HUB = {"docker.io": "https://index.docker.io/v1/"}  # docker knows it by this name alone


@contextmanager
def logged_in(reference: str) -> Iterator[Mapping[str, str]]:
    """The variables that let buildah, docker, podman and skopeo reach the registry of an image.

    None where neither variable is set: then the programs' own log-in counts, as on a person's
    machine. The file is gone at the end. Raises UsageError where one of the two is missing.
    """
    username, password = (os.environ.get(name, "") for name in (USERNAME, PASSWORD))
    if not username and not password:
        yield {}
        return
    if not (username and password):
        missing = USERNAME if password else PASSWORD
        raise UsageError(
            f"the variable {missing} is not set, and its twin is",
            hint="Both are the log-in of the registry; `scaffold check --secrets` says which of "
            "them the forge has.",
        )
    host = reference.partition("/")[0]
    auth = base64.b64encode(f"{username}:{password}".encode()).decode()
    with scratch_folder() as folder:
        file = folder / "config.json"  # docker's name for it; the others take any
        auths = {_DOCKER_HUB.get(host, host): {"auth": auth}}
        file.write_text(json.dumps({"auths": auths}), encoding="utf-8")
        yield {"DOCKER_CONFIG": str(folder), "REGISTRY_AUTH_FILE": str(file)}
