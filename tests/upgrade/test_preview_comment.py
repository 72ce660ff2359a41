"""A preview as a comment, of whatever a fleet may bring."""

import html
import re

import pytest

from scaffold.upgrade.diffs import FileDiff, Hunk
from scaffold.upgrade.preview import Change, Clash, Preview
from scaffold.upgrade.preview_comment import preview_comment
from scaffold.upgrade.report import Line, RepoReport
from scaffold.upgrade.shapes import Shape
from scaffold.upgrade.state import UpgradeState

ALLOWED = {
    *("h3", "h4", "p", "ul", "li", "table", "thead", "tbody", "tr", "th", "td"),
    *("details", "summary", "pre", "code", "br", "wbr"),
}
LONG = "<&\"'>" * 100


def files_of(lines: list[str]) -> tuple[FileDiff, ...]:
    """What each upgrade changes, and lines that are new in a file."""
    name = ".copier-answers.yml"
    version = Hunk(1, 1, ("-_commit: v1", "+_commit: v2"))
    added = Hunk(0, 1, tuple(f"+{line}" for line in lines))
    return (FileDiff(f"a/{name}", f"b/{name}", (version,)), FileDiff("a/x", "b/x", (added,)))


def page_of(number: int, lines: list[str]) -> str:
    """The page where `number` repos change, fail and conflict, each otherwise."""
    text = "\n".join(lines)
    reports = [
        RepoReport(
            "t", f"repo-{one}", UpgradeState.WOULD_CHANGE, files=files_of(lines), message=text
        )
        for one in range(number)
    ]
    conflict = Line("/".join(["folder"] * 20), "content")
    changes = [
        Change(Shape(one.repo, ("x",)), 1, one, checked=True, broken=text, not_checked=(one.repo,))
        for one in reports
    ]
    return preview_comment(
        Preview(
            services=number,
            counts={UpgradeState.WOULD_CHANGE: number},
            only_version=0,
            changes=tuple(changes),
            conflicts=tuple(
                RepoReport("t", "r", one.result, conflicts=(conflict,)) for one in reports
            ),
            clashes=tuple(Clash(1, one.repo, conflict, tuple(lines)) for one in reports),
            failures=tuple(reports),
        ),
        "Title",
    )


@pytest.mark.parametrize("number", [1, 12, 2000])
def test_it_is_never_longer_than_a_comment_may_be(number: int) -> None:
    """Whatever has to be written as an entity."""
    assert len(page_of(number, [LONG] * 50)) <= 65_536


def test_what_is_left_out_is_counted() -> None:
    """So that nobody takes the page for all there is."""
    page = page_of(200, ["short"])

    assert "100 more conflicts are in the JSON report." in page
    assert "190 more kinds of conflict are in the JSON report." in page


def test_only_elements_that_comments_take_are_in_it() -> None:
    """All text is escaped."""
    page = page_of(12, [LONG, "<script>"])

    assert set(re.findall(r"</?(\w+)", page)) <= ALLOWED


def test_a_long_line_is_broken_and_whole() -> None:
    """No line of code is wider than a screen; what goes on has the sign of its line."""
    line = "".join(f"{number} " for number in range(200))
    (diff,) = re.findall(r'<pre lang="diff">(.*?)</pre>', page_of(1, [line]), re.S)

    shown = html.unescape(diff).split("\n")

    assert max(map(len, shown)) <= 103
    assert f"+{line}" == "".join(shown[3:]).replace("+… ", "")


def test_the_version_that_each_upgrade_changes_is_not_shown() -> None:
    """It would be the first thing in each fold."""
    page = page_of(1, ["new"])

    assert "_commit" not in page
    assert '<pre lang="diff">--- a/x\n' in page
