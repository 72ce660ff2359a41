"""python-gitlab with our patience, and its errors in our words."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import quote

import gitlab
import requests
from gitlab.exceptions import GitlabError, GitlabParsingError
from gitlab.v4.objects import Project

from scaffold.config.forge import GitlabForge
from scaffold.errors import ForgeError
from scaffold.forge.credentials import Credentials
from scaffold.forge.fresh import FreshRepos
from scaffold.forge.http import make_session, refusal, unreachable
from scaffold.forge.rest import Call
from scaffold.forge.sense import no_sense, nonsense

INVALID, NOT_FOUND, NOT_ALLOWED, CONFLICT = 400, 404, 405, 409
_Answer = TypeVar("_Answer")
_PAGE = 100  # items, the most that GitLab gives


class _Client(gitlab.Gitlab):
    """python-gitlab without a patience of its own: what the session gave up is given up."""

    def http_request(self, *args: Any, **kwargs: Any) -> requests.Response:
        answer = super().http_request(*args, **{**kwargs, "max_retries": 0})
        if said := nonsense(answer):
            raise GitlabParsingError(said)
        return answer


@dataclass(frozen=True)
class GitlabApi:
    """The API of an instance, and the group of it that is ours."""

    client: gitlab.Gitlab
    group: str
    fresh: FreshRepos
    token: str = field(repr=False)

    def project(self, repo: str) -> Project:
        """A repo by its path, without asking for it."""
        return self.client.projects.get(self.path(repo), lazy=True)

    def path(self, repo: str) -> str:
        """The full path of a repo."""
        return f"{self.group}/{repo}"

    def take_for_fresh(self, repo: str) -> None:
        """See to it that a repo just made may be missing for a while."""
        self.fresh.add(repo, f"{self.client.api_url}/projects/{quote(self.path(repo), safe='')}")

    @contextmanager
    def asking(self, call: Call) -> Iterator[None]:
        """Tell the errors of python-gitlab in our words. Raises ForgeError."""
        where = self.client.api_url
        try:
            yield
        except GitlabError as error:
            raise self._told(error, call, where) from error
        except requests.RequestException as error:
            raise unreachable(error, call.doing, where=where, token=self.token) from error

    def _told(self, error: GitlabError, call: Call, where: str) -> ForgeError:
        said = str(error.error_message)
        if error.response_code == NOT_ALLOWED and "moved" in said:
            # GitLab redirects who reads a project at its old path, and refuses who writes.
            return ForgeError(
                f"can't {call.doing}: it has moved",
                where=where,
                hint="Was the repo renamed? Name the new one in the catalog.",
            )
        if error.response_code is None:  # what it said is no JSON, or none that the client knows
            return no_sense(call.doing, said, where=where, server="GitLab", token=self.token)
        return refusal(
            error.response_code, said, call.doing, where=where, needs=call.needs, token=self.token
        )


def open_gitlab(settings: GitlabForge, credentials: Credentials) -> GitlabApi:
    """The API of an instance. Asks nothing yet."""
    session = make_session(settings.ca_file)
    fresh = FreshRepos(settings.ca_file)
    session.mount("https://", fresh)
    session.mount("http://", fresh)
    client = _Client(
        settings.url,
        # As a bearer any kind of token is taken, and requests keeps it from other hosts.
        oauth_token=credentials.token,
        per_page=_PAGE,
        keep_base_url=True,
        session=session,
        user_agent=str(session.headers["User-Agent"]),
    )
    return GitlabApi(client, settings.group, fresh, credentials.token)


def found(ask: Callable[[], _Answer]) -> _Answer | None:
    """What there is, or None where nothing is (404)."""
    try:
        return ask()
    except GitlabError as error:
        if error.response_code == NOT_FOUND:
            return None
        raise
