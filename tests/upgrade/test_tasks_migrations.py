"""Migrations: each runs once on the way from one version to another, whichever way is taken."""

from pathlib import Path

import pytest
import yaml

from scaffold.errors import AnswersFileError, RenderError
from scaffold.upgrade.plan import UpgradePlan, Want
from scaffold.upgrade.state import UpgradeState
from tests.builders import git, write_files
from tests.upgrade.case import Case, decided, result, texts
from tests.upgrade.test_same_as_copier import BOTH, MINE, NEW, updated_by_copier
from tests.upgrade.trees import ONE

VERSIONED = "_migrations: [{{version: {}, command: 'echo {} >> log.txt'}}]\n"
OLD = "_migrations: [{{version: {}, after: ['echo {} >> log.txt']}}]\n"
EVERY_TIME = "_migrations: ['echo every >> log.txt']\n"


def walk(case: Case, questions: str, *tags: str) -> str:
    """What is in log.txt after upgrades of a repo from the first tag to each of the others."""
    case.release(tags[0], {"a.txt": "0\n"}, questions)
    case.generate(tags[0])
    for number, tag in enumerate(tags[1:], start=1):
        case.release(tag, {"a.txt": f"{number}\n"}, questions)
        plan = case.plan(Want(version=tag, trusted=lambda _: True))
        write_files(case.repo, {path: entry.data for path, entry in result(plan).items()})
        case.commit()
    return texts(case.ours()).get("log.txt", "")


@pytest.mark.parametrize("form", [VERSIONED, OLD], ids=["new", "old"])
@pytest.mark.parametrize(
    ("version", "tags", "times"),
    [
        ("v1.2.3", ("v1.2.2", "v1.2.3"), 1),
        ("v1.2.3", ("v1.2.2", "v1.2.3rc1", "v1.2.3"), 1),
        ("v1.2.3", ("v1.2.3rc1", "v1.2.3"), 1),
        ("v1.2.3", ("v1.2.2", "v1.2.3rc1"), 0),
        ("v1.2.3rc1", ("v1.2.2", "v1.2.3rc1", "v1.2.3rc2", "v1.2.3"), 1),
        ("v1.2.3rc1", ("v1.2.2", "v1.2.3"), 1),
        ("v1.2.3", ("v1.2.2", "v2.0.0", "v3.0.0"), 1),
        ("v1.2.3", ("v1.2.3", "v1.2.4"), 0),
        ("v1.10.0", ("v1.9.0", "v1.10.0"), 1),
        ("v2.0.0", ("v1.9.0", "v1.10.0"), 0),
        ("'2.0'", ("v1.0.0", "v2.0.0"), 1),
    ],
)
def test_one_that_is_tied_to_a_version(
    case: Case, form: str, version: str, tags: tuple[str, ...], times: int
) -> None:
    """It runs where the new version has reached it and the old one had not."""
    assert "x\n" * times == walk(case, form.format(version, "x"), *tags)


def test_one_that_is_tied_to_none(case: Case) -> None:
    """It runs in each upgrade."""
    assert "every\n" * 2 == walk(case, EVERY_TIME, "v1.0.0", "v1.1.0", "v1.2.0")


def test_several_on_the_way(case: Case) -> None:
    """In their order: first those that are to come before, then the others."""
    questions = """\
_migrations:
- {version: v1.1.0, command: 'echo after 1.1 >> log.txt'}
- {version: v1.2.0, command: 'echo before 1.2 >> log.txt', when: "{{ _stage == 'before' }}"}
- {version: v1.3.0, before: ['echo before 1.3 >> log.txt'], after: ['echo after 1.3 >> log.txt']}
- {version: v9.0.0, command: 'echo never >> log.txt'}
"""

    assert "before 1.2\nbefore 1.3\nafter 1.1\nafter 1.3\n" == walk(
        case, questions, "v1.0.0", "v1.3.0"
    )


def test_what_they_are_told(case: Case) -> None:
    """Versions, in the template and in the environment."""
    command = "echo {{ _version_from }} $VERSION_TO $VERSION_CURRENT $STAGE {{ _stage }} >> log.txt"

    assert "v1.0.0 v2.0.0 v1.5.0 after after\n" == walk(
        case, f"_migrations: [{{version: v1.5.0, command: '{command}'}}]\n", "v1.0.0", "v2.0.0"
    )


def test_what_they_change_is_listed(case: Case) -> None:
    """Like anything else that changes the repo."""
    case.release("v1.0.0", {"a.txt": "1\n"})
    case.generate("v1.0.0")
    case.edit({"old.txt": "mine\n"})
    case.release("v2.0.0", {"a.txt": "1\n"}, "_migrations: ['mv old.txt new.txt']\n")

    plan = case.plan(Want(trusted=lambda _: True))

    assert [("new.txt", "task"), ("old.txt", "task")] == decided(plan)
    assert "mine\n" == texts(result(plan))["new.txt"]


def test_a_working_directory(case: Case) -> None:
    """The same as for tasks."""
    migration = "{version: v2.0.0, command: 'touch here', working_directory: d}"
    questions = f"_migrations: [{migration}]\n"
    case.release("v1.0.0", {"d/a.txt": "1\n"}, questions)
    case.generate("v1.0.0")
    case.release("v2.0.0", {"d/a.txt": "2\n"}, questions)

    assert "d/here" in result(case.plan(Want(trusted=lambda _: True)))


