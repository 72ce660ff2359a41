"""Lint: what is wrong with a blueprint, found without a service that is made from it.

Rules are pure functions over a `Source`: a blueprint's working tree, read once and rendered with a
few sets of answers. Each has a code, which stays its own.
"""

from scaffold.lint.registry import RULES
from scaffold.lint.report import LintReport, lint_blueprint, lint_report
from scaffold.lint.rule import Finding, Rule, Silenced

__all__ = ["RULES", "Finding", "LintReport", "Rule", "Silenced", "lint_blueprint", "lint_report"]
