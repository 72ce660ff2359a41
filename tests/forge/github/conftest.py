"""A server, a forge on it, and a repo in that."""

from collections.abc import Iterator

import pytest

from scaffold.forge.github.adapter import GithubOrganisationForge
from tests.forge.fake_server import serving
from tests.forge.github.fake import FakeGithub
from tests.forge.github.steps import connect
from tests.forge.life import MAIN, WORK
from tests.forge.openapi import Description


@pytest.fixture
def github(github_description: Description) -> Iterator[FakeGithub]:
    """The server."""
    fake = FakeGithub(github_description)
    with serving(fake):
        yield fake


@pytest.fixture
def forge(github: FakeGithub) -> GithubOrganisationForge:
    """The forge in an organisation."""
    return connect(github)


@pytest.fixture
def repo(github: FakeGithub, forge: GithubOrganisationForge) -> str:
    """A repo with two branches."""
    forge.create("web", description="The shop")
    github.push("web", "main", MAIN)
    github.push("web", "scaffold/python", WORK)
    github.calls.clear()
    return "web"


@pytest.fixture(autouse=True)
def _no_naps(naps: list[float]) -> None:
    """Nothing really waits."""
