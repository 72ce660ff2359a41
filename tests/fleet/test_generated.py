"""What is generated in the platform repo follows what platform.yml and the catalog say."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from scaffold.fleet.engines import objects
from scaffold.fleet.generated import Difference, differences, left_out, with_differences
from scaffold.fleet.sync import read_checkout
from scaffold.git.folders import write_folder
from scaffold.git.tree import Entry, Tree
from tests.fleet.engines import Item, entry, generated, settings

Told = dict[str, Item]


def told(engine: str = "flux") -> Told:
    """platform.yml and the entries of two services, each by its path."""
    groups = {"developer": ["team-a"]}
    teams = [{"name": "team-a", "groups": groups}, {"name": "team-b"}]
    services = {f"services/{name}.yml": entry(name) for name in ("shop", "cart")}
    return {"platform.yml": settings(engine, teams=teams), **services}


def written(files: Told) -> Tree:
    """These files as the platform repo has them."""
    return {path: Entry.file(yaml.safe_dump(one).encode()) for path, one in files.items()}


def in_step(files: Told) -> Tree:
    """The platform repo in which all that is generated is in step."""
    platform, *entries = files.values()
    return {**written(files), **generated(platform, *entries)}


def after(change: Callable[[Told], Any], engine: str = "flux") -> tuple[Difference, ...]:
    """What is out of step once somebody changed platform.yml or the catalog."""
    tree, files = in_step(told(engine)), told(engine)
    change(files)
    gone = told(engine).keys() - files.keys()
    left = {path: one for path, one in {**tree, **written(files)}.items() if path not in gone}
    found = differences(left)
    assert () == differences(with_differences(left, found))
    return found


def shown(found: tuple[Difference, ...]) -> list[str]:
    """The change and the path of each."""
    return [f"{one.change} {one.path}" for one in found]


@pytest.mark.parametrize("engine", ["flux", "argocd"])
def test_in_step(engine: str) -> None:
    """Nothing differs, and a file that somebody wrote beside them counts for nothing."""
    mine = Entry.file(b"# mine\n")
    beside = {"access/dev/shop/mine.yaml": mine, "deploy/dev/mine.yaml": mine}
    assert () == differences({**in_step(told(engine)), **beside})


@pytest.mark.parametrize("engine", ["flux", "argocd"])
def test_a_checkout_is_read_with_all_that_is_generated(engine: str, tmp_path: Path) -> None:
    """So that the check of a checkout finds what main has."""
    files = told(engine)
    files["platform.yml"]["backstage"] = True
    tree = in_step(files)
    write_folder(tree, tmp_path)

    assert tree == read_checkout(tmp_path)


def test_a_quota() -> None:
    """The quota of each service in that environment, and why."""

    def change(files: Told) -> None:
        files["platform.yml"]["environments"][1]["quota"] = {"pods": 7}

    found = after(change)
    assert [
        "changed access/dev/cart/quota.yaml",
        "changed access/dev/shop/quota.yaml",
    ] == shown(found)
    assert "platform.yml: `quota` of the environment `dev`" == found[0].why
    assert b"pods: '7'" in (found[0].after or b"")


def test_a_group() -> None:
    """The roles of the team's services, in every environment."""

    def change(files: Told) -> None:
        files["platform.yml"]["teams"][0]["groups"]["developer"] = ["others"]

    assert [
        f"changed access/{environment}/{service}/roles.yaml"
        for environment in ("dev", "lab", "prod")
        for service in ("cart", "shop")
    ] == shown(after(change))


def test_an_owner() -> None:
    """Its namespaces say whose it is, its roles are the new team's, and its engine knows."""
    found = after(lambda files: files["services/shop.yml"].update(owner="team-b"))
    assert [
        *(
            f"changed access/{environment}/shop/{name}.yaml"
            for environment in ("dev", "lab", "prod")
            for name in ("namespace", "roles")
        ),
        "changed deploy/dev/services/shop.yaml",
        "changed deploy/prod/services/shop.yaml",
    ] == shown(found)


def test_an_environment_more() -> None:
    """The access of each service in it."""
    found = after(lambda files: files["platform.yml"]["environments"].append({"name": "qa"}))
    assert [
        f"added access/qa/{service}/{name}.yaml"
        for service in ("cart", "shop")
        for name in ("kustomization", "namespace", "quota", "roles")
    ] == shown(found)


def test_an_environment_less() -> None:
    """All that was made for it goes, with the reason."""
    found = after(lambda files: files["platform.yml"]["environments"].pop())
    paths = {one.path for one in found}
    assert {"removed"} == {one.change for one in found}
    assert {"platform.yml has no environment `prod`"} == {one.why for one in found}
    assert {path for path in in_step(told()) if "/prod/" in path} == paths


def test_a_service_that_is_gone_from_the_catalog() -> None:
    """Its files go, and no other's."""
    found = after(lambda files: files.pop("services/shop.yml"))
    assert {"there is no services/shop.yml"} == {one.why for one in found}
    expected = {path for path in generated(*told().values()) if "shop" in path}
    assert expected == {one.path for one in found if one.after is None}


@pytest.mark.parametrize(("before", "then"), [("flux", "argocd"), ("argocd", "flux")])
def test_another_engine(before: str, then: str) -> None:
    """The files of the one go, and those of the other come."""

    def change(files: Told) -> None:
        files["platform.yml"]["environments"] = settings(then)["environments"]

    found = with_differences(in_step(told(before)), after(change, before))
    assert in_step(told(then)).keys() == found.keys()


def test_no_engine_any_more() -> None:
    """Nothing is left of what it was told."""

    def change(files: Told) -> None:
        for one in files["platform.yml"]["environments"]:
            one.pop("deploy", None)

    gone = {one.path for one in after(change) if one.change == "removed"}
    assert {path for path in in_step(told()) if path.startswith("deploy/")} == gone


def test_an_entry_that_is_not_valid() -> None:
    """What was made for that service stays as it is; the others are compared."""
    tree = in_step(told())
    tree["services/shop.yml"] = Entry.file(b"name: [\n")
    del tree["access/dev/cart/quota.yaml"], tree["access/dev/shop/quota.yaml"]
    assert ["added access/dev/cart/quota.yaml"] == shown(differences(tree))


def test_a_service_whose_namespace_has_no_room() -> None:
    """It is left out and told; the others are compared. One name stops no other's access."""
    tree = in_step(told())
    name = "c" * 60
    tree[f"services/{name}.yml"] = Entry.file(yaml.safe_dump(entry(name)).encode())
    del tree["access/dev/cart/quota.yaml"]

    assert ["added access/dev/cart/quota.yaml"] == shown(differences(tree))
    (error,) = left_out(tree).values()
    assert (
        f"services/{name}.yml: the namespace `{name}-lab` has 64 characters; at most 63 fit",
        "Shorten the name, or `namespace` in platform.yml.",
    ) == error.lines


@pytest.mark.parametrize("engine", ["flux", "argocd"])
def test_with_and_without_libyaml_the_same_is_written(
    engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or a platform would be out of step on a machine whose PyYAML is built without it."""

    class Plain(yaml.SafeDumper):
        """PyYAML's own, with the same rule for texts of several lines."""

    Plain.add_representer(str, objects._text)
    fast = in_step(told(engine))
    monkeypatch.setattr(objects, "_Dumper", Plain)

    assert in_step(told(engine)) == fast
