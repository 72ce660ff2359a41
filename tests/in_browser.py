"""Pages in the system's Chromium, and what axe finds in them."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.areas import does_not_run, need
from tests.gitea import TOOLS

SIZES = {"wide": (1280, 900), "middle": (800, 1000), "narrow": (390, 844)}
SCHEMES = ("light", "dark")
# Other tests run beside these, and a page may be shown late: the default is 5 s.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium, without a sandbox: root, as in CI's container, can't have one."""
    need("chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        yield started
        started.close()


def barriers(page: Page, address: str, size: str, scheme: str) -> tuple[Any, bool]:
    """The rules of axe that a page breaks, and whether it has to be moved sideways."""
    axe = TOOLS / "share/axe.min.js"
    if not axe.exists():
        does_not_run(axe.name, "the file is not there")
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(address)
    page.evaluate(axe.read_text())  # past the policy, which lets no script in but the site's own
    found = page.evaluate("async () => (await axe.run()).violations.map(one => one.id)")
    return found, page.evaluate("document.documentElement.scrollWidth") > width