def test_new_answers_at_the_same_version(case: Case) -> None:
    """No version is left behind, so those that are tied to one do not run."""
    questions = VERSIONED.format("v1.0.0", "x") + "name: a\n"
    case.release("v1.0.0", {"a.txt.jinja": "{{ name }}\n"}, questions)
    case.generate("v1.0.0")

    plan = case.plan(Want(given={"name": "b"}))

    assert [("a.txt", "updated")] == decided(plan)


class TestCommits:
    """Templates whose versions are plain commits."""

    def test_a_template_without_tags(self, case: Case) -> None:
        """Migrations that are tied to no version run; the others have none to compare with."""
        template = Path(case.template)
        both = (
            "_migrations: ['echo every >> log.txt', {version: v1, command: 'echo x >> log.txt'}]\n"
        )
        for text in ("1\n", "2\n"):
            case.release("temporary", {"a.txt": text}, both)
            git("tag", "-d", "temporary", cwd=template)
            if text == "1\n":
                case.generate("HEAD")

        plan = case.plan(Want(trusted=lambda _: True))

        assert "every\n" == texts(result(plan))["log.txt"]

    def test_commits_after_a_release(self, case: Case) -> None:
        """They come after it, so that its migration does not run again."""
        questions = VERSIONED.format("v1.0.0", "x")
        template = Path(case.template)
        case.release("v1.0.0", {"a.txt": "1\n"}, questions)
        case.release("temporary", {"a.txt": "2\n"}, questions)
        git("tag", "-d", "temporary", cwd=template)
        case.generate("HEAD")
        case.release("v1.1.0", {"a.txt": "3\n"}, questions)

        assert "log.txt" not in result(case.plan())


@pytest.mark.parametrize(
    "migration", ["{version: not a version, command: x}", "{version: v2}", "7"]
)
def test_one_that_is_broken(case: Case, migration: str) -> None:
    """The template's fault."""
    with pytest.raises(RenderError, match="tasks or migrations are broken"):
        walk(case, f"_migrations: [{migration}]\n", "v1.0.0", "v2.0.0")


RENAMED = """\
title: {type: str, default: none}
_migrations:
- version: v2.0.0
  command: "sed -i s/^name:/title:/ {{ _copier_conf.answers_file }}"
  when: "{{ _stage == 'before' }}"
"""


def renamed(case: Case) -> UpgradePlan:
    """The plan where v2 asks for `title` what v1 asked for `name`, and a migration says so."""
    case.release("v1.0.0", {"a.txt.jinja": "# {{ name }}\n"}, "name: {type: str, default: none}\n")
    case.generate("v1.0.0", name="cart")
    case.release("v2.0.0", {"a.txt.jinja": "# {{ title }}!\n"}, RENAMED)
    return case.plan(Want(trusted=lambda _: True))


def test_one_before_that_renames_an_answer(case: Case) -> None:
    """The new version is rendered with what it left, the old one with what was recorded."""
    plan = renamed(case)

    assert (UpgradeState.WOULD_CHANGE, ()) == (plan.state, plan.merged.conflicts)
    assert "# cart!\n" == texts(result(plan))["a.txt"]
    answers = yaml.safe_load(result(plan)[".copier-answers.yml"].data)
    assert {"title": "cart"} == {name: answers[name] for name in answers if name[0] != "_"}


def test_one_before_is_what_copier_makes_of_it(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same files."""
    plan = renamed(case)

    assert updated_by_copier(case, {}, monkeypatch) == result(plan)


def test_one_before_may_move_a_file_of_the_owners(case: Case) -> None:
    """What it leaves is what the new version is merged into."""
    case.release("v1.0.0", {"a.txt": "one\ntwo\nthree\n"})
    case.generate("v1.0.0")
    case.edit({"own.txt": "mine\n"})
    questions = "_migrations: [{version: v2.0.0, before: ['mv own.txt moved.txt'], after: []}]\n"
    case.release("v2.0.0", {"a.txt": "ONE\ntwo\nthree\n"}, questions)

    files = texts(result(case.plan(Want(trusted=lambda _: True))))

    assert ("mine\n", "ONE\ntwo\nthree\n") == (files["moved.txt"], files["a.txt"])
    assert "own.txt" not in files


@pytest.mark.parametrize("edit", [{}, {"once.txt": "mine\n", "f.txt": MINE}])
def test_one_before_that_clears_the_way(
    case: Case, edit: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody deleted these files: what is made once is made anew, and the other is merged."""
    case.release("v1.0.0", {"once.txt": "1\n", "f.txt": ONE}, "_skip_if_exists: [once.txt]\n")
    case.generate("v1.0.0")
    if edit:
        case.edit(edit)
    case.release(
        "v2.0.0",
        {"once.txt": "2\n", "f.txt": NEW},
        "_skip_if_exists: [once.txt]\n"
        "_migrations: [{version: v2.0.0, before: ['rm once.txt f.txt'], after: []}]\n",
    )

    files = result(case.plan(Want(trusted=lambda _: True)))

    expected = {"once.txt": "2\n", "f.txt": BOTH if edit else NEW}
    assert expected == {path: text for path, text in texts(files).items() if path[0] != "."}
    assert updated_by_copier(case, {}, monkeypatch) == files


def test_one_before_that_breaks_the_answers_file(case: Case) -> None:
    """Nothing is rendered with half of it."""
    case.release("v1.0.0", {"a.txt": "1\n"})
    case.generate("v1.0.0")
    questions = (
        "_migrations: [{version: v2.0.0, before: ['echo : > .copier-answers.yml'], after: []}]\n"
    )
    case.release("v2.0.0", {"a.txt": "2\n"}, questions)

    with pytest.raises(AnswersFileError):
        case.plan(Want(trusted=lambda _: True))
