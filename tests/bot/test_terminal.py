"""`scaffold bot run` as a person sees it, on a real pseudo-terminal."""

import re
import sys
from pathlib import Path

import pexpect
import pytest

from tests.cli.test_chain import make_platform_in_step
from tests.service.run import hear_signals

pytestmark = pytest.mark.filterwarnings("ignore:.*forkpty:DeprecationWarning")


def test_lines_for_a_person_and_each_thing_once(tmp_path: Path) -> None:
    """Each with the time of day; a pass with no news prints nothing."""
    world = make_platform_in_step(tmp_path)
    code = world.commit("code", {"app.py": "two\n"})
    terminal = pexpect.spawn(
        sys.executable, ["-m", "scaffold", "bot", "run", "--interval", "1"],
        cwd=str(tmp_path), timeout=120, encoding="utf-8", dimensions=(50, 200),
        preexec_fn=hear_signals,
    )  # fmt: skip
    terminal.expect_exact("Ctrl-C ends it.")
    terminal.expect(rf"\d\d:\d\d:\d\d  moved +shop docker  {code[:12]}")
    terminal.expect(r"moved +shop dev  ")
    later = world.commit("code", {"app.py": "three\n"})  # which comes some passes later
    terminal.expect(rf"moved +shop docker  {later[:12]}")
    said = terminal.before or ""
    terminal.sendcontrol("c")
    terminal.expect(pexpect.EOF)
    terminal.close(force=True)

    assert "{" not in said
    assert [] == re.findall(r"(moved +shop dev .*)[\s\S]*\1", said)
