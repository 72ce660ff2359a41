"""Waves and shards: who is taken is settled by names alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaffold.config.forge import ForgeSettings
from scaffold.config.forges.gitea import GiteaForge
from scaffold.config.forges.local import LocalForge
from scaffold.errors import UsageError
from scaffold.upgrade.rollout import (
    Shard,
    Wave,
    parse_shard,
    parse_wave,
    stable_hash,
    usual_jobs,
)
from tests.upgrade.fleet import SECOND, FleetOf

GITEA = GiteaForge(kind="gitea", url="https://git.example.com", group="acme")
SERVICES = ("alpha", "beta", "gamma", "delta")


def test_a_wave_takes_those_who_are_next(fleet_of: FleetOf) -> None:
    """By the hash of their names; the next run takes the next ones."""
    fleet = fleet_of(*SERVICES)
    fleet.release("v1.1.0", SECOND)
    order = sorted(SERVICES, key=stable_hash)

    first = fleet.results("--all", "--wave", "1")
    second = fleet.results("--all", "--wave", "50%")

    assert {f"{order[0]}-code", f"{order[0]}-docker"} == set(first)
    assert {f"{name}-{repo}" for name in order[1:3] for repo in ("code", "docker")} == set(second)


def test_shards_share_a_rollout(fleet_of: FleetOf) -> None:
    """Each service is in one of them, and none is left out."""
    fleet = fleet_of(*SERVICES)
    fleet.release("v1.1.0", SECOND)

    found = [set(fleet.results("--all", "--shard", f"{i}/2", "--dry-run")) for i in (1, 2)]

    assert set() == found[0] & found[1]
    assert {f"{name}-{repo}" for name in SERVICES for repo in ("code", "docker")} == (
        found[0] | found[1]
    )


@pytest.mark.parametrize(
    ("forge", "cores", "jobs"),
    [
        (None, 2, 2),
        (LocalForge(kind="local", path="/srv/git"), 2, 2),
        (GITEA, 2, 8),
        (GITEA, 8, 16),
        (GITEA, 32, 32),
    ],
)
def test_more_at_a_time_wait_for_a_server(
    forge: ForgeSettings | None, cores: int, jobs: int
) -> None:
    """On this machine the cores are what there is to share."""
    assert jobs == usual_jobs(forge, cores)


@given(st.text(min_size=1), st.integers(1, 20))
def test_a_name_is_in_one_shard(name: str, count: int) -> None:
    """Whatever the name and however many shards."""
    assert 1 == sum(Shard(index, count).has(name) for index in range(1, count + 1))


@pytest.mark.parametrize(
    ("text", "total", "size"), [("3", 10, 3), ("10%", 10, 1), ("5%", 10, 1), ("100%", 7, 7)]
)
def test_the_size_of_a_wave(text: str, total: int, size: int) -> None:
    """A number, or a share that is rounded up."""
    assert size == parse_wave(text).size(total)


def test_a_wave_is_a_number_or_a_share() -> None:
    """As a value."""
    assert (Wave(3), Wave(10, percent=True)) == (parse_wave("3"), parse_wave("10%"))


@pytest.mark.parametrize(
    "text", ["0", "-1", "x", "101%", "%", "", "²", "\u0661", "1" * 5000, "9" * 5000 + "%"]
)
def test_a_bad_wave_is_refused(text: str) -> None:
    """It says what it may be."""
    with pytest.raises(UsageError, match="neither a number nor a percentage"):
        parse_wave(text)


@pytest.mark.parametrize("text", ["0/2", "3/2", "1", "a/b", "1/", "/", "²/³", "1/" + "9" * 5000])
def test_a_bad_shard_is_refused(text: str) -> None:
    """It says what it may be."""
    with pytest.raises(UsageError, match="is not I/N"):
        parse_shard(text)
