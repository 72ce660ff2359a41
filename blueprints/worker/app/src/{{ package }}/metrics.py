"""What Prometheus reads: alerts and the dashboard are built on these names."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

OUTCOMES = ("done", "failed", "rejected")


class Metrics:
    """The worker's counters."""

    def __init__(self, registry: CollectorRegistry) -> None:
        ProcessCollector(registry=registry)
        self.messages = Counter(
            "worker_messages_total", "Messages handled", ["outcome"], registry=registry
        )
        for outcome in OUTCOMES:  # a rate needs the zero before the first one
            self.messages.labels(outcome)
        self.duration = Histogram(
            "worker_message_duration_seconds", "Time that a message took", registry=registry
        )
        self.lag = Gauge("worker_queue_lag", "Messages that are not done", registry=registry)
