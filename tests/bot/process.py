"""`scaffold bot serve` as a process of its own, on a platform with services that are small."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SECRET = "s3cret"  # noqa: S105 - of the tests alone
_START = 60.0  # seconds
# What a bot does at its end is waited for, so it is more patient than tests are, unless they say.
_PROGRAM = (
    "import sys, scaffold.bot.stopping as stopping\n"
    "from scaffold.cli.main import main\n"
    "stopping._PATIENCE = int(sys.argv.pop(1))\n"
    "main()\n"
)


@dataclass
class Running:
    """A bot, and what it logs."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def port(self) -> int:
        """Where it listens, 0 as long as it does not."""
        ports = [line["port"] for line in self.lines() if line["message"] == "listening"]
        return int(ports[0]) if ports else 0

    def get(self, path: str) -> tuple[int, str]:
        """Status and text of an answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as told:
                return told.status, told.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def lines(self) -> list[dict[str, Any]]:
        """What it logged until now."""
        text = self.log.read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines(keepends=True) if line[-1] == "\n"]

    def terminate(self) -> None:
        """Ask it to end."""
        self.process.send_signal(signal.SIGTERM)


@contextmanager
def running(
    root: Path, *words: str, patience: int = 600, files: int | None = None
) -> Iterator[Running]:
    """A bot beside the platform; `files` is how many it may have open. It is killed at the end."""
    log = root / f"bot-{len(list(root.glob('bot-*')))}.log"
    command = [sys.executable, "-c", _PROGRAM, str(patience), "bot", *words]

    def limit() -> None:
        if files is not None:
            resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))

    with log.open("wb") as out:
        told = {"SCAFFOLD_WEBHOOK_SECRET": SECRET, "XDG_CACHE_HOME": str(root / "cache")}
        process = subprocess.Popen(
            command, cwd=root, stdin=subprocess.DEVNULL, stdout=out, stderr=out, preexec_fn=limit,
            env={**os.environ, **told},
        )  # fmt: skip
    bot = Running(process, log)
    try:
        yield bot
    finally:
        process.kill()
        process.wait()


@contextmanager
def serving(root: Path, *words: str, **more: Any) -> Iterator[Running]:
    """A bot that serves, and has done its first pass."""
    command = ("serve", "--port", "0", "--interval", "3600", *words)
    with running(root, *command, **more) as bot:
        wait_for(lambda: _is_well(bot), bot)
        yield bot


def _is_well(bot: Running) -> bool:
    return bot.port != 0 and '"status":"ok"' in bot.get("/healthz")[1]


def wait_for(condition: Callable[[], bool], bot: Running) -> None:
    """Wait until it holds, while the bot lives."""
    end = time.monotonic() + _START
    while not condition():
        assert bot.process.poll() is None, bot.log.read_text(encoding="utf-8")
        assert time.monotonic() < end, bot.log.read_text(encoding="utf-8")
        time.sleep(0.02)
