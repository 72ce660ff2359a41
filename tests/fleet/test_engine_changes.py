"""What a change of one service does to the platform repo's tree, as `new`, `pause`, `retire` do."""

import pytest
import yaml

from scaffold.fleet.engines.tree import with_engines
from scaffold.git.tree import Entry, Tree
from tests.fleet.engines import Item, entry, files, settings

SHOP = "deploy/dev/services/shop.yaml"


def platform_repo(engine: str, *entries: Item, lab_only: bool = False) -> Tree:
    """The tree of a platform repo: its settings, the catalog, and a file that somebody wrote."""
    told = settings(engine)
    if lab_only:
        told["environments"] = told["environments"][:1]
    texts = {"platform.yml": told, **{f"services/{one['name']}.yml": one for one in entries}}
    tree = {path: Entry.file(yaml.safe_dump(one).encode()) for path, one in texts.items()}
    return {**tree, "deploy/dev/mine.yaml": Entry.file(b"# mine\n")}


@pytest.mark.parametrize("engine", ["flux", "argocd"])
def test_a_service_is_told_of_as_the_whole_catalog_is(engine: str) -> None:
    """One after the other gives the same files as all at once."""
    shop, cart = entry("shop"), entry("cart")
    tree = platform_repo(engine, shop, cart)
    done = with_engines(with_engines(tree, "shop"), "cart")
    expected = {**tree, **files(settings(engine), shop, cart)}
    assert expected == done


@pytest.mark.parametrize("engine", ["flux", "argocd"])
def test_a_retired_service_is_told_of_no_more(engine: str) -> None:
    """Its files go; those of others, and what people wrote beside them, stay."""
    cart = entry("cart")
    before = with_engines(with_engines(platform_repo(engine, entry("shop"), cart), "shop"), "cart")
    retired = platform_repo(engine, entry("shop", state="retired"), cart)

    done = with_engines({**before, **retired}, "shop")

    assert {SHOP, SHOP.replace("dev", "prod")} == before.keys() - done.keys()
    assert b"# mine\n" == done["deploy/dev/mine.yaml"].data


def test_a_second_time_changes_nothing() -> None:
    """The files are a function of what the repo says."""
    once = with_engines(platform_repo("flux", entry("shop")), "shop")
    assert once == with_engines(once, "shop")


def test_without_an_engine_nothing_is_written() -> None:
    """A platform whose pipelines deploy has no such files."""
    tree = platform_repo("flux", entry("shop"), lab_only=True)
    assert tree == with_engines(tree, "shop")
