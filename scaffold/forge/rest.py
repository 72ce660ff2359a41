"""A small client of a REST API in JSON: one call, one answer or one ForgeError."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import requests

from scaffold.errors import ForgeError
from scaffold.forge.http import refusal, unreachable
from scaffold.forge.sense import no_sense, nonsense

_PAGE = 50  # what Gitea gives at most unless it is told otherwise
_NOT_FOUND = 404
_ERRORS = 400
_REDIRECTS = 300


@dataclass(frozen=True)
class Call:
    """What a call is for, in words: `doing` as in "archive the repo `x`", and what it takes."""

    doing: str
    needs: str


@dataclass(frozen=True)
class Told:
    """What a server answered: the status, what its JSON says, and whether a list goes on."""

    status: int
    data: Any
    more: bool = False

    @property
    def ok(self) -> bool:
        """Whether it is a success."""
        return self.status < _REDIRECTS

    @property
    def words(self) -> str:
        """The server's own words, out of JSON where it is that."""
        said = self.data.get("message") if isinstance(self.data, dict) else ""
        return str(said or self.data or "")


@dataclass(frozen=True)
class RestApi:
    """An API below `base` of a kind of server.

    `token` is only known here so that no text ever shows it.
    """

    session: requests.Session
    base: str
    token: str = field(repr=False)
    server: str = "Gitea"

    def get(self, path: str, call: Call, **query: Any) -> Any:
        """What is there, or None where nothing is (404). Raises ForgeError."""
        told = self.send("GET", path, call, query=query, fine=(_NOT_FOUND,))
        return None if told.status == _NOT_FOUND else told.data

    def pages(self, path: str, call: Call, **query: Any) -> Iterator[Any]:
        """All items of a list, however many pages it has; none where there is no such list."""
        page = 1
        while True:
            asked = {**query, "limit": _PAGE, "page": page}
            told = self.send("GET", path, call, query=asked, fine=(_NOT_FOUND,))
            if told.status == _NOT_FOUND:
                return
            yield from told.data or ()
            if not told.more:  # a list that has no pages has no links, either
                return
            page += 1

    def send(
        self,
        method: str,
        path: str,
        call: Call,
        *,
        json: Any = None,
        query: Any = None,
        fine: tuple[int, ...] = (),
        bare: bool = False,
    ) -> Told:
        """The answer, which is a success or has one of the statuses that are `fine`.

        A success of a call that is `bare` need not say anything.
        Raises ForgeError. Only reading follows a redirect: HTTP makes a GET of other methods.
        """
        where = self.base + path
        try:
            answer = self.session.request(
                method, where, params=query, json=json, allow_redirects=method == "GET"
            )
        except requests.RequestException as error:
            raise unreachable(error, call.doing, where=where, token=self.token) from error
        told = Told(answer.status_code, _data(answer), "next" in answer.links)
        if told.status in fine:
            return told
        if _REDIRECTS <= told.status < _ERRORS:
            raise ForgeError(
                f"can't {call.doing}: it has moved",
                where=where,
                hint="Was the repo renamed? Name the new one in the catalog.",
                details=[f"It is now at {answer.headers.get('location', '')}"],
            )
        if told.status >= _ERRORS:
            raise refusal(
                told.status,
                told.words,
                call.doing,
                where=where,
                needs=call.needs,
                token=self.token,
            )
        if (said := nonsense(answer)) and not (bare and not answer.content):
            raise no_sense(call.doing, said, where=where, server=self.server, token=self.token)
        return told


def _data(answer: requests.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return answer.text
