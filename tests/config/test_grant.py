"""A grant for a while, as its file has it."""

from datetime import timedelta
from typing import Any

import pytest

from scaffold.config.documents import dump_yaml, parse_document
from scaffold.config.grant import Grant, grant_file, read_duration
from scaffold.errors import ConfigError

GRANT = {
    "user": "alice@example.com", "role": "admin", "environment": "prod",
    "since": "2026-03-02T14:00:00Z", "until": "2026-03-02T16:00:00Z", "reason": "Payments hang",
}  # fmt: skip


def read(**changes: Any) -> Grant:
    """A grant out of its file."""
    return parse_document(Grant, dump_yaml(GRANT | changes), source="grants/x.yml")


@pytest.mark.parametrize(
    ("text", "hours"), [("2h", 2.0), ("90m", 1.5), ("1h30m", 1.5), ("1d", 24.0), (" 2h ", 2.0)]
)
def test_durations(text: str, hours: float) -> None:
    """In days, hours and minutes, together too."""
    assert timedelta(hours=hours) == read_duration(text)


@pytest.mark.parametrize(
    "text", ["", "2", "h", "0h", "-1h", "2x", "2h2h", "1.5h", "30m1h", "9" * 99 + "h", "٢h"]
)
def test_no_durations(text: str) -> None:
    """Nothing is guessed; nothing lasts no time."""
    with pytest.raises(ValueError, match="is no duration, as in 2h, 90m or 1h30m"):
        read_duration(text)


def test_what_is_written_is_read() -> None:
    """Times are absolute, in UTC, to the second."""
    one = read(since="2026-03-02T15:00:00+01:00")
    assert GRANT == grant_file(one)
    assert one == read(**grant_file(one))


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"group": "dba"}, "needs either a `user` or a `group`"),
        ({"user": None}, "needs either a `user` or a `group`"),
        ({"user": "system:anonymous"}, "names of Kubernetes' own"),
        ({"user": None, "group": "system:authenticated"}, "names of Kubernetes' own"),
        ({"user": " alice"}, "must be a name of 1 to 253 characters"),
        ({"user": ""}, "must be a name of 1 to 253 characters"),
        ({"until": "2026-03-02T14:00:00Z"}, "`until` must come after `since`"),
        ({"until": "2026-03-02T16:00:00"}, "should have timezone info"),
        ({"until": "tomorrow"}, "must be a time with its zone"),
        ({"role": "king"}, "grants/x.yml:2: `role`"),
        ({"reason": " "}, "must say what for"),
        ({"reason": "a\u202eb"}, "has a character that nobody sees"),
        ({"user": "a\u200bb"}, "has a character that nobody sees"),
    ],
)  # fmt: skip
def test_no_grants(changes: dict[str, Any], problem: str) -> None:
    """Each is told with its line."""
    with pytest.raises(ConfigError) as error:
        read(**changes)
    assert problem in str(error.value)


def test_its_name() -> None:
    """The same for the same role of the same services, however long and in whichever order."""
    one = read(services=["shop", "cart"])
    assert one.id == read(services=["cart", "shop"], until="2026-03-02T15:00:00Z").id
    assert "prod-alice-example-com" == one.id.rpartition("-")[0]
    others = [
        read(),
        read(role="developer"),
        read(environment="dev"),
        read(user="alice@example-com"),
    ]
    assert 5 == len({one.id, *(other.id for other in others)})
    assert read(user=None, group="alice@example.com").id != read().id
