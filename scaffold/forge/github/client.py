"""PyGithub on our session, and its errors in our words."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
from github import Github
from github.GithubException import GithubException, RateLimitExceededException
from github.Repository import Repository
from github.Requester import (
    HTTPRequestsConnectionClass,
    HTTPSRequestsConnectionClass,
    Requester,
    RequestsResponse,
)
from urllib3.util import Retry

from scaffold.config.forge import GithubForge
from scaffold.errors import ForgeError
from scaffold.forge.credentials import Credentials
from scaffold.forge.fresh import FreshRepos
from scaffold.forge.http import (
    TokenAuth,
    hidden,
    make_session,
    refusal,
    unreachable,
)
from scaffold.forge.rest import Call
from scaffold.forge.sense import no_sense, nonsense

FORBIDDEN, NOT_FOUND, NOT_ALLOWED, INVALID = 403, 404, 405, 422
_MOVED = (307, 308)
REFUSED = 400  # how PyGithub tells a 200 that has errors in it
_VERSION = "2022-11-28"
_PAGE = 100  # items, the most that GitHub gives
_Answer = TypeVar("_Answer")


class _Session(Retry):
    """A session, as that what PyGithub hands on to its connections: a policy of retries."""

    def __init__(self, session: requests.Session) -> None:
        super().__init__(0)
        self.session = session


class _OnOurSession:
    """A connection as PyGithub wants one, which sends by a session of ours.

    What is asked is kept by thread: PyGithub may have several threads use one connection.
    """

    protocol = ""

    def __init__(self, host: str, port: int | None = None, *, retry: _Session, **_: Any) -> None:
        self.host = host
        self._root = f"{self.protocol}://{host}:{port}" if port else f"{self.protocol}://{host}"
        self._session = retry.session
        self._asked = threading.local()

    def request(
        self,
        verb: str,
        url: str,
        input: Any,  # noqa: A002 - PyGithub's name
        headers: Mapping[str, str],
        stream: bool = False,  # noqa: ARG002 - nothing of ours is streamed
    ) -> None:
        """Keep what is to be asked."""
        self._asked.call = (verb, f"{self._root}{url}", input, headers)

    def getresponse(self) -> RequestsResponse:
        """Ask it. Raises GithubException where a repo that is written to has moved.

        Raises ValueError where the answer is no JSON.
        """
        verb, url, data, headers = self._asked.call
        answer = self._session.request(verb, url, data=data, headers=headers, allow_redirects=False)
        if answer.status_code in _MOVED:  # PyGithub would take it for a success
            raise GithubException(answer.status_code, {"message": "it has moved"})
        if answer.ok and (said := nonsense(answer)):
            raise ValueError(said)
        return RequestsResponse(answer)

    def close(self) -> None:
        """Keep the session, which others use, too."""


class _Https(_OnOurSession, HTTPSRequestsConnectionClass):
    protocol = "https"


class _Http(_OnOurSession, HTTPRequestsConnectionClass):
    protocol = "http"


@dataclass(frozen=True)
class GithubApi:
    """The API of an instance, and the organisation that is ours."""

    client: Github
    group: str
    base: str
    fresh: FreshRepos
    token: str = field(repr=False)

    def repo(self, name: str) -> Repository:
        """A repo by its name, without asking for it."""
        return self.client.get_repo(f"{self.group}/{name}")

    def path(self, repo: str) -> str:
        """Where the API has a repo."""
        return f"/repos/{self.group}/{repo}"

    def send(self, verb: str, path: str, body: Any = None, **query: Any) -> Any:
        """One call that PyGithub has no name for. Raises GithubException."""
        return self.client.requester.requestJsonAndCheck(verb, path, query, input=body)[1]

    def pages(self, path: str, items: str = "", **query: Any) -> Iterator[Any]:
        """All items of a list, or of the member `items` of one that is wrapped."""
        page = 1
        while True:
            told = self.send("GET", path, per_page=_PAGE, page=page, **query)
            found = told[items] if items else told
            yield from found
            if len(found) < _PAGE:
                return
            page += 1

    def take_for_fresh(self, repo: str) -> None:
        """See to it that a repo just made may be missing for a while."""
        self.fresh.add(repo, f"{self.base}{self.path(repo)}")

    @contextmanager
    def asking(self, call: Call) -> Iterator[None]:
        """Tell the errors of PyGithub in our words. Raises ForgeError."""
        try:
            yield
        except GithubException as error:
            raise self._told(error, call) from error
        except requests.RequestException as error:
            raise unreachable(error, call.doing, where=self.base, token=self.token) from error
        except ValueError as error:
            raise no_sense(
                call.doing, str(error), where=self.base, server="GitHub", token=self.token
            ) from error

    def _told(self, error: GithubException, call: Call) -> ForgeError:
        if error.status in _MOVED:
            return ForgeError(
                f"can't {call.doing}: it has moved",
                where=self.base,
                hint="Was the repo renamed? Name the new one in the catalog.",
            )
        headers = error.headers or {}
        if isinstance(error, RateLimitExceededException):  # a 403, too, which is not about rights
            return ForgeError(
                f"can't {call.doing}: the rate limit is used up",
                where=self.base,
                hint=f"Run this again {_when(headers.get('x-ratelimit-reset', ''))}.",
                details=[hidden(said(error), self.token)],
            )
        if sso := headers.get("x-github-sso", "").partition("url=")[2]:
            return ForgeError(
                f"can't {call.doing}: the organisation asks for single sign-on",
                where=self.base,
                hint=f"Authorize the token for it: {hidden(sso, self.token)}",
            )
        needs = call.needs
        # Of a fine-grained token GitHub says which permissions would do.
        if permissions := headers.get("x-accepted-github-permissions", ""):
            needs = f"{needs}; of a fine-grained token, the permissions {permissions}"
        return refusal(
            error.status, said(error), call.doing, where=self.base, needs=needs, token=self.token
        )


def said(error: GithubException) -> str:
    """All that GitHub said, with the errors that it lists."""
    data = error.data if isinstance(error.data, dict) else {}
    errors = data.get("errors") or []
    lines = [str(data.get("message") or "")] if error.status != REFUSED else []
    for one in errors if isinstance(errors, list) else [errors]:
        told = one.get("message") or one.get("code") if isinstance(one, dict) else one
        lines.append(str(told))
    return "; ".join(line for line in lines if line)


def _when(reset: str) -> str:
    """When a limit is over, by the seconds that GitHub tells."""
    try:
        return f"after {datetime.fromtimestamp(int(reset), UTC):%Y-%m-%d %H:%M} UTC"
    except (ValueError, OverflowError, OSError):
        return "later"


def found(ask: Callable[[], _Answer]) -> _Answer | None:
    """What there is, or None where nothing is (404)."""
    try:
        return ask()
    except GithubException as error:
        if error.status == NOT_FOUND:
            return None
        raise


def open_github(settings: GithubForge, credentials: Credentials) -> GithubApi:
    """The API of an instance. Asks nothing yet."""
    base = _api(settings.url)
    session = make_session(settings.ca_file, TokenAuth("Bearer", credentials.token))
    fresh = FreshRepos(settings.ca_file)
    session.mount("https://", fresh)
    session.mount("http://", fresh)
    Requester.injectConnectionClasses(_Http, _Https)
    client = Github(
        base_url=base,
        user_agent=str(session.headers["User-Agent"]),
        per_page=_PAGE,
        retry=_Session(session),  # which is patient
        seconds_between_requests=None,
        seconds_between_writes=None,
        lazy=True,
        api_version=_VERSION,
    )
    return GithubApi(client, settings.group, base, fresh, credentials.token)


def _api(url: str) -> str:
    """Where the API of an instance is: of github.com and of ghe.com on a host of its own."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host == "github.com" or host.endswith(".ghe.com"):
        return f"{parts.scheme}://api.{parts.netloc}"
    return f"{url}/api/v3"
