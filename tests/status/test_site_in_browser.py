"""The site in a real browser: what a person does there, and what bars somebody from it."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from scaffold.chain.decide import Why
from scaffold.status.adoption import Adopted
from scaffold.status.site.site import More
from scaffold.status.site.writing import write_site
from scaffold.status.timeline import Happening, What
from tests.in_browser import SCHEMES, SIZES, barriers
from tests.in_browser import browser as browser
from tests.status.test_site import DEPLOYED, DRIFTED, NOW, UPGRADES, line, pages

pytestmark = pytest.mark.xdist_group("browser")
STORY = (Happening(What.PROMOTED, "env", "dev", DEPLOYED.commit, "c" * 40),)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of services in each standing; one line more than any screen is high."""
    whys = {"cart": Why.HELD, "shop": Why.SOAKING, "till": Why.REQUEST}
    had = (Adopted("v1.0.0", NOW - timedelta(days=300)), Adopted("v1.1.0", NOW))
    some = [replace(line(name, why), timeline=STORY, adopted=had) for name, why in whys.items()]
    fine = [line(f"fine-{number:02}") for number in range(39)]
    made = pages(*some, *fine, replace(line("stray"), owner=None), more=More(DRIFTED, UPGRADES))
    folder = tmp_path_factory.mktemp("site")
    write_site(folder, {path: text.encode() for path, text in made.items()})
    return folder


@pytest.fixture
def page(browser: Browser, site: Path) -> Iterator[Page]:
    """The page of the fleet, on the day that it was made; no server is there to be asked."""
    with browser.new_context() as context:
        context.route(re.compile("^https?:"), lambda route: route.abort())
        opened = context.new_page()
        opened.clock.set_fixed_time(NOW)
        opened.goto((site / "index.html").as_uri())
        yield opened


def shown(page: Page) -> list[str]:
    """The services that can be seen."""
    rows = page.locator("#services tbody tr:visible th")
    return rows.all_inner_texts()


def test_a_search_and_a_filter(page: Page) -> None:
    """Both count; how many are shown is told, and the address brings somebody else to the same."""
    expect(page.get_by_role("status").last).to_have_text("43 of 43 shown")
    page.get_by_label("State").select_option("needs somebody")
    assert ["cart", "till"] == shown(page)
    page.get_by_label("Search").fill("TEAM held")

    assert ["cart"] == shown(page)
    expect(page.get_by_role("status").last).to_have_text("1 of 43 shown")
    page.goto("about:blank")
    page.go_back()
    assert (["cart"], "TEAM held") == (shown(page), page.get_by_label("Search").input_value())


def test_who_is_nobody_s(page: Page) -> None:
    """Services without an owner can be asked for, too."""
    page.get_by_label("Owner").select_option("not known")

    assert ["stray"] == shown(page)


def test_from_the_fleet_to_a_runbook(page: Page) -> None:
    """By the keyboard alone."""

    def answer(route: Route) -> None:
        route.fulfill(body="<h1>Runbook of cart</h1>", content_type="text/html")

    page.context.route("https://docs.example.com/cart/runbook/", answer)
    page.get_by_role("link", name="cart", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("cart")
    page.get_by_role("link", name="runbook").focus()
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Runbook of cart")


def test_nobody_else_is_asked(page: Page, site: Path) -> None:
    """Whatever page is opened: its stylesheet and script are files of the site."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for file in ("services/cart.html", "owners/team.html", "blueprints/small.html"):
        page.goto((site / file).as_uri())

    inside = {one for one in asked if one.startswith(site.as_uri())}
    assert {"data:,"} >= set(asked) - inside
    assert {"site.css", "site.js"} <= {one.rpartition("/")[2] for one in inside}


def test_a_page_that_lies_open_goes_on_ageing(page: Page) -> None:
    """It looks like now's else; of a cron that died nobody else tells."""
    cell = page.locator("#services tbody tr").first
    expect(cell).to_contain_text("1 d ago")
    expect(page.locator("#stale")).to_have_text("")
    page.clock.set_fixed_time(NOW + timedelta(days=3, hours=1))
    page.reload()

    expect(page.locator("#stale")).to_have_text(" (3 d old)")
    expect(cell).to_contain_text("4 d ago")


def test_a_link_to_a_filter(page: Page) -> None:
    """From the counts at the top, in a page that is open; one that fits nothing shows nothing."""
    page.get_by_role("link", name="Needs somebody: 2").click()
    expect(page.get_by_role("status").last).to_have_text("2 of 43 shown")
    page.get_by_role("link", name="Skip to content").press("Enter")
    expect(page).to_have_url(re.compile("#standing=needs-somebody$"))  # and not #main
    page.reload()
    expect(page.get_by_role("status").last).to_have_text("2 of 43 shown")
    page.evaluate("location.hash = 'blueprint=gone'")
    expect(page.get_by_role("status").last).to_have_text("0 of 43 shown")
    page.get_by_role("button", name="Show all").click()
    expect(page.get_by_role("status").last).to_have_text("43 of 43 shown")


def test_without_its_script(browser: Browser, site: Path) -> None:
    """All services are there, and nothing that would do nothing."""
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto((site / "index.html").as_uri())

        assert (43, False) == (len(shown(page)), page.get_by_label("Search").is_visible())


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "name", ["index", "services/shop", "owners/team", "blueprints/small", "drift"]
)  # fmt: skip
def test_nothing_bars_anybody(page: Page, site: Path, name: str, size: str, scheme: str) -> None:
    """Axe finds nothing, and no page has to be moved sideways."""
    assert ([], False) == barriers(page, (site / f"{name}.html").as_uri(), size, scheme)
