"""What Prometheus reads: alerts and the dashboard are built on these names."""

import logging
import time
from collections.abc import Sequence
from http import HTTPMethod

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from starlette.requests import Request
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = logging.getLogger(__name__)

# Probes are not traffic: counted, they would hide the users' errors.
UNCOUNTED = frozenset({"/readyz"})
# Others are one: a client could make time series without end by methods that there are not.
METHODS = frozenset(HTTPMethod)


class Metrics:
    """The service's counters, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests = Counter(
            "http_requests_total",
            "Requests answered",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.duration = Histogram(
            "http_request_duration_seconds",
            "Time from request to the end of the answer",
            ["method", "route"],
            registry=self.registry,
        )


def find_route(routes: Sequence[BaseRoute], scope: Scope) -> str:
    """The route of a request, not its path: paths hold ids, and each value is a new time series."""
    for route in routes:
        if route.matches(scope)[0] is Match.FULL:
            return str(getattr(route, "path", "unmatched"))
    return "unmatched"


class MetricsMiddleware:
    """Counts, times and logs each request under its route."""

    def __init__(self, app: ASGIApp, metrics: Metrics, routes: Sequence[BaseRoute]) -> None:
        self.app = app
        self.metrics = metrics
        self.routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and record what came of it."""
        if scope["type"] != "http" or (route := find_route(self.routes, scope)) in UNCOUNTED:
            await self.app(scope, receive, send)
            return

        status = 500  # what the client gets if the application raises

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        start = time.perf_counter()
        try:
            await self.app(scope, receive, watch)
        finally:
            self._record(Request(scope), route, status, time.perf_counter() - start)

    def _record(self, request: Request, route: str, status: int, seconds: float) -> None:
        method = request.method if request.method in METHODS else "other"
        self.metrics.requests.labels(method, route, str(status)).inc()
        self.metrics.duration.labels(method, route).observe(seconds)
        fields = {"method": request.method, "route": route, "status": status, "seconds": seconds}
        logger.info("request", extra={"fields": fields})
