"""BP2xx: questions and the variables of templates."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import Files
from tests.lint.case import GITHUB, MODEL, QUESTIONS, found

OWNER = "owner: {type: str, help: Who, default: team}\n"


@pytest.mark.parametrize(
    ("name", "text", "finding"),
    [
        ("code/a.jinja", "one\n{{ servce }}\n", "code/a.jinja:2 BP201 `servce` is not defined"),
        (
            "code/a.jinja",
            "{% for one in many %}{{ one }}{% endfor %}\n",
            "code/a.jinja:1 BP201 `many` is not defined",
        ),
        (
            "code/a.jinja",
            "{% for one in environments %}\n{% endfor %}\n{{ one }}\n",
            "code/a.jinja:3 BP201 `one` is not defined",
        ),
        (
            "code/{{ servce }}.md.jinja",
            "a\n",
            "code/{{ servce }}.md.jinja:1 BP201 `servce` in the file's name is not defined",
        ),
    ],
    ids=["text", "loop", "after the loop", "file name"],
)
def test_bp201_an_undefined_variable(tmp_path: Path, name: str, text: str, finding: str) -> None:
    """At the first line that needs it."""
    assert [finding] == found(tmp_path, {name: text})


@pytest.mark.parametrize(
    "text",
    [
        "{{ service }} {{ _copier_conf.os }} {{ _folder_name }} {{ _copier_answers | to_yaml }}",
        "{% for one in environments %}{{ loop.index }} {{ one.name }}{% endfor %}",
        "{% set a = 1 %}{{ a }}",
        "{% if service %}{% set a = 1 %}{% else %}{% set a = 2 %}{% endif %}{{ a }}",
        "{% if service %}{% set a, b = 1, 2 %}{% set c %}3{% endset %}{% endif %}{{ a ~ b ~ c }}",
        "{% macro m(x) %}{{ x }} {{ caller() }} {{ varargs }}{% endmacro %}{{ m is defined }}",
        "{{ range(3) | join }} {{ pathjoin('a', 'b') }} {{ dict(a=1) }} {{ now() }}",
        "{% if team is defined %}{{ team }}{% endif %}",
        "{{ team | default('none') }} {{ (team | d({})).name }}",
        "{% raw %}{{ nothing }}{% endraw %} {# {{ nothing }} #}",
        "{% with a = 1 %}{{ a }}{% endwith %}",
        "{% set ns = namespace(a=1) %}{% set ns.a = 2 %}{{ ns.a }}",
        "{{ environments | map(attribute='name') | join }}",
        "{% filter upper %}{{ service }}{% endfilter %}",
    ],
)
def test_bp201_what_is_defined(tmp_path: Path, text: str) -> None:
    """By questions, by copier, by jinja, by the template itself; or may be undefined on purpose."""
    assert [] == found(tmp_path, {"code/a.jinja": f"{text}.\n"})


def test_bp201_the_loop_of_a_path(tmp_path: Path) -> None:
    """Copier's `yield` defines a variable for the names and files below."""
    folder = "env/{% yield one from environments %}{{ one.name }}{% endyield %}"
    files = {f"{folder}/{{{{ one.name }}}}.yml.jinja": "name: {{ one.name }}\n"}

    assert [] == found(tmp_path, files)


def test_bp201_the_loop_of_another_path(tmp_path: Path) -> None:
    """It ends with the folder."""
    folder = "env/{% yield one from environments %}{{ one.name }}{% endyield %}"
    files = {f"{folder}/a.txt": "a\n", "env/a.jinja": "{{ one.name }}\n"}

    assert ["env/a.jinja:1 BP201 `one` is not defined"] == [
        one for one in found(tmp_path, files) if "BP103" not in one
    ]


def test_bp201_an_included_file_sees_what_its_includer_does(tmp_path: Path) -> None:
    """Answers, and the variables that are set before it."""
    files = {
        "shared/part": "{{ service }} {{ one.name }} {{ lost }}.\n",
        "code/a.jinja": "{% for one in environments %}{% include 'shared/part' %}{% endfor %}\n",
    }

    assert ["shared/part:1 BP201 `lost` is not defined"] == found(tmp_path, files)


