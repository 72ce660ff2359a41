"""A generated service with a database runs its migrations on a real PostgreSQL."""

import os
import sys
from pathlib import Path

from copier import run_copy

from scaffold.process import run
from scaffold.render.source import shipped_blueprints
from tests.areas import need


def test_the_migrations_of_a_python_service(tmp_path: Path) -> None:
    """Its own tests say what holds: they find a server, and none of them is skipped."""
    need("pg_ctlcluster")
    answers = {"service": "payments", "repo": "code", "database": True}
    blueprint = shipped_blueprints() / "python-service"
    run_copy(str(blueprint), tmp_path, data=answers, defaults=True, quiet=True)

    private = tmp_path / "private"  # as `scaffold pipeline test` has one
    private.mkdir(mode=0o700)

    options = ["-q", "-p", "no:randomly", "-n", "0"]
    done = run(
        [sys.executable, "-m", "pytest", *options, "tests/test_database.py"],
        cwd=tmp_path,
        env={**os.environ, "CI": "true", "PYTHONPATH": "src", "TMPDIR": str(private)},
        timeout=300,
    )

    assert (0, "6 passed") == (done.status, done.text.splitlines()[-1][:8]), done.text
