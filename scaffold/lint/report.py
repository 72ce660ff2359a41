"""Lints a blueprint: every rule over its working tree."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from scaffold.config.blueprint import BLUEPRINT_FILE
from scaffold.errors import (
    BlueprintNotFoundError,
    ConfigError,
    RenderError,
    ScaffoldError,
)
from scaffold.git.scratch import scratch_folder
from scaffold.lint.baseline import Baseline, Known, compared
from scaffold.lint.formats import not_checked
from scaffold.lint.ignores import reason_for
from scaffold.lint.read import read_source, working_tree
from scaffold.lint.registry import RULES
from scaffold.lint.rule import Finding, Silenced, findings_of
from scaffold.lint.source import texts_of

_PROBLEM = re.compile(r"(?P<path>[^:]+):(?P<line>[0-9]+): (?P<what>.+)", re.DOTALL)
_PLACE = re.compile(r"(?P<path>[^:@]+)(@[^:]*)?(:[^:]*[^:0-9][^:]*)?(:(?P<line>[0-9]+))?")
_BY_CODE = {rule.code: rule for rule in RULES}


@dataclass(frozen=True)
class LintReport:
    """The findings, those that blueprint.yml silences, and the texts of the blueprint's files.

    `not_checked` is what lacks a program. Beside a baseline, the findings are those that it has
    not; the others are counted, and `gone` is what only the baseline has.
    """

    findings: tuple[Finding, ...]
    silenced: tuple[Silenced, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    not_checked: tuple[str, ...] = ()
    in_baseline: int = 0
    gone: tuple[Known, ...] = ()

    def beside(self, baseline: Baseline) -> "LintReport":
        """The report with what differs from a baseline."""
        found = compared(self.findings, self.texts, baseline)
        return replace(self, findings=found.new, in_baseline=found.known, gone=found.gone)


def lint_report(folder: Path, *, trust: bool = False) -> LintReport:
    """Lint the working tree of the blueprint at `folder`, including uncommitted changes.

    If copier.yml or blueprint.yml can't be read, that is the only finding. Raises
    BlueprintNotFoundError where the folder has neither file.
    """
    if not any((folder / name).is_file() for name in (BLUEPRINT_FILE, "copier.yml", "copier.yaml")):
        raise BlueprintNotFoundError(
            "there is no blueprint in this folder",
            where=str(folder),
            hint="Name the folder that has copier.yml and blueprint.yml.",
        )
    with scratch_folder() as scratch:
        try:
            source = read_source(folder, scratch.resolve(), trust=trust)
        except (ConfigError, RenderError) as error:
            found = tuple(_unreadable(error))
            return LintReport(found, texts=texts_of(working_tree(folder)))
        left, silenced = [], []
        for rule in RULES:
            for finding in findings_of(rule, source):
                reason = reason_for(finding, source)
                if reason is None:
                    left.append(finding)
                else:
                    silenced.append(Silenced(finding, reason))
    return LintReport(tuple(left), tuple(silenced), source.texts, not_checked(source))


def lint_blueprint(folder: Path, *, trust: bool = False) -> tuple[Finding, ...]:
    """The findings of a blueprint, in the order of the rules; see `lint_report`."""
    return lint_report(folder, trust=trust).findings


def _unreadable(error: ScaffoldError) -> Iterator[Finding]:
    rule = _BY_CODE["BP101"]
    hint = error.hint or rule.hint
    problems = [match for detail in error.details if (match := _PROBLEM.fullmatch(detail))]
    for problem in problems:
        yield Finding(rule.code, problem["path"], int(problem["line"]), problem["what"], hint)
    if not problems:
        place = _PLACE.fullmatch(error.where)
        path, line = (place["path"], place["line"]) if place else (error.where, None)
        yield Finding(rule.code, path, int(line or 1), error.what, hint)
