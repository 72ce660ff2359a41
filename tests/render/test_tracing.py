"""A generated service with tracing, run for real, sends its spans to a collector."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import requests
from copier import run_copy
from fakeredis import TcpFakeServer
from redis import Redis

from scaffold.process import run
from scaffold.render.source import shipped_blueprints
from tests.areas import need
from tests.pipeline.kube import free_ports
from tests.render.collector import Collector, Span, collecting
from tests.render.installed import as_installed

TRACE, CALLER = 32 * "a", 16 * "b"
HEADERS = {"traceparent": f"00-{TRACE}-{CALLER}-01", "X-Request-Id": "a-1"}


def rendered(folder: Path, blueprint: str, repo: str) -> Path:
    """The code of a service that is traced."""
    answers = {"service": "payments", "repo": repo, "tracing": True}
    run_copy(str(shipped_blueprints() / blueprint), folder, data=answers, defaults=True, quiet=True)
    return folder


@contextmanager
def running(
    command: Sequence[str], folder: Path, collector: Collector, **more: str
) -> Iterator[list[dict[str, Any]]]:
    """Run it as in a pod; what it logged is there once it has ended."""
    pod = {
        "HOST": "127.0.0.1",
        "DRAIN_SECONDS": "0",
        "OTEL_SERVICE_NAME": "payments",
        "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=dev,k8s.pod.name=payments-1",
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "OTEL_TRACES_SAMPLER": "parentbased_traceidratio",
        "OTEL_TRACES_SAMPLER_ARG": "0",
        "SERVICE_VERSION": "1a2b",
    }
    log: list[dict[str, Any]] = []
    process = subprocess.Popen(
        command, cwd=folder, env={**os.environ, **pod, **more}, stdout=subprocess.PIPE, text=True
    )
    try:
        yield log
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=30)
        assert process.returncode == 0
        log += [json.loads(line) for line in output.splitlines()]
    finally:
        process.kill()
        process.wait()


def ask(port: int, path: str, headers: Mapping[str, str]) -> requests.Response:
    """The answer, once there is one."""
    deadline = time.monotonic() + 30
    while True:
        try:
            return requests.get(f"http://127.0.0.1:{port}{path}", headers=headers, timeout=10)
        except requests.ConnectionError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def check_request(command: Sequence[str], folder: Path, **more: str) -> None:
    """A traced caller's request is a span of its trace; another's, by the ratio 0, is not sent."""
    port, operations = free_ports(2)
    ports = {"PORT": str(port), "OPERATIONS_PORT": str(operations)}
    with collecting() as collector:
        with running(command, folder, collector, **ports, **more) as log:
            assert ask(port, "/readyz", {}).status_code == 200
            assert ask(port, "/", {}).headers["X-Request-Id"]
            assert ask(port, "/", HEADERS).headers["X-Request-Id"] == "a-1"
        [span] = collector.spans
    check_span(span, "GET /")
    [line] = [one for one in log if one.get("request_id") == "a-1"]
    assert (TRACE, span.span_id) == (line["trace_id"], line["span_id"])


def check_span(span: Span, name: str) -> None:
    """Whose it is, and of which process."""
    assert (name, TRACE, CALLER) == (span.name, span.trace_id, span.parent)
    expected = {
        "service.name": "payments",
        "service.version": "1a2b",
        "deployment.environment.name": "dev",
        "k8s.pod.name": "payments-1",
    }
    assert expected.items() <= span.process.items()


def test_a_python_service(tmp_path: Path) -> None:
    """By uvicorn, as its image starts it."""
    folder = rendered(tmp_path, "python-service", "code")
    as_installed(folder)

    check_request([sys.executable, "-m", "payments_service"], folder, PYTHONPATH="src")


def test_a_go_service(tmp_path: Path) -> None:
    """The program that its image has."""
    need("go")
    folder = rendered(tmp_path, "go-service", "code")
    done = run(["go", "build", "-o", "program", "."], cwd=folder, env={**os.environ}, timeout=600)
    assert 0 == done.status, done.last_lines

    check_request([str(folder / "program")], folder)


def test_a_worker(tmp_path: Path) -> None:
    """A message carries the trace of its producer. Redis is one in memory, behind real sockets."""
    folder = rendered(tmp_path, "worker", "app")
    with collecting() as collector, redis_in_memory() as port:
        pod = {
            "REDIS_URL": f"redis://127.0.0.1:{port}/0",
            "PORT": "0",
            "PYTHONPATH": "src",
            "WAIT_SECONDS": "0.2",
        }
        command = [sys.executable, "-m", "payments_worker", "consume"]
        client = Redis(host="127.0.0.1", port=port, protocol=2)
        client.xadd("payments", {"body": "{}"})
        client.xadd("payments", {"body": "{}", "traceparent": HEADERS["traceparent"]})
        with running(command, folder, collector, **pod) as log:
            deadline = time.monotonic() + 30
            while client.xlen("payments"):
                assert time.monotonic() < deadline
                time.sleep(0.05)
        [span] = collector.spans
    check_span(span, "process payments")
    said = [one["message"] for one in log if one.get("trace_id") == TRACE]
    assert ["handled", "message"] == said


@contextmanager
def redis_in_memory() -> Iterator[int]:
    """The port of a server that keeps what the worker's streams hold."""
    with TcpFakeServer(("127.0.0.1", 0)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()
