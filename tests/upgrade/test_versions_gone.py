"""Versions that are gone, that were moved, or that can't be rendered any more."""

from pathlib import Path

import pytest

from scaffold.errors import RenderError, VersionGoneError
from scaffold.git.tree import open_repo
from scaffold.render.provenance import recorded_commit, template_trailers
from scaffold.upgrade.plan import Want
from tests.builders import git
from tests.upgrade.case import Case, conflicts, decided, result, texts

LINES = "one\ntwo\n\nthree\nfour\n\n\nfive\n"


def start(case: Case, *, trailers: bool) -> str:
    """A repo of v1, with trailers that name the commit or without; return that commit."""
    commit = case.release("v1.0.0", {"a.txt": LINES})
    case.generate("v1.0.0")
    if trailers:
        case.commit(f"Create\n\n{template_trailers(case.template, 'v1.0.0', commit)}")
    return commit


def forget(case: Case, *tags: str) -> None:
    """Let the template lose tags, and all commits that no branch or tag holds."""
    for tag in tags:
        git("tag", "-d", tag, cwd=Path(case.template))
    git("reflog", "expire", "--expire=now", "--all", cwd=Path(case.template))
    git("gc", "-q", "--prune=now", cwd=Path(case.template))


def move_tag(case: Case, *, keep: bool) -> None:
    """Let v1.0.0 be another commit, and lose the one that it was unless that is kept."""
    template = Path(case.template)
    if keep:
        git("branch", "kept", cwd=template)
    git("checkout", "-q", "--orphan", "other", cwd=template)
    case.release("v1.0.0", {"a.txt": LINES.replace("two", "TWO")})
    git("branch", "-D", "main", cwd=template)
    forget(case)
    case.release("v2.0.0", {"a.txt": LINES.replace("two", "TWO").replace("four", "FOUR")})


class TestMovedTags:
    """A tag was moved after the repo was made from it."""

    def test_the_history_of_the_repo_knows_better(self, case: Case) -> None:
        """The right base: what moved between is part of the upgrade."""
        start(case, trailers=True)
        move_tag(case, keep=True)

        plan = case.plan()

        assert case.fresh("v2.0.0") == result(plan)
        assert ("v1.0.0", []) == (plan.old.name, conflicts(plan))

    def test_with_an_edit_of_the_owner(self, case: Case) -> None:
        """It is merged as if the tag were where it was."""
        start(case, trailers=True)
        case.edit({"a.txt": LINES.replace("five", "mine")})
        move_tag(case, keep=True)

        plan = case.plan()

        assert "one\nTWO\n\nthree\nFOUR\n\n\nmine\n" == texts(result(plan))["a.txt"]

    def test_the_commit_is_lost(self, case: Case) -> None:
        """No wrong base is used: the error tells what happened and what to do."""
        commit = start(case, trailers=True)
        move_tag(case, keep=False)

        with pytest.raises(VersionGoneError, match=f"`v1.0.0` was moved.*{commit[:12]}") as caught:
            case.plan()

        assert "adopt" in caught.value.hint

    def test_nothing_tells_that_it_moved(self, case: Case) -> None:
        """Without trailers the tag is what it is."""
        start(case, trailers=False)
        move_tag(case, keep=True)

        now = git("rev-parse", "v1.0.0^{commit}", cwd=Path(case.template))
        assert now == case.plan().old.commit

    def test_the_tag_is_deleted(self, case: Case) -> None:
        """The commit will do."""
        commit = start(case, trailers=True)
        case.release("v2.0.0", {"a.txt": LINES.replace("two", "TWO")})
        forget(case, "v1.0.0")

        assert (commit, case.fresh("v2.0.0")) == ((plan := case.plan()).old.commit, result(plan))

    def test_the_new_content_of_the_same_version(self, case: Case) -> None:
        """It reaches the repo."""
        start(case, trailers=True)
        move_tag(case, keep=True)

        plan = case.plan(Want(version="v1.0.0"))

        assert LINES.replace("two", "TWO") == texts(result(plan))["a.txt"]


