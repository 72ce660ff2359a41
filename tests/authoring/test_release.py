"""`scaffold blueprint release`, run as an author runs it."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import jsonschema
import pytest

from scaffold.authoring.bump import Bump
from scaffold.authoring.release import apply_release, plan_release, prove
from scaffold.authoring.testing import Progress
from scaffold.documents.schemas import published_schemas
from scaffold.errors import ReleaseRefusedError
from scaffold.lint import lint_report
from scaffold.lint.baseline import read_baseline, write_baseline
from tests.authoring.blueprints import Author
from tests.builders import git
from tests.service.run import Done, scaffold

ADDED = "\n### Added\n\n- Something.\n"
FIXED = "\n### Fixed\n\n- Something.\n"
TODAY = date(2026, 1, 2)


def note(author: Author, entries: str) -> None:
    """Write under Unreleased, and commit all that lies there."""
    author.edit("CHANGELOG.md", "## [Unreleased]\n", f"## [Unreleased]\n{entries}")
    author.commit()


def change(author: Author, path: str = "code/README.md.jinja") -> None:
    """Change what services get."""
    file = author.folder / path
    before = file.read_text() if file.exists() else ""
    author.write({path: f"{before}more\n"})


def release(author: Author, *words: str, status: int = 0) -> Done:
    """Run the command in the blueprint's folder."""
    done = scaffold("blueprint", "release", *words, cwd=author.folder)
    assert status == done.returncode, done.stdout + done.stderr
    return done


def made(author: Author) -> tuple[str, str]:
    """The tags, and what the last commit says."""
    return git("tag", cwd=author.folder), git("log", "-1", "--format=%s", cwd=author.folder)


def refused(author: Author, *words: str) -> str:
    """What is said where nothing is released; nothing is."""
    before = (made(author), git("status", "--porcelain", cwd=author.folder))
    said = release(author, *words, status=1).stderr
    assert before == (made(author), git("status", "--porcelain", cwd=author.folder))
    return said


@pytest.fixture
def clean(author: Author) -> Author:
    """An author whose blueprint lint finds nothing in, since its few files are all used."""
    author.edit("copier.yml", "repo: {", "repo: {help: Which, ")
    for name in ("service", "owner", "siblings", "registry", "greeting"):
        author.edit("copier.yml", f"{name}: {{", f"{name}: {{help: What, ")
    author.commit()
    return author


def test_the_first_release(clean: Author) -> None:
    """1.0.0: the CHANGELOG is dated, committed and tagged; the next commands are printed."""
    note(clean, ADDED)
    done = release(clean)

    today = datetime.now(UTC).date().isoformat()
    assert ("v1.0.0", "Release v1.0.0") == made(clean)
    assert "" == git("status", "--porcelain", cwd=clean.folder)
    assert (
        f"# Changelog\n\n## [Unreleased]\n\n## [1.0.0] - {today}\n{ADDED}"
        == (clean.folder / "CHANGELOG.md").read_text()
    )
    assert [
        "small v1.0.0 is released.",
        "Push it:      git push --atomic origin main v1.0.0",
        "Roll it out:  scaffold upgrade --blueprint small --to v1.0.0 --dry-run",
    ] == done.stdout.splitlines()


def test_the_document_and_the_push(clean: Author) -> None:
    """With --push commit and tag are on origin; the JSON fits its schema."""
    note(clean, ADDED)
    git("tag", "v0.9.0", "HEAD^", cwd=clean.folder)
    bare = clean.folder.parent / "bare.git"
    git("init", "-q", "--bare", "-b", "main", str(bare), cwd=clean.folder)
    git("remote", "add", "origin", str(bare), cwd=clean.folder)
    document = json.loads(release(clean, "--push", "--output", "json").stdout)

    jsonschema.Draft202012Validator(published_schemas()["output-release"]).validate(document)
    head = git("rev-parse", "main", cwd=bare)
    assert ("v0.10.0", "v0.9.0", "minor", head, True, True) == tuple(
        document[key] for key in ("tag", "last", "bump", "commit", "new", "pushed")
    )
    assert head == git("rev-parse", "v0.10.0", cwd=bare)
    again = release(clean)
    assert "Push it" not in again.stdout
    assert json.loads(release(clean, "--output", "json").stdout)["pushed"]


def test_a_second_run_finds_it_done(clean: Author) -> None:
    """Nothing is tagged twice; a push that failed can be made up for."""
    note(clean, ADDED)
    release(clean)
    head = git("rev-parse", "HEAD", cwd=clean.folder)
    again = release(clean, "--minor")

    assert again.stdout.startswith("small v1.0.0 was released before.\nPush it: ")
    assert head == git("rev-parse", "HEAD", cwd=clean.folder)


