"""What can't be made copier's is told, with its place and what to do."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from scaffold.errors import ConfigError, UsageError
from tests.builders import Files, write_files
from tests.cookiecutter.case import ROOT, by_scaffold, converted, template

POST = "hooks/post_gen_project.py"
IN_QUESTIONS = "Say it in copier.yml: by `default`, or by a question with `when: false`."
NEAREST = "Leave it out; nearest are `_copier_conf.src_path` and `_copier_conf.vcs_ref`."
OTHER_VALUES = "makes other values on each run, so upgrades conflict in the files that get them"
AT_THE_TOP = "Write its path from the blueprint's top folder."
TO_TASKS = "Add what it does to `_tasks`."


@pytest.mark.parametrize(
    ("files", "variables", "left"),
    [
        ({f"{ROOT}/a.txt": "\n{{ cookiecutter.nmae }}\n"}, {},
         ("code/a.txt.jinja", 2, "`cookiecutter.nmae` is no variable of the template",
          "Ask for `nmae` in copier.yml, or leave it out.")),
        ({f"{ROOT}/{{{{cookiecutter.nmae}}}}": "x"}, {},
         ("code/{{cookiecutter.nmae}}", 1, "`cookiecutter.nmae` is no variable of the template",
          "Ask for `nmae` in copier.yml, or leave it out.")),
        ({f"{ROOT}/a.txt": "a\n{# cookiecutter\n"}, {},
         ("code/a.txt.jinja", 2, "jinja can't read it: Missing end of comment tag",
          "Mend it; cookiecutter can't render it either.")),
        ({f"{ROOT}/a.txt": "{{ cookiecutter._template }}"}, {},
         ("code/a.txt.jinja", 1, "`cookiecutter._template` is empty",
          NEAREST)),
        ({f"{ROOT}/a.txt": "a\n{{ random_ascii_string(5) }}"}, {},
         ("code/a.txt.jinja", 2,
          "`random_ascii_string` makes another value on each render, so upgrades conflict",
          "Ask for the value in copier.yml, or name the file under `_skip_if_exists`.")),
        ({f"{ROOT}/a.txt": "a\n{% include cookiecutter.slug %}"}, {},
         ("code/a.txt.jinja", 2, "what it includes can't be told", AT_THE_TOP)),
        ({f"{ROOT}/a.txt": "a\n{% import 'm.j2' as m %}"}, {},
         ("code/a.txt.jinja", 2, "has no file 'm.j2'", AT_THE_TOP)),
        ({f"{ROOT}/a": Path("b"), f"{ROOT}/b/c": "c"}, {},
         ("{{cookiecutter.slug}}/a", 1, "is a link to a folder or to nothing, and was left out",
          "Put the files there.")),
        ({f"{ROOT}/a": "a"}, {"n": "{{ cookiecutter.nmae }}"},
         ("copier.yml", 8, "`cookiecutter.nmae` is no variable of the template",
          "Ask for `nmae` in copier.yml, or leave it out.")),
        ({f"{ROOT}/a": "a", POST: "\n{{ cookiecutter.update({'slug': 'x'}) }}"}, {},
         (POST, 2, "`cookiecutter.update()` changes no answer", IN_QUESTIONS)),
        ({f"{ROOT}/a": "a", POST: "import os\nimport secrets\n"}, {},
         (POST, 2, OTHER_VALUES,
          "Name these files under `_skip_if_exists`.")),
        ({f"{ROOT}/a": "a", POST: "x = input('Name?')\n"}, {},
         (POST, 1, "asks a person, and nobody is there in an upgrade", "Ask in copier.yml.")),
        ({f"{ROOT}/a": "a", POST: "\nprint(__file__)\n"}, {},
         (POST, 2, "looks for its own file, and there is none",
          "Name what it reads by `{{ _copier_conf.src_path }}`.")),
        ({f"{ROOT}/a": "a", "hooks/pre_gen_project.py": "x\n"}, {},
         ("hooks/pre_gen_project.py", 1, "runs when the files are there, and not before",
          "If it only refuses answers, make it a `validator` of the question.")),
        ({f"{ROOT}/a": "a", "hooks/pre_prompt.py": "x\n"}, {},
         ("hooks/pre_prompt.py", 1, "copier runs nothing before it asks",
          "Say by `_message_before_copy`, or compute in copier.yml, what it did.")),
        ({f"{ROOT}/a": "a", "hooks/post_gen_project.sh": "x\n"}, {},
         ("hooks/post_gen_project.sh", 1, "has no `#!`, so it does not run", TO_TASKS)),
        ({f"{ROOT}/a": "a", "hooks/post_gen_project.awk": "#!/usr/bin/awk -f\n"}, {},
         ("hooks/post_gen_project.awk", 1,
          "is for `/usr/bin/awk`, which takes no script as a word, so it does not run", TO_TASKS)),
        ({f"{ROOT}/a": "a", POST: "#" * 130_000}, {},
         (POST, 1, "is too long to be a word of a command, so it does not run", TO_TASKS)),
    ],
)  # fmt: skip
def test_it_is_told(
    tmp_path: Path, files: Files, variables: Mapping[str, Any], left: tuple[str, int, str, str]
) -> None:
    """Once, where it is now."""
    done = converted(template(tmp_path, files, variables))

    assert [left] == [(one.path, one.line, one.what, one.do) for one in done.by_hand]


def test_a_change_of_answers_in_a_hook_harms_nothing(tmp_path: Path) -> None:
    """It changes a dictionary that nobody reads."""
    text = "'''{{ cookiecutter.update({'slug': 'x'}) }}'''\nopen('b', 'w').write('ran')\n"
    folder = template(tmp_path, {f"{ROOT}/a": "{{ cookiecutter.slug }}", POST: text})

    made = by_scaffold(folder)
    assert {"a": b"my-shop", "b": b"ran"} == {path: one.data for path, one in made.items()}


@pytest.mark.parametrize(
    ("variables", "error", "said"),
    [
        ({"templates": {"a": {"path": "./a"}}}, UsageError, "has several templates"),
        ({"template": ["A (./a)"]}, UsageError, "has several templates"),
        ({"_extensions": "a.B"}, ConfigError, "`_extensions` is no list"),
        ({"_jinja2_env_vars": {"blocks": 1}}, ConfigError, "has what jinja does not take"),
        ({"n": []}, ConfigError, "`n` has no choices"),
    ],
)
def test_what_is_no_template_is_refused(
    tmp_path: Path, variables: Mapping[str, Any], error: type[Exception], said: str
) -> None:
    """Before anything is made."""
    folder = template(tmp_path, {f"{ROOT}/a": "a"}, variables)

    with pytest.raises(error, match=said):
        converted(folder)


@pytest.mark.parametrize(
    ("text", "said"),
    [("{", "is not JSON"), ("[]", "is not a mapping"), ("{}", "no folder whose name has")],
)
def test_a_broken_context_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """In words that name the file."""
    write_files(tmp_path, {"cookiecutter.json": text, "a/b": "c"})

    with pytest.raises((ConfigError, UsageError), match=said):
        converted(tmp_path)


def test_questions_are_as_they_were_asked(tmp_path: Path) -> None:
    """With what the prompts said, the choices, and what nobody is asked."""
    variables = {
        "license": ["MIT", "BSD"], "docs": True, "__up": "{{ cookiecutter.slug|upper }}",
        "_unused": "x", "owner": "Jane",
        "__prompts__": {"slug": "The [bold]name[/]?",
                        "license": {"__prompt__": "Which?", "MIT": "The MIT one"}},
    }  # fmt: skip
    done = converted(template(tmp_path, {f"{ROOT}/a": "{{ cookiecutter.__up }}"}, variables))

    assert """\
