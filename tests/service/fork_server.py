"""A process that has loaded the program's modules, and forks itself for each run of the program.

Most of what a short command takes is the import of what it depends on, thousands of times in these
tests. `tests.service.forked` starts this and talks to it; it ends with its standard input.
"""

import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import sys

import scaffold
from scaffold.cli.main import main as run_program

_LONGEST = 1 << 17  # bytes of a request


def main(address: str) -> None:
    """Answer requests at a socket; in a process of its own, this is a run of the program."""
    for module in pkgutil.walk_packages(scaffold.__path__, "scaffold."):
        importlib.import_module(module.name)
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(address)
        listener.listen(64)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        connection = _accept(listener)
    if connection is not None:
        _run(connection)


def _accept(listener: socket.socket) -> socket.socket | None:
    """The connection of a request, in the process that has to answer it; nothing at the end."""
    while True:
        ready, _, _ = select.select([listener, sys.stdin], [], [])
        if sys.stdin in ready:
            return None
        connection, _ = listener.accept()
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            return connection
        connection.close()


def _run(connection: socket.socket) -> None:
    """Run the program in one more process, and tell its exit status."""
    message, files, _, _ = socket.recv_fds(connection, _LONGEST, 2)
    program = os.fork()
    if program:
        _, status = os.waitpid(program, 0)
        connection.send(str(os.waitstatus_to_exitcode(status)).encode())
        os._exit(0)
    connection.close()
    request = json.loads(message)
    for file, number in zip((os.open(os.devnull, os.O_RDONLY), *files), range(3), strict=True):
        os.dup2(file, number)
        os.close(file)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    sys.argv[1:] = request["arguments"]
    run_program()


if __name__ == "__main__":  # workers that the program starts load this file, too
    main(sys.argv[1])
