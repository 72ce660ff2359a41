"""A server, a forge on it, and a repo in that."""

from collections.abc import Iterator

import pytest

from scaffold.forge.gitlab.adapter import GitlabGroupForge
from tests.forge.fake_server import serving
from tests.forge.gitlab.fake import FakeGitlab
from tests.forge.gitlab.steps import connect
from tests.forge.life import MAIN, WORK


@pytest.fixture
def gitlab() -> Iterator[FakeGitlab]:
    """The server."""
    fake = FakeGitlab()
    with serving(fake):
        yield fake


@pytest.fixture
def forge(gitlab: FakeGitlab) -> GitlabGroupForge:
    """The forge in a group within a group."""
    return connect(gitlab)


@pytest.fixture
def repo(gitlab: FakeGitlab, forge: GitlabGroupForge) -> str:
    """A repo with two branches, and main protected by what GitLab is set to."""
    forge.create("web", description="The shop")
    gitlab.push("web", "main", MAIN)
    gitlab.push("web", "scaffold/python", WORK)
    gitlab.calls.clear()
    return "web"


@pytest.fixture(autouse=True)
def _no_naps(naps: list[float]) -> None:
    """Nothing really waits."""
