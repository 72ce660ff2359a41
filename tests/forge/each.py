"""The servers, for tests of what is the same on all of them."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from scaffold.config.forges.github import GithubForge
from scaffold.config.forges.gitlab import GitlabForge
from scaffold.forge.credentials import Credentials
from scaffold.forge.github.adapter import GithubOrganisationForge
from scaffold.forge.gitlab.adapter import GitlabGroupForge
from tests.forge.fake_http import TOKEN, FakeForge
from tests.forge.fake_server import serving
from tests.forge.github.fake import FakeGithub
from tests.forge.gitlab.fake import FakeGitlab
from tests.forge.life import Life
from tests.forge.middle import GiteaBehind
from tests.forge.openapi import Description
from tests.gitea import Gitea

_CREDENTIALS = Credentials(TOKEN, "the test")
# A server, and what connects to it anew, as another process would; it may name the bot.
Connect = Callable[..., Life]
Server = Callable[[], AbstractContextManager[tuple[FakeForge, Connect]]]


@contextmanager
def on_gitlab() -> Iterator[tuple[FakeForge, Connect]]:
    """A fake of GitLab."""
    fake = FakeGitlab()
    fake.pipelines = True
    fake.lag = 1

    def connect(bot: str = "bot") -> Life:
        settings = GitlabForge(kind="gitlab", url=fake.url, group="acme/shop", bot=bot)
        forge = GitlabGroupForge(settings, _CREDENTIALS)
        return Life(forge, fake, "acme/readers", "acme/devs", "acme/admins")

    with serving(fake):
        yield fake, connect


@contextmanager
def on_github(description: Description) -> Iterator[tuple[FakeForge, Connect]]:
    """A fake of GitHub."""
    fake = FakeGithub(description)
    fake.lag = 1

    def connect(bot: str = "bot") -> Life:
        settings = GithubForge(kind="github", url=fake.url, group="acme", bot=bot)
        forge = GithubOrganisationForge(settings, _CREDENTIALS)
        return Life(forge, fake, "readers", "devs", "admins")

    with serving(fake):
        yield fake, connect


@contextmanager
def on_gitea(gitea: Gitea, folder: Path) -> Iterator[tuple[FakeForge, Connect]]:
    """A real Gitea, with a server in front of it that fails."""
    fake = GiteaBehind(gitea, folder)
    with serving(fake):
        yield fake, fake.connect
