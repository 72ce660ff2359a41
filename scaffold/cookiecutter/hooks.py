"""Cookiecutter's hooks as copier's tasks.

A hook is a template itself. So a task has the whole script as a word: what including it renders to,
given to its interpreter. No file of it ever is in the project.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from scaffold.cookiecutter.report import Report
from scaffold.cookiecutter.syntax import Syntax
from scaffold.git.tree import Entry

FOLDER = "hooks"
_EARLY, _LATE, _BEFORE_ASKING = "pre_gen_project", "post_gen_project", "pre_prompt"
# The option by which an interpreter takes its script as a word.
_BY_OPTION = {
    **dict.fromkeys(("sh", "bash", "dash", "zsh", "ksh", "python", "python3"), "-c"),
    **dict.fromkeys(("node", "perl", "ruby"), "-e"),
}
_LONGEST = 120_000  # bytes: what Linux takes of one word of a command, with room for answers
_DOUBTS = (
    (
        re.compile(r"^\s*(?:import|from) +(?:random|secrets|uuid)\b|\$RANDOM\b|/dev/urandom"),
        "makes other values on each run, so upgrades conflict in the files that get them",
        "Name these files under `_skip_if_exists`.",
    ),
    (
        re.compile(r"\b__file__\b|\bBASH_SOURCE\b|\bdirname \"?\$0"),
        "looks for its own file, and there is none",
        "Name what it reads by `{{ _copier_conf.src_path }}`.",
    ),
    (
        re.compile(r"(?<![\w.])input\("),
        "asks a person, and nobody is there in an upgrade",
        "Ask in copier.yml.",
    ),
)  # fmt: skip


def hooks_of(tree: Mapping[str, Entry]) -> dict[str, list[str]]:
    """The paths of the hooks of each kind."""
    found: dict[str, list[str]] = {}
    for path in sorted(tree):
        place = PurePosixPath(path)
        is_hook = str(place.parent) == FOLDER and not place.name.endswith("~")
        if is_hook and place.stem in (_EARLY, _LATE, _BEFORE_ASKING):
            found.setdefault(place.stem, []).append(path)
    return found


def tasks(
    tree: Mapping[str, Entry], syntax: Syntax, texts: Mapping[str, str], report: Report
) -> list[dict[str, Any]]:
    """Copier's tasks for the hooks, whose `texts` are as they were; in cookiecutter's order."""
    hooks = hooks_of(tree)
    for path in hooks.get(_BEFORE_ASKING, ()):
        report.leave(
            path,
            1,
            "copier runs nothing before it asks",
            "Say by `_message_before_copy`, or compute in copier.yml, what it did.",
        )
    for path in hooks.get(_EARLY, ()):
        report.leave(
            path,
            1,
            "runs when the files are there, and not before",
            "If it only refuses answers, make it a `validator` of the question.",
        )
    made = []
    for path in [*hooks.get(_EARLY, ()), *hooks.get(_LATE, ())]:
        words = _interpreter(path, texts.get(path, ""), syntax, report)
        if words:
            made.append({"command": [*words, syntax.block(f"include {path!r}")]})
            _tell_doubts(path, texts[path], report)
    return made


def _interpreter(path: str, text: str, syntax: Syntax, report: Report) -> list[str]:
    """The words before the script; none where it can't be a word."""
    if len(text.encode()) > _LONGEST:
        what = "is too long to be a word of a command"
    elif path.endswith(".py"):
        # Without -P, python would import the project's modules before its own.
        return [syntax.variable("_copier_python"), "-P", "-c"]
    else:
        words = text.partition("\n")[0].removeprefix("#!").split() if text[:2] == "#!" else []
        program = words[1:] if words and PurePosixPath(words[0]).name == "env" else words
        option = _BY_OPTION.get(PurePosixPath(program[0]).name) if program else None
        if option:
            return [*words, option]
        what = f"is for `{words[0]}`, which takes no script as a word" if words else "has no `#!`"
    report.leave(path, 1, f"{what}, so it does not run", "Add what it does to `_tasks`.")
    return []


def _tell_doubts(path: str, text: str, report: Report) -> None:
    for number, line in enumerate(text.splitlines(), 1):
        for pattern, what, do in _DOUBTS:
            if pattern.search(line):
                report.leave(path, number, what, do)


def names_of(tree: Mapping[str, Entry]) -> Iterator[str]:
    """The paths of all hooks."""
    for paths in hooks_of(tree).values():
        yield from paths
