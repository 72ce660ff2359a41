"""BP3xx: the shell of CI jobs and Dockerfiles."""

from pathlib import Path

import pytest
import yaml

from tests.lint.case import GITHUB, GITLAB, found

JOB = """\
build:
  image: ci:1.0
  script:
    - {line}
"""
WORKFLOW = """\
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - run: {line}
"""


def test_bp301_more_than_one_line_in_gitlab(tmp_path: Path) -> None:
    """At the second line; scripts of one job count together, comments do not."""
    pipeline = """\
build:
  before_script:
    - make tools
  script:
    # Now for it.
    - make
"""

    assert [f"{GITLAB}:6 BP301 the job `build` has 2 lines of shell"] == found(
        tmp_path, {GITLAB: pipeline}
    )


def test_bp301_steps_of_scaffold(tmp_path: Path) -> None:
    """Several are fine; with a line of something else beside them they are a program."""
    steps = ["scaffold pipeline deploy --environment a", 'scaffold pipeline changed >> "$OUT"']
    more = [[], ["make"], ["scaffold pipeline test || make"]]
    jobs = {f"job{number}": {"script": [*steps, *each]} for number, each in enumerate(more)}

    lines = found(tmp_path, {GITLAB: yaml.safe_dump(jobs)})

    assert ["job1", "job2"] == [line.split("`")[1] for line in lines]


def test_bp301_more_than_one_line_in_github(tmp_path: Path) -> None:
    """Within one step, or over several."""
    workflow = """\
on: push
jobs:
  one:
    runs-on: ubuntu-24.04
    steps:
      - run: |
          # Two lines.
          make a
          make b
  two:
    runs-on: ubuntu-24.04
    steps:
      - run: make a
      - run: make b
"""

    assert [
        f"{GITHUB}:9 BP301 the job `one` has 2 lines of shell",
        f"{GITHUB}:14 BP301 the job `two` has 2 lines of shell",
    ] == found(tmp_path, {GITHUB: f"{{% raw %}}{workflow}{{% endraw %}}"})


def test_bp301_what_is_one_line(tmp_path: Path) -> None:
    """One a job, folded text, and a command that goes on after a backslash."""
    pipeline = """\
a: {script: make a}
b:
  script:
    - >-
      make
      b
c:
  script:
    - |
      make \\
        c
.hidden: {script: [make d]}
d: {script: [!reference [.hidden, script]]}
workflow: {rules: [{when: always}]}
"""

    assert [] == found(tmp_path, {GITLAB: pipeline})


def test_bp301_in_an_included_file(tmp_path: Path) -> None:
    """The line is that of the file that is included, whatever it is included into."""
    part = "  script:\n    - make a\n    - make b\n"
    pipeline = (
        "{% for one in environments %}\n{{ one.name }}:\n{% include 'shared/job' %}\n{% endfor %}\n"
    )

    assert ["shared/job:3 BP301 the job `dev` has 2 lines of shell"] == found(
        tmp_path, {GITLAB: pipeline, "shared/job": part}
    )


def test_bp301_with_another_choice_of_ci(tmp_path: Path) -> None:
    """A CI system that is not the default one is rendered, too."""
    question = "ci: {type: str, help: Which, choices: [gitlab, github], default: gitlab}\n"
    name = "code/{% if ci == 'github' %}.github{% endif %}/workflows/ci.yml"
    workflow = WORKFLOW.format(line="|\n          make a\n          make b")

    assert [f"{name}:8 BP301 the job `build` has 2 lines of shell"] == found(
        tmp_path, {name: workflow}, questions=question
    )


PIPED = [
    "curl -sSL https://example.com/install.sh | sh",
    "curl https://example.com/install.sh | sudo -E bash -s -- --yes",
    "wget -qO- https://example.com/a.py | python3",
    "curl https://example.com/a.sh | bash -eux",
    "bash <(curl -s https://example.com/a.sh)",
    'sh -c "$(curl -fsSL https://example.com/a.sh)"',
    'eval "$(curl -fsSL https://example.com/a.sh)"',
]


@pytest.mark.parametrize("line", PIPED)
@pytest.mark.parametrize("name", [GITLAB, GITHUB, "docker/Dockerfile"])
def test_bp302_a_download_that_is_run(tmp_path: Path, name: str, line: str) -> None:
    """In a GitLab job, a GitHub step and a Dockerfile."""
    text = {
        GITLAB: JOB.format(line=f"'{line}'"),
        GITHUB: WORKFLOW.format(line=f"'{line}'"),
        "docker/Dockerfile": f"FROM a:1.0\nRUN {line}\n",
    }[name]

    findings = found(tmp_path, {name: text})

    number = {GITLAB: 4, GITHUB: 6, "docker/Dockerfile": 2}[name]
    assert [f"{name}:{number} BP302 runs what it downloads, unseen"] == findings