@pytest.mark.parametrize(
    ("entries", "path", "expected"),
    [
        (FIXED, "code/README.md.jinja", "v1.0.1"),
        (ADDED, "code/new.txt", "v1.1.0"),
        ("\n### Removed\n\n- Nothing.\n", "code/README.md.jinja", "v2.0.0"),
    ],
)
def test_the_changelog_says_the_step(
    author: Author, entries: str, path: str, expected: str
) -> None:
    """A patch, a minor or a major version."""
    author.tag("v1.0.0")
    change(author, path)
    note(author, entries)

    assert expected == plan_release(author.folder, None, TODAY).tag


def test_a_step_that_is_too_small_is_refused(clean: Author) -> None:
    """The CHANGELOG says less than the change is; so does a flag. The reasons are listed."""
    clean.ask("gone: {help: What, type: str, default: a}")
    clean.tag("v1.0.0")
    clean.edit("copier.yml", "gone: {help: What, type: str, default: a}\n", "")
    note(clean, ADDED)

    said = refused(clean)
    assert (
        "CHANGELOG.md speaks of a minor step, which is too small:"
        " the change since v1.0.0 asks for a major one\n"
    ) in said
    assert "the question `gone` is gone" in said
    assert "--patch, which is too small:" in refused(clean, "--patch")


@pytest.mark.parametrize(
    ("made", "dropped", "headings"),
    [
        (("new.txt",), (), "`### Added`."),
        ((), ("old.txt",), "`### Changed`. Under `### Removed` it would be a major one."),
        (("new.txt",), ("old.txt",),
         "`### Added` and `### Changed`. Under `### Removed` it would be a major one."),
    ],
    ids=["new", "gone", "both"],
)  # fmt: skip
def test_the_advice_makes_no_bigger_step_than_is_asked_for(
    author: Author, made: tuple[str, ...], dropped: tuple[str, ...], headings: str
) -> None:
    """The heading that it names gives just the step that is asked for."""
    author.write({"code/old.txt": "old\n"})
    author.tag("v1.0.0")
    for name in dropped:
        (author.folder / "code" / name).unlink()
    author.write({f"code/{name}": "new\n" for name in made})
    note(author, FIXED)

    with pytest.raises(ReleaseRefusedError) as caught:
        plan_release(author.folder, None, TODAY)
    assert f"Give --minor, or list it in CHANGELOG.md under {headings}" == caught.value.hint

    for heading in ("Added", "Changed"):
        if f"### {heading}" in headings:
            note(author, f"\n### {heading}\n\n- It.\n")
    assert "v1.1.0" == plan_release(author.folder, None, TODAY).tag


def test_below_one_a_minor_step_may_break(author: Author) -> None:
    """As semver.org has it for versions that begin with 0."""
    author.ask("gone: {type: str, default: a}")
    author.tag("v0.3.0")
    author.edit("copier.yml", "gone: {type: str, default: a}\n", "")
    note(author, ADDED)

    assert "v0.4.0" == plan_release(author.folder, None, TODAY).tag


def test_a_migration_must_run_in_the_next_version(author: Author) -> None:
    """One that is meant for a later version would be passed over."""
    author.tag("v1.0.0")
    author.ask("_migrations: [{version: v2.0.0, command: 'true'}]")
    note(author, ADDED)

    with pytest.raises(ReleaseRefusedError, match=r"meant for 2\.0\.0, so it would not run in 1\."):
        plan_release(author.folder, None, TODAY)


def test_a_branch_of_an_older_version_goes_on_from_that(author: Author) -> None:
    """A fix for 1.0 is 1.0.1, whatever was released since; a version that is there is refused."""
    author.tag("v1.0.0")
    change(author)
    author.tag("v2.0.0")
    git("checkout", "-q", "-b", "fixes", "v1.0.0", cwd=author.folder)
    change(author)
    note(author, FIXED)

    assert "v1.0.1" == plan_release(author.folder, None, TODAY).tag
    with pytest.raises(ReleaseRefusedError, match=r"there is a version v2\.0\.0 already"):
        plan_release(author.folder, Bump.MAJOR, TODAY)


