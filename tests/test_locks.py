"""Locks among processes: held while their holders live, and not a moment longer."""

import os
import subprocess
import sys
from pathlib import Path

from scaffold.locks import take

HOLD = """
import sys
from pathlib import Path
from scaffold.locks import take
assert take(Path(sys.argv[1])) is not None
print("held", flush=True)
input()
"""


def test_it_keeps_a_second_one_out(tmp_path: Path) -> None:
    """Until the first one lets it go; other files are other locks."""
    file = tmp_path / "shop.lock"
    descriptor = take(file)
    assert descriptor is not None
    assert take(file) is None
    assert take(tmp_path / "other.lock") is not None

    os.close(descriptor)

    assert take(file) is not None


def test_a_killed_holder_lets_it_go(tmp_path: Path) -> None:
    """Nobody has to clean up."""
    file = tmp_path / "shop.lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(file)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout
        assert "held\n" == process.stdout.readline()
        assert take(file) is None
        process.kill()

    assert take(file) is not None


def test_what_its_holder_removed_is_no_lock(tmp_path: Path) -> None:
    """A file that came in the place of the one that was waited for is locked instead of it."""
    file = tmp_path / "shop.lock"
    first = take(file)
    file.unlink()
    second = take(file)

    assert None not in (first, second)
    assert take(file) is None
