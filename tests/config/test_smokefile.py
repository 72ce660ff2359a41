"""`smoke.yml`: what may be declared, and what is told of what may not."""

from pathlib import Path

import pytest

from scaffold.checks.registry import Subject
from scaffold.checks.report import Outcome
from scaffold.checks.smoke import check_smoke
from scaffold.config.documents import parse_document
from scaffold.config.smokefile import HttpCheck, SmokeFile
from scaffold.errors import ConfigError

WHOLE = """\
budget: 30
checks:
- name: orders
  path: /api/orders?limit=1
  service: shop
  port: 8080
  status: 200
  text: total
  json: {database.state: up, ready: true}
  headers: {Accept: application/json}
  retries: 1
"""


def test_all_keys() -> None:
    """Each key is read, and a field of JSON keeps its type."""
    check = HttpCheck(
        name="orders", path="/api/orders?limit=1", service="shop", port=8080, status=200,
        text="total", fields={"database.state": "up", "ready": True},
        headers={"Accept": "application/json"}, retries=1,
    )  # fmt: skip

    assert SmokeFile(budget=30, checks=(check,)) == parse_document(SmokeFile, WHOLE, source="s")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("path: api", "must begin with /"),
        ("path: /a b", "must begin with /"),
        ("path: /a/../b", "a part `.` or `..`"),
        ("path: /a/%2E%2e/b", "a part `.` or `..`"),
        ("path: /a%2f..%2fb", "a part `.` or `..`"),
        ("path: /%252e%252e/b", "a part `.` or `..`"),
        ("headers: {Authorization: x}", "`Authorization` can't be sent"),
        ("headers: {impersonate-user: admin}", "`impersonate-user` can't be sent"),
        ("headers: {X-Remote-User: admin}", "`X-Remote-User` can't be sent"),
        ("headers: {Host: x}", "`Host` can't be sent"),
        ("headers: {'a b': x}", "`a b` is no name of a header"),
        ('headers: {a: "b\\nc"}', "one line of ASCII"),
        ("headers: {a: no}", 'must be a text: put it in quotes, as in "1"'),
        ("json: {a: [1]}", "must be one value: name the field in it with a dot"),
        ("statsu: 200", "did you mean `status`?"),
        ("status: 99", "greater than or equal to 100"),
        ("retries: -1", "greater than or equal to 0"),
        ("name: ' a'", "must be a name in one line"),
    ],
)
def test_what_can_not_be_asked(tmp_path: Path, line: str, problem: str) -> None:
    """`scaffold check` must find it, with the line."""
    lines = {"name": "name: a", "path": "path: /", line.partition(":")[0]: line}
    (tmp_path / "smoke.yml").write_text("checks:\n- " + "\n  ".join(lines.values()))

    (result,) = check_smoke(Subject(tmp_path, "shop-env", "1.34"), "smoke.yml")

    number = 2 + list(lines.values()).index(line)
    assert (Outcome.FAILED, "shop-env/smoke.yml") == (result.outcome, result.target)
    assert f"smoke.yml:{number}: " in result.details[0]
    assert problem in result.details[0]


def test_a_file_without_a_check() -> None:
    """It would turn the readiness paths off, and ask nothing."""
    with pytest.raises(ConfigError, match="has no check: write one, or remove the file"):
        parse_document(SmokeFile, "checks: []", source="s")


def test_a_name_stands_for_one_check() -> None:
    """A report and a metric tell checks apart by it."""
    text = "checks:\n- {name: a, path: /}\n- {name: a, path: /b}"

    with pytest.raises(ConfigError, match="two checks are called `a`"):
        parse_document(SmokeFile, text, source="s")
