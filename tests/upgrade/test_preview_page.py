"""The page of a preview: a document, of whatever a fleet may bring."""

import html
import re
from html.parser import HTMLParser

from scaffold.upgrade.diffs import FileDiff, diff_file
from scaffold.upgrade.preview import Change, Clash, Preview
from scaffold.upgrade.preview_page import preview_page
from scaffold.upgrade.report import Line, RepoReport
from scaffold.upgrade.shapes import Shape
from scaffold.upgrade.state import UpgradeState

TITLE = "Releasing <small> as v1.1.0"
LINES = ("<<<<<<< main", "ours", "=======", "theirs", ">>>>>>> v1.1.0")
VOID = {"meta", "wbr"}


def repo(name: str, *conflicts: Line, message: str = "") -> RepoReport:
    """What is planned for a repo that has a page."""
    page = f"https://git.example.com/{name}"
    result = UpgradeState.WOULD_CONFLICT
    return RepoReport("t", name, result, conflicts=conflicts, message=message, page=page)


def change(files: list[FileDiff | None], *decisions: Line, repos: int = 1) -> Change:
    """One kind of change, of these files."""
    report = RepoReport(
        "t", "a", UpgradeState.WOULD_CHANGE, files=tuple(filter(None, files)), decisions=decisions
    )
    return Change(Shape(str(repos), ("x",), 1, 1), repos, report)


def page_of(
    *,
    changes: tuple[Change, ...] = (),
    conflicts: tuple[RepoReport, ...] = (),
    clashes: tuple[Clash, ...] = (),
    failures: tuple[RepoReport, ...] = (),
) -> str:
    """The page of a preview."""
    counts = {UpgradeState.WOULD_CHANGE: 1}
    return preview_page(Preview(1, counts, 0, changes, conflicts, clashes, failures), TITLE)


def text_of(page: str) -> str:
    """The words of a page, line by line."""
    body = page.partition("<body>")[2].replace("<wbr>", "").replace("</span>", "\n")
    return html.unescape(re.sub(r"<[^>]+>", "", body))


class _Balanced(HTMLParser):
    """Holds the elements that are open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        """One more, unless it has no end."""
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """It is the last one that was opened."""
        assert tag == self.open.pop()


WHOLE = page_of(
    changes=(change([diff_file("a/<b>", "one\n", "two\n")]),),
    conflicts=(repo("r", Line("README.md", "content", owners=("ada", "team/x"))),),
    clashes=(Clash(1, "r", Line("README.md", "content"), LINES),),
    failures=(repo("f", message="a.jinja:1: <fails>\nMend it."),),
)


def test_it_is_a_document() -> None:
    """A browser needs nothing else, and is let do nothing else."""
    assert WHOLE.startswith('<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n')
    assert "<title>Releasing &lt;small&gt; as v1.1.0</title>" in WHOLE
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in WHOLE
    assert "content=\"default-src 'none'; style-src 'unsafe-inline'\"" in WHOLE
    assert "@media (prefers-color-scheme: dark)" in WHOLE
    assert [] == re.findall(r"<(?:script|link|img|b>|fails)", WHOLE)


def test_its_elements_are_closed() -> None:
    """In the order in which they were opened."""
    parser = _Balanced()
    parser.feed(WHOLE)

    assert [] == parser.open


def test_conflicts_are_grouped_by_file_and_cause() -> None:
    """With the repos, linked, and who owns the file there; the lines are those of an example."""
    same, other = Line("README.md", "content", owners=("ada",)), Line("README.md", "type")
    page = page_of(
        conflicts=(repo("cart", same), repo("shop", same, Line("a", "link")), repo("tea", other)),
        clashes=(Clash(2, "cart", same, LINES),),
    )

    groups = re.findall(r'<section class="bad">(.*?)</section>', page, re.S)
    assert [
        ["README.md", "both sides changed the same lines: 2 repos", "cart ada", "shop ada",
         "The lines, as in cart", *LINES],
        ["README.md", "it is a link on one side, a file on the other: 1 repo", "tea"],
        ["a", "both sides changed where it points: 1 repo", "shop"],
    ] == [
        [line for line in text_of(f"<body>{group}").split("\n") if line] for group in groups
    ]  # fmt: skip
    assert '<a href="https://git.example.com/cart">cart</a>' in page


def test_failures_are_grouped_by_what_they_say() -> None:
    """One group of two repos, one of one."""
    page = page_of(failures=tuple(repo(name, message=name[0]) for name in ("aa", "ab", "b")))

    assert 2 == page.count('<section class="bad">')
    assert "a\n\naa\nab\n" in text_of(page)


def test_diffs_have_colours_and_signs() -> None:
    """So that they are read without colours, too."""
    page = page_of(changes=(change([diff_file("x", "a\nb\n", "a\nc\n")]),))

    assert (
        '<pre><span class="place">@@ -1,2 +1,2 @@</span><span> a</span>'
        '<span class="removed">-b</span><span class="added">+c</span></pre>'
    ) in page


def test_a_file_that_moves_is_shown_as_one() -> None:
    """With what changes in it; one that only moves has no lines."""
    files = [
        diff_file("new.txt", None, "a\nb\nd\n"),
        diff_file("old.txt", "a\nb\nc\n", None),
        diff_file("here/x", "x\n", None),
        diff_file("there/x", None, "x\n"),
        diff_file("gone", "y\n", None),
    ]
    moves = (Line("new.txt", "moved", old="old.txt"), Line("there/x", "moved", old="here/x"))
    page = page_of(changes=(change(files, *moves),))

    assert ["old.txt → new.txt", "here/x → there/x", "gone"] == [
        text_of(f"<body>{name}") for name in re.findall(r"<h3>(.*?)</h3>", page)
    ]
    assert ["-c", "+d", "-y"] == re.findall(r'class="(?:removed|added)">(.*?)<', page)


def test_the_rarest_change_is_first() -> None:
    """What an author would not think of."""
    files = [diff_file("x", "a\n", "b\n")]
    page = page_of(changes=(change(files, repos=5), change(files, repos=2)))

    assert ["2 repos, as in a: x (+1 -1)", "5 repos, as in a: x (+1 -1)"] == re.findall(
        r"<summary>(.*?)</summary>", page
    )
