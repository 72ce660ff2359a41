"""A generated worker whose queue a real RabbitMQ keeps."""

import os
import sys
from pathlib import Path

from copier import run_copy

from scaffold.process import run
from scaffold.render.source import shipped_blueprints
from tests.areas import need

TESTS = ("clean_up", "rabbit_queue", "tracing")


def test_the_queue_of_a_worker(tmp_path: Path) -> None:
    """Its own tests say what holds: they find a server, and none of them is skipped."""
    need("rabbitmq-server")
    answers = {"service": "payments", "repo": "app", "queue": "rabbitmq", "tracing": True}
    source = str(shipped_blueprints() / "worker")
    run_copy(source, tmp_path, data=answers, defaults=True, quiet=True)
    own = {name: value for name, value in os.environ.items() if name != "TEST_AMQP_URL"}

    options = ["-q", "-p", "no:randomly", "-n", "0"]
    files = [f"tests/test_{name}.py" for name in TESTS]
    done = run(
        [sys.executable, "-m", "pytest", *options, *files],
        cwd=tmp_path,
        env={**own, "CI": "true", "PYTHONPATH": "src"},
        timeout=300,
    )

    assert (0, "14 passed") == (done.status, done.text.splitlines()[-1][:9]), done.text
