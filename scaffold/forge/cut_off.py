"""Connections that are shut where an answer takes too long as a whole.

The time-outs of requests are for each read: a server that sends a byte now and then would hold a
call for ever, in the headers of its answer or in the body.
"""

import os
import socket
import threading
from contextlib import suppress
from contextvars import ContextVar
from types import TracebackType
from typing import Any, Self

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection


class CutOff:
    """Shuts the connection that this thread waits on after some seconds.

    `happened` tells whether it did; what was read until then is not the whole answer.
    """

    def __init__(self, seconds: float) -> None:
        self.happened = False
        self._timer = threading.Timer(seconds, self._shut)
        self._timer.daemon = True
        self._lock = threading.Lock()
        self._waits_on: Any = None

    def __enter__(self) -> Self:
        self._outer = _cut_off.set(self)
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._timer.cancel()
        _cut_off.reset(self._outer)
        with self._lock:
            self._waits_on = None

    def waits_on(self, connection: Any) -> None:
        """Say which socket it is, plain or TLS."""
        with self._lock:
            self._waits_on = connection
        if self.happened:
            self._shut()

    def _shut(self) -> None:
        self.happened = True
        with self._lock, suppress(OSError):
            if self._waits_on is not None:
                # A copy, so that no layer of TLS is changed under the thread that reads from it.
                with socket.socket(fileno=os.dup(self._waits_on.fileno())) as copy:
                    copy.shutdown(socket.SHUT_RDWR)


_cut_off: ContextVar[CutOff | None] = ContextVar("cut_off", default=None)


def let_cut_off(manager: PoolManager) -> None:
    """Have all connections of a pool manager tell CutOff of their sockets."""
    manager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}


def _waits_on(connection: Any) -> None:
    if (watch := _cut_off.get()) is not None:
        watch.waits_on(connection)


class _Http(HTTPConnection):
    def getresponse(self) -> Any:
        _waits_on(self.sock)
        return super().getresponse()


class _Https(HTTPSConnection):
    def getresponse(self) -> Any:
        _waits_on(self.sock)
        return super().getresponse()


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https
