"""What the bot answers to a forge and a monitor, and servers on a thread of their own."""

import asyncio
import logging
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from scaffold.bot.clients import (
    LARGEST_HEADER,
    Clients,
    error_body,
    most_connections,
    protocol,
)
from scaffold.bot.health import State
from scaffold.errors import ListenError

LARGEST_BODY = 2_000_000  # bytes
LONGEST_BODY = 10.0  # seconds
_WAITING = 4096  # connections that the kernel keeps until they are taken; they take no files
_ERRORS = {404: "not-found", 405: "method-not-allowed"}
_log = logging.getLogger(__name__)


class Refusal(Exception):  # noqa: N818 - it is an answer
    """Why a request is not taken: the status, the kind of mistake, and what to do about it."""

    def __init__(self, status: int, error: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.error = error
        self.message = message


@dataclass(frozen=True)
class Answers:
    """What is asked of the bot: to take a webhook (raises Refusal), its health, its metrics."""

    take: Callable[[dict[str, str], bytes], None]
    health: Callable[[], State]
    metrics: Callable[[], bytes]


class _Server(uvicorn.Server):
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """See uvicorn, for which the clients that wait and those that are taken are one number."""
        await super().startup(sockets)
        for listener in sockets or ():
            listener.listen(_WAITING)


class WebServer:
    """A server on a thread of its own; `port` is where it listens, from the begin on.

    Raises ListenError.
    """

    def __init__(self, app: Starlette, host: str, port: int, died: Callable[[], None]) -> None:
        self._socket = _listen(host, port)
        self.port = int(self._socket.getsockname()[1])
        self._died = died
        most = most_connections()
        config = uvicorn.Config(
            app,
            http=protocol(Clients(most)),
            loop="asyncio",
            ws="none",
            lifespan="off",
            log_config=None,
            log_level=logging.ERROR,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            headers=[("connection", "close")],
            h11_max_incomplete_event_size=LARGEST_HEADER,
            # So many are taken at once, before the first of them is looked at: few, or those that
            # come behind a webhook would drive it out before it is read.
            backlog=max(1, most // 16),
            timeout_graceful_shutdown=1,
        )
        self._server = _Server(config)
        self._thread = threading.Thread(target=self._run, name="web", daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Answer nobody any more."""
        self._server.should_exit = True
        self._thread.join()

    def _run(self) -> None:
        try:
            self._server.run(sockets=[self._socket])
        except BaseException:
            _log.exception("the server died")
            raise
        finally:
            self._died()


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise ListenError(
            f"can't listen there: {error.strerror}",
            where=f"{host}:{port}",
            hint="Name another port, or a --host that is an address of this machine.",
        ) from error


def bot_app(answers: Answers) -> Starlette:
    """Takes webhooks, and tells health and metrics."""

    async def webhook(request: Request) -> Response:
        try:
            async with asyncio.timeout(LONGEST_BODY):
                body = await _body(request)
        except TimeoutError:
            raise Refusal(408, "too-slow", f"It took more than {LONGEST_BODY:g} s.") from None
        answers.take(dict(request.headers), body)
        return JSONResponse({"status": "taken"}, 202)

    async def healthz(_: Request) -> Response:
        state = answers.health()
        body = {
            "status": state.status,
            "last_good_pass_age_seconds": state.age,
            "longest_age_seconds": state.longest,
        }
        return JSONResponse(body, 200 if state.is_well else 503)

    async def metrics(_: Request) -> Response:
        return Response(answers.metrics(), media_type=CONTENT_TYPE_LATEST)

    return Starlette(
        routes=[
            Route("/webhook", webhook, methods=["POST"]),
            Route("/healthz", healthz),
            Route("/metrics", metrics),
        ],
        exception_handlers=dict.fromkeys((Refusal, HTTPException, Exception), _told),
    )


async def _body(request: Request) -> bytes:
    """The body of a request, however its length is told. Raises Refusal where it is too large."""
    parts: list[bytes] = []
    size = 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > LARGEST_BODY:
                raise Refusal(413, "too-large", f"A body has {LARGEST_BODY} bytes at most.")
            parts.append(part)
    except ClientDisconnect:
        raise Refusal(400, "cut-short", "The body did not come to its end.") from None
    return b"".join(parts)


async def _told(_: Request, error: Exception) -> Response:
    """An error as an answer."""
    if isinstance(error, Refusal):
        return _error(error.status, error.error, error.message)
    if isinstance(error, HTTPException):
        response = _error(error.status_code, _ERRORS.get(error.status_code, "error"), error.detail)
        response.headers.update(error.headers or {})
        return response
    return _error(500, "failed", "A fault of scaffold; its log has it.")


def _error(status: int, error: str, message: str) -> Response:
    return Response(error_body(error, message), status, media_type="application/json")