class TestTrailers:
    """What the history of a repo says about the template's commit."""

    TEMPLATE = "/t.git"

    def found(self, case: Case, *messages: str) -> str | None:
        """The commit that counts after commits with these messages."""
        case.repo.mkdir()
        git("init", "-q", "-b", "main", cwd=case.repo)
        head = [case.commit(message) for message in messages][-1]
        return recorded_commit(open_repo(case.repo), head, self.TEMPLATE, "v1")

    def test_the_newest_one_counts(self, case: Case) -> None:
        """The repo was made from that."""
        old, new = (template_trailers(self.TEMPLATE, "v1", sign * 40) for sign in "ab")

        assert "b" * 40 == self.found(case, f"One\n\n{old}", f"Two\n\n{new}", "Three")

    @pytest.mark.parametrize(
        "message",
        [
            "Squash\n\n* Upgrade\n\n{found}\n* Another\n\nCo-authored-by: A <a@b.c>",
            "Upgrade\n\n{found}\n---------\n\nCo-authored-by: A <a@b.c>",
            "Squash\n\n    {indented}",
            "Upgrade\r\n\r\n{crlf}",
        ],
        ids=["list", "github", "indented", "crlf"],
    )
    def test_a_squash_keeps_it(self, case: Case, message: str) -> None:
        """Forges put the messages of several commits into one."""
        told = template_trailers(self.TEMPLATE, "v1", "a" * 40)
        indented, crlf = told.replace("\n", "\n    "), told.replace("\n", "\r\n")

        assert "a" * 40 == self.found(
            case, message.format(found=told, indented=indented, crlf=crlf)
        )

    def test_the_last_one_of_a_squash_counts(self, case: Case) -> None:
        """Later commits come later."""
        old, new = (template_trailers(self.TEMPLATE, "v1", sign * 40) for sign in "ab")

        assert "b" * 40 == self.found(case, f"Squash\n\n{old}\n* Second\n\n{new}")

    @pytest.mark.parametrize(
        "told",
        [
            template_trailers("/other.git", "v1", "a" * 40),
            template_trailers("/t.git", "v2", "a" * 40),
            template_trailers("/t.git", "v1", "main"),
            template_trailers("/t.git", "v1", "a" * 12),
        ],
        ids=["template", "version", "branch", "short"],
    )
    def test_what_is_not_meant(self, case: Case, told: str) -> None:
        """Another template, another version, or no id at all."""
        assert None is self.found(case, f"Change\n\n{told}")

    def test_a_merged_branch(self, case: Case) -> None:
        """They may be in a commit that is no first parent."""
        case.repo.mkdir()
        git("init", "-q", "-b", "main", cwd=case.repo)
        case.commit("Begin")
        git("checkout", "-q", "-b", "side", cwd=case.repo)
        case.commit(f"Upgrade\n\n{template_trailers(self.TEMPLATE, 'v1', 'a' * 40)}")
        git("checkout", "-q", "main", cwd=case.repo)
        git("merge", "-q", "--no-ff", "-m", "Merge", "side", cwd=case.repo)
        head = git("rev-parse", "HEAD", cwd=case.repo)

        assert "a" * 40 == recorded_commit(open_repo(case.repo), head, self.TEMPLATE, "v1")


class TestGone:
    """The version that the repo was made from can't be had."""

    def test_a_tag(self, case: Case) -> None:
        """The error names it and the ways out; the repo is as it was."""
        case.release("v2.0.0", {"a.txt": "two\n"})
        git("checkout", "-q", "--orphan", "other", cwd=Path(case.template))
        start(case, trailers=False)
        git("checkout", "-q", "main", cwd=Path(case.template))
        git("branch", "-D", "other", cwd=Path(case.template))
        forget(case, "v1.0.0")
        before = case.ours()

        with pytest.raises(VersionGoneError, match=r"has no version `v1\.0\.0`") as caught:
            case.plan()

        assert ("adopt" in caught.value.hint, before) == (True, case.ours())

    @pytest.mark.parametrize("form", ["{}", "{:.7}", "v0-3-g{:.7}"], ids=["full", "short", "told"])
    def test_a_commit(self, case: Case, form: str) -> None:
        """By whatever name it was recorded."""
        start(case, trailers=False)
        version = form.format("0123456789abcdef0123456789abcdef01234567")
        text = case.ours()[".copier-answers.yml"].data.decode()
        case.edit({".copier-answers.yml": text.replace("v1.0.0", f"'{version}'")})

        with pytest.raises(VersionGoneError, match=f"has no version `{version}`"):
            case.plan()


