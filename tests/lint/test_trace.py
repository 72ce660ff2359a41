"""Each line of a render is traced to the template and line that it comes from."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaffold.lint import RULES, lint_report
from scaffold.lint.read import read_source
from scaffold.lint.trace import RenderedFile
from scaffold.render.source import shipped_blueprints
from tests.builders import Files, write_files
from tests.lint.case import CLEAN


def rendered(folder: Path, files: Files) -> RenderedFile:
    """The file `a` that the first repo of a blueprint with these files renders."""
    write_files(folder / "blueprint", {**CLEAN, **files})
    (folder / "scratch").mkdir()
    source = read_source(folder / "blueprint", folder / "scratch")
    return next(file for file in source.runs[0].files if file.path == "a")


def origins(file: RenderedFile) -> list[str]:
    """Each line of a render, with where it is from."""
    lines = (file.text or "").removesuffix("\n").split("\n")
    return [f"{file.origin(i)[0]}:{file.origin(i)[1]} {line}" for i, line in enumerate(lines, 1)]


def test_loops_includes_and_macros(tmp_path: Path) -> None:
    """However often a line is rendered, and whichever file it is from."""
    files = {
        "shared/part": "included {{ one }}\n",
        "shared/macros": "\n{% macro m(x) %}\nfrom a macro: {{ x }}\n{%- endmacro %}\n",
        "code/a.jinja": """\
{% from 'shared/macros' import m -%}
first
{% for one in [1, 2] -%}
loop {{ one }}
{% include 'shared/part' %}
{%- endfor %}
{{ m('x') }}
{{ 'an expression' }}
last
""",
    }

    assert [
        "code/a.jinja:2 first",
        "code/a.jinja:4 loop 1",
        "shared/part:1 included 1",
        "code/a.jinja:4 loop 2",
        "shared/part:1 included 2",
        "code/a.jinja:6 ",
        "shared/macros:2 ",
        "shared/macros:3 from a macro: x",
        "code/a.jinja:8 an expression",
        "code/a.jinja:9 last",
    ] == origins(rendered(tmp_path, files))


def test_a_plain_file(tmp_path: Path) -> None:
    """It is copied line by line, whatever is in it."""
    assert ["code/a:1 {{ one }}", "code/a:2 two"] == origins(
        rendered(tmp_path, {"code/a": "{{ one }}\ntwo\n"})
    )


@pytest.mark.parametrize(
    "template",
    [
        "{% macro m() %}x{% endmacro %}\n{{ m() | length }}\n",
        "{% set x %}z{% endset %}\n{{ 'same' if x == 'z' else 'other' }}\n",
        "{% macro m() %}1{% endmacro %}\n{{ m() | int + 1 }}\n",
    ],
)
def test_a_template_that_looks_at_its_own_output(tmp_path: Path, template: str) -> None:
    """The text is what copier renders; the lines count as the template's beginning."""
    file = rendered(tmp_path, {"code/a.jinja": template})

    assert file.text in ("\n1\n", "\nsame\n", "\n2\n")
    assert ("code/a.jinja", 1) == file.origin(2)


PIECES = st.recursive(
    st.sampled_from(
        [
            "word", " ", "\n", "\n\n", "  two words\n", "{{ service }}", "{{- service -}}",
            "{# a\ncomment #}", "{% raw %}{{{% endraw %}", "{% include 'shared/part' %}",
        ]
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map("".join),
        inner.map("{{% if service %}}{}{{% endif %}}".format),
        inner.map("{{%- if service -%}}{}{{%- endif -%}}".format),
        inner.map("{{% for i in [1, 2] %}}\n{}{{% endfor %}}".format),
    ),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(template=PIECES)
def test_every_word_is_from_where_it_says(
    tmp_path_factory: pytest.TempPathFactory, template: str
) -> None:
    """Literal text of a render is in the line of the template that it is traced to."""
    files: Files = {"shared/part": "x\nincluded\n", "code/a.jinja": template}
    file = rendered(tmp_path_factory.mktemp("trace"), files)

    assert file.marked is not None
    for number, line in enumerate((file.text or "").split("\n"), 1):
        path, origin = file.origin(number)
        if (word := line.strip().split(" ")[0]) in ("word", "two", "included"):
            assert word in str(files[path]).split("\n")[origin - 1]


@pytest.mark.parametrize(
    "name", sorted(one.parent.name for one in shipped_blueprints().glob("*/blueprint.yml"))
)
def test_nothing_is_found_in_what_is_shipped(name: str) -> None:
    """Nor is anything silenced there; and an author does not wait for it."""
    start = time.process_time()
    report = lint_report(shipped_blueprints() / name)
    took = time.process_time() - start

    assert ((), ()) == (report.findings, report.silenced)
    assert took < 10  # seconds of the processor


def test_codes_are_unique_and_in_order() -> None:
    """A code names one rule for good."""
    codes = [rule.code for rule in RULES]

    assert sorted(set(codes)) == codes
