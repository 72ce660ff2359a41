"""The site of the docs has those of each version, and begins with the newest release's."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.builders import git

ROOT = Path(__file__).parents[2]
PUBLISH = "scripts/publish-docs"


def publish(clone: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the script of the release workflow."""
    return subprocess.run(
        [clone / PUBLISH, *arguments],
        capture_output=True, text=True, check=False, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )  # fmt: skip


def test_each_version_stays(tmp_path: Path) -> None:
    """A release adds its docs beside those of the one before, and `latest` moves on."""
    remote, clone = tmp_path / "remote.git", tmp_path / "clone"
    git("init", "-q", "--bare", str(remote), cwd=tmp_path)
    git("clone", "-q", str(ROOT), str(clone), cwd=tmp_path)
    for key, value in (("name", "Ada"), ("email", "ada@example.com")):
        git("config", f"user.{key}", value, cwd=clone)

    for version in ("0.8.2", "0.9.0"):
        done = publish(clone, version, str(remote))
        assert 0 == done.returncode, done.stderr
        git("branch", "-q", "-D", "gh-pages", cwd=clone)  # as in the clone of the next release

    listed = json.loads(git("show", "gh-pages:versions.json", cwd=remote))
    assert [("0.9", "0.9.0", ["latest"]), ("0.8", "0.8.2", [])] == [
        (one["version"], one["title"], one["aliases"]) for one in listed
    ]
    pages = git("ls-tree", "-r", "--name-only", "gh-pages", cwd=remote).splitlines()
    assert {"index.html", "0.8/index.html", "0.9/index.html", "0.9/how-to/promote/index.html"} <= {
        *pages
    }
    assert "latest/" in git("show", "gh-pages:index.html", cwd=remote)
    assert '"provider": "mike"' in git("show", "gh-pages:0.9/index.html", cwd=remote)


@pytest.mark.parametrize("arguments", [(), ("0.9.0",)])
def test_it_says_what_it_needs(arguments: tuple[str, ...]) -> None:
    """Without a version and a remote nothing is built."""
    done = publish(ROOT, *arguments)

    assert (2, f"usage: {PUBLISH} VERSION REMOTE\n") == (done.returncode, done.stderr)
