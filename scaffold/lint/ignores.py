"""Findings that blueprint.yml silences, and entries there that silence nothing."""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Any

from scaffold.config.blueprint import BLUEPRINT_FILE, LintIgnore
from scaffold.config.yaml_reader import compose_documents
from scaffold.lint.rule import Finding, Rule, Spot, findings_of
from scaffold.lint.source import Source

_CODE = "BP901"


def reason_for(finding: Finding, source: Source) -> str | None:
    """The reason why blueprint.yml silences a finding; None where it does not."""
    return next(
        (ignore.reason for ignore in source.model.lint.ignore if _matches(ignore, finding)),
        None,
    )


def rule_over(rules: Sequence[Rule]) -> Rule:
    """The rule about entries that silence no finding of `rules`."""
    by_code = {rule.code: rule for rule in rules}

    def unmatched(source: Source) -> Iterator[Spot]:
        """An `ignore` of blueprint.yml that matches nothing hides the finding that comes next.

        It is left over from what was fixed, or its code or path is misspelt. This finding can't be
        silenced itself.
        """
        for number, ignore in enumerate(source.model.lint.ignore):
            rule = by_code.get(ignore.code)
            findings = findings_of(rule, source) if rule else ()
            if not any(_matches(ignore, finding) for finding in findings):
                why = "matches nothing" if rule else "names no rule"
                yield Spot(BLUEPRINT_FILE, _line(source, number), f"`{ignore.code}` {why}")

    return Rule(
        _CODE, "Ignore that matches nothing", "Remove it from blueprint.yml, or fix it.", unmatched
    )


def _matches(ignore: LintIgnore, finding: Finding) -> bool:
    return ignore.code == finding.code != _CODE and fnmatchcase(finding.path, ignore.path)


def _line(source: Source, number: int) -> int:
    """The line of one of the entries."""
    place: Any = compose_documents(source.texts[BLUEPRINT_FILE], source=BLUEPRINT_FILE)[0]
    for key in ("lint", "ignore"):
        place = next(value for name, value in place.value if name.value == key)
    line: int = place.value[number].start_mark.line + 1
    return line
