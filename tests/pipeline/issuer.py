"""What makes tokens for jobs, as forges do by OpenID Connect, on loopback; and a cluster trusts it.

https://docs.gitlab.com/ci/secrets/id_token_authentication/ and
https://docs.github.com/en/actions/reference/security/oidc have the claims.
"""

import base64
import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from scaffold.process import run
from tests.gitea import make_certificates
from tests.tokens import noted

AUDIENCE = "https://cluster.example.com"
BEARER = "asks-for-a-job"
_KEYS = "/keys"
# As docs/how-to/log-in-without-a-kubeconfig.md has it, with this issuer.
TRUST = """\
apiVersion: apiserver.config.k8s.io/v1beta1
kind: AuthenticationConfiguration
jwt:
- issuer:
    url: {url}
    audiences: [{audience}]
    certificateAuthority: |
{ca}
  claimValidationRules:
  - expression: claims.ref_protected == 'true'
    message: the job is not of a protected branch
  claimMappings:
    username:
      expression: "'ci:' + claims.project_path + ':' + claims.environment"
    groups:
      expression: "['ci:' + claims.namespace_path + ':' + claims.environment]"
"""


class Issuer:
    """A server with a key, whose tokens are good for a few minutes."""

    def __init__(self, folder: Path, port: int) -> None:
        self.url = f"https://localhost:{port}"
        self.folder = folder
        self.asked: list[str] = []  # for which audiences
        make_certificates(folder)
        _openssl(folder, "genrsa", "-out", "issuer.key", "2048")
        modulus = _openssl(folder, "rsa", "-in", "issuer.key", "-noout", "-modulus").strip()
        number = bytes.fromhex(modulus.decode().partition("=")[2])
        self._key = {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "1", "e": "AQAB"}
        self._key["n"] = _encoded(number)

    @property
    def trust(self) -> str:
        """The API server's file by which it trusts this one."""
        ca = "\n".join(f"      {one}" for one in (self.folder / "ca.pem").read_text().splitlines())
        return TRUST.format(url=self.url, audience=AUDIENCE, ca=ca)

    def token(self, audience: str = AUDIENCE, **claims: str) -> str:
        """What a job in the environment `dev` of the repo `acme/shop-env` gets, on main."""
        now = int(time.time())
        told = {
            "iss": self.url,
            "aud": audience,
            "sub": "a job",
            "iat": now,
            "exp": now + 300,
            "project_path": "acme/shop-env",
            "namespace_path": "acme",
            "environment": "dev",
            "ref_protected": "true",
            **claims,
        }
        parts = [{"alg": "RS256", "kid": "1"}, told]
        text = ".".join(_encoded(json.dumps(one).encode()) for one in parts)
        (self.folder / "text").write_text(text)
        signature = _openssl(self.folder, "dgst", "-sha256", "-sign", "issuer.key", "text")
        return noted(f"{text}.{_encoded(signature)}")

    def answer(self, path: str, bearer: str) -> Any:
        """What is answered at a path; None where nothing is."""
        parts = urlsplit(path)
        if parts.path == "/.well-known/openid-configuration":
            return {"issuer": self.url, "jwks_uri": f"{self.url}{_KEYS}"}
        if parts.path == _KEYS:
            return {"keys": [self._key]}
        if bearer != f"Bearer {BEARER}":
            return None
        (audience,) = parse_qs(parts.query)["audience"]
        self.asked.append(audience)
        return {"value": self.token(audience)}


@contextmanager
def running_issuer(folder: Path, port: int) -> Iterator[Issuer]:
    """Start one, whose certificates are in `folder`."""
    issuer = Issuer(folder, port)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = issuer.answer(self.path, self.headers.get("Authorization", ""))
            data = json.dumps(found).encode()
            self.send_response(401 if found is None else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _openssl(folder: Path, *arguments: str) -> bytes:
    done = run(["openssl", *arguments], cwd=folder)
    assert done.status == 0, done.last_lines
    return done.stdout
