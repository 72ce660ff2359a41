"""A lint report as SARIF 2.1.0, which forges and editors show next to the lines.

The format: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from scaffold import __version__
from scaffold.lint.report import LintReport
from scaffold.lint.rule import Finding, Rule

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
# The base of paths: the blueprint's folder, whose place SARIF leaves to the reader.
_BASE = "SRCROOT"


def to_sarif(report: LintReport, rules: Sequence[Rule]) -> dict[str, Any]:
    """The report as a SARIF log; silenced findings are in it as suppressed, with their reason."""
    places = {rule.code: number for number, rule in enumerate(rules)}
    left = [_result(finding, places) for finding in report.findings]
    silenced = [
        {
            **_result(finding.finding, places),
            "suppressions": [{"kind": "external", "justification": finding.reason}],
        }
        for finding in report.silenced
    ]
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "scaffold blueprint lint",
                        "version": __version__,
                        "rules": [_rule(rule) for rule in rules],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "originalUriBaseIds": {
                    _BASE: {"description": {"text": "The blueprint's folder."}},
                },
                "results": left + silenced,
            }
        ],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "shortDescription": {"text": f"{rule.title}."},
        "fullDescription": {"text": rule.text},
        "help": {"text": rule.hint, "markdown": f"{rule.text}\n\n{rule.hint}"},
        "defaultConfiguration": {"level": "error"},
    }


def _result(finding: Finding, places: dict[str, int]) -> dict[str, Any]:
    return {
        "ruleId": finding.code,
        "ruleIndex": places[finding.code],
        "level": "error",
        "message": {"text": f"{finding.message}. {finding.hint}"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(finding.path), "uriBaseId": _BASE},
                    "region": {"startLine": finding.line},
                }
            }
        ],
    }
