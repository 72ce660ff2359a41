"""A small client of a REST API in JSON: one call, one answer or one ForgeError."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import requests

from scaffold.config.forges.server import ServerForge
from scaffold.errors import ForgeError
from scaffold.forge.credentials import Credentials
from scaffold.forge.fresh import FreshRepos
from scaffold.forge.http import TokenAuth, make_session, refusal, unreachable
from scaffold.forge.sense import no_sense, nonsense

FORBIDDEN, NOT_FOUND, NOT_ALLOWED, CONFLICT, INVALID = 403, 404, 405, 409, 422
Query = Mapping[str, str | int] | None
_ERRORS = 400
_REDIRECTS = 300


@dataclass(frozen=True)
class Call:
    """What a call is for, in words: `doing` as in "archive the repo `x`", and what it takes."""

    doing: str
    needs: str


@dataclass(frozen=True)
class Answer:
    """What a server answered; `words` is what it says of a refusal, `more` that a list goes on."""

    status: int
    data: Any
    words: str = ""
    more: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether it is a success."""
        return self.status < _REDIRECTS


@dataclass(frozen=True)
class RestApi:
    """An API below `base`, and the group of it that is ours.

    A subclass is a kind of server. `token` is only known here so that no text ever shows it.
    """

    session: requests.Session
    base: str
    token: str = field(repr=False)
    group: str = ""
    fresh: FreshRepos = field(default_factory=FreshRepos, repr=False)

    server: ClassVar[str] = "server"
    page_size: ClassVar[Mapping[str, int]] = {"per_page": 100}
    """The query that asks for as many items at once as the server gives."""
    no_list: ClassVar[tuple[int, ...]] = ()
    """The statuses by which the server may say that there is no such list."""

    @classmethod
    def reach(cls, settings: ServerForge, credentials: Credentials, base: str, auth: str) -> Self:
        """The API of an instance; `auth` is the scheme of the token. Asks nothing yet."""
        fresh = FreshRepos(settings.ca_file)
        session = make_session(fresh, TokenAuth(auth, credentials.token))
        return cls(session, base, credentials.token, settings.group, fresh)

    def path(self, repo: str) -> str:
        """Where the API has a repo."""
        raise NotImplementedError

    def take_for_fresh(self, repo: str) -> None:
        """See to it that a repo just made may be missing for a while."""
        self.fresh.add(repo, f"{self.base}{self.path(repo)}")

    def get(self, path: str, call: Call, query: Query = None) -> Any:
        """What is there, or None where nothing is (404). Raises ForgeError."""
        answer = self.send("GET", path, call, query=query, fine=(NOT_FOUND,))
        return None if answer.status == NOT_FOUND else answer.data

    def pages(
        self,
        path: str,
        call: Call,
        query: Query = None,
        *,
        items: str = "",
        fine: tuple[int, ...] = (),
    ) -> Iterator[Any]:
        """All items of a list, or of the member `items` of a wrapped one, of all of its pages.

        None where the answer is of a status that is `fine`. Raises ForgeError.
        """
        page = 1
        while True:
            page_query = {**self.page_size, **(query or {}), "page": page}
            answer = self.send("GET", path, call, query=page_query, fine=(*fine, *self.no_list))
            if not answer.ok:
                return
            yield from (answer.data[items] if items else answer.data) or ()
            if not answer.more:  # a list that has no pages has no links, either
                return
            page += 1

    def send(
        self,
        method: str,
        path: str,
        call: Call,
        *,
        json: Any = None,
        query: Query = None,
        fine: tuple[int, ...] = (),
        bare: bool = False,
    ) -> Answer:
        """The answer, which is a success or has one of the statuses that are `fine`.

        `path` is below the base, or a whole address. A success of a call that is `bare` need not
        say anything.
        Raises ForgeError. Only reading follows a redirect: HTTP makes a GET of other methods.
        """
        where = path if path.startswith(("http://", "https://")) else self.base + path
        try:
            response = self.session.request(
                method, where, params=query, json=json, allow_redirects=method == "GET"
            )
        except requests.RequestException as error:
            raise unreachable(error, call.doing, where=where, token=self.token) from error
        data = _data(response)
        answer = Answer(
            response.status_code, data, self.words(data), "next" in response.links, response.headers
        )
        if answer.status in fine:
            return answer
        if not answer.ok:
            raise self.refused(answer, call, where)
        if (problem := nonsense(response)) and not (bare and not response.content):
            raise no_sense(call.doing, problem, where=where, server=self.server, token=self.token)
        return answer

    def words(self, data: Any) -> str:
        """The server's own words, out of JSON where it is that."""
        message = data.get("message") or data.get("error") if isinstance(data, dict) else ""
        return str(message or data or "")

    def refused(self, answer: Answer, call: Call, where: str = "") -> ForgeError:
        """What to tell about an answer that is no success."""
        where = where or self.base
        if answer.status < _ERRORS:
            now = answer.headers.get("location", "")
            return moved(call, where, details=[f"It is now at {now}"])
        return refusal(
            answer.status, answer.words, call.doing, where=where, needs=call.needs, token=self.token
        )


def moved(call: Call, where: str, details: list[str]) -> ForgeError:
    """What to tell about a repo that is written to and has another name by now."""
    return ForgeError(
        f"can't {call.doing}: it has moved",
        where=where,
        hint="Was the repo renamed? Name the new one in the catalog.",
        details=details,
    )


def _data(response: requests.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return response.text
