"""What a new blueprint is to be: a skeleton, and repos, one to six of `NAME` or `NAME:FOLLOWS`."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from scaffold.config.names import LONGEST_REPO_NAME, LONGEST_SERVICE_NAME, problem_with_label
from scaffold.errors import UsageError

MOST_REPOS = 6
# A repo of a service is called SERVICE-NAME on the forge.
_LONGEST = LONGEST_REPO_NAME - LONGEST_SERVICE_NAME - len("-")
# Folders of the blueprint itself, which lie where those of the repos do.
_TAKEN = frozenset({"tests"})


class Skeleton(StrEnum):
    """What a new blueprint begins with."""

    KUBERNETES = "kubernetes"
    LIBRARY = "library"
    MINIMAL = "minimal"


@dataclass(frozen=True)
class WantedRepo:
    """One of the paired repos, and the one whose commits it pins."""

    name: str
    follows: str | None = None

    def __str__(self) -> str:
        """As `read_repos` reads it."""
        return self.name if self.follows is None else f"{self.name}:{self.follows}"


def read_repos(words: Sequence[str]) -> tuple[WantedRepo, ...]:
    """The repos that these words ask for, in their order.

    Raises UsageError, which names the option, where they make no chain.
    """
    repos = tuple(map(_read, words))
    if not 1 <= len(repos) <= MOST_REPOS:
        raise _refused(f"{len(repos)} repos are asked for", hint=f"Give one to {MOST_REPOS}.")
    if twice := [name for name, count in Counter(one.name for one in repos).items() if count > 1]:
        raise _refused(f"`{twice[0]}` is there twice", hint="Give each repo a name of its own.")
    _check_chain(repos)
    return repos


def _read(word: str) -> WantedRepo:
    name, colon, follows = word.partition(":")
    if problem := problem_with_label(name, longest=_LONGEST):
        raise _refused(f"the repo's name `{name}` {problem}", hint="Write NAME or NAME:FOLLOWS.")
    if name in _TAKEN:
        raise _refused(
            f"the blueprint has a folder `{name}` of its own", hint="Choose another name."
        )
    if colon and not follows:
        raise _refused(
            f"`{word}` does not say which repo it follows",
            hint=f"Write {name}:REPO, or {name} alone.",
        )
    return WantedRepo(name, follows or None)


def _check_chain(repos: Sequence[WantedRepo]) -> None:
    before = {one.name: one.follows for one in repos}
    for name, follows in before.items():
        if follows is not None and follows not in before:
            raise _refused(
                f"`{name}` follows `{follows}`, which is none of the repos",
                hint=f"Repos: {', '.join(before)}.",
            )
    for name in before:
        way = [*_back_from(name, before)]
        if (again := before[way[-1]]) is not None:
            circle = sorted(way[way.index(again) :])
            raise _refused(
                f"these repos follow each other in a circle: {', '.join(circle)}",
                hint="Give the first of the chain without `:FOLLOWS`.",
            )


def _back_from(name: str, before: Mapping[str, str | None]) -> Iterator[str]:
    """The repo, the one that it follows, and so on; in a circle each once."""
    seen: set[str] = set()
    at: str | None = name
    while at is not None and at not in seen:
        seen.add(at)
        yield at
        at = before[at]


def _refused(what: str, *, hint: str) -> UsageError:
    return UsageError(what, where="--repo", hint=hint)