class TestNotRenderable:
    """A version that was released is broken."""

    def broken(self, case: Case, old: str, new: str, **files: str) -> RenderError:
        """The error of an upgrade between versions with these texts in a.txt."""
        case.release("v1.0.0", {"a.txt.jinja": "one\n", "b.txt": "1\n"})
        case.generate("v1.0.0")
        case.release("v1.0.0", {"a.txt.jinja": old, "b.txt": "1\n", **files})
        case.release("v2.0.0", {"a.txt.jinja": new, "b.txt": "2\n"})
        before = case.ours()
        with pytest.raises(RenderError) as caught:
            case.plan()
        assert before == case.ours()
        return caught.value

    def test_the_old_one(self, case: Case) -> None:
        """It is named, with the file and line, and the way out."""
        error = self.broken(case, "x\n{{ 1 / 0 }}\n", "two\n")

        assert f"{case.template}@v1.0.0:a.txt.jinja:2" == error.where
        assert "adopt" in error.hint

    def test_the_new_one(self, case: Case) -> None:
        """Its authors have to fix it."""
        assert f"{case.template}@v2.0.0:a.txt.jinja:1" == self.broken(case, "x", "{% fi %}").where

    @pytest.mark.parametrize(
        "text",
        [
            "a: [\n",
            "- a\n",
            "a: {type: nonsense, default: 1}\n",
            "a: {choices: 7, default: 1}\n",
            "_envops: 5\n",
        ],
    )
    def test_its_questions(self, case: Case, text: str, capfd: pytest.CaptureFixture[str]) -> None:
        """They are not valid; nothing is printed beside the error."""
        error = self.broken(case, "x", "y", **{"copier.yml": text})

        assert (True, "") == ("@v1.0.0" in error.where, capfd.readouterr().err)

    @pytest.mark.parametrize(
        ("files", "place", "why"),
        [
            (
                {"copier.yml": "a: 1\nb: [\n"},
                "copier.yml:3",
                "expected the node content, but found '<stream end>'",
            ),
            ({"copier.yml": "a: 1\n\tb: 1\n"}, "copier.yml:2", "found character '\\t'"),
            (
                {"copier.yml": "--- !include more.yml\n", "more.yml": "a: [\n"},
                "more.yml:2",
                "expected the node content, but found '<stream end>'",
            ),
            (
                {"a.txt.jinja": "\n{% include 'b' %}\n", "copier.yml": "a: 1\n"},
                "a.txt.jinja:2",
                "'b' not found in search path: '.'",
            ),
        ],
    )
    def test_the_place_is_one_that_is_still_there(
        self, case: Case, files: dict[str, str], place: str, why: str
    ) -> None:
        """The version, its file and the line; not the folder of the run, which is gone by then."""
        error = self.broken(case, "x", "y", **files)

        assert f"{case.template}@v1.0.0:{place}" == error.where
        assert why in error.what
        assert str(case.root / "scratch") not in str(error)

    def test_two_files_of_questions(self, case: Case) -> None:
        """Nobody knows which one counts."""
        error = self.broken(case, "x", "y", **{"copier.yaml": "{}\n"})

        assert (True, True) == ("two" in error.what, "@v1.0.0" in error.where)


def test_an_owner_who_went_back(case: Case) -> None:
    """A revert of an upgrade is at the old version, whose commit an older message tells."""
    first = start(case, trailers=True)
    second = case.release("v2.0.0", {"a.txt": LINES.replace("two", "TWO")})
    old = {path: entry.data for path, entry in case.ours().items()}
    for path, entry in result(case.plan()).items():
        (case.repo / path).write_bytes(entry.data)
    case.commit(f"Upgrade\n\n{template_trailers(case.template, 'v2.0.0', second)}")
    assert second == case.plan().old.commit
    case.edit(old)

    plan = case.plan()

    assert (first, [("a.txt", "updated")]) == (plan.old.commit, decided(plan))
