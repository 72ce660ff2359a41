"""BP7xx: what changed since the last release."""

from pathlib import Path

import pytest

from tests.builders import Files, git, write_files
from tests.lint.case import CHANGELOG, CLEAN, MODEL, QUESTIONS, release, said

OLD = """\
size: {type: str, help: How, choices: [s, m, l], default: m}
port: {type: int, help: Which, default: 80}
title: {type: str, help: What, default: A title}
sides: {type: str, help: Which, choices: [left, right], multiselect: true, default: [left]}
computed: {type: str, default: a, when: false}
token: {type: str, help: Which, secret: true, default: a}
"""
SEVERAL = "takes one answer, not several, or the other way round,"
USED: Files = {
    "code/all.jinja": "{{ [size, port, title, sides, computed, token] | d(1) | length > 0 }}\n"
}
ENTRY = CHANGELOG.replace("## [Unreleased]\n", "## [Unreleased]\n\n- Something.\n")


def released(folder: Path) -> None:
    """A release with all the questions."""
    release(folder, {"copier.yml": QUESTIONS + OLD, **USED})


def changed(folder: Path, questions: str, changelog: str = ENTRY, more: str = "") -> list[str]:
    """What BP702 says of the questions as they are now."""
    write_files(folder, {"copier.yml": QUESTIONS + questions + more, "CHANGELOG.md": changelog})
    return [one for one in said(folder) if "BP702" in one]


@pytest.mark.parametrize(
    "files",
    [
        {"code/README.md.jinja": "Other words for {{ service }}.\n"},
        {"code/new.txt": "new\n"},
        {"copier.yml": f"# A comment.\n{QUESTIONS}"},
        {"blueprint.yml": MODEL.replace("1.34", "1.35")},
        {
            "shared/part": "new\n",
            "code/README.md.jinja": "{{ service }}{% include 'shared/part' %}",
        },
    ],
    ids=["changed", "added", "questions", "model", "included"],
)
def test_bp701_a_change_without_an_entry(tmp_path: Path, files: Files) -> None:
    """At the section that has to say it; committed or not makes no difference."""
    release(tmp_path)
    write_files(tmp_path, files)

    finding = ["CHANGELOG.md:3 BP701 has no entry for the changes since v1.0.0"]
    assert finding == said(tmp_path)
    git("add", "-A", cwd=tmp_path)
    git("commit", "-q", "-m", "Change", cwd=tmp_path)
    assert finding == said(tmp_path)


def test_bp701_a_file_that_was_removed(tmp_path: Path) -> None:
    """That is a change of every repo, too."""
    release(tmp_path, {"code/old.txt": "old\n"})
    (tmp_path / "code/old.txt").unlink()

    assert ["CHANGELOG.md:3 BP701 has no entry for the changes since v1.0.0"] == said(tmp_path)


def test_bp701_no_changelog(tmp_path: Path) -> None:
    """A missing file has no entry."""
    release(tmp_path)
    (tmp_path / "CHANGELOG.md").unlink()
    write_files(tmp_path, {"code/new.txt": "new\n"})

    assert ["CHANGELOG.md:1 BP701 is missing, and there are changes since v1.0.0"] == said(tmp_path)


@pytest.mark.parametrize(
    "changelog",
    [
        ENTRY,
        CHANGELOG.replace("## [Unreleased]", "## Unreleased\n\n### Added\n\n- Something.\n"),
        CHANGELOG.replace(
            "## [Unreleased]", "## [Unreleased]\n\n## [1.1.0] - 2026-02-01\n\n- That."
        ),
        CHANGELOG.replace("## [Unreleased]", "## v1.1.0\n\n* That."),
    ],
    ids=["unreleased", "with a heading", "next version", "other style"],
)
def test_bp701_a_change_with_an_entry(tmp_path: Path, changelog: str) -> None:
    """Under `Unreleased`, or under a version that is not tagged yet."""
    release(tmp_path)
    write_files(tmp_path, {"code/new.txt": "new\n", "CHANGELOG.md": changelog})

    assert [] == said(tmp_path)


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"tests/test_it.py": "import pytest\n"},
        {"README.md": "About.\n"},
        {"blueprint.yml": f"{MODEL}lint: {{ignore: []}}\n"},
    ],
    ids=["nothing", "tests", "readme", "what lint leaves out"],
)
def test_bp701_no_service_changes(tmp_path: Path, files: Files) -> None:
    """What no service gets needs no entry."""
    release(tmp_path)
    write_files(tmp_path, files)

    assert [] == said(tmp_path)


def test_bp701_nothing_is_released(tmp_path: Path) -> None:
    """A tag that is no version, and one on another branch, are no release before this."""
    release(tmp_path, tag="draft")
    git("checkout", "-q", "-b", "other", cwd=tmp_path)
    git("commit", "-q", "--allow-empty", "-m", "Other", cwd=tmp_path)
    git("tag", "v9.0.0", cwd=tmp_path)
    git("checkout", "-q", "main", cwd=tmp_path)
    write_files(tmp_path, {"code/new.txt": "new\n"})

    assert [] == said(tmp_path)


