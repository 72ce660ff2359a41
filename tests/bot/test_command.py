"""`scaffold bot serve` as it is typed: what it needs before it can serve."""

import os
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.bot.process import serving
from tests.cli.test_chain import make_platform
from tests.service.run import scaffold

NEEDED = {"SCAFFOLD_WEBHOOK_SECRET": "s3cret"}


def test_without_a_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anybody could have it look at things."""
    monkeypatch.delenv("SCAFFOLD_WEBHOOK_SECRET", raising=False)
    done = scaffold("bot", "serve", cwd=tmp_path)

    assert (2, "Set SCAFFOLD_WEBHOOK_SECRET.") == (done.returncode, done.stderr.split("\n")[1][2:])


def test_without_the_packages_that_it_needs(tmp_path: Path) -> None:
    """Whoever has installed scaffold alone is told the extra."""
    make_platform(tmp_path)
    program = (
        "import sys; sys.modules['uvicorn'] = None\n"
        "from scaffold.cli.main import main; main()"
    )  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", program, "bot", "serve"], cwd=tmp_path, env={**os.environ, **NEEDED},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip

    assert (1, 'Run: pip install "scaffold-blueprints[bot]"') == (
        done.returncode,
        done.stderr.splitlines()[-1].strip(),
    )
    assert "error [tool-missing]: the Python package `uvicorn` is not installed" in done.stderr


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_a_port_that_is_none(tmp_path: Path, port: str) -> None:
    """It is wrong use."""
    assert 2 == scaffold("bot", "serve", "--port", port, cwd=tmp_path, env=NEEDED).returncode


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    """It is told which, and what to do."""
    make_platform(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = scaffold("bot", "serve", "--port", str(port), cwd=tmp_path, env=NEEDED)

    assert (1, True) == (done.returncode, f"127.0.0.1:{port}: can't listen there" in done.stderr)


def test_pages_on_a_port_of_their_own(tmp_path: Path) -> None:
    """All services are there once the first pass is over, and not where webhooks come in."""
    make_platform(tmp_path)
    with serving(tmp_path, "--pages-port", "0") as bot:
        (pages,) = (one["pages_port"] for one in bot.lines() if one["message"] == "listening")
        with urllib.request.urlopen(f"http://127.0.0.1:{pages}/", timeout=30) as told:
            page = told.read().decode()

        assert ("services/cart.html" in page, "services/shop.html" in page) == (True, True)
        assert 404 == bot.get("/index.html")[0]
