"""What the platform repo once said of rights, by its history."""

import json
from pathlib import Path

import pytest

from scaffold.fleet.past import read_past
from scaffold.git.tree import open_repo
from tests.builders import commit_files, git


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """An empty repo."""
    git("init", "-q", "-b", "main", ".", cwd=tmp_path)
    return tmp_path


def platform(**teams: list[str]) -> dict[str, str]:
    """platform.yml with the groups of each team, as developers."""
    told = [{"name": name, "groups": {"developer": groups}} for name, groups in teams.items()]
    return {"platform.yml": json.dumps({"teams": told})}


def service(name: str, owner: str) -> dict[str, str]:
    """Its entry in the catalog."""
    return {f"services/{name}.yml": f"name: {name}\nowner: {owner}\n"}


def named(repo: Path) -> dict[str, list[str]]:
    """What is found at the head."""
    found = read_past(open_repo(repo), git("rev-parse", "HEAD", cwd=repo))
    return {name: sorted(groups) for name, groups in found.groups.items()}


def test_groups_owners_and_services_that_changed(repo: Path) -> None:
    """Each service has the groups of its owners of then, and those of no other team."""
    commit_files(repo, {**platform(a=["a1"], b=["b1"]), **service("shop", "a")})
    commit_files(repo, platform(a=["a2"], b=["b1"]))
    commit_files(repo, service("cart", "b"))
    commit_files(repo, service("shop", "b"))
    commit_files(repo, platform(a=["a3"], b=["b2"]))

    assert {"shop": ["a1", "a2", "b1", "b2"], "cart": ["b1", "b2"]} == named(repo)


def test_a_branch_says_nothing(repo: Path) -> None:
    """What main never said was never given."""
    commit_files(repo, {**platform(a=["a1"]), **service("shop", "a")})
    git("checkout", "-q", "-b", "trial", cwd=repo)
    commit_files(repo, platform(a=["trial"]))
    commit_files(repo, platform(a=["a1", "a2"]))
    git("checkout", "-q", "main", cwd=repo)
    git("merge", "-q", "--no-ff", "-m", "Merge", "trial", cwd=repo)

    assert {"shop": ["a1", "a2"]} == named(repo)


def test_what_can_not_be_read_says_nothing(repo: Path) -> None:
    """Nor does it stop what can."""
    commit_files(repo, {**platform(a=["a1"]), **service("shop", "a"), **service("cart", "a")})
    commit_files(repo, {"platform.yml": "teams: [", "services/cart.yml": "owner: [a]\n"})
    commit_files(repo, {"platform.yml": "teams: {a: b}\n"})
    commit_files(repo, platform(a=["a2"]))

    assert {"shop": ["a1", "a2"], "cart": ["a1", "a2"]} == named(repo)


@pytest.mark.parametrize("forge", [{}, {"webhook": ""}, {"webhook": 1}, "x", None])
def test_addresses_of_webhooks(repo: Path, forge: object) -> None:
    """Each that was ever named, whatever is said now."""
    for address in ("https://bot.example.com/a", "https://bot.example.com/b"):
        commit_files(repo, {"platform.yml": json.dumps({"forge": {"webhook": address}})})
    commit_files(repo, {"platform.yml": json.dumps({"forge": forge})})

    found = read_past(open_repo(repo), git("rev-parse", "HEAD", cwd=repo))

    assert {"https://bot.example.com/a", "https://bot.example.com/b"} == found.webhooks


def test_statuses_that_a_merge_needed(repo: Path) -> None:
    """Each that was ever named for a repo, on whichever kind of forge; not what was no setting."""
    gitea = {"kind": "gitea", "url": "https://git.example.com", "group": "acme"}
    for forge in (
        {**gitea, "required_statuses": {"code": ["test"], "env": ["validate"]}},
        {**gitea, "required_statuses": {"code": ["lint"]}},
        {"kind": "gitlab", "group": "acme", "pipelines_must_succeed": ["code"]},
        {**gitea, "required_statuses": "all"},
    ):
        commit_files(repo, {"platform.yml": json.dumps({"forge": forge})})

    found = read_past(open_repo(repo), git("rev-parse", "HEAD", cwd=repo))

    assert {"code": {"test", "lint", "pipeline"}, "env": {"validate"}} == found.statuses
