"""A platform with an engine, two services of it, and what its objects are."""

from pathlib import Path
from typing import Any

import yaml

from scaffold.checks.kustomize import build
from scaffold.config.documents import parse_document
from scaffold.config.platform import Platform
from scaffold.config.service import Service
from scaffold.fleet.engines.tree import engine_tree
from scaffold.fleet.generated import generated_tree
from scaffold.git.tree import Tree

Item = dict[str, Any]


def settings(engine: str, **more: Any) -> Item:
    """A platform.yml in which `dev` and `prod` are deployed by an engine, and `lab` is not."""
    return {
        "name": "acme",
        "forge": {"kind": "gitlab", "url": "https://git.example.com", "group": "acme"},
        "registry": "registry.example.com",
        "ci": {"image": "ci:1"},
        "blueprints": [{"name": "http", "url": "https://git.example.com/acme/blueprint-http.git"}],
        "environments": [
            {"name": "lab"},
            {"name": "dev", "deploy": {"engine": engine}},
            {"name": "prod", "after": "dev", "deploy": {"engine": engine, "cluster": "eu-1"}},
        ],
        "teams": [{"name": "team-a"}, {"name": "team-b"}],
        **more,
    }


def annotations_of_kept(folder: Path, patches: list[Item], key: str) -> dict[str, str | None]:
    """What kustomize makes of a claim, a ConfigMap that holds data and one that does not.

    The value of the annotation `key` of each, by the name of the object.
    """
    held = {"annotations": {"scaffold/holds-data": "true"}}
    items = [
        {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "files"}},
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "held", **held}},
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "free"}},
    ]
    (folder / "all.yaml").write_text(yaml.safe_dump_all(items))
    (folder / "kustomization.yaml").write_text(
        yaml.safe_dump({"resources": ["all.yaml"], "patches": patches})
    )
    built = list(yaml.safe_load_all(build(folder, repo=folder)))
    assert {"PersistentVolumeClaim", "ConfigMap"} == {item["kind"] for item in built}
    return {
        item["metadata"]["name"]: item["metadata"].get("annotations", {}).get(key) for item in built
    }


def entry(name: str, **more: Any) -> Item:
    """A service's entry in the catalog."""
    url = f"https://git.example.com/acme/{name}-env.git"
    return {
        "name": name,
        "owner": "team-a",
        "summary": "",
        "blueprint": "http",
        "repos": {"env": {"name": f"{name}-env", "url": url}},
        "env_repo": "env",
        **more,
    }


def files(platform: Item, *entries: Item) -> Tree:
    """What scaffold writes below `deploy/`."""
    return engine_tree(*_parsed(platform, entries))


def generated(platform: Item, *entries: Item) -> Tree:
    """All that scaffold writes in the platform repo."""
    return generated_tree(*_parsed(platform, entries))


def _parsed(platform: Item, entries: tuple[Item, ...]) -> tuple[Platform, list[Service]]:
    model = parse_document(Platform, yaml.safe_dump(platform), source="platform.yml")
    return model, [parse_document(Service, yaml.safe_dump(one), source="entry") for one in entries]


def objects(tree: Tree) -> dict[str, Item]:
    """Each object by its file, kind and name; no two are the same."""
    found: dict[str, Item] = {}
    for path, file in tree.items():
        for item in yaml.safe_load_all(file.data):
            key = f"{path}: {item['kind']} {item['metadata']['name']}"
            assert key not in found
            found[key] = item
    return found


def differing(before: Tree, after: Tree) -> set[str]:
    """The objects that are in one alone, or not the same in both."""
    old, new = objects(before), objects(after)
    return {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
