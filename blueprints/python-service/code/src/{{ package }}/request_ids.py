"""An id for each request: in its answer, and in each line that is logged meanwhile."""

import re
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .logs import context

HEADER = "X-Request-Id"
# Anybody may send one, and it gets into logs and to other services: short, and of nothing else.
SANE = re.compile(r"[A-Za-z0-9._-]{1,64}")


class RequestIds:
    """Takes the id that the request has, or makes one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        request_id = given if SANE.fullmatch(given) else uuid4().hex

        async def identify(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        # Not taken back: each request has a context of its own, in which the server logs a crash
        # after this has ended.
        context.set({"request_id": request_id})
        await self.app(scope, receive, identify)