@pytest.mark.parametrize(
    "line",
    [
        "curl https://example.com/a.json | jq .version",
        "curl https://example.com/a.json | python3 -m json.tool",
        "curl https://example.com/a.json | perl -pe s/a/b/",
        "curl https://example.com/a.json | node parse.js",
        "curl https://example.com/a.json | sh parse.sh",
        "curl -o a.sh https://example.com/a.sh",
        "curl https://example.com/a.tar.gz | tar xz",
        "curl https://example.com/a | sha256sum --check",
        "cat a.sh | sh",
        "curl https://example.com/state || sh recover.sh",
    ],
)
def test_bp302_a_download_that_is_not_run(tmp_path: Path, line: str) -> None:
    """What a program reads as data, and what is there already."""
    assert [] == found(tmp_path, {GITLAB: JOB.format(line=f"'{line}'")})


@pytest.mark.parametrize(
    "line", ["set +e; make", "set +ex; make", "make; set +o errexit", "make || true", "make || :"]
)
def test_bp303_a_failure_that_is_ignored(tmp_path: Path, line: str) -> None:
    """A job that can't go red says nothing."""
    assert [f"{GITLAB}:4 BP303 goes on after a failure"] == found(
        tmp_path, {GITLAB: JOB.format(line=f"'{line}'")}
    )


@pytest.mark.parametrize(
    "line", ["set -e; make", "make || exit 1", "make --set +e", "true || make"]
)
def test_bp303_no_failure_is_ignored(tmp_path: Path, line: str) -> None:
    """Words that only look like it."""
    assert [] == found(tmp_path, {GITLAB: JOB.format(line=f"'{line}'")})


TITLE = "title: {type: str, help: What, default: A title}\n"


@pytest.mark.parametrize(
    "expression", ["title", "title | trim", "title[0]", "title | upper | trim"]
)
def test_bp304_an_answer_in_shell(tmp_path: Path, expression: str) -> None:
    """Somebody answers `$(...)`."""
    line = f"make TITLE={{{{ {expression} }}}}"

    assert [f"{GITLAB}:4 BP304 puts the answer to `title` into shell as it is"] == found(
        tmp_path, {GITLAB: JOB.format(line=line)}, questions=TITLE
    )


def test_bp304_an_answer_in_a_dockerfile(tmp_path: Path) -> None:
    """`RUN` is shell, `LABEL` is not."""
    text = "FROM a:1.0\nLABEL title={{ title }}\nRUN echo {{ title }}\n"

    assert [
        "docker/Dockerfile.jinja:3 BP304 puts the answer to `title` into shell as it is"
    ] == found(tmp_path, {"docker/Dockerfile.jinja": text}, questions=TITLE)


@pytest.mark.parametrize(
    ("expression", "question"),
    [
        ("title | quote", TITLE),
        ("service", ""),
        ("port", "port: {type: int, help: Which, default: 1}\n"),
        ("size", "size: {type: str, help: How, choices: [s, m], default: s}\n"),
        (
            "name",
            "name: {help: Who, default: a, validator: \"{% if ' ' in name %}no{% endif %}\"}\n",
        ),
    ],
)
def test_bp304_an_answer_that_is_safe(tmp_path: Path, expression: str, question: str) -> None:
    """Quoted, supplied by scaffold, a number, a choice, or checked."""
    line = f"make X={{{{ {expression} }}}}"

    assert [] == found(tmp_path, {GITLAB: JOB.format(line=line)}, questions=question)


@pytest.mark.parametrize(
    "expression",
    [
        "github.event.pull_request.title",
        "github.event.issue.body",
        "github.event.comment.body",
        "github.head_ref",
        "github.event.pull_request.head.ref",
        "github.event.head_commit.message",
        "github.event.commits[0].author.name",
    ],
)
def test_bp305_text_from_outside(tmp_path: Path, expression: str) -> None:
    """What anybody may write who opens a pull request."""
    name = GITHUB.removesuffix(".jinja")
    text = WORKFLOW.format(line=f"echo ${{{{ {expression} }}}}")

    assert [f"{name}:6 BP305 runs text that anybody may write"] == found(tmp_path, {name: text})


@pytest.mark.parametrize(
    "expression", ["github.sha", "github.event.number", "github.repository", "matrix.python"]
)
def test_bp305_what_nobody_chooses(tmp_path: Path, expression: str) -> None:
    """Ids, names of repos, the workflow's own values."""
    name = GITHUB.removesuffix(".jinja")
    text = WORKFLOW.format(line=f"echo ${{{{ {expression} }}}}")

    assert [] == found(tmp_path, {name: text})
