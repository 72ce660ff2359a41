"""Reserves a service for one run, keeps the reservation alive, and releases it.

The protocol is described in `reservation`.
"""

import logging
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

from scaffold.errors import (
    ForgeError,
    NameTakenError,
    PushRefusedError,
    ScaffoldError,
    StalePushError,
)
from scaffold.fleet.platform import PlatformRepo
from scaffold.git import branches
from scaffold.service.reservation import (
    Does,
    Reservation,
    find_reservation,
    find_reservations,
    reservation_branch,
    write_reservation,
)
from scaffold.service.runs_here import RunsHere, runs_here

_RENEWED = 20.0  # seconds between signs of life
_LOOK = 2.0  # seconds between two looks at another run's reservation
_ATTEMPTS = 10
# Seconds without a sign of life after which a run counts as dead. A run that removes repos may be
# waiting for the answer to a deletion, which is sent once and waited for at most a minute.
_DEAD = {Does.MAKE: 60.0, Does.TAKE_BACK: 180.0}
_log = logging.getLogger(__name__)


class Hold:
    """A service that this run has reserved."""

    def __init__(
        self, platform: PlatformRepo, service: str, repos: frozenset[str], here: RunsHere
    ) -> None:
        self.service = service
        self.repos = repos
        self._platform = platform
        self._here = here
        self._run = secrets.token_hex(8)
        here.add(self._run)
        self._since = datetime.now(UTC).isoformat(timespec="seconds")
        self._commit = ""
        self._moved = 0.0

    def begin(self, seen: Reservation | None) -> None:
        """Reserve the service, or take over from the run that was seen to have it.

        Raises StalePushError where the reservation has changed, PushRefusedError.
        """
        self._move(Does.MAKE, None if seen is None else seen.commit)

    def keep(self) -> None:
        """Give a sign of life, if one is due.

        Raises ForgeError where another run has the service.
        """
        if time.monotonic() - self._moved >= _RENEWED:
            self._renew(Does.MAKE)

    def take_back(self) -> None:
        """Claim the right to delete what this run made; to be called before each deletion.

        Raises ForgeError where another run has the service.
        """
        self._renew(Does.TAKE_BACK)

    def end(self) -> None:
        """Release the reservation; a branch that can't be deleted is left to the next run."""
        branch = reservation_branch(self.service)
        with suppress(ScaffoldError):
            branches.drop(self._platform.folder, self._platform.url, branch, expect=self._commit)
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
        commit = write_reservation(
            self._platform, self.service, self.repos, self._run, does, self._since
        )
        branch = reservation_branch(self.service)
        branches.push(self._platform.folder, self._platform.url, commit, branch, expect=expect)
        self._commit, self._moved = commit, now


@contextmanager
def reserved(platform: PlatformRepo, service: str, repos: Iterable[str]) -> Iterator[Hold]:
    """Reserve a service and its repos for this run.

    The reservation ends with the context, unless that raises: then whoever raised decides. Raises
    ForgeError where another run has the service, or the platform takes no branch from this user,
    NameTakenError where a run for another service has reserved one of the repos.
    """
    with runs_here(platform, service) as here:
        hold = Hold(platform, service, frozenset(repos), here)
        taken_over = _reserve(platform, hold, here)
        try:
            _check_repos(platform, hold)
        except ScaffoldError:
            if taken_over is None:  # else it is needed to finish what a dead run left
                hold.end()
            raise
        yield hold
        hold.end()


def _reserve(platform: PlatformRepo, hold: Hold, here: RunsHere) -> Reservation | None:
    """Reserve the service; return the reservation of a dead run that was taken over."""
    service = hold.service
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
            return seen
    raise ForgeError(
        f"the branch `{reservation_branch(service)}` moved {_ATTEMPTS} times",
        where=platform.url,
        hint="Run it again.",
    )


def _check_repos(platform: PlatformRepo, hold: Hold) -> None:
    """Raise NameTakenError where a repo is reserved for another service; ForgeError.

    Both runs look after they have reserved, so at least one sees the other.
    """
    for reservation in find_reservations(platform, besides=hold.service):
        if shared := sorted(reservation.repos & hold.repos):
            raise NameTakenError(
                f"`{reservation.service}`, which {reservation.by} has been creating since"
                f" {reservation.told_since}, is to"
                f" have a repo `{shared[0]}`, too; nothing was created",
                where=platform.url,
                hint="Choose another name. If that run has ended,"
                f" `scaffold new service {reservation.service}` finishes it.",
            )


def _watch(platform: PlatformRepo, seen: Reservation) -> Reservation | None:
    """Wait until another run has ended (None), or has given no sign of life for long enough.

    Raises ForgeError where it is alive, and not about to end.
    """
    _log.warning(
        "%s: %s has been creating `%s` since %s; waiting up to %.0f s to see whether that goes on",
        platform.url, seen.by, seen.service, seen.told_since, _DEAD[seen.does],
    )  # fmt: skip
    end = time.monotonic() + _DEAD[seen.does]
    while time.monotonic() < end:
        time.sleep(_LOOK)
        if branches.remote_head(platform.url, reservation_branch(seen.service)) == seen.commit:
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
