"""What Prometheus can ask of the bot; docs/how-to/run-the-bot.md tells what each is for."""

import time
from collections import Counter as Count
from collections.abc import Collection

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from scaffold.bot.passes import PassReport


class Metrics:
    """Counters of one bot, and gauges of all services as each was last looked at."""

    def __init__(self) -> None:
        self.registry: CollectorRegistry = CollectorRegistry()
        self._behind: dict[str, Count[str]] = {}
        self._failing: set[str] = set()
        self._passes = Counter(
            "scaffold_bot_passes", "Passes, by how they ended.", ["result"], registry=self.registry
        )
        self._pins = Counter(
            "scaffold_bot_pins", "Pins that moved, by how.", ["why"], registry=self.registry
        )
        self._waiting = Gauge(
            "scaffold_bot_pins_not_current",
            "Pins that are behind, by why.",
            ["why"],
            registry=self.registry,
        )
        self._failed = Gauge(
            "scaffold_bot_services_failing", "Services that failed last.", registry=self.registry
        )
        self._grants = Gauge(
            "scaffold_bot_grants",
            "Roles that somebody has for a while: standing, or expired and still there.",
            ["state"],
            registry=self.registry,
        )
        self._last = Gauge(
            "scaffold_bot_last_pass_timestamp_seconds",
            "End of the last pass that could look at services.",
            registry=self.registry,
        )
        self._webhooks = Counter(
            "scaffold_bot_webhooks",
            "Webhooks that were taken, and those that were not, by why.",
            ["result"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "scaffold_bot_pass_seconds", "How long passes took.", registry=self.registry
        )

    def count(
        self, report: PassReport, seconds: float, only: Collection[str] | None = None
    ) -> None:
        """Count what a pass did over the services `only`, by default over all."""
        self._passes.labels("failed" if report.failures else "done").inc()
        for event in report.moved:
            self._pins.labels(event.verdict.why.value).inc()
        self._remember(report, only)
        self._waiting.clear()
        for why, number in sum(self._behind.values(), Count[str]()).items():
            self._waiting.labels(why).set(number)
        self._failed.set(len(self._failing))
        if only is None:
            late = sum(one.expired for one in report.grants)
            self._grants.labels("standing").set(len(report.grants) - late)
            self._grants.labels("expired").set(late)
        self._last.set(time.time())
        self._seconds.observe(seconds)

    def count_aborted(self) -> None:
        """Count a pass that came to no service, such as one that could not read the platform."""
        self._passes.labels("aborted").inc()

    def count_webhook(self, result: str) -> None:
        """Count a webhook: `taken`, or why it was not."""
        self._webhooks.labels(result).inc()

    def _remember(self, report: PassReport, only: Collection[str] | None) -> None:
        """A pass over some services says nothing about the others."""
        for name in list(self._behind) if only is None else only:
            self._behind.pop(name, None)
        self._failing = set() if only is None else self._failing.difference(only)
        for event in report.events:
            if event.verdict.why != "current" and not event.commit:
                self._behind.setdefault(event.service, Count())[event.verdict.why.value] += 1
        self._failing |= {failure.service for failure in report.failures}
