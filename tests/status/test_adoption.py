"""When services came to each version of their blueprint, and how many had which month by month."""

from datetime import UTC, datetime

from scaffold.status.adoption import Adopted, by_month

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def had(**versions: str) -> list[Adopted]:
    """A service by the days, as in m2026_01_31, on which it came to each version."""
    return [
        Adopted(version, datetime.strptime(day, "m%Y_%m_%d").replace(tzinfo=UTC))
        for day, version in versions.items()
    ]


def test_the_version_at_the_end_of_each_month() -> None:
    """From the first month that there was one to this month; a change on the last day counts."""
    services = [
        had(m2025_12_31="v1", m2026_02_01="v2"),
        had(m2026_01_05="v1", m2026_01_31="v2", m2026_03_01="v3"),
        had(),
    ]

    assert {
        "2025-12": {"v1": 1},
        "2026-01": {"v1": 1, "v2": 1},
        "2026-02": {"v2": 2},
        "2026-03": {"v2": 1, "v3": 1},
    } == by_month(services, NOW)


def test_a_year_at_most() -> None:
    """What came before counts in each month."""
    found = by_month([had(m2020_01_01="v1")], NOW)

    assert ("2025-04", "2026-03", 12) == (min(found), max(found), len(found))
    assert [{"v1": 1}] * 12 == list(found.values())


def test_without_services_there_is_no_month() -> None:
    """And no table."""
    assert {} == by_month([], NOW)
