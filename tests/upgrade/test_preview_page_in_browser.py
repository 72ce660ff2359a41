"""The page of a preview in a real browser."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.in_browser import SCHEMES, SIZES, barriers
from tests.in_browser import browser as browser
from tests.upgrade.test_preview_page import WHOLE

pytestmark = pytest.mark.xdist_group("browser")


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", SIZES)
def test_nothing_bars_anybody(browser: Browser, tmp_path: Path, size: str, scheme: str) -> None:
    """Axe finds nothing, and the page has not to be moved sideways."""
    file = tmp_path / "preview.html"
    file.write_text(WHOLE, encoding="utf-8")
    with browser.new_context() as context:
        assert ([], False) == barriers(context.new_page(), file.as_uri(), size, scheme)
