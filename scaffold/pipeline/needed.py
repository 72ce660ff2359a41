"""Files that a step can't do without."""

from pathlib import Path

from scaffold.config.documents import read_file
from scaffold.errors import ConfigError


def read_needed(file: Path, *, hint: str, what: str = "is missing") -> bytes:
    """The bytes of a file. Raises ConfigError, with `what` and `hint`, where it is not there."""
    if not file.is_file():
        raise ConfigError(what, where=str(file), hint=hint)
    return read_file(file, hint=hint)
