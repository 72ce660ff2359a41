"""What authors get wrong, over a blueprint that is well: each fault is told with its place."""

from pathlib import Path

import pytest

from scaffold.lint import lint_blueprint, lint_report
from tests.builders import Files, write_files
from tests.lint.case import CLEAN, MODEL, QUESTIONS, found

ASKED = 'summary: {type: str, help: What it does, default: "Sells"}\n'
README = "code/README.md.jinja"
USED = "docker/note.txt.jinja"
MANIFEST = "env/deployment.yaml.jinja"
OBJECT = """\
kind: Deployment
spec:
{% if environments %}
   replicas: 2
{% endif %}
  template: {}
"""


@pytest.mark.parametrize(
    ("files", "finding"),
    [
        pytest.param(
            {README: "# {{ service }}\nIs {{ sevrice }}.\n"},
            f"{README}:2 BP201 `sevrice` is not defined",
            id="a misspelt variable",
        ),
        pytest.param(
            {README: "# {{ service }}\n{{ siblings.docker.uri }}.\n"},
            f"{README}:2 BP205 there is no attribute `uri` there",
            id="a wrong attribute of a sibling",
        ),
        pytest.param(
            {README: "# A\n{% for one in environments %}\n{{ one.namspace }}.\n{% endfor %}\n"},
            f"{README}:3 BP205 there is no attribute `namspace` there",
            id="a wrong attribute of an environment",
        ),
        pytest.param(
            {README: "# {{ service }}\n{% if publik %}\nx\n{% endif %}\n"},
            f"{README}:2 BP201 `publik` is not defined",
            id="something undefined in a condition",
        ),
        pytest.param(
            {"code/conf.yaml.jinja": "a: {{ service }}\nb: [1, 2\nc: 3\n"},
            "code/conf.yaml.jinja:3 BP106 renders `conf.yaml`, which is not valid YAML: "
            "expected ',' or ']', but got ':'",
            id="broken YAML",
        ),
        pytest.param(
            {"code/package.json.jinja": '{\n  "name": "{{ service }}",\n  "strict": true,,\n}\n'},
            "code/package.json.jinja:3 BP106 renders `package.json`, which is not valid JSON: "
            "Expecting property name enclosed in double quotes",
            id="broken JSON",
        ),
        pytest.param(
            {"code/tsconfig.json.jinja": '{\n  // {{ service }}\n  "a": true,,\n  "b": 1\n}\n'},
            "code/tsconfig.json.jinja:3 BP106 renders `tsconfig.json`, which is not valid JSON: "
            "Expecting property name enclosed in double quotes",
            id="broken JSON with comments",
        ),
        pytest.param(
            {"code/a.toml.jinja": '[a]\nname = "{{ service }}"\nb = nothing\n'},
            "code/a.toml.jinja:3 BP106 renders `a.toml`, which is not valid TOML: Invalid value",
            id="broken TOML",
        ),
        pytest.param(
            {"code/a.cfg": "[a]\nb = 1\n\nno value: 1\n= 2\n"},
            "code/a.cfg:5 BP106 renders `a.cfg`, which is not valid INI: is no `key = value`",
            id="broken INI",
        ),
        pytest.param(
            {"code/a.py.jinja": "a = 1\nimprot {{ service }}\n"},
            "code/a.py.jinja:2 BP106 renders `a.py`, which is not valid Python: invalid syntax",
            id="broken Python",
        ),
        pytest.param(
            {"code/run.jinja": "#!/usr/bin/env bash\nif {{ service }}; then\n  a\ndone\n"},
            "code/run.jinja:4 BP106 renders `run`, which is not valid shell: "
            "syntax error near unexpected token `done'",
            id="broken shell, by its first line",
        ),
        pytest.param(
            {"code/run.sh": "a\nb (\n"},
            "code/run.sh:2 BP106 renders `run.sh`, which is not valid shell: "
            "syntax error near unexpected token `newline'",
            id="broken shell, by its name",
        ),
        pytest.param(
            {"code/run.sh.jinja": "a\necho '{{ summary }}'\n"},
            "code/run.sh.jinja:2 BP106 renders `run.sh`, which with a quote in an answer is not "
            "valid shell: unexpected EOF while looking for matching",
            id="a quote in an answer, in shell",
        ),
        pytest.param(
            {MANIFEST: OBJECT},
            f"{MANIFEST}:6 BP106 renders `deployment.yaml`, which is not valid YAML: "
            "expected <block end>, but found '<block mapping start>'",
            id="a manifest's indentation in a condition",
        ),
        pytest.param(
            {README: "# {{ service }}\n${{ secrets.TOKEN }}\n"},
            f"{README}:2 BP204 copier fills in `secrets`, which is meant for GitHub",
            id="braces of GitHub",
        ),
        pytest.param(
            {README: '# {{ service }}\n{{ include "labels" . }}\n'},
            f"{README}:2 BP102 is no valid template: "
            "expected token 'end of print statement', got 'string'",
            id="braces of Helm",
        ),
        pytest.param(
            {README: "# {{ service }}\n{% if service %}\n"},
            f"{README}:2 BP102 is no valid template: Unexpected end of template.",
            id="a block that is not closed",
        ),
        pytest.param(
            {README: "# {{ service }}\n{% include 'none.md' %}\n"},
            f"{README}:2 BP103 the repo `code`: can't be rendered: 'none.md' not found",
            id="an include of nothing",
        ),
        pytest.param(
            {README: "# {{ service }}\n{{ service | nosuch }}\n"},
            f"{README}:2 BP102 is no valid template: No filter named 'nosuch'.",
            id="an unknown filter",
        ),
        pytest.param(
            {README: "# {{ service }}\n{{ service is nosuch }}\n"},
            f"{README}:2 BP102 is no valid template: No test named 'nosuch'.",
            id="an unknown test",
        ),
        pytest.param(
            {"code/notes.md": "# Notes\n\nOf {{ service }}.\n"},
            "code/notes.md:3 BP108 `.jinja` is missing: its tags are not filled in",
            id="a forgotten suffix",
        ),
        pytest.param(
            {"code/a.txt.jinja": "a\nb {% if not service %}c{% endif %}\nd\n"},
            "code/a.txt.jinja:2 BP107 renders `a.txt`, with space at a line's end",
            id="space at a line's end",
        ),
        pytest.param(
            {"code/package.json.jinja": '{\n  "a": 1,\n  "b": "{{ summary }}"\n}\n'},
            "code/package.json.jinja:3 BP106 renders `package.json`, which with a quote in an "
            "answer is not valid JSON: Expecting ',' delimiter",
            id="a quote in an answer",
        ),
    ],
)
def test_a_fault_is_told_with_its_line_in_the_template(
    tmp_path: Path, files: Files, finding: str
) -> None:
    """Whatever else is said, the place to mend is among it; what is well elsewhere stays so."""
    findings = found(tmp_path, {USED: "{{ summary }}\n", **files}, questions=ASKED + SIBLINGS)
    at = {one.split(":")[0] for one in findings}

    assert [one for one in findings if one.startswith(finding)], findings
    assert set(files) == at


