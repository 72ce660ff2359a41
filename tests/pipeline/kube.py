"""A real API server on loopback: etcd and kube-apiserver, with no kubelet and no controllers.

`tests/engine/cluster.py` puts those beside it.
"""

import json
import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from scaffold.process import find_program, run
from tests.pipeline.issuer import Issuer, running_issuer

PROGRAMS = ("etcd", "kube-apiserver", "kubectl")
# Who may do what; the server lives no longer than the tests.
USERS = {"test": "system:masters", "nobody": "system:authenticated"}
# No controller makes the account that the first asks for, or takes off what the second puts on a
# claim.
WITHOUT_CONTROLLERS = ("ServiceAccount", "StorageObjectInUseProtection")
# What etcd makes by itself, with which the API server signs, too.
SIGNING_KEY = "data/fixtures/peer/key.pem"
_START = 300.0
_TRUST = "authentication.yaml"


class Kube:
    """What tests do to the cluster by themselves, apart from the code under test."""

    def __init__(self, kubeconfig: Path, url: str, issuer: Issuer) -> None:
        self.kubeconfig = kubeconfig
        self.url = url
        self.issuer = issuer
        """What makes tokens that the server takes."""

    @property
    def ca(self) -> str:
        """The certificates by which a client knows the server."""
        return (self.kubeconfig.parent / "certs/apiserver.crt").read_text(encoding="utf-8")

    def kubectl(self, *arguments: str, stdin: str = "") -> str:
        """Run kubectl, which must not fail."""
        program = find_program("kubectl")
        assert program
        environment = {**os.environ, "KUBECONFIG": str(self.kubeconfig)}
        done = run([program, *arguments], env=environment, stdin=stdin.encode(), timeout=600)
        assert done.status == 0, done.last_lines
        return done.text

    def wait_for_kinds(self, *names: str) -> None:
        """Wait until the server serves custom kinds, named as their definitions are.

        `kubectl wait` fails for a definition that has no conditions yet, in its first moment.
        """
        end = time.monotonic() + _START
        while not all(map(self._is_established, names)):
            assert time.monotonic() < end, names
            time.sleep(0.1)

    def _is_established(self, name: str) -> bool:
        definition = self.get("crd", name) or {}
        conditions = definition.get("status", {}).get("conditions") or ()
        return ("Established", "True") in {(one["type"], one["status"]) for one in conditions}

    def get(self, kind: str, name: str, namespace: str = "") -> dict[str, Any] | None:
        """One object as it is, or None."""
        place = [f"--namespace={namespace}"] if namespace else []
        found = self.kubectl("get", kind, name, *place, "--ignore-not-found", "--output=json")
        return json.loads(found) if found else None

    def names(self, kind: str, namespace: str) -> set[str]:
        """The names of all objects of a kind in a namespace."""
        found = self.kubectl("get", kind, f"--namespace={namespace}", "--output=name")
        return {line.partition("/")[2] for line in found.split()}

    def create(self, text: str) -> None:
        """Create objects as somebody other than scaffold would."""
        self.kubectl("create", "--filename=-", stdin=text)

    def finalize(self, namespace: str) -> None:
        """End a namespace that is being deleted, as the controller does that is not here."""
        found = self.get("namespace", namespace)
        assert found is not None
        found["spec"]["finalizers"] = []
        path = f"/api/v1/namespaces/{namespace}/finalize"
        self.kubectl("replace", "--raw", path, "--filename=-", stdin=json.dumps(found))


@contextmanager
def running_kube(
    folder: Path, *, disabled: tuple[str, ...] = WITHOUT_CONTROLLERS
) -> Iterator[Kube]:
    """Start etcd and the API server in `folder`, and stop them at the end.

    `disabled` are admission plugins.
    """
    etcd, peer, secure, tokens = free_ports(4)
    with ExitStack() as stack:
        issuer = stack.enter_context(running_issuer(folder, tokens))
        (folder / _TRUST).write_text(issuer.trust, encoding="utf-8")
        stack.enter_context(
            process(
                folder,
                "etcd",
                f"--data-dir={folder}/data",
                f"--listen-client-urls=http://127.0.0.1:{etcd}",
                f"--advertise-client-urls=http://127.0.0.1:{etcd}",
                f"--listen-peer-urls=https://127.0.0.1:{peer}",
                "--peer-auto-tls",
                "--unsafe-no-fsync",
            )
        )
        wait_for(folder, "etcd", (folder / SIGNING_KEY).is_file)
        stack.enter_context(_api_server(folder, etcd, secure, disabled))
        kube = Kube(_write_kubeconfig(folder, secure), f"https://127.0.0.1:{secure}", issuer)
        wait_for(folder, "kube-apiserver", lambda: _is_ready(kube))
        yield kube


@contextmanager
def _api_server(folder: Path, etcd: int, secure: int, disabled: tuple[str, ...]) -> Iterator[None]:
    key = folder / SIGNING_KEY
    tokens = folder / "tokens.csv"
    lines = [f'token-{name},{name},{name},"{group}"\n' for name, group in USERS.items()]
    tokens.write_text("".join(lines), encoding="utf-8")
    with process(
        folder,
        "kube-apiserver",
        f"--etcd-servers=http://127.0.0.1:{etcd}",
        f"--secure-port={secure}",
        "--bind-address=127.0.0.1",
        f"--cert-dir={folder}/certs",
        f"--token-auth-file={tokens}",
        f"--authentication-config={folder / _TRUST}",
        "--authorization-mode=RBAC",
        "--service-cluster-ip-range=10.96.0.0/16",
        "--service-account-issuer=https://kube.test",
        f"--service-account-key-file={key}",
        f"--service-account-signing-key-file={key}",
        f"--disable-admission-plugins={','.join(disabled)}",
    ):
        yield


@contextmanager
def process(
    folder: Path, name: str, *arguments: str, env: Mapping[str, str] | None = None
) -> Iterator[None]:
    """Let a program run, whose log is in `folder`, and stop it at the end."""
    program = find_program(name)
    assert program
    environment = {**os.environ, **(env or {})}
    with (folder / f"{name}.log").open("wb") as log:
        started = subprocess.Popen(
            [program, *arguments], stdout=log, stderr=log, cwd=folder, env=environment
        )
        try:
            yield
        finally:
            started.terminate()
            try:
                started.wait(20)
            except subprocess.TimeoutExpired:
                started.kill()
                started.wait()


def _write_kubeconfig(folder: Path, port: int) -> Path:
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": "test",
                "cluster": {
                    "server": f"https://127.0.0.1:{port}",
                    "insecure-skip-tls-verify": True,
                },
            }
        ],
        "users": [{"name": name, "user": {"token": f"token-{name}"}} for name in USERS],
        "contexts": [
            {"name": name, "context": {"cluster": "test", "user": name}} for name in USERS
        ],
        "current-context": "test",
    }
    file = folder / "kubeconfig"
    file.write_text(json.dumps(config), encoding="utf-8")
    return file


def _is_ready(kube: Kube) -> bool:
    try:
        return kube.kubectl("get", "--raw", "/readyz") == "ok"
    except AssertionError:
        return False


def wait_for(folder: Path, name: str, ready: Callable[[], bool]) -> None:
    """Wait until a program is ready. Raises AssertionError, with the end of its log."""
    deadline = time.monotonic() + _START
    while not ready():
        if time.monotonic() > deadline:
            log = (folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")
            raise AssertionError(f"{name} did not start:\n{log[-3000:]}")
        time.sleep(0.2)


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [int(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return ports
