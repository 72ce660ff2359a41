"""Runs the program without loading its modules anew: forked of a process that has them."""

import atexit
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_LONGEST = 1 << 16  # bytes of a request that is surely taken in one piece
# What an interpreter or a library looks at as it is loaded: where it differs, nothing is forked.
_AT_START = (
    "FORCE_COLOR", "GITHUB_ACTIONS", "HOME", "LANG", "LC_", "PYTHON", "PY_COLORS", "SSL_CERT",
    "TERMINAL_WIDTH", "TZ", "XDG_CONFIG", "_TYPER",
)  # fmt: skip


@dataclass(frozen=True)
class _Server:
    """Where it listens, and what it found as it started."""

    address: str
    at_start: Mapping[str, str]


def run_forked(
    arguments: Sequence[str], cwd: Path, env: Mapping[str, str]
) -> subprocess.CompletedProcess[str] | None:
    """Run the program to its end; None where that takes an interpreter of its own."""
    server = _server()
    request = {"arguments": arguments, "cwd": str(cwd), "env": dict(env)}
    message = json.dumps(request).encode()
    if _at_start(env) != server.at_start or len(message) > _LONGEST:
        return None
    with (
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
        socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection,
    ):
        connection.connect(server.address)
        socket.send_fds(connection, [message], [out.fileno(), err.fileno()])
        status = int(connection.recv(64))
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(
            ["scaffold", *arguments], status, out.read().decode(), err.read().decode()
        )


def _at_start(env: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if name.startswith(_AT_START)}


@cache
def _server() -> _Server:
    """The server of this test worker; it ends with it."""
    folder = tempfile.TemporaryDirectory(prefix="fork-server-")
    address = f"{folder.name}/socket"
    script = Path(__file__).with_name("fork_server.py")
    process = subprocess.Popen(
        [sys.executable, "-P", str(script), address],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"

    def end() -> None:
        process.communicate()
        folder.cleanup()

    atexit.register(end)
    return _Server(address, _at_start(os.environ))
