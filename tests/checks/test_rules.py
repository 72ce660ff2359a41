"""Alerts are held to their tests, as `promtool test rules` runs them."""

from pathlib import Path

import pytest

from scaffold.checks.registered import CHECKS
from scaffold.checks.registry import Subject
from scaffold.checks.report import Outcome, Result
from scaffold.checks.rules import RULE_TESTS, check_rules
from tests.areas import need
from tests.builders import only_programs, write_files

RULES = """\
groups:
  - name: shop
    rules:
      - {alert: Down, expr: up == 0}
"""
OBJECT = "kind: PrometheusRule\nspec:\n  " + RULES.replace("\n", "\n  ").rstrip() + "\n"
TESTS = """\
rule_files: [prometheus-rule.yaml]
tests:
  - input_series: [{series: up, values: 0 0}]
    promql_expr_test:
      - expr: count by (alertname) (ALERTS)
        eval_time: 1m
        exp_samples: [{labels: '{alertname="Down"}', value: 1}]
"""


def checked(folder: Path, rules: str = OBJECT, tests: str = TESTS) -> Result:
    """What comes of these files."""
    write_files(folder, {"base/monitoring/prometheus-rule.yaml": rules, RULE_TESTS: tests})
    (result,) = check_rules(Subject(folder, "manifest", "1.34"), RULE_TESTS)
    return result


@pytest.mark.parametrize("rules", [OBJECT, RULES])
def test_alerts_that_do_what_their_tests_say(tmp_path: Path, rules: str) -> None:
    """The operator's object, or Prometheus' own file."""
    need("promtool")
    result = checked(tmp_path, rules)
    expected = ("alerts", f"manifest/{RULE_TESTS}", Outcome.PASSED)
    assert expected == (result.name, result.target, result.outcome)


@pytest.mark.parametrize(
    ("rules", "tests", "said"),
    [
        (OBJECT.replace("== 0", "== 1"), TESTS, "exp:"),
        (OBJECT.replace("== 0", "=="), TESTS, "parse error"),
        (OBJECT, TESTS.replace("eval_time", "evil_time"), "evil_time"),
        (OBJECT, "rule_files: []\n", "`rule_files` must name the files that are tested"),
        (OBJECT, "rule_files: [../rule.yaml]\n", "`rule_files` must name files beside it"),
        (OBJECT, "rule_files: [other.yaml]\n", "can't be read: No such file"),
        (OBJECT, "rule_files: [\n", "rule-tests.yaml:"),
    ],
)
def test_alerts_that_do_not(tmp_path: Path, rules: str, tests: str, said: str) -> None:
    """The check is red, and tells why, in promtool's words where it ran."""
    need("promtool")
    result = checked(tmp_path, rules, tests)
    assert Outcome.FAILED is result.outcome
    assert said in "\n".join(result.details)


def test_without_promtool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing counts as passed, and how to get it is told."""
    only_programs(monkeypatch, tmp_path / "bin")
    result = checked(tmp_path)
    assert (
        Outcome.NOT_RUN,
        ("promtool is not installed: apt install prometheus, which brings it",),
    ) == (
        result.outcome,
        result.details,
    )


def test_a_change_beside_them_counts() -> None:
    """That of an alert, and no other."""
    [check] = [one for one in CHECKS if one.name == "alerts"]
    changes = {"base/monitoring/prometheus-rule.yaml": True, "base/service.yaml": False}
    assert changes == {path: check.reads(RULE_TESTS, path) for path in changes}
