"""What the bot tells on Slack, and that nothing there fails a pass."""

import logging
import threading
from pathlib import Path

import pytest

from scaffold.bot import slack as slack_module
from scaffold.bot.links import Links
from scaffold.bot.notify import Message, messages
from scaffold.bot.passes import Failure, PassReport
from scaffold.bot.slack import Slack, slack_from_environment
from scaffold.chain.decide import Verdict, Why
from scaffold.chain.edges import Edge
from scaffold.chain.propagate import Event
from scaffold.config.blueprint import PinKind
from scaffold.config.environment import Environment
from scaffold.config.service import PairedRepo, Service
from scaffold.errors import (
    ConfigError,
    ForgeError,
    PushRefusedError,
    ScaffoldError,
    TimeUpError,
)
from scaffold.forge.api import MergeRequest, RequestState

LINKS = Links("local", {})
EDGE = Edge("code", "docker", PinKind.UPSTREAM)


def report(why: Why, *, commit: str = "", url: str = "", detail: str = "") -> PassReport:
    """A pass that did one thing."""
    verdict = Verdict(EDGE, "1" * 40, "2" * 40, why, detail)
    text = ("One", "", "scaffold/promote-docker", RequestState.OPEN)
    request = MergeRequest("payments-docker", 1, *text, url, None) if url else None
    return PassReport((Event("payments", "payments-docker", verdict, commit, request),), ())


def texts(found: PassReport, *, url: str = "https://git.example.com/a/{}.git") -> list[str]:
    """What is told of it, on a GitLab."""
    repos = {
        part: PairedRepo(name=f"payments-{part}", url=url.format(part))
        for part in ("code", "docker", "manifest", "env")
    }
    entry = Service(name="payments", owner="a", summary="", blueprint="b", repos=repos)
    links = Links("gitlab", {"payments": entry}, "https://docs.example.com/")
    return [message.text for message in messages(found, links)]


def test_a_move_is_told_with_its_commit_and_runbook() -> None:
    """Each message leads to where one can look."""
    told = (
        "*payments* docker moved: 222222222222\n"
        f"commit https://git.example.com/a/docker/-/commit/{'3' * 40}\n"
        "runbook https://docs.example.com/payments/runbook/"
    )
    assert [told] == texts(report(Why.MOVE, commit="3" * 40))


def test_a_commit_on_a_forge_without_pages() -> None:
    """It is named as git names it."""
    told = texts(report(Why.MOVE, commit="3" * 40), url="file:///forge/{}.git")[0]

    assert "commit payments-docker@333333333333" in told.splitlines()


def test_a_hold_is_told_with_its_reason() -> None:
    """Somebody moved away from that commit, and the bot respects it."""
    told = (
        "*payments* docker held: 222222222222\n"
        "why\n"
        f"commit https://git.example.com/a/code/-/commit/{'2' * 40}\n"
        "runbook https://docs.example.com/payments/runbook/"
    )
    assert [told] == texts(report(Why.HELD, detail="why"))


@pytest.mark.parametrize(("after", "word"), [(None, "moved"), ("dev", "promoted")])
def test_a_promotion_has_a_word_of_its_own(after: str | None, word: str) -> None:
    """An environment that follows another one gets what that one has."""
    environment = Environment(name="staging", after=after)
    edge = Edge("manifest", "env", PinKind.RELEASE, environment)
    verdict = Verdict(edge, None, "2" * 40, Why.MOVE)
    found = PassReport((Event("payments", "payments-env", verdict, "3" * 40),), ())

    assert f"*payments* staging {word}: 222222222222" == texts(found)[0].splitlines()[0]


def test_a_merge_request_is_told_with_its_address() -> None:
    """That is where a person has something to do."""
    told = texts(report(Why.REQUEST, commit="3" * 40, url="https://git.example.com/mr/1"))[0]

    assert "*payments* docker waits for a merge request: 222222222222" == told.splitlines()[0]
    assert "https://git.example.com/mr/1" == told.splitlines()[1]


def test_a_merge_request_on_the_local_forge_is_told_by_its_commands() -> None:
    """It has no page."""
    told = texts(report(Why.REQUEST, commit="3" * 40, url="file:///a.git refs/scaffold/mr/1"))[0]

    assert (
        "scaffold merge-request show payments-docker 1,"
        " then scaffold merge-request merge payments-docker 1"
    ) == told.splitlines()[1]


@pytest.mark.parametrize("why", [Why.CURRENT, Why.WAITING, Why.SOAKING, Why.FROZEN, Why.PAUSED])
def test_what_just_waits_is_not_told(why: Why) -> None:
    """It is no news."""
    assert [] == texts(report(why))


def test_a_failure_is_told() -> None:
    """With what to do."""
    failure = Failure("payments", ConfigError("is away", where="x", hint="Look."))

    assert [":x: payments failed: x: is away\nLook."] == texts(PassReport((), (failure,)))


def passes(slack: Slack, *errors: ScaffoldError | None) -> None:
    """So many passes over one service, each with its failure, if any."""
    for error in errors:
        failures = (Failure("shop", error),) if error else ()
        slack.tell(list(messages(PassReport((), failures), LINKS)), set() if error else {"shop"})


AWAY, SLOW = ForgeError("is away", where="shop-env"), TimeUpError("took 1,800 s", where="shop")


