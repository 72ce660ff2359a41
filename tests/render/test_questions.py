"""Answers: given, supplied, asked for or the default, each checked by the blueprint's rules."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scaffold.errors import AnswerError, ScaffoldError
from scaffold.render.questions import gather_answers
from tests.render.small import opened

PORT = "port: {type: int, default: 8080}\n"
BOTH = {"repo": "code", "service": "shop"}


def answers(
    folder: Path,
    questions: str,
    *,
    prompt: Callable[[Any], Any] | None = None,
    supplied: dict[str, Any] | None = None,
    **given: Any,
) -> dict[str, Any]:
    """Answer the questions of a blueprint that asks for these, `repo` and `service`."""
    blueprint = opened(folder, questions=questions)
    return gather_answers(blueprint, given, supplied=supplied or {}, prompt=prompt, scratch=folder)


def test_defaults(tmp_path: Path) -> None:
    """Without anything given, each question has its default, over the answers before it."""
    questions = 'package: {type: str, default: "{{ service }}_app"}\n' + PORT

    found = answers(tmp_path, questions)

    assert {**BOTH, "package": "shop_app", "port": 8080} == found
    assert ["repo", "service", "package", "port"] == list(found)


def test_given_answers(tmp_path: Path) -> None:
    """They come before defaults, and defaults follow them; text becomes the question's type."""
    questions = PORT + 'url: {type: str, default: "http://{{ service }}:{{ port }}"}\n'

    found = answers(tmp_path, questions, service="cart", port="9000")

    expected = {"repo": "code", "service": "cart", "port": 9000, "url": "http://cart:9000"}
    assert expected == found


def test_supplied_answers(tmp_path: Path) -> None:
    """They come before defaults, the user's before them; what is not asked is left out."""
    found = answers(
        tmp_path, PORT, supplied={"service": "cart", "port": 1, "registry": "r"}, port=2
    )

    assert {"repo": "code", "service": "cart", "port": 2} == found


@pytest.mark.parametrize(
    ("type_", "text", "kind"),
    [("int", "abc", "a whole number"), ("int", "", "a whole number"),
     ("int", "1.5", "a whole number"), ("float", "x", "a number"),
     ("json", "{", "JSON"), ("yaml", "[", "YAML")],
)  # fmt: skip
def test_a_word_of_another_type(tmp_path: Path, type_: str, text: str, kind: str) -> None:
    """Is told without the words of Python or of a parser."""
    with pytest.raises(AnswerError) as caught:
        answers(tmp_path, f"x: {{type: {type_}, default: 1}}\n", x=text)

    assert f"the answer to `x` is not valid: It must be {kind}." == caught.value.what


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [
        ("int", "8", 8),
        ("float", "0.5", 0.5),
        ("bool", "no", False),
        ("bool", "true", True),
        ("str", "8", "8"),
        ("str", "", ""),
        ("str", "\u4f60\u597d", "\u4f60\u597d"),
        ("yaml", "[a, {b: 1}]", ["a", {"b": 1}]),
        ("json", '{"a": null}', {"a": None}),
        ("yaml", ["a"], ["a"]),
    ],
)
def test_types(tmp_path: Path, type_: str, text: Any, value: Any) -> None:
    """What is typed on a command line is read as the question's type."""
    found = answers(tmp_path, f"x: {{type: {type_}}}\n", x=text)

    assert (value, type(value)) == (found["x"], type(found["x"]))


@pytest.mark.parametrize(
    ("given", "hint"),
    [({"prot": 1}, "Did you mean `port`?"), ({"zzz": 1}, "It asks: repo, service, port")],
)
def test_an_unknown_question(tmp_path: Path, given: dict[str, Any], hint: str) -> None:
    """A typing error is not silently dropped."""
    name = next(iter(given))
    with pytest.raises(AnswerError, match=f"the blueprint asks no question `{name}`") as caught:
        answers(tmp_path, PORT, **given)

    assert hint == caught.value.hint


