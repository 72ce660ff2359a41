"""`scaffold bot serve`: passes on signed webhooks, and one over everything now and then.

On a webhook only the service that it is about is looked at. Requests are answered at once, on a
thread of their own; one thread does the passes, so that no two of one process run at a time.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from prometheus_client import generate_latest

from scaffold.bot.health import Health, State
from scaffold.bot.logs import log_failed_pass
from scaffold.bot.metrics import Metrics
from scaffold.bot.pages import Files, pages_app
from scaffold.bot.passes import PassReport
from scaffold.bot.stopping import Stopping
from scaffold.bot.wanted import Urls, Wanted
from scaffold.bot.web import Answers, Refusal, WebServer, bot_app
from scaffold.bot.webhook import read_event, repo_urls, service_of, signed_as
from scaffold.config.service import Service

_INTERVALS = 3  # without a good pass, after which the bot is not well
_SHORTEST_AGE = 900.0  # seconds, however short the interval
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Work:
    """What the server does: a pass over some services (None: all), and who the services are."""

    run_pass: Callable[[frozenset[str] | None], PassReport]
    services: Callable[[], tuple[Service, ...]]


@dataclass(frozen=True)
class Place:
    """Where the server listens; port 0 is any that is free."""

    host: str
    port: int


@dataclass(frozen=True)
class Pages:
    """Pages for people, and where they are shown: never where webhooks come in, which is public."""

    place: Place
    files: Files


class BotServer:
    """A server for webhooks; `secret` signs them, `interval` is seconds between full passes.

    It shows `pages`, too, if there are any. Raises ListenError.
    """

    def __init__(
        self,
        work: Work,
        stopping: Stopping,
        place: Place,
        *,
        secret: str,
        interval: float,
        pages: Pages | None = None,
    ) -> None:
        self._work = work
        self._host = place.host
        self._stopping = stopping
        self._secret = secret
        self._interval = interval
        self._metrics = Metrics()
        self._health = Health(max(_INTERVALS * interval, _SHORTEST_AGE))
        self._wanted = Wanted(stopping)
        self._due = 0.0  # when the next pass over everything is, by the monotonic clock
        answers = Answers(self._accept, self._state, self._metrics_text)
        self._web = WebServer(bot_app(answers), place.host, place.port, stopping.ask)
        self._pages: WebServer | None = None
        if pages is not None:
            at = pages.place
            self._pages = WebServer(pages_app(pages.files), at.host, at.port, stopping.ask)

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._web.port

    @property
    def pages_port(self) -> int | None:
        """Where it shows pages, if it does."""
        return self._pages.port if self._pages else None

    def serve(self) -> None:
        """Serve until the process is asked to end; first of all there is a pass over everything."""
        servers = [one for one in (self._web, self._pages) if one is not None]
        for one in servers:
            one.start()
        pages = {"pages_port": self.pages_port} if self._pages else {}
        _log.info("listening", extra={"fields": {"host": self._host, "port": self.port, **pages}})
        try:
            while not self._stopping.asked:
                wanted = self._next()
                if wanted is None or wanted:
                    self._pass(wanted)
        finally:
            for one in servers:
                one.stop()

    def _accept(self, headers: dict[str, str], body: bytes) -> None:
        """Take a webhook, whosever repo it is about. Raises Refusal."""
        try:
            self._take(headers, body)
        except Refusal as refusal:
            self._metrics.count_webhook(refusal.error)
            raise
        self._metrics.count_webhook("taken")

    def _take(self, headers: dict[str, str], body: bytes) -> None:
        webhook = signed_as(headers, body, self._secret)
        if webhook is None:
            raise Refusal(401, "unsigned", "It is not signed with SCAFFOLD_WEBHOOK_SECRET.")
        event = read_event(body)
        if event is None:
            raise Refusal(
                400, "not-json", "Its body is no JSON object. Is its type application/json?"
            )
        if self._stopping.asked:
            raise Refusal(503, "stopping", "The bot ends; the next one looks at everything.")
        if urls := repo_urls(event, webhook):
            self._wanted.add(urls)
            _log.info("webhook", extra={"fields": {"repo": sorted(urls)[0]}})

    def _state(self) -> State:
        return self._health.state()

    def _metrics_text(self) -> bytes:
        return generate_latest(self._metrics.registry)

    def _next(self) -> frozenset[Urls] | None:
        """The repos that are wanted by now; None for everything.

        That comes once an interval, however many webhooks there are: none tells of a soak's end.
        """
        wanted = self._wanted.take(self._due - time.monotonic())
        if wanted is None or time.monotonic() >= self._due:
            self._due = time.monotonic() + self._interval
            return None
        return wanted

    def _pass(self, wanted: frozenset[Urls] | None) -> None:
        started = time.monotonic()
        try:
            only = None if wanted is None else self._names(wanted)
            if only is not None and not only:
                return  # repos of nobody's, such as the platform's own
            report = self._work.run_pass(only)
        except Exception as error:  # noqa: BLE001 - the server outlives whatever a pass dies of
            self._health.pass_ended(good=False)
            self._metrics.count_aborted()
            log_failed_pass(error)
            return
        if not self._stopping.asked:  # or it did not come to its end
            self._health.pass_ended(good=True)
            self._metrics.count(report, time.monotonic() - started, only)

    def _names(self, wanted: frozenset[Urls]) -> frozenset[str]:
        services = self._work.services()
        names = (service_of(urls, services) for urls in wanted)
        return frozenset(name for name in names if name is not None)
