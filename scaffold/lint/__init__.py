"""Lint: problems of a blueprint that can be found without a service made from it.

Rules are pure functions over a `Source`: a blueprint's working tree, read once and rendered with a
few sets of answers. Each has a permanent code.
"""

from scaffold.lint.registry import RULES
from scaffold.lint.report import LintReport, lint_blueprint, lint_report
from scaffold.lint.rule import Finding, Rule, Silenced

__all__ = ["RULES", "Finding", "LintReport", "Rule", "Silenced", "lint_blueprint", "lint_report"]
