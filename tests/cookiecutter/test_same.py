"""What is rendered of an imported template is what cookiecutter itself renders, byte for byte."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from jinja2 import TemplateError

from tests.builders import Files
from tests.cookiecutter.case import ROOT, by_cookiecutter, by_scaffold, template

SLUG, NAME = "{{ cookiecutter.slug }}", "{{cookiecutter.slug}}"
TRIMMED = {"trim_blocks": True, "lstrip_blocks": True}
POST, PRE = "hooks/post_gen_project.py", "hooks/pre_gen_project.py"


@dataclass(frozen=True)
class Given:
    """Files of a template, its variables, answers other than its defaults, and what is rendered."""

    files: Files
    expected: Mapping[str, str | bytes]
    variables: Mapping[str, Any] = field(default_factory=dict)
    answers: Mapping[str, Any] = field(default_factory=dict)


def one(text: str | bytes, expected: str | bytes, /, **variables: Any) -> Given:
    """A template of one file."""
    return Given({f"{ROOT}/a.txt": text}, {"a.txt": expected}, variables)


NESTED = {"python": {"min": "3.{{ cookiecutter.minor }}", "all": [1, "{{ cookiecutter.slug }}"]}}
TEXTS = {
    "variable": one("{{ cookiecutter.slug }}\n", "my-shop\n"),
    "subscript": one("{{ cookiecutter['slug'] }}{{cookiecutter [ \"slug\" ]}}\n",
                     "my-shopmy-shop\n"),
    "of-a-variable": one("{{ cookiecutter.full.replace(' ', cookiecutter.slug[0]).upper() }}\n",
                         "AMB\n", full="A B"),
    "in-a-filter": one("{{ 'a' ~ (cookiecutter.slug|replace('-', cookiecutter.slug)) }}\n",
                       "amymy-shopshop\n"),
    "no-variable": one(
        "cookiecutter.slug {{ x.cookiecutter.slug if false }} {# cookiecutter.slug #}\n",
        "cookiecutter.slug  \n"),
    "in-a-text": one("{{ 'cookiecutter.slug' }}\n", "cookiecutter.slug\n"),
    "raw": one("{% raw %}{{ cookiecutter.slug }}{% endraw %} {{ cookiecutter.slug }}\n",
               "{{ cookiecutter.slug }} my-shop\n"),
    "white-space-taken-away": one("a  \n\n  {%- if cookiecutter.slug -%}  \n  b {% endif %}\n",
                                  "ab \n"),
    "condition": one("{% if cookiecutter.docker == 'y' %}1{% elif true %}2{% endif %}\n", "2\n",
                     docker="n"),
    "no-end-of-line": one("{{ cookiecutter.slug }}", "my-shop"),
    "empty-lines-at-the-end": one("{{ cookiecutter.slug }}\n\n\n", "my-shop\n\n\n"),
    "windows-line-ends": one(b"{{ cookiecutter.slug }}\r\nb\r\n", b"my-shop\r\nb\r\n"),
    "mixed-line-ends": one(b"a\nb\r\nc\r", b"a\nb\nc\n"),
    "line-ends-of-all": one("a\n{{ cookiecutter.slug }}\n", b"a\r\nmy-shop\r\n",
                            _new_lines="\r\n"),
    "windows-line-ends-and-no-template": one(b"a\r\nb\r\n", b"a\r\nb\r\n"),
    "windows-line-ends-and-trimming": one(
        b"\r\n{{ cookiecutter.slug }}\r\n  ", b"\r\nmy-shop\r\n  ",
        _jinja2_env_vars={"trim_blocks": True, "lstrip_blocks": True}),
    "byte-order-mark": one("\ufeff{{ cookiecutter.slug }}\n", "\ufeffmy-shop\n"),
    "binary": one(b"\x89PNG\0{{ cookiecutter.slug }}\r\n\n",
                  b"\x89PNG\0{{ cookiecutter.slug }}\r\n\n"),
    "own-variable-of-that-name": one(
        "{% for slug in ['a', 'b'] %}{{ slug }}{{ cookiecutter.slug }} {% endfor %}\n",
        "amy-shop bmy-shop \n"),
    "own-variable-in-a-macro": one(
        "{% macro show(slug) %}{{ slug }}{% endmacro %}{{ show(slug=cookiecutter.slug) }}\n",
        "my-shop\n"),
    "whole-context": one("{% for key, value in cookiecutter.items() if key[0] != '_' %}"
                         "{{ key }}={{ value }} {% endfor %}\n", "slug=my-shop b=True \n", b=True),
    "given-by-a-name": one("{{ cookiecutter.get('slug') }}{{ cookiecutter[cookiecutter.key] }}\n",
                           "my-shopmy-shop\n", key="slug"),
    "names-that-scaffold-gives": one(
        "{{ cookiecutter.repo }} {{ cookiecutter.owner }} {{ cookiecutter.service }}\n",
        "a Jane Doe b\n", repo="a", owner="Jane Doe", service="b"),
    "name-with-a-hyphen": one("{{ cookiecutter['full-name'] }}\n", "Jane\n",
                              **{"full-name": "Jane"}),
    "name-of-a-keyword": one("{{ cookiecutter.class }} {{ cookiecutter.range }}\n", "a b\n",
                             **{"class": "a", "range": "b"}),
    "whole-number": one("{{ cookiecutter.n + '1' }}\n", "51\n", n=5),
    "number": one("{{ cookiecutter.n }}\n", "3.10\n", n="3.10"),
    "yes": one("{{ cookiecutter.b is sameas true }} {{ cookiecutter.b }}\n", "True True\n", b=True),
    "nothing": one("{{ cookiecutter.n is none }}\n", "True\n", n=None),
    "empty": one("[{{ cookiecutter.n }}]\n", "[]\n", n=""),
    "text-that-looks-like-yaml": one("{{ cookiecutter.n }}{{ cookiecutter.m }}\n", "yes: [1\n",
                                     n="yes", m=": [1"),
    "default-of-others": one("{{ cookiecutter.title }}\n", "MY-SHOP!\n",
                             title="{{ cookiecutter.slug.upper() }}!"),
    "choice": one("{{ cookiecutter.license }}\n", "MIT\n", license=["MIT", "BSD"]),
    "choice-of-others": one("{{ cookiecutter.license }}\n", "my-shop 1\n",
                            license=["{{ cookiecutter.slug }} 1", "BSD"]),
    "choice-of-numbers": one("{{ cookiecutter.n + 'x' }}\n", "18x\n", n=[18, 17]),
    "choice-of-yes": one("{{ cookiecutter.b is sameas false }}\n", "True\n", b=[False, True]),
    "choice-of-dictionaries": one(
        "{{ cookiecutter.s.s3.bucket }}\n", "b my-shop\n",
        s=[{"s3": {"bucket": "b {{ cookiecutter.slug }}"}}, {"none": "none"}]),
    "dictionary": one(
        "{% for key, value in cookiecutter.d|dictsort %}{{ key }}{{ value.x }};{% endfor %}\n",
        "a1;b2;\n", d={"b": {"x": 2}, "a": {"x": "1"}}),
    "dictionary-of-others": one("{{ cookiecutter.d.python.min }} {{ cookiecutter.d.python.all }}\n",
                                "3.11 ['1', 'my-shop']\n", d=NESTED, minor="11"),
    "dictionary-with-quotes": one("{{ cookiecutter.d.q }}\n", "\"'\\ é my-shop\n",
                                  d={"q": "\"'\\ é {{ cookiecutter.slug }}"}),
    "private": one("{{ cookiecutter._a }} {{ cookiecutter._b[1] }} {{ cookiecutter._n + 1 }}\n",
                   "{{ cookiecutter.slug }} {{ x }} 3\n",
                   _a="{{ cookiecutter.slug }}", _b=["y", "{{ x }}"], _n=2),
    "private-and-rendered": one("{{ cookiecutter.__a }} {{ cookiecutter.__l[0] }}\n",
                                "my-shop! 1 my-shop\n",
                                __a="{{ cookiecutter.slug }}!", __l=["1 {{ cookiecutter.slug }}"]),
    "private-next-to-public": one(
        "{{ cookiecutter.a }}{{ cookiecutter._a }}{{ cookiecutter.__a }}\n",
        "123\n", a="1", _a="2", __a="3"),
    "prompts-are-no-variable": one(
        "{{ cookiecutter.n }}\n", "b\n", n=["b", "c"],
        __prompts__={"slug": "What's the [bold]name[/] {{ x }}?",
                     "n": {"__prompt__": "Which?", "b": "The {{ b }}"}}),
    "trimmed-blocks": one("  {% if true %}\n  a\n  {% endif %}\nb\n", "  a\nb\n",
                          _jinja2_env_vars={"trim_blocks": True, "lstrip_blocks": True}),
    "line-statements": one("% for x in [1, 2]\n{{ x }}{{ cookiecutter.slug }}\n% endfor\n",
                           "1my-shop\n2my-shop\n",
                           _jinja2_env_vars={"line_statement_prefix": "%"}),
    "filters-of-cookiecutter": one(
        "{{ cookiecutter.d | jsonify }} {{ 'A B!' | slugify }}\n", '{\n    "a": "1"\n} a-b\n',
        d={"a": "1"}),
    "day-of-cookiecutter": one("{% now 'utc', '20%%' %}\n", "20%\n"),
    "extension-of-jinja": one("{% do [].append(1) %}a\n", "a\n", _extensions=["jinja2.ext.do"]),
}  # fmt: skip
FOLDERS = {
    "names": Given(
        {f"{ROOT}/{{{{cookiecutter.slug}}}}/{{{{ cookiecutter.slug|upper }}}}.py": "x\n"},
        {"my-shop/MY-SHOP.py": "x\n"},
    ),
    "name-that-renders-to-nothing": Given(
        {f"{ROOT}/{{% if cookiecutter.slug == 'x' %}}a.txt{{% endif %}}": "x\n",
         f"{ROOT}/{{% if cookiecutter.slug != 'x' %}}b.txt{{% endif %}}": SLUG},
        {"b.txt": "my-shop"},
    ),
    "other-marks": Given(
        {"[[cookiecutter.slug]]/[[cookiecutter.slug]].txt":
         "[[ cookiecutter.slug ]] {{ cookiecutter.slug }} [[ cookiecutter.up ]]\n"},
        {"my-shop.txt": "my-shop {{ cookiecutter.slug }} MY-SHOP\n"},
        {"_jinja2_env_vars": {"variable_start_string": "[[", "variable_end_string": "]]"},
         "up": "[[ cookiecutter.slug|upper ]]"},
    ),
    "copied-file": Given(
        {f"{ROOT}/{{{{cookiecutter.slug}}}}.html": "{{ cookiecutter.slug }}\r\n",
         f"{ROOT}/a/b.js": "{{ x }}", f"{ROOT}/c.txt": "{{ cookiecutter.slug }}"},
        {"my-shop.html": "{{ cookiecutter.slug }}\r\n", "a/b.js": "{{ x }}", "c.txt": "my-shop"},
        {"_copy_without_render": ["*.html", "*/b.js"]},
    ),
    "copied-folder": Given(
        {f"{ROOT}/{NAME}/raw/{{{{x}}}}/{NAME}.txt": "{{ x }}\n"},
        {"my-shop/raw/{{x}}/{{cookiecutter.slug}}.txt": "{{ x }}\n"},
        {"_copy_without_render": ["{{cookiecutter.slug}}/raw"]},
    ),
    "file-with-copiers-suffix": Given(
        {f"{ROOT}/a.html.jinja": "{{ cookiecutter.slug }}\n", f"{ROOT}/b.jinja": "{{ x }}\n",
         f"{ROOT}/c.jinja": "plain\n"},
        {"a.html.jinja": "my-shop\n", "b.jinja": "{{ x }}\n", "c.jinja": "plain\n"},
        {"_copy_without_render": ["b.jinja"]},
    ),
    "link": Given(
        {f"{ROOT}/a.txt": "{{ cookiecutter.slug }}\n", f"{ROOT}/b/c.txt": Path("../a.txt")},
        {"a.txt": "my-shop\n", "b/c.txt": "my-shop\n"},
    ),
    "include": Given(
        {f"{ROOT}/a.txt": "{% include 'b/{{cookiecutter.slug}}' %}{% include './c.txt' %}",
         f"{ROOT}/b/{NAME}": f"{SLUG}\n", f"{ROOT}/c.txt": "c\n"},
        {"a.txt": "my-shop\nc\n", "b/my-shop": "my-shop\n", "c.txt": "c\n"},
    ),
    "shared-templates": Given(
        {f"{ROOT}/a.txt": "{% import 'm.j2' as m %}{{ m.hi(cookiecutter.slug) }}"
                          "{% from 'm.j2' import hi %}{{ hi(1) }}",
         f"{ROOT}/b.txt": f"{{% extends 'base.txt' %}}{{% block b %}}{SLUG}{{% endblock %}}",
         "templates/m.j2": "{% macro hi(x) %}hi {{ x }}{% endmacro %}",
         "templates/base.txt": "{{ cookiecutter.slug }}: {% block b %}{% endblock %}\n"},
        {"a.txt": "hi my-shophi 1", "b.txt": "my-shop: my-shop\n"},
    ),
    "other-answers": Given(
        {f"{ROOT}/a.txt": f"{{{{ cookiecutter.license }}}} {SLUG} {{{{ cookiecutter.up }}}}\n"},
        {"a.txt": "BSD cart CART\n"},
        {"license": ["MIT", "BSD"], "up": "{{ cookiecutter.slug|upper }}"},
        {"slug": "cart", "license": "BSD"},
    ),
    "extension-of-the-template": Given(
        {f"{ROOT}/a.txt": "{{ cookiecutter.slug | backwards }}\n",
         "local/ext.py": "from jinja2.ext import Extension\n\nclass Backwards(Extension):\n"
                         "    def __init__(self, environment):\n"
                         "        super().__init__(environment)\n"
                         "        environment.filters['backwards'] = lambda text: text[::-1]\n"},
        {"a.txt": "pohs-ym\n"},
        {"_extensions": ["local.ext.Backwards"]},
    ),
}  # fmt: skip
HOOKS = {
    "after": Given(
        {f"{ROOT}/a.txt": "a\n", f"{ROOT}/b.txt": "b\n",
         POST: f"import os\nopen('c.txt', 'w').write('{SLUG}\\n')\nos.remove('b.txt')\n"},
        {"a.txt": "a\n", "c.txt": "my-shop\n"},
    ),
    "before-and-after": Given(
        {f"{ROOT}/a.txt": "a\n", PRE: "open('log', 'a').write('1')\n",
         POST: "open('log', 'a').write('2')\n"},
        {"a.txt": "a\n", "log": "12"},
    ),
    "with-templates-in-it": Given(
        {f"{ROOT}/a.txt": "a\n",
         POST: "# {% if cookiecutter.keep == 'n' %}\nimport os; os.remove('a.txt')\n# {% endif %}\n"
               "open('b', 'w').write('''{% raw %}{{ x }}{% endraw %}''')\n"},
        {"b": "{{ x }}"},
        {"keep": "n"},
    ),
    "of-a-shell": Given(
        {f"{ROOT}/a.txt": "a\n",
         "hooks/post_gen_project.sh": "#!/bin/sh -e\nmv a.txt '{{ cookiecutter.slug }}'\n"
                                      "[ -n \"$PATH\" ] && echo \"$1\" > b\n"},
        {"my-shop": "a\n", "b": "\n"},
    ),
    "of-env": Given(
        {f"{ROOT}/a.txt": "a\n",
         "hooks/post_gen_project": f"#!/usr/bin/env bash\necho {SLUG} | tee {{b,c}} >&2\n"},
        {"a.txt": "a\n", "b": "my-shop\n", "c": "my-shop\n"},
    ),
    "beside-a-module-of-the-project": Given(
        {f"{ROOT}/json.py": "raise SystemExit(3)\n",
         POST: "import json\nopen('a', 'w').write(json.dumps('{{ cookiecutter.slug }}'))\n"},
        {"json.py": "raise SystemExit(3)\n", "a": '"my-shop"'},
    ),
    "quotes-and-newlines": Given(
        {f"{ROOT}/a.txt": "a\n",
         POST: f"open('b', 'w').write(\"\"\"'$HOME' `x` \\\\ \"{SLUG}\" \n\"\"\")\n"},
        {"a.txt": "a\n", "b": "'$HOME' `x` \\ \"my-shop\" \n"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, id=name) for name, case in (TEXTS | FOLDERS | HOOKS).items()],
)
def test_it_renders_as_cookiecutter_does(tmp_path: Path, case: Given) -> None:
    """Each file, and its mode; cookiecutter runs for real."""
    folder = template(tmp_path, case.files, case.variables)

    theirs = by_cookiecutter(folder, case.answers)
    ours = by_scaffold(folder, case.answers)

    bare = {path: as_bytes(text) for path, text in case.expected.items()}
    assert bare == {path: entry.data for path, entry in theirs.items()}
    assert theirs == ours


PIECES = st.sampled_from(
    [
        "a", " ", "\n", "\r\n", "\t", "é", "cookiecutter.slug", "{", "}", "%", "#", "'", '"', "\\",
        "{{ cookiecutter.slug }}", "{{- cookiecutter['slug'] -}}",
        "{{ cookiecutter . slug|upper }}",
        "{# cookiecutter.slug #}", "{#- x -#}", "{{ '{{ cookiecutter.slug }}' }}",
        "{% raw %}{{ cookiecutter.slug }}{% endraw %}", "{%- raw -%} {% x %} {%- endraw -%}",
        "{% set own = cookiecutter.n %}{{ own }}", "{{ cookiecutter.n ~ cookiecutter.slug }}",
    ]
)  # fmt: skip
BLOCKS = st.recursive(
    st.lists(PIECES, max_size=8).map("".join),
    lambda inside: st.builds(
        lambda kind, before, body: before + kind.format(body),
        st.sampled_from(
            ["{{%- if cookiecutter.n == '1' -%}}{}{{% endif %}}",
             "{{% for x in cookiecutter.slug[:2] %}}{}{{{{ x }}}}{{%- endfor %}}",
             "{{% filter upper %}}{}{{% endfilter %}}"]
        ),
        inside,
        inside,
    ),
    max_leaves=4,
)  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=BLOCKS, trims=st.booleans())
def test_any_text_renders_as_cookiecutter_does(text: str, trims: bool) -> None:
    """Whatever pieces a file is made of, and in whatever order."""
    variables = {"n": "1", **({"_jinja2_env_vars": TRIMMED} if trims else {})}
    with tempfile.TemporaryDirectory() as place:
        folder = template(Path(place), {f"{ROOT}/a.txt": text.encode()}, variables)
        try:
            theirs = by_cookiecutter(folder)
        except TemplateError:  # such as `{` before a tag
            assume(False)
        assert theirs == by_scaffold(folder)


def as_bytes(text: str | bytes) -> bytes:
    """What a file with this text holds."""
    return text.encode() if isinstance(text, str) else text


def test_modes_are_kept(tmp_path: Path) -> None:
    """Of templates, and of files that are copied."""
    files = {f"{ROOT}/a.sh": "#!/bin/sh\n{{ cookiecutter.slug }}\n", f"{ROOT}/b.sh": "#!/bin/sh\n"}
    folder = template(tmp_path, files)

    made = by_scaffold(folder)
    assert by_cookiecutter(folder) == made
    assert [0o100755] * 2 == [entry.mode for entry in made.values()]
