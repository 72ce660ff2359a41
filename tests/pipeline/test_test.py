"""`scaffold pipeline test`: a code repo's own tests, by `make test`."""

from contextlib import nullcontext
from pathlib import Path

import pytest

from scaffold.errors import ConfigError, ProcessFailedError, ToolMissingError
from scaffold.pipeline.test import run_tests


def makefile(folder: Path, recipe: str) -> Path:
    """Write a Makefile whose target `test` is this one line."""
    (folder / "Makefile").write_text(f"test:\n\t@{recipe}\n")
    return folder


def test_its_output_goes_straight_through(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The CI log must have what the tests say, on the stream that they say it on."""
    run_tests(makefile(tmp_path, "echo said; echo warned >&2"))

    said, warned = capfd.readouterr()
    assert "said\n" == said
    assert "warned\n" == warned


def test_tests_that_fail(tmp_path: Path) -> None:
    """The exit status alone decides."""
    with pytest.raises(ProcessFailedError, match="`make test` ended with status 2"):
        run_tests(makefile(tmp_path, "exit 7"))


def test_the_jobs_tokens_are_not_theirs(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service's code must not read the CI job's secrets; that it is CI, it may know."""
    monkeypatch.setenv("DEPLOY_TOKEN", "secret")
    monkeypatch.setenv("CI", "true")

    run_tests(makefile(tmp_path, 'echo "CI=$$CI DEPLOY_TOKEN=$$DEPLOY_TOKEN"'))

    assert "CI=true DEPLOY_TOKEN=\n" == capfd.readouterr().out


@pytest.mark.parametrize("ends", ["", "; exit 1"])
@pytest.mark.parametrize(
    ("junit", "said"),
    [
        (
            '<testsuites name="pytest tests"><testsuite errors="1" failures="2" tests="18">',
            "18 tests, 3 failed, 86% of lines covered\n",
        ),
        (
            '<testsuites tests="7" failures="0" errors="0" time="2"><testsuite failures="9">',
            "7 tests, 0 failed, 86% of lines covered\n",
        ),
        ("no report", "86% of lines covered\n"),
    ],
)
def test_the_jobs_page_has_the_totals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, junit: str, said: str, ends: str
) -> None:
    """As pytest and gotestsum report them, also of tests that fail; what is there stays."""
    page = tmp_path / "page.md"
    page.write_text("Before.\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports/junit.xml").write_text(f'<?xml version="1.0"?>\n{junit}')
    cobertura = '<!DOCTYPE coverage>\n<coverage version="7" line-rate="0.8603" branch-rate="0">'
    (tmp_path / "reports/coverage.xml").write_text(cobertura)

    with pytest.raises(ProcessFailedError) if ends else nullcontext():
        run_tests(makefile(tmp_path, f"true{ends}"))

    assert f"Before.\n{said}" == page.read_text()


def test_tests_that_report_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No page is made for them."""
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "page.md"))

    run_tests(makefile(tmp_path, "true"))

    assert not (tmp_path / "page.md").exists()


def test_no_makefile(tmp_path: Path) -> None:
    """A repo without one is no code repo."""
    with pytest.raises(ConfigError, match="there is no Makefile"):
        run_tests(tmp_path)


def test_no_make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without make the step must say so, and how to get it."""
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ToolMissingError, match="`make` is not installed"):
        run_tests(makefile(tmp_path, "true"))
