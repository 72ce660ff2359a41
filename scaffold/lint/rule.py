"""What a rule is, and what it finds."""

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from scaffold.lint.source import Source


@dataclass(frozen=True)
class Spot:
    """One place that breaks a rule: a path inside the blueprint, a line from 1, what is wrong.

    `hint` says what to do where that is another thing than the rule's own hint.
    """

    path: str
    line: int
    message: str
    hint: str = ""


@dataclass(frozen=True)
class Rule:
    """One rule: its code (which is never given to another rule), a title, and how to fix it."""

    code: str
    title: str
    hint: str
    check: Callable[[Source], Iterable[Spot]]

    @property
    def text(self) -> str:
        """What the rule is for, in Markdown: the docstring of its check."""
        return inspect.cleandoc(self.check.__doc__ or "")

    @property
    def anchor(self) -> str:
        """The id of the rule's section on the page about the rules."""
        return self.code.lower()


@dataclass(frozen=True)
class Finding:
    """One place that breaks a rule, as it is reported."""

    code: str
    path: str
    line: int
    message: str
    hint: str

    @property
    def where(self) -> str:
        """The place in the form that terminals and editors make a link of."""
        return f"{self.path}:{self.line}"


@dataclass(frozen=True)
class Silenced:
    """A finding that blueprint.yml silences, and the reason that it gives."""

    finding: Finding
    reason: str


def findings_of(rule: Rule, source: Source) -> tuple[Finding, ...]:
    """What one rule finds, each place once, in the order of places."""
    findings = {
        Finding(rule.code, spot.path, spot.line, spot.message, spot.hint or rule.hint)
        for spot in rule.check(source)
    }
    return tuple(
        sorted(findings, key=lambda finding: (finding.path, finding.line, finding.message))
    )
