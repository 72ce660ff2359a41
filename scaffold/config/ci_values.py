"""The `ci.values` of platform.yml: which secrets and variables scaffold gives to pipelines.

It names them and never has a value: that is in the environment of whoever runs scaffold.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from scaffold.config.documents import Document
from scaffold.config.values import Label

SOURCES = "SCAFFOLD_CI_"
"""What the variables begin with that have the values; no program that scaffold starts gets one."""
_NAME = r"^[A-Z][A-Z0-9_]*$"


class CiKind(StrEnum):
    """What a forge makes of a value."""

    SECRET = "secret"  # noqa: S105 - a kind
    VARIABLE = "variable"
    FILE = "file"


# What the steps of `scaffold pipeline` and shipped blueprints read; all others are secrets.
_KINDS: Mapping[str, CiKind] = {
    "COSIGN_PRIVATE_KEY": CiKind.FILE,
    "KUBECONFIG": CiKind.FILE,
    "REGISTRY_USERNAME": CiKind.VARIABLE,
    "SCAFFOLD_APP_CLIENT_ID": CiKind.VARIABLE,
}
# A merge request builds the image, too, of the code that this reads.
_OF_EVERY_BRANCH = frozenset({"SCAFFOLD_TOKEN"})


class GivenValue(Document):
    """A secret or variable that scaffold sets on the forge."""

    name: Annotated[str, Field(pattern=_NAME, max_length=100)] = Field(
        description="Its name in a job. The value is taken from the variable SCAFFOLD_CI_<NAME>, or"
        " SCAFFOLD_CI_<NAME>_<ENVIRONMENT>, of whoever runs scaffold."
    )
    environment: Label | None = Field(
        None, description="The environment whose jobs get it; by default all do."
    )
    kind: CiKind | None = Field(
        None,
        description="`variable`: everybody who sees the repo may see it; `file`: a secret that is"
        " read from the file that SCAFFOLD_CI_... names. By default as what has that name needs it,"
        " else `secret`.",
    )
    protected: bool | None = Field(
        None,
        strict=True,
        description="On GitLab: whether only jobs of protected branches get it. By default they"
        " alone do, but for SCAFFOLD_TOKEN.",
    )

    @property
    def made(self) -> CiKind:
        """What it is on the forge."""
        return self.kind or _KINDS.get(self.name, CiKind.SECRET)

    @property
    def is_protected(self) -> bool:
        """Whether it is kept from jobs of branches that anybody may push."""
        by_name = self.name not in _OF_EVERY_BRANCH
        return by_name if self.protected is None else self.protected

    @property
    def source(self) -> str:
        """The variable that has the value, or names its file."""
        place = f"_{self.environment.upper().replace('-', '_')}" if self.environment else ""
        return f"{SOURCES}{self.name}{place}"

    @property
    def told(self) -> str:
        """It in words, as in `the secret X for the environment prod`."""
        place = f" for the environment {self.environment}" if self.environment else ""
        return f"the {self.made} {self.name}{place}"


class CiSettings(Document):
    """How generated pipelines run."""

    image: str = Field(
        min_length=1, description="The image that every job runs in; its Dockerfile is ours."
    )
    values: tuple[GivenValue, ...] = Field(
        (),
        description="The secrets and variables that `scaffold new service` and `scaffold platform"
        " sync` set on the forge.",
    )

    @model_validator(mode="after")
    def _one_source_each(self) -> Self:
        sources = [one.source for one in self.values]
        if twice := sorted({one for one in sources if sources.count(one) > 1}):
            raise ValueError(f"two values would come from the same variable: {', '.join(twice)}")
        return self
