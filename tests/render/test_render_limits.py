"""What a template may take: time and memory have an end, and the file that takes more is named."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from scaffold.errors import RenderError
from scaffold.render import limits
from scaffold.render.questions import gather_answers
from scaffold.render.render import Destination, render_name, render_template
from tests.builders import COPIER_YML, Files
from tests.render.small import opened, rendered

MEMORY = "needs more than 1 GiB of memory"
TIME = "takes more than 0.5 s of processor time"
DEPTH = "calls itself without end, or is nested too deep"
LARGE = "{{ 'x' * 5000000000 }}"
ENDLESS = "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}"

ENDLESS_NAME = (
    "{% set r = range(999) %}{% for i in r %}{% for j in r %}{% for k in r %}{% for l in r %}"
    "{% endfor %}{% endfor %}{% endfor %}{% endfor %}"
)
DOUBLED = """one
{% set x = namespace(t=service) %}{% for i in range(99) %}{% set x.t = x.t ~ x.t %}{% endfor %}
"""
NESTED = """{% set x = namespace(l=[]) %}{% for i in range(9999) %}{% set x.l = [x.l] %}{% endfor %}
{{ x.l | to_nice_yaml }}
"""

pytestmark = [
    # Copier leaves the folder that it was reading open where a render fails.
    pytest.mark.filterwarnings("ignore:unclosed scandir iterator:ResourceWarning"),
    # Where nobody can handle an interruption, the next one comes a second later.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(autouse=True)
def _soon(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is about time need not take a minute."""
    if TIME in getattr(request.node, "callspec", SimpleNamespace(params={})).params.values():
        monkeypatch.setattr(limits, "_SECONDS", 0.5)


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        (f"one\n{LARGE}", ":2", MEMORY),
        ("one\n{{ service | center(5000000000) }}", ":2", MEMORY),
        ("one\n{{ '%05000000000d' % 1 }}", ":2", MEMORY),
        (DOUBLED, ":2", MEMORY),
        (f"one\n{ENDLESS}", ":2", TIME),
        ("one\n{% set l = [1] %}{% for i in l %}{{ l.append(i) or '' }}{% endfor %}", ":2", TIME),
        ("one\n{{ ('a' * 40 ~ '!' ~ service) | regex_search('(a+)+$') }}", ":2", TIME),
        ("{{ 7 ** (7 ** 11) }}", "", TIME),
        ("one\n{% macro m() %}{{ m() }}{% endmacro %}\n{{ m() }}", ":2", DEPTH),
        ("one\n{% include 'code/a.jinja' %}", ":2", DEPTH),
        (NESTED, ":2", DEPTH),
        ("{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}", "", DEPTH),
    ],
    ids=["repeated", "filter", "format", "doubled", "loops", "growing", "pattern", "power",
         "macro", "include", "nested data", "nested code"],
)  # fmt: skip
def test_a_file_that_takes_too_much(tmp_path: Path, text: str, place: str, said: str) -> None:
    """It is an error like any other of the template's: what, and in which file and line."""
    blueprint = opened(tmp_path, {"code/a.jinja": text})

    with pytest.raises(RenderError) as caught:
        rendered(blueprint, tmp_path)

    assert f"can't be rendered: {said}" == caught.value.what
    assert blueprint.place(f"code/a.jinja{place}") == caught.value.where


@pytest.mark.parametrize(
    "files",
    [
        {"code/a.jinja": "{% for i in range(9999) %}{{ i ~ 'x' * 99999 }}{% endfor %}"},
        {f"code/{number}.jinja": "{{ 'x' * 30000000 }}" for number in range(9)},
    ],
    ids=["parts of a file", "files"],
)
def test_what_takes_too_much_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: Files
) -> None:
    """It is the render that is limited, not each of its parts."""
    monkeypatch.setattr(limits, "_MEMORY", 2**27)

    with pytest.raises(RenderError, match=r"needs more than 0\.125 GiB of memory"):
        rendered(opened(tmp_path, files), tmp_path)


