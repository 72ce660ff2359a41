"""`scaffold access`: who has which role, why, and what differs. Each change is seen where it is."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from scaffold.documents.schemas import published_schemas
from tests.bot.platform_repo import Acme
from tests.builders import git
from tests.cli.in_process import Ran, in_process
from tests.prepared import Prepared

GRANT = (
    "access", "grant", "alice@example.com", "--break-glass", "prod", "--reason", "Down",
    "--for", "2h", "--service", "shop",
)  # fmt: skip


@pytest.fixture
def acme(prepared: Prepared, monkeypatch: pytest.MonkeyPatch) -> Acme:
    """A platform in step, with the teams `a` and `b`, and `shop` and `cart` of team `a`."""
    acme = Acme.at(prepared.fresh("in-step", lambda root: Acme.in_step(root, monkeypatch)))
    monkeypatch.chdir(acme.root / "platform")
    return acme


@pytest.fixture
def run(acme: Acme) -> Ran:
    """A function: the command in a checkout of that platform."""
    assert acme.root.is_dir()
    return in_process


def shown(run: Ran, *words: str, status: int = 0) -> Any:
    """The document, which fits what is published."""
    done = run("access", *words, "--output", "json")
    assert status == done.returncode, done.stderr
    document = json.loads(done.stdout)
    jsonschema.Draft202012Validator(published_schemas()["output-access-show"]).validate(document)
    return document


def who(document: Any) -> list[str]:
    """Who has what, in a line each."""
    return [
        f"{one['kind']} {one['who']}: {one['role']} of {','.join(one['services'])} in"
        f" {','.join(one['environments'])}"
        for one in document["holders"]
    ]


A, B = "group a-admins: admin of cart,shop in dev,prod", "group b-admins: admin of  in dev,prod"


def test_everything(run: Ran) -> None:
    """Of each team's groups the line of platform.yml; a folder's forge is not said to be equal."""
    document = shown(run)
    assert [A, B] == who(document)
    text = (Path.cwd() / "platform.yml").read_text().splitlines()
    lines = [one["source"].partition(":")[2] for one in document["holders"]]
    assert ["      - a-admins", "      - b-admins"] == [
        f"      {text[int(line) - 1].strip()}" for line in lines
    ]
    assert (True, "no-roles", "not-asked", []) == (
        document["ok"], document["forge"], document["cluster"], document["deviations"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("shop", ["group a-admins: admin of shop in dev,prod"]),
        ("a", [A]),
        ("a-admins", [A]),
        ("group:b-admins", [B]),
    ],
)
def test_of_what_is_named(run: Ran, name: str, expected: list[str]) -> None:
    """A service, a team, a group."""
    assert expected == who(shown(run, name))


def test_who_owns_a_service(run: Ran) -> None:
    """By the line of the catalog."""
    document = shown(run, "shop")
    entry = (Path.cwd() / "services/shop.yml").read_text().splitlines()
    line = entry.index("owner: a") + 1
    assert {"shop": f"services/shop.yml:{line}"} == document["owners"]


def test_a_grant(run: Ran) -> None:
    """For that service and environment, with its end and its reason; a user is found by it."""
    grant = json.loads(run(*GRANT, "--output", "json").stdout)["grant"]
    given = "user alice@example.com: admin of shop in prod"
    assert [A, B, given] == who(shown(run))
    assert ([A], [given]) == (who(shown(run, "a-admins")), who(shown(run, "alice@example.com")))
    (one,) = shown(run, "alice@example.com")["holders"]
    assert (f"grants/{grant['name']}.yml:1", grant["until"], "Down", False) == tuple(
        one[key] for key in ("source", "until", "reason", "expired")
    )
    text = run("access", "shop").stdout
    assert f"alice@example.com has that until {grant['until']}: Down\n" in text
    assert max(map(len, run("access").stdout.splitlines()[-2:])) <= 80


def test_the_word_of_a_command_is_a_name_after_show(run: Ran) -> None:
    """`scaffold access grant` is a command; a service of that name is asked for by `show`."""
    done = run("access", "show", "grant")
    assert (2, True) == (
        done.returncode,
        "there is no service, team or group `grant`" in done.stderr,
    )


def test_a_name_that_nobody_has(run: Ran) -> None:
    """It says what may be meant."""
    done = run("access", "shpo")
    assert (2, "") == (done.returncode, done.stdout)
    assert "Did you mean `shop`?" in done.stderr


def by_hand(acme: Acme) -> None:
    """Somebody is bound by hand."""
    edit(acme, "access/prod/shop/roles.yaml", lambda text: text.replace("a-admins", "me"))


def bad_grant(acme: Acme) -> None:
    """A grant that is none."""
    edit(acme, "grants/prod-me.yml", lambda _: "user: me\n")


def old_grant(acme: Acme) -> None:
    """A grant that is over, and no bot came by."""
    edit(acme, "grants/prod-me.yml", lambda _: OLD)


def bad_entry(acme: Acme) -> None:
    """A service that nobody can read."""
    edit(acme, "services/shop.yml", lambda _: "name: shop\n")


OLD = (
    "{user: me, role: admin, environment: prod, services: [shop], reason: Down,"
    " since: '2026-03-02T14:00:00Z', until: '2026-03-02T16:00:00Z'}\n"
)


@pytest.mark.parametrize(
    ("change", "place", "where"),
    [
        (by_hand, "rendered", "access/prod/shop/roles.yaml"),
        (bad_grant, "invalid", "grants/prod-me.yml"),
        (old_grant, "grant", "grants/prod-me.yml"),
        (bad_entry, "invalid", "shop"),
    ],
)
def test_what_differs(
    run: Ran, acme: Acme, change: Callable[[Acme], None], place: str, where: str
) -> None:
    """It is the first thing that is told; with `--check` the exit status is 1."""
    assert 0 == run("access", "--check").returncode
    change(acme)
    document = shown(run, "--check", status=1)
    assert (False, place, where) == (
        document["ok"], document["deviations"][0]["place"], document["deviations"][0]["where"],
    )  # fmt: skip
    assert where in [one["where"] for one in shown(run)["deviations"]]
    if change is not bad_grant:  # nobody knows what that is for
        assert where in [one["where"] for one in shown(run, "shop")["deviations"]]
    assert [] == shown(run, "cart")["deviations"]
    quiet = run("access", "--check", "--quiet")
    assert (1, "", True) == (quiet.returncode, quiet.stdout, where in quiet.stderr)


def test_status_tells_of_what_has_expired(run: Ran, acme: Acme) -> None:
    """So whoever looks hears of it where the bot does not run; what stands is not told."""
    run(*GRANT)
    assert [] == json.loads(run("status", "--output", "json").stdout)["expired"]
    old_grant(acme)
    assert (
        "me had that until 2026-03-02T16:00:00Z and still has it: Down"
        in run("access", "me").stdout.splitlines()
    )
    document = json.loads(run("status", "--output", "json").stdout)
    assert [("prod-me", True)] == [(one["name"], one["expired"]) for one in document["expired"]]
    assert run("status").stdout.endswith(
        "expired: user me: admin of shop in prod, at 2026-03-02T16:00:00Z, and still there:"
        " does the bot run?\n"
    )


def edit(acme: Acme, path: str, change: Callable[[str], str]) -> None:
    """Somebody changes a file of main by hand."""
    folder = acme.root / "person"
    git("clone", "-q", acme.forge.url("platform"), str(folder), cwd=acme.root)
    file = folder / path
    file.parent.mkdir(exist_ok=True)
    file.write_text(change(file.read_text() if file.exists() else ""))
    git("add", "-A", cwd=folder)
    git("commit", "-q", "-m", "Edit", cwd=folder)
    git("push", "-q", "origin", "main", cwd=folder)
