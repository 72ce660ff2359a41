"""Repos that are not on this machine, on a server of real git: little is fetched, all counts."""

import json
from collections.abc import Iterator
from pathlib import Path

import pygit2
import pytest
from pygit2.enums import SortMode

from scaffold.errors import VersionGoneError
from scaffold.render.provenance import template_trailers
from scaffold.render.templates import TemplateRepo
from scaffold.upgrade.job import RepoTarget
from scaffold.upgrade.plan import UpgradePlan, Want
from scaffold.upgrade.planning import plan_upgrade
from scaffold.upgrade.remote import Remote, open_remote
from tests.builders import commit_files, git
from tests.forge.fake_http import TOKEN
from tests.git.server import git_server
from tests.service.run import scaffold
from tests.upgrade.case import Case, result, texts

ONE = {"a.txt": "one\n"}
TWO = {"a.txt": "two\n"}


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """The URL of a server with all repos below the test's folder, with the token that it takes."""
    with git_server(tmp_path) as server:
        yield server.url.replace("//", f"//bot:{TOKEN}@")


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """A repo of v1.0.0 whose history tells so; the tag is on another commit by now."""
    case = Case(tmp_path)
    made = case.release("v1.0.0", ONE)
    case.generate("v1.0.0")
    told = template_trailers(case.template, "v1.0.0", made)
    git("commit", "-q", "--amend", "-m", f"Create\n\n{told}", cwd=case.repo)
    case.release("v1.0.0", {"a.txt": "moved\n"})
    case.release("v2.0.0", TWO)
    return case


def age(case: Case, commits: int) -> None:
    """Let so many commits come after."""
    tree = git("rev-parse", "HEAD^{tree}", cwd=case.repo)
    head = git("rev-parse", "HEAD", cwd=case.repo)
    for number in range(commits):
        head = git("commit-tree", tree, "-p", head, "-m", f"Change {number}", cwd=case.repo)
    git("reset", "-q", "--hard", head, cwd=case.repo)


def opened(case: Case, url: str) -> Remote:
    """The repo as an upgrade has it at hand."""
    return open_remote(RepoTarget("repo", f"{url}/repo/.git"), case.root / "scratch", None)


def planned(case: Case, remote: Remote) -> UpgradePlan:
    """What an upgrade would do."""
    scratch = case.root / "scratch"
    return plan_upgrade(remote.project(), lambda url: TemplateRepo(url, scratch), Want(), scratch)


def at_hand(remote: Remote) -> int:
    """How many commits were fetched."""
    walk = pygit2.Repository(str(remote.folder)).walk(pygit2.Oid(hex=remote.head), SortMode.NONE)
    return sum(1 for _ in walk)


@pytest.mark.parametrize(("older", "fetched"), [(0, 1), (150, 151), (230, 231)])
def test_the_base_is_what_the_history_records(
    case: Case, served: str, older: int, fetched: int
) -> None:
    """However far back that is, and though the tag was moved since."""
    age(case, older)
    remote = opened(case, served)

    plan = planned(case, remote)

    assert ("would-change", {"a.txt": "two\n"}) == (
        plan.state,
        {path: text for path, text in texts(result(plan)).items() if path == "a.txt"},
    )
    assert fetched == at_hand(remote)


def test_no_more_is_fetched_than_is_looked_at(case: Case, served: str) -> None:
    """An old repo whose last upgrade was lately."""
    age(case, 230)
    made = git("rev-parse", "v1.0.0~1", cwd=Path(case.template))
    told = template_trailers(case.template, "v1.0.0", made)
    git("commit", "-q", "--allow-empty", "-m", f"Upgrade\n\n{told}", cwd=case.repo)
    remote = opened(case, served)

    plan = planned(case, remote)

    assert ("would-change", 200) == (plan.state, at_hand(remote))


def test_a_version_that_is_gone_is_told_from_an_old_history(case: Case, served: str) -> None:
    """The commit that the far end of the history names counts, not the tag."""
    age(case, 230)
    template = Path(case.template)
    git("checkout", "-q", "--orphan", "other", cwd=template)
    for tag in ("v1.0.0", "v2.0.0"):
        commit_files(template, dict(case_files(template)), message=f"Release {tag}")
        git("tag", "-f", tag, cwd=template)
    git("branch", "-q", "-D", "main", cwd=template)
    git("reflog", "expire", "--expire=now", "--all", cwd=template)
    git("gc", "-q", "--prune=now", cwd=template)

    with pytest.raises(VersionGoneError, match="was moved"):
        planned(case, opened(case, served))


def case_files(folder: Path) -> dict[str, str]:
    """The files of a checkout."""
    return {name: (folder / name).read_text() for name in git("ls-files", cwd=folder).splitlines()}


def test_an_upgrade_of_a_remote_repo(case: Case, served: str) -> None:
    """A branch is pushed; a second run leaves it, a third after main moved brings it along."""
    age(case, 230)
    git("config", "receive.denyCurrentBranch", "ignore", cwd=case.repo)

    first, second = upgraded(case, served), upgraded(case, served)
    case.edit({"mine.txt": "mine\n"})
    third = upgraded(case, served)

    assert ("opened", "unchanged", "updated") == (first, second, third)
    files = git("ls-tree", "--name-only", "scaffold/template", cwd=case.repo).splitlines()
    assert {"a.txt", "mine.txt"} < set(files)


def upgraded(case: Case, url: str) -> str:
    """What the command says of the repo."""
    done = scaffold("upgrade", "--repo", f"{url}/repo/.git", "--output", "json", cwd=case.root)
    (told,) = json.loads(done.stdout)["repos"]
    return str(told["result"])
