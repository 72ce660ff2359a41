"""One process renders a template again and again; each time it is what copier alone renders."""

import warnings
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import copier
import pytest
import yaml
from allpairspy import AllPairs
from pygit2.enums import FileMode

from scaffold.git.folders import read_folder
from scaffold.git.tree import Tree
from scaffold.render.render import Destination, render_template
from scaffold.render.source import shipped_blueprints, shipped_names
from scaffold.render.templates import TemplateRepo
from tests.builders import ANSWERS_NAME, ANSWERS_TEXT, Files, commit_files, git, write_files

Answers = Mapping[str, Any]

LOOPS: Files = {
    "copier.yml": """\
_preserve_symlinks: true
_exclude: [copier.yml, parts, "[% if %]", "{% if not docs %}docs{% endif %}"]
_skip_if_exists: ["{{ name }}.keep"]
name: {type: str, default: shop}
envs: {type: yaml, default: [dev, prod]}
ports: {type: yaml, default: {http: 80}}
docs: {type: bool, default: true}
kinds: {type: str, multiselect: true, choices: [a, b, c], default: [a]}
nested: {type: yaml, default: {list: [{one: 1}], text: "ü"}}
shouted: {type: str, default: "{{ name | upper }}", when: false}
""",
    ANSWERS_NAME: "# made by copier\n" + ANSWERS_TEXT,
    "parts/macros.jinja": """\
{% set state = namespace(count=0) %}{% set seen = [] %}
{% macro number(text) %}{% set state.count = state.count + 1 %}{% set _ = seen.append(text) -%}
{{ state.count }}:{{ seen | join(",") }}{% endmacro %}
""",
    "parts/part.jinja": "part of {{ name }}{% if inner is defined %} {{ inner }}{% endif %}\n",
    "parts/base.jinja": "<{% block body %}base{% endblock %}>\n",
    "counted.txt.jinja": "{% import 'parts/macros.jinja' as m %}{{ m.number(name) }}\n"
    "{{ m.number('x') }}\n",
    "again.txt.jinja": "{% from 'parts/macros.jinja' import number %}{{ number('y') }}\n",
    "context.txt.jinja": "{% import 'parts/macros.jinja' as m with context %}"
    "{{ m.number(name) }}\n",
    "included.txt.jinja": "{% for inner in envs %}{% include 'parts/part.jinja' %}{% endfor %}"
    "{% include ['parts/none.jinja', 'parts/part.jinja'] %}",
    "extended.txt.jinja": "{% extends 'parts/base.jinja' %}{% block body %}"
    "{{ super() }}{{ shouted }}{% endblock %}",
    "changed.txt.jinja": "{% set _ = ports.update({name: 1}) %}"
    "{% set _ = nested.list.append(name) %}{{ ports }} {{ nested }}\n",
    "after.txt.jinja": "{{ ports }} {{ nested }} {{ kinds }}\n",
    "{% yield env from envs %}{{ env }}{% endyield %}/{% yield kind from kinds %}{{ kind }}.txt"
    "{% endyield %}.jinja": "{{ env }} {{ kind }} {{ name }}\n",
    "{% yield env from envs %}{{ env }}{% endyield %}/plain.bin": b"\0\xff{{ env }}",
    "all/{% yield env from envs %}{% if env != 'dev' %}{{ env }}.yml{% endif %}{% endyield %}"
    ".jinja": "env: {{ env }}\n",
    "{% if docs %}docs{% endif %}/{{ name }}.md.jinja":
    "#!/bin/sh\n{{ name }} {{ _copier_operation }}\n",
    "{{ name }}.keep": "keep\n",
    "link.jinja": Path("{{ name }}.keep"),
    "dangling": Path("no/where"),
    "folder": Path("parts"),
    "umläut-{{ name }}.txt.jinja": "größe: {{ nested.text }}\n",
    "crlf.txt.jinja": b"{{ name }}\r\nline\r\n",
    "no-newline.jinja": "{{ name }}",
    "[% if %]": "excluded\n",
}  # fmt: skip
# What has no links is rendered without a disk.
NO_LINKS: Files = {path: data for path, data in LOOPS.items() if not isinstance(data, Path)}
OTHER_SIGNS: Files = {
    "copier.yml": """\
_subdirectory: "[[ flavour ]]"
_templates_suffix: ""
_answers_file: ".answers-[[ name ]].yml"
_exclude: ["*.tmp"]
_envops:
  block_start_string: "[%"
  block_end_string: "%]"
  variable_start_string: "[["
  variable_end_string: "]]"
  comment_start_string: "[#"
  comment_end_string: "#]"
  trim_blocks: true
  lstrip_blocks: true
  keep_trailing_newline: false
name: {type: str, default: shop}
flavour: {type: str, choices: [one, two], default: one}
envs: {type: yaml, default: "[dev, [[ name ]]]"}
computed: {type: str, default: "[[ name ]]-[[ envs | length ]]", when: false}
""",
    "one/[[ _copier_conf.answers_file ]]": "[[ _copier_answers | to_nice_yaml ]]",
    "two/[[ _copier_conf.answers_file ]]": "# two\n[[ _copier_answers | to_nice_yaml ]]",
    "one/.github/workflows/ci.yml": "on: ${{ github.ref }}\nname: [[ computed ]]\n",
    "one/chart/{{ .Values.x }}": "{{ .Values.y }} {% not ours %} {# nor this #}\n",
    "one/picture": b"\x89PNG\0\xff[[ name ]]",
    "one/run.sh": "#!/bin/sh\n[% for e in envs %]\necho [[ e ]]\n[% endfor %]\n",
    "one/[% yield e from envs %][[ e ]][% endyield %]/x": "[[ e ]]\n",
    "one/junk.tmp": "not rendered\n",
    "one/followed": Path("run.sh"),
    "two/[% if envs %][[ name ]][% endif %]": "[# a comment #]two [[ computed ]]\n",
    "two/latin": "gr\u00fc\u00dfe".encode("latin-1"),
}
OTHER_SIGNS_NO_LINKS: Files = {
    path: data for path, data in OTHER_SIGNS.items() if not isinstance(data, Path)
}
RUNS: list[Answers] = [
    {},
    {"name": "cart", "envs": ["qa", "live", "dev"], "docs": False, "kinds": ["c", "a"],
     "flavour": "two", "ports": {"grpc": 9}},
    {"name": "grüße", "envs": [], "nested": {"list": [], "text": "日本"}, "kinds": []},
    {"name": "null", "envs": ["x y"], "docs": True, "flavour": "one"},
    {},
]  # fmt: skip


