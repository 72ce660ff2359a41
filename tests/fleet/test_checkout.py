"""The platform's checkout after a command that pushed to the platform's main."""

import pytest

from tests.builders import git
from tests.service.run import scaffold
from tests.upgrade.fleet import Fleet, FleetOf


@pytest.fixture
def fleet(fleet_of: FleetOf) -> Fleet:
    """A platform with one service, whose checkout shows what was pushed so far."""
    fleet = fleet_of("payments")
    git("pull", "-q", "--rebase", cwd=fleet.platform)
    return fleet


def pause(fleet: Fleet) -> list[str]:
    """Pause the service; what was printed."""
    done = scaffold("pause", "payments", cwd=fleet.root)
    assert 0 == done.returncode, done.stderr
    return done.stdout.splitlines()


def state(fleet: Fleet) -> list[str]:
    """The branch that is checked out, how it stands to origin's, and what is changed."""
    return git("status", "--short", "--branch", cwd=fleet.platform).splitlines()


def test_it_is_as_after_a_push_by_git(fleet: Fleet) -> None:
    """`main` and `origin/main` name what was pushed."""
    assert ["payments is paused."] == pause(fleet)
    assert ["## main...origin/main"] == state(fleet)
    assert "paused: true" in (fleet.platform / "services/payments.yml").read_text()


def test_commits_of_the_users_own_stay(fleet: Fleet) -> None:
    """How to bring both together is said."""
    (fleet.platform / "mine.txt").write_text("mine\n")
    git("add", "mine.txt", cwd=fleet.platform)
    git("commit", "-q", "-m", "Mine", cwd=fleet.platform)

    lines = pause(fleet)

    assert [
        "payments is paused.",
        f"main in {fleet.platform} lacks 1 commit of the platform's: git pull --rebase",
    ] == lines
    assert ["## main...origin/main [ahead 1, behind 1]"] == state(fleet)


def test_a_change_in_the_way_stays(fleet: Fleet) -> None:
    """Nothing of it is lost."""
    file = fleet.platform / "services/payments.yml"
    file.write_text(file.read_text() + "# mine\n")

    lines = pause(fleet)

    assert f"main in {fleet.platform} lacks 1 commit of the platform's: git pull" == lines[-1]
    assert ["## main...origin/main [behind 1]", " M services/payments.yml"] == state(fleet)
    assert file.read_text().endswith("# mine\n")


def test_another_branch_stays_where_it_is(fleet: Fleet) -> None:
    """Though it could be moved on."""
    git("switch", "-q", "-c", "mine", cwd=fleet.platform)
    before = git("rev-parse", "mine", cwd=fleet.platform)

    lines = pause(fleet)

    assert (
        f"main in {fleet.platform} lacks 1 commit of the platform's: git switch main && git pull"
        == lines[-1]
    )
    assert before == git("rev-parse", "mine", cwd=fleet.platform)
