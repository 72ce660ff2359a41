"""`scaffold blueprint list`, run as a user runs it."""

import json
from typing import Any

import jsonschema
import pytest

from scaffold.documents.schemas import published_schemas
from tests.builders import git
from tests.service.run import scaffold
from tests.upgrade.fleet import SECOND, Fleet, FleetOf


@pytest.fixture
def fleet(fleet_of: FleetOf) -> Fleet:
    """Two services at v1.0.0, of a blueprint that has v1.1.0 too."""
    fleet = fleet_of("cart", "shop")
    fleet.release("v1.1.0", SECOND)
    return fleet


def listed(fleet: Fleet, *, status: int = 0) -> dict[str, Any]:
    """What the command prints as JSON, which fits its schema."""
    done = scaffold("blueprint", "list", "--output", "json", cwd=fleet.root)
    assert status == done.returncode, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    jsonschema.Draft202012Validator(published_schemas()["output-blueprints"]).validate(document)
    return document


def in_use(document: dict[str, Any]) -> dict[str, int]:
    """How many services have each version of the only blueprint, newest first."""
    (only,) = document["blueprints"]
    return {one["version"]: one["services"] for one in only["versions"]}


def record(fleet: Fleet, repo: str, version: str) -> None:
    """Let a repo say on main that it has a version, as a merged upgrade does."""
    text = fleet.file(repo, ".copier-answers.yml", "main").replace("v1.0.0", version)
    fleet.edit(repo, {".copier-answers.yml": text})


def test_versions_come_with_their_services(fleet: Fleet) -> None:
    """One line a version, newest first."""
    done = scaffold("blueprint", "list", cwd=fleet.root)

    assert [
        "BLUEPRINT  VERSION  SERVICES",
        "small      v1.1.0   0",
        "small      v1.0.0   2",
    ] == done.stdout.splitlines()


def test_a_service_counts_for_its_oldest_repo(fleet: Fleet) -> None:
    """A service has a version once all its repos have merged it."""
    record(fleet, "shop-code", "v1.1.0")
    record(fleet, "cart-code", "v1.1.0")
    record(fleet, "cart-docker", "v1.1.0")

    assert {"v1.1.0": 1, "v1.0.0": 1} == in_use(listed(fleet))


def test_versions_are_in_the_order_of_pep_440(fleet: Fleet) -> None:
    """v1.10.0 is newer than v1.9.0, and a candidate older than its release."""
    for tag in ("v1.9.0", "v1.10.0", "v1.10.0rc1"):
        git("tag", tag, cwd=fleet.root / "small.git")

    expected = ["v1.10.0", "v1.10.0rc1", "v1.9.0", "v1.1.0", "v1.0.0"]
    assert expected == list(in_use(listed(fleet)))


def test_a_commit_without_a_tag_is_told_from_a_release(fleet: Fleet) -> None:
    """Services on what was never released stand out; they come last."""
    record(fleet, "shop-docker", "v1.0.0-1-g0123abc")
    document = listed(fleet)

    assert {"v1.1.0": 0, "v1.0.0": 1, "v1.0.0-1-g0123abc": 1} == in_use(document)
    assert [True, True, False] == [v["released"] for v in document["blueprints"][0]["versions"]]


def test_a_service_that_cannot_be_read_hides_no_other(fleet: Fleet) -> None:
    """What is not known is said, and the exit status is 1."""
    fleet.edit("shop-code", {".copier-answers.yml": "nonsense\n"})
    document = listed(fleet, status=1)

    assert {"v1.1.0": 0, "v1.0.0": 1} == in_use(document)
    assert ["shop"] == [one["service"] for one in document["unreadable"]]
    assert "is not a mapping of answers" in document["unreadable"][0]["error"]


def test_a_service_with_an_invalid_catalog_file_hides_no_other(fleet: Fleet) -> None:
    """It is one of those that do not tell what they were made from."""
    fleet.change_entry("shop", "name: shop", "name: other")
    document = listed(fleet, status=1)

    assert {"v1.1.0": 0, "v1.0.0": 1} == in_use(document)
    assert [("shop", True)] == [
        (one["service"], "services/shop.yml" in one["error"]) for one in document["unreadable"]
    ]


def test_a_blueprint_that_is_gone_is_said(fleet: Fleet) -> None:
    """A URL that leads nowhere is an error of that blueprint alone."""
    gone = {"name": "gone", "url": f"{fleet.root}/gone.git"}
    fleet.change_platform(blueprints=[{"name": "small", "url": f"{fleet.root}/small.git"}, gone])
    small, other = listed(fleet, status=1)["blueprints"]

    assert (None, ["v1.1.0", "v1.0.0"]) == (
        small["error"],
        [v["version"] for v in small["versions"]],
    )
    assert "there is no repo here" in other["error"]