@pytest.mark.parametrize(
    ("questions", "value"),
    [
        ("x: {type: int}\n", "many"),
        ("x: {type: int}\n", ""),
        ("x: {type: bool}\n", "perhaps"),
        ("x: {type: float}\n", "1,5"),
        ("x: {type: yaml}\n", "[a"),
        ("x: {type: json}\n", "{a: 1}"),
        ("x: {type: str}\n", None),
        ("x: {type: str, choices: [a, b]}\n", "c"),
        ("x: {type: str, choices: {Ay: a, Bee: b}}\n", "Ay"),
        ("x: {type: int, choices: [1, 2]}\n", "3"),
        ("x: {type: str, multiselect: true, choices: [a, b]}\n", ["a", "c"]),
        ("x: {type: str, validator: '{% if x != \"y\" %}must be y{% endif %}'}\n", "z"),
    ],
)
def test_an_answer_that_is_not_valid(tmp_path: Path, questions: str, value: Any) -> None:
    """It is refused with the question's name and what to do, whoever gave it."""
    for given in ({"x": value}, {}):
        supplied = {} if given else {"x": value}
        with pytest.raises(AnswerError, match=r"the answer to `x` is not valid: .+") as caught:
            answers(tmp_path / str(bool(given)), questions, supplied=supplied, **given)

        assert "Give another one, for example with --data x=..." == caught.value.hint


def test_the_validators_words_are_the_error(tmp_path: Path) -> None:
    """The blueprint's author wrote them for whoever answers."""
    questions = "x: {type: int, validator: '{% if x < 5 %}at least 5, please{% endif %}'}\n"

    with pytest.raises(AnswerError) as caught:
        answers(tmp_path, questions, x=4)

    assert "the answer to `x` is not valid: at least 5, please" == caught.value.what


def test_a_default_that_is_not_valid(tmp_path: Path) -> None:
    """Defaults are checked too."""
    questions = "x: {type: int, default: 4, validator: '{% if x < 5 %}at least 5{% endif %}'}\n"

    with pytest.raises(AnswerError, match="the answer to `x` is not valid: at least 5"):
        answers(tmp_path, questions)


def test_no_default_and_no_answer(tmp_path: Path) -> None:
    """Nothing is made up; the hint says both ways to answer."""
    with pytest.raises(AnswerError, match="`x` has no default and got no answer") as caught:
        answers(tmp_path, "x: {type: str}\n")

    assert "Give one with --data x=... or run without --defaults to be asked." == caught.value.hint


def test_a_default_that_depends_may_be_unset(tmp_path: Path) -> None:
    """A default of UNSET is none."""
    questions = "x: {type: str, default: \"{{ UNSET if service == 'shop' else 'y' }}\"}\n"

    assert "y" == answers(tmp_path / "other", questions, service="cart")["x"]
    with pytest.raises(AnswerError, match="`x` has no default and got no answer"):
        answers(tmp_path, questions)


@pytest.mark.parametrize(
    ("choices", "given", "value"),
    [
        ("choices: [a, b], default: b", {}, "b"),
        ("choices: {Ay: a, Bee: b}, default: a", {"x": "b"}, "b"),
        ("choices: [[Ay, a], [Bee, b]], default: a", {"x": "b"}, "b"),
        ('choices: "[{{ service }}, b]", default: b', {"x": "shop"}, "shop"),
        ("multiselect: true, choices: [a, b, c], default: [a, c]", {}, ["a", "c"]),
        ("multiselect: true, choices: [a, b], default: []", {"x": "[b, a]"}, ["a", "b"]),
        ("multiselect: true, choices: [a, b], default: [a]", {"x": []}, []),
    ],
)
def test_choices(tmp_path: Path, choices: str, given: dict[str, Any], value: Any) -> None:
    """The value of a choice is the answer; of several, in the order in which they are offered."""
    assert value == answers(tmp_path, f"x: {{type: str, {choices}}}\n", **given)["x"]


