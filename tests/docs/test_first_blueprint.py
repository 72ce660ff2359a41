"""The page is followed as a new user would: each command prints what the page says."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.builders import need_programs

PAGE = Path(__file__).parents[2] / "docs/tutorial/first-blueprint.md"
LEFT_OUT = "..."
MARK = "@@ ended with"


@dataclass(frozen=True)
class Step:
    """A command, and the lines below it; `...` stands for what the page leaves out."""

    command: str
    prints: tuple[str, ...]


def steps(page: str) -> Iterator[Step]:
    """The commands of all console blocks, in order."""
    for block in re.findall(r"^```console\n(.*?)^```$", page, re.M | re.S):
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
            command, *lines = part.rstrip("\n").split("\n")
            yield Step(command, tuple(lines))


def as_pattern(step: Step) -> str:
    """What fits the output: lines as they are, but for what is left out."""
    parts = [
        r"(?:.*\n)*?" if line == LEFT_OUT
        else re.escape(line).replace(re.escape(LEFT_OUT), ".*") + r"\n"
        for line in step.prints
    ]  # fmt: skip
    return "".join(parts)


def session(home: Path, commands: list[str]) -> tuple[list[str], list[int], str]:
    """Type the commands one after another; what each printed, how it ended, and all errors."""
    script = "".join(
        f'{command}\nended=$?; echo "{MARK} $ended"; (exit $ended)\n' for command in commands
    )
    (home / "page.sh").write_text(script)
    own = ("GIT_", "SCAFFOLD_", "PYTEST_", "XDG_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    path = f"{home}/bin:{Path(sys.executable).parent}:{environment['PATH']}"
    environment |= {"HOME": str(home), "PATH": path, "COLUMNS": "200"}
    done = subprocess.run(
        ["bash", "page.sh"], cwd=home, env=environment, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    printed = re.split(rf"^{MARK} (\d+)\n", done.stdout, flags=re.M)
    return printed[0:-1:2], [int(status) for status in printed[1::2]], done.stderr


def make_home(folder: Path) -> Path:
    """A user's home, with the program that is tested here."""
    (folder / "bin").mkdir(parents=True)
    program = folder / "bin/scaffold"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m scaffold "$@"\n')
    program.chmod(0o755)
    return folder


def test_every_line_does_what_the_page_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever types the commands sees what is printed on the page; what fails, fails there too."""
    need_programs(monkeypatch, "kubeconform", "kustomize", "hadolint", "actionlint")
    home = make_home(tmp_path / "ada")
    page = PAGE.read_text(encoding="utf-8").replace("/home/ada", str(home))
    found = list(steps(page))

    outputs, statuses, errors = session(home, [one.command for one in found])

    assert len(found) == len(statuses), errors
    for step, following, output, status in zip(
        found, [*found[1:], None], outputs, statuses, strict=True
    ):
        asked = following is not None and following.command == "echo $?"
        assert asked == (status != 0), f"$ {step.command}\n{output}{errors}"
        assert re.fullmatch(as_pattern(step), output), f"$ {step.command}\n{output}"

    platform = yaml.safe_load((home / "acme/platform/platform.yml").read_text())
    names = [one["name"] for one in platform["blueprints"]]
    assert ("python-service", "greeter") == (names[0], names[-1])  # the first is the default
