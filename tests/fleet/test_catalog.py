"""The catalog: one file a service, and one that is not valid stops no other."""

import pytest

from scaffold.errors import ConfigError, UsageError
from scaffold.fleet.catalog import Catalog, read_catalog
from scaffold.git.tree import Entry
from tests.service.entries import INVALID, VALID


def catalog(**files: bytes) -> Catalog:
    """The catalog of a tree with these files of services, and others."""
    tree = {f"services/{name}.yml": Entry.file(data) for name, data in files.items()}
    return read_catalog(
        {"platform.yml": Entry.file(b""), "services/README": Entry.file(b""), **tree}
    )


@pytest.mark.parametrize(("data", "why"), INVALID.values(), ids=INVALID)
def test_a_file_that_is_not_valid_stops_no_other(data: bytes, why: str) -> None:
    """The others are read; it is told by its name, with its path and what is wrong."""
    found = catalog(cart=data, shop=VALID)

    assert (["shop"], ["cart"]) == (list(found.services), list(found.invalid))
    error = found.invalid["cart"]
    said = "\n".join([str(error), *error.details])
    assert ("services/cart.yml" in said, why in said) == (True, True), said
    with pytest.raises(ConfigError) as raised:
        found.need("cart")
    assert error is raised.value


def test_one_that_is_there() -> None:
    """It is found by its name."""
    assert "shop" == catalog(shop=VALID).need("shop").name


@pytest.mark.parametrize("invalid", [False, True])
def test_one_that_is_not_there(invalid: bool) -> None:
    """Wrong use, with the name that may be meant, also where that one is not valid."""
    with pytest.raises(UsageError) as raised:
        catalog(shop=b"" if invalid else VALID).need("shpo")

    assert ("there is no service `shpo`", "Did you mean `shop`?") == (
        raised.value.what,
        raised.value.hint,
    )


def test_nothing_that_may_be_meant() -> None:
    """Then where to look."""
    with pytest.raises(UsageError) as raised:
        catalog(shop=VALID).need("zzz")

    assert "`scaffold status` lists all there are." == raised.value.hint
