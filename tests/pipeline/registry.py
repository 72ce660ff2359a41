"""A container registry in memory, as much of the OCI distribution API as a push needs."""

import base64
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_BLOB = re.compile(r"/v2/(?P<name>.+)/blobs/(?P<digest>sha256:[0-9a-f]+)")
_MANIFEST = re.compile(r"/v2/(?P<name>.+)/manifests/(?P<tag>[^/]+)")
_OCI = "application/vnd.oci.image"


class Registry(ThreadingHTTPServer):
    """What was pushed: blobs by digest, manifests by `name:tag` and by digest.

    With a `login`, as `user:password`, it lets nobody else in.
    """

    def __init__(self, login: str = "") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.login = login
        self.blobs: dict[str, bytes] = {}
        self.manifests: dict[str, tuple[str, bytes]] = {}

    @property
    def address(self) -> str:
        """`host:port`, as an image's name begins."""
        return f"127.0.0.1:{self.server_port}"

    def add_image(self, name: str, tag: str) -> str:
        """Have an image without layers, as if it had been pushed; its digest."""
        config = json.dumps(
            {"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []}}
        ).encode()
        self.blobs[_digest(config)] = config
        about = {"mediaType": f"{_OCI}.config.v1+json", "digest": _digest(config)}
        manifest = json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": f"{_OCI}.manifest.v1+json",
                "config": {**about, "size": len(config)},
                "layers": [],
            }
        ).encode()
        self.manifests[f"{name}:{tag}"] = (f"{_OCI}.manifest.v1+json", manifest)
        return _digest(manifest)

    def digest(self, name: str, tag: str) -> str:
        """The digest of what lies under a tag."""
        return _digest(self.manifests[f"{name}:{tag}"][1])


@contextmanager
def running_registry(login: str = "") -> Iterator[Registry]:
    """Serve one until the end."""
    with Registry(login) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Registry

    def parse_request(self) -> bool:
        """Whether a request is gone on with: not one of somebody who has not logged in."""
        if not super().parse_request():
            return False
        expected = f"Basic {base64.b64encode(self.server.login.encode()).decode()}"
        if not self.server.login or self.headers.get("Authorization") == expected:
            return True
        self._answer(401, {"WWW-Authenticate": 'Basic realm="a registry"'})
        return False

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        if self.path == "/v2/":
            self._answer(200)
        elif found := _BLOB.fullmatch(self.path):
            self._answer_with("application/octet-stream", self.server.blobs.get(found["digest"]))
        elif found := _MANIFEST.fullmatch(self.path):
            stored = self.server.manifests.get(f"{found['name']}:{found['tag']}")
            self._answer_with(*stored) if stored else self._answer(404)
        else:
            self._answer(404)

    def do_POST(self) -> None:
        self._answer(202, {"Location": f"{self.path}one", "Docker-Upload-UUID": "one"})

    def do_PATCH(self) -> None:
        body = self._body()
        self.server.blobs[_digest(body)] = body
        extent = {"Range": f"0-{len(body) - 1}", "Docker-Upload-UUID": "one"}
        self._answer(202, {"Location": self.path, **extent})

    def do_PUT(self) -> None:
        body = self._body()
        if found := _MANIFEST.fullmatch(self.path):
            stored = (self.headers["Content-Type"], body)
            for tag in (found["tag"], _digest(body)):
                self.server.manifests[f"{found['name']}:{tag}"] = stored
        elif body:
            self.server.blobs[_digest(body)] = body
        self._answer(201, {"Docker-Content-Digest": _digest(body)})

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        """Say nothing."""

    def _answer_with(self, kind: str, body: bytes | None) -> None:
        if body is None:
            self._answer(404)
        else:
            headers = {"Content-Type": kind, "Docker-Content-Digest": _digest(body)}
            self._answer(200, headers, body)

    def _answer(
        self, status: int, headers: dict[str, str] | None = None, body: bytes = b""
    ) -> None:
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", "0")))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body


def _digest(body: bytes) -> str:
    return f"sha256:{hashlib.sha256(body).hexdigest()}"