def test_bp201_an_included_file_by_pathjoin(tmp_path: Path) -> None:
    """Copier's docs write includes so."""
    files = {
        "shared/part": "{{ lost }}\n",
        "code/a.jinja": "{% include pathjoin('shared', 'part') %}\n",
    }

    assert ["shared/part:1 BP201 `lost` is not defined"] == found(tmp_path, files)


def test_bp201_an_imported_file_sees_no_answers(tmp_path: Path) -> None:
    """Unless it is imported with the context."""
    macros = "{% macro title(x) %}{{ x }} of {{ service }}.{% endmacro %}\n"
    use = "{{ title('a') }}\n"
    plain = "{% from 'shared/macros' import title %}"
    with_context = "{% from 'shared/macros' import title with context %}"

    assert ["shared/macros:1 BP201 `service` is not defined"] == found(
        tmp_path / "without", {"shared/macros": macros, "code/a.jinja": plain + use}
    )
    assert [] == found(
        tmp_path / "with", {"shared/macros": macros, "code/a.jinja": with_context + use}
    )


def test_bp201_a_question_sees_those_before_it(tmp_path: Path) -> None:
    """Its validator also sees its own answer."""
    questions = """\
first: {help: One, default: "{{ second }}", validator: "{% if first == 'a' %}no{% endif %}"}
second:
  type: str
  help: The one after {{ first }}
  default: |-
    {{ first }}
    {{ third }}
"""
    files = {"code/a.jinja": "{{ first }}{{ second }}.\n"}

    assert [
        "copier.yml:5 BP201 `second` has no answer yet when `first` is asked",
        "copier.yml:11 BP201 `third` is not defined",
    ] == found(tmp_path, files, questions=questions)


def test_bp201_settings_and_repo_names(tmp_path: Path) -> None:
    """Copier fills in tasks and exclusions, scaffold the names of repos."""
    questions = (
        '_exclude: ["{{ lost }}", "{{ _copier_operation }}"]\n_tasks: ["echo {{ service }}"]\n'
    )
    model = MODEL.replace("{{ service }}-env", "{{ servce }}-env")

    assert [
        "blueprint.yml:7 BP201 `servce` in a repo's name is no question",
        "copier.yml:5 BP201 `lost` is not defined",
    ] == found(tmp_path, {"blueprint.yml": model}, questions=questions)


NAMES = st.from_regex(r"[a-z]{3,8}", fullmatch=True)


@settings(max_examples=15, deadline=None)
@given(used=st.sets(NAMES, max_size=4), asked=st.sets(NAMES, max_size=4))
def test_bp201_and_bp202_are_two_halves(
    tmp_path_factory: pytest.TempPathFactory, used: set[str], asked: set[str]
) -> None:
    """What is used and not asked is undefined, what is asked and not used is unused."""
    prefix = "q_"  # so that no name means anything to jinja or scaffold
    questions = "".join(f"{prefix}{one}: {{type: str, help: It, default: a}}\n" for one in asked)
    text = " ".join(f"{{{{ {prefix}{one} }}}}" for one in used)

    findings = found(
        tmp_path_factory.mktemp("halves"), {"code/a.jinja": f"{text}.\n"}, questions=questions
    )

    assert sorted(f"BP201 `{prefix}{one}`" for one in used - asked) == sorted(
        " ".join(one.split(" ")[1:3]) for one in findings if "BP201" in one
    )
    assert sorted(f"`{prefix}{one}`" for one in asked - used) == sorted(
        one.split(" ")[-1] for one in findings if "BP202" in one
    )


def test_bp202_an_unused_question(tmp_path: Path) -> None:
    """At its line; its own validator is no use of it."""
    question = "color: {type: str, help: Which, default: a, validator: '{{ color | trim }}'}\n"

    findings = found(tmp_path, questions=question.replace("'{{ color | trim }}'", "''"))

    assert ["copier.yml:5 BP202 nothing uses the answer to `color`"] == findings


