"""What a scan found in an image, and what the policy and the owner make of it."""

import json
from datetime import date
from typing import Any

import pytest

from scaffold.config.accepted import Accepted, AcceptedFindings
from scaffold.config.documents import parse_document
from scaffold.config.repofile import Severity
from scaffold.errors import ConfigError, ProcessFailedError
from scaffold.pipeline.findings import Verdict, judge, read_findings

TODAY = date(2026, 12, 24)


def match(name: str, severity: str, package: str = "openssl", **more: Any) -> dict[str, Any]:
    """One entry of grype's JSON, with what is read of it."""
    found = {"id": name, "severity": severity, "fix": {"versions": more.get("fix", [])}}
    related = [{"id": one} for one in more.get("related", [])]
    artifact = {"name": package, "version": "3.0.1"}
    return {"vulnerability": found, "relatedVulnerabilities": related, "artifact": artifact}


def verdict(
    least: str, *matches: dict[str, Any], accepted: list[dict[str, Any]] | None = None
) -> Verdict:
    """What comes of these findings."""
    entries = [
        Accepted.model_validate({"reason": "No server here.", **one}) for one in accepted or []
    ]
    found = read_findings(json.dumps({"matches": matches}).encode())
    return judge(found, entries, Severity(least), TODAY)


WORST = match("CVE-1", "Critical", fix=["3.0.2"])
BAD = match("GHSA-2", "High", "zlib", related=["CVE-2"])
MILD = match("CVE-3", "Medium")
UNKNOWN = match("CVE-4", "Unknown")
UNRATED = {**UNKNOWN, "vulnerability": {"id": "CVE-5"}}  # grype leaves out what it does not know
LINES = {
    "worst": "critical    openssl 3.0.1  CVE-1, fixed in 3.0.2",
    "bad": "high        zlib 3.0.1  GHSA-2 CVE-2, no fix yet",
}


@pytest.mark.parametrize(
    ("least", "failing"),
    [("critical", ["worst"]), ("high", ["worst", "bad"])],
)
def test_what_is_severe_enough_fails(least: str, failing: list[str]) -> None:
    """The worst first, each once, with the version that mends it."""
    found = verdict(least, MILD, BAD, UNKNOWN, UNRATED, WORST, WORST)

    assert Verdict(tuple(LINES[one] for one in failing), ()) == found


def test_nothing_is_found() -> None:
    """An image without packages has none."""
    assert Verdict((), ()) == verdict("negligible")


@pytest.mark.parametrize(
    "entry",
    [
        {"id": "CVE-2", "until": "2026-12-24"},
        {"id": "GHSA-2", "package": "zlib", "until": "2027-01-01"},
    ],
)
def test_what_is_accepted_passes(entry: dict[str, Any]) -> None:
    """By any of its names, to the end of the last day, and it goes on being told."""
    found = verdict("high", BAD, accepted=[entry])

    assert Verdict((), (f"accepted until {entry['until']}: {LINES['bad']}",)) == found


def test_what_was_accepted_counts_again() -> None:
    """On the day after the last one, and the line says that somebody had a reason."""
    found = verdict("high", BAD, accepted=[{"id": "CVE-2", "until": "2026-12-23"}])

    assert Verdict((f"{LINES['bad']}; it was accepted until 2026-12-23",), ()) == found


def test_an_entry_that_nothing_needs() -> None:
    """It is told, so that it is taken out; that of another package is one, too."""
    entry = {"id": "CVE-2", "package": "openssl", "until": "2027-01-01"}
    found = verdict("high", BAD, accepted=[entry])

    assert (
        Verdict((LINES["bad"],), ("CVE-2 is accepted, and not found any more: take it out",))
        == found
    )


@pytest.mark.parametrize("report", [b"", b"[]", b"{}", b'{"matches": [{"artifact": {}}]}'])
def test_what_is_no_report(report: bytes) -> None:
    """A scan that can't be read must not count as one that found nothing."""
    with pytest.raises(ProcessFailedError, match="wrote no report that can be read"):
        read_findings(report)


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("{id: CVE-1, reason: none, until: soon}", "must be a day, as in 2027-01-31"),
        ("{id: CVE-1, reason: none, until: 2027-02-30}", "until"),
        ("{id: CVE-1, until: 2027-01-31}", "reason"),
        ("{id: CVE-1, reason: ' ', until: 2027-01-31}", "reason"),
        ("{id: CVE-1, reason: none}", "until"),
    ],
)
def test_an_entry_has_a_reason_and_a_last_day(entry: str, problem: str) -> None:
    """Without them nobody would know why it is there, and it would stay for good."""
    text = f"accepted:\n- {entry}\n"

    with pytest.raises(ConfigError) as caught:
        parse_document(AcceptedFindings, text.encode(), source="accepted-findings.yml")

    assert problem in "\n".join(caught.value.lines)
