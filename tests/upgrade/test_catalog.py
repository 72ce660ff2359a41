"""What an upgrade takes from the catalog, and what it says of the rest."""

import json

import pytest

from tests.builders import git
from tests.service.run import scaffold
from tests.upgrade.fleet import SECOND, Fleet, FleetOf


@pytest.fixture
def fleet(fleet_of: FleetOf) -> Fleet:
    """Two services at v1.0.0."""
    return fleet_of("orders", "payments")


@pytest.mark.parametrize(
    "chosen",
    [("--all",), ("orders", "payments"), ("--owner", "platform"), ("--all", "--wave", "1")],
)
def test_an_invalid_catalog_file_does_not_stop_the_others(
    fleet: Fleet, chosen: tuple[str, ...]
) -> None:
    """It is a service that failed, whatever was chosen: whose it is can't be told."""
    fleet.release("v1.1.0", SECOND)
    fleet.change_entry("payments", "name: payments", "name: gamma")

    done = fleet.run(*chosen)

    assert 1 == done.returncode
    assert (
        "config-invalid: 1 failed\n"
        "  platform: services/payments.yml: its name is `gamma`, the file's is `payments`\n"
    ) in done.stdout
    assert [(1, "open", False)] == [one[:3] for one in fleet.requests("orders-code")]


def test_a_repo_that_is_not_on_the_forge_gets_a_branch(fleet: Fleet) -> None:
    """A catalog may name any URL; there is nowhere to open a merge request then."""
    fleet.release("v1.1.0", SECOND)
    elsewhere = fleet.root / "elsewhere.git"
    fleet.bare("payments-code").rename(elsewhere)
    fleet.change_entry("payments", f"file://{fleet.bare('payments-code')}", f"file://{elsewhere}")

    done = fleet.run("payments")

    assert 0 == done.returncode, done.stdout
    assert "payments-code    v1.0.0 -> v1.1.0  opened  scaffold/small" in done.stdout
    assert "scaffold/small" == git("branch", "--list", "scaffold/*", cwd=elsewhere).strip()


def test_what_is_retired_is_not_upgraded(fleet: Fleet) -> None:
    """Asked for by its name, it says how to bring it back."""
    fleet.change_entry("payments", "state: active", "state: retired")

    done = fleet.run("payments")

    assert 2 == done.returncode
    assert (
        "the service `payments` is retired\n  To bring it back: scaffold retire payments --undo"
        in (done.stderr)
    )


def test_a_preview_counts_it_as_a_failure(fleet: Fleet) -> None:
    """What the release would do to that service can't be told."""
    fleet.change_entry("payments", "name: payments", "name: gamma")

    done = scaffold("blueprint", "preview", "small.git", "--output", "json", cwd=fleet.root)

    document = json.loads(done.stdout)
    assert (1, {"would-change": 2, "failed": 1}) == (done.returncode, document["counts"])
