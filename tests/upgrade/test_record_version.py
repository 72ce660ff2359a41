"""An upgrade that changes nothing but the recorded version is none, unless somebody asks for it."""

import pytest

from tests.builders import git
from tests.service.run import scaffold
from tests.upgrade.fleet import SECOND, Fleet, FleetOf

CONTENT = "current-in-content"
THIRD = {**SECOND, "docker/image.txt.jinja": "new {{ registry }}/{{ service }}\n"}


@pytest.fixture
def fleet(fleet_of: FleetOf) -> Fleet:
    """A service whose blueprint has a release that changes the code repo alone."""
    fleet = fleet_of("payments")
    fleet.change_platform(record_versions=False)
    fleet.release("v1.1.0", SECOND)
    return fleet


def test_only_the_repo_that_changes_gets_a_merge_request(fleet: Fleet) -> None:
    """The other one is current in content, which the report says; so does a dry run."""
    dry = fleet.results("payments", "--dry-run")
    said = fleet.run("payments").stdout

    assert {"payments-code": "would-change", "payments-docker": CONTENT} == dry
    assert "current in content: the next change records the version" in said
    assert 1 == len(fleet.requests("payments-code"))
    assert [] == fleet.requests("payments-docker")
    assert "main" == git("branch", "--format=%(refname:short)", cwd=fleet.bare("payments-docker"))


def test_the_next_change_records_the_version(fleet: Fleet) -> None:
    """What it is an upgrade from is what was recorded last."""
    fleet.run("payments")
    fleet.release("v1.2.0", THIRD)
    fleet.run("payments")

    (request,) = fleet.requests("payments-docker")
    assert "Upgrade small from v1.0.0 to v1.2.0" == request[3]
    assert "_commit: v1.2.0" in fleet.file("payments-docker", ".copier-answers.yml")


@pytest.mark.parametrize("asked", ["by the option", "by the platform"])
def test_who_asks_gets_the_version_recorded(fleet: Fleet, asked: str) -> None:
    """By a merge request of its own, which a run that is not asked leaves open."""
    if asked == "by the option":
        opened = fleet.results("payments", "--record-version")["payments-docker"]
    else:
        fleet.change_platform(record_versions=True)
        opened = fleet.results("payments")["payments-docker"]
        fleet.change_platform(record_versions=False)
    later = fleet.results("payments")["payments-docker"]

    assert ("opened", CONTENT) == (opened, later)
    assert ["open"] == [one[1] for one in fleet.requests("payments-docker")]


def test_an_answer_that_is_given_is_recorded(fleet: Fleet) -> None:
    """It is no version alone."""
    found = fleet.results("payments", "--data", "greeting=hi")

    assert {"payments-code": "opened", "payments-docker": "opened"} == found


def test_a_wave_takes_no_service_that_is_current_in_content(fleet: Fleet) -> None:
    """It is at the target."""
    fleet.run("payments")
    scaffold("merge-request", "merge", "payments-code", "1", cwd=fleet.root)

    assert {} == fleet.results("--all", "--wave", "1")
