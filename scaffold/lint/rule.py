"""Rules and their findings."""

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from scaffold.lint.source import Source


@dataclass(frozen=True)
class Spot:
    """One place that breaks a rule: a path inside the blueprint, a line from 1, the problem.

    `hint` says what to do if the rule's own hint does not apply.
    """

    path: str
    line: int
    message: str
    hint: str = ""


@dataclass(frozen=True)
class Rule:
    """One rule: its permanent code, a title, and how to fix a finding.

    `shows_line` is whether the line of a finding may be shown, as no secret may.
    """

    code: str
    title: str
    hint: str
    check: Callable[[Source], Iterable[Spot]]
    shows_line: bool = True

    @property
    def text(self) -> str:
        """The documentation of the rule, in Markdown: the docstring of its check."""
        return inspect.cleandoc(self.check.__doc__ or "")

    @property
    def anchor(self) -> str:
        """The id of the rule's section on the page about the rules."""
        return self.code.lower()


@dataclass(frozen=True)
class Finding:
    """One place that breaks a rule, for reports."""

    code: str
    path: str
    line: int
    message: str
    hint: str
    shows_line: bool = True

    @property
    def where(self) -> str:
        """The place in the format that terminals and editors link."""
        return f"{self.path}:{self.line}"


@dataclass(frozen=True)
class Silenced:
    """A finding that blueprint.yml silences, with its reason."""

    finding: Finding
    reason: str


def findings_of(rule: Rule, source: Source) -> tuple[Finding, ...]:
    """The findings of one rule, each place once, in the order of places."""
    findings = {
        Finding(
            rule.code, spot.path, spot.line, spot.message, spot.hint or rule.hint, rule.shows_line
        )
        for spot in rule.check(source)
    }
    return tuple(
        sorted(findings, key=lambda finding: (finding.path, finding.line, finding.message))
    )
