"""The report of checks: what was not run is told apart from what passed."""

import threading

import pytest

from scaffold.checks.report import Outcome, Report, Result, failed, not_run, passed, run_checks

PASSED = passed("kustomize", "env/dev", "3 objects")
FAILED = failed("hadolint", "docker/Dockerfile", ["DL3007", "DL3003"])
NOT_RUN = not_run("actionlint", "code/ci.yml", "actionlint is not installed")


@pytest.mark.parametrize(
    ("results", "ok", "complete"),
    [
        ((PASSED,), True, True),
        ((PASSED, FAILED), False, True),
        ((PASSED, NOT_RUN), True, False),
        ((FAILED, NOT_RUN), False, False),
    ],
)
def test_ok_and_complete(results: tuple[Result, ...], ok: bool, complete: bool) -> None:
    """A report without failures is complete only where every check could run."""
    report = Report(results)

    assert (ok, complete) == (report.ok, report.complete)


@pytest.mark.parametrize(
    ("results", "said"),
    [
        ((PASSED,), "1 of 1 checks passed"),
        ((PASSED, FAILED), "1 of 2 checks passed, 1 failed"),
        ((NOT_RUN, NOT_RUN), "0 of 2 checks passed, 2 could not run"),
        ((PASSED, FAILED, NOT_RUN), "1 of 3 checks passed, 1 failed, 1 could not run"),
    ],
)
def test_the_count(results: tuple[Result, ...], said: str) -> None:
    """What could not run is counted among all, and never among those that passed."""
    assert said == Report(results).count


def test_results_by_outcome() -> None:
    """In the order of the report."""
    report = Report((PASSED, FAILED, NOT_RUN, PASSED))

    assert (PASSED, PASSED) == report.of(Outcome.PASSED)
    assert (NOT_RUN,) == report.of(Outcome.NOT_RUN)


@pytest.mark.parametrize(
    ("result", "lines"),
    [
        (PASSED, ["passed   kustomize        env/dev"]),
        (FAILED, ["failed   hadolint         docker/Dockerfile", "  DL3007", "  DL3003"]),
        (
            NOT_RUN,
            ["not-run  actionlint       code/ci.yml", "  actionlint is not installed"],
        ),
    ],
)
def test_the_lines_of_a_result(result: Result, lines: list[str]) -> None:
    """What was found is said where a check did not pass."""
    assert lines == list(result.lines)


def test_results_are_in_the_order_of_the_checks() -> None:
    """Whichever ended first; here the first one can only end once the second has."""
    second_ended = threading.Event()

    def first() -> list[Result]:
        assert second_ended.wait(30)
        return [PASSED, NOT_RUN]

    def second() -> list[Result]:
        second_ended.set()
        return [FAILED]

    assert (PASSED, NOT_RUN, FAILED) == run_checks([first, second]).results


def test_a_check_that_breaks_is_no_check_that_passed() -> None:
    """Its error comes through."""

    def broken() -> list[Result]:
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        run_checks([lambda: [PASSED], broken])


def test_what_failed_is_told_last() -> None:
    """Below what could not run, with its details, just above the count."""
    lines = Report((FAILED, PASSED, NOT_RUN)).lines

    assert (PASSED.line, *NOT_RUN.lines, *FAILED.lines) == lines
