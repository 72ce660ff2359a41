"""Upgrades that somebody turned down, and that are taken up again."""

import json

import pytest

from scaffold.fleet.platform import open_platform
from scaffold.forge.api import Forge, Proposal
from tests.builders import git
from tests.service.run import scaffold
from tests.upgrade.fleet import SECOND, Fleet, FleetOf

REPO, BRANCH = "payments-code", "scaffold/small"
THIRD = {**SECOND, "code/new.txt": "new\n"}


@pytest.fixture
def fleet(fleet_of: FleetOf) -> Fleet:
    """A service whose upgrade to v1.1.0 somebody has closed, as merge request 1."""
    fleet = fleet_of("payments")
    fleet.release("v1.1.0", SECOND)
    fleet.run("payments")
    forge(fleet).close_merge_request(REPO, 1)
    return fleet


def forge(fleet: Fleet) -> Forge:
    """Where the repos are."""
    return open_platform(fleet.platform).forge


def result(fleet: Fleet, *options: str) -> str:
    """What an upgrade says of the repo."""
    return fleet.results("payments", *options)[REPO]


def requests(fleet: Fleet) -> list[tuple[int, str, bool]]:
    """Number, state and draft of each merge request."""
    return [(number, state, draft) for number, state, draft, _ in fleet.requests(REPO)]


def drop_branch(fleet: Fleet) -> None:
    """Delete the branch, as many forges do when a merge request is closed."""
    git("update-ref", "-d", f"refs/heads/{BRANCH}", cwd=fleet.bare(REPO))


def test_what_was_closed_is_reopened(fleet: Fleet) -> None:
    """The very same, and only when asked; from then on it is open like any other."""
    assert "muted" == result(fleet)
    assert "reopened" == result(fleet, "--reopen")
    assert [(1, "open", False)] == requests(fleet)
    assert "unchanged" == result(fleet)


def test_it_is_brought_up_to_date(fleet: Fleet) -> None:
    """Main went on meanwhile; the branch has what main has."""
    fleet.edit(REPO, {"theirs.txt": "theirs\n"})

    assert "reopened" == result(fleet, "--reopen")
    assert ([(1, "open", False)], "theirs\n") == (
        requests(fleet), fleet.file(REPO, "theirs.txt")
    )  # fmt: skip


def test_a_draft_with_conflicts_is_reopened_as_one(fleet: Fleet) -> None:
    """The worst would be a merge request that looks ready."""
    fleet.edit(REPO, {"README.md": "# payments\n\nmine\n"})

    assert "conflicts" == result(fleet, "--reopen")
    assert [(1, "open", True)] == requests(fleet)


def test_a_branch_that_is_gone_gets_a_new_one(fleet: Fleet) -> None:
    """And why it is a new one is told."""
    drop_branch(fleet)

    done = fleet.run("payments", "--reopen", "--output", "json")

    (code,) = (one for one in json.loads(done.stdout)["repos"] if one["repo"] == REPO)
    note = "merge request 1 was closed, and its branch is gone: a new one is opened"
    assert ("opened", [note]) == (code["result"], code["notes"])
    assert [(1, "closed", False), (2, "open", False)] == requests(fleet)


def test_a_branch_with_somebodys_work_is_left_as_it_is(fleet: Fleet) -> None:
    """Its merge request is reopened all the same."""
    work = fleet.edit(REPO, {"mine.txt": "mine\n"}, branch=BRANCH)

    assert "held" == result(fleet, "--reopen")
    assert ([(1, "open", False)], work) == (
        requests(fleet), git("rev-parse", BRANCH, cwd=fleet.bare(REPO))
    )  # fmt: skip


def test_a_dry_run_reopens_nothing(fleet: Fleet) -> None:
    """It says what would change."""
    assert "would-change" == result(fleet, "--reopen", "--dry-run")
    assert [(1, "closed", False)] == requests(fleet)


def test_one_that_is_open_wins_over_a_closed_one_of_its_target(fleet: Fleet) -> None:
    """Somebody thought again, and opened another with the same text."""
    (closed,) = forge(fleet).merge_requests(REPO)
    forge(fleet).open_merge_request(REPO, BRANCH, Proposal(closed.title, closed.body))

    assert "unchanged" == result(fleet)
    assert [(1, "closed", False), (2, "open", False)] == requests(fleet)


def test_one_that_was_opened_by_hand_wins_as_well(fleet: Fleet) -> None:
    """Its branch tells what it is for; it gets the text."""
    forge(fleet).open_merge_request(REPO, BRANCH, Proposal("Try again", ""))

    assert "unchanged" == result(fleet)
    title = "Upgrade small from v1.0.0 to v1.1.0"
    assert (2, "open", False, title) == fleet.requests(REPO)[-1]


def test_one_that_is_open_for_another_target_unmutes_nothing(fleet: Fleet) -> None:
    """What was turned down stays so, until it is asked for; then the open one becomes it."""
    fleet.release("v1.2.0", THIRD)
    assert "updated" == result(fleet)

    assert "muted" == result(fleet, "--to", "v1.1.0")
    assert "updated" == result(fleet, "--to", "v1.1.0", "--reopen")
    assert [(1, "closed", False), (2, "open", False)] == requests(fleet)
    assert "unchanged" == result(fleet, "--to", "v1.1.0")


def test_repos_without_a_forge_have_nothing_to_reopen(fleet: Fleet) -> None:
    """Which is wrong use."""
    done = scaffold("upgrade", "--repo", str(fleet.bare(REPO)), "--reopen", cwd=fleet.root)

    assert (2, True) == (
        done.returncode,
        "--reopen is about merge requests, and --repo opens none" in done.stderr,
    )


def test_any_merge_request_is_reopened_by_its_number(fleet: Fleet) -> None:
    """Which counts for the next upgrade as well."""
    done = scaffold("merge-request", "reopen", REPO, "1", cwd=fleet.root)

    assert (0, f"Reopened {REPO} 1.\n") == (done.returncode, done.stdout)
    assert "unchanged" == result(fleet)


def test_one_whose_branch_is_gone_says_what_to_do(fleet: Fleet) -> None:
    """Nothing is changed."""
    drop_branch(fleet)

    done = scaffold("merge-request", "reopen", REPO, "1", cwd=fleet.root)

    assert 1 == done.returncode
    assert f"merge request 1 can't be reopened: its branch {BRANCH} is gone" in done.stderr
    assert "for an upgrade: scaffold upgrade SERVICE --reopen" in done.stderr
    assert [(1, "closed", False)] == requests(fleet)


def test_one_whose_branch_is_in_main_is_not_reopened(fleet: Fleet) -> None:
    """There is nothing left to merge."""
    git("update-ref", "refs/heads/main", f"refs/heads/{BRANCH}", cwd=fleet.bare(REPO))

    done = scaffold("merge-request", "reopen", REPO, "1", cwd=fleet.root)

    assert "merge request 1 can't be reopened: main has its branch already" in done.stderr
    assert [(1, "closed", False)] == requests(fleet)
