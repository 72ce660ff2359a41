"""What a change of one service does to the platform repo's tree, as `new`, `pause`, `retire` do."""

import pytest
import yaml

from scaffold.fleet.generated import differences, with_service
from scaffold.git.tree import Entry, Tree
from tests.fleet.engines import Item, entry, generated, settings

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
    done = with_service(with_service(tree, "shop"), "cart")
    expected = {**tree, **generated(settings(engine), shop, cart)}
    assert expected == done
    assert () == differences(done)


@pytest.mark.parametrize("engine", ["flux", "argocd"])
def test_a_retired_service_is_told_of_no_more(engine: str) -> None:
    """Its files go; those of others, and what people wrote beside them, stay."""
    cart = entry("cart")
    before = with_service(with_service(platform_repo(engine, entry("shop"), cart), "shop"), "cart")
    retired = platform_repo(engine, entry("shop", state="retired"), cart)

    done = with_service({**before, **retired}, "shop")

    assert {SHOP, SHOP.replace("dev", "prod")} == before.keys() - done.keys()
    marked = {f"access/{environment}/shop/retire.yml" for environment in ("lab", "dev", "prod")}
    assert marked == done.keys() - before.keys()
    assert b"# mine\n" == done["deploy/dev/mine.yaml"].data


def test_a_second_time_changes_nothing() -> None:
    """The files are a function of what the repo says."""
    once = with_service(platform_repo("flux", entry("shop")), "shop")
    assert once == with_service(once, "shop")


def test_without_an_engine_none_is_told() -> None:
    """A platform whose pipelines deploy has only the access of its services."""
    tree = platform_repo("flux", entry("shop"), lab_only=True)
    added = with_service(tree, "shop").keys() - tree.keys()
    assert {"access/lab/shop"} == {path.rpartition("/")[0] for path in added}
