"""What the administrator of a cluster gives Flux by hand, as docs/how-to/flux.md says."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml

from tests.e2e.acme import Acme
from tests.engine.flux import SYSTEM
from tests.gitea import BOT
from tests.pipeline.trees import Item

DOCS = Path(__file__).parents[2] / "docs/how-to"


def secrets(acme: Acme) -> Iterator[Item]:
    """The log-in that reads the repos, and the token that would set statuses."""
    token = acme.gitea.tokens[BOT]
    log_in = {
        "username": BOT,
        "password": token,
        "ca.crt": acme.gitea.ca_file.read_text(encoding="utf-8"),
    }
    for name, data in (("scaffold-git", log_in), ("scaffold-status", {"token": token})):
        yield {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": name, "namespace": SYSTEM},
            "stringData": data,
        }


def more_than_edit() -> Item:
    """The role that lets whoever may `edit` write monitoring kinds, as the docs have it."""
    text = (DOCS / "set-up-a-platform.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    (block,) = [one for one in blocks if "aggregate-to-edit" in one]
    found: Item = yaml.safe_load(block)
    return found


def starts(acme: Acme, environments: Sequence[str]) -> Iterator[Item]:
    """Where Flux starts in each environment: what `kubectl apply` gets once."""
    files = acme.files("platform")
    for environment in environments:
        yield from yaml.safe_load_all(files[f"deploy/{environment}/engine.yaml"].data)
