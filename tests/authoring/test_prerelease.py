"""`scaffold blueprint release --pre`: a tag that nobody gets who does not ask for it."""

import json
from datetime import date
from pathlib import Path

import pytest

from scaffold.authoring.prerelease import Pre
from scaffold.authoring.release import apply_release, plan_release, push_release
from scaffold.errors import ReleaseRefusedError
from tests.authoring.blueprints import Author
from tests.authoring.test_release import ADDED, FIXED, change, clean, note, release
from tests.builders import git

TODAY = date(2026, 1, 2)
RC = Pre.CANDIDATE
__all__ = ["clean"]  # a fixture


def planned(author: Author, pre: Pre | None = RC) -> str:
    """The tag that would be made."""
    return plan_release(author.folder, None, TODAY, pre).tag


def test_it_is_a_tag_alone(clean: Author) -> None:
    """The CHANGELOG keeps its entries under Unreleased, and the branch does not move."""
    clean.tag("v1.2.0")
    change(clean)
    note(clean, ADDED)
    head, text = git("rev-parse", "HEAD", cwd=clean.folder), clean.folder / "CHANGELOG.md"
    before = text.read_text()
    done = release(clean, "--pre", "rc")

    assert [
        "small v1.3.0rc1 is released.",
        "Push it:      git push --atomic origin main v1.3.0rc1",
        "Try it:       scaffold upgrade SERVICE --to v1.3.0rc1 --dry-run",
    ] == done.stdout.splitlines()
    assert (head, head, before, "") == (
        git("rev-parse", "HEAD", cwd=clean.folder),
        git("rev-parse", "v1.3.0rc1", cwd=clean.folder),
        text.read_text(),
        git("status", "--porcelain", cwd=clean.folder),
    )
    again = json.loads(release(clean, "--pre", "rc", "--output", "json").stdout)
    assert ("v1.3.0rc1", False) == (again["tag"], again["new"])


def test_the_release_follows_it(author: Author) -> None:
    """Of the same commit, and by the entries that its prereleases had; then it is the last one."""
    author.tag("v1.2.0")
    change(author)
    note(author, ADDED)
    apply_release(plan_release(author.folder, None, TODAY, RC))
    plan = plan_release(author.folder, None, TODAY)

    assert ("v1.3.0", "v1.2.0", False) == (plan.tag, plan.last, plan.there)
    apply_release(plan)
    assert "## [1.3.0] - 2026-01-02\n" in (author.folder / "CHANGELOG.md").read_text()
    with pytest.raises(ReleaseRefusedError, match="says nothing under Unreleased"):
        planned(author)


def test_they_are_counted(author: Author) -> None:
    """Each kind for itself; one of another version does not count."""
    author.tag("v1.2.0")
    change(author)
    for tag in ("v1.3.0a1", "v1.3.0rc1", "v1.3.0rc2", "v2.0.0rc7"):
        author.tag(tag)
    note(author, ADDED)

    assert "v1.3.0rc3" == planned(author)


def test_one_of_origin_counts(author: Author) -> None:
    """Somebody else has made it, and their tag was not fetched yet."""
    author.tag("v1.2.0")
    bare = author.folder.parent / "bare.git"
    git("clone", "-q", "--bare", str(author.folder), str(bare), cwd=author.folder)
    git("tag", "v1.2.1rc1", cwd=bare)
    git("remote", "add", "origin", str(bare), cwd=author.folder)
    change(author)
    note(author, FIXED)

    assert "v1.2.1rc2" == planned(author)


def test_an_earlier_kind_is_refused(author: Author) -> None:
    """After a candidate a beta would be older than what is tried already."""
    author.tag("v1.2.0")
    author.tag("v1.3.0rc1")
    change(author)
    note(author, ADDED)

    with pytest.raises(
        ReleaseRefusedError, match=r"a 1\.3\.0rc1 already, which is newer than 1\.3\.0b1"
    ) as caught:
        planned(author, Pre.BETA)
    assert "Give --pre rc." == caught.value.hint


def test_before_the_first_release(author: Author) -> None:
    """Prereleases of 1.0.0, which 1.0.0 follows."""
    note(author, ADDED)
    apply_release(plan_release(author.folder, None, TODAY, RC))
    change(author)
    author.commit()

    assert ("v1.0.0rc2", "v1.0.0") == (planned(author), planned(author, None))


def test_a_migration_is_tied_to_the_prerelease(author: Author) -> None:
    """Tied to the release it would run for nobody who tries the prerelease."""
    author.tag("v1.2.0")
    author.ask("_migrations: [{version: v1.3.0, command: 'true'}]")
    note(author, ADDED)

    with pytest.raises(ReleaseRefusedError, match=r"meant for 1\.3\.0, so it would not") as caught:
        planned(author)
    assert "Tie it to 1.3.0rc1, or give a bigger step." == caught.value.hint
    author.edit("copier.yml", "version: v1.3.0", "version: v1.3.0rc1")
    author.commit()
    assert ("v1.3.0rc1", "v1.3.0") == (planned(author), planned(author, None))


def test_it_is_pushed(author: Author, tmp_path: Path) -> None:
    """With the branch, as a release is."""
    note(author, ADDED)
    bare = tmp_path / "bare.git"
    git("init", "-q", "--bare", "-b", "main", str(bare), cwd=author.folder)
    git("remote", "add", "origin", str(bare), cwd=author.folder)
    plan = plan_release(author.folder, None, TODAY, Pre.ALPHA)
    apply_release(plan)
    push_release(plan)

    assert git("rev-parse", "main", cwd=bare) == git("rev-parse", "v1.0.0a1", cwd=bare)
