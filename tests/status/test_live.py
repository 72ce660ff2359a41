"""The site that is made again and again while the bot runs."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from scaffold.errors import ScaffoldError
from scaffold.fleet.platform import PlatformRepo, find_platform, open_platform
from scaffold.status.site import live
from scaffold.status.site.live import LiveSite
from tests.cli.fleet_of_two import Two
from tests.status.test_services import two as two

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def opened() -> PlatformRepo:
    """The platform as it is now."""
    return open_platform(find_platform(Path.cwd(), None))


def paused(two: Two, *names: str) -> None:
    """Pause these services."""
    for name in names:
        data = yaml.safe_dump(two.entry(name) | {"paused": True}).encode()
        two.put("platform", f"services/{name}.yml", data)


def state(site: LiveSite, name: str) -> str:
    """What the page of a service says of its state."""
    page = site.pages[f"services/{name}.html"].decode()
    return "paused" if "paused" in page else "active"


def test_a_look_at_a_part(two: Two) -> None:
    """It makes that part's pages anew; all are as of the last look at everything."""
    site = LiveSite()
    site.look(opened(), None, NOW)
    paused(two, "cart", "shop")

    site.look(opened(), {"cart"}, NOW + timedelta(minutes=5))

    assert ("paused", "active") == (state(site, "cart"), state(site, "shop"))
    assert b"2026-03-02 00:00 UTC" in site.pages["index.html"]


@pytest.mark.usefixtures("two")
def test_the_first_look_is_at_all() -> None:
    """Whatever it was to be at: pages of a part alone would hide the rest."""
    site = LiveSite()
    site.look(opened(), {"cart"}, NOW)
    assert {"services/cart.html", "services/shop.html"} <= site.pages.keys()


@pytest.mark.usefixtures("two")
def test_a_look_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages of before stay."""
    site = LiveSite()
    site.look(opened(), None, NOW)
    before = site.pages

    def fails(*_: object, **__: object) -> None:
        raise ScaffoldError("the forge is away")

    monkeypatch.setattr(live, "status", fails)
    with pytest.raises(ScaffoldError, match="away"):
        site.look(opened(), None, NOW)

    assert before is site.pages
