"""Secrets are in no answers file, and what is made at random is no change."""

from typing import Any

import pytest

from scaffold.errors import AnswerError
from scaffold.upgrade.plan import Want
from tests.upgrade.case import Case, conflicts, decided, result, texts

FILES = {"env.jinja": "a: 1\ntoken: {{ token }}\nz: 1\n"}
MORE = {**FILES, "b.txt": "new\n"}
ASKED = "token: {type: str, secret: true, default: changeme}\n"
WAYS = [
    "token: {type: str, secret: true}\n",
    "_secret_questions: [token]\ntoken: {type: str}\n",
    "token: {type: str, secret: true, default: '{{ UNSET }}'}\n",
]
RANDOM = "{{ 99999999999999 | ans_random | hash('sha512') }}"


def start(case: Case, questions: str = ASKED, **answers: Any) -> None:
    """A repo of v1 with these answers, and a v2 that adds a file."""
    case.release("v1.0.0", FILES, questions.replace("secret: true}", "secret: true, default: x}"))
    case.generate("v1.0.0", **answers)
    case.release("v1.0.0", FILES, questions)
    case.release("v2.0.0", MORE, questions)


def test_the_value_that_the_repo_has_is_kept(case: Case) -> None:
    """The old default is in both renders, the owner's value in the repo alone."""
    start(case, token="hush")  # noqa: S106

    plan = case.plan()

    assert [("b.txt", "added")] == decided(plan)
    assert "token: hush\n" in texts(result(plan))["env"]


def test_it_is_never_recorded(case: Case) -> None:
    """Neither where it is given nor where it has its default, and no note tells it."""
    start(case, token="hush")  # noqa: S106

    plan = case.plan(Want(given={"token": "other"}))

    whole = b"".join(entry.data for path, entry in result(plan).items() if "answers" in path)
    assert not {b"hush", b"other", b"token"} & set(whole.replace(b":", b" ").split())
    assert () == plan.notes


def test_a_new_secret(case: Case) -> None:
    """It is told that there is one, and not what it is."""
    case.release("v1.0.0", {})
    case.generate("v1.0.0")
    case.release("v2.0.0", FILES, ASKED)

    plan = case.plan(Want(given={"token": "hush"}))

    assert [("token", "new", None, "(secret)")] == [
        (one.question, one.change.value, one.old, one.new) for one in plan.notes
    ]
    assert "token: hush\n" in texts(result(plan))["env"]


def test_a_given_value_is_no_change(case: Case) -> None:
    """It is in both renders."""
    start(case, token="hush")  # noqa: S106

    plan = case.plan(Want(given={"token": "hush"}))

    assert ([("b.txt", "added")], []) == (decided(plan), conflicts(plan))


def test_a_given_value_is_used_where_the_new_version_needs_it(case: Case) -> None:
    """In a file that is new."""
    start(case, token="hush")  # noqa: S106
    case.release("v3.0.0", {**FILES, "new.jinja": "{{ token }}\n"}, ASKED)

    assert "hush\n" == texts(result(case.plan(Want(given={"token": "hush"}))))["new"]


@pytest.mark.parametrize("questions", WAYS, ids=["secret", "list", "unset"])
def test_without_a_default_it_has_to_be_given(case: Case, questions: str) -> None:
    """The error names the question and says how."""
    start(case, questions.replace("type: str}", "type: str, default: x}"), token="hush")  # noqa: S106
    case.release("v1.0.0", FILES, questions)
    case.release("v2.0.0", MORE, questions)

    with pytest.raises(AnswerError, match="`token` got no answer, and it has no default") as caught:
        case.plan()

    assert "--data token=" in caught.value.hint


@pytest.mark.parametrize("questions", WAYS, ids=["secret", "list", "unset"])
def test_without_a_default_a_given_value_works(case: Case, questions: str) -> None:
    """In both renders."""
    start(case, questions.replace("type: str}", "type: str, default: x}"), token="hush")  # noqa: S106
    case.release("v1.0.0", FILES, questions)
    case.release("v2.0.0", MORE, questions)

    plan = case.plan(Want(given={"token": "hush"}))

    assert ([("b.txt", "added")], []) == (decided(plan), conflicts(plan))


