"""The pages of `scaffold status --html`, and how they come into a folder."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

import pytest

from scaffold.chain.commits import CommitNote, Source
from scaffold.chain.decide import Verdict, Why
from scaffold.chain.edges import Edge
from scaffold.chain.statuses import CommitStatus
from scaffold.config.blueprint import PinKind
from scaffold.config.environment import Environment
from scaffold.config.platform import Platform
from scaffold.config.service import Service
from scaffold.errors import ForgeError, UsageError
from scaffold.forge.api import StatusState
from scaffold.status.adoption import Adopted
from scaffold.status.deploys import LastDeploy
from scaffold.status.drift_kind import DriftKind
from scaffold.status.drift_run import DriftLine, DriftReport
from scaffold.status.line import ServiceLine
from scaffold.status.site.drifted import Drifted
from scaffold.status.site.model import views
from scaffold.status.site.site import More, site, spreads
from scaffold.status.site.upgrades import Upgrades
from scaffold.status.site.writing import write_site
from scaffold.status.versions import Versions
from scaffold.upgrade.report import Line, RepoReport
from scaffold.upgrade.state import UpgradeState

NO_MORE = More()
NOW = datetime(2026, 3, 2, tzinfo=UTC)
DEV = Edge("manifest", "env", PinKind.RELEASE, Environment.model_validate({"name": "dev"}))
SUBJECT = "<script>alert(1)</script> & more"
PLATFORM = Platform.model_validate(
    {
        "name": "acme",
        "forge": {"kind": "github", "group": "acme"},
        "registry": "registry.example.com",
        "ci": {"image": "ci:1"},
        "blueprints": [{"name": "small", "url": "https://git.example.com/small.git"}],
        "environments": [{"name": "dev"}],
        "teams": [{"name": "team"}],
        "answers": {"docs_base": "https://docs.example.com/", "grafana_base": "https://g.example"},
    }
)


DEPLOYED = LastDeploy(
    CommitNote("e" * 40, "Move dev", "scaffold-bot", NOW - timedelta(hours=2), "https://f/e"),
    StatusState.FAILURE,
)


def line(name: str, why: Why = Why.CURRENT) -> ServiceLine:
    """A service whose code is in dev."""
    note = CommitNote("c" * 40, SUBJECT, "Ada", datetime(2026, 3, 1, tzinfo=UTC), "https://f/c")
    source = Source("code", f"{name}-code", "c" * 40, note)
    return ServiceLine(
        name, "team", "small", "active", (Verdict(DEV, "a" * 40, "b" * 40, why),),
        {"dev": (source,)}, {"dev": DEPLOYED}, versions=Versions({"env": "v1.0.0"}, "v1.1.0", 1),
    )  # fmt: skip


def service(name: str) -> Service:
    """Its entry in the catalog."""
    url = f"https://github.com/acme/{name}-code.git"
    entry = {"owner": "team", "summary": "", "blueprint": "small", "name": name}
    return Service.model_validate({**entry, "repos": {"code": {"name": name, "url": url}}})


def pages(*lines: ServiceLine, more: More = NO_MORE) -> dict[str, str]:
    """The files of the site of these services."""
    catalog = {one.service: service(one.service) for one in lines}
    made = site(views(lines, PLATFORM, catalog), PLATFORM, NOW, more)
    return {path: data.decode() for path, data in made.items()}


class Links(HTMLParser):
    """The addresses that a page names: of links, and of what it is shown with."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.parts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Called for each tag."""
        named = {key: value or "" for key, value in attrs}
        if tag == "a":
            self.links.append(named["href"])
        self.parts += [named["src"]] if "src" in named else []
        self.parts += [named["href"]] if tag == "link" else []


def words(page: str) -> str:
    """What a part of a page says, without its tags."""
    return unescape(" ".join(re.sub("<[^>]*>", " ", page).split()))


def leads_to(page: str, address: str) -> str:
    """The path below the site of what a page names."""
    parts = [*PurePosixPath(page).parent.parts]
    for part in urlsplit(address).path.split("/"):
        parts = parts[:-1] if part == ".." else [*parts, unquote(part)]
    return "/".join(parts)


