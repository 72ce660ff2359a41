"""What an environment is to be asked is declared as `scaffold pipeline smoke` can ask it."""

from scaffold.checks.registry import Subject
from scaffold.checks.report import Result, failed, passed
from scaffold.config.documents import parse_document, read_file
from scaffold.config.smokefile import SmokeFile
from scaffold.errors import ConfigError

_NAME = "smoke"


def check_smoke(subject: Subject, target: str) -> list[Result]:
    """A `smoke.yml` is valid."""
    shown = f"{subject.name}/{target}"
    try:
        parse_document(SmokeFile, read_file(subject.path / target), source=target)
    except ConfigError as error:
        return [failed(_NAME, shown, error.details or [str(error)])]
    return [passed(_NAME, shown)]
