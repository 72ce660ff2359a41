"""`scaffold status --html`, run as a user runs it."""

import re
from pathlib import Path

import pytest

from tests.chain.world import World
from tests.cli.test_chain import make_platform, run, told


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Two services, and the platform repo with a checkout."""
    return make_platform(tmp_path)


def names(page: Path) -> list[str]:
    """The services of a page's table, in order."""
    return re.findall(r'<a href="services/(\S+)\.html">', page.read_text())


@pytest.mark.parametrize(
    ("option", "command"),
    [("--drift", "scaffold drift --all"), ("--upgrades", "scaffold upgrade --all --dry-run")],
)
def test_what_takes_long_is_for_pages(world: World, option: str, command: str) -> None:
    """Without them there is a command for it, which is told."""
    refused = run(world, "status", option, status=2)

    assert f"{option} is for the pages of --html" in refused.stderr
    assert f"`{command}` tells it here." in refused.stderr


def test_a_site_of_the_fleet(world: World) -> None:
    """With the story of each service, and what needs its owner."""
    world.commit("code", {"app.py": "two\n"})
    world.run()
    world.revert("dev")

    done = run(world, "status", "--html", "site")

    assert "2 services: site/index.html\n" == done.stdout
    assert {"shop", "cart"} == set(names(world.root / "site/index.html"))
    story = (world.root / "site/services/shop.html").read_text()
    assert "taken back" in story
    assert (
        "somebody took this back in dev" in (world.root / "site/owners/platform.html").read_text()
    )


def test_a_site_of_some(world: World) -> None:
    """The same choice as for the table; the document is that of `status`."""
    document = told(world, "status", "shop", "--html", "site")

    assert ["shop"] == [one["service"] for one in document["services"]]
    assert ["shop"] == names(world.root / "site/index.html")


def test_a_folder_with_other_files_is_refused(world: World) -> None:
    """Before anything is written."""
    refused = run(world, "status", "--html", ".", status=2)

    assert "has files that are no site of scaffold's" in refused.stderr
    assert not (world.root / "index.html").exists()


def test_it_is_not_watched(world: World) -> None:
    """A loop that writes is a job for cron, or for CI."""
    refused = run(world, "status", "--html", "site", "--watch", status=2)

    assert "--watch and --html don't go together" in refused.stderr
    assert not (world.root / "site").exists()
