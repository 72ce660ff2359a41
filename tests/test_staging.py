"""Folders for what is not whole yet: a killed run's are removed, a live one's are not."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from scaffold.staging import staging_folder
from tests.service.run import hear_signals

_HOLD = """\
import sys
from pathlib import Path
from scaffold.staging import staging_folder
with staging_folder(Path(sys.argv[1])) as folder:
    (folder / "half.git").mkdir()
    print(folder.name, flush=True)
    sys.stdin.read()
"""


def hold(root: Path) -> "subprocess.Popen[str]":
    """Another process that has a folder."""
    return subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        text=True, preexec_fn=hear_signals,
    )  # fmt: skip


def test_nothing_is_left(tmp_path: Path) -> None:
    """Neither of the folder nor of its lock."""
    with staging_folder(tmp_path) as folder:
        (folder / "a").write_text("a")

    assert [] == list(tmp_path.iterdir())


def test_what_a_killed_run_left_is_removed_by_the_next(tmp_path: Path) -> None:
    """And only that: one that is at work keeps its own, and what else lies there stays."""
    (tmp_path / "shop.lock").write_text("")
    with hold(tmp_path) as dead, hold(tmp_path) as alive:
        assert dead.stdout is not None
        assert alive.stdout is not None
        names = [one.stdout.readline().strip() for one in (dead, alive) if one.stdout]
        os.kill(dead.pid, signal.SIGKILL)
        dead.wait()
        assert (tmp_path / names[0] / "half.git").is_dir()

        with staging_folder(tmp_path):
            assert not (tmp_path / names[0]).exists()
            assert (tmp_path / names[1] / "half.git").is_dir()
        alive.communicate()

    assert [tmp_path / "shop.lock"] == list(tmp_path.iterdir())
