"""What becomes of recorded answers where the questions change between versions."""

from typing import Any

import pytest
import yaml

from scaffold.errors import AnswerError
from scaffold.render.answers_file import DEFAULT_NAME
from scaffold.upgrade.plan import UpgradePlan, Want
from tests.upgrade.case import Case, decided, result, texts

SHOW = "value: {{ value }}\n"


def notes(plan: UpgradePlan) -> list[tuple[str, str, Any, Any]]:
    """Question, what became of its answer, and its old and new value."""
    return [(one.question, one.change.value, one.old, one.new) for one in plan.notes]


def recorded(plan: UpgradePlan) -> dict[str, Any]:
    """The answers of the result, without copier's own keys."""
    data = yaml.safe_load(result(plan)[DEFAULT_NAME].data.decode("utf-8"))
    return {name: value for name, value in data.items() if not name.startswith("_")}


def asked_twice(
    case: Case, before: str, after: str, given: dict[str, Any] | None = None, **answers: Any
) -> UpgradePlan:
    """The plan where v1 asks `before` (answered with `answers`) and v2 asks `after`."""
    case.release("v1.0.0", {"a.txt.jinja": SHOW}, before)
    case.generate("v1.0.0", **answers)
    case.release("v2.0.0", {"a.txt.jinja": SHOW, "b.txt": "new\n"}, after)
    return case.plan(Want(given=given or {}))


@pytest.mark.parametrize(
    ("question", "value", "shown"),
    [
        ("{type: yaml, default: {}}", {"list": [1, {"k": "ü"}], "none": None}, None),
        ("{type: json, default: '{}'}", {"a": [True, 1.5]}, None),
        ("{type: str, multiselect: true, choices: [a, b, c]}", ["c", "a"], "['a', 'c']"),
        ("{type: int, multiselect: true, choices: [1, 2]}", [2], None),
        ("{type: str, default: ''}", "Grüße: 'quoted' \"too\" # 日本 {{ x }}", None),
        ("{type: str, default: ''}", "12e34567", None),
        ("{type: str, default: ''}", "0123", None),
        ("{type: str, default: ''}", "two\nlines\n", None),
        ("{type: bool, default: true}", False, None),
        ("{type: float, default: 1.5}", 2.25, None),
        ("{type: path, default: .}", "a/b", None),
    ],
)
def test_answers_of_every_type_survive(
    case: Case, question: str, value: object, shown: str | None
) -> None:
    """The recorded value is used in both renders, so that it is no change."""
    plan = asked_twice(case, f"value: {question}\n", f"value: {question}\n", value=value)

    assert [("b.txt", "added")] == decided(plan)
    assert f"value: {shown or value}\n" == texts(result(plan))["a.txt"]
    assert case.fresh("v2.0.0", value=value) == result(plan)


def test_a_new_question_gets_its_default(case: Case) -> None:
    """It is recorded, used, and told."""
    plan = asked_twice(case, "{}\n", "value: {type: str, default: new}\n")

    assert [("value", "new", None, "new")] == notes(plan)
    assert ({"value": "new"}, "value: new\n") == (recorded(plan), texts(result(plan))["a.txt"])


def test_a_new_question_may_be_answered(case: Case) -> None:
    """What is given counts more than the default."""
    plan = asked_twice(case, "{}\n", "value: {type: str, default: new}\n", {"value": "mine"})

    assert ({"value": "mine"}, "value: mine\n") == (recorded(plan), texts(result(plan))["a.txt"])


def test_a_new_question_without_a_default(case: Case) -> None:
    """Nobody answered it: the error names it and says how to."""
    with pytest.raises(AnswerError, match="`value` got no answer, and it has no default") as caught:
        asked_twice(case, "{}\n", "value: {type: str}\n")

    assert "--data value=" in caught.value.hint


def test_a_new_question_whose_default_is_not_valid(case: Case) -> None:
    """With the answers of this repo; another one may be given."""
    new = (
        'value: {type: str, default: "x", validator: "{{ \'too short\' if value | length < 3 }}"}\n'
    )

    with pytest.raises(AnswerError, match=r"`value` got no answer.*too short") as caught:
        asked_twice(case, "{}\n", new)

    assert "--data value=" in caught.value.hint


