"""A server that takes each connection and says nothing, or what it is told to say, bit by bit."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Silent:
    """Its port; how many it took and how many of these went away; `says` is told byte by byte."""

    port: int = 0
    says: bytes = b""
    pause: float = 0.1  # seconds between two bytes
    taken: int = 0
    gone: int = 0
    tls: ssl.SSLContext | None = None
    changed: threading.Condition = field(default_factory=threading.Condition)

    def speak_tls(self, certificate: Path, key: Path) -> None:
        """Say it over TLS."""
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(certificate, key)

    def wait_until_all_are_gone(self) -> bool:
        """Whether every connection was ended by its client; false after half a minute."""
        with self.changed:
            return self.changed.wait_for(lambda: self.gone == self.taken, timeout=30)

    def wait_until_somebody_came(self) -> bool:
        """Whether there was a connection; false after half a minute."""
        with self.changed:
            return self.changed.wait_for(lambda: self.taken > 0, timeout=30)


@contextmanager
def silent_server() -> Iterator[Silent]:
    """Run one on loopback."""
    told, over, threads = Silent(), threading.Event(), []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        told.port = listener.getsockname()[1]

        def accept() -> None:
            while True:
                connection, _ = listener.accept()
                if over.is_set():
                    connection.close()
                    return
                with told.changed:
                    told.taken += 1
                    told.changed.notify_all()
                thread = threading.Thread(target=_serve, args=(told, connection, over))
                threads.append(thread)
                thread.start()

        threads.append(threading.Thread(target=accept))
        threads[0].start()
        try:
            yield told
        finally:
            over.set()
            socket.create_connection(("127.0.0.1", told.port)).close()
            for thread in threads:
                thread.join()


def _serve(told: Silent, connection: socket.socket, over: threading.Event) -> None:
    """Hear a client out until it goes."""
    left = told.says
    with (
        suppress(OSError),
        told.tls.wrap_socket(connection, server_side=True) if told.tls else connection as channel,
    ):
        channel.settimeout(told.pause)
        while not over.is_set():
            try:
                if not channel.recv(65536):
                    break
            except TimeoutError:
                channel.sendall(left[:1])
                left = left[1:]
    with told.changed:
        told.gone += 1
        told.changed.notify_all()
