"""A service's own policy makes the platform's stricter, and looser only where that allows it."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from scaffold.config.documents import parse_document
from scaffold.config.environment import Environment, Loosening, Promotion
from scaffold.config.platform import Platform
from scaffold.config.policy import ServicePolicy, policy_of
from scaffold.config.propagation import WeeklyFreeze
from scaffold.config.service import Service
from scaffold.errors import ConfigError
from scaffold.fleet.change import write_entry

STRICTNESS = (Promotion.AUTOMATIC, Promotion.SOAK, Promotion.MERGE_REQUEST)
WEEKEND = {"from": "Friday 16:00", "until": "Monday 8:00", "zone": "Europe/London"}
LONDON = ZoneInfo("Europe/London")
HOURS = some.sampled_from([0.0, 1.0, 24.0, 48.0])


def platform(*environments: Environment, **propagation: Any) -> Platform:
    """A platform with these environments."""
    said = {
        "name": "acme",
        "forge": {"kind": "local", "path": "/forge"},
        "registry": "registry.example.com",
        "ci": {"image": "ci:1"},
        "blueprints": [{"name": "small", "url": "https://git.example.com/small.git"}],
        "environments": [one.model_dump() for one in environments],
        "propagation": propagation,
        "teams": [{"name": "team-a"}],
    }
    return Platform.model_validate(said)


def wait(environment: Environment) -> tuple[int, float]:
    """How strict it is: who decides, and after how many hours of a soak."""
    soaks = environment.promotion is Promotion.SOAK
    return STRICTNESS.index(environment.promotion), environment.soak_hours if soaks else 0


@given(
    promotion=some.sampled_from(STRICTNESS),
    hours=HOURS,
    wish=some.none() | some.sampled_from(STRICTNESS),
    own_hours=some.none() | HOURS,
)
def test_it_is_never_looser_without_allow(
    promotion: Promotion, hours: float, wish: Promotion | None, own_hours: float | None
) -> None:
    """Whatever a service says; and what it says that is stricter holds."""
    there = Environment(name="prod", promotion=promotion, soak_hours=hours)
    own = {"name": "prod", "promotion": wish, "soak_hours": own_hours}
    policy = ServicePolicy.model_validate({"environments": [own]})
    found = policy_of(platform(there), policy, there).environment
    assert found is not None
    assert wait(there) <= wait(found)
    if wish is not None and STRICTNESS.index(wish) >= STRICTNESS.index(promotion):
        assert wish is found.promotion


@pytest.mark.parametrize("allow", [(), ("promotion",), ("soak_hours",)])
def test_what_the_platform_allows(allow: tuple[str, ...]) -> None:
    """Each by itself."""
    allowed = tuple(map(Loosening, allow))
    there = Environment(name="prod", promotion=Promotion.SOAK, soak_hours=24, allow=allowed)
    shorter = ServicePolicy.model_validate({"environments": [{"name": "prod", "soak_hours": 1}]})
    at_once = ServicePolicy.model_validate(
        {"environments": [{"name": "prod", "promotion": "automatic"}]}
    )
    found = [
        policy_of(platform(there), own, there).environment or there for own in (shorter, at_once)
    ]
    assert [1.0 if "soak_hours" in allow else 24.0] == [found[0].soak_hours]
    assert ("automatic" if "promotion" in allow else "soak") == found[1].promotion


def test_another_environment_is_the_platforms() -> None:
    """So is what comes before all of them."""
    there = Environment(name="prod")
    own = ServicePolicy.model_validate({"environments": [{"name": "dev", "promotion": "soak"}]})
    assert there == policy_of(platform(there), own, there).environment
    assert None is policy_of(platform(there), own, None).environment


def frozen(moment: datetime, **more: Any) -> bool:
    """Whether it is the weekend by London's clocks."""
    return WeeklyFreeze.model_validate({**WEEKEND, **more}).covers(moment.astimezone(UTC))


