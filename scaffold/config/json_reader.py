"""The one reader of JSON from other programs and servers, with limits."""

from typing import Any

from pydantic_core import from_json

from scaffold.config.yaml_bounds import short
from scaffold.errors import ConfigError

_LARGEST = 1 << 26  # bytes: the report of a large rollout, or all objects of a namespace


def read_json(data: str | bytes, *, source: str) -> Any:
    """The value of a JSON text; nesting deeper than some 200 levels is an error.

    `source` names it in errors. Raises ConfigError.
    """
    if len(data) > _LARGEST:
        raise ConfigError(
            f"has {len(data):,} bytes; at most {_LARGEST:,} are read",
            where=source,
            hint="Is this the right file?",
        )
    try:
        return from_json(data, allow_inf_nan=False)
    except ValueError as error:
        raise ConfigError(
            f"is not valid JSON: {short(str(error))}", where=source, hint="Was it cut off?"
        ) from error
