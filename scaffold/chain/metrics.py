"""What Prometheus can ask of the bot."""

import time

from scaffold.chain.bot import PassReport


class Metrics:
    """Counters of one bot."""

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

        self.registry: CollectorRegistry = CollectorRegistry()
        self._passes = Counter(
            "scaffold_bot_passes", "Passes, by how they ended.", ["result"], registry=self.registry
        )
        self._pins = Counter(
            "scaffold_bot_pins", "What became of pins.", ["why"], registry=self.registry
        )
        self._waiting = Gauge(
            "scaffold_bot_pins_not_current",
            "Pins that are behind.",
            ["why"],
            registry=self.registry,
        )
        self._failed = Gauge(
            "scaffold_bot_services_failing", "Services that failed last.", registry=self.registry
        )
        self._last = Gauge(
            "scaffold_bot_last_pass_timestamp_seconds",
            "End of the last pass.",
            registry=self.registry,
        )
        self._seconds = Histogram(
            "scaffold_bot_pass_seconds", "How long passes took.", registry=self.registry
        )

    def count(self, report: PassReport, seconds: float) -> None:
        """Count what a pass did."""
        self._passes.labels("failed" if report.failures else "done").inc()
        for event in report.moved:
            self._pins.labels(event.verdict.why.value).inc()
        self._waiting.clear()
        for event in report.events:
            if event.verdict.why != "current" and not event.commit:
                self._waiting.labels(event.verdict.why.value).inc()
        self._failed.set(len(report.failures))
        self._last.set(time.time())
        self._seconds.observe(seconds)