def copiers(url: str, tag: str, answers: Answers, folder: Path) -> Tree:
    """What copier alone makes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        copier.run_copy(
            url,
            folder / "shop",
            data=deepcopy(dict(answers)),
            vcs_ref=tag,
            defaults=True,
            quiet=True,
        )
    return read_folder(folder / "shop")


def ours(url: str, tag: str, answers: Answers, scratch: Path) -> Tree:
    """What this process makes, which may have rendered the same version before."""
    repo = TemplateRepo(url, scratch)
    version = repo.lay_out(repo.resolve(tag))
    return render_template(version, answers, Destination("shop"), scratch=scratch).tree


@pytest.mark.parametrize(
    "files",
    [LOOPS, NO_LINKS, OTHER_SIGNS, OTHER_SIGNS_NO_LINKS],
    ids=["loops", "loops-no-links", "other-signs", "other-signs-no-links"],
)
def test_a_template_that_uses_everything(tmp_path: Path, files: Files) -> None:
    """Paths, modes, links and bytes, however often and with whatever it was rendered before."""
    commit_files(tmp_path / "t.git", files)
    git("tag", "v1.0.0", cwd=tmp_path / "t.git")
    url = f"{tmp_path}/t.git"
    asked = yaml.safe_load(files["copier.yml"])  # type: ignore[arg-type]
    for number, run in enumerate(RUNS):
        answers = {name: value for name, value in run.items() if name in asked}

        expected = copiers(url, "v1.0.0", answers, tmp_path / f"copier-{number}")

        assert expected == ours(url, "v1.0.0", answers, tmp_path)


def test_the_template_has_what_it_is_meant_to_have(tmp_path: Path) -> None:
    """Loops, links, modes and what is not text come out at all."""
    commit_files(tmp_path / "t.git", LOOPS)
    git("tag", "v1.0.0", cwd=tmp_path / "t.git")

    tree = ours(f"{tmp_path}/t.git", "v1.0.0", {"kinds": ["a", "b"]}, tmp_path)

    assert {"dev/a.txt", "dev/b.txt", "prod/a.txt", "prod/b.txt", "all/prod.yml"} < tree.keys()
    assert (FileMode.LINK, b"shop.keep") == (tree["link"].mode, tree["link"].data)
    assert FileMode.BLOB_EXECUTABLE == tree["docs/shop.md"].mode
    assert b"\0\xff{{ env }}" == tree["dev/plain.bin"].data


@pytest.mark.parametrize("name", shipped_names())
def test_a_shipped_blueprint(tmp_path: Path, name: str) -> None:
    """All of its repos, each pair of choices at least once, all in one process."""
    tree = read_folder(shipped_blueprints() / name)
    url = f"{tmp_path}/t.git"
    write_files(tmp_path / "t.git", {path: entry.data for path, entry in tree.items()})
    git("init", "-q", "-b", "main", cwd=tmp_path / "t.git")
    for path, entry in tree.items():
        if entry.mode == FileMode.BLOB_EXECUTABLE:
            (tmp_path / "t.git" / path).chmod(0o755)
    git("add", "-A", "-f", cwd=tmp_path / "t.git")
    git("commit", "-q", "-m", "Release", cwd=tmp_path / "t.git")
    git("tag", "v1.0.0", cwd=tmp_path / "t.git")
    two = name == "worker"
    choices = {
        "repo": ["app", "deploy"] if two else ["code", "docker", "manifest", "env"],
        **({} if two else {"exposure": ["none", "internal", "public"]}),
        "ci": ["gitlab", "github"],
        "monitoring": [True, False],
        "size": ["small", "large"],
        "service": ["payments", "a"],
    }
    for number, pair in enumerate(AllPairs(list(choices.values()))):
        answers = {"domain": "example.com"} | dict(zip(choices, pair, strict=True))

        expected = copiers(url, "v1.0.0", answers, tmp_path / f"copier-{number}")

        assert expected == ours(url, "v1.0.0", answers, tmp_path)


def test_the_state_of_macros_is_that_of_one_run(tmp_path: Path) -> None:
    """A counter in a module of macros begins anew."""
    commit_files(tmp_path / "t.git", LOOPS)
    git("tag", "v1.0.0", cwd=tmp_path / "t.git")

    first, second = (
        ours(f"{tmp_path}/t.git", "v1.0.0", {}, tmp_path)["again.txt"].data for _ in range(2)
    )

    assert first == second


def test_a_random_default_is_another_one_each_time(tmp_path: Path) -> None:
    """Two services made by one process do not share a password."""
    questions = (
        "password: {type: str, default: \"{{ 999999999 | ans_random | hash('sha512') }}\"}\n"
    )
    commit_files(tmp_path / "t.git", {"copier.yml": questions, "a.jinja": "{{ password }}\n"})
    git("tag", "v1.0.0", cwd=tmp_path / "t.git")

    first, second = (ours(f"{tmp_path}/t.git", "v1.0.0", {}, tmp_path)["a"] for _ in range(2))

    assert first != second


@pytest.mark.parametrize(
    "text", ["{{ '%s' | strftime }}", "{{ '%s' | strftime() }}"], ids=["filter", "called"]
)
def test_the_date_is_that_of_the_render(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """Not that of the first one in a process that runs over New Year."""
    commit_files(tmp_path / "t.git", {"copier.yml": "{}\n", "a.jinja": text})
    git("tag", "v1.0.0", cwd=tmp_path / "t.git")
    first = ours(f"{tmp_path}/t.git", "v1.0.0", {}, tmp_path)["a"]
    monkeypatch.setattr("time.localtime", lambda _=None: __import__("time").gmtime(0))

    assert first != ours(f"{tmp_path}/t.git", "v1.0.0", {}, tmp_path)["a"]


def test_nothing_of_the_machine_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of the environment, no file, no user: a token would end up in a repo."""
    monkeypatch.setenv("FORGE_TOKEN", "hush")
    text = "{{ '$FORGE_TOKEN' | expandvars }} {{ '~' | expanduser }} {{ '/etc/*' | fileglob }}\n"
    commit_files(tmp_path / "t.git", {"copier.yml": "{}\n", "a.jinja": text})
    git("tag", "v1.0.0", cwd=tmp_path / "t.git")

    assert b"$FORGE_TOKEN ~ []\n" == ours(f"{tmp_path}/t.git", "v1.0.0", {}, tmp_path)["a"].data
