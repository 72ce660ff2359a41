"""What an upgrade takes from the catalog, and what it says of the rest."""

from pathlib import Path

import pytest

from tests.builders import git
from tests.upgrade.fleet import SECOND, Fleet, make_fleet


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    """Two services at v1.0.0."""
    return make_fleet(tmp_path / "acme", "orders", "payments")


def write(fleet: Fleet, old: str, new: str) -> None:
    """Change a line of the entry of `payments`."""
    file = fleet.platform / "services/payments.yml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    git("commit", "-q", "-am", "Change it", cwd=fleet.platform)
    git("push", "-q", "origin", "main", cwd=fleet.platform)


@pytest.mark.parametrize(
    "chosen",
    [("--all",), ("orders", "payments"), ("--owner", "platform"), ("--all", "--wave", "1")],
)
def test_an_invalid_catalog_file_does_not_stop_the_others(
    fleet: Fleet, chosen: tuple[str, ...]
) -> None:
    """It is a service that failed, whatever was chosen: whose it is can't be told."""
    fleet.release("v1.1.0", SECOND)
    write(fleet, "name: payments", "name: gamma")

    done = fleet.run(*chosen)

    assert 1 == done.returncode
    assert (
        "config-invalid: 1 failed\n"
        "  platform: services/payments.yml: its name is `gamma`, the file's is `payments`\n"
    ) in done.stdout
    assert [(1, "open", False)] == [one[:3] for one in fleet.requests("orders-code")]


def test_what_is_retired_is_not_upgraded(fleet: Fleet) -> None:
    """Asked for by its name, it says how to bring it back."""
    write(fleet, "state: active", "state: retired")

    done = fleet.run("payments")

    assert 2 == done.returncode
    assert (
        "the service `payments` is retired\n  To bring it back: scaffold retire payments --undo"
        in (done.stderr)
    )
