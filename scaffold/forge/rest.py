"""A small client of a REST API in JSON: one call, one answer or one ForgeError."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import requests

from scaffold.errors import ForgeError
from scaffold.forge.http import refusal, unreachable

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
class RestApi:
    """An API below `base`; `token` is only known here so that no text ever shows it."""

    session: requests.Session
    base: str
    token: str = field(repr=False)

    def get(self, path: str, call: Call, **query: Any) -> Any:
        """What is there, or None where nothing is (404). Raises ForgeError."""
        answer = self.send("GET", path, call, query=query, fine=(_NOT_FOUND,))
        return None if answer.status_code == _NOT_FOUND else answer.json()

    def pages(self, path: str, call: Call, **query: Any) -> Iterator[Any]:
        """All items of a list, however many pages it has; none where there is no such list."""
        page = 1
        while True:
            asked = {**query, "limit": _PAGE, "page": page}
            answer = self.send("GET", path, call, query=asked, fine=(_NOT_FOUND,))
            if answer.status_code == _NOT_FOUND:
                return
            yield from answer.json() or ()
            if "next" not in answer.links:  # a list that has no pages has no links, either
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
    ) -> requests.Response:
        """The answer, which is a success or has one of the statuses that are `fine`.

        Raises ForgeError. Only reading follows a redirect: HTTP makes a GET of other methods.
        """
        where = self.base + path
        try:
            answer = self.session.request(
                method, where, params=query, json=json, allow_redirects=method == "GET"
            )
        except requests.RequestException as error:
            raise unreachable(error, call.doing, where=where, token=self.token) from error
        if answer.status_code in fine:
            return answer
        if _REDIRECTS <= answer.status_code < _ERRORS:
            raise ForgeError(
                f"can't {call.doing}: it has moved",
                where=where,
                hint="Was the repo renamed? Name the new one in the catalog.",
                details=[f"It is now at {answer.headers.get('location', '')}"],
            )
        if answer.status_code >= _ERRORS:
            raise refusal(
                answer.status_code,
                _said(answer),
                call.doing,
                where=where,
                needs=call.needs,
                token=self.token,
            )
        return answer


def _said(answer: requests.Response) -> str:
    """The server's own words, out of JSON where it is that."""
    try:
        told = answer.json()
    except ValueError:
        return answer.text
    return str(told.get("message") or told) if isinstance(told, dict) else answer.text