SIBLINGS = """\
siblings: {type: yaml, default: "{docker: {name: a, url: b}}", ask: false}
"""


@pytest.mark.parametrize("text", ["{{ include 'a' . }}\n", "{{ .Values.a }}\n", "{{ $x }}\n"])
def test_braces_of_another_tool_come_with_the_way_out(tmp_path: Path, text: str) -> None:
    """What Helm, Prometheus or Go write is put between raw tags."""
    write_files(tmp_path, {**CLEAN, "code/a.txt.jinja": f"{text}{{{{ service }}}}\n"})
    hints = [one.hint for one in lint_blueprint(tmp_path) if one.code == "BP102"]

    assert len(hints) == 1
    assert "{% raw %}" in hints[0]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("code/package.json.jinja", '{"a": {{ summary | to_json }}}\n'),
        ("code/tsconfig.json", '{\n  // "a": 1,\n  "b": "//", /* c */\n  "c": [1,],\n}\n'),
        ("code/chart.yaml", "a: {{ .Values.a }}\nb: [\n"),
        ("code/empty.json", ""),
        ("code/a.ini", "[a]\nb\nc = %d\n"),
        ("code/a.md", "a  \nb\n"),
        ("code/a.sh", "#!/usr/bin/env zsh\nfor a (b) { c }\n"),
        ("code/b.sh.jinja", "cat <<EOF\n{{ service }} (\nEOF\n[[ -f a ]] && f() { touch /x; }\n"),
        ("code/a.md.jinja", "{{ siblings.docker.uri | default('') }}{{ siblings.items() }}.\n"),
        (
            "code/b.md.jinja",
            "{% for one in environments %}{% if one.zone is defined %}x{% endif %}.{% endfor %}\n",
        ),
    ],
)
def test_what_is_as_it_should_be_is_not_told(tmp_path: Path, path: str, text: str) -> None:
    """Each of these is near to a fault."""
    files = {USED: "{{ summary }}\n", path: text}

    assert [] == found(tmp_path, files, questions=ASKED + SIBLINGS)


