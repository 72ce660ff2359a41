"""Answers that are given on the command line, or in a file that it names."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scaffold.errors import AnswerError


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
    """Read answers from a YAML file. Raises AnswerError."""
    import yaml

    from scaffold.config.documents import yaml_problem

    try:
        read = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise AnswerError(f"can't be read: {error.strerror}", where=str(file)) from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        where, problem = yaml_problem(error, str(file))
        raise AnswerError(f"is not YAML: {problem}", where=where) from error
    if not isinstance(read, dict) or not all(isinstance(key, str) for key in read):
        raise AnswerError("is not a mapping of questions to answers", where=str(file))
    return read
