"""Answers that are given on the command line, or in a file that it names."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scaffold.errors import AnswerError, ConfigError


def parse_pairs(pairs: list[str]) -> dict[str, Any]:
    """Read answers of the form K=V. Raises AnswerError."""
    given: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise AnswerError(f"--data {pair} is not K=V", hint="For example --data port=8080")
        given[key] = value
    return given


def answers_in(file: Path) -> Mapping[str, Any]:
    """Read answers from a YAML file, as copier does. Raises AnswerError."""
    from scaffold.config.documents import read_file
    from scaffold.config.yaml_as_copier import read_as_copier

    hint = "It has questions with answers, as in `port: 8080`."
    try:
        read = read_as_copier(read_file(file, hint=hint), source=str(file)).value
    except ConfigError as error:
        raise AnswerError(error.what, where=error.where, hint=error.hint) from error
    if not isinstance(read, dict) or not all(isinstance(key, str) for key in read):
        raise AnswerError("is not a mapping of questions to answers", where=str(file), hint=hint)
    return read