def test_shell_without_bash_is_told_as_not_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is any shell; it is never as if it had been found well."""
    write_files(tmp_path, {**CLEAN, "code/run.sh": "a (\n"})
    monkeypatch.setattr("scaffold.lint.formats.find_program", lambda _: None)
    monkeypatch.setattr("scaffold.lint.shell_files.find_program", lambda _: None)
    report = lint_report(tmp_path)

    assert ((), ("shell files: the program `bash` is not installed",)) == (
        report.findings, report.not_checked
    )  # fmt: skip
    (tmp_path / "code/run.sh").unlink()
    assert () == lint_report(tmp_path).not_checked


def test_answers_of_the_tests_are_rendered(tmp_path: Path) -> None:
    """What blueprint.yml lists for tests is tried by lint, too."""
    files = {
        "blueprint.yml": MODEL + 'test: {answers: {summary: ["a: b"]}}\n',
        "code/a.yaml.jinja": "a: {{ summary }}\n",
    }

    (finding,) = found(tmp_path, files, questions=ASKED)
    assert finding.startswith("code/a.yaml.jinja:1 BP106 renders `a.yaml`, which is not valid YAML")


def test_an_answer_of_the_tests_without_a_question_is_told(tmp_path: Path) -> None:
    """It would test nothing."""
    files = {"blueprint.yml": MODEL + "test:\n  answers:\n    sumary: [a]\n"}
    write_files(
        tmp_path, {**CLEAN, **files, "copier.yml": QUESTIONS + ASKED, USED: "{{ summary }}\n"}
    )
    (finding,) = lint_blueprint(tmp_path)

    assert ("blueprint.yml:10", "BP101", "`test.answers` has no question `sumary`") == (
        finding.where, finding.code, finding.message
    )  # fmt: skip
    assert "Did you mean `summary`?" == finding.hint


def test_a_fault_that_many_files_have_is_told_once(tmp_path: Path) -> None:
    """For all environments, all sets of answers and all files that include it."""
    questions = "size: {type: str, help: How, choices: [s, m, l]}\n" + ASKED
    each = "env/{% yield one from environments %}{{ one.name }}{% endyield %}.json.jinja"
    files = {
        "copier.yml": (QUESTIONS + questions).replace("[{name: dev}]", "[{name: dev}, {name: pr}]"),
        USED: "{{ summary }} {{ size }}\n",
        each: "{% include 'shared/part' %}",
        "env/other.json.jinja": "{% include 'shared/part' %}",
        "shared/part": '{\n  "a": 1,,\n}\n',
    }

    assert [
        (
            "shared/part:2 BP106 renders `dev.json` (and 2 more), which is not valid JSON: "
            "Expecting property name enclosed in double quotes"
        )
    ] == found(tmp_path, files)


def test_an_answer_that_is_the_name_of_a_file_gets_no_quotes(tmp_path: Path) -> None:
    """Else nothing of its repo would be read with quotes in the other answers."""
    questions = ASKED + "folder: {type: str, help: Where, default: a}\n"
    files = {
        "code/{{ folder }}/a.txt": "a\n",
        "code/package.json.jinja": '{"b": "{{ summary }}"}\n',
    }
    (finding,) = found(tmp_path, files, questions=questions)

    assert finding.startswith("code/package.json.jinja:1 BP106 renders `package.json`, which with")


def test_files_that_no_repo_gets_are_not_looked_at(tmp_path: Path) -> None:
    """What is beside the folders of the template is the blueprint's own."""
    assert [] == found(tmp_path, {"docs/a.json": "{", "docs/b.txt": "no end", "docs/c.txt": "a \n"})