def test_every_link_leads_to_a_page_or_a_server() -> None:
    """And what pages are shown with is theirs: no other server is asked for anything."""
    made = pages(line("shop"), line("cart", Why.HELD), replace(line("x"), owner=None))

    for path, text in made.items():
        if path.endswith(".html"):
            found = Links(text)
            inside = [one for one in found.links if not urlsplit(one).scheme and one[0] != "#"]
            assert {"icon"} | {leads_to(path, one) for one in inside} <= {"icon", *made}
            outside = {"data:,"} | {one for one in found.parts if not urlsplit(one).scheme}
            assert {"data:,"} == {one for one in found.parts if urlsplit(one).scheme}
            assert {"site.css", "site.js"} == {leads_to(path, one) for one in outside - {"data:,"}}
    assert {
        "index.html", "site.css", "site.js", "blueprints/small.html", "owners/team.html",
        "services/cart.html", "services/shop.html", "services/x.html",
    } == made.keys()  # fmt: skip


def test_what_others_wrote_is_text() -> None:
    """No page has a script but the site's own."""
    for text in pages(line("shop")).values():
        assert "<script>alert" not in text
    assert (
        "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more"
        in pages(line("shop"))["services/shop.html"]
    )


@pytest.mark.parametrize(
    ("why", "standing", "word"),
    [
        (Why.CURRENT, "fine", ""),
        (Why.SOAKING, "moving", "soaking"),
        (Why.HELD, "needs-somebody", "held"),
        (Why.REQUEST, "needs-somebody", "merge request"),
    ],
)
def test_a_cell_says_what_becomes_of_a_pin(why: Why, standing: str, word: str) -> None:
    """By a word beside the sign: never by the colour alone."""
    index = pages(line("shop", why))["index.html"]
    assert f'data-standing="{standing}"' in index
    cell = re.search(r'data-label="dev">(.*?)</td>', index, re.DOTALL)
    assert cell is not None
    shown = " ".join(re.sub(r"<[^>]*>", "", cell[1]).split())
    sign = {"fine": "✓", "moving": "→", "needs-somebody": "!"}[standing]
    assert " ".join(filter(None, ["cccccccccccc 1 d ago", word and f"{sign} {word}"])) == shown


def test_the_links_of_a_service() -> None:
    """To what is published, and to its repos."""
    links = Links(pages(line("shop"))["services/shop.html"]).links
    assert [
        "https://docs.example.com/shop",
        "https://docs.example.com/shop/runbook/",
        "https://g.example/d/shop",
        "https://github.com/acme/shop-code",
    ] == [one for one in links if urlsplit(one).scheme and not one.startswith("https://f/")]


def test_the_last_deploy_of_a_stage() -> None:
    """What came of it, when, by whom, and the commit."""
    stage = words(pages(line("shop"))["services/shop.html"].partition("<h2>Chain</h2>")[2])
    assert "Last deploy: failed 2 h ago by scaffold-bot" in stage


DRIFTED = Drifted(
    (
        DriftReport(
            "shop", "shop-code", "shop",
            files=(
                DriftLine(
                    "README.md", DriftKind.STALE, "as v1.0.0 rendered it", "d" * 40, "Bob",
                    "2026-02-01T00:00:00+00:00", "Merge",
                ),
                DriftLine("Makefile", DriftKind.EDITED, when="2026-02-28T00:00:00+00:00"),
            ),
        ),
        DriftReport("cart", "cart-code", "cart"),
        DriftReport("till", "till-code", "till", cause="forge-failed", message="no answer"),
    )
)  # fmt: skip


def test_the_page_of_drift() -> None:
    """What is not on purpose, by whom and when; what could not be compared; and counts."""
    made = pages(line("shop"), line("cart"), line("till"), more=More(DRIFTED))
    page = words(made["drift.html"])

    assert "1 repo as rendered 1 stale:" in page
    assert "1 edited: by the owner Not compared till-code: no answer" in page
    assert "shop shop-code stale 29 d ago Bob README.md as v1.0.0 rendered it" in page
    assert "Makefile" not in page
    assert '<a href="drift.html">Drift: 1</a>' in made["index.html"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("shop", "README.md as v1.0.0 rendered it shop-code edited 2 d ago Makefile by the owner"),
        ("cart", "Drift None: its repos are as rendered."),
        ("till", "Drift Not known."),
    ],
)
def test_the_drift_of_a_service(name: str, said: str) -> None:
    """All of it, also what its owner did on purpose; none is not the same as not known."""
    made = pages(*map(line, ("shop", "cart", "till")), more=More(DRIFTED))
    assert said in words(made[f"services/{name}.html"])


def test_without_a_look_at_drift_nothing_is_said_of_it() -> None:
    """No page of drift, and no word that there is none."""
    made = pages(line("shop"))
    assert "drift.html" not in made
    assert ("Drift" in made["index.html"], "Drift" in made["services/shop.html"]) == (False, False)


