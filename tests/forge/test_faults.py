"""Servers that fail, at each call of a repo's life: it ends as if nothing had happened.

What GitLab and GitHub say when they fail is taken from
https://docs.gitlab.com/administration/settings/rate_limit_on_users_api/ (429 with Retry-After) and
https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api (primary limit:
403 or 429 with x-ratelimit-remaining 0; secondary: 403 or 429 with or without Retry-After).
"""

import logging
import re
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from scaffold.errors import ForgeError
from tests.forge.each import Server, on_gitea
from tests.forge.fake_http import TOKEN, Answer, Fault, FirstTries, Outage
from tests.forge.fake_server import HELD
from tests.forge.life import FAULTS, OUTAGES, SECRET, TIMEOUT
from tests.gitea import Gitea

LOST = FAULTS[9]
NONSENSE = (
    Fault("a page", Answer(200, "<html>Log in", {"Content-Type": "text/html"})),
    Fault(
        "a page said to be JSON", Answer(200, "<html>", {"Content-Type": "application/json; v=1"})
    ),
    Fault("broken JSON", Answer(200, '[{"id": 1', {"Content-Type": "application/json; v=1"})),
    Fault("nothing", Answer(200)),
)
_NULL = Answer(200, "null", {"Content-Type": "application/json; v=1"})
SHAPES = (
    Fault("a gateway's error", Answer(200, {"error": "no upstream"})),
    Fault("null", _NULL),
    Fault("a list", Answer(200, [1])),
    Fault("an empty list", Answer(200, [])),
    Fault("a text", Answer(200, "hello")),
)
ECHO = Fault(
    "a server that repeats the token", Answer(422, {"message": f"The token {TOKEN} is no good"})
)
pytestmark = pytest.mark.usefixtures("naps")  # nothing really waits


def waited_out(server: Server, fault: Fault) -> None:
    """Have each call of each command meet a fault once, and compare with a server that is well."""
    with server() as (well, one), server() as (fake, other):
        for number in range(len(one().commands())):
            one().commands()[number]()
            fake.trouble = FirstTries(fault)
            other().commands()[number]()
            fake.trouble = None

            assert well.effect() == fake.effect(), number


@pytest.mark.parametrize("fault", FAULTS, ids=lambda one: one.name)
def test_a_fault_is_waited_out(fake_server: Server, fault: Fault) -> None:
    """Each call meets it once: the commands go on, and the server holds what it would have held."""
    waited_out(fake_server, fault)


def test_an_answer_that_is_lost_is_asked_for_again(any_server: Server) -> None:
    """Likewise where the server did its work each time, and what it said did not arrive."""
    waited_out(any_server, LOST)


