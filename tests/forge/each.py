"""The servers, for tests of what is the same on all of them."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from scaffold.config.forges.github import GithubForge
from scaffold.config.forges.gitlab import GitlabForge
from scaffold.forge.credentials import Credentials
from scaffold.forge.github.adapter import GithubOrganisationForge
from scaffold.forge.gitlab.adapter import GitlabGroupForge
from scaffold.forge.local.adapter import LocalFolderForge
from tests.builders import git
from tests.forge.commits import Commits
from tests.forge.fake_http import TOKEN, FakeForge
from tests.forge.fake_server import serving
from tests.forge.github.fake import FakeGithub
from tests.forge.gitlab.fake import FakeGitlab
from tests.forge.life import Life
from tests.forge.middle import GiteaBehind
from tests.forge.openapi import Description
from tests.gitea import Gitea

_GITLAB_PAGE = "https://gitlab.example.com/acme/shop/shop/-/merge_requests/1"
_GITHUB_PAGE = "https://github.example.com/acme/shop/pull/1"
# A server, and what connects to it anew, as another process would. It may name the bot and, of a
# fake, the token.
Connect = Callable[..., Life]
Server = Callable[[], AbstractContextManager[tuple[FakeForge, Connect]]]


@contextmanager
def on_gitlab() -> Iterator[tuple[FakeForge, Connect]]:
    """A fake of GitLab."""
    fake = FakeGitlab()
    fake.pipelines = True
    fake.lag = 1

    def connect(bot: str = "bot", token: str = TOKEN) -> Life:
        settings = GitlabForge(kind="gitlab", url=fake.url, group="acme/shop", bot=bot)
        forge = GitlabGroupForge(settings, Credentials(token, "the test"))
        return Life(forge, fake, "acme/readers", "acme/devs", "acme/admins", _GITLAB_PAGE)

    with serving(fake):
        yield fake, connect


@contextmanager
def on_github(description: Description) -> Iterator[tuple[FakeForge, Connect]]:
    """A fake of GitHub."""
    fake = FakeGithub(description)
    fake.lag = 1

    def connect(bot: str = "bot", token: str = TOKEN) -> Life:
        settings = GithubForge(kind="github", url=fake.url, group="acme", bot=bot)
        forge = GithubOrganisationForge(settings, Credentials(token, "the test"))
        return Life(forge, fake, "readers", "devs", "admins", _GITHUB_PAGE)

    with serving(fake):
        yield fake, connect


@contextmanager
def on_gitea(gitea: Gitea, folder: Path) -> Iterator[tuple[FakeForge, Connect]]:
    """A real Gitea, with a server in front of it that fails."""
    fake = GiteaBehind(gitea, folder)
    with serving(fake):
        yield fake, fake.connect


class _LocalPushes:
    """Pushes to a local forge."""

    def __init__(self, forge: LocalFolderForge, commits: Commits) -> None:
        self._forge = forge
        self._commits = commits

    def push(self, repo: str, branch: str, commit: str) -> None:
        """See Pushes."""
        self._commits.push(self._forge.url(repo), branch, commit)

    def drop(self, repo: str, branch: str) -> None:
        """See Pushes."""
        folder = Path(self._forge.url(repo).removeprefix("file://"))
        git("update-ref", "-d", f"refs/heads/{branch}", cwd=folder)


def on_local(folder: Path) -> Life:
    """A local forge."""
    forge = LocalFolderForge(str(folder / "forge"))
    commits = Commits(folder / "commits.git")
    page = f"{forge.url('shop')} refs/scaffold/mr/1"
    pushes = _LocalPushes(forge, commits)
    return Life(forge, pushes, "", "", "", page, commits.main, commits.work, commits.other)