UPGRADES = Upgrades(
    (
        RepoReport("cart", "cart-code", UpgradeState.WOULD_CHANGE, "cart", old="v1", new="v2"),
        RepoReport("cart", "cart-env", UpgradeState.CURRENT, "cart", old="v2", new="v2"),
        RepoReport(
            "shop", "shop-code", UpgradeState.WOULD_CONFLICT, "shop", old="v1", new="v2",
            conflicts=(Line("README.md", "both"), Line("Makefile", "both")),
        ),
        RepoReport(
            "till", "till-code", UpgradeState.FAILED, "till", cause="forge-failed", message="gone"
        ),
    )
)  # fmt: skip


def test_the_next_upgrade_of_a_blueprint() -> None:
    """What would conflict and what failed comes first; what is up to date is not told."""
    made = pages(*map(line, ("cart", "shop", "till")), more=More(upgrades=UPGRADES))
    page = words(made["blueprints/small.html"]).partition("The next upgrade")[2]

    assert "1 repo: would get a merge request 1 repo: would get a draft with conflicts" in page
    rows = (
        "shop shop-code v1 to v2 ! would get a draft with conflicts README.md , Makefile",
        "till till-code - ! failed: gone -",
        "cart cart-code v1 to v2 → would get a merge request none",
    )
    assert " ".join(rows) in page
    assert "cart-env" not in page


def test_the_next_upgrade_of_a_service() -> None:
    """Of one that is behind."""
    behind, newest = Versions({"code": "v1"}, "v2", 1), Versions({"code": "v2"}, "v2", 0)
    lines = (replace(line("shop"), versions=behind), replace(line("cart"), versions=newest))
    made = pages(*lines, more=More(upgrades=UPGRADES))

    assert "shop-code v1 to v2 !" in words(made["services/shop.html"])
    assert "The next upgrade" not in made["services/cart.html"]
    assert "The next upgrade" not in pages(*lines)["services/shop.html"]


def test_a_subject_is_told_where_it_comes_first() -> None:
    """A stage with the code of the one before says so in its place."""
    service = line("shop")
    prod = Environment.model_validate({"name": "prod", "after": "dev"})
    further = replace(DEV, environment=prod)
    both = replace(
        service,
        pins=(*service.pins, Verdict(further, "a" * 40, "b" * 40, Why.CURRENT)),
        sources={**service.sources, "prod": service.sources["dev"]},
    )
    chain = words(pages(both)["services/shop.html"].partition("<h2>Chain</h2>")[2])
    assert (1, 1) == (chain.count("alert(1)"), chain.count("as in dev"))


def test_an_owner_sees_what_is_theirs_to_do() -> None:
    """Of services that move by themselves or are fine nothing is asked."""
    page = pages(line("shop", Why.HELD), line("cart", Why.SOAKING))["owners/team.html"]
    asked = page.partition("<h2>Services</h2>")[0]
    assert ("services/shop.html" in asked, "services/cart.html" in asked) == (True, False)
    assert "<li>dev: held, bbbbbbbbbbbb</li>" in asked


def test_the_versions_of_a_blueprint() -> None:
    """Oldest first, as versions and not as words; what is not known comes last."""
    old, newer = Versions({"a": "v1.9.0"}, "v1.10.0", 1), Versions({"a": "v1.10.0"}, "v1.10.0", 0)
    lines = (
        replace(line("a"), versions=newer),
        replace(line("b"), versions=Versions()),
        replace(line("c"), versions=old),
    )
    found = spreads(views(lines, PLATFORM, {}))
    assert [("v1.9.0", 1, ["c"]), ("v1.10.0", 0, ["a"]), ("", None, ["b"])] == [
        (one.version, one.behind, [view.line.service for view in one.services]) for one in found
    ]


def test_the_versions_of_a_blueprint_month_by_month() -> None:
    """A row a version, a column a month; none where no story was asked for."""
    first = Adopted("v1.9.0", datetime(2026, 1, 5, tzinfo=UTC))
    then = Adopted("v1.10.0", datetime(2026, 2, 5, tzinfo=UTC))
    lines = (replace(line("a"), adopted=(first, then)), replace(line("b"), adopted=(first,)))
    page = words(pages(*lines)["blueprints/small.html"])

    assert "Version 2026-01 2026-02 2026-03 v1.9.0 2 1 1 v1.10.0 - 1 1" in page
    assert "Month by month" not in pages(line("a"))["blueprints/small.html"]


def test_many_services_of_a_version_are_folded() -> None:
    """They are counted, and one click away."""
    few, many = ([line(f"s{number}") for number in range(count)] for count in (10, 11))
    assert "<details>" not in pages(*few)["blueprints/small.html"]
    assert "<summary>Show all 11</summary>" in pages(*many)["blueprints/small.html"]


