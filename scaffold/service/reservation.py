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

Its commit has no files, so no forge's CI has anything to run for it.
"""

import logging
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import pygit2

from scaffold.errors import ForgeError, PushRefusedError, ScaffoldError, StalePushError
from scaffold.fleet.platform import PlatformRepo
from scaffold.git import transport
from scaffold.git.tree import make_commit, open_repo, trailers
from scaffold.service.runs_here import RunsHere, runs_here

_BRANCH = "scaffold/new-"
_SERVICE, _RUN, _DOES, _SINCE = (
    "Scaffold-Service", "Scaffold-Run", "Scaffold-Does", "Scaffold-Since",
)  # fmt: skip
_RENEWED = 20.0  # seconds after which a run shows that it is alive
_LOOK = 2.0  # seconds from one look at somebody else's reservation to the next
_ATTEMPTS = 10
_TOLD = timedelta(hours=1)
_log = logging.getLogger(__name__)


class Does(StrEnum):
    """What a run does."""

    MAKE = "make"
    TAKE_BACK = "take back"


# Seconds without a sign of life after which a run is dead. One that takes back may be waiting for
# the answer to a deletion, which is sent once and not waited for any longer than a minute.
_DEAD = {Does.MAKE: 60.0, Does.TAKE_BACK: 180.0}


def reservation_branch(service: str) -> str:
    """The branch of the platform repo that reserves the name of a new service."""
    return f"{_BRANCH}{service}"


@dataclass(frozen=True)
class Reservation:
    """What the branch says: which run has the service, whose it is, since when and what it does.

    `since` is as the clock of that run's machine had it.
    """

    service: str
    commit: str
    run: str
    does: Does
    by: str
    email: str
    since: datetime

    @property
    def mine(self) -> bool:
        """Whether it is the same person's."""
        return self.email == transport.identity().email

    @property
    def told_since(self) -> str:
        """When the run began, for a person."""
        return f"{self.since:%Y-%m-%d %H:%M:%S} UTC"


def find_reservation(platform: PlatformRepo, service: str) -> Reservation | None:
    """The reservation of a service, or None. Raises ForgeError."""
    branch = reservation_branch(service)
    store = open_repo(platform.folder)
    for _ in range(_ATTEMPTS):
        commit = transport.remote_head(platform.url, branch)
        if commit is None:
            return None
        if commit in store:
            return _read(service, store[commit].peel(pygit2.Commit))
        with suppress(ForgeError):  # it may have moved, or be gone, by now
            transport.fetch(platform.folder, platform.url, f"refs/heads/{branch}")
    raise ForgeError(f"can't read the branch `{branch}`", where=platform.url)


def find_reservations(platform: PlatformRepo) -> tuple[Reservation, ...]:
    """All reservations, by the service's name. Raises ForgeError."""
    branches = transport.remote_heads(platform.url, f"{_BRANCH}*")
    names = sorted(branch.removeprefix(_BRANCH) for branch in branches)
    return tuple(filter(None, (find_reservation(platform, name) for name in names)))


def clear_reservations(platform: PlatformRepo) -> None:
    """Delete those of services that the catalog has had for an hour; what can't be deleted stays.

    Their runs were killed at the very end, or could not delete them. For an hour they let the same
    person's next run tell that the service is done.
    """
    old = datetime.now(UTC) - _TOLD
    with suppress(ScaffoldError):
        for one in find_reservations(platform):
            if one.service in platform.catalog.services and one.since < old:
                branch = reservation_branch(one.service)
                transport.drop(platform.folder, platform.url, branch, expect=one.commit)


def _read(service: str, commit: pygit2.Commit) -> Reservation:
    told = trailers(commit.message)
    return Reservation(
        service,
        str(commit.id),
        run=told.get(_RUN, ""),
        does=Does.TAKE_BACK if told.get(_DOES) == Does.TAKE_BACK else Does.MAKE,
        by=commit.author.name,
        email=commit.author.email,
        since=_since(told.get(_SINCE, ""), commit.commit_time),
    )


def _since(told: str, otherwise: int) -> datetime:
    try:
        return datetime.fromisoformat(told).astimezone(UTC)
    except ValueError:  # somebody else's commit
        return datetime.fromtimestamp(otherwise, UTC)