def test_a_removed_question(case: Case) -> None:
    """Its answer is dropped, and told."""
    plan = asked_twice(case, "value: {type: str, default: old}\n", "{}\n", value="mine")

    assert ([("value", "gone", "mine", None)], {}) == (notes(plan), recorded(plan))


def test_a_renamed_question(case: Case) -> None:
    """A new name is a new question; both are told."""
    plan = asked_twice(case, "old: x\n", "new: x\n", old="mine")

    assert [("new", "new", None, "x"), ("old", "gone", "mine", None)] == notes(plan)
    assert {"new": "x"} == recorded(plan)


def test_a_changed_default(case: Case) -> None:
    """The recorded answer wins, even where it is the old default; the change is told."""
    plan = asked_twice(case, "value: {default: one}\n", "value: {default: two}\n")

    assert [("value", "default-changed", "one", "two")] == notes(plan)
    assert ({"value": "one"}, "value: one\n") == (recorded(plan), texts(result(plan))["a.txt"])


def test_a_changed_default_that_is_the_recorded_answer(case: Case) -> None:
    """There is nothing to tell: the owner has chosen it before."""
    plan = asked_twice(case, "value: {default: one}\n", "value: {default: two}\n", value="two")

    assert [] == notes(plan)


def test_a_default_of_other_answers(case: Case) -> None:
    """It is what it was, although it would be another one now."""
    before = "name: shop\nvalue: {type: str, default: '{{ name }}-1'}\n"
    after = "name: shop\nvalue: {type: str, default: '{{ name }}-2'}\n"

    assert {"name": "cart", "value": "cart-1"} == recorded(
        asked_twice(case, before, after, name="cart")
    )


@pytest.mark.parametrize(
    ("before", "after", "old", "new"),
    [
        ("{choices: [a, b], default: a}", "{choices: [a, c], default: c}", "b", "c"),
        ("{type: str, default: a}", "{type: int, default: 7}", "many", 7),
        ("{type: int, default: 1}", "{type: str, default: x}", 5, "5"),
        ("{type: str, default: '1'}", "{type: int, default: 2}", "8080", 8080),
        ("{type: yaml, default: [a]}", "{type: bool, default: true}", {"a": 1}, True),
        (
            "{type: str, default: a}",
            "{type: str, default: abc, validator: \"{{ 'short' if value | length < 3 }}\"}",
            "ab", "abc",
        ),
        (
            "{multiselect: true, choices: [a, b], default: [a]}",
            "{multiselect: true, choices: [b, c], default: [c]}",
            ["a", "b"], ["c"],
        ),
    ],
    ids=["choice", "int", "str", "read-as-int", "bool", "validator", "multiselect"],
)  # fmt: skip
def test_an_answer_that_is_not_valid_any_more(
    case: Case, before: str, after: str, old: object, new: object
) -> None:
    """The default takes its place, or what the new type makes of it, and that is told."""
    plan = asked_twice(case, f"value: {before}\n", f"value: {after}\n", value=old)

    assert [("value", "invalid", old, new)] == [one for one in notes(plan) if one[1] == "invalid"]
    assert ({"value": new}, f"value: {new}\n") == (recorded(plan), texts(result(plan))["a.txt"])


def test_an_answer_that_is_not_valid_and_no_default(case: Case) -> None:
    """The error tells which answer it was."""
    before, after = "value: {choices: [a, b]}\n", "value: {choices: [a, c]}\n"

    with pytest.raises(AnswerError, match="recorded answer to `value`, 'b', is not valid any more"):
        asked_twice(case, before, after, value="b")


def test_a_given_answer_that_is_not_valid(case: Case) -> None:
    """It is refused, by name."""
    question = "value: {type: str, choices: [a, b], default: a}\n"

    with pytest.raises(AnswerError, match=r"answer to `value` is not valid: .*'z' is not in"):
        asked_twice(case, question, question, {"value": "z"})


SKIPPED = """\
more: {type: bool, default: true}
value: {type: str, default: plain, when: "{{ more }}"}
"""


def test_a_question_that_is_skipped_now(case: Case) -> None:
    """It takes its default and is not recorded: its old answer is not used."""
    plan = asked_twice(case, SKIPPED, SKIPPED, {"more": False}, more=True, value="fancy")

    assert {"more": False} == recorded(plan)
    assert [("more", "given", True, False), ("value", "gone", "fancy", None)] == notes(plan)
    assert "value: plain\n" == texts(result(plan))["a.txt"]


