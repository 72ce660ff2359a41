"""What Prometheus reads of the bot: of all services, whatever a single pass looked at."""

from scaffold.bot.metrics import Metrics
from scaffold.bot.passes import Failure, PassReport
from scaffold.chain.decide import Verdict, Why
from scaffold.chain.edges import Edge
from scaffold.chain.propagate import Event
from scaffold.config.blueprint import PinKind
from scaffold.errors import ConfigError

EDGE = Edge("code", "docker", PinKind.UPSTREAM)


def report(failing: tuple[str, ...] = (), **pins: Why) -> PassReport:
    """A pass that found services failing, and these reasons for pins of others."""
    events = [
        Event(name, f"{name}-docker", Verdict(EDGE, "1" * 40, "2" * 40, why))
        for name, why in pins.items()
    ]
    failures = [Failure(name, ConfigError("is not valid")) for name in failing]
    return PassReport(tuple(events), tuple(failures))


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    """What a metric says, or None where it says nothing."""
    return metrics.registry.get_sample_value(f"scaffold_bot_{name}", labels)


def test_a_failed_pass_is_counted_with_its_services() -> None:
    """One that fails in two repos is one service."""
    metrics = Metrics()
    metrics.count(report(failing=("cart", "cart", "shop")), 0.1)

    assert (1, 2) == (
        value(metrics, "passes_total", result="failed"), value(metrics, "services_failing")
    )  # fmt: skip


def test_a_pass_over_one_service_says_nothing_about_the_others() -> None:
    """A webhook must not make an alert for another service go away."""
    metrics = Metrics()
    metrics.count(report(failing=("cart",), shop=Why.HELD, post=Why.WAITING), 0.1)
    metrics.count(report(post=Why.CURRENT), 0.1, {"post"})

    assert (1, 1, None) == (
        value(metrics, "services_failing"),
        value(metrics, "pins_not_current", why="held"),
        value(metrics, "pins_not_current", why="waiting"),
    )


def test_what_is_over_is_over() -> None:
    """The next pass over a service, or over all, tells how it is then."""
    metrics = Metrics()
    metrics.count(report(failing=("cart",), shop=Why.HELD), 0.1)
    metrics.count(report(), 0.1, {"cart"})
    assert 0 == value(metrics, "services_failing")
    metrics.count(report(), 0.1)
    assert value(metrics, "pins_not_current", why="held") is None


def test_a_pass_that_came_to_no_service() -> None:
    """It is counted as such, and what was known before stays."""
    metrics = Metrics()
    metrics.count(report(failing=("cart",)), 0.1)
    metrics.count_aborted()

    assert (1, 1) == (
        value(metrics, "passes_total", result="aborted"), value(metrics, "services_failing")
    )  # fmt: skip