def test_a_time_out_is_waited_out(fake_server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Likewise where the server did its work, and its answer came too late."""
    monkeypatch.setattr("scaffold.forge.http._READ", HELD / 2.5)
    waited_out(fake_server, TIMEOUT)


@pytest.mark.parametrize("fault", OUTAGES, ids=lambda one: one.name)
def test_the_next_run_finishes_what_one_began(fake_server: Server, fault: Fault) -> None:
    """A server that fails for good from some call on fails the command; run again, all is well.

    That is so for every call of every command.
    """
    calls = 0
    with fake_server() as (fake, connect):
        for number in range(len(connect().commands())):
            before = fake.held()
            connect().commands()[number]()
            expected = fake.effect()
            for call in count(1):
                fake.put_back(before)
                fake.trouble = outage = Outage(fault, call)
                with suppress(ForgeError):
                    connect().commands()[number]()
                fake.trouble = None
                if not outage.met:
                    break
                connect().commands()[number]()
                calls += 1

                assert expected == fake.effect(), (number, call)
    assert calls > 30


@pytest.mark.xdist_group("gitea")
def test_the_next_run_finishes_a_new_service(gitea: Gitea, tmp_path: Path) -> None:
    """Likewise on a real server, which did the work of its last call before it went away."""
    server = partial(on_gitea, gitea, tmp_path)
    with server() as (well, connect):
        connect().new()
        expected = well.effect()
    for call in count(1):
        with server() as (fake, connect):
            fake.trouble = outage = Outage(LOST, call)
            with suppress(ForgeError):
                connect().new()
            fake.trouble = None
            if not outage.met:
                break
            connect().new()

            assert expected == fake.effect(), call
    assert call > 20


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 422])
def test_a_refusal_at_any_call_is_told(fake_server: Server, status: int) -> None:
    """It is an error with what was tried and what to do, if the command can't do without."""
    told = ("nothing", "nothing")
    refused = Fault("a refusal", Answer(status, {"message": "No way"}))
    with fake_server() as (fake, connect):
        for number in range(len(connect().commands())):
            before = fake.held()
            for call in count(1):
                fake.put_back(before)
                fake.trouble = outage = Outage(refused, call)
                # Of what is only read, it may show in what comes back.
                with suppress(AssertionError):
                    try:
                        connect().commands()[number]()
                    except ForgeError as error:
                        told = (error.what, error.hint or error.where)
                assert all(told), (number, call)
                if not outage.met:
                    break
            fake.trouble = None


def nonsense_is_told(server: Server, faults: Sequence[Fault]) -> None:
    """Have all calls from one on answered by what is none, by turns; do so for each call."""
    calls = 0
    with server() as (fake, connect):
        for number in range(len(connect().commands())):
            before = fake.held()
            for call in count(1):
                fake.put_back(before)
                fake.trouble = outage = Outage(faults[call % len(faults)], call)
                caught = None
                try:
                    connect().commands()[number]()
                except ForgeError as error:
                    caught = error
                if not outage.met:
                    break
                assert caught is not None, (number, call)
                assert caught.what.endswith(": the answer makes no sense"), (number, call)
                assert "forge.url" in caught.hint
                calls += 1
            fake.trouble = None
    assert calls > 30


@pytest.mark.parametrize("fault", NONSENSE, ids=lambda one: one.name)
def test_an_answer_that_makes_no_sense_is_told(fake_server: Server, fault: Fault) -> None:
    """As where a portal or a proxy answers with a page of its own, to any call from one on."""
    nonsense_is_told(fake_server, [fault])


@pytest.mark.xdist_group("gitea")
def test_a_real_server_may_make_no_sense(gitea: Gitea, tmp_path: Path) -> None:
    """Likewise; it is slower, so each call meets one of them."""
    nonsense_is_told(partial(on_gitea, gitea, tmp_path), NONSENSE)


def other_shapes_are_told(server: Server) -> None:
    """Have all calls from one on answered by JSON of another shape, by turns; do so for each."""
    with server() as (fake, connect):
        for number in range(len(connect().commands())):
            before = fake.held()
            for call in count(1):
                fake.put_back(before)
                fake.trouble = outage = Outage(SHAPES[call % len(SHAPES)], call)
                # Where little is read of an answer, it may look right; then it shows later.
                with suppress(ForgeError, AssertionError):
                    connect().commands()[number]()
                if not outage.met:
                    break
            fake.trouble = None


def test_an_answer_of_another_shape_is_told(fake_server: Server) -> None:
    """As of another kind of server, or of a gateway that says in JSON what is the matter."""
    other_shapes_are_told(fake_server)


@pytest.mark.xdist_group("gitea")
def test_a_real_servers_answer_of_another_shape_is_told(gitea: Gitea, tmp_path: Path) -> None:
    """Likewise."""
    other_shapes_are_told(partial(on_gitea, gitea, tmp_path))


def test_what_makes_no_sense_is_told_with_its_place(any_server: Server) -> None:
    """What was asked for, and which setting to look at."""
    with any_server() as (fake, connect):
        forge = connect().forge
        fake.trouble = Outage(Fault("a gateway", Answer(200, {"error": "no upstream"})), 1)
        with pytest.raises(ForgeError) as caught:
            forge.merge_requests("shop")

    assert "can't list the merge requests: the answer makes no sense" == caught.value.what
    assert forge.url("shop") == caught.value.where
    assert "forge.url" in caught.value.hint


def test_an_outage_is_told(any_server: Server) -> None:
    """The error has what was tried, what the server said and what to do, and no token."""
    with any_server() as (fake, connect):
        fake.trouble = Outage(OUTAGES[0], 1)
        with pytest.raises(ForgeError) as caught:
            connect().forge.repos()

    assert re.fullmatch(r"can't list the repos of `acme[/\w-]*`: status 502", caught.value.what)
    assert "The server failed; run this again once it is well." == caught.value.hint
    assert ("Bad Gateway",) == caught.value.details


def test_a_limit_that_outlasts_our_patience_is_told(any_server: Server) -> None:
    """The command does not hang: it says that the limit is used up."""
    with any_server() as (fake, connect):
        fake.trouble = Outage(FAULTS[0], 1)
        with pytest.raises(ForgeError) as caught:
            connect().forge.repos()

    assert "Its rate limit is used up; run this again later." == caught.value.hint


def test_a_run_again_changes_nothing(any_server: Server) -> None:
    """Each command, made twice, leaves what it left the first time."""
    with any_server() as (fake, connect):
        for number in range(len(connect().commands())):
            connect().commands()[number]()
            expected = fake.effect()
            connect().commands()[number]()

            assert expected == fake.effect(), number


def test_no_secret_is_told(
    any_server: Server, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither the token nor the webhook's secret, in no log at any level, output or error."""
    with caplog.at_level(logging.DEBUG), any_server() as (fake, connect):
        for command in connect().commands():
            fake.trouble = FirstTries(FAULTS[0])
            command()
        fake.trouble = Outage(ECHO, 1)
        with pytest.raises(ForgeError) as caught:
            connect().forge.webhook("shop", "https://bot.example.com/other", SECRET)

    assert caplog.records
    assert ("The token *** is no good",) == caught.value.details
    said = caplog.text + "".join(capsys.readouterr()) + repr(vars(caught.value))
    assert TOKEN not in said
    assert SECRET not in said


def test_what_is_waited_for_is_told(any_server: Server, caplog: pytest.LogCaptureFixture) -> None:
    """Which server, why and for how long."""
    with any_server() as (fake, connect):
        fake.trouble = FirstTries(FAULTS[0])
        connect().forge.find("nothing")
        host = fake.url.removeprefix("http://")

    assert [f"{host}: its rate limit is used up; trying again in 7 s"] == caplog.messages
