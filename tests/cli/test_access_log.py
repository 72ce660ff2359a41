"""`scaffold access log`: what git says of roles for a while."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import jsonschema
import pytest

from scaffold.config.grant import Grant, clock
from scaffold.documents.schemas import published_schemas
from scaffold.fleet.grants import give, take_back
from scaffold.git import program
from tests.bot.platform_repo import Acme
from tests.builders import git
from tests.cli.in_process import in_process
from tests.prepared import Prepared
from tests.service.run import refuse_pushes

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def acme(prepared: Prepared, monkeypatch: pytest.MonkeyPatch) -> Acme:
    """A platform in step, in whose checkout the command is typed."""
    acme = Acme.at(prepared.fresh("in-step", lambda root: Acme.in_step(root, monkeypatch)))
    monkeypatch.chdir(acme.root / "platform")
    return acme


@contextmanager
def acting(name: str, when: datetime = NOW) -> Iterator[None]:
    """Git is told that somebody acts, at some time."""
    with pytest.MonkeyPatch.context() as patch:
        for who in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{who}_NAME", name)
            patch.setenv(f"GIT_{who}_EMAIL", f"{name.lower()}@example.com")
            patch.setenv(f"GIT_{who}_DATE", when.isoformat())
        yield


def grant(user: str = "alice", *, hours: float = 2, ago: float = 0, **more: Any) -> Grant:
    """Admin in prod, which was given `ago` hours before now."""
    since = NOW - timedelta(hours=ago)
    told = {
        "user": user, "role": "admin", "environment": "prod", "since": clock(since),
        "until": clock(since + timedelta(hours=hours)), "reason": f"For {user}", **more,
    }  # fmt: skip
    return Grant.model_validate(told)


def logged(*names: str) -> list[Any]:
    """The events of the document, which is as published."""
    done = in_process("access", "log", *names, "--output", "json")
    assert 0 == done.returncode, done.stderr
    document = json.loads(done.stdout)
    jsonschema.Draft202012Validator(published_schemas()["output-access-log"]).validate(document)
    return list(document["events"])


def told(events: list[Any]) -> list[tuple[str, str, str]]:
    """What each is, by whom, and for whom."""
    return [(one["what"], one["by"]["name"], one["grant"]["who"]) for one in events]


def test_nothing_was_given(acme: Acme) -> None:
    """It says so."""
    assert acme.root.is_dir()
    assert [] == logged()
    assert "Nobody was given a role for a while.\n" == in_process("access", "log").stdout


def test_the_whole_trail(acme: Acme) -> None:
    """Given, changed, revoked by a person, and expired by the bot; newest first."""
    first, second = grant(), grant("bob", ago=3, services=["shop"])
    with acting("Ann"):
        give(acme.open(), first)
    with acting("Ben"):
        give(acme.open(), grant(hours=3))
    with acting("Cleo"):
        take_back(acme.open(), {first.id: first})
        give(acme.open(), second)
    with acting("Bot"):
        acme.run(NOW)

    events = logged()
    assert [
        ("expired", "Bot", "bob"), ("given", "Cleo", "bob"), ("revoked", "Cleo", "alice"),
        ("changed", "Ben", "alice"), ("given", "Ann", "alice"),
    ] == told(events)  # fmt: skip
    assert [second.id] * 2 + [first.id] * 3 == [one["name"] for one in events]
    assert ("For alice", clock(first.until), first.id) == (
        events[-1]["grant"]["reason"], events[-1]["grant"]["until"], events[-1]["name"],
    )  # fmt: skip
    assert acme.head() == events[0]["commit"]
    assert "Take back access that has expired" == events[0]["subject"]
    assert [None] * 5 == [one["merged_by"] for one in events]

    assert told(events)[:2] == told(logged("bob")) == told(logged("user:bob"))
    assert told(events) == told(logged("shop")) == told(logged("prod"))
    assert told(events)[2:] == told(logged("cart"))
    assert [] == logged("dev")
    text = in_process("access", "log", "alice").stdout.splitlines()
    assert ["WHEN (UTC)", "WHAT", "BY", "WHO", "ROLE", "IN"] == text[0].split("  ")[:1] + (
        text[0].removeprefix("WHEN (UTC)").split()
    )
    assert f"; until {clock(first.until)}; for all services; For alice" in text[-1]
    assert max(map(len, text)) <= 80 + len("; For alice")


def test_a_person_reverts_the_grant(acme: Acme) -> None:
    """It was revoked, by whoever reverted."""
    with acting("Ann"):
        give(acme.open(), grant())
    folder = acme.root / "person"
    git("clone", "-q", acme.forge.url("platform"), str(folder), cwd=acme.root)
    with acting("Dan"):
        program.git("revert", "--no-edit", "HEAD", cwd=folder)
    git("push", "-q", "origin", "main", cwd=folder)
    assert [("revoked", "Dan", "alice"), ("given", "Ann", "alice")] == told(logged())


def test_a_merge_request(acme: Acme) -> None:
    """Who asked for it, and who merged it; while it is open nothing was given."""
    refuse_pushes(acme.root, "platform")
    with acting("Ann"):
        request = give(acme.open(), grant())
    assert request is not None
    assert [] == logged()
    (acme.root / "forge/platform.git/hooks/update").unlink()
    acme.settings["registry"] = "other.example.com"
    acme.push("Change something else")  # so that it is no fast-forward
    with acting("Eve"):
        acme.forge.merge("platform", request.number)
    (event,) = logged()
    assert ("given", "Ann", "Eve") == (
        event["what"], event["by"]["name"], (event["merged_by"] or {}).get("name"),
    )  # fmt: skip


def test_a_file_that_is_no_grant(acme: Acme) -> None:
    """It gave nothing; that it was there is told all the same."""
    folder = acme.root / "person"
    git("clone", "-q", acme.forge.url("platform"), str(folder), cwd=acme.root)
    (folder / "grants").mkdir()
    (folder / "grants/x.yml").write_text("user: me\n")
    (folder / "grants/README.md").write_text("No grant\n")
    git("add", "-A", cwd=folder)
    git("commit", "-q", "-m", "Try", cwd=folder)
    git("push", "-q", "origin", "main", cwd=folder)
    (event,) = logged()
    assert ("given", "x", None) == (event["what"], event["name"], event["grant"])
    assert "not valid, so it gave nothing" in in_process("access", "log").stdout