class Hold:
    """A service that this run has reserved."""

    def __init__(self, platform: PlatformRepo, service: str, here: RunsHere) -> None:
        self.service = service
        self._platform = platform
        self._here = here
        self._run = secrets.token_hex(8)
        here.add(self._run)
        self._since = datetime.now(UTC).isoformat(timespec="seconds")
        self._commit = ""
        self._moved = 0.0

    def begin(self, seen: Reservation | None) -> None:
        """Reserve the service, or take over from the run that was seen to have it.

        Raises StalePushError where that is not so any more, PushRefusedError.
        """
        self._move(Does.MAKE, None if seen is None else seen.commit)

    def keep(self) -> None:
        """Show that this run is alive, if that is due.

        Raises ForgeError where it has lost the service.
        """
        if time.monotonic() - self._moved >= _RENEWED:
            self._renew(Does.MAKE)

    def take_back(self) -> None:
        """Have the right to delete what this run has made; to be asked for before each deletion.

        Raises ForgeError where the run has lost the service.
        """
        self._renew(Does.TAKE_BACK)

    def end(self) -> None:
        """Give the service free; a branch that can't be deleted is left to the next run."""
        branch = reservation_branch(self.service)
        with suppress(ScaffoldError):
            transport.drop(self._platform.folder, self._platform.url, branch, expect=self._commit)
        self._here.forget()

    def _renew(self, does: Does) -> None:
        try:
            self._move(does, self._commit)
        except StalePushError as error:
            raise ForgeError(
                f"another run has taken over the making of `{self.service}`",
                where=self._platform.url,
                hint="This one deleted nothing. `scaffold status` tells how far the service is.",
            ) from error

    def _move(self, does: Does, expect: str | None) -> None:
        now = time.monotonic()
        message = (
            f"{does.capitalize()} {self.service}\n\n"
            f"{_SERVICE}: {self.service}\n{_RUN}: {self._run}\n{_DOES}: {does}\n"
            f"{_SINCE}: {self._since}\n"
        )
        folder = self._platform.folder
        commit = make_commit(open_repo(folder), {}, message, transport.identity())
        branch = reservation_branch(self.service)
        transport.push(folder, self._platform.url, commit, branch, expect=expect)
        self._commit, self._moved = commit, now


@contextmanager
def reserved(platform: PlatformRepo, service: str) -> Iterator[Hold]:
    """Have the making of a service to this run alone.

    It ends with the block, unless that raises: what then becomes of it is up to who raised.
    Raises ForgeError where another run is at it, or the platform takes no branch from this user.
    """
    with runs_here(platform, service) as here:
        hold = _reserve(platform, service, here)
        yield hold
        hold.end()


def _reserve(platform: PlatformRepo, service: str, here: RunsHere) -> Hold:
    hold = Hold(platform, service, here)
    seen: Reservation | None = None
    for _ in range(_ATTEMPTS):
        try:
            hold.begin(seen)
        except StalePushError:
            seen = find_reservation(platform, service)
            if seen is not None and seen.run not in here.dead:
                seen = _watch(platform, seen)
        except PushRefusedError as error:
            raise _may_not(platform, service, error) from error
        else:
            return hold
    raise ForgeError(
        f"the branch `{reservation_branch(service)}` moved {_ATTEMPTS} times",
        where=platform.url,
        hint="Run it again.",
    )


def _watch(platform: PlatformRepo, seen: Reservation) -> Reservation | None:
    """Wait until another run has ended (None), or has shown no sign of life for long enough.

    Raises ForgeError where it is alive, and not about to end.
    """
    _log.warning(
        "%s: %s has been creating `%s` since %s; waiting up to %.0f s to see whether that goes on",
        platform.url, seen.by, seen.service, seen.told_since, _DEAD[seen.does],
    )  # fmt: skip
    end = time.monotonic() + _DEAD[seen.does]
    while time.monotonic() < end:
        time.sleep(_LOOK)
        if transport.remote_head(platform.url, reservation_branch(seen.service)) == seen.commit:
            continue
        now = find_reservation(platform, seen.service)
        if now is None or now.does is Does.TAKE_BACK:
            return None if now is None else _watch(platform, now)
        raise ForgeError(
            f"{now.by} is creating `{now.service}` right now, since {now.told_since}",
            where=platform.url,
            hint="Wait until that has ended, then look with `scaffold status`.",
        )
    return seen


def _may_not(platform: PlatformRepo, service: str, error: PushRefusedError) -> PushRefusedError:
    return PushRefusedError(
        f"the platform takes no branch `{reservation_branch(service)}` from you, which reserves"
        " the name; nothing was created",
        where=platform.url,
        hint="Who creates services has to be able to push branches `scaffold/*` there.",
        details=error.details,
    )
