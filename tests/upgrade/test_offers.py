"""Which version an upgrade takes that names none."""

from tests.service.run import scaffold
from tests.upgrade.fleet import SECOND, Fleet, FleetOf


def status_of(fleet: Fleet, service: str) -> str:
    """The line of `scaffold status` about a service."""
    said = scaffold("status", "--all", cwd=fleet.root).stdout
    return next(line for line in said.splitlines() if line.startswith(f"{service} "))


def test_prereleases_are_for_those_who_take_them(fleet_of: FleetOf) -> None:
    """A key of the service's entry in the catalog; `--to` brings them to any."""
    fleet = fleet_of("alpha", "beta")
    fleet.release("v1.1.0rc1", SECOND)
    fleet.change_entry("beta", "prereleases: false", "prereleases: true")

    assert {
        "alpha-code": "current",
        "alpha-docker": "current",
        "beta-code": "opened",
        "beta-docker": "opened",
    } == fleet.results("--all")
    assert "would-change" == fleet.results("alpha", "--to", "v1.1.0rc1", "--dry-run")["alpha-code"]
    assert "v1.0.0, 1 behind" in status_of(fleet, "beta")
    assert "behind" not in status_of(fleet, "alpha")

    fleet.release("v1.1.0", SECOND)
    assert "updated" == fleet.results("beta")["beta-code"]
    assert "_commit: v1.1.0\n" in fleet.file("beta-code", ".copier-answers.yml")
