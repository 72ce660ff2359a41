"""What `make test` reports of its tests and their coverage, for the page of a CI job."""

import os
import re
from pathlib import Path

JUNIT = "reports/junit.xml"
COBERTURA = "reports/coverage.xml"
_SUMMARY = "GITHUB_STEP_SUMMARY"  # a file; Gitea has it, too, and GitLab reads the reports itself
_HEAD = 4096  # bytes; totals are in the first tags, and what follows may be long
_TOTALS = re.compile(r'<testsuites?\b[^>]*\btests="[^>]*>')
_NUMBER = re.compile(r'\b(tests|failures|errors)="(\d+)"')
_LINES = re.compile(r'<coverage\b[^>]*\bline-rate="([01](?:\.\d+)?)"')


def add_to_job_summary(path: Path) -> None:
    """Put the totals of the reports in `path` on the job's page, where the CI has one for it."""
    file = os.environ.get(_SUMMARY)
    text = summary(_head(path / JUNIT), _head(path / COBERTURA))
    if file and text:
        with Path(file).open("a", encoding="utf-8") as page:
            page.write(text)


def summary(junit: str, cobertura: str) -> str:
    """The totals of a JUnit and a Cobertura report in a line of Markdown; empty where none is."""
    words = []
    if totals := _TOTALS.search(junit):
        found = {name: int(number) for name, number in _NUMBER.findall(totals[0])}
        red = found.get("failures", 0) + found.get("errors", 0)
        words.append(f"{found.get('tests', 0)} tests, {red} failed")
    if lines := _LINES.search(cobertura):
        words.append(f"{float(lines[1]):.0%} of lines covered")
    return f"{', '.join(words)}\n" if words else ""


def _head(file: Path) -> str:
    """The beginning of a report; empty where there is none, as of tests that were not reached."""
    if not file.is_file():
        return ""
    with file.open("rb") as opened:
        return opened.read(_HEAD).decode("utf-8", "replace")
