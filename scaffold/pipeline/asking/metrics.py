"""What probes measured, as Prometheus takes it; docs/how-to/probe.md has the alerts."""

from pathlib import Path
from urllib.error import HTTPError, URLError

from prometheus_client import CollectorRegistry, Gauge, push_to_gateway, write_to_textfile

from scaffold.errors import MetricsError, not_written
from scaffold.pipeline.asking.rounds import CAN_BE_ASKED
from scaffold.pipeline.probe import ProbedService

_JOB = "scaffold-probe"
_LABELS = ("service", "environment", "check")
_TIMEOUT = 30.0  # seconds


def measured(done: ProbedService) -> CollectorRegistry:
    """Gauges of each check of each environment that was asked or should have been."""
    registry = CollectorRegistry()
    success = Gauge(
        "scaffold_probe_success", "1 where the answer was as expected.", _LABELS, registry=registry
    )
    seconds = Gauge(
        "scaffold_probe_duration_seconds",
        "How long the last answer took.",
        _LABELS,
        registry=registry,
    )
    last = Gauge(
        "scaffold_probe_last_run_timestamp_seconds",
        "When it was asked last.",
        _LABELS,
        registry=registry,
    )
    for one in done.environments:
        rows = [(each.check.name, each.ok, each.seconds) for each in one.outcomes]
        if one.error:
            rows.append((CAN_BE_ASKED, False, 0.0))
        for name, ok, took in rows:
            labels = (done.service, one.environment, name)
            success.labels(*labels).set(int(ok))
            seconds.labels(*labels).set(took)
            last.labels(*labels).set(one.at)
    return registry


def write_metrics(done: ProbedService, file: Path) -> None:
    """Write them for the textfile collector of the node exporter, in one step. Raises FileError."""
    try:
        write_to_textfile(str(file), measured(done))
    except OSError as error:
        raise not_written(error, file) from error


def push_metrics(done: ProbedService, url: str) -> None:
    """Put them in place of what the gateway has of the service. Raises MetricsError."""
    key = {"service": done.service}
    try:
        push_to_gateway(url, _JOB, measured(done), grouping_key=key, timeout=_TIMEOUT)
    except (OSError, ValueError) as error:
        if isinstance(error, HTTPError):
            error.close()
        why = error.reason if type(error) is URLError else error
        raise MetricsError(
            f"the Pushgateway took no metrics: {why}",
            where=url,
            hint="Is it the address that its page has, as in http://pushgateway:9091?",
        ) from error
