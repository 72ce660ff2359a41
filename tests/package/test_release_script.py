"""The commit of a release, made by `scripts/prepare-release` in a clone of its own."""

import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scaffold import __version__
from tests.builders import git, write_files

ROOT = Path(__file__).parents[2]
CHANGELOG = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- All of it.\n"
IMAGE = "registry.example.com/scaffold-ci"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A repo with the script and what it writes."""
    files = {
        "scripts/prepare-release": (ROOT / "scripts/prepare-release").read_text(),
        "scaffold/__init__.py": '"""It."""\n\n__version__ = "0.8.0"\n',
        "docs/deploy/bot.yaml": f"image: {IMAGE}:0.8.0\n",
        "docs/index.md": f"`{IMAGE}:0.8.0`, since 0.8.0\n",
        "docs/pictures/first.cast": f'[1.0, "o", "{IMAGE}:0.8.0"]\n',
        "scaffold/authoring/copier.yml": f"default: {IMAGE}:0.8.0\n",
        "CHANGELOG.md": CHANGELOG,
    }
    git("init", "-q", "-b", "main", cwd=tmp_path)
    write_files(tmp_path, files)
    git("add", "-A", cwd=tmp_path)
    git("commit", "-q", "-m", "Start", cwd=tmp_path)
    return tmp_path


def prepare(clone: Path, version: str) -> subprocess.CompletedProcess[str]:
    """Run it."""
    script = str(clone / "scripts/prepare-release")
    return subprocess.run(
        [sys.executable, script, version], capture_output=True, text=True, check=False
    )


def test_a_release_is_one_commit(clone: Path) -> None:
    """The module, the images of the docs, and the changelog with its day; no tag."""
    done = prepare(clone, "0.9.0")
    today = f"{datetime.now(UTC):%Y-%m-%d}"

    assert (0, "") == (done.returncode, done.stderr)
    assert "Release 0.9.0" == git("log", "-1", "--format=%s", cwd=clone)
    assert ("", "") == (git("status", "--porcelain", cwd=clone), git("tag", cwd=clone))
    assert '__version__ = "0.9.0"' in (clone / "scaffold/__init__.py").read_text()
    assert f"image: {IMAGE}:0.9.0\n" == (clone / "docs/deploy/bot.yaml").read_text()
    assert f"`{IMAGE}:0.9.0`, since 0.8.0\n" == (clone / "docs/index.md").read_text()
    assert f'[1.0, "o", "{IMAGE}:0.9.0"]\n' == (clone / "docs/pictures/first.cast").read_text()
    assert f"default: {IMAGE}:0.9.0\n" == (clone / "scaffold/authoring/copier.yml").read_text()
    assert CHANGELOG.replace(
        "## [Unreleased]\n", f"## [Unreleased]\n\n## [0.9.0] - {today}\n"
    ) == (clone / "CHANGELOG.md").read_text()  # fmt: skip


@pytest.mark.parametrize(
    ("version", "files", "said"),
    [
        ("0.8.0", {}, "0.8.0: is not newer than 0.8.0\n"),
        ("next", {}, "next: is no version, as in 0.9.0\n"),
        ("0.9.0", {"new.md": "x"}, "0.9.0: there are changes that are not committed\n"),
    ],
)
def test_what_is_refused(clone: Path, version: str, files: dict[str, str], said: str) -> None:
    """Nothing is written then."""
    write_files(clone, files)
    head = git("rev-parse", "HEAD", cwd=clone)
    done = prepare(clone, version)

    assert (1, said) == (done.returncode, done.stderr)
    assert head == git("rev-parse", "HEAD", cwd=clone)


def test_a_release_of_nothing_is_refused(clone: Path) -> None:
    """Users are told of each."""
    assert 0 == prepare(clone, "0.9.0").returncode
    done = prepare(clone, "0.9.1")

    assert (1, "0.9.1: CHANGELOG.md has nothing under Unreleased\n") == (
        done.returncode, done.stderr,
    )  # fmt: skip


def test_each_place_names_the_ci_image_of_this_version() -> None:
    """The docs, their recording, and the start of a new blueprint."""
    files = git("ls-files", "-z", "docs", "scaffold", cwd=ROOT).rstrip("\0").split("\0")
    named = {
        version for name in files
        for version in re.findall(rb"/scaffold-ci:([0-9][.0-9]*)", (ROOT / name).read_bytes())
        if name != "scaffold/authoring/stand_in.py"  # of a platform that is made up
    }  # fmt: skip

    assert {__version__.encode()} == named