def test_bp702_nothing_breaks(tmp_path: Path) -> None:
    """New choices, defaults and help; computed and secret answers, which are not recorded."""
    released(tmp_path)
    questions = """\
size: {type: str, help: How big, choices: [xs, s, m, l], default: s}
port: {type: float, help: Which, default: 80.5}
title: {type: str, help: What, default: Another}
sides: {type: str, help: Which, choices: [left, right], multiselect: true, default: []}
more: {type: bool, help: More, default: false}
"""

    assert [] == changed(tmp_path, questions)


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        (
            "title: {type: str, help: What, default: A title}\n",
            "",
            "copier.yml:1 BP702 the question `title` is gone",
        ),
        (
            "title: {type: str, help: What, default: A title}",
            "titles: {type: str, help: What, default: A title}",
            "copier.yml:1 BP702 the question `title` is gone (renamed to `titles`?)",
        ),
        (
            "title: {type: str, help: What, default: A title}",
            "title: {type: str, default: A title, when: false}",
            "copier.yml:7 BP702 the question `title` is gone",
        ),
        (
            "port: {type: int, help: Which, default: 80}",
            "port: {help: Which, default: '80'}",
            "copier.yml:6 BP702 the question `port` has the type str, not int,",
        ),
        (
            "choices: [s, m, l]",
            "choices: {small: s, medium: m}",
            "copier.yml:5 BP702 the question `size` lost the choice `l`",
        ),
        (
            "title: {type: str, help: What,",
            "title: {type: str, help: What, choices: [A title],",
            "copier.yml:7 BP702 the question `title` takes only its choices",
        ),
        (
            "multiselect: true, default: [left]",
            "default: left",
            f"copier.yml:8 BP702 the question `sides` {SEVERAL}",
        ),
        (
            "computed:",
            "team: {type: str, help: Who}\ncomputed:",
            "copier.yml:9 BP702 the question `team`, which has no default, is new",
        ),
    ],
    ids=["gone", "renamed", "computed", "type", "choice", "choices", "several", "no default"],
)
def test_bp702_what_breaks(tmp_path: Path, old: str, new: str, finding: str) -> None:
    """An answer that was recorded is lost, or one that is needed is not there."""
    released(tmp_path)

    assert [f"{finding} since v1.0.0"] == changed(tmp_path, OLD.replace(old, new))


REMOVED = OLD.replace("title: {type: str, help: What, default: A title}\n", "")


@pytest.mark.parametrize(
    ("migrations", "findings"),
    [
        ('_migrations: [{version: v1.1.0, command: "true"}]\n', 0),
        ('_migrations: ["true"]\n', 0),
        ('_migrations: [{version: v1.0.0, command: "true"}]\n', 1),
    ],
    ids=["coming", "any", "past"],
)
def test_bp702_a_migration(tmp_path: Path, migrations: str, findings: int) -> None:
    """One that runs in the upgrade to the coming version may carry the answer over."""
    released(tmp_path)

    assert findings == len(changed(tmp_path, REMOVED, more=migrations))


@pytest.mark.parametrize(
    ("entry", "findings"),
    [
        ("## [Unreleased]\n\n### Removed\n\n- The title.\n", 0),
        ("## [Unreleased]\n\n- BREAKING: the title is gone.\n", 0),
        ("## [Unreleased]\n\n## [2.0.0] - 2026-02-01\n\n- No title.\n", 0),
        ("## [Unreleased]\n\n## [1.1.0] - 2026-02-01\n\n- No title.\n", 1),
        ("## [Unreleased]\n\n- Removed the title.\n", 1),
    ],
    ids=["removed", "breaking", "major", "minor", "by the way"],
)
def test_bp702_the_changelog_says_so(tmp_path: Path, entry: str, findings: int) -> None:
    """Whoever upgrades is told, and the version will be a major one."""
    released(tmp_path)
    changelog = CHANGELOG.replace("## [Unreleased]\n", entry)

    assert findings == len(changed(tmp_path, REMOVED, changelog))


def test_bp702_an_older_release_does_not_count(tmp_path: Path) -> None:
    """What broke in the last release is done."""
    released(tmp_path)
    write_files(tmp_path, {"copier.yml": QUESTIONS, "code/all.jinja": "\n"})
    git("add", "-A", cwd=tmp_path)
    git("commit", "-q", "-m", "Break", cwd=tmp_path)
    git("tag", "v2.0.0", cwd=tmp_path)

    assert [] == said(tmp_path)


def test_the_last_release_can_not_be_read(tmp_path: Path) -> None:
    """Nobody can be on it, so nothing is compared with it."""
    release(tmp_path, {"copier.yml": "a: [\n"})
    write_files(tmp_path, {"copier.yml": CLEAN["copier.yml"]})

    assert [] == said(tmp_path)
