"""`scaffold access grant` and `revoke`, as somebody types them in a hurry."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema
import pytest
import yaml

from scaffold.documents.schemas import published_schemas
from tests.cli.in_process import Ran, in_process
from tests.service.run import refuse_pushes

GRANT = ("access", "grant", "alice@example.com", "--break-glass", "prod", "--reason", "Down")


@pytest.fixture
def run(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Ran:
    """A function: the command in the folder of a platform without services."""
    monkeypatch.chdir(workspace)
    return in_process


def test_given_and_taken_back(run: Ran, workspace: Path) -> None:
    """It says what the name was taken for and when it ends; the file lies in the checkout, too."""
    given = run(*GRANT, "--for", "90m", "--output", "json")
    document = json.loads(given.stdout)
    jsonschema.Draft202012Validator(published_schemas()["output-access-grant"]).validate(document)
    grant = document["grant"]
    assert ("user", "alice@example.com", "admin", "prod", [], False) == tuple(
        grant[key] for key in ("kind", "who", "role", "environment", "services", "expired")
    )
    since, until = (datetime.fromisoformat(grant[key]) for key in ("since", "until"))
    assert timedelta(minutes=90) == until - since
    assert timedelta(minutes=2) > datetime.now(UTC) - since
    file = workspace / f"platform/grants/{grant['name']}.yml"
    assert grant["until"] == yaml.safe_load(file.read_text())["until"]

    again = run(*GRANT, "--for", "2h")
    assert [
        "user         alice@example.com  (platform.yml has no group of that name)",
        "role         admin",
        "environment  prod",
        "services     all",
    ] == again.stdout.splitlines()[:4]
    assert f"before       until {grant['until']}\n" in again.stdout

    revoked = run("access", "revoke", "alice@example.com", "--output", "json")
    document = json.loads(revoked.stdout)
    jsonschema.Draft202012Validator(published_schemas()["output-access-revoke"]).validate(document)
    assert [grant["name"]] == [one["name"] for one in document["grants"]]
    assert not file.exists()


def test_a_group_of_the_platform(run: Ran) -> None:
    """A name that platform.yml has is a group."""
    done = run(*(word.replace("alice@example.com", "acme-platform-developers") for word in GRANT),
               "--for", "1h", "--dry-run")  # fmt: skip
    assert "group        acme-platform-developers\n" in done.stdout
    assert done.stdout.endswith("Nothing was changed: a dry run.\n")


def test_a_main_that_takes_no_push(run: Ran, workspace: Path) -> None:
    """It is a merge request, which the command names."""
    refuse_pushes(workspace, "platform")
    done = run(*GRANT, "--for", "2h")
    assert (
        "It counts once this is merged: scaffold merge-request show platform 1, then"
        " scaffold merge-request merge platform 1"
    ) == done.stdout.splitlines()[-1]

    longer = json.loads(run(*GRANT, "--for", "3h", "--output", "json").stdout)
    shown = run("merge-request", "show", "platform", "1").stdout
    assert f"+until: '{longer['grant']['until']}'" in shown
    assert 0 == run("merge-request", "merge", "platform", "1").returncode
    (one,) = json.loads(run("access", "alice@example.com", "--output", "json").stdout)["holders"]
    assert longer["grant"]["until"] == one["until"]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("grant bob --break-glass prod --for 2x --reason y", "--for: `2x` is no duration"),
        ("grant bob --break-glass prod --for 0m --reason y", "--for: `0m` is no duration"),
        ("grant bob --break-glass prd --for 2h --reason y", "Did you mean `prod`?"),
        ("grant bob --break-glass PROD! --for 2h --reason y", "--break-glass: may hold only"),
        ("grant bob --break-glass prod --for 9h --reason y", "it is for longer than the 8 h"),
        ("grant bob --break-glass prod --for 2h --reason=", "--reason: must say what for"),
        ("grant bob --break-glass prod --for 2h --reason \x1b[2Jx", "--reason: has a character"),
        ("grant b\u202eob --break-glass prod --for 2h --reason y", "WHO: has a character"),
        ("grant bob --break-glass prod --for 2h --reason y --role king", "--role: must be"),
        ("grant bob --break-glass prod --for 2h --reason y --service x", "no service `x`"),
        ("grant system:masters --break-glass prod --for 2h --reason y", "WHO: names of Kub"),
        ("grant platform --break-glass prod --for 2h --reason y", "`platform` is a team"),
        ("grant acme-platform-admin --break-glass prod --for 2h --reason y",
         "Did you mean `acme-platform-admins`?"),
        ("revoke bob", "the user bob was given nothing for a while"),
    ],
)  # fmt: skip
def test_what_is_refused(run: Ran, words: str, error: str) -> None:
    """It says what is wrong with which option; nothing is changed."""
    done = run("access", *words.split())
    assert (2, "") == (done.returncode, done.stdout)
    assert error in done.stderr
