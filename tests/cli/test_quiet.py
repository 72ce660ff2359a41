"""`--quiet` prints nothing but errors: a command that fails says why, on standard error."""

import shutil
from pathlib import Path

import pytest

import scaffold.cli
from tests.builders import write_files
from tests.service.run import scaffold as run
from tests.upgrade.fleet import SECOND, Fleet, make_fleet

COMMANDS = Path(scaffold.cli.__file__).parent


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    """A service of which one repo is in conflict with the next version, and one is gone."""
    fleet = make_fleet(tmp_path_factory.mktemp("quiet") / "acme", "payments")
    fleet.edit("payments-code", {"README.md": "# payments\n\nmine\ntwo\nthree\nfour\nfive\n"})
    fleet.release("v1.1.0", SECOND)
    shutil.rmtree(fleet.bare("payments-docker"))
    write_files(fleet.platform, {"services/orders.yml": "name: [\n"})
    write_files(fleet.root / "other", {"README.md": "# Other\n", ".scaffold.yml": "x: 1\n"})
    return fleet


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("upgrade --all --dry-run", "payments-code: would-conflict"),
        ("upgrade --all --dry-run", "  conflict  README.md: "),
        ("upgrade --all --dry-run", "payments-docker: [forge-failed] "),
        ("status", "payments: "),
        ("bot run --once", "failed         payments  [forge-failed] "),
        ("blueprint list", "payments: "),
        ("blueprint lint small.git", "BP"),
        ("blueprint preview small.git", "payments-code  README.md"),
        ("check platform", "services/orders.yml"),
    ],
)
def test_what_fails_says_why(fleet: Fleet, command: str, said: str) -> None:
    """And nothing else is printed."""
    done = run(*command.split(), "--quiet", cwd=fleet.root)

    assert (1, "") == (done.returncode, done.stdout)
    assert said in done.stderr, done.stderr


def test_no_command_fails_in_another_way() -> None:
    """But for SARIF, which is printed however quiet it is to be."""
    found = {file.name for file in COMMANDS.glob("*.py") if "Exit(EXIT_FAILED)" in file.read_text()}

    assert {"output.py", "blueprint_lint.py"} == found
