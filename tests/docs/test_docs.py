"""The generated reference is whole, and a strict build finds every link and anchor that is not."""

import re
import shutil
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from docs_hooks import reference
from docs_hooks.lint_rules import lint_rules_page
from scaffold import errors
from scaffold.config.forges.registered import FORGES
from scaffold.config.platform import Platform
from scaffold.lint import RULES, Rule
from scaffold.process import run
from tests.in_browser import browser as browser

ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT / "docs" / "schemas"
COMMANDS = [
    "scaffold",
    "scaffold init",
    "scaffold new service",
    "scaffold status",
    "scaffold blueprint lint",
    "scaffold check",
    "scaffold pipeline test",
    "scaffold pipeline validate",
    "scaffold pipeline image",
    "scaffold pipeline deploy",
    "scaffold pipeline access",
    "scaffold pipeline smoke",
    "scaffold pipeline probe",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_section(command: str) -> None:
    """The page has a heading for each command that a user may type."""
    assert f"## `{command}`" in reference.command_line_page().splitlines()


def test_every_option_is_listed_under_its_command() -> None:
    """No command's section lacks an option that the command takes."""
    sections = reference.command_line_page().split("\n## ")
    missing = [
        (context.command_path, option)
        for context, section in zip(reference.walk_commands(), sections[1:], strict=True)
        for one in context.command.get_params(context)
        for option in one.opts
        if option.startswith("--") and option not in section
    ]

    assert [] == missing


def test_a_default_and_what_is_required_are_told() -> None:
    """A reader sees what an option is where it is not given."""
    page = reference.command_line_page()

    assert "| `--path <dir>` | The repo's folder. | `.` |" in page
    assert "| `--environment <str>` | Which environment, e.g. dev. | required |" in page


@pytest.mark.xdist_group("site")
def test_code_in_a_table_has_no_backslashes(site: Path) -> None:
    """They would be on the page; a bar within code ends no cell, one outside does."""
    page = (site / "reference/command-line/index.html").read_text()
    cells = re.findall(r"<td\b.*?</td>", page)

    assert [] == [cell for cell in cells if "\\" in cell]
    kinds = "|".join(kind.name for kind in FORGES)
    assert any(f"<code>--forge &lt;{kinds}&gt;</code>" in cell for cell in cells)
    assert any("<code>--wave N|N%</code>" in cell for cell in cells)


@pytest.mark.parametrize("command", ["test", "release", "preview"])
def test_no_page_tells_of_the_machine_that_built_it(command: str) -> None:
    """It may have other cores than the reader's."""
    _, _, section = reference.command_line_page().partition(f"## `scaffold blueprint {command}`")
    (line,) = [
        one for one in section.partition("\n## ")[0].splitlines() if one.startswith("| `--jobs N`")
    ]

    assert line.endswith("| the number of cores |")


@pytest.mark.parametrize("kind", reference.error_kinds(), ids=lambda kind: kind.reference)
def test_every_error_has_an_anchor_meaning_and_status(kind: type[errors.ScaffoldError]) -> None:
    """What a message prints in brackets is the anchor of a section that says what it means."""
    _, _, section = reference.errors_page().partition(f"{{ #{kind.reference} }}\n")
    section = section.partition("\n## ")[0]

    assert (kind.__doc__ or "?").splitlines()[0] in section
    assert f"Exit status: [{kind.exit_code}]" in section


def test_errors_outside_of_the_root_module_are_found_too() -> None:
    """A subclass that another module keeps to itself may be printed as well."""
    references = [kind.reference for kind in reference.error_kinds()]

    assert {"push-stale", "answer-invalid", "deploy-failed"} <= set(references)
    assert sorted(set(references)) == references


def test_every_exit_status_is_explained() -> None:
    """Each named status has a row, and a meaning."""
    page = reference.exit_statuses_page()

    assert list(reference.EXIT_MEANINGS) == list(reference.exit_statuses())
    assert [] == [n for n in reference.exit_statuses().values() if f"| `{n}` |" not in page]


def test_every_top_level_key_of_the_platform_is_listed() -> None:
    """Nobody has to read the code to know what platform.yml may say."""
    page = reference.reference_pages(SCHEMAS)["platform-yml"].partition("\n## ")[0]

    assert [] == [key for key in Platform.model_fields if f"| `{key}` |" not in page]


def test_keys_are_named_as_they_are_written() -> None:
    """A key with a hyphen is listed with the hyphen; its values and default are told."""
    page = reference.reference_pages(SCHEMAS)["platform-yml"]

    assert "| `read-only` | list of string | `[]` |" in page
    assert '`automatic`, `soak`, `merge-request` | `"merge-request"`' in page


def test_every_published_schema_is_linked() -> None:
    """A schema that is published can be found."""
    page = reference.reference_pages(SCHEMAS)["schemas"]
    names = [file.name for file in SCHEMAS.glob("*.json")]

    assert [] == [name for name in names if f"(../schemas/{name})" not in page]


def build(folder: Path, site: Path) -> tuple[int, str]:
    """Build the site of `folder` strictly; the exit status and what was said."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(site)]
    done = run(command, cwd=folder, timeout=120)
    return done.status, (done.stdout + done.stderr).decode()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site; every page is in the navigation, every link and anchor resolves."""
    folder = tmp_path_factory.mktemp("site")
    status, said = build(ROOT, folder)
    assert 0 == status, said
    return folder


@pytest.mark.xdist_group("site")
def test_the_site_builds_strictly(site: Path) -> None:
    """Generated pages included."""
    assert (site / "reference/errors").is_dir()


_WIDER = """
() => Math.max(document.documentElement.scrollWidth,
  ...[...document.querySelectorAll("article table")].map(
    one => Math.round(one.getBoundingClientRect().right))) > innerWidth
"""
_NAMES = """
() => [...document.querySelectorAll("article td")].slice(0, 4).map(
  one => getComputedStyle(one, "::before").content)
"""


@pytest.mark.xdist_group("site")
@pytest.mark.browser
def test_a_phone_shows_all_of_each_table(site: Path, browser: Browser) -> None:
    """None is wider than the screen, and a cell has the name of its column before it."""
    files = sorted((site / "reference").rglob("index.html"))
    with browser.new_context() as context:
        page = context.new_page()
        page.set_viewport_size({"width": 390, "height": 844})
        wide = []
        for file in files:
            page.goto(file.as_uri())
            if page.evaluate(_WIDER):
                wide.append(file.relative_to(site).as_posix())
        page.goto((site / "reference/platform-yml/index.html").as_uri())
        names = page.evaluate(_NAMES)

    assert [] == wide
    assert ["none", '"Type: "', '"Default: "', '"Meaning: "'] == names


@pytest.mark.parametrize(
    "link", ["missing.md", "pins.md#missing", "../reference/errors.md#missing"]
)
def test_a_link_that_leads_nowhere_ends_the_build(tmp_path: Path, link: str) -> None:
    """What mkdocs would only mention is an error here."""
    for name in ("docs", "docs_hooks"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    with (tmp_path / "docs/explanation/checks.md").open("a", encoding="utf-8") as page:
        page.write(f"\n[nowhere]({link})\n")

    status, said = build(tmp_path, tmp_path / "site")

    assert (1, True) == (status, "Aborted with 1 warnings in strict mode" in said)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_every_lint_rule_has_a_section(rule: Rule) -> None:
    """A code leads to its section, which says what the rule is for and what to do."""
    sections = lint_rules_page().split("\n## ")
    (section,) = (
        one for one in sections if one.startswith(f"{rule.code}: {rule.title} {{#{rule.anchor}}}")
    )

    assert rule.text in section
    assert rule.hint in section