def test_what_can_not_be_reached_is_told_after_three_passes(tmp_path: Path) -> None:
    """However it failed; then once, and once more when it is there again."""
    sent: list[str] = []
    for errors in ((AWAY, SLOW), (AWAY, AWAY), (None, None)):
        passes(Slack(sent.append, tmp_path / "told.json"), *errors)

    assert [
        ":x: shop failed: shop-env: is away",
        ":large_green_circle: *shop* can be reached again",
    ] == sent


def test_what_is_there_again_within_three_passes_is_not_told(tmp_path: Path) -> None:
    """A pass that reaches it begins the count anew; one that does not look at it does not."""
    sent: list[str] = []
    slack = Slack(sent.append, tmp_path / "told.json")
    passes(slack, AWAY, AWAY, None, AWAY, AWAY)
    assert [] == sent

    slack.tell([], {"cart"})
    passes(slack, AWAY)

    assert [":x: shop failed: shop-env: is away"] == sent


@pytest.mark.parametrize("kind", [ConfigError, PushRefusedError])
def test_what_another_pass_does_not_mend_is_told_at_once(
    kind: type[ScaffoldError], tmp_path: Path
) -> None:
    """A file that is not valid, or a push that is refused."""
    sent: list[str] = []
    passes(Slack(sent.append, tmp_path / "told.json"), kind("is wrong"))

    assert [":x: shop failed: is wrong"] == sent


def test_the_same_is_told_once(tmp_path: Path) -> None:
    """A hold that lasts for many passes is one message; when it comes again it is news."""
    sent: list[str] = []
    slack = Slack(sent.append, tmp_path / "told.json")
    held = [Message("shop", "held", "held")]

    slack.tell(held, {"shop"})
    slack.tell(held, {"shop"})
    slack.tell([], {"shop"})
    slack.tell(held, {"shop"})

    assert ["held", "held"] == sent


def test_a_later_process_does_not_tell_it_again(tmp_path: Path) -> None:
    """`bot run --once` from a timer remembers what it told."""
    sent: list[str] = []
    for _ in range(3):
        slack = Slack(sent.append, tmp_path / "cache/told.json")
        slack.tell([Message("shop", "held", "held")], {"shop"})

    assert ["held"] == sent


def test_a_look_at_another_service_makes_no_old_news_new(tmp_path: Path) -> None:
    """A webhook is about one service; a service that failed tells nothing of its holds."""
    sent: list[str] = []
    slack = Slack(sent.append, tmp_path / "told.json")
    held = [Message("shop", "held", "held")]

    slack.tell(held, {"shop"})
    slack.tell([], {"billing"})
    slack.tell([], set())
    slack.tell(held, {"shop"})

    assert ["held"] == sent


@pytest.mark.parametrize("damaged", [b"", b"{", b"[]", b"\xff", b"null"])
def test_a_damaged_memory_is_an_empty_one(tmp_path: Path, damaged: bytes) -> None:
    """The worst that comes of it is a message too many."""
    memory, sent = tmp_path / "told.json", list[str]()
    memory.write_bytes(damaged)
    Slack(sent.append, memory).tell([Message("shop", "held", "held")], {"shop"})

    assert ["held"] == sent


def test_a_memory_that_can_not_be_written(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It is told, and the message is sent."""
    (tmp_path / "file").touch()
    sent: list[str] = []
    Slack(sent.append, tmp_path / "file/told.json").tell([Message("shop", "a", "a")], {"shop"})

    assert (["a"], True) == (sent, "is not remembered" in caplog.text)


def test_slack_that_fails_fails_nothing(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    """It is logged without the address, which is a secret, and tried again."""
    sent: list[str] = []

    def fail_once(text: str) -> None:
        if not sent:
            sent.append("failed")
            raise OSError("https://hooks.slack.example.com/secret is away")
        sent.append(text)

    slack = Slack(fail_once, tmp_path / "told.json")
    with caplog.at_level(logging.WARNING):
        slack.tell([Message("shop", "a", "a")], {"shop"})
    slack.tell([Message("shop", "a", "a")], {"shop"})

    assert (["failed", "a"], False) == (sent, "secret" in caplog.text)


def test_what_takes_too_long_is_left_for_the_next_pass(tmp_path: Path) -> None:
    """Many messages to a slow Slack must not hold the bot up."""
    sent: list[str] = []
    slack = Slack(sent.append, tmp_path / "told.json", budget=-1)
    slack.tell([Message("shop", "a", "a")], {"shop"})

    assert [] == sent


def test_without_a_webhook_it_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """The default."""
    monkeypatch.delenv("SCAFFOLD_SLACK_WEBHOOK", raising=False)

    assert slack_from_environment("file:///platform.git") is None


def test_one_that_holds_a_message_for_ever(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Passes go on without; once it lets go, the next one tells the rest."""
    monkeypatch.setattr(slack_module, "_TIMEOUT", 0.1)
    told: list[str] = []
    goes_on = threading.Event()

    def send(text: str) -> None:
        assert goes_on.wait(30)
        told.append(text)

    slack, found = (
        Slack(send, tmp_path / "told.json", budget=0.2),
        [Message("shop", "a", "a"), Message("shop", "b", "b")],
    )
    slack.tell(found[:1], {"shop"})
    slack.tell(found, {"shop"})
    assert ([], ["slack is still being told of an earlier pass"]) == (told, caplog.messages)
    goes_on.set()
    assert slack._sending is not None
    slack._sending.join(30)
    slack.tell(found, {"shop"})

    assert ["a", "b"] == told
