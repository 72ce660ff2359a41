"""A repo that was just made may be missing on some replicas of a server for a while."""

import pytest

from scaffold.errors import ForgeError
from tests.forge.each import Server

GONE = "can't archive the repo `shop`: status 404"


@pytest.mark.parametrize(
    ("lag", "waited"), [(0, []), (1, [1.0]), (3, [1.0, 2.0, 4.0])], ids=["at once", "1", "3"]
)
def test_what_follows_its_creation_waits_for_it(
    fake_server: Server, naps: list[float], lag: int, waited: list[float]
) -> None:
    """As often as it is not there yet."""
    with fake_server() as (server, connect):
        forge = connect().forge
        server.lag = lag
        forge.create("shop", description="")

        forge.archive("shop", archived=True)

        found = forge.find("shop")
        assert (waited, True) == (naps, found is not None and found.archived)


def test_one_that_stays_missing_is_given_up(fake_server: Server, naps: list[float]) -> None:
    """After half a minute that it is not there is an answer."""
    with fake_server() as (server, connect):
        forge = connect().forge
        server.lag = 99
        forge.create("shop", description="")

        with pytest.raises(ForgeError, match=GONE):
            forge.archive("shop", archived=True)

    assert [1.0, 2.0, 4.0, 8.0] == naps


def test_an_old_one_is_not_waited_for(fake_server: Server, naps: list[float]) -> None:
    """That it is not there is an answer."""
    with fake_server() as (_, connect), pytest.raises(ForgeError, match=GONE):
        connect().forge.archive("shop", archived=True)

    assert [] == naps


def test_a_deleted_one_is_not_waited_for(fake_server: Server, naps: list[float]) -> None:
    """Nor is it asked for more than once a call."""
    with fake_server() as (server, connect):
        forge = connect().forge
        server.lag = 0
        forge.create("shop", description="")
        server.calls.clear()

        for _ in range(2):
            forge.delete("shop")

        assert (["DELETE", "DELETE"], []) == ([asked.method for asked in server.calls], naps)


def test_a_repo_is_new_for_a_minute(
    fake_server: Server, naps: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After that a 404 is an answer, as for any other."""
    monkeypatch.setattr("scaffold.forge.fresh._FRESH", 0)
    with fake_server() as (server, connect):
        forge = connect().forge
        server.lag = 1
        forge.create("shop", description="")

        with pytest.raises(ForgeError, match=GONE):
            forge.archive("shop", archived=True)

    assert [] == naps
