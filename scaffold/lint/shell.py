"""Rules about the shell of rendered CI jobs and Dockerfiles."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from scaffold.lint.ci import Value, pipelines
from scaffold.lint.dockerfile import dockerfiles
from scaffold.lint.jinja import expressions, filters_of, root_name
from scaffold.lint.rule import Rule, Spot
from scaffold.lint.source import Source
from scaffold.lint.trace import RenderedFile
from scaffold.lint.variables import SUPPLIED

_SHELL = r"(?:/(?:usr/)?bin/)?(?:ba|da|z|k)?sh(?![\w-])"
_INTERPRETER = r"(?:/(?:usr/)?bin/)?(?:python[0-9.]*|perl|node|ruby)(?![\w-])"
# An interpreter with a script or program as an argument reads its stdin as data.
_READS_PROGRAM = (
    r"(?:sudo\s+(?:-\S+\s+)*)?"
    rf"(?:{_SHELL}(?!\s+(?:-\w*c\b|[^-\s;&|>)]))|{_INTERPRETER}(?!\s+(?:-\w|[^-\s;&|>)])))"
)
_FETCH = r"\b(?:curl|wget)\b"
_PIPED = re.compile(
    rf"{_FETCH}[^|;&]*\|\s*{_READS_PROGRAM}"  # curl ... | sh
    rf"|{_SHELL}(?:\s+-\S+)*\s+<\(\s*{_FETCH}"  # bash <(curl ...)
    rf"|{_SHELL}\s+-c\s+[\"']?\$\(\s*{_FETCH}"  # sh -c "$(curl ...)"
    rf"|\beval\s+[\"']?\$\(\s*{_FETCH}"
)
_IGNORED = re.compile(r"(^|[;&]\s*)set\s+(\+[a-z]*e|\+o\s+errexit)|\|\|\s*(true|:)\s*$")
# Texts that anybody may write who can open an issue or a pull request:
# https://docs.github.com/en/actions/reference/security/secure-use
_FROM_OUTSIDE = re.compile(
    r"\$\{\{[^}]*\bgithub\.(?:head_ref\b|event\.(?:"
    r"(?:issue|pull_request|discussion)\.(?:title|body)\b"
    r"|(?:comment|review|review_comment)\.body\b"
    r"|pull_request\.head\.(?:ref|label|repo\.default_branch)\b"
    r"|pages(?:\.\S+)?\.page_name\b"
    r"|(?:commits\S*|head_commit)\.(?:message\b|(?:author|committer)\.(?:email|name)\b)))"
)
_STEP = re.compile(r"scaffold pipeline [a-z]+( [^;&|]*)?$")
_QUOTING = frozenset({"quote", "to_json", "tojson"})


def long_script(source: Source) -> Iterator[Spot]:
    """A job with more than one line of shell is a program that nobody tests.

    Such logic can't be tried at home, drifts apart between CI systems, and is upgraded line by
    line in every repo. Put it into a step of `scaffold pipeline`, a `make` target or a script of
    the repo that has tests. Lines are counted over all scripts and `run` steps of a job; a command
    that goes on after a backslash is one. A job of which each line is a step of `scaffold pipeline`
    is fine.
    """
    reported = set()
    for pipeline in pipelines(source):
        for job in pipeline.jobs:
            if len(job.shell) < 2 or all(_STEP.match(line.text) for line in job.shell):
                continue
            place = pipeline.file.origin(job.shell[1].line)
            if place not in reported:  # a loop in a template renders many jobs
                reported.add(place)
                message = f"the job `{job.name}` has {len(job.shell)} lines of shell"
                yield Spot(*place, message)


def piped_download(source: Source) -> Iterator[Spot]:
    """What is piped from the network into a shell runs unseen, and another time is another thing.

    Looked at are CI jobs and the `RUN` lines of Dockerfiles.
    """
    for file, line in _shell_lines(source):
        if _PIPED.search(line.text):
            yield Spot(*file.origin(line.line), "runs what it downloads, unseen")


def ignored_failure(source: Source) -> Iterator[Spot]:
    """`set +e` and `|| true` let a job go green over a failure.

    Looked at are CI jobs and the `RUN` lines of Dockerfiles.
    """
    for file, line in _shell_lines(source):
        if _IGNORED.search(line.text):
            yield Spot(*file.origin(line.line), "goes on after a failure")


def unquoted_answer(source: Source) -> Iterator[Spot]:
    """An answer that may hold anything, in a line of shell, is shell.

    Meant are answers of type `str` to questions without `choices` and without a `validator`, in a
    CI job or a `RUN` line. What scaffold supplies is checked already.
    """
    for file, line in _shell_lines(source):
        path, number = file.origin(line.line)
        for name in _free_answers(source, path, number):
            yield Spot(path, number, f"puts the answer to `{name}` into shell as it is")


def _free_answers(source: Source, path: str, number: int) -> Iterator[str]:
    if path not in source.templates:
        return
    for line, expression in expressions(source.environment, source.texts[path]):
        name = root_name(expression)
        if line != number or name is None or name not in source.questions:
            continue
        if _is_free(name, source.questions[name]) and _QUOTING.isdisjoint(filters_of(expression)):
            yield name


def _is_free(name: str, details: Mapping[str, Any]) -> bool:
    text = details.get("type", "str") == "str" and isinstance(details.get("default", ""), str)
    checked = details.get("choices") or details.get("validator") or details.get("when") is False
    return bool(text and not checked and name not in SUPPLIED)


def text_from_outside(source: Source) -> Iterator[Spot]:
    """GitHub puts the text of `${{ ... }}` into the script before the shell reads it.

    So the title of a pull request or the name of its branch, which anybody may choose, is run.
    """
    for pipeline in pipelines(source):
        for job in pipeline.jobs:
            for line in job.shell:
                if _FROM_OUTSIDE.search(line.text):
                    message = "runs text that anybody may write"
                    yield Spot(*pipeline.file.origin(line.line), message)


def _shell_lines(source: Source) -> Iterator[tuple[RenderedFile, Value]]:
    for pipeline in pipelines(source):
        for job in pipeline.jobs:
            for line in job.shell:
                yield pipeline.file, line
    for dockerfile in dockerfiles(source):
        for line in dockerfile.shell():
            yield dockerfile.file, line


RULES = (
    Rule(
        "BP301", "More than one line of shell in a CI job",
        "Call one program: a step of `scaffold pipeline`, a make target, a tested script.",
        long_script,
    ),
    Rule(
        "BP302", "Download piped into a shell",
        "Install a package of a fixed version, or check the download's checksum first.",
        piped_download,
    ),
    Rule(
        "BP303", "Failure that is ignored", "Let the command fail, or test for what may be so.",
        ignored_failure,
    ),
    Rule(
        "BP304", "Unquoted answer in shell",
        "Write `{{ answer | quote }}`, or give the question a validator.", unquoted_answer,
    ),
    Rule(
        "BP305", "Text from outside in a GitHub script",
        "Hand it over in `env:` and write \"$NAME\" in the script.", text_from_outside,
    ),
)  # fmt: skip