def test_a_secret_that_the_new_version_does_not_ask(case: Case) -> None:
    """What is given serves the old render."""
    case.release("v1.0.0", FILES, "token: {type: str, secret: true, default: '{{ UNSET }}'}\n")
    case.generate("v1.0.0", token="hush")  # noqa: S106
    case.release("v2.0.0", {"b.txt": "new\n"})

    plan = case.plan(Want(given={"token": "hush"}))

    assert [("b.txt", "added"), ("env", "removed")] == sorted(decided(plan))


def test_an_answer_that_became_secret(case: Case) -> None:
    """It is used as it was recorded, and recorded no more."""
    case.release("v1.0.0", FILES, "token: {type: str, default: x}\n")
    case.generate("v1.0.0", token="hush")  # noqa: S106
    case.release("v2.0.0", MORE, ASKED)

    plan = case.plan()

    assert [("b.txt", "added")] == decided(plan)
    assert not [p for p, e in result(plan).items() if "answers" in p and b"hush" in e.data]


def test_a_recorded_random_default(case: Case) -> None:
    """It was made once."""
    questions = f'token: {{type: str, default: "{RANDOM}"}}\n'
    start(case, questions)

    assert [("b.txt", "added")] == decided(case.plan())


@pytest.mark.parametrize(
    "questions",
    [
        f'token: {{type: str, secret: true, default: "{RANDOM}"}}\n',
        f'token: {{type: str, when: false, default: "{RANDOM}"}}\n',
        f'token: {{type: str, secret: true, when: false, default: "{RANDOM}"}}\n',
        'token: {type: str, secret: true, default: "{{ make_secret() }}"}\n',
        'token: {type: str, when: false, default: "{{ range(10**5) | random }}"}\n',
        "token: {type: str, when: false, default: \"{{ '52:54' | random_mac }}\"}\n",
        'token: {type: yaml, when: false, default: "{{ range(99) | list | shuffle }}"}\n',
        'token: {type: str, when: false, default: "{{ now() }}"}\n',
    ],
    ids=["secret", "computed", "both", "make-secret", "random", "mac", "shuffle", "now"],
)
def test_what_is_random_is_no_change(case: Case, questions: str) -> None:
    """Nor a conflict: the repo keeps what it was made with."""
    start(case, questions)
    before = texts(case.ours())["env"]

    plan = case.plan()

    assert ([("b.txt", "added")], []) == (decided(plan), conflicts(plan))
    assert before == texts(result(plan))["env"]


@pytest.mark.parametrize(
    "text",
    [
        RANDOM,
        "{{ make_secret() }}",
        "{{ now() }}",
        "{% for n in range(3) %}{{ 10**9 | int | ans_random }} {% endfor %}",
        "{{ '%Y-%m-%d %H:%M:%S' | strftime }}",
    ],
    ids=["filter", "make-secret", "now", "loop", "date"],
)
def test_what_is_random_in_a_file_is_no_change(case: Case, text: str) -> None:
    """Without a question, and beside edits of the owner."""
    files = {"a.txt.jinja": f"first\n{text}\nmiddle\nlast\n"}
    case.release("v1.0.0", files)
    case.generate("v1.0.0")
    case.edit({"a.txt": texts(case.ours())["a.txt"].replace("last", "mine")})
    case.release("v2.0.0", {**files, "b.txt": "new\n"})

    plan = case.plan()

    assert ([("b.txt", "added")], []) == (decided(plan), conflicts(plan))


def test_new_random_values_differ_from_each_other(case: Case) -> None:
    """Two passwords of one new file are two."""
    case.release("v1.0.0", {})
    case.generate("v1.0.0")
    case.release("v2.0.0", {"a.txt.jinja": f"{RANDOM}\n{RANDOM}\n"})

    one, two = texts(result(case.plan()))["a.txt"].split()

    assert one != two
