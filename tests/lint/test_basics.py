"""BP1xx: what is needed for anything to be rendered, and files as such."""

from pathlib import Path

import pytest

from scaffold.errors import BlueprintNotFoundError
from scaffold.lint import lint_blueprint
from tests.builders import Files, write_files
from tests.lint.case import CLEAN, GITHUB, GITLAB, MODEL, QUESTIONS, found, said


def test_nothing_is_found_in_a_blueprint_that_is_well(tmp_path: Path) -> None:
    """The case that all others here differ from in one thing."""
    assert [] == found(tmp_path)


def test_a_folder_without_a_blueprint_is_an_error(tmp_path: Path) -> None:
    """Nothing was linted, so nothing is said to be well."""
    with pytest.raises(BlueprintNotFoundError, match="there is no blueprint in this folder"):
        lint_blueprint(tmp_path)


@pytest.mark.parametrize(
    ("name", "text", "finding"),
    [
        (
            "blueprint.yml",
            MODEL.replace("summary", "sumary"),
            "blueprint.yml:2 BP101 `sumary`: is not a known key; did you mean `summary`?",
        ),
        (
            "blueprint.yml",
            MODEL.replace("follows: code, ", ""),
            "blueprint.yml:6 BP101 `repos.docker`: `follows` and `pin` go together: give both",
        ),
        ("copier.yml", "a: [\n", "copier.yml:2 BP101 is not valid YAML"),
        (
            "copier.yml",
            "a: {help: What?, type: str}\n",  # the loader in C takes it, copier's does not
            "copier.yml:1 BP101 is not valid YAML: expected ',' or '}', but got '?'",
        ),
        ("copier.yml", "- a\n", "copier.yml:1 BP101 is not a mapping of keys to values"),
        ("copier.yml", "_min_copier_version: 99.0.0\n", "copier.yml:1 BP101 needs a newer"),
        ("blueprint.yml", b"name: \xff\n", "blueprint.yml:1 BP101 is not UTF-8 text"),
    ],
)
def test_bp101_files_that_are_not_valid(
    tmp_path: Path, name: str, text: str | bytes, finding: str
) -> None:
    """The line and the problem are told; that is all where nothing else can be looked at."""
    findings = found(tmp_path, {name: text})

    assert any(one.startswith(finding) for one in findings), findings
    assert {"BP101"} == {one.split(" ")[1] for one in findings}


def test_bp101_a_file_that_is_missing(tmp_path: Path) -> None:
    """A copier template alone is no blueprint."""
    write_files(tmp_path, {"copier.yml": QUESTIONS})

    assert ["blueprint.yml:1 BP101 is missing"] == said(tmp_path)


def test_bp101_a_repo_that_is_no_choice(tmp_path: Path) -> None:
    """blueprint.yml and the question `repo` have to agree."""
    questions = QUESTIONS.replace("code, docker, env]", "code, docker]")

    assert "copier.yml:2 BP101 `env` is no choice of `repo`" in found(
        tmp_path, {"copier.yml": questions}
    )


def test_bp101_no_question_repo(tmp_path: Path) -> None:
    """Without it no repo can be picked."""
    questions = '_subdirectory: "code"\nservice: {help: What, default: shop}\n'

    assert "copier.yml:1 BP101 there is no question `repo`" in found(
        tmp_path, {"copier.yml": questions}
    )


def test_bp101_a_repo_without_a_folder(tmp_path: Path) -> None:
    """It would render nothing."""
    model = MODEL + '  docs: {name: "{{ service }}-docs"}\n'
    questions = QUESTIONS.replace("code, docker, env]", "code, docker, env, docs]")

    findings = found(tmp_path, {"copier.yml": questions, "blueprint.yml": model})

    assert "copier.yml:1 BP101 there is no folder `docs`" in findings


def test_bp102_a_template_that_jinja_cant_read(tmp_path: Path) -> None:
    """Told once, at its line, not again for each render that fails by it."""
    template = "# Rules\n{% if service %}\nhi {% fi %}\n"

    assert ["code/a.jinja:3 BP102 is no valid template: Encountered unknown tag 'fi'"] == [
        one.partition(". Jinja was")[0] for one in found(tmp_path, {"code/a.jinja": template})
    ]


def test_bp102_strings_that_jinja_cant_read(tmp_path: Path) -> None:
    """Help is filled in only when somebody is asked, so no render would tell."""
    question = "x:\n  default: a\n  help: |\n    One\n    {{ two\n"
    name = "code/{% if x %}a.txt"

    findings = found(tmp_path, {"code/a.jinja": "{{ x }}\n", name: "a\n"}, questions=question)

    assert [f"{name}:1", "copier.yml:9"] == [
        one.partition(" BP102")[0] for one in findings if "BP102" in one
    ]


@pytest.mark.parametrize("braces", ["{{ .Values.image }}", "{{ $labels.pod }}"])
def test_bp102_braces_of_helm_and_prometheus(tmp_path: Path, braces: str) -> None:
    """They are no jinja; the hint says what to put around them."""
    write_files(tmp_path, {**CLEAN, "code/a.yaml.jinja": f"a: {braces}\n"})

    (finding,) = lint_blueprint(tmp_path)

    assert "code/a.yaml.jinja:1" == finding.where
    assert "BP102" == finding.code
    assert "Put `{% raw %}`" in finding.hint


def test_bp103_a_template_that_fails(tmp_path: Path) -> None:
    """With the place in the template, and the repo."""
    assert ["code/a.jinja:2 BP103 the repo `code`: can't be rendered: division by zero"] == found(
        tmp_path, {"code/a.jinja": "one\n{{ 1 / 0 }}\n"}
    )


