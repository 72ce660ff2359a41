"""What the bot tells on Slack, and that nothing there fails a pass."""

import logging

import pytest

from scaffold.chain.bot import Failure, PassReport
from scaffold.chain.decide import Verdict, Why
from scaffold.chain.edges import Edge
from scaffold.chain.notify import Message, Slack, messages, slack_from_environment
from scaffold.chain.propagate import Event
from scaffold.errors import ForgeError
from scaffold.model.blueprint import PinKind

EDGE = Edge("code", "docker", PinKind.UPSTREAM)


def report(why: Why, *, commit: str = "", url: str = "", detail: str = "") -> PassReport:
    """A pass that did one thing."""
    verdict = Verdict(EDGE, "1" * 40, "2" * 40, why, detail)
    return PassReport((Event("payments", "payments-docker", verdict, commit, url),), ())


def texts(found: PassReport) -> list[str]:
    """What is told of it."""
    return [message.text for message in messages(found, "https://docs.example.com/")]


def test_a_move_is_told_with_its_commit_and_runbook() -> None:
    """Each message leads to where one can look."""
    told = (
        "*payments* docker moved: 222222222222\n"
        "commit payments-docker@333333333333\n"
        "runbook https://docs.example.com/payments/runbook/"
    )
    assert [told] == texts(report(Why.MOVE, commit="3" * 40))


def test_a_hold_is_told_with_its_reason() -> None:
    """Somebody moved it back, and the bot respects that."""
    assert [
        "*payments* docker held: 222222222222\nwhy\nrunbook https://docs.example.com/payments/runbook/"
    ] == texts(report(Why.HELD, detail="why"))


@pytest.mark.parametrize("why", [Why.CURRENT, Why.WAITING, Why.SOAKING, Why.FROZEN, Why.PAUSED])
def test_what_just_waits_is_not_told(why: Why) -> None:
    """It is no news."""
    assert [] == texts(report(why))


def test_a_failure_is_told() -> None:
    """With what to do."""
    failure = Failure("payments", ForgeError("is away", where="x", hint="Look."))

    assert [":x: payments failed: x: is away\nLook."] == texts(PassReport((), (failure,)))


def test_the_same_is_told_once() -> None:
    """A hold that lasts for many passes is one message; when it comes again it is news."""
    sent: list[str] = []
    slack = Slack(sent.append)
    held = [Message("held", "held")]

    slack.tell(held)
    slack.tell(held)
    slack.tell([])
    slack.tell(held)

    assert ["held", "held"] == sent


def test_slack_that_fails_fails_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """It is logged without the address, which is a secret, and tried again."""
    sent: list[str] = []

    def fail_once(text: str) -> None:
        if not sent:
            sent.append("failed")
            raise OSError("https://hooks.slack.example.com/secret is away")
        sent.append(text)

    slack = Slack(fail_once)
    with caplog.at_level(logging.WARNING):
        slack.tell([Message("a", "a")])
    slack.tell([Message("a", "a")])

    assert (["failed", "a"], False) == (sent, "secret" in caplog.text)


def test_without_a_webhook_it_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """The default."""
    monkeypatch.delenv("SCAFFOLD_SLACK_WEBHOOK", raising=False)

    assert slack_from_environment() is None
