"""`scripts/try-forge`, which people with an account run on their server: on Gitea and two fakes."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.forge.fake_http import TOKEN, FakeForge
from tests.forge.fake_server import serving
from tests.forge.git_side import GitSide
from tests.forge.github.fake import FakeGithub
from tests.forge.gitlab.fake import FakeGitlab
from tests.gitea import BOT, Gitea, make_certificates
from tests.service.run import hear_signals

ROOT = Path(__file__).parents[2]
STEPS = 38  # without those of a team
pytestmark = pytest.mark.xdist_group("gitea")


def command(*words: str, token: str) -> tuple[list[str], dict[str, str]]:
    """What is run, and with which environment."""
    return [sys.executable, str(ROOT / "scripts/try-forge"), *words], {
        **os.environ,
        "SCAFFOLD_TOKEN": token,
    }


def tried(*words: str, token: str = "") -> subprocess.CompletedProcess[str]:
    """Run it."""
    argv, environment = command(*words, token=token)
    return subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)


def test_all_that_is_asked_of_a_server(gitea: Gitea) -> None:
    """Each step comes to what it should, and nothing is left behind."""
    group = gitea.new_organisation()
    settings = (f"url={gitea.url}", f"group={group}", f"ca_file={gitea.ca_file}", f"bot={BOT}")
    done = tried("gitea", *settings, "team=readers", token=gitea.tokens[BOT])

    lines = done.stdout.splitlines()
    assert (0, STEPS + 4) == (done.returncode, len(lines)), done.stdout  # it may have tried twice
    assert [] == [line for line in lines if not line.startswith("ok ")]
    assert [] == gitea.get(f"/orgs/{group}/repos")


def test_what_fails_is_told(gitea: Gitea) -> None:
    """With what the server said; no step hides another, and no token is shown."""
    group = gitea.new_organisation()
    token = gitea.limited_token("read:user", "read:organization", "read:repository")
    done = tried(
        "gitea", f"url={gitea.url}", f"group={group}", f"ca_file={gitea.ca_file}", token=token
    )

    told = [line for line in done.stdout.splitlines() if not line.startswith(" ")]
    assert (1, STEPS + 1) == (done.returncode, len(told))
    assert "failed   make a repo\n" in done.stdout
    assert "not run  rights of a team: name one with team=NAME\n" in done.stdout
    assert token not in done.stdout + done.stderr


@pytest.fixture(params=["github", "gitlab"])
def fake(request: pytest.FixtureRequest, tmp_path: Path) -> FakeForge:
    """Each of the servers that is a fake, with a git side."""
    made = (
        FakeGitlab()
        if request.param == "gitlab"
        else FakeGithub(request.getfixturevalue("github_description"))
    )
    made.git = GitSide(tmp_path / "server")
    make_certificates(tmp_path)
    return made


def settings_of(fake: FakeForge, folder: Path) -> list[str]:
    """What is typed for a fake."""
    kind, group, team = (
        ("gitlab", "acme/shop", "acme/readers")
        if isinstance(fake, FakeGitlab)
        else ("github", "acme", "readers")
    )
    of_server = [f"url={fake.url}", f"group={group}", f"ca_file={folder / 'ca.pem'}"]
    return [kind, *of_server, f"team={team}"]


def repos(fake: FakeForge) -> int:
    """How many repos a fake holds."""
    return len(fake.projects if isinstance(fake, FakeGitlab) else fake.held_repos)  # type: ignore[attr-defined]


def test_a_fake_takes_all_of_it(fake: FakeForge, tmp_path: Path) -> None:
    """So that what a real server refuses is the server's own."""
    with serving(fake, tmp_path):
        done = tried(*settings_of(fake, tmp_path), token=TOKEN)

    lines = done.stdout.splitlines()
    assert [] == [line for line in lines if not line.startswith("ok ")], done.stdout
    assert (0, "", STEPS + 4, 0) == (done.returncode, done.stderr, len(lines), repos(fake))


def test_who_stops_it_has_nothing_left(fake: FakeForge, tmp_path: Path) -> None:
    """By Ctrl-C or SIGTERM, as soon as the repo is there."""
    with serving(fake, tmp_path):
        argv, environment = command(*settings_of(fake, tmp_path), token=TOKEN)
        process = subprocess.Popen(
            argv, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            preexec_fn=hear_signals,
        )  # fmt: skip
        assert process.stdout is not None
        for line in process.stdout:
            if line == "ok       make a repo\n":
                break
        process.send_signal(signal.SIGINT if isinstance(fake, FakeGitlab) else signal.SIGTERM)
        out, told = process.communicate()

    assert (130, 0) == (process.returncode, repos(fake)), out + told
    assert "stopped; deleting what was made\n" == told
    assert (
        "ok       the group is empty again\n" == out[-len("ok       the group is empty again\n") :]
    )


def test_a_group_with_repos_is_refused(fake: FakeForge, tmp_path: Path) -> None:
    """Before anything is done there."""
    fake.add("acme/shop/web" if isinstance(fake, FakeGitlab) else "web")  # type: ignore[attr-defined]
    with serving(fake, tmp_path):
        done = tried(*settings_of(fake, tmp_path), token=TOKEN)

    assert (2, "") == (done.returncode, done.stdout)
    assert "the group has repos, so it is not there to be thrown away: web\n" == done.stderr
    assert {"GET"} == {one.method for one in fake.calls}
    assert 1 == repos(fake)