def files(folder: Path) -> dict[str, bytes]:
    """All files below a folder, but for the mark."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and file.name[0] != "."
    }


SITE: Mapping[str, bytes] = {"index.html": b"1", "services/a.html": b"2"}


def test_a_site_is_brought_up_to_date(tmp_path: Path) -> None:
    """Pages of before go; what did not change is not written again; others' files stay."""
    folder = tmp_path / "new/site"
    write_site(folder, {**SITE, "services/gone.html": b"3"})
    (folder / "services/mine.html").write_bytes(b"mine")
    before = (folder / "index.html").stat()

    write_site(folder, {**SITE, "services/a.html": b"4"})

    assert {"index.html": b"1", "services/a.html": b"4", "services/mine.html": b"mine"} == files(
        folder
    )
    assert before.st_ino == (folder / "index.html").stat().st_ino


@pytest.mark.parametrize("mark", [None, b"{", b'{"index.html": 1}', b'["../x"]', b'["a/b/c"]'])
def test_a_folder_of_somebody_else(tmp_path: Path, mark: bytes | None) -> None:
    """Nothing in it is touched, whatever its mark says."""
    (tmp_path / "x").write_bytes(b"mine")
    (tmp_path / "site").mkdir()
    (tmp_path / "site/index.html").write_bytes(b"theirs")
    if mark is not None:
        (tmp_path / "site/.scaffold-site.json").write_bytes(mark)
    before = files(tmp_path)

    with pytest.raises(UsageError, match="has files that are no site of scaffold's"):
        write_site(tmp_path / "site", SITE)
    with pytest.raises(UsageError, match="is no folder"):
        write_site(tmp_path / "x", SITE)

    assert before == files(tmp_path)


def test_a_run_that_was_killed(tmp_path: Path) -> None:
    """What it had written is known as the site's, so the next one finishes it."""
    write_site(tmp_path, SITE)
    mark = tmp_path / ".scaffold-site.json"
    mark.write_text(json.dumps(["index.html", "services/a.html", "services/new.html"]))
    (tmp_path / "services/new.html").write_bytes(b"half of another site")

    write_site(tmp_path, SITE)

    assert SITE == files(tmp_path)


def row(index: str, name: str) -> str:
    """What the fleet's table has of a service."""
    return index.partition(f'href="services/{name}.html"')[2].partition("</tr>")[0]


def test_what_can_not_be_read_is_not_none() -> None:
    """In an outage of the forge nothing says that nothing runs."""
    unread = replace(line("shop", Why.UNKNOWN), sources={})
    gone = ServiceLine(
        "cart", "team", "small", "active", error=ForgeError("is not there", where="x")
    )
    index = pages(unread, gone)["index.html"]
    assert [False, False] == [">none<" in row(index, name) for name in ("shop", "cart")]
    assert [1, 1] == [row(index, name).count("not known") for name in ("shop", "cart")]


@pytest.mark.parametrize("state", ["paused", "retired"])
def test_what_is_put_away_is_no_sign_of_health(state: str) -> None:
    """It is counted apart from what is fine."""
    index = pages(replace(line("shop"), state=state), line("cart"))["index.html"]
    assert 1 == index.count('data-standing="off"')
    assert f"○</span> {state}" in row(index, "shop")
    assert "Fine: 1<" in index
    assert "Paused or retired: 1<" in index


@pytest.mark.parametrize("name", ["deploy/dev", "smoke/dev"])
def test_a_red_status_is_where_it_belongs(name: str) -> None:
    """In the picture of the chain, and in the environment's cell of the table."""
    red = CommitStatus("shop", "env", "shop-env", name, "d" * 40, StatusState.FAILURE)
    made = pages(replace(line("shop"), statuses=(red,)))
    assert '<li class="needs-somebody"><h3>dev</h3>' in made["services/shop.html"]
    assert "!</span> red</span>" in row(made["index.html"], "shop")


def test_a_row_says_why_it_needs_somebody() -> None:
    """Also where no environment does."""
    red = CommitStatus("shop", "env", "shop-env", "validate", "d" * 40, StatusState.FAILURE)
    index = pages(replace(line("shop"), statuses=(red,)))["index.html"]
    assert "env: red: the status `validate` of shop-env dddddddddddd" in row(index, "shop")


def test_a_hint_belongs_to_its_error() -> None:
    """It is no second problem."""
    error = ForgeError("is not there", where="https://f/x.git", hint="Was it moved?")
    gone = ServiceLine("cart", "team", "small", "active", error=error)
    (said,) = re.findall("<li>(.*)</li>", pages(gone)["services/cart.html"])
    assert said.endswith("is not there. Was it moved?"), said
