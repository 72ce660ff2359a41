"""Recorded versions: tags, commits by every name that they go by, and what is newer than what."""

import re
from pathlib import Path

import pytest

from scaffold.errors import BlueprintNotFoundError, VersionGoneError
from scaffold.render.answers_file import DEFAULT_NAME
from scaffold.render.templates import Ref, TemplateRepo
from scaffold.upgrade.plan import Want
from tests.builders import commit_files, git
from tests.upgrade.case import Case, conflicts, decided, result, texts

ONE = {"a.txt": "one\n"}
TWO = {"a.txt": "two\n"}


def started(case: Case, tag: str = "v1.0.0") -> None:
    """A repo of one version."""
    case.release(tag, ONE)
    case.generate(tag)


def record(case: Case, version: str) -> None:
    """Let the answers file name another version."""
    text = case.ours()[DEFAULT_NAME].data.decode()
    case.edit({DEFAULT_NAME: re.sub(r"(?m)^_commit: .*$", f"_commit: '{version}'", text)})


def untagged(case: Case, files: dict[str, str]) -> str:
    """A commit of the template without a tag."""
    commit = case.release("temporary", files)
    git("tag", "-d", "temporary", cwd=Path(case.template))
    return commit


class TestPrereleases:
    """Taken where they are named, and never a step back."""

    def test_none_is_taken_by_itself(self, case: Case) -> None:
        """A release is current beside a newer prerelease."""
        started(case)
        case.release("v2.0.0rc1", TWO)

        plan = case.plan()

        assert ("current", "v1.0.0") == (plan.state, plan.new.name)

    @pytest.mark.parametrize("tag", ["v2.0.0a1", "v2.0.0b1", "v2.0.0rc1", "v2.0.0.dev1"])
    def test_one_is_taken_when_it_is_named(self, case: Case, tag: str) -> None:
        """By the whole name of its tag."""
        started(case)
        case.release(tag, TWO)

        assert ("would-change", "two\n") == (
            (plan := case.plan(Want(version=tag))).state, texts(result(plan))["a.txt"],
        )  # fmt: skip

    def test_a_repo_at_one_does_not_go_back(self, case: Case) -> None:
        """To the newest release, which is older."""
        case.release("v1.0.0", TWO)
        started(case, "v2.0.0a1")

        plan = case.plan()

        assert ("ahead", {}) == (plan.state, plan.merged.changes)

    def test_its_release_comes_after_it(self, case: Case) -> None:
        """A repo at the candidate is upgraded."""
        started(case, "v2.0.0rc1")
        case.release("v2.0.0", TWO)

        assert ("would-change", "v2.0.0") == ((plan := case.plan()).state, plan.new.name)

    def test_a_release_of_the_same_commit(self, case: Case) -> None:
        """It is recorded, though no file changes."""
        started(case, "v2.0.0rc1")
        git("tag", "v2.0.0", cwd=Path(case.template))

        assert b"_commit: v2.0.0\n" in result(case.plan())[DEFAULT_NAME].data


def test_a_target_that_is_older(case: Case) -> None:
    """It is not gone back to."""
    case.release("v1.0.0", TWO)
    started(case, "v1.10.0")

    plan = case.plan(Want(version="v1.0.0"))

    assert ("ahead", {}) == (plan.state, plan.merged.changes)


def test_versions_are_in_their_own_order(case: Case) -> None:
    """1.10 is after 1.9, whichever was tagged last."""
    started(case, "v1.9.0")
    case.release("v1.10.0", TWO)
    case.release("v1.8.5", ONE)

    assert "v1.10.0" == case.plan().new.name


@pytest.mark.parametrize("written", ["1.0.0", "v1.0", "refs/tags/v1.0.0"])
def test_another_spelling_of_a_version(case: Case, written: str) -> None:
    """With or without its `v`, it is that tag."""
    started(case)
    record(case, written)
    case.release("v2.0.0", TWO)

    assert [("a.txt", "updated")] == decided(case.plan())


