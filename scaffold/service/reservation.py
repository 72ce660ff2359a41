"""Who makes a service: the run that has made the branch `scaffold/new-<service>` of the platform.

The branch comes before any repo and goes last of all, and it moves by compare-and-swap alone. Its
commit has a mark that only one run knows, so a run that finds another commit there than its own has
lost the service to another one, and stops where it is. A run deletes what it made only after it has
moved the branch to say so; whoever takes a service over moves it, too. So of the two, one comes
too late: a repo is taken over or deleted, never both.

A run that has died has its service taken over. That it has died is known where both are on one
machine (see `runs_here`). Of a run elsewhere it is found out by watching: one that is alive moves
the branch every 20 seconds, a step that takes longer excepted, and one that is taken for dead by
mistake notices before its next step. Nobody compares the clocks of two machines.

Its commit names the repos that the service is to have, too, and a run makes none that another
reservation names. It has no files, so no forge's CI has anything to run for it.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import pygit2

from scaffold.errors import ForgeError, ScaffoldError
from scaffold.fleet.platform import PlatformRepo
from scaffold.git import branches, clones, program
from scaffold.git.tree import make_commit, open_repo, trailers

_BRANCH = "scaffold/new-"
_SERVICE, _REPOS, _RUN, _DOES, _SINCE = (
    "Scaffold-Service", "Scaffold-Repos", "Scaffold-Run", "Scaffold-Does", "Scaffold-Since",
)  # fmt: skip
_ATTEMPTS = 10
_TOLD = timedelta(hours=1)


class Does(StrEnum):
    """What a run does."""

    MAKE = "make"
    TAKE_BACK = "take back"


def reservation_branch(service: str) -> str:
    """The branch of the platform repo that reserves the name of a new service."""
    return f"{_BRANCH}{service}"


@dataclass(frozen=True)
class Reservation:
    """What the branch says: which run has the service, whose it is, since when and what it does.

    `repos` are the names of the repos that it makes. `since` is as the clock of that run's machine
    had it.
    """

    service: str
    commit: str
    repos: frozenset[str]
    run: str
    does: Does
    by: str
    email: str
    since: datetime

    @property
    def mine(self) -> bool:
        """Whether it is the same person's."""
        return self.email == program.identity().email

    @property
    def told_since(self) -> str:
        """When the run began, for a person."""
        return f"{self.since:%Y-%m-%d %H:%M:%S} UTC"


def find_reservation(platform: PlatformRepo, service: str) -> Reservation | None:
    """The reservation of a service, or None. Raises ForgeError."""
    branch = reservation_branch(service)
    store = open_repo(platform.folder)
    for _ in range(_ATTEMPTS):
        commit = branches.remote_head(platform.url, branch)
        if commit is None:
            return None
        if commit in store:
            return _read(service, store[commit].peel(pygit2.Commit))
        with suppress(ForgeError):  # it may have moved, or be gone, by now
            clones.fetch(platform.folder, platform.url, f"refs/heads/{branch}")
    raise ForgeError(f"can't read the branch `{branch}`", where=platform.url)


def find_reservations(platform: PlatformRepo, besides: str = "") -> tuple[Reservation, ...]:
    """All reservations `besides` the one of a service, by their names. Raises ForgeError."""
    heads = branches.remote_heads(platform.url, f"{_BRANCH}*")
    names = sorted({branch.removeprefix(_BRANCH) for branch in heads} - {besides})
    return tuple(filter(None, (find_reservation(platform, name) for name in names)))


def clear_reservations(platform: PlatformRepo) -> None:
    """Delete those of services that the catalog has had for an hour; what can't be deleted stays.

    Their runs were killed at the very end, or could not delete them. For an hour they let the same
    person's next run tell that the service is done.
    """
    old = datetime.now(UTC) - _TOLD
    with suppress(ScaffoldError):
        for reservation in find_reservations(platform):
            if reservation.service in platform.catalog.services and reservation.since < old:
                branch = reservation_branch(reservation.service)
                branches.drop(platform.folder, platform.url, branch, expect=reservation.commit)


def write_reservation(
    platform: PlatformRepo, service: str, repos: Iterable[str], run: str, does: Does, since: str
) -> str:
    """Make the commit that the branch is to point at, in the checkout; return its id."""
    message = (
        f"{does.capitalize()} {service}\n\n"
        f"{_SERVICE}: {service}\n{_REPOS}: {' '.join(sorted(repos))}\n{_RUN}: {run}\n"
        f"{_DOES}: {does}\n{_SINCE}: {since}\n"
    )
    return make_commit(open_repo(platform.folder), {}, message, program.identity())


def _read(service: str, commit: pygit2.Commit) -> Reservation:
    values = trailers(commit.message)
    return Reservation(
        service,
        str(commit.id),
        repos=frozenset(values.get(_REPOS, "").split()),
        run=values.get(_RUN, ""),
        does=Does.TAKE_BACK if values.get(_DOES) == Does.TAKE_BACK else Does.MAKE,
        by=commit.author.name,
        email=commit.author.email,
        since=_since(values.get(_SINCE, ""), commit.commit_time),
    )


def _since(recorded: str, otherwise: int) -> datetime:
    try:
        return datetime.fromisoformat(recorded).astimezone(UTC)
    except ValueError:  # somebody else's commit
        return datetime.fromtimestamp(otherwise, UTC)
