"""What a release publishes, built as its workflow builds it."""

import hashlib
import importlib.util
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from scaffold import __version__

pytestmark = pytest.mark.xdist_group("release")  # it is built once
ROOT = Path(__file__).parents[2]
WHEEL = f"scaffold_blueprints-{__version__}-py3-none-any.whl"
SOURCE = f"scaffold_blueprints-{__version__}.tar.gz"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that is published."""
    return build(tmp_path_factory.mktemp("release") / "dist")


def build(folder: Path) -> Path:
    """Run the script of the workflow."""
    run(sys.executable, "scripts/build-release", folder)
    return folder


def run(*words: str | Path, **more: str) -> str:
    """What a program prints; it must end well."""
    done = subprocess.run(
        words, cwd=ROOT, check=True, capture_output=True, text=True, env={**os.environ, **more}
    )
    return done.stdout


def hashes(folder: Path) -> dict[str, str]:
    """The checksum of each file, as `sha256sum` has it."""
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()}


def test_its_files_and_their_checksums(built: Path) -> None:
    """The wheel, the source, what comes along with it; and the sums that a reader can check."""
    found = hashes(built)
    sums = [line.split() for line in (built / "SHA256SUMS").read_text().splitlines()]
    told = {name: each for each, name in sums}

    assert {WHEEL, SOURCE, "sbom.cdx.json", "SHA256SUMS"} == found.keys()
    assert {name: each for name, each in found.items() if name != "SHA256SUMS"} == told


def test_what_it_says_comes_along(built: Path) -> None:
    """All that the wheel and its extras name, with versions; nothing that only tests need."""
    listed = json.loads((built / "sbom.cdx.json").read_text())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    named = [*project["dependencies"], *(one for extra in extras for one in extra)]
    components = {_plain(one["name"]): one["version"] for one in listed["components"]}

    assert ("scaffold-blueprints", __version__) == (
        listed["metadata"]["component"]["name"], listed["metadata"]["component"]["version"],
    )  # fmt: skip
    assert {_plain(re.split(r"[<>=]", one)[0]) for one in named} <= components.keys()
    assert {"mypy", "hypothesis", "playwright", "pip"}.isdisjoint(components)


def test_the_same_commit_builds_the_same(built: Path, tmp_path: Path) -> None:
    """Whoever has the commit can see, without our script, that wheel and source are of it."""
    when = run("git", "log", "-1", "--format=%ct").strip()
    build_alone = (sys.executable, "-m", "build", "--no-isolation", "--outdir", tmp_path)
    run(*build_alone, SOURCE_DATE_EPOCH=when)

    ours = {name: one for name, one in hashes(built).items() if name in (WHEEL, SOURCE)}
    assert hashes(tmp_path) == ours


def test_nothing_slows_the_checks_down() -> None:
    """What lists the components brings along what `jsonschema` then loads, a second each time."""
    assert importlib.util.find_spec("rfc3987_syntax") is None


def test_a_folder_with_something_in_it(built: Path) -> None:
    """Is refused: what lies there would be published, too."""
    done = subprocess.run(
        [sys.executable, ROOT / "scripts/build-release", built],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (1, f"{built}: is not empty\n") == (done.returncode, done.stderr)


def _plain(name: str) -> str:
    """A package's name, as https://peps.python.org/pep-0503/#normalized-names has it."""
    return re.sub(r"[-_.]+", "-", name).lower()