@pytest.mark.parametrize(
    ("files", "questions"),
    [
        ({"code/a.jinja": "{{ x }}\n"}, ""),
        ({"code/{{ x }}.txt": "a\n"}, ""),
        ({"code/{% if x %}a{% endif %}": "a\n"}, ""),
        ({"shared/p": "{{ x }}\n", "code/a.jinja": "{% include 'shared/p' %}\n"}, ""),
        ({}, 'y: {type: str, default: "{{ x }}", when: false}\nz: {default: "{{ y }}", help: Z}\n'),
        ({}, '_skip_if_exists: ["{{ x }}"]\n'),
        ({"code/a.jinja": "{{ _copier_answers.x }} {{ _copier_answers['x'] }}\n"}, ""),
        ({"code/{{ x | default('a') }}.txt": "a\n"}, ""),
        ({}, "_skip_if_exists: [\"{{ x if x is defined else '' }}\"]\n"),
        ({"code/a.jinja": "{% set x = x | default(1) %}{{ x }}\n"}, ""),
    ],
)
def test_bp202_what_counts_as_a_use(tmp_path: Path, files: Files, questions: str) -> None:
    """Contents and names, included files, other questions, settings, and all answers' `x`."""
    question = f"x: {{type: str, help: X, default: a}}\n{questions}"

    findings = found(tmp_path, files, questions=question)

    assert [] == [one for one in findings if "`x`" in one]


def test_bp202_use_in_a_repos_name(tmp_path: Path) -> None:
    """blueprint.yml is a place of use, too."""
    model = MODEL.replace("{{ service }}-env", "{{ x }}-env")

    assert [] == found(tmp_path, {"blueprint.yml": model}, questions="x: {help: X, default: a}\n")


def test_bp202_what_scaffold_supplies(tmp_path: Path) -> None:
    """A blueprint may take the platform's registry and not need it yet."""
    questions = """\
owner: {type: str, help: Who, default: team}
registry: {type: str, default: registry.example.com, ask: false}
siblings: {type: yaml, default: "{}", ask: false}
ci_image: {type: str, default: "ci:1.0", ask: false}
"""

    assert [] == found(tmp_path, questions=questions)


def test_bp203_a_question_without_help(tmp_path: Path) -> None:
    """Blank help is none."""
    questions = "x: {type: str, default: a}\ny: {type: str, default: a, help: ' '}\nz: short\n"

    assert [
        "copier.yml:5 BP203 the question `x` has no help",
        "copier.yml:6 BP203 the question `y` has no help",
        "copier.yml:7 BP203 the question `z` has no help",
    ] == found(tmp_path, {"code/a.jinja": "{{ x }} {{ y }} {{ z }}\n"}, questions=questions)


def test_bp203_a_question_that_nobody_is_asked(tmp_path: Path) -> None:
    """Computed and supplied answers need none."""
    questions = "x: {default: a, when: false}\ny: {default: a, ask: false}\n"

    assert [] == found(tmp_path, {"code/a.jinja": "{{ x }} {{ y }}\n"}, questions=questions)


def test_bp204_githubs_braces(tmp_path: Path) -> None:
    """Told as what they are, not as an undefined variable."""
    workflow = """\
on: push
jobs:
  a:
    runs-on: ubuntu-24.04
    steps:
      - run: make
        if: ${{ toJSON(needs) == 'a' }}
        env: {TOKEN: "${{ secrets.TOKEN }}"}
"""

    assert [
        f"{GITHUB}:7 BP204 copier fills in `needs`, which is meant for GitHub",
        f"{GITHUB}:7 BP204 copier fills in `toJSON`, which is meant for GitHub",
        f"{GITHUB}:8 BP204 copier fills in `secrets`, which is meant for GitHub",
    ] == [one for one in found(tmp_path, {GITHUB: workflow}) if "BP103" not in one]


@pytest.mark.parametrize(
    "text",
    [
        "{% raw %}${{ secrets.TOKEN }}{% endraw %}",
        "${{ '{{' }} secrets.TOKEN }}",
        "It costs ${{ service }}",
    ],
)
def test_bp204_what_is_meant_as_it_is(tmp_path: Path, text: str) -> None:
    """Raw text, braces made by an expression, and a dollar before an answer."""
    assert [] == found(tmp_path, {"code/a.jinja": f"{text}\n"})


def test_bp204_other_delimiters(tmp_path: Path) -> None:
    """Where the template's own are others, GitHub's braces are only text."""
    questions = QUESTIONS.replace("{{ repo }}", "[[ repo ]]") + (
        "_envops: {variable_start_string: '[[', variable_end_string: ']]'}\n"
    )
    files = {
        "copier.yml": questions,
        "code/README.md.jinja": "The service [[ service ]] ${{ secrets.TOKEN }} [[ lost ]].\n",
    }

    assert ["code/README.md.jinja:1 BP201 `lost` is not defined"] == found(tmp_path, files)