class TestCommits:
    """Plain commits of a template, by all names."""

    @pytest.mark.parametrize("length", [4, 7, 12, 40])
    def test_by_id(self, case: Case, length: int) -> None:
        """Whole or short."""
        case.release("v1.0.0", {"a.txt": "zero\n"})
        commit = untagged(case, ONE)
        git("tag", "temporary", commit, cwd=Path(case.template))
        case.generate("temporary")
        git("tag", "-d", "temporary", cwd=Path(case.template))
        record(case, commit[:length])
        case.release("v2.0.0", TWO)

        assert [("a.txt", "updated")] == decided(case.plan())

    def test_as_copier_describes_them(self, case: Case) -> None:
        """`v1.0.0-1-g...`, which stays the name in both renders when the commit gets a tag."""
        files = {"v.txt.jinja": "{{ _copier_answers._commit }}\n"}
        case.release("v1.0.0", ONE)
        commit = untagged(case, {**ONE, **files})
        case.generate(commit)
        assert b"_commit: v1.0.0-1-g" in case.ours()[DEFAULT_NAME].data
        git("tag", "v1.1.0", commit, cwd=Path(case.template))
        case.release("v2.0.0", {**TWO, **files})

        plan = case.plan()

        assert ("v2.0.0\n", []) == (texts(result(plan))["v.txt"], conflicts(plan))

    def test_of_a_template_without_tags(self, case: Case) -> None:
        """The head of its default branch is the newest, and recorded as copier has it."""
        commit = untagged(case, ONE)
        case.generate(commit)
        newer = untagged(case, TWO)

        plan = case.plan()

        assert ("would-change", newer) == (plan.state, plan.new.commit)
        assert case.fresh("HEAD") == result(plan)

    def test_at_the_head_of_a_template_without_tags(self, case: Case) -> None:
        """Nothing is to be done."""
        case.generate(untagged(case, ONE))

        assert "current" == case.plan().state

    def test_a_repo_behind_the_first_tag(self, case: Case) -> None:
        """The first release is newer than the commit that it was made from."""
        case.generate(untagged(case, ONE))
        case.release("v0.1.0", TWO)

        assert ("would-change", "v0.1.0") == ((plan := case.plan()).state, plan.new.name)

    def test_a_repo_after_the_newest_tag(self, case: Case) -> None:
        """It is ahead of it."""
        case.release("v1.0.0", TWO)
        case.generate(untagged(case, ONE))

        assert "ahead" == case.plan().state

    def test_an_id_of_digits_only(self, case: Case) -> None:
        """It is no version, and no number: a template whose newest tag is lower is behind it."""
        case.release("v1.0.0", TWO)
        for number in range(400):
            commit = untagged(case, {"a.txt": "one\n", "b.txt": f"{number}\n"})
            if commit[:4].isdigit():
                break
        case.generate(commit)
        record(case, commit[:4])

        plan = case.plan()

        assert ("ahead", commit) == (plan.state, plan.old.commit)

    def test_a_branch_that_is_called_like_an_id(self, case: Case) -> None:
        """The commit is meant."""
        case.release("v1.0.0", ONE)
        commit = untagged(case, {"a.txt": "half\n"})
        case.generate(commit)
        record(case, commit[:8])
        case.release("v2.0.0", TWO)
        git("branch", commit[:8], "v1.0.0", cwd=Path(case.template))

        assert commit == case.plan().old.commit

    def test_a_tag_that_is_called_like_an_id(self, case: Case) -> None:
        """The tag is meant: it can't be anything else."""
        started(case)
        git("tag", "20260101", cwd=Path(case.template))
        record(case, "20260101")

        assert (
            git("rev-parse", "v1.0.0", cwd=Path(case.template))
            == case.plan(Want(version="v1.0.0")).old.commit
        )


def test_a_branch(case: Case) -> None:
    """It moves, so it does not tell what the repo was made from."""
    started(case)
    record(case, "main")
    case.release("v2.0.0", TWO)

    with pytest.raises(VersionGoneError, match="`main` is a branch") as caught:
        case.plan()

    assert "_commit" in caught.value.hint


class TestTargets:
    """What a person may ask for with --to."""

    @pytest.fixture
    def template(self, tmp_path: Path) -> TemplateRepo:
        """A template with a release, a commit after it and a branch."""
        commit_files(tmp_path / "t.git", {"a": "1"})
        git("tag", "v1.0.0", cwd=tmp_path / "t.git")
        commit_files(tmp_path / "t.git", {"a": "2"})
        git("branch", "next", cwd=tmp_path / "t.git")
        return TemplateRepo(f"{tmp_path}/t.git", tmp_path)

    @pytest.mark.parametrize("wanted", ["v1.0.0", "1.0.0", "refs/tags/v1.0.0"])
    def test_a_tag(self, template: TemplateRepo, wanted: str) -> None:
        """In any spelling of the version; recorded is the tag."""
        assert Ref("v1.0.0", template.tags["v1.0.0"]) == template.target(wanted)

    def test_a_branch(self, template: TemplateRepo) -> None:
        """The commit at its head, by the name that copier records."""
        ref = template.target("next")

        assert f"v1.0.0-1-g{ref.commit[:7]}" == ref.name

    def test_a_commit(self, template: TemplateRepo) -> None:
        """By the name that copier records, too."""
        ref = template.target("next")

        assert ref == template.target(ref.commit) == template.target(ref.commit[:9])

    @pytest.mark.parametrize("wanted", ["v9.0.0", "nothing", "deadbeef", "HEAD~1", "-x", ""])
    def test_nothing_of_that_name(self, template: TemplateRepo, wanted: str) -> None:
        """The error tells what there is."""
        with pytest.raises(BlueprintNotFoundError, match="has no version") as caught:
            template.target(wanted)

        assert "v1.0.0" in caught.value.hint
