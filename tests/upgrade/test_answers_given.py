"""Answers of the platform that are other ones than the recorded, with a new version or without."""

import pytest

from scaffold.errors import AnswerError
from scaffold.upgrade.plan import Want
from tests.upgrade.case import Case, conflicts, result, texts
from tests.upgrade.test_answers_questions import notes

QUESTIONS = "value: {type: str, default: one}\nother: {type: int, default: 1}\n"
FILES = {"a.txt.jinja": "first\nvalue: {{ value }}\nmiddle\nother: {{ other }}\nlast\n"}


def start(case: Case) -> None:
    """A repo at v1."""
    case.release("v1.0.0", FILES, QUESTIONS)
    case.generate("v1.0.0")


def test_at_the_same_version(case: Case) -> None:
    """The new answer's text wins, and the new answer is recorded."""
    start(case)

    plan = case.plan(Want(given={"value": "two"}))

    assert case.fresh("v1.0.0", value="two") == result(plan)
    assert ("would-change", [("value", "given", "one", "two")]) == (plan.state, notes(plan))


def test_where_the_owner_edited_another_line(case: Case) -> None:
    """Both are kept."""
    start(case)
    case.edit({"a.txt": "first\nvalue: one\nmiddle\nother: 1\nmine\n"})

    plan = case.plan(Want(given={"value": "two"}))

    assert "first\nvalue: two\nmiddle\nother: 1\nmine\n" == texts(result(plan))["a.txt"]


def test_where_the_owner_edited_that_line(case: Case) -> None:
    """It is a conflict."""
    start(case)
    case.edit({"a.txt": "first\nvalue: mine\nmiddle\nother: 1\nlast\n"})

    assert [("a.txt", "content")] == conflicts(case.plan(Want(given={"value": "two"})))


def test_that_are_the_recorded_ones(case: Case) -> None:
    """Nothing is to be done."""
    start(case)

    assert "current" == case.plan(Want(given={"value": "one", "other": 1})).state


def test_written_in_another_way(case: Case) -> None:
    """`1` from a command line is the number, too."""
    start(case)

    assert ("current", {}) == (
        (plan := case.plan(Want(given={"other": "1"}))).state, plan.merged.changes,
    )  # fmt: skip


def test_to_questions_that_are_not_asked(case: Case) -> None:
    """A platform has answers for every blueprint; a person who gives one has misspelt it."""
    start(case)

    assert "current" == case.plan(Want(supplied={"nobody": "asks"})).state
    with pytest.raises(AnswerError, match="asks no question `vaule`") as caught:
        case.plan(Want(given={"vaule": "two"}))
    assert "Did you mean `value`?" == caught.value.hint


def test_together_with_a_new_version(case: Case) -> None:
    """Both are done, and both are told."""
    start(case)
    files = {"a.txt.jinja": FILES["a.txt.jinja"].replace("first", "FIRST")}
    case.release("v2.0.0", files, QUESTIONS + "more: {type: str, default: x}\n")

    plan = case.plan(Want(given={"value": "two"}))

    assert case.fresh("v2.0.0", value="two") == result(plan)
    assert [("value", "given", "one", "two"), ("more", "new", None, "x")] == notes(plan)
