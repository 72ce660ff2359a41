"""Outside programs have a limit, and none of what they started is left behind at their end."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from scaffold import process
from scaffold.deadline import within
from scaffold.errors import ProcessFailedError, TimeUpError, ToolMissingError
from scaffold.process import Silence, run, stream

# A shell that leaves the number of a program of its own in a file, which holds its pipes too.
FAMILY = "sleep 600 & echo $! >pid; wait"


def is_over(pid_file: Path) -> bool:
    """Whether the program of this number is gone, or is about to be."""
    status = Path(f"/proc/{int(pid_file.read_text())}/status")
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if not status.exists() or "\nState:\tZ" in status.read_text():
            return True
        time.sleep(0.01)
    return False


def test_what_a_program_leaves() -> None:
    """Its status, and what it said on both streams."""
    done = run(["sh", "-c", "cat; echo problem >&2; exit 3"], stdin=b"given")

    assert (3, b"given", b"problem\n") == (done.status, done.stdout, done.stderr)


def test_much_goes_in_and_comes_out() -> None:
    """More than the pipes hold, in both directions, while its silence is watched."""
    much = os.urandom(3_000_000)

    assert much == run(["cat"], stdin=much, silence=Silence(30, 30)).stdout


def test_a_program_that_is_not_there() -> None:
    """It is named."""
    with pytest.raises(ToolMissingError, match="can't start `no-such-program`"):
        run(["no-such-program"])


def test_a_program_that_sleeps(tmp_path: Path) -> None:
    """It is ended after its time, with all that it started."""
    with pytest.raises(ProcessFailedError, match=r"^`sh` did not end within 0\.5 s$"):
        run(["sh", "-c", FAMILY], cwd=tmp_path, timeout=0.5)

    assert is_over(tmp_path / "pid")


def test_a_program_that_people_watch(tmp_path: Path) -> None:
    """It has a limit as well."""
    with pytest.raises(ProcessFailedError, match="`sh` did not end within"):
        stream(["sh", "-c", FAMILY], cwd=tmp_path, env=os.environ, timeout=0.5)

    assert is_over(tmp_path / "pid")


def test_a_program_that_will_not_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked first, so that it can clean up, and then killed."""
    monkeypatch.setattr(process, "_GRACE", 0.5)
    stubborn = "trap 'touch asked' TERM; echo $$ >pid; while true; do sleep 0.1; done"

    with pytest.raises(ProcessFailedError, match="did not end within"):
        run(["sh", "-c", stubborn], cwd=tmp_path, timeout=0.5)

    assert (True, True) == ((tmp_path / "asked").exists(), is_over(tmp_path / "pid"))


def test_a_program_that_falls_silent() -> None:
    """It is ended long before its time is up."""
    with pytest.raises(ProcessFailedError, match=r"^`sh` said nothing for 0\.5 s$"):
        run(["sh", "-c", "echo begun; sleep 600"], timeout=600, silence=Silence(600, 0.5))


def test_a_program_that_never_says_anything() -> None:
    """It may have less time for its first words than for what comes after."""
    with pytest.raises(ProcessFailedError, match=r"^`sleep` said nothing for 0\.5 s$"):
        run(["sleep", "600"], timeout=600, silence=Silence(0.5, 600))


def test_a_program_that_goes_on_telling() -> None:
    """It has time, as long as something comes."""
    talk = "for i in 1 2 3 4 5 6 7 8; do echo $i >&2; sleep 0.5; done"

    assert 0 == run(["sh", "-c", talk], silence=Silence(3, 3)).status


def test_the_time_of_the_work_ends_a_program(tmp_path: Path) -> None:
    """However much the program may take by itself."""
    with (
        pytest.raises(TimeUpError, match=r"^sh: the time of the service `shop` is up: 0\.5 s"),
        within(0.5, "the service `shop`"),
    ):
        run(["sh", "-c", FAMILY], cwd=tmp_path)

    assert is_over(tmp_path / "pid")


def test_a_program_asks_nobody() -> None:
    """It has no terminal, so one that would wait for a person on it fails at once."""
    assert 0 != run(["sh", "-c", "read answer </dev/tty"]).status


def test_our_own_end_at_once(tmp_path: Path) -> None:
    """What is at work then can be killed, though it is no child of the terminal."""
    ours = (
        "import os, threading, time\n"
        "from pathlib import Path\n"
        "from scaffold import process\n"
        f"work = threading.Thread(target=process.run, args=(['sh', '-c', {FAMILY!r}],))\n"
        "work.daemon = True\n"
        "work.start()\n"
        "while not Path('pid').exists() or not Path('pid').read_text(): time.sleep(0.01)\n"
        "process.kill_all()\n"
        "os._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", ours], cwd=tmp_path, check=True, timeout=60)

    assert is_over(tmp_path / "pid")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_a_program_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    """It is heard once there is a program to end, and that is ended."""
    begin = process.Program

    def begun(*arguments: Any, **named: Any) -> Any:
        child = begin(*arguments, **named)
        while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
            time.sleep(0.01)
        os.kill(os.getpid(), number)
        time.sleep(0.1)
        return child

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(process, "Program", begun)
    before = signal.signal(number, interrupt)
    try:
        with pytest.raises(KeyboardInterrupt):
            run(["sh", "-c", FAMILY], cwd=tmp_path)
        assert interrupt == signal.getsignal(number)
    finally:
        signal.signal(number, before)

    assert is_over(tmp_path / "pid")


def test_ctrl_c_ends_what_is_at_work(tmp_path: Path) -> None:
    """Though the terminal tells only us of it."""
    ours = (
        "import signal\n"
        "from scaffold import process\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        f"process.run(['sh', '-c', {FAMILY!r}])\n"
    )
    running = subprocess.Popen([sys.executable, "-c", ours], cwd=tmp_path, stderr=subprocess.PIPE)
    file = tmp_path / "pid"
    until = time.monotonic() + 60
    while not file.exists() or not file.read_text():
        assert time.monotonic() < until
        time.sleep(0.01)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)

    assert (True, True) == (b"KeyboardInterrupt" in said, is_over(file))


def test_what_a_killed_process_had_at_work(tmp_path: Path) -> None:
    """Whoever knows its number can end that, if it had begun a session."""
    ours = (
        "from scaffold import process\n"
        "process.begin_session()\n"
        f"process.run(['sh', '-c', {FAMILY!r}])\n"
    )
    running = subprocess.Popen([sys.executable, "-c", ours], cwd=tmp_path)
    file = tmp_path / "pid"
    until = time.monotonic() + 60
    while not file.exists() or not file.read_text():
        assert time.monotonic() < until
        time.sleep(0.01)
    running.kill()
    running.wait()
    process.kill_session(running.pid)

    assert is_over(file)
