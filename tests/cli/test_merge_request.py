"""`scaffold merge-request show`, run as a user runs it: what there is to read before a merge."""

import json
from collections.abc import Callable
from typing import Any

import click
import jsonschema
import pytest

from scaffold.documents.schemas import published_schemas
from tests.builders import git
from tests.service.run import Done, scaffold
from tests.upgrade.fleet import SECOND, Fleet, FleetOf

NUMBERS = ("payments-code", "1")


@pytest.fixture
def fleet(fleet_of: FleetOf) -> Fleet:
    """A fleet in which an upgrade waits to be merged in payments-code."""
    fleet = fleet_of("payments")
    fleet.release("v1.1.0", SECOND)
    fleet.run("payments")
    return fleet


def show(fleet: Fleet, *words: str, status: int = 0) -> Done:
    """Show one, by default that of payments-code."""
    done = scaffold("merge-request", "show", *(words or NUMBERS), cwd=fleet.root)
    assert status == done.returncode, done.stderr
    return done


def document(fleet: Fleet, *words: str) -> dict[str, Any]:
    """The same as JSON, which is as published."""
    found: dict[str, Any] = json.loads(show(fleet, *(words or NUMBERS), "--output", "json").stdout)
    jsonschema.Draft202012Validator(published_schemas()["output-merge-request"]).validate(found)
    return found


def test_one_that_is_open(fleet: Fleet) -> None:
    """Title, state, branch, address, the text as it was written, and what it changes."""
    found = document(fleet)
    lines = show(fleet).stdout.splitlines()

    assert [
        "Upgrade small from v1.0.0 to v1.1.0",
        "state   open",
        "branch  scaffold/small",
        f"url     file://{fleet.bare('payments-code')} refs/scaffold/mr/1",
        "merge   scaffold merge-request merge payments-code 1",
        "",
    ] == lines[:6]
    assert found["body"].strip() in "\n".join(lines)
    assert ("open", False, 1) == (found["state"], found["draft"], found["number"])
    assert {"-one", "+ONE", "--- a/README.md", "+++ b/README.md"} <= set(lines)
    assert found["diff"].splitlines() == lines[-len(found["diff"].splitlines()) :]


def test_a_draft(fleet: Fleet) -> None:
    """It is told apart, and its markers can be read."""
    fleet.edit("payments-code", {"README.md": "# payments\n\nmine\n"})
    fleet.run("payments")

    lines = show(fleet).stdout.splitlines()

    assert "state   draft" in lines
    assert "+<<<<<<< yours: main" in lines
    assert ("open", True) == (document(fleet)["state"], document(fleet)["draft"])


def test_main_that_went_on_is_no_part_of_it(fleet: Fleet) -> None:
    """What others pushed meanwhile is not shown as if the branch took it back."""
    fleet.edit("payments-code", {"theirs.txt": "theirs\n"})

    assert "theirs" not in document(fleet)["diff"]


def test_what_is_no_text(fleet: Fleet) -> None:
    """Bytes, names and links don't break it."""
    fleet.edit("payments-code", {"a.bin": b"\0\xff", "gr\u00fcn.txt": b"\xff\n"},
               branch="scaffold/small")  # fmt: skip

    diff = document(fleet)["diff"]

    assert "Binary files /dev/null and b/a.bin differ" in diff
    assert "+\ufffd" in diff


@pytest.mark.parametrize(
    ("how", "what_next"),
    [("merge", []), ("close", ["reopen  scaffold merge-request reopen payments-code 1"])],
)
def test_one_that_is_done_with(fleet: Fleet, how: str, what_next: list[str]) -> None:
    """The text stays; its branch may be another one's by now, so nothing is compared."""
    scaffold("merge-request", how, *NUMBERS, cwd=fleet.root)
    fleet.edit("payments-code", {"later.txt": "later\n"}, branch="scaffold/small")

    found = document(fleet)

    assert ({"merge": "merged", "close": "closed"}[how], "") == (found["state"], found["diff"])
    assert f"state   {found['state']}" in show(fleet).stdout
    assert what_next == show(fleet).stdout.splitlines()[4 : 4 + len(what_next)]
    assert found["body"].strip() in show(fleet).stdout


def test_one_whose_branch_is_gone(fleet: Fleet) -> None:
    """Said in place of what it changes."""
    git("update-ref", "-d", "refs/heads/scaffold/small", cwd=fleet.bare("payments-code"))

    assert document(fleet)["diff"] is None
    assert "The branch scaffold/small is gone, so there is nothing to merge." in show(fleet).stdout


def test_quiet(fleet: Fleet) -> None:
    """Prints nothing."""
    assert "" == show(fleet, *NUMBERS, "--quiet").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("payments-code", "7"), "`payments-code` has no merge request 7"),
        (("payments-docker", "0"), "`payments-docker` has no merge request 0"),
        (("payments", "1"), "the forge has no repo `payments`"),
    ],
)
def test_one_that_is_not_there(fleet: Fleet, words: tuple[str, str], said: str) -> None:
    """Is wrong use, and says how to find those that are."""
    assert said in show(fleet, *words, status=2).stderr


@pytest.mark.filterwarnings("ignore:.*forkpty:DeprecationWarning")
@pytest.mark.parametrize(("variables", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_a_terminal_shows_colours_unless_they_are_unwanted(
    fleet: Fleet, variables: dict[str, str], coloured: bool, on_a_terminal: Callable[..., str]
) -> None:
    """As the diff of an upgrade; without a terminal there are none."""
    shown = on_a_terminal("merge-request", "show", *NUMBERS, cwd=fleet.root, env=variables)

    assert coloured == ("\x1b[32m+ONE" in shown)
    assert "\x1b" not in show(fleet).stdout


@pytest.mark.filterwarnings("ignore:.*forkpty:DeprecationWarning")
def test_a_terminal_shows_the_text_laid_out(
    fleet: Fleet, on_a_terminal: Callable[..., str]
) -> None:
    """Elsewhere, and as JSON, it is the Markdown that was written."""
    shown = click.unstyle(on_a_terminal("merge-request", "show", *NUMBERS, cwd=fleet.root, env={}))

    assert "\nFiles\n" in shown.replace("\r", "")
    assert " \u2022 README.md: " in shown
    assert "## Files" not in shown
    assert "<!--" not in shown
    assert "## Files" in show(fleet).stdout
    assert "<!-- scaffold-target: " in document(fleet)["body"]
