"""A template whose recorded URL has a token: nothing that an upgrade tells or makes has it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import git
from tests.forge.fake_http import TOKEN
from tests.git.server import GitServer, git_server
from tests.service.run import Done, scaffold
from tests.upgrade.case import Case


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    """A server with all repos below the test's folder, which asks for the token."""
    with git_server(tmp_path) as running:
        yield running


@pytest.fixture
def repo(tmp_path: Path, server: GitServer) -> Path:
    """A repo of v1.0.0 of a template on the server, where v1.1.0 is newer."""
    case = Case(tmp_path)
    case.release("v1.0.0", {"a.txt": "one\n", "b.txt": "one\n"})
    case.generate("v1.0.0")
    case.release("v1.1.0", {"a.txt": "two\n", "b.txt": "two\n"})
    file = case.repo / ".copier-answers.yml"
    url = server.url.replace("//", f"//bot:{TOKEN}@") + "/template.git"
    lines = [line for line in file.read_text().splitlines() if not line.startswith("_src_path")]
    file.write_text("\n".join([*lines, f"_src_path: {url}", ""]))
    case.commit("Record the template's URL")
    return case.repo


def upgrade(repo: Path, *arguments: str) -> Done:
    """Run the upgrade of the repo; what it says has no token."""
    done = scaffold("upgrade", "--repo", str(repo), *arguments, cwd=repo.parent)
    assert TOKEN not in done.stdout + done.stderr
    return done


@pytest.mark.parametrize("output", ["table", "json"])
def test_what_is_said_of_an_upgrade(repo: Path, output: str) -> None:
    """The diff has the lines around `_commit`, among them the one with the URL."""
    done = upgrade(repo, "--dry-run", "--diff", "--output", output)

    assert 0 == done.returncode, done.stderr
    assert "_src_path: http://***@localhost:" in done.stdout


def test_what_is_pushed(repo: Path) -> None:
    """The message of the commit, which tells of the template; the answers stay as they are."""
    done = upgrade(repo)

    assert 0 == done.returncode, done.stderr
    message = git("log", "-1", "--format=%B", "scaffold/template", cwd=repo)
    assert TOKEN not in message
    assert "Scaffold-Template: http://***@localhost:" in message
    assert TOKEN in git("show", "scaffold/template:.copier-answers.yml", cwd=repo)


def test_the_next_upgrade_finds_what_was_recorded(repo: Path, tmp_path: Path) -> None:
    """The exact commit, though the tag was moved since."""
    upgrade(repo)
    git("merge", "-q", "scaffold/template", cwd=repo)
    case = Case(tmp_path)
    case.release("v1.1.0", {"a.txt": "moved\n", "b.txt": "moved\n"})
    case.release("v1.2.0", {"a.txt": "two\n", "b.txt": "three\n"})

    done = upgrade(repo, "--dry-run", "--diff")

    assert 0 == done.returncode, done.stdout
    assert ("+three" in done.stdout, "a.txt" in done.stdout) == (True, False)


@pytest.mark.parametrize("debug", [(), ("--debug",)])
def test_a_template_that_is_gone(repo: Path, tmp_path: Path, debug: tuple[str, ...]) -> None:
    """Neither the report nor a traceback shows it."""
    (tmp_path / "template.git").rename(tmp_path / "elsewhere")

    done = scaffold(*debug, "upgrade", "--repo", str(repo), cwd=tmp_path)

    assert 1 == done.returncode
    assert TOKEN not in done.stdout + done.stderr
    assert "http://***@localhost:" in done.stdout
