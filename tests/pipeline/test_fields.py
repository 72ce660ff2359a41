"""The words for what a deploy changes of an object."""

import pytest

from scaffold.pipeline.deploy.fields import changed_fields
from tests.pipeline.trees import Item, config_map, deployment

APP = "spec.template.spec.containers[app]"


def secret(value: str) -> Item:
    """A Secret that holds one text."""
    return {**config_map("token", value), "kind": "Secret"}


@pytest.mark.parametrize(
    ("live", "after", "told"),
    [
        (config_map("a"), config_map("a"), ""),
        (config_map("a", "one"), config_map("a", "two"), "data.text: one -> two"),
        (config_map("a", "x" * 50), config_map("a", "two"), f"data.text: {'x' * 40}... -> two"),
        (secret("old"), secret("new"), "data.text"),
        (
            deployment("web", image="app:1", tty=True),
            deployment("web", image="app:2"),
            f"{APP}.image: app:1 -> app:2, {APP}.tty: true -> none",
        ),
        (
            {**config_map("a"), "data": {}},
            {**config_map("a"), "data": dict.fromkeys("abcde", "1")},
            "data.a: none -> 1, data.b: none -> 1, data.c: none -> 1, 2 more",
        ),
        (
            {**config_map("a"), "data": {"ports": [80, 81]}},
            {**config_map("a"), "data": {"ports": [80]}},
            "data.ports: [80, 81] -> [80]",
        ),
    ],
)
def test_the_fields_that_differ(live: Item, after: Item, told: str) -> None:
    """With their values, short; of a Secret without them."""
    assert told == changed_fields(live, after)


def test_what_the_cluster_notes_is_none() -> None:
    """Its own counters change with each look."""
    live = {**config_map("a", resourceVersion="7"), "status": {"seen": True}}

    assert "" == changed_fields(live, config_map("a", resourceVersion="8"))