@pytest.mark.parametrize(
    ("day", "hour", "minute", "expected"),
    [
        (27, 15, 59, False), (27, 16, 0, True), (28, 12, 0, True), (29, 23, 59, True),
        (30, 0, 0, True), (30, 7, 59, True), (30, 8, 0, False),
    ],
)  # fmt: skip
@pytest.mark.parametrize(("year", "month"), [(2026, 3), (2026, 11)])
def test_a_weekend(
    year: int, month: int, day: int, hour: int, minute: int, *, expected: bool
) -> None:
    """From Friday to Monday by the clocks of the place; those of 29 March 2026 are put forward."""
    moment = datetime(year, month, day, hour, minute, tzinfo=LONDON)
    assert 4 == datetime(year, month, 27, tzinfo=UTC).weekday()
    assert expected == frozen(moment)


@given(some.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=some.just(UTC)))  # noqa: DTZ001
def test_a_window_and_the_rest_of_the_week(moment: datetime) -> None:
    """Each moment is in one of the two."""
    rest = {"from": WEEKEND["until"], "until": WEEKEND["from"]}
    assert frozen(moment) != frozen(moment, **rest)


def test_freezes_add_up() -> None:
    """The platform's and the service's, each for the environments that it names."""
    dev, prod = Environment(name="dev"), Environment(name="prod", after="dev")
    acme = platform(dev, prod, weekly_freeze=[{**WEEKEND, "environments": ["prod"]}])
    begin = datetime(2026, 12, 1, tzinfo=UTC)
    own = ServicePolicy.model_validate(
        {"freeze": [{"from": begin.isoformat(), "until": (begin + timedelta(1)).isoformat(),
                     "reason": "an audit"}]}
    )  # fmt: skip
    saturday = datetime(2026, 11, 28, tzinfo=UTC)
    told = {
        (str(place and place.name), moment.day): policy_of(acme, own, place).frozen(moment)
        for place, moment in product((None, dev, prod), (saturday, begin))
    }
    assert {
        ("None", 28): "", ("dev", 28): "", ("prod", 28): "until Monday 8:00, Europe/London",
        ("None", 1): "an audit", ("dev", 1): "an audit", ("prod", 1): "an audit",
    } == told  # fmt: skip


@pytest.mark.parametrize(
    ("key", "value", "why"),
    [
        ("zone", "Europe/Atlantis", "`zone`: is no time zone of the IANA's"),
        ("zone", "../etc/passwd", "`zone`: is no time zone of the IANA's"),
        ("from", "Fri 16:00", "`from`: must be a day and a time of day, as in Friday 16:00"),
        ("until", "Monday 24:00", "`until`: must be a day and a time of day"),
        ("until", "Friday 16:00", "`until` must be another time than `from`"),
    ],
)
def test_a_window_that_makes_no_sense(key: str, value: str, why: str) -> None:
    """It is told which key is wrong, and what it may be."""
    text = "\n".join(f"{name}: '{one}'" for name, one in {**WEEKEND, key: value}.items())
    with pytest.raises(ConfigError) as caught:
        parse_document(WeeklyFreeze, text, source="x.yml")
    assert why in str(caught.value)


def test_an_entry_with_a_policy_is_written_as_it_was_read() -> None:
    """`pause` and `retire` lose none of it; one without gets none."""
    policy = {
        "environments": [{"name": "prod", "promotion": "soak", "soak_hours": 48.0}],
        "freeze": [{"from": "2026-12-20T00:00:00+01:00", "until": "2027-01-04T00:00:00+01:00"}],
        "weekly_freeze": [WEEKEND],
        "notify": "payments",
    }
    said = {
        "name": "shop", "owner": "team-a", "summary": "", "blueprint": "small", "policy": policy,
        "repos": {"code": {"name": "shop-code", "url": "https://git.example.com/shop.git"}},
    }  # fmt: skip
    service = Service.model_validate(said)
    data = write_entry(service).data
    assert service == parse_document(Service, data, source="x.yml")
    plain = Service.model_validate({**said, "policy": {}})
    assert b"policy" not in write_entry(plain).data
