"""Connections to the bot's server: how many, for how long, and what a request may be like.

A connection is there for one request. Whoever is slow has one time for all of it, and where there
are too many connections the oldest goes: a webhook takes milliseconds, so that it is the slow and
the idle ones that go. docs/explanation/bot-server.md has the measurements.
"""

import asyncio
import json
import resource
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

MOST = 128  # connections
LONGEST = 15.0  # seconds from its begin to its end
LARGEST_HEADER = 32_768  # bytes


def most_connections() -> int:
    """How many there may be: few enough that files are left for the passes, whatever the limit."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST if soft == resource.RLIM_INFINITY else max(1, min(MOST, soft // 4))


class Clients:
    """The connections that are open, oldest first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: dict[asyncio.Transport, asyncio.TimerHandle] = {}

    def come(self, transport: asyncio.Transport) -> None:
        """Take one in, and end the oldest where there are too many."""
        loop = asyncio.get_running_loop()
        self._open[transport] = loop.call_later(LONGEST, transport.abort)
        if len(self._open) > self._most:
            oldest = next(iter(self._open))
            self.go(oldest)
            oldest.abort()

    def go(self, transport: asyncio.Transport) -> None:
        """Forget one."""
        if (end := self._open.pop(transport, None)) is not None:
            end.cancel()


def protocol(clients: Clients) -> type[asyncio.Protocol]:
    """The protocol of uvicorn's for connections that are kept like this."""

    class Connection(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            clients.come(transport)
            super().connection_made(transport)

        def connection_lost(self, exc: Exception | None) -> None:
            clients.go(self.transport)
            super().connection_lost(exc)

        def send_400_response(self, msg: str) -> None:
            """Answer what is no HTTP: uvicorn does it in plain text."""
            if self.conn.our_state not in {h11.IDLE, h11.SEND_RESPONSE}:
                self.transport.abort()
                return
            body = error_body("bad-request", msg)
            head = {
                "content-type": "application/json",
                "content-length": str(len(body)),
                "connection": "close",
            }
            events: tuple[Any, ...] = (
                h11.Response(status_code=400, headers=list(head.items()), reason="Bad Request"),
                h11.Data(data=body),
                h11.EndOfMessage(),
            )
            for event in events:
                self.transport.write(self.conn.send(event) or b"")
            self.transport.close()

    return Connection


def error_body(error: str, message: str) -> bytes:
    """What every answer says that is about a mistake."""
    return json.dumps({"error": error, "message": message}).encode() + b"\n"
