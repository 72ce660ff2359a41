"""The snapshots that a new blueprint begins with, as its own tests would write them."""

import tempfile
from pathlib import Path

from scaffold.authoring.kit import Kit
from scaffold.authoring.versions import copy_versions, open_versions

SNAPSHOT_FILE = "tests/__snapshots__/test_repos.ambr"
_TEST = "test_what_is_rendered"


def first_snapshots(folder: Path) -> bytes:
    """What the blueprint in this folder renders for each CI system, in syrupy's format.

    syrupy itself writes it only from inside of a run of pytest, which would take seconds more.
    """
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        kit = Kit(open_versions(copy_versions(folder, place), place), place)
        texts = {ci: kit.render(ci=ci).text for ci in ("github", "gitlab")}
    sections = (f"# name: {_TEST}[{ci}]\n{_quoted(text)}# ---\n" for ci, text in texts.items())
    return "".join(["# serializer version: 1\n", *sections]).encode()


def _quoted(text: str) -> str:
    """A text of several lines: two columns in, between marks."""
    lines = "".join(f"  {line}" for line in text.splitlines(keepends=True))
    return f"  '''\n{lines}  \n  '''\n"
