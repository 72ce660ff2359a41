"""One GET over a Unix socket, with a limit for the whole answer, however slowly it drips."""

import http.client
import socket
import threading
from collections.abc import Mapping
from pathlib import Path

from scaffold.pipeline.asking.expected import Answer

_MOST = 1024 * 1024  # bytes of an answer that are looked at
_CUT = "the answer broke off after {} bytes"


class _Connection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost")
        self._path = path

    def connect(self) -> None:
        """Connect to the socket. Raises OSError."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(str(self._path))


def get(place: Path, path: str, headers: Mapping[str, str], limit: float) -> Answer:
    """GET `path` from whoever listens on the socket `place`; no redirect is followed."""
    connection = _Connection(place)
    late = threading.Event()

    def hang_up() -> None:
        late.set()
        if connection.sock is not None:
            connection.sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(limit, hang_up)
    try:
        connection.connect()
        timer.start()
        connection.request("GET", path, headers=dict(headers))
        reply = connection.getresponse()
        body = reply.read(_MOST)
        # `read` with a limit does not tell that less came than was announced.
        cut = bool(reply.length) and len(body) < _MOST
        answer = Answer(reply.status, body, _CUT.format(len(body)) if cut else "")
    except (OSError, http.client.HTTPException) as error:
        answer = Answer(trouble=f"no answer came: {error or type(error).__name__}")
    finally:
        timer.cancel()
        connection.close()
    return Answer(trouble=f"no whole answer came within {limit:.1f} s") if late.is_set() else answer
