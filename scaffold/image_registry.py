"""What a registry knows of an image, asked with skopeo where that is installed."""

import os
from collections.abc import Mapping

from scaffold.errors import ProcessFailedError
from scaffold.process import find_program, run
from scaffold.programs import IMAGES, environment

_SECONDS = 20.0


def digest_in_registry(reference: str, login: Mapping[str, str] | None = None) -> str | None:
    """The digest under which the registry has this image; None: it has not, or can't be asked.

    `login` are variables that lead to the registry's log-in.
    """
    skopeo = find_program("skopeo")
    if skopeo is None:
        return None
    # The one setting of the builders that skopeo takes as an option only.
    config = os.environ.get("CONTAINERS_REGISTRIES_CONF", "")
    options = [f"--registries-conf={config}"] if config else []
    asked = ["inspect", "--no-tags", "--format={{.Digest}}", f"docker://{reference}"]
    try:
        done = run([skopeo, *options, *asked], env=environment(IMAGES, login), timeout=_SECONDS)
    except ProcessFailedError:  # it took too long
        return None
    return done.text.strip() or None if done.status == 0 else None
