"""Which version an upgrade takes that names none."""

import pytest

from scaffold.errors import BlueprintNotFoundError, ConfigError
from scaffold.fleet.offers import offers_to
from scaffold.fleet.platform import open_platform
from scaffold.git.scratch import scratch_folder
from scaffold.service.plan import pick_blueprint
from tests.service.run import scaffold
from tests.upgrade.fleet import SECOND, Fleet, FleetOf


def status_of(fleet: Fleet, service: str) -> str:
    """The line of `scaffold status` about a service."""
    said = scaffold("status", "--all", cwd=fleet.root).stdout
    return next(line for line in said.splitlines() if line.startswith(f"{service} "))


def hold(fleet: Fleet, **said: str | list[str]) -> None:
    """Hold a release of the small blueprint back."""
    url = f"{fleet.root}/small.git"
    fleet.change_platform(blueprints=[{"name": "small", "url": url, "hold": said}])


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


def test_a_release_is_held_back_from_all_but_a_wave(fleet_of: FleetOf) -> None:
    """The others stay, and status says so; `--to` brings it to any."""
    fleet = fleet_of("alpha", "beta")
    fleet.release("v1.1.0", SECOND)
    hold(fleet, version="v1.1.0", services=["beta"])

    done = fleet.results("--all", "--dry-run")
    assert ("current", "would-change") == (done["alpha-code"], done["beta-code"])
    assert "would-change" == fleet.results("alpha", "--to", "v1.1.0", "--dry-run")["alpha-code"]
    assert "  v1.0.0, v1.1.0 held back  " in status_of(fleet, "alpha")


def test_a_hold_names_services_and_owners(fleet_of: FleetOf) -> None:
    """One of them is enough; a team that is none is refused."""
    fleet = fleet_of("alpha")
    url = f"{fleet.root}/small.git"

    def is_held(**named: list[str]) -> bool:
        hold(fleet, version="v1.1.0", **named)
        opened = open_platform(fleet.platform)
        return offers_to(opened.model, opened.service("alpha"))[url].holds("v1.1.0")

    assert is_held()
    assert not is_held(services=["alpha"])
    assert not is_held(owners=["platform"])
    with pytest.raises(ConfigError, match="the hold of `small` names nobody; the teams are"):
        is_held(owners=["nobody"])


def test_what_is_held_back_is_not_for_new_services(fleet_of: FleetOf) -> None:
    """They are made from the version before it, or from one that is named."""
    fleet = fleet_of("alpha")
    fleet.release("v1.1.0", SECOND)

    def picked(version: str | None = None) -> str:
        with scratch_folder() as scratch:
            return pick_blueprint(open_platform(fleet.platform), None, version, scratch).version

    hold(fleet, version="v1.1.0")
    assert ("v1.0.0", "v1.1.0") == (picked(), picked("v1.1.0"))
    hold(fleet, version="v1.0.0")
    with pytest.raises(BlueprintNotFoundError, match="all its versions are held back, by `hold`"):
        picked()
    assert "current" == fleet.results("alpha", "--dry-run")["alpha-code"]