def test_bp103_a_template_that_fails_with_one_choice(tmp_path: Path) -> None:
    """Each choice is made once, not only the default."""
    question = "size: {type: str, help: How, choices: [s, m, l], default: m}\n"
    template = "{% if size == 'l' %}{{ 1 / 0 }}{% endif %}\n"

    assert ["code/a.jinja:1 BP103 the repo `code`: can't be rendered: division by zero"] == found(
        tmp_path, {"code/a.jinja": template}, questions=question
    )


def test_bp103_a_default_that_the_validator_refuses(tmp_path: Path) -> None:
    """Then nothing that the rules about renders look at is there, and that is not hidden."""
    question = (
        'port: {help: Which, type: int, default: 1, validator: "{% if port < 9 %}low{% endif %}"}\n'
    )

    findings = found(tmp_path, {"code/a.jinja": "{{ port }}\n"}, questions=question)

    assert [
        "copier.yml:5 BP103 the question `port` got no answer, and its default is not valid:"
    ] == [one.partition(" Validation")[0] for one in findings]


def test_bp103_a_choice_that_a_validator_refuses_is_none(tmp_path: Path) -> None:
    """It is the blueprint's right to refuse answers."""
    questions = """\
a: {type: bool, help: A, default: true}
b: {type: bool, help: B, default: true, validator: "{% if not a and not b %}no{% endif %}"}
"""

    assert [] == found(tmp_path, {"code/a.jinja": "{{ a }}{{ b }}\n"}, questions=questions)


def test_bp103_choices_are_tried_one_by_one_where_they_do_not_go_together(tmp_path: Path) -> None:
    """What a refused set of answers holds is not left out."""
    questions = """\
a: {type: bool, help: A, default: true}
b: {type: bool, help: B, default: true, validator: "{% if not a and not b %}no{% endif %}"}
"""
    template = "{% if not b %}{{ 1 / 0 }}{% endif %}\n{{ a }}\n"

    assert ["code/a.jinja:1 BP103 the repo `code`: can't be rendered: division by zero"] == found(
        tmp_path, {"code/a.jinja": template}, questions=questions
    )


def test_bp103_no_default_is_no_finding(tmp_path: Path) -> None:
    """A stand-in is rendered with."""
    questions = "team: {type: str, help: Who}\nfast: {type: bool, help: Quick}\n"

    assert [] == found(tmp_path, {"code/a.jinja": "{{ team }} {{ fast }}\n"}, questions=questions)


def test_bp103_ci_that_is_no_yaml(tmp_path: Path) -> None:
    """The rules about CI would see nothing in it."""
    assert [
        f"{GITHUB}:1 BP103 renders `.github/workflows/ci.yml`, which is no YAML mapping"
    ] == found(tmp_path, {GITHUB: "jobs: [\n"})


def test_bp103_ci_that_is_empty(tmp_path: Path) -> None:
    """With some answers there may be nothing for it to do."""
    question = "ci: {type: bool, help: CI, default: true}\n"
    text = "# Words.\n{% if ci %}a: {script: make}\n{% endif %}"

    assert [] == found(tmp_path, {GITLAB: text}, questions=question)


def test_bp104_names_that_differ_only_in_case(tmp_path: Path) -> None:
    """In the blueprint itself."""
    assert ["env/README.md:1 BP104 and `env/Readme.md` differ only in case"] == [
        one for one in found(tmp_path, {"env/Readme.md": "a\n"}) if "renders" not in one
    ]


def test_bp104_rendered_names_that_differ_only_in_case(tmp_path: Path) -> None:
    """In what it renders, as a rendered name may clash with a plain one."""
    name = "code/{{ service }}.md.jinja"

    assert [
        "code/SHOP.md:1 BP104 renders `SHOP.md`; `shop.md` differs from it only in case"
    ] == found(tmp_path, {name: "a\n", "code/SHOP.md": "b\n"})


def test_bp105_a_file_without_a_line_end(tmp_path: Path) -> None:
    """At its last line; empty and binary files have no lines."""
    files: Files = {"code/a.txt": "one\ntwo", "code/empty": "", "code/logo.png": b"\x89PNG\0\1"}

    assert ["code/a.txt:2 BP105 does not end with a line end"] == found(tmp_path, files)


def test_bp105_what_a_template_renders_counts(tmp_path: Path) -> None:
    """A filter may make the line end, and a template that ends with one may make none."""
    files = {
        "code/good.yml.jinja": "{{ {'a': 1} | to_nice_yaml }}",
        "code/bad.txt.jinja": "one{% set a = 1 -%}\n",
        "code/worse.txt.jinja": "one\n{{ service }}",
    }

    assert [
        "code/bad.txt.jinja:1 BP105 renders `bad.txt` without a line end at its end",
        "code/worse.txt.jinja:2 BP105 renders `worse.txt` without a line end at its end",
    ] == found(tmp_path, files)


def test_bp105_an_included_part_may_end_as_it_needs(tmp_path: Path) -> None:
    """It goes on in the line of whoever includes it."""
    files = {"shared/part": "in the middle", "code/a.jinja": "a {% include 'shared/part' %} b\n"}

    assert [] == found(tmp_path, files)


def test_bp103_a_link_that_leads_nowhere(tmp_path: Path) -> None:
    """Told by the path in the blueprint, not in the copy that is rendered."""
    findings = found(tmp_path, {"code/link": Path("missing")})

    assert ["code/link:1 BP103 the repo `code`: can't be rendered: [Errno 2]"] == [
        one.partition(" No such")[0] for one in findings
    ]
    assert findings[0].endswith("'code/link'")
