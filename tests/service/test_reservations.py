"""The branch that reserves a service: what is told of it, and when it goes."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from scaffold.errors import StoppedError
from scaffold.fleet.platform import PlatformRepo, open_platform
from scaffold.git import branches
from scaffold.service.hold import reserved
from scaffold.service.reservation import (
    Does,
    clear_reservations,
    find_reservation,
    find_reservations,
    reservation_branch,
    write_reservation,
)
from tests.service.run import scaffold
from tests.upgrade.fleet import Fleet, make_fleet


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    """A platform with the service `shop`."""
    return make_fleet(tmp_path_factory.mktemp("reservations") / "acme", "shop")


@pytest.fixture
def platform(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> Iterator[PlatformRepo]:
    """The platform without any reservation; whoever runs the test is Ada."""
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Ada")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "ada@example.com")
    opened = open_platform(fleet.platform)
    yield opened
    for one in find_reservations(opened):
        branch = reservation_branch(one.service)
        branches.drop(opened.folder, opened.url, branch, expect=one.commit)


def killed(platform: PlatformRepo, service: str, **ago: float) -> None:
    """What a run leaves that was killed so long ago before it could give the service free."""
    since = (datetime.now(UTC) - timedelta(**ago)).isoformat(timespec="seconds")
    commit = write_reservation(platform, service, ["a", "b"], "r1", Does.MAKE, since)
    branch = reservation_branch(service)
    branches.push(platform.folder, platform.url, commit, branch, expect=None)


def left(platform: PlatformRepo) -> list[str]:
    """The services that are reserved."""
    return [one.service for one in find_reservations(platform)]


def test_what_is_reserved_can_be_read(platform: PlatformRepo) -> None:
    """By everybody who may read the platform: whose run it is, since when, with which repos."""
    start = datetime.now(UTC).replace(microsecond=0)
    with reserved(platform, "till", ["till-docker", "till-code"]) as hold:
        found = find_reservation(platform, "till")
        hold.take_back()
        later = find_reservation(platform, "till")

    assert found is not None
    assert later is not None
    assert ("till", "Ada", "ada@example.com") == (found.service, found.by, found.email)
    assert frozenset({"till-code", "till-docker"}) == found.repos
    assert found.mine
    assert start <= found.since <= datetime.now(UTC)
    assert (Does.MAKE, Does.TAKE_BACK) == (found.does, later.does)
    assert (found.run, found.since, found.repos) == (later.run, later.since, later.repos)
    assert find_reservation(platform, "till") is None


def test_a_service_that_is_being_made_is_unfinished(fleet: Fleet, platform: PlatformRepo) -> None:
    """`status` names who began it and when; the rest of the fleet is shown as ever."""
    with pytest.raises(StoppedError), reserved(platform, "till", ["till-code"]):
        raise StoppedError("as good as killed")
    found = find_reservation(platform, "till")
    assert found is not None

    shown = scaffold("status", cwd=fleet.root)
    told = json.loads(scaffold("status", "--output", "json", cwd=fleet.root).stdout)

    states = {one["service"]: one["state"] for one in told["services"]}
    assert ("active", "unfinished") == (states["shop"], states["till"])
    (till,) = (one for one in told["services"] if one["service"] == "till")
    assert (None, None, []) == (till["owner"], till["blueprint"], till["pins"])
    assert "Ada" == till["begun"]["by"]
    assert found.since == datetime.fromisoformat(till["begun"]["since"])
    assert (
        f"till is being created by Ada since {found.told_since}; if that has ended,"
        " `scaffold new service till` finishes it"
    ) in shown.stdout.splitlines()
    assert 0 == shown.returncode


def test_finished_it_is_active(fleet: Fleet, platform: PlatformRepo) -> None:
    """And nothing is left of its reservation."""
    with pytest.raises(StoppedError), reserved(platform, "counter", ["counter-code"]):
        raise StoppedError("as good as killed")

    done = scaffold("new", "service", "counter", "--defaults", cwd=fleet.root)
    told = json.loads(scaffold("status", "counter", "--output", "json", cwd=fleet.root).stdout)

    assert 0 == done.returncode, done.stderr
    assert ["active"] == [one["state"] for one in told["services"]]
    assert [] == left(platform)


def test_what_a_run_left_at_its_very_end_goes_after_an_hour(platform: PlatformRepo) -> None:
    """For that long its person is told, by a run again, that the service is done."""
    killed(platform, "shop", minutes=59)
    clear_reservations(platform)
    assert ["shop"] == left(platform)

    branches.drop(
        platform.folder, platform.url, reservation_branch("shop"),
        expect=find_reservations(platform)[0].commit,
    )  # fmt: skip
    killed(platform, "shop", minutes=61)
    clear_reservations(platform)
    assert [] == left(platform)


def test_a_service_that_is_not_registered_stays_reserved(platform: PlatformRepo) -> None:
    """However long ago its run was killed: what that left is still to be finished."""
    killed(platform, "till", days=400)
    clear_reservations(platform)

    assert ["till"] == left(platform)


def test_the_next_new_service_clears_them(fleet: Fleet, platform: PlatformRepo) -> None:
    """Whoever makes it; nobody has to know of them."""
    killed(platform, "shop", hours=2)

    done = scaffold("new", "service", "kiosk", "--defaults", cwd=fleet.root)

    assert 0 == done.returncode, done.stderr
    assert [] == left(platform)


def test_what_can_not_be_cleared_is_left(fleet: Fleet, platform: PlatformRepo) -> None:
    """It fails no command."""
    killed(platform, "shop", hours=2)
    hooks = fleet.bare("platform") / "hooks"
    hooks.mkdir(exist_ok=True)
    hook = hooks / "update"
    hook.write_text('#!/bin/sh\n[ "$3" != 0000000000000000000000000000000000000000 ]\n')
    hook.chmod(0o755)
    try:
        clear_reservations(platform)
        assert ["shop"] == left(platform)
    finally:
        hook.unlink()
