"""What of a pass is news: what the one before it had not told already."""

from collections import defaultdict
from collections.abc import Hashable

from scaffold.bot.passes import Failure, PassReport, StandingGrant
from scaffold.bot.platform import PlatformEvent
from scaffold.chain.propagate import Event
from scaffold.chain.statuses import CommitStatus
from scaffold.config.platform import PLATFORM_REPO


class News:
    """Remembers what the last look at each service brought, as long as the process lives."""

    def __init__(self) -> None:
        self._last: dict[str, frozenset[Hashable]] = {}

    def of(self, report: PassReport) -> PassReport:
        """The same pass without what was there at the last look, word for word.

        What is over and comes again is news.
        """
        now: defaultdict[str, set[Hashable]] = defaultdict(set)
        for event in report.events:
            now[event.service].add(_of_event(event))
        for failure in report.failures:
            now[failure.service].add(_of_failure(failure))
        if report.platform is not None:
            now[PLATFORM_REPO].update(_of_platform(event) for event in report.platform)
        for grant in report.grants:
            if grant.expired:
                now[PLATFORM_REPO].add(_of_grant(grant))
        for status in report.statuses:
            if status.is_red:
                now[status.service].add(_of_status(status))
        last = self._last
        self._last = last | {service: frozenset(found) for service, found in now.items()}
        return PassReport(
            tuple(
                event
                for event in report.events
                if _of_event(event) not in last.get(event.service, ())
            ),
            tuple(
                failure
                for failure in report.failures
                if _of_failure(failure) not in last.get(failure.service, ())
            ),
            report.platform
            and tuple(
                event
                for event in report.platform
                if _of_platform(event) not in last.get(PLATFORM_REPO, ())
            ),
            tuple(
                status
                for status in report.statuses
                if status.is_red and _of_status(status) not in last.get(status.service, ())
            ),
            tuple(
                grant
                for grant in report.grants
                if grant.expired and _of_grant(grant) not in last.get(PLATFORM_REPO, ())
            ),
        )


def _of_event(event: Event) -> Hashable:
    verdict = event.verdict
    place = verdict.edge.place
    return (place, verdict.why, verdict.desired, verdict.detail, event.commit, event.url)


def _of_platform(event: PlatformEvent) -> Hashable:
    return (event.why, event.target, event.detail, event.commit, event.url)


def _of_grant(standing: StandingGrant) -> Hashable:
    return (standing.name, standing.grant.until, standing.expired)


def _of_status(status: CommitStatus) -> Hashable:
    return (status.repo, status.name, status.commit)


def _of_failure(failure: Failure) -> Hashable:
    return (failure.error.reference, *failure.error.lines)
