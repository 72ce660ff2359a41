"""What of a pass is news."""

from scaffold.bot.news import News
from scaffold.bot.passes import Failure, PassReport
from scaffold.chain.decide import Verdict, Why
from scaffold.chain.edges import Edge
from scaffold.chain.propagate import Event
from scaffold.config.blueprint import PinKind
from scaffold.errors import ForgeError

EDGE = Edge("code", "docker", PinKind.UPSTREAM)
GONE = Failure("shop", ForgeError("is away", where="x"))
NOTHING = PassReport((), ())


def waiting(service: str = "shop", desired: str = "2" * 40) -> PassReport:
    """A pass in which a pin waits for a status."""
    verdict = Verdict(EDGE, "1" * 40, desired, Why.WAITING, "for a green status")
    return PassReport((Event(service, f"{service}-docker", verdict),), ())


def test_what_waits_is_told_once() -> None:
    """Not with each pass; another commit that waits is news."""
    news = News()

    assert [waiting(), NOTHING, waiting(desired="3" * 40)] == [
        news.of(report) for report in (waiting(), waiting(), waiting(desired="3" * 40))
    ]


def test_what_is_over_and_comes_again_is_told_again() -> None:
    """It is another wait."""
    news = News()
    current = PassReport(
        (Event("shop", "shop-docker", Verdict(EDGE, "2" * 40, "2" * 40, Why.CURRENT)),), ()
    )
    passes = [news.of(report) for report in (waiting(), current, waiting())]

    assert [waiting(), current, waiting()] == passes


def test_a_look_at_another_service_changes_nothing() -> None:
    """A webhook is about one service."""
    news = News()
    passes = [news.of(report) for report in (waiting(), waiting("billing"), waiting())]

    assert [waiting(), waiting("billing"), NOTHING] == passes


def test_a_failure_is_told_once() -> None:
    """Until it is over."""
    news, failed = News(), PassReport((), (GONE,))
    passes = [news.of(report) for report in (failed, failed, waiting(), failed)]

    assert [failed, NOTHING, waiting(), failed] == passes
