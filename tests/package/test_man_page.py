"""The manual page and the completions, both of the table of commands."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from docs_hooks.man_page import _text, man_page
from docs_hooks.reference import walk_commands
from scaffold.cli.commands import COMMANDS
from scaffold.process import find_program

ROOT = Path(__file__).parents[2]


def test_each_command_and_option_is_in_it() -> None:
    """No less than the reference has."""
    lines = man_page().splitlines()
    missing = [
        context.command_path
        for context in walk_commands()
        if f".SS {_text(context.command_path)}" not in lines
    ]
    options = [
        option
        for context in walk_commands()
        for one in context.command.get_params(context)
        for option in one.opts
        if option.startswith("--") and not any(_text(option) in line for line in lines)
    ]

    assert ([], []) == (missing, options)


@pytest.mark.parametrize(
    ("text", "roff"),
    [(".scaffold.yml", "\\&.scaffold.yml"), ("--all", "\\-\\-all"), ("a\\b", "a\\eb")],
)
def test_what_roff_would_take_for_a_command(text: str, roff: str) -> None:
    """Is text to it."""
    assert roff == _text(text)


def test_the_page_of_the_wheel() -> None:
    """Is that of today's commands: run scripts/man. It is shown without a complaint."""
    page = ROOT / "share/man/man1/scaffold.1"
    assert man_page() == page.read_text()
    if groff := find_program("groff"):
        done = subprocess.run(
            [groff, "-man", "-ww", "-z", str(page)], capture_output=True, text=True, check=True
        )
        assert "" == done.stderr


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("scaffold ", set(COMMANDS.commands)),
        ("scaffold do", {"doctor"}),
        ("scaffold new ", {"service"}),
        ("scaffold doctor --pl", {"--platform"}),
    ],
)
def test_completion(words: str, completed: set[str]) -> None:
    """What bash is told, by the script that `--install-completion` writes."""
    done = subprocess.run(
        [sys.executable, "-c", "from scaffold.cli.main import main; main()"],
        env={
            **os.environ, "_SCAFFOLD_COMPLETE": "complete_bash", "COMP_WORDS": words,
            "COMP_CWORD": str(len(words.split(" ")) - 1),
        },
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert completed == set(done.stdout.split())
