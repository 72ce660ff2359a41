"""The catalog as entities of Backstage, whose own model takes them."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from scaffold.fleet.generated import differences, with_service
from scaffold.git.tree import Entry, Tree
from scaffold.process import find_program
from tests.areas import does_not_run
from tests.fleet.engines import Item, entry, generated, settings

ROOT = Path(__file__).parents[2]
MODEL = ROOT / ".tools/share/backstage/node_modules"
PUBLISHED = {"docs_base": "https://docs.example.com", "grafana_base": "https://grafana.example.com"}


def tree(*entries: Item, **more: Any) -> Tree:
    """What is generated for Backstage."""
    found = generated(settings("flux", backstage=True, **more), *entries)
    return {path: one for path, one in found.items() if path.startswith("backstage/")}


def entities(files: Tree, path: str) -> list[Item]:
    """The entities of a file."""
    return list(yaml.safe_load_all(files[path].data))


def checked(found: list[Item]) -> list[str | None]:
    """What Backstage's own model has against each entity."""
    if find_program("node") is None or not MODEL.is_dir():
        does_not_run("catalog-model", f"{MODEL} is not there")
    done = subprocess.run(
        ["node", ROOT / "tests/tools/backstage/check.js"],
        env={**os.environ, "NODE_PATH": str(MODEL)}, input=json.dumps(found),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    told: list[str | None] = json.loads(done.stdout)
    return told


def test_a_service() -> None:
    """A system, the component that its pods are of, and a resource for each namespace."""
    repos = {
        one: {"name": f"shop-{one}", "url": f"https://git.example.com/acme/shop-{one}.git"}
        for one in ("code", "env")
    }
    shop = entry("shop", summary="Sells things", repos=repos)

    found = entities(tree(shop, answers=PUBLISHED), "backstage/services/shop.yaml")

    system, component, *namespaces = found
    assert ("System", "shop", "group:team-a") == (
        system["kind"], system["metadata"]["name"], system["spec"]["owner"],
    )  # fmt: skip
    page = "url:https://git.example.com/acme/shop-code/-/tree/main/"
    assert {
        "name": "shop",
        "description": "Sells things",
        "annotations": {
            "backstage.io/kubernetes-label-selector": "app.kubernetes.io/name=shop",
            "backstage.io/source-location": page,
            "backstage.io/techdocs-ref": page,
        },
        "links": [
            {"title": "Docs", "url": "https://docs.example.com/shop"},
            {"title": "Runbook", "url": "https://docs.example.com/shop/runbook/"},
            {"title": "Dashboard", "url": "https://grafana.example.com/d/shop"},
            {"title": "Repo code", "url": "https://git.example.com/acme/shop-code"},
            {"title": "Repo env", "url": "https://git.example.com/acme/shop-env"},
        ],
        "tags": ["http"],
    } == component["metadata"]
    assert {
        "type": "service",
        "lifecycle": "production",
        "owner": "group:team-a",
        "system": "shop",
        "dependsOn": ["resource:shop-lab", "resource:shop-dev", "resource:shop-prod"],
    } == component["spec"]
    assert ["shop-lab", "shop-dev", "shop-prod"] == [one["metadata"]["name"] for one in namespaces]


def test_the_teams() -> None:
    """They have a file of their own, for those who have no other list of them in Backstage."""
    found = entities(tree(), "backstage/teams.yaml")
    assert [("Group", "team-a"), ("Group", "team-b")] == [
        (one["kind"], one["metadata"]["name"]) for one in found
    ]


def test_the_model_of_backstage_takes_each_of_them() -> None:
    """Also of a summary in any script, the longest name, and a service that is not deployed."""
    longest = "s" * 40
    files = tree(
        entry("shop", summary='"Läden": {{ x }} # 店'),
        entry(longest),
        entry("library", env_repo=None),
        answers=PUBLISHED,
    )
    found = [one for path in files for one in entities(files, path)]

    assert 2 + 5 + 5 + 2 == len(found)
    assert [None] * len(found) == checked(found)


@pytest.mark.parametrize(
    ("kind", "change", "said"),
    [
        ("Component", {"metadata": {"name": "a b"}}, '"metadata.name" is not valid'),
        ("System", {"spec": {}}, "must have required property 'owner'"),
        ("Group", {"more": {}}, "must NOT have additional properties"),
    ],
)
def test_the_model_of_backstage_can_say_no(kind: str, change: Item, said: str) -> None:
    """So that a yes says something."""
    files = tree(entry("shop"))
    found = next(one for path in files for one in entities(files, path) if one["kind"] == kind)

    (told,) = checked([found | change])

    assert said in (told or "")


def test_it_follows_the_catalog() -> None:
    """What a retirement, and who wants Backstage no more, take away."""
    shop, cart = entry("shop"), entry("cart")
    assert ["backstage/services/cart.yaml", "backstage/teams.yaml"] == sorted(
        tree(entry("shop", state="retired"), cart)
    )
    before = {
        "platform.yml": Entry.file(yaml.safe_dump(settings("flux", backstage=False)).encode()),
        "services/shop.yml": Entry.file(yaml.safe_dump(shop).encode()),
        **generated(settings("flux", backstage=True), shop),
    }
    assert [
        ("backstage/services/shop.yaml", "platform.yml: `backstage` is false"),
        ("backstage/teams.yaml", "platform.yml: `backstage` is false"),
    ] == [(one.path, one.why) for one in differences(before)]


def test_a_service_that_is_registered_comes_with_its_entities() -> None:
    """In the same commit as its entry."""
    told = {"platform.yml": settings("flux", backstage=True), "services/shop.yml": entry("shop")}
    files = {path: Entry.file(yaml.safe_dump(one).encode()) for path, one in told.items()}

    assert "backstage/services/shop.yaml" in with_service(files, "shop")
