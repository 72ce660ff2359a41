"""What `scaffold upgrade` prints: tables, diffs, documents, progress; and how Ctrl-C ends it."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise

import jsonschema
import pytest

from scaffold.documents.schemas import published_schemas
from tests.service.run import hear_signals
from tests.upgrade.fleet import SECOND, Fleet, FleetOf

REPOS = ("code", "docker")


@pytest.fixture
def fleet(fleet_of: FleetOf) -> Fleet:
    """Two services with an upgrade before them."""
    fleet = fleet_of("orders", "payments")
    fleet.release("v1.1.0", SECOND)
    return fleet


def test_a_diff_shows_each_change(fleet: Fleet) -> None:
    """Without a terminal it has no colours."""
    done = fleet.run("payments", "--dry-run", "--diff")

    lines = done.stdout.splitlines()
    start = lines.index("--- a/README.md")
    assert ["+++ b/README.md", "@@ -1,6 +1,6 @@", " # payments", " ", "-one", "+ONE"] == lines[
        start + 1 : start + 7
    ]
    assert "\x1b" not in done.stdout


def test_a_diff_is_below_the_name_of_its_repo(fleet: Fleet) -> None:
    """Of whichever repo, and whatever else is said of it."""
    fleet.edit("orders-code", {"README.md": "# orders\n\nmine\ntwo\nthree\nfour\nfive\n"})

    lines = fleet.run("--all", "--dry-run", "--diff").stdout.splitlines()

    above = [before for before, line in pairwise(lines) if line == "--- a/.copier-answers.yml"]
    names = ["orders-docker", "payments-code", "payments-docker"]
    assert ["  conflict  README.md: both sides changed the same lines", *names] == above
    assert "orders-code" == lines[lines.index(above[0]) - 1]


@pytest.mark.filterwarnings("ignore:.*forkpty:DeprecationWarning")
@pytest.mark.parametrize(("variables", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_a_terminal_shows_colours_unless_they_are_unwanted(
    fleet: Fleet, variables: dict[str, str], coloured: bool, on_a_terminal: Callable[..., str]
) -> None:
    """NO_COLOR is honoured."""
    shown = on_a_terminal(
        "upgrade", "payments", "--dry-run", "--diff", cwd=fleet.root, env=variables
    )

    assert coloured == ("\x1b[32m+ONE" in shown)


def test_progress_is_a_line_a_repo_on_standard_error(fleet: Fleet) -> None:
    """Elsewhere than on a terminal, so that logs can be read."""
    done = fleet.run("payments")

    assert ["opened  payments-code", "opened  payments-docker"] == done.stderr.splitlines()


def test_quiet_says_nothing(fleet: Fleet) -> None:
    """The exit status tells."""
    done = fleet.run("payments", "--quiet")

    assert (0, "", "") == (done.returncode, done.stdout, done.stderr)


def test_the_document_is_as_published(fleet: Fleet) -> None:
    """With the decisions of each repo."""
    done = fleet.run("--all", "--output", "json")

    document = json.loads(done.stdout)
    jsonschema.Draft202012Validator(published_schemas()["output-upgrade"]).validate(document)
    assert (True, {"opened": 4}) == (document["done"], document["counts"])
    assert {"path": "README.md", "kind": "updated", "detail": ""} in document["repos"][0][
        "decisions"
    ]


def test_the_merge_request_tells_what_and_why(fleet: Fleet) -> None:
    """Files, the blueprint's changelog, and the other repos of the service."""
    told = "## [Unreleased]\n\n## 1.2.0\n\n### Changed\n\n- Louder.\n\n### Removed\n"
    fleet.release("v1.2.0", {**SECOND, "CHANGELOG.md": told})
    fleet.run("payments")
    from scaffold.fleet.platform import open_platform

    (request,) = open_platform(fleet.platform).forge.merge_requests("payments-code")
    assert "- `README.md`: updated" in request.body
    changes = "## Changes of the blueprint\n\n### 1.2.0\n\n#### Changed\n\n- Louder.\n"
    assert changes in request.body
    assert "Unreleased" not in request.body
    assert "Removed" not in request.body
    assert f"- file://{fleet.bare('payments-docker')}" in request.body


def test_control_c_ends_it_cleanly(fleet_of: FleetOf) -> None:
    """What is at work comes to its end, the rest is left and said; the next run does it."""
    names = [f"s{number}" for number in range(6)]
    fleet = fleet_of(*names)
    fleet.release("v1.1.0", SECOND)
    hooks = [fleet.bare(f"{name}-{repo}") / "hooks/pre-receive" for name in names for repo in REPOS]
    for hook in hooks:  # so that the run is at work when it is interrupted, on any machine
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\nsleep 2\n")
        hook.chmod(0o755)
    command = [sys.executable, "-m", "scaffold", "upgrade", "--all", "--jobs", "2"]
    run = subprocess.Popen(
        command, cwd=fleet.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=hear_signals,
    )  # fmt: skip
    assert run.stderr is not None
    run.stderr.readline()  # the first repo is done
    run.send_signal(signal.SIGINT)
    said, _ = run.communicate(timeout=120)

    assert (130, True) == (run.returncode, "Stopped: run it again for the rest." in said)
    for hook in hooks:
        hook.unlink()
    again = fleet.results("--all")
    assert {f"{name}-{repo}" for name in names for repo in REPOS} == set(again)
    assert {"opened", "unchanged"} == set(again.values())
