"""What a merge request tells of the blueprint's CHANGELOG.md: whole sections between versions."""

import pytest
from packaging.version import Version

from scaffold.render.changelog import between

OLD = """\
# Changelog

## [Unreleased]

## [1.0.0] - 2026-01-01

### Added

- A README.

### Changed

- Update dependencies
"""
NEW = """\
# Changelog

## [Unreleased]

## [1.2.0] - 2026-03-01

### Changed

- Update dependencies

## [1.1.0] - 2026-02-01

### Added

- Alerts.

## [1.0.0] - 2026-01-01

### Added

- A README, with a badge.
"""
ONE = """\
## [1.1.0] - 2026-02-01

### Added

- Alerts."""
TWO = """\
## [1.2.0] - 2026-03-01

### Changed

- Update dependencies"""


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("1.0.0", "1.1.0", ONE),
        ("1.1.0", "1.2.0", TWO),
        ("1.0.0", "1.2.0", f"{TWO}\n\n{ONE}"),
        ("1.2.0", "1.2.0", ""),
    ],
)
def test_the_sections_after_the_old_version_are_told_whole(old: str, new: str, told: str) -> None:
    """Headings and lines count that an older version has too; what was mended in old ones not."""
    assert told == between(OLD, NEW, Version(old), Version(new))


def test_a_commit_has_the_sections_that_were_not_there() -> None:
    """Its name is no version, so the other changelog says where it begins."""
    assert f"{TWO}\n\n{ONE}" == between(OLD, NEW, None, None)


def test_what_is_not_released_yet_is_told_of_a_version_without_a_section() -> None:
    """A preview is of what stands under Unreleased."""
    told = "## [Unreleased]\n\n### Added\n\n- Dashboards."
    text = NEW.replace("## [Unreleased]\n", f"{told}\n")

    assert f"{told}\n\n{TWO}" == between(NEW, text, Version("1.1.0"), Version("1.3.0"))
    assert TWO == between(NEW, text, Version("1.1.0"), Version("1.2.0"))


def test_a_changelog_without_sections_has_the_lines_that_were_added() -> None:
    """Lines that were there before once are told where they come again."""
    assert "2.0\n- Update" == between(
        "1.0\n- Update\n", "2.0\n- Update\n1.0\n- Update\n", None, None
    )