def test_a_question_that_is_not_skipped_any_more(case: Case) -> None:
    """It is recorded from now on."""
    plan = asked_twice(case, SKIPPED, SKIPPED, {"more": True, "value": "fancy"}, more=False)

    assert {"more": True, "value": "fancy"} == recorded(plan)
    assert [("more", "given", False, True), ("value", "new", None, "fancy")] == notes(plan)
    assert "value: fancy\n" == texts(result(plan))["a.txt"]


def test_what_is_given_to_a_skipped_question(case: Case) -> None:
    """It does not count, valid or not; else the next upgrade would see another repo."""
    plan = asked_twice(case, SKIPPED, SKIPPED, {"value": "fancy"}, more=False)

    assert ({"more": False}, "value: plain\n") == (recorded(plan), texts(result(plan))["a.txt"])


def test_a_computed_answer(case: Case) -> None:
    """It follows the version that computes it, and is never recorded."""
    before = "name: shop\nvalue: {type: str, default: '{{ name }}_app', when: false}\n"
    after = "name: shop\nvalue: {type: str, default: '{{ name }}_svc', when: false}\n"

    plan = asked_twice(case, before, after, name="cart")

    assert ({"name": "cart"}, "value: cart_svc\n") == (recorded(plan), texts(result(plan))["a.txt"])
    assert [] == notes(plan)


def test_a_question_that_became_computed(case: Case) -> None:
    """The recorded answer gives way."""
    before = "value: {type: str, default: x}\n"
    after = "value: {type: str, default: y, when: false}\n"

    plan = asked_twice(case, before, after, value="mine")

    assert ({}, "value: y\n") == (recorded(plan), texts(result(plan))["a.txt"])
    assert [("value", "gone", "mine", None)] == notes(plan)


def test_a_new_question_in_an_exclude_rule(case: Case) -> None:
    """The old version is rendered by its own rules, which do not know the question."""
    case.release("v1.0.0", {"docs/a.md": "docs\n"}, "_exclude: [copier.yml]\n")
    case.generate("v1.0.0")
    rule = "_exclude: [copier.yml, \"{{ 'docs' if not docs }}\"]\n"
    rule += "_envops: {undefined: jinja2.StrictUndefined}\n"
    case.release(
        "v2.0.0", {"docs/a.md": "docs\nmore\n"}, rule + "docs: {type: bool, default: true}\n"
    )

    assert "docs\nmore\n" == texts(result(case.plan()))["docs/a.md"]


def test_what_a_template_does_to_an_answer_stays_in_its_render(case: Case) -> None:
    """Lists are passed by value, so that one render can't change the other."""
    show = "{% set _ = value.append('x') %}{{ value }}\n"
    question = "value: {type: yaml, default: [a]}\n"
    case.release("v1.0.0", {"a.txt.jinja": show}, question)
    case.generate("v1.0.0")
    case.release("v2.0.0", {"a.txt.jinja": show, "b.txt": "new\n"}, question)

    assert [("b.txt", "added")] == decided(case.plan())


@pytest.mark.parametrize(
    "default",
    ["at {{ _copier_conf.vcs_ref }}", "{% include 'part' %}", "{% import 'part' as p %}{{ p.v }}"],
)
def test_a_default_that_depends_on_the_version_is_another_one_in_each_render(
    case: Case, default: str
) -> None:
    """Of two versions with the same questions, each gets what its own files say."""
    questions = (
        f'_exclude: [part, copier.yml]\nvalue: {{type: str, when: false, default: "{default}"}}\n'
    )
    files = {"a.txt.jinja": SHOW}
    case.release("v1.0.0", {**files, "part": "{% set v = 'one' %}one"}, questions)
    case.generate("v1.0.0")
    before = (case.repo / "a.txt").read_text(encoding="utf-8")
    case.release("v2.0.0", {**files, "part": "{% set v = 'two' %}two"}, questions)

    plan = case.plan()

    assert [("a.txt", "updated")] == decided(plan)
    after = before.replace("v1.0.0", "v2.0.0").replace("one", "two")
    assert after == texts(result(plan))["a.txt"]
