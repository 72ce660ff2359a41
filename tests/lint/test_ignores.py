"""What blueprint.yml silences, and BP901: an entry there that silences nothing."""

from pathlib import Path

import pytest

from scaffold.lint import Finding, LintReport, Silenced, lint_report
from tests.builders import Files, write_files
from tests.lint.case import CLEAN, GITLAB, MODEL, found

TWO_LINES = "build:\n  script:\n    - make a\n    - make b\n"


def with_ignores(*entries: str) -> str:
    """blueprint.yml with these entries."""
    return f"{MODEL}lint:\n  ignore:\n" + "".join(f"    - {entry}\n" for entry in entries)


def linted(folder: Path, *entries: str) -> LintReport:
    """The report of a blueprint with one finding, of BP301, and these entries."""
    write_files(folder, {**CLEAN, GITLAB: TWO_LINES, "blueprint.yml": with_ignores(*entries)})
    return lint_report(folder)


@pytest.mark.parametrize("path", ["", ", path: code/*", f", path: {GITLAB}", ", path: '*.jinja'"])
def test_a_finding_is_silenced(tmp_path: Path, path: str) -> None:
    """By its code, and its path where one is given; the reason is kept."""
    report = linted(tmp_path, f"{{code: BP301{path}, reason: For the test.}}")

    finding = Finding(
        "BP301",
        GITLAB,
        4,
        "the job `build` has 2 lines of shell",
        "Call one program: a step of `scaffold pipeline`, a make target, a tested script.",
    )
    assert ((), (Silenced(finding, "For the test."),)) == (report.findings, report.silenced)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("{code: BP302, reason: Old.}", "`BP302` matches nothing"),
        ("{code: BP301, path: env/*, reason: Old.}", "`BP301` matches nothing"),
        ("{code: BP999, reason: Old.}", "`BP999` names no rule"),
        ("{code: BP901, reason: Old.}", "`BP901` names no rule"),
    ],
)
def test_bp901_an_entry_that_matches_nothing(tmp_path: Path, entry: str, message: str) -> None:
    """At its line; what it does not match is still found."""
    report = linted(tmp_path, "{code: BP301, path: docker/*, reason: Old.}", entry)

    assert [
        ("BP301", f"{GITLAB}:4", "the job `build` has 2 lines of shell"),
        ("BP901", "blueprint.yml:10", "`BP301` matches nothing"),
        ("BP901", "blueprint.yml:11", message),
    ] == [(one.code, one.where, one.message) for one in report.findings]


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("{code: BP301}", "`lint.ignore.0.reason`: is missing; add `reason:`"),
        (
            "{code: BP301, reason: ''}",
            "`lint.ignore.0.reason`: String should have at least 1 character (it is '')",
        ),
        (
            "{code: E501, reason: A.}",
            "`lint.ignore.0.code`: String should match pattern '^BP[0-9]{3}$' (it is 'E501')",
        ),
    ],
)
def test_an_entry_needs_a_reason_and_a_code(tmp_path: Path, entry: str, problem: str) -> None:
    """Whoever comes next wants to know why."""
    assert [f"blueprint.yml:10 BP101 {problem}"] == found(
        tmp_path, {GITLAB: TWO_LINES, "blueprint.yml": with_ignores(entry)}
    )


@pytest.mark.parametrize("count", range(4))
def test_what_is_silenced_and_what_is_left_are_all(tmp_path: Path, count: int) -> None:
    """Whatever is silenced, no finding is lost and none is made."""
    faulty: Files = {
        **CLEAN,
        GITLAB: f"image: python\n{TWO_LINES}",
        "code/a.txt": "no end",
        "code/b.jinja": "{{ lost }}\n",
    }
    write_files(tmp_path, faulty)
    everything = lint_report(tmp_path).findings
    codes = sorted({one.code for one in everything})
    entries = [f"{{code: {code}, reason: For now.}}" for code in codes[:count]]
    write_files(tmp_path, {"blueprint.yml": with_ignores(*entries) if entries else MODEL})

    report = lint_report(tmp_path)

    assert ["BP105", "BP201", "BP301", "BP401"] == codes
    assert codes[:count] == sorted({one.finding.code for one in report.silenced})
    assert set(everything) == {*report.findings, *(one.finding for one in report.silenced)}