def test_a_version_of_origin_is_not_made_again(author: Author) -> None:
    """Somebody else has released it, and their tag was not fetched yet."""
    author.tag("v1.0.0")
    bare = author.folder.parent / "bare.git"
    git("clone", "-q", "--bare", str(author.folder), str(bare), cwd=author.folder)
    git("tag", "v1.0.1", cwd=bare)
    git("remote", "add", "origin", str(bare), cwd=author.folder)
    change(author)
    note(author, FIXED)

    with pytest.raises(ReleaseRefusedError, match=r"there is a version v1\.0\.1 already") as caught:
        plan_release(author.folder, None, TODAY)
    assert "Fetch what others have released: git pull --tags" == caught.value.hint


def test_changes_that_are_not_committed_are_refused(author: Author) -> None:
    """They would be tested, and not released."""
    note(author, ADDED)
    author.write({"code/new.txt": "new\n"})

    said = refused(author)
    assert "there are changes that are not committed\n  ?? code/new.txt\n" in said


def test_an_empty_changelog_is_refused(author: Author) -> None:
    """Whoever is upgraded reads it."""
    assert "CHANGELOG.md says nothing under Unreleased" in refused(author)


def test_what_lint_finds_is_refused(author: Author) -> None:
    """Here: questions without a help text."""
    note(author, ADDED)

    assert "lint finds something" in refused(author)


def test_what_a_baseline_has_is_not_refused(author: Author, tmp_path: Path) -> None:
    """An author starts from where they are; what is new is refused all the same."""
    note(author, ADDED)
    known = tmp_path / "known.yml"
    report = lint_report(author.folder)
    write_baseline(known, report.findings, report.texts)
    baseline = read_baseline(known)

    assert report.findings
    assert prove(author.folder, jobs=1, progress=Progress(), baseline=baseline).ok
    author.ask("more: {type: str, default: a}")
    with pytest.raises(ReleaseRefusedError, match="lint finds something") as caught:
        prove(author.folder, jobs=1, progress=Progress(), baseline=baseline)
    assert caught.value.details
    assert all("`more`" in one for one in caught.value.details)


def test_a_test_that_fails_is_refused(clean: Author) -> None:
    """With what it said."""
    clean.write({"tests/test_it.py": "def test_it():\n    assert 1 == 2\n"})
    note(clean, ADDED)

    said = refused(clean)
    assert "1 of 3 tests failed\n  failed   tests\n" in said


def test_a_folder_of_another_repo_is_refused(author: Author) -> None:
    """Its tags would be those of all that lies in the repo."""
    top = author.folder.parent
    (author.folder / ".git").rename(top / ".git")

    said = release(author, status=1).stderr
    assert f"{author.folder}: is not the top folder of a git repo" in said


def test_two_steps_at_once_are_wrong_use(author: Author) -> None:
    """A version is a major, a minor or a patch one."""
    release(author, "--major", "--patch", status=2)


def test_a_run_that_was_killed_is_finished(author: Author) -> None:
    """Branch and tag move in one step; what is left is to lay out the CHANGELOG."""
    note(author, ADDED)
    old = (author.folder / "CHANGELOG.md").read_text()
    commit = apply_release(plan_release(author.folder, None, TODAY))
    new = (author.folder / "CHANGELOG.md").read_text()
    author.write({"CHANGELOG.md": old})
    git("add", "-A", cwd=author.folder)  # as the index was, too

    plan = plan_release(author.folder, None, TODAY)
    assert (True, "v1.0.0") == (plan.there, plan.tag)
    assert commit == apply_release(plan)
    assert new == (author.folder / "CHANGELOG.md").read_text()
    assert "" == git("status", "--porcelain", cwd=author.folder)


def test_a_branch_that_moved_meanwhile_loses_nothing(author: Author) -> None:
    """Neither the branch nor the tag moves where somebody committed after the plan was made."""
    note(author, ADDED)
    plan = plan_release(author.folder, None, TODAY)
    later = author.commit("Later")

    with pytest.raises(ReleaseRefusedError, match="moved while this was prepared"):
        apply_release(plan)
    assert (later, "") == (
        git("rev-parse", "main", cwd=author.folder), git("tag", cwd=author.folder),
    )  # fmt: skip


def test_a_push_that_fails_is_said(clean: Author, tmp_path: Path) -> None:
    """The release is there; the line that pushes it is in the hint."""
    note(clean, ADDED)
    git("remote", "add", "origin", str(tmp_path / "nowhere.git"), cwd=clean.folder)
    said = release(clean, "--push", status=1).stderr

    assert "v1.0.0 is committed and tagged here, but can't be pushed" in said
    assert "or: git push --atomic origin main v1.0.0" in said
