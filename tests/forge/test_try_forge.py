"""`scripts/try-forge`, which people with an account run on their server, on a real Gitea."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.gitea import BOT, Gitea

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.xdist_group("gitea")


def tried(*words: str, token: str = "") -> subprocess.CompletedProcess[str]:
    """Run it."""
    return subprocess.run(
        [sys.executable, str(ROOT / "scripts/try-forge"), *words],
        env={**os.environ, "SCAFFOLD_TOKEN": token},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_all_that_is_asked_of_a_server(gitea: Gitea) -> None:
    """Each step comes to what it should, and nothing is left behind."""
    group = gitea.new_organisation()
    settings = (f"url={gitea.url}", f"group={group}", f"ca_file={gitea.ca_file}", f"bot={BOT}")
    done = tried("gitea", *settings, token=gitea.tokens[BOT])

    lines = done.stdout.splitlines()
    assert (0, "", 22) == (done.returncode, done.stderr, len(lines)), done.stdout
    assert [] == [line for line in lines if not line.startswith("ok ")]
    assert [] == gitea.get(f"/orgs/{group}/repos")


def test_what_fails_is_told(gitea: Gitea) -> None:
    """With what the server said; no step hides another, and no token is shown."""
    group = gitea.new_organisation()
    token = gitea.limited_token("read:user", "read:organization", "read:repository")
    done = tried(
        "gitea", f"url={gitea.url}", f"group={group}", f"ca_file={gitea.ca_file}", token=token
    )

    assert (1, 22) == (
        done.returncode,
        sum(not line.startswith(" ") for line in done.stdout.splitlines()),
    )
    assert "failed   make a repo\n" in done.stdout
    assert token not in done.stdout + done.stderr
