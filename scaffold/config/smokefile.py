"""`smoke.yml`: what an environment is asked over HTTP once it is deployed, and what it must answer.

The owner's own file: in `environments/` for all environments of an env repo, in the folder of an
environment for that one, which then takes nothing of the other.
"""

import re
from typing import Annotated, Any
from urllib.parse import unquote

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    field_validator,
)

from scaffold.config.documents import Document
from scaffold.config.values import Label

BUDGET = 60.0
"""Seconds that all checks of an environment may take, where nobody says."""

Scalar = StrictBool | StrictInt | StrictFloat | StrictStr | None
"""What a field of a JSON answer is compared with; `1`, `1.0`, `true` and `"1"` are four values."""

_PATH = re.compile(r"/[!-\"$-~]*")  # what a request line can have; a `#` stays in the browser
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
# What the API server takes as said to itself, what is a secret, and what HTTP sets by itself.
_NOT_TO_SET = re.compile(
    r"authorization|cookie|proxy-.*|impersonate-.*|x-remote-.*|host|connection|upgrade"
    r"|content-length|transfer-encoding|te|trailer|expect",
    re.IGNORECASE,
)


def _name(text: str) -> str:
    if not text.isprintable() or text != text.strip() or not text:
        raise ValueError("must be a name in one line, without spaces beside, as in front page")
    return text


def _path(text: str) -> str:
    if _PATH.fullmatch(text) is None:
        raise ValueError("must begin with / and have no space, # or letter beyond ASCII: use %20")
    # The API server would take `..` as a way out of the Service that is asked.
    folders = unquote(unquote(text.partition("?")[0])).replace("\\", "/").split("/")
    if {".", ".."} & set(folders):
        raise ValueError("must not have a part `.` or `..`")
    return text


def _one_value(value: Any) -> Any:
    if isinstance(value, (dict, list)):
        what = "must be one value: name the field in it with a dot, as in items.0.state"
        raise ValueError(what)  # noqa: TRY004 - what pydantic catches
    return value


def _quoted(value: Any) -> Any:
    if not isinstance(value, str):
        what = 'must be a text: put it in quotes, as in "1"'
        raise ValueError(what)  # noqa: TRY004 - what pydantic catches
    return value


class HttpCheck(Document):
    """One GET and what must come of it."""

    name: Annotated[str, AfterValidator(_name)] = Field(
        max_length=100, description="What the check is called in reports; once in the file."
    )
    path: Annotated[str, AfterValidator(_path)] = Field(
        description="What is asked for, with its query, as in /api/orders?limit=1."
    )
    service: Label | None = Field(
        None, description="The Service that is asked; without it, the only one of the release."
    )
    port: int | None = Field(
        None,
        ge=1,
        le=65535,
        description="The port of the Service; without it, that of the readiness path, else its "
        "first.",
    )
    status: int | None = Field(
        None, ge=100, le=599, description="The status that must come; without it, any of 2xx."
    )
    text: str | None = Field(
        None, min_length=1, description="What the answer must have somewhere in it."
    )
    fields: dict[str, Annotated[Scalar, BeforeValidator(_one_value)]] = Field(
        default_factory=dict,
        alias="json",
        description="Fields of the JSON that must come, with their values. A dot leads into an "
        "object or a list, as in database.0.state.",
    )
    headers: dict[str, Annotated[str, BeforeValidator(_quoted)]] = Field(
        default_factory=dict,
        description="What is sent along. No secrets: they are read by everybody who reads the "
        "repo.",
    )
    retries: int = Field(
        3, ge=0, le=100, description="How often it is asked again where the answer is wrong."
    )

    @field_validator("headers")
    @classmethod
    def _may_be_sent(cls, headers: dict[str, str]) -> dict[str, str]:
        for name, value in headers.items():
            if _HEADER.fullmatch(name) is None:
                raise ValueError(f"`{name}` is no name of a header, as in Accept")
            if _NOT_TO_SET.fullmatch(name):
                raise ValueError(
                    f"`{name}` can't be sent: it is meant for the API server on the way, is a "
                    "secret, or HTTP sets it; leave it out"
                )
            if not (value.isascii() and value.isprintable()):
                raise ValueError(f"the value of `{name}` must be one line of ASCII")
        return headers


class SmokeFile(Document):
    """What an environment is asked, in place of the readiness path of each Service."""

    budget: float = Field(
        BUDGET,
        ge=1,
        le=3600,
        description="Seconds for all checks of an environment together, with their retries.",
    )
    checks: tuple[HttpCheck, ...] = Field(
        description="What is asked, in order.", json_schema_extra={"minItems": 1}
    )

    @field_validator("checks")
    @classmethod
    def _named_once(cls, checks: tuple[HttpCheck, ...]) -> tuple[HttpCheck, ...]:
        if not checks:
            raise ValueError("has no check: write one, or remove the file to ask readiness paths")
        names = [check.name for check in checks]
        if twice := [name for name in dict.fromkeys(names) if names.count(name) > 1]:
            raise ValueError(f"two checks are called `{twice[0]}`: give each a name of its own")
        return checks