_subdirectory: code
_envops:
  undefined: jinja2.StrictUndefined
  keep_trailing_newline: true
slug:
  help: The name?
  type: str
  default: my-shop
license:
  help: Which?
  type: str
  choices:
  - - The MIT one
    - MIT
  - - BSD
    - BSD
  default: MIT
docs:
  type: bool
  default: true
up:
  type: str
  default: '{{ slug|upper }}'
  when: false
project_owner:
  type: str
  default: Jane
""" == done.tree["copier.yml"].data.decode()
    assert (
        "copier.yml: questions, of cookiecutter.json",
        "code/: the template, of {{cookiecutter.slug}}/",
        "copier.yml: `cookiecutter.owner` is called `project_owner`",
        "copier.yml: `cookiecutter.__up` is called `up`",
    ) == done.notes


def test_what_is_no_text_stays(tmp_path: Path) -> None:
    """Beside templates that others include, and beside hooks."""
    logo = b"\x89PNG\r\n\xff"
    files: Files = {f"{ROOT}/a": "a", "templates/logo.png": logo, "hooks/post_gen_project": logo}
    tree = converted(template(tmp_path, files)).tree

    assert [logo] * 2 == [
        tree[path].data for path in ("templates/logo.png", "hooks/post_gen_project")
    ]


def test_what_else_is_in_the_repo_stays(tmp_path: Path) -> None:
    """Only cookiecutter.json is gone; the project's folder has another name where one is taken."""
    files = {f"{ROOT}/a": "a", "README.md": "{{ cookiecutter.slug }}", "code/x": "x"}
    done = converted(template(tmp_path, files))

    assert {"copier.yml", "project/a", "README.md", "code/x"} == done.tree.keys()
    assert b"{{ cookiecutter.slug }}" == done.tree["README.md"].data
