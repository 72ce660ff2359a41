"""The reservation of a service: the branch `scaffold/new-<service>` of the platform repo.

The branch is created before any repo and deleted last, and moves only by compare-and-swap. Its
commit has a mark that only one run knows, so a run that finds another commit there has lost the
service to another run, and stops. A run deletes what it made only after it has moved the branch to
say so; a run that takes over the service moves it, too. So one of the two comes too late: a repo is
either taken over or deleted, never both.

The service of a dead run is taken over. On the same machine a run is known to be dead (see
`runs_here`). A run elsewhere is watched: a live one moves the branch every 20 seconds, except
during a step that takes longer, and one that is taken for dead by mistake notices before its next
step. The clocks of two machines are never compared.

The commit also names the repos of the service, and a run creates none that another reservation
names. It has no files, so no forge's CI runs anything for it.
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
    """What a run is doing."""

    MAKE = "make"
    TAKE_BACK = "take back"


def reservation_branch(service: str) -> str:
    """The branch of the platform repo that reserves the name of a new service."""
    return f"{_BRANCH}{service}"


@dataclass(frozen=True)
class Reservation:
    """A reservation: the run that has the service, its user, since when, and what it does.

    `repos` are the names of the repos that it creates. `since` is by the clock of that run's
    machine.
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
        """The time at which the run began, for people."""
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
        with suppress(ForgeError):  # it may have moved, or been deleted, by now
            clones.fetch(platform.folder, platform.url, f"refs/heads/{branch}")
    raise ForgeError(f"can't read the branch `{branch}`", where=platform.url)


def find_reservations(platform: PlatformRepo, besides: str = "") -> tuple[Reservation, ...]:
    """All reservations except that of the service `besides`, by name. Raises ForgeError."""
    heads = branches.remote_heads(platform.url, f"{_BRANCH}*")
    names = sorted({branch.removeprefix(_BRANCH) for branch in heads} - {besides})
    return tuple(filter(None, (find_reservation(platform, name) for name in names)))


def clear_reservations(platform: PlatformRepo) -> None:
    """Delete reservations of services that have been in the catalog for an hour, if possible.

    Their runs were killed at the very end, or could not delete them. Within the hour, they tell the
    next run of the same person that the service is complete.
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
    """Store the branch's commit in the checkout; return its id."""
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
