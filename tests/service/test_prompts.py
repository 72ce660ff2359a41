"""The prompts, driven through a real pseudo-terminal."""

import sys
from pathlib import Path

import pexpect
import pytest

from tests.service.test_new_service import scaffold, service_repos


@pytest.mark.filterwarnings("ignore:.*forkpty:DeprecationWarning")
def test_control_c_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped while the owner is asked for, no repo is there, and the exit status says stopped."""
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Dev")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "dev@example.com")
    scaffold("init", "acme", "--defaults", cwd=tmp_path)
    terminal: pexpect.spawn[str] = pexpect.spawn(
        sys.executable, ["-m", "scaffold", "new", "service"],
        cwd=str(tmp_path / "acme"), timeout=30, encoding="utf-8", dimensions=(40, 120),
    )  # fmt: skip
    terminal.expect("What is the service called")
    terminal.sendline("payments")
    terminal.expect("payments-env")
    terminal.expect("Which team owns it")
    terminal.sendcontrol("c")
    terminal.expect("nothing was created")
    terminal.expect(pexpect.EOF)
    terminal.close()

    assert (130, []) == (terminal.exitstatus, service_repos(tmp_path / "acme"))
