"""A generated service with a database runs its migrations and queries on a real PostgreSQL."""

import json
import os
import sys
from pathlib import Path

from copier import run_copy

from scaffold.process import run
from scaffold.render.source import shipped_blueprints
from tests.areas import need
from tests.render.installed import as_installed


def code_of(blueprint: str, folder: Path) -> None:
    """Write the code of a service with a database, with a private folder for temporary files."""
    answers = {"service": "payments", "repo": "code", "database": True, "tracing": True}
    run_copy(str(shipped_blueprints() / blueprint), folder, data=answers, defaults=True, quiet=True)
    (folder / "private").mkdir(mode=0o700)  # as `scaffold pipeline test` has one


def environment(folder: Path, **more: str) -> dict[str, str]:
    """That of a job, in which no test is skipped, without a server that somebody started."""
    own = {name: value for name, value in os.environ.items() if name != "TEST_DATABASE_URL"}
    return {**own, "CI": "true", "TMPDIR": str(folder / "private"), **more}


def test_the_migrations_of_a_python_service(tmp_path: Path) -> None:
    """Its own tests say what holds: they find a server, and none of them is skipped."""
    need("pg_ctlcluster")
    code_of("python-service", tmp_path)
    as_installed(tmp_path)

    options = ["-q", "-p", "no:randomly", "-n", "0"]
    done = run(
        [
            sys.executable,
            "-m",
            "pytest",
            *options,
            "tests/test_database.py",
            "tests/test_tracing.py",
        ],
        cwd=tmp_path,
        env=environment(tmp_path, PYTHONPATH="src"),
        timeout=300,
    )

    assert (0, "11 passed") == (done.status, done.text.splitlines()[-1][:9]), done.text


def test_the_migrations_of_a_go_service(tmp_path: Path) -> None:
    """The same in Go; and the process starts, not ready, where no database answers."""
    need("go", "pg_ctlcluster")
    code_of("go-service", tmp_path)

    done = run(
        ["go", "test", "-count=1", "-json", "./..."],
        cwd=tmp_path,
        env=environment(tmp_path),
        timeout=600,
    )

    events = [json.loads(line) for line in done.text.splitlines() if line.startswith("{")]
    ended = {one["Test"]: one["Action"] for one in events if "Test" in one}
    assert 0 == done.status, done.last_lines
    assert {"pass"} == {*ended.values()}
    assert {"TestOnePodAtATimeMigrates", "TestTheDatabaseAnswers"} <= ended.keys()
