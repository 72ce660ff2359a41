"""Servers that fail, at each call of a repo's life: it ends as if nothing had happened.

What GitLab and GitHub say when they fail is taken from
https://docs.gitlab.com/administration/settings/rate_limit_on_users_api/ (429 with Retry-After) and
https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api (primary limit:
403 or 429 with x-ratelimit-remaining 0; secondary: 403 or 429 with or without Retry-After).
"""

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from itertools import count

import pytest

from scaffold.config.forge import GithubForge, GitlabForge
from scaffold.errors import ForgeError
from scaffold.forge.credentials import Credentials
from scaffold.forge.github.adapter import GithubOrganisationForge
from scaffold.forge.gitlab.adapter import GitlabGroupForge
from tests.forge.fake_http import TOKEN, Answer, FakeForge, Fault, FirstTries, Outage
from tests.forge.fake_server import HELD, serving
from tests.forge.github.fake import FakeGithub
from tests.forge.gitlab.fake import FakeGitlab
from tests.forge.life import FAULTS, OUTAGES, SECRET, TIMEOUT, Life
from tests.forge.openapi import description
from tests.gitea import TOOLS

ECHO = Fault(
    "a server that repeats the token", Answer(422, {"message": f"The token {TOKEN} is no good"})
)
pytestmark = pytest.mark.usefixtures("naps")  # nothing really waits
DESCRIPTION = TOOLS / "share/github-openapi.json"
CREDENTIALS = Credentials(TOKEN, "the test")


@contextmanager
def on_gitlab() -> Iterator[tuple[FakeForge, Callable[[], Life]]]:
    """A server, and what connects to it anew, as another process would."""
    fake = FakeGitlab()
    fake.pipelines = True
    fake.lag = 1

    def connect() -> Life:
        settings = GitlabForge(kind="gitlab", url=fake.url, group="acme/shop", bot="bot")
        forge = GitlabGroupForge(settings, CREDENTIALS)
        return Life(forge, fake, "acme/readers", "acme/devs", "acme/admins")

    with serving(fake):
        yield fake, connect


@contextmanager
def on_github() -> Iterator[tuple[FakeForge, Callable[[], Life]]]:
    """Likewise of GitHub."""
    fake = FakeGithub(description(DESCRIPTION))
    fake.lag = 1

    def connect() -> Life:
        settings = GithubForge(kind="github", url=fake.url, group="acme", bot="bot")
        forge = GithubOrganisationForge(settings, CREDENTIALS)
        return Life(forge, fake, "readers", "devs", "admins")

    with serving(fake):
        yield fake, connect


SERVERS = {"gitlab": on_gitlab, "github": on_github}
Server = Callable[[], AbstractContextManager[tuple[FakeForge, Callable[[], Life]]]]


@pytest.fixture(params=sorted(SERVERS))
def server(request: pytest.FixtureRequest) -> Server:
    """Each of the servers."""
    if request.param == "github":
        request.getfixturevalue("github_description")  # or it is skipped
    found: Server = SERVERS[request.param]
    return found


@pytest.mark.parametrize("fault", FAULTS, ids=lambda one: one.name)
def test_a_fault_is_waited_out(server: Server, fault: Fault) -> None:
    """Each call meets it once: the commands go on, and the server holds what it would have held."""
    with server() as (fake, connect):
        for command in connect().commands():
            fake.trouble = None
            before = fake.held()
            command()
            expected = fake.effect()
            fake.put_back(before)
            fake.trouble = FirstTries(fault)
            command()

            assert expected == fake.effect(), command


def test_a_time_out_is_waited_out(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Likewise where the server did its work, and its answer came too late."""
    monkeypatch.setattr("scaffold.forge.http._READ", HELD / 2.5)
    test_a_fault_is_waited_out(server, TIMEOUT)


@pytest.mark.parametrize("fault", OUTAGES, ids=lambda one: one.name)
def test_the_next_run_finishes_what_one_began(server: Server, fault: Fault) -> None:
    """A server that fails for good from some call on fails the command; run again, all is well.

    That is so for every call of every command.
    """
    calls = 0
    with server() as (fake, connect):
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


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 422])
def test_a_refusal_at_any_call_is_told(server: Server, status: int) -> None:
    """It is an error with what was tried and what to do, if the command can't do without."""
    told = ("nothing", "nothing")
    refused = Fault("a refusal", Answer(status, {"message": "No way"}))
    with server() as (fake, connect):
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


def test_a_page_in_place_of_an_answer_is_told(server: Server) -> None:
    """As where a portal or a proxy answers with a page of its own, to any call."""
    page = Fault("a page", Answer(200, "<html>Log in", {"Content-Type": "text/html"}))
    calls = 0
    with server() as (fake, connect):
        for number in range(len(connect().commands())):
            before = fake.held()
            for call in count(1):
                fake.put_back(before)
                fake.trouble = outage = Outage(page, call)
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


def test_an_outage_is_told(server: Server) -> None:
    """The error has what was tried, what the server said and what to do, and no token."""
    with server() as (fake, connect):
        fake.trouble = Outage(OUTAGES[0], 1)
        with pytest.raises(ForgeError) as caught:
            connect().forge.repos()

    assert re.fullmatch("can't list the repos of `acme(/shop)?`: status 502", caught.value.what)
    assert "The server failed; run this again once it is well." == caught.value.hint
    assert ("Bad Gateway",) == caught.value.details


def test_a_limit_that_outlasts_our_patience_is_told(server: Server) -> None:
    """The command does not hang: it says that the limit is used up."""
    with server() as (fake, connect):
        fake.trouble = Outage(FAULTS[0], 1)
        with pytest.raises(ForgeError) as caught:
            connect().forge.repos()

    assert "Its rate limit is used up; run this again later." == caught.value.hint


def test_a_run_again_changes_nothing(server: Server) -> None:
    """Each command, made twice, leaves what it left the first time."""
    with server() as (fake, connect):
        for number in range(len(connect().commands())):
            connect().commands()[number]()
            expected = fake.effect()
            connect().commands()[number]()

            assert expected == fake.effect(), number


def test_no_secret_is_told(
    server: Server, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither the token nor the webhook's secret, in no log at any level, output or error."""
    with caplog.at_level(logging.DEBUG), server() as (fake, connect):
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


def test_what_is_waited_for_is_told(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    """Which server, why and for how long."""
    with server() as (fake, connect):
        fake.trouble = FirstTries(FAULTS[0])
        connect().forge.find("nothing")
        host = fake.url.removeprefix("http://")

    assert [f"{host}: its rate limit is used up; trying again in 7 s"] == caplog.messages
