"""A fleet that is larger than a screen: what needs somebody first, and a count of the rest."""

from dataclasses import replace
from datetime import UTC, datetime

from scaffold.chain.decide import Verdict, Why
from scaffold.chain.edges import Edge
from scaffold.cli.status_text import status_text
from scaffold.config.blueprint import PinKind
from scaffold.status.line import ServiceLine

NOW = datetime(2026, 3, 2, tzinfo=UTC)
EDGE = Edge("code", "docker", PinKind.UPSTREAM)


def fleet(count: int, **whys: Why) -> list[ServiceLine]:
    """Services that are fine, and some whose pin is not."""
    fine = ServiceLine("", "team", "b", "active", (Verdict(EDGE, "a", "a", Why.CURRENT),))
    others = {
        name: replace(fine, service=name, pins=(Verdict(EDGE, "a", "b", why),))
        for name, why in whys.items()
    }
    rest = [replace(fine, service=f"s{number:03}") for number in range(count - len(others))]
    return sorted([*others.values(), *rest], key=lambda line: line.service)


def text(lines: list[ServiceLine], *, whole: bool = False) -> list[str]:
    """What is printed."""
    return list(status_text(lines, (), NOW, whole=whole))


def test_up_to_a_screen_all_are_listed() -> None:
    """In the order of their names."""
    lines = text(fleet(20, zz=Why.HELD))
    assert 22 == len(lines)  # the heading, the services, and what one is held for
    assert lines[20].startswith("zz")


def test_more_than_a_screen() -> None:
    """Those that are held, then those that move; the others are counted."""
    lines = text(fleet(200, a=Why.SOAKING, b=Why.HELD, c=Why.CURRENT))
    assert ["SERVICE", "b", "a", "b", "a", "", "1"] == [
        line.split()[0] if line else "" for line in lines
    ]
    assert (
        "1 of 200 services need somebody, 1 move by themselves, 198 are fine; with --all they are"
        " listed, too."
    ) == lines[-1]


def test_all_that_are_asked_for() -> None:
    """However many there are; then nothing is counted."""
    lines = text(fleet(200), whole=True)
    assert (201, "s199") == (len(lines), lines[-1].split()[0])


def test_a_large_fleet_that_is_fine() -> None:
    """There is nothing to list."""
    (line,) = text(fleet(200))
    assert line.startswith("0 of 200 services need somebody, 0 move by themselves, 200 are fine;")
