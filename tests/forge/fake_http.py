"""What the fakes of servers have in common: routes, the token, faults, a record of all calls."""

import re
import threading
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote

from tests.tokens import noted

if TYPE_CHECKING:
    from tests.forge.git_side import GitSide

TOKEN = noted("tok-3f9a1c-secret")


@dataclass(frozen=True)
class Answer:
    """What the server says."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """What the server was asked; `path` is below the API's root, with its escapes."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    body: Any
    headers: Mapping[str, str]

    def one(self, name: str, default: str = "") -> str:
        """A value of the query."""
        return self.query.get(name, [default])[-1]

    def same(self, other: "Asked") -> bool:
        """Whether the other is another try of the same call."""
        return (self.method, self.path, self.query, self.body) == (
            other.method,
            other.path,
            other.query,
            other.body,
        )


@dataclass(frozen=True)
class Fault:
    """What goes wrong: an answer, or a reset or a time-out where there is none.

    With `after` the server has done its work before it goes wrong.
    """

    name: str
    answer: Answer | None = None
    after: bool = False
    held: bool = False


class Trouble(Protocol):
    """When a fault is met."""

    def at(self, asked: Asked) -> Fault | None:
        """The fault that this call meets, if any."""


@dataclass
class FirstTries:
    """A fault at the first try of each call, whatever is asked; the next try goes well."""

    fault: Fault
    last: Asked | None = None

    def at(self, asked: Asked) -> Fault | None:
        """The fault, unless this is the call that has just met it."""
        again = self.last is not None and asked.same(self.last)
        self.last = None if again else asked
        return None if again else self.fault


@dataclass
class Outage:
    """A fault that begins at one call, counted from 1, and lasts.

    With `fault.after` the server does the work of that first call only.
    """

    fault: Fault
    call: int
    seen: int = 0

    @property
    def met(self) -> bool:
        """Whether it has begun."""
        return self.seen >= self.call

    def at(self, asked: Asked) -> Fault | None:  # noqa: ARG002 - all are alike
        """The fault, once it has begun."""
        self.seen += 1
        if self.seen > self.call:
            return replace(self.fault, after=False)
        return self.fault if self.met else None


Route = Callable[..., Answer]


class FakeForge:
    """What the fakes have in common: routes, the token, faults, and a record of all calls.

    A subclass sets `root`, the path of its API, and `kept`, the names of what calls change; and
    it fills `routes`: (method, pattern) -> what answers, which gets what was asked and the
    pattern's groups, unquoted.
    """

    root = ""
    kept: tuple[str, ...] = ()
    powerless = ""  # a user who may write to no repo

    def __init__(self) -> None:
        self.calls: list[Asked] = []
        self.slips: list[str] = []  # what no real server would take, or answer
        self.trouble: Trouble | None = None
        self.lag = 0  # for how many calls a new repo is not to be found
        self.routes: list[tuple[str, re.Pattern[str], Route]] = []
        self.url = self.base = ""
        self.git: GitSide | None = None
        self._lock = threading.Lock()

    def route(self, method: str, pattern: str, answers: Route) -> None:
        """Have a path answered; `:x` stands for one segment of it."""
        compiled = re.compile(re.sub(r":\w+", "([^/]+)", pattern) + "$")
        self.routes.append((method, compiled, answers))

    def pushed(self, repo: str, heads: Mapping[str, str]) -> None:
        """What follows from a git push to a repo, named by its full path."""
        raise NotImplementedError

    def has(self, repo: str) -> bool:
        """Whether there is a repo of this full path."""
        raise NotImplementedError

    def take_git(
        self, method: str, path: str, query: str, headers: Mapping[str, str], sent: bytes
    ) -> tuple[int, Mapping[str, str], bytes]:
        """What a request of git gets."""
        assert self.git is not None
        repo = path.partition(".git/")[0].strip("/")
        with self._lock:
            if not self.has(repo):
                return 404, {}, b""
            self.git.make(repo)
            answer = self.git.answer(method, path, query, headers, sent)
            if path.endswith("/git-receive-pack"):
                self.pushed(repo, self.git.heads(repo))
            return answer

    def held(self) -> dict[str, Any]:
        """All that the server holds, to be put back later; a real one is not."""
        return {name: deepcopy(getattr(self, name)) for name in self.kept}

    def effect(self) -> Any:
        """What it holds, as far as anybody can tell the difference."""
        return self.held()

    def put_back(self, held: Mapping[str, Any]) -> None:
        """Have the server hold what it held."""
        for name, value in held.items():
            setattr(self, name, deepcopy(value))

    def demote(self) -> None:
        """Make a developer of the token's user, who may push to branches but not to main."""
        raise NotImplementedError

    def members(self, team: str) -> list[str]:
        """Who is in a team."""
        raise NotImplementedError

    def drop_auto_merge(self, repo: str, number: int) -> None:
        """What somebody does who wants a merge request not to merge itself after all."""
        raise NotImplementedError

    def rename(self, repo: str, name: str) -> None:
        """Give a repo another name; who asks for the old one is redirected."""
        raise NotImplementedError

    def only_squash(self, repo: str) -> None:
        """Let merge requests of a repo be squashed, and merged in no other way."""
        raise NotImplementedError

    def unauthorized(self) -> Answer:
        """What a call with a wrong token gets."""
        raise NotImplementedError

    def answer(self, asked: Asked) -> Answer:
        """What is answered where nothing goes wrong."""
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return self.unauthorized()
        for method, pattern, answers in self.routes:
            if method == asked.method and (match := pattern.match(asked.path)):
                return answers(asked, *(unquote(part) for part in match.groups()))
        raise AssertionError(f"the fake has no {asked.method} {asked.path}")

    def take(self, asked: Asked) -> tuple[Answer | None, bool]:
        """What one call gets, None for no answer at all; and whether that is held back."""
        with self._lock:
            self.calls.append(asked)
            fault = self.trouble.at(asked) if self.trouble else None
            if fault is not None and not fault.after:
                return fault.answer, fault.held
            answer = self.answer(asked)
            return (answer, False) if fault is None else (fault.answer, fault.held)


def paged(asked: Asked, base: str, items: list[Any]) -> Answer:
    """One page of a list, with the header that names the next."""
    size, page = int(asked.one("per_page", "20")), int(asked.one("page", "1"))
    assert size <= 100, "no forge gives more"
    end = page * size
    headers = {}
    if end < len(items):
        query = "&".join(
            f"{key}={one}" for key, values in asked.query.items() if key != "page" for one in values
        )
        headers["Link"] = f'<{base}{asked.path}?{query}&page={page + 1}>; rel="next"'
    return Answer(200, items[end - size : end], headers)
