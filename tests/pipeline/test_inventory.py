"""The inventory as data: what is written is what is read, and nothing gets lost in between."""

import pytest

from scaffold.errors import DeployError
from scaffold.pipeline.deploy.inventory import (
    Entry,
    Inventory,
    access_place,
    deploy_place,
    read_inventory,
    union,
    write_inventory,
)
from scaffold.pipeline.deploy.objects import Key

PLACE = deploy_place("shop", "dev", "shop-dev")
WEB = Key("apps", "Deployment", "shop-dev", "web")
# An id that YAML would take for a number.
SETTINGS = Key("", "ConfigMap", "shop-dev", "12e3")


def test_round_trip() -> None:
    """Every field of every entry must come back as it was, with the version it was read at."""
    entries = (Entry(WEB, "0123"), Entry(SETTINGS))
    item = write_inventory(PLACE, Inventory(entries))
    item["metadata"] |= {"uid": "u", "resourceVersion": "7"}

    assert Inventory(entries, "u", "7") == read_inventory(PLACE, item)


def test_none_is_empty() -> None:
    """Where there is no ConfigMap, there is no entry."""
    assert Inventory() == read_inventory(PLACE, None)


def test_a_write_names_the_version_it_replaces() -> None:
    """Or two deploys at once would overwrite each other's inventory."""
    metadata = write_inventory(PLACE, Inventory((), "u", "7"))["metadata"]

    assert ("u", "7") == (metadata["uid"], metadata["resourceVersion"])


@pytest.mark.parametrize(
    "objects",
    ["[{}]", "[", "{}x", "1", "[1]", '["x"]', "[" * 100_000, "[" + "1" * 5000 + "]",
     '[{"group": [], "kind": 1, "namespace": {}, "name": null, "uid": 2}]'],
)  # fmt: skip
def test_a_malformed_one_is_an_error(objects: str) -> None:
    """It must not be read as empty: everything it lists would be forgotten."""
    item = write_inventory(PLACE, Inventory((Entry(WEB),)))
    item["data"]["objects"] = objects

    with pytest.raises(DeployError, match="`objects` is malformed"):
        read_inventory(PLACE, item)


def test_a_union_keeps_the_uid_that_is_known() -> None:
    """An entry from before the apply has no uid, and must not wipe out the old one's."""
    assert (Entry(WEB, "1"), Entry(SETTINGS)) == union(
        [Entry(WEB, "1")], [Entry(WEB), Entry(SETTINGS)]
    )


def test_names_of_access_inventories_do_not_meet() -> None:
    """Service `a` in `b-c` and service `a-b` in `c` must not share one inventory."""
    first, second = access_place("a", "b-c", "s"), access_place("a-b", "c", "s")

    assert "scaffold-access-a.b-c" == first.name
    assert "scaffold-access-a-b.c" == second.name