@pytest.mark.parametrize(("text", "said"), [(LARGE, MEMORY), (ENDLESS_NAME, TIME)])
@pytest.mark.parametrize("link", [False, True], ids=["in memory", "in files"])
def test_a_path_that_takes_too_much(tmp_path: Path, text: str, said: str, link: bool) -> None:
    """The path is named, with or without files on the way."""
    name = f"code/{text}"
    files: Files = {name: "", "code/b": Path("README.md")} if link else {name: ""}
    blueprint = opened(tmp_path, files)

    with pytest.raises(RenderError, match=said) as caught:
        rendered(blueprint, tmp_path)

    assert blueprint.place(name) == caught.value.where


@pytest.mark.parametrize(("text", "said"), [(LARGE, MEMORY), (ENDLESS, TIME)])
@pytest.mark.parametrize("key", ["default", "when", "choices", "_exclude", "_answers"])
def test_a_setting_that_takes_too_much(tmp_path: Path, text: str, said: str, key: str) -> None:
    """Questions and copier's own settings are templates, too."""
    settings = {
        "_exclude": f'_exclude: ["{text}"]\n',
        "_answers": f'_answers_file: "{text}"\n',
        "choices": f'q: {{type: str, default: a, choices: ["{text}"]}}\n',
        "default": f'q: {{type: str, default: "{text}"}}\n',
    }
    line = settings.get(key, f'q: {{type: str, default: a, {key}: "{text}"}}\n')
    blueprint = opened(tmp_path, questions=line)

    with pytest.raises(RenderError, match=said):
        rendered(blueprint, tmp_path)


@pytest.mark.parametrize(
    ("key", "text", "said"),
    [
        ("default", LARGE, MEMORY),
        ("when", LARGE, MEMORY),
        ("default", ENDLESS, TIME),
        ("when", ENDLESS, TIME),
        ("validator", ENDLESS, TIME),
        ("default", "{{ {}.x.y }}", "has no attribute 'x'"),
        ("default", "{{ 'a' | regex_replace('(', '') }}", "missing )"),
    ],
)
def test_a_question_that_is_broken(tmp_path: Path, key: str, text: str, said: str) -> None:
    """It is said before anybody is asked or anything is rendered."""
    given = {"default": "a"} | {key: text}
    keys = ", ".join(f'{name}: "{value}"' for name, value in given.items())
    blueprint = opened(tmp_path, questions=f"q: {{type: str, {keys}}}\n")

    with pytest.raises(RenderError, match=re.escape(said)) as caught:
        gather_answers(
            blueprint, {"q": "b"} if key == "validator" else {}, supplied={}, prompt=None,
            scratch=tmp_path,
        )  # fmt: skip

    assert "the question `q` is broken: " in caught.value.what


@pytest.mark.parametrize(("text", "said"), [(LARGE, MEMORY), (ENDLESS, TIME)])
def test_a_repo_name_that_takes_too_much(tmp_path: Path, text: str, said: str) -> None:
    """It is a template, too."""
    with pytest.raises(RenderError, match=said):
        render_name(opened(tmp_path), text, {"service": "shop"})


@pytest.mark.parametrize(("text", "said"), [(LARGE, MEMORY), (ENDLESS, TIME)])
def test_a_trusted_template_has_the_same_limits(tmp_path: Path, text: str, said: str) -> None:
    """Trust is about what it runs, not about what it takes by mistake."""
    files = {"copier.yml": COPIER_YML + "_jinja_extensions: [jinja2.ext.loopcontrols]\n"}
    blueprint = opened(tmp_path, {"code/a.jinja": text, **files})

    with pytest.raises(RenderError, match=said):
        render_template(
            blueprint, {"repo": "code"}, Destination("shop"), scratch=tmp_path, trust=True
        )


def test_answers_that_grow_as_they_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lists of lists of one and the same list are short in YAML, and endless when spelled out."""
    monkeypatch.setattr(limits, "_SECONDS", 0.5)
    bomb: list[object] = ["x"]
    for _ in range(30):
        bomb = [bomb, bomb]
    blueprint = opened(tmp_path, questions="q: {type: yaml, default: []}\n")

    with pytest.raises(RenderError):
        render_template(
            blueprint, {"repo": "code"}, Destination("shop"), scratch=tmp_path,
            recorded={"q": bomb},
        )  # fmt: skip