class TestWhen:
    """A question whose condition is not met is not there."""

    HOST = 'host: {type: str, default: "{{ service }}.org", when: "{{ public }}"}\n'
    QUESTIONS = "public: {type: bool, default: false}\n" + HOST

    def test_it_is_not_recorded(self, tmp_path: Path) -> None:
        """Nor is an answer that was given to it."""
        assert {**BOTH, "public": False} == answers(tmp_path, self.QUESTIONS, host="x")

    def test_it_is_where_the_condition_is_met(self, tmp_path: Path) -> None:
        """With its default."""
        expected = {**BOTH, "public": True, "host": "shop.org"}
        assert expected == answers(tmp_path, self.QUESTIONS, public="yes")

    def test_it_needs_no_default(self, tmp_path: Path) -> None:
        """Nobody asked, so nobody has to answer."""
        assert BOTH == answers(tmp_path, "x: {type: str, when: false}\n")

    def test_a_computed_value_is_there_for_others(self, tmp_path: Path) -> None:
        """It is not recorded, and nobody can give it."""
        questions = (
            "package: {type: str, default: \"{{ service | replace('-', '_') }}\", when: false}\n"
            'module: {type: str, default: "{{ package }}.main"}\n'
        )

        found = answers(tmp_path, questions, service="my-shop", package="evil")

        assert {"repo": "code", "service": "my-shop", "module": "my_shop.main"} == found


def test_a_secret_is_answered_like_any_other(tmp_path: Path) -> None:
    """The render needs it; that no file records it is the render's business."""
    found = answers(tmp_path, "token: {type: str, secret: true, default: ''}\n", token="hush")  # noqa: S106

    assert {**BOTH, "token": "hush"} == found


class TestPrompt:
    """Whoever is there is asked, in order, for what nobody said yet."""

    QUESTIONS = (
        PORT
        + "hidden: {type: str, default: x, when: false}\n"
        + 'host: {type: str, default: "{{ service }}:{{ port }}"}\n'
    )

    def test_who_is_asked_what(self, tmp_path: Path) -> None:
        """Not for what was given, supplied, hidden, or marked not to be asked."""
        asked: list[tuple[str, Any]] = []

        def prompt(question: Any) -> Any:
            asked.append((question.var_name, question.get_default()))
            return 9000 if question.var_name == "port" else question.get_default()

        found = answers(tmp_path, self.QUESTIONS, prompt=prompt, service="cart")

        assert [("port", 8080), ("host", "cart:9000")] == asked
        assert {"repo": "code", "service": "cart", "port": 9000, "host": "cart:9000"} == found


@pytest.mark.parametrize(
    "question",
    [
        'x: {type: str, default: "{{ nothing.there }}"}\n',
        'x: {type: str, default: "{{ service"}\n',
        'x: {type: str, default: y, when: "{{ 1 / 0 }}"}\n',
        "x: {type: strr, default: y}\n",
        "x: {type: str, defualt: y}\n",
        "x: {type: str, secret: true}\n",
        "x: {type: str, default: y, validator: '{% if %}'}\n",
    ],
    ids=["undefined", "syntax", "when", "type", "key", "secret", "validator"],
)
def test_a_question_that_is_broken(tmp_path: Path, question: str) -> None:
    """It is the blueprint's fault, and the error names the question."""
    with pytest.raises(ScaffoldError, match="`x`"):
        answers(tmp_path, question)


@pytest.mark.parametrize(("text", "line"), [("a: [\n", 2), ("a: b\n\tc: d\n", 2), ("- a\n", 1)])
def test_a_copier_yml_that_is_not_valid(
    tmp_path: Path, text: str, line: int, capfd: pytest.CaptureFixture[str]
) -> None:
    """The error names the file and the line, and nothing is printed beside it."""

    def gather() -> None:
        blueprint = opened(tmp_path, {"copier.yml": text})
        gather_answers(blueprint, {}, supplied={}, prompt=None, scratch=tmp_path)

    with pytest.raises(ScaffoldError) as caught:
        gather()

    place = f"file://{tmp_path}/small.git@v1.0.0:copier.yml:{line}"
    assert place in (caught.value.where, *(one[: len(place)] for one in caught.value.details))
    assert ("", "") == capfd.readouterr()
