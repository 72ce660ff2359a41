"""How big a step a change is, and how big the CHANGELOG says it is."""

from collections.abc import Callable

import pytest
from packaging.version import Version

from scaffold.authoring.bump import Bump, reasons, told_bump
from tests.authoring.blueprints import Author
from tests.builders import BLUEPRINT_YML

Change = Callable[[Author], None]
SIZE = "size: {type: str, choices: [s, m], default: s}"


def found(author: Author) -> list[tuple[str, str]]:
    """What asks for more than a patch, between v1.0.0 and what lies there."""
    versions = author.versions()
    return [
        (one.bump.word, one.what) for one in reasons(versions.release("v1.0.0"), versions.current)
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("size", "", ("major", "the question `size` is gone")),
        ("[s, m]", "[s]", ("major", "the question `size` lost the choice `m`")),
        ("type: str, choices: [s, m], default: s", "type: int, default: 1",
         ("major", "the question `size` has the type int, not str")),
        ("greeting: {", "colour: {type: str, default: red}\ngreeting: {",
         ("minor", "the question `colour` is new")),
        ("greeting: {", "colour: {type: str}\ngreeting: {",
         ("major", "the question `colour`, which has no default, is new")),
    ],
)  # fmt: skip
def test_questions(author: Author, old: str, new: str, expected: tuple[str, str]) -> None:
    """What loses recorded answers is major; a question more is minor."""
    author.ask(SIZE)
    author.tag("v1.0.0")
    if new:
        author.edit("copier.yml", old, new)
    else:
        author.edit("copier.yml", f"{SIZE}\n", "")

    assert expected in found(author)


def test_a_migration_carries_answers_over(author: Author) -> None:
    """A question that is retyped with a migration for a coming version is a minor step."""
    author.ask(SIZE)
    author.tag("v1.0.0")
    author.edit("copier.yml", SIZE, "size: {type: int, default: 1}")
    author.ask("_migrations: [{version: v1.1.0, command: 'true'}]")

    assert [("minor", "the question `size` has the type int, not str")] == found(author)


def test_more_choices_break_nothing(author: Author) -> None:
    """Nor does another default: recorded answers stay."""
    author.ask(SIZE)
    author.tag("v1.0.0")
    author.edit("copier.yml", "[s, m], default: s", "[s, m, l], default: l")

    assert [] == found(author)


@pytest.mark.parametrize(
    ("repos", "expected"),
    [
        ('  code: {name: "x"}\n', ("major", "the repo `docker` is gone")),
        ('  code: {name: "x"}\n  docker: {name: "y"}\n',
         ("major", "the repo `docker` follows or pins otherwise")),
        (BLUEPRINT_YML.partition("repos:\n")[2] + '  docs: {name: "z"}\n',
         ("minor", "the repo `docs` is new")),
    ],
)  # fmt: skip
def test_repos(author: Author, repos: str, expected: tuple[str, str]) -> None:
    """A repo that is gone, or that is built from another, is major; one more is minor."""
    author.tag("v1.0.0")
    author.write({"blueprint.yml": BLUEPRINT_YML.partition("repos:\n")[0] + "repos:\n" + repos})

    assert expected in found(author)


def test_files(author: Author) -> None:
    """A file more or less in a service's repos is minor; changed ones ask for nothing more."""
    author.tag("v1.0.0")
    author.edit("code/README.md.jinja", "# ", "## ")
    author.write({"docker/new.txt": "", "tests/test_new.py": "", "docs/new.md": ""})
    (author.folder / "code/NOTES.md").unlink()

    expected = [("minor", "`docker/new.txt` is new"), ("minor", "`code/NOTES.md` is gone")]
    assert expected == found(author)


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ("### Fixed\n\n- A typo.\n", Bump.PATCH),
        ("### Security\n\n- A newer base.\n\n### Fixed\n\n- A typo.\n", Bump.PATCH),
        ("### Added\n\n- A file.\n\n### Fixed\n\n- A typo.\n", Bump.MINOR),
        ("### Changed\n\n- Other words.\n", Bump.MINOR),
        ("- Something without a heading.\n", Bump.MINOR),
        ("### Removed\n\n- The question size.\n", Bump.MAJOR),
        ("### Fixed\n\n- BREAKING: other names.\n", Bump.MAJOR),
    ],
)
def test_what_the_changelog_says(entries: str, expected: Bump) -> None:
    """By the headings of keepachangelog.com, and the word BREAKING."""
    assert expected is told_bump(entries)


@pytest.mark.parametrize(
    ("bump", "expected"), [(Bump.MAJOR, "2.0.0"), (Bump.MINOR, "1.3.0"), (Bump.PATCH, "1.2.4")]
)
def test_what_follows_a_version(bump: Bump, expected: str) -> None:
    """What comes after the part that goes up begins at 0 again."""
    assert Version(expected) == bump.after(Version("1.2.3"))
