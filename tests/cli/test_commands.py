"""The table of commands: what is listed, what is loaded, and what is answered to a wrong word."""

import inspect
import sys
from importlib import import_module
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scaffold.cli.commands import COMMANDS, Command, Group
from scaffold.cli.main import app
from scaffold.process import run
from tests.cli.test_contract import leaves
from tests.service.run import scaffold

GROUPS = {"": COMMANDS} | {
    name: entry for name, entry in COMMANDS.commands.items() if isinstance(entry, Group)
}


@pytest.mark.parametrize("name", sorted(leaves()))
def test_a_summary_is_what_the_command_says_of_itself(name: str) -> None:
    """The first paragraph of its docstring, so that the list and its own help tell the same."""
    entry = leaves()[name]
    module, _, function = entry.target.partition(":")
    told = inspect.getdoc(getattr(import_module(module), function)) or ""

    assert " ".join(told.split("\n\n")[0].split()) == entry.summary


@pytest.mark.parametrize("name", sorted(GROUPS))
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_the_help_of_a_group_has_whole_sentences(name: str, flag: str, tmp_path: Path) -> None:
    """Wrapped where the terminal ends, and never cut."""
    done = scaffold(*name.split(), flag, cwd=tmp_path)
    said = " ".join(done.stdout.split())

    assert (0, []) == (
        done.returncode,
        [one.summary for one in GROUPS[name].commands.values() if one.summary not in said],
    )


def test_a_command_loads_no_other_command() -> None:
    """`scaffold status` does not wait until the other commands are imported."""
    script = (
        "import sys\n"
        "sys.argv = ['scaffold', 'status', '--help']\n"
        "from scaffold.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(*sorted(m for m in sys.modules if m.startswith('scaffold.')), sep='\\n')"
    )
    loaded = set(run([sys.executable, "-c", script]).text.splitlines())
    targets = {one.target.partition(":")[0] for one in leaves().values()}

    assert {"scaffold.cli.status"} == loaded & targets


@pytest.mark.parametrize(
    ("words", "what", "hint"),
    [
        ("stauts", "scaffold stauts", "Did you mean `scaffold status`?"),
        ("new payments", "scaffold new payments", "Did you mean `scaffold new service payments`?"),
        ("bot rnu", "scaffold bot rnu", "Did you mean `scaffold bot run`?"),
        ("frobnicate", "scaffold frobnicate", "`scaffold --help` lists the commands."),
    ],
)  # fmt: skip
def test_a_word_that_is_no_command(words: str, what: str, hint: str, tmp_path: Path) -> None:
    """What may be meant is told, with exit status 2."""
    done = scaffold(*words.split(), cwd=tmp_path)

    assert (2, f"error [usage]: there is no command `{what}`\n  {hint}\n") == (
        done.returncode,
        done.stderr,
    )


@pytest.mark.parametrize(
    ("group", "word"), [(name, word) for name, group in GROUPS.items() for word in group.guesses]
)
def test_a_guess_is_answered(group: str, word: str, tmp_path: Path) -> None:
    """Words of other tools are answered with the command that does it, which there is."""
    done = scaffold(*group.split(), word, cwd=tmp_path)

    assert word not in GROUPS[group].commands
    assert (2, GROUPS[group].guesses[word]) == (
        done.returncode,
        done.stderr.split("\n  ")[1].strip(),
    )


def test_commands_that_are_named_in_answers_are_there() -> None:
    """Each `scaffold ...` of a hint is one of the table."""
    named = {
        part.removeprefix("scaffold ")
        for group in GROUPS.values()
        for hint in group.guesses.values()
        for part in hint.split("`")[1::2]
        if part.startswith("scaffold ")
    }
    known = tuple(leaves())

    assert [] == [one for one in sorted(named) if not one.startswith(known)]


def say_hello() -> None:
    """Say hello."""
    sys.stdout.write("Hello.\n")


def test_an_entry_of_the_table_is_all_that_a_command_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """As CONTRIBUTING says: a function and its entry make a command."""
    entry = Command(f"{__name__}:say_hello", "Say hello.")
    monkeypatch.setitem(COMMANDS.commands, "hello", entry)

    assert "Hello.\n" == CliRunner().invoke(app, ["hello"]).output
    assert "Say hello." in CliRunner().invoke(app, ["-h"]).output
