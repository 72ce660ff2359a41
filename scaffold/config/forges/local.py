"""Bare repos in a folder: the embedded default."""

from typing import Literal

from pydantic import Field, field_validator

from scaffold.config.documents import Document
from scaffold.config.forges.kind import ForgeKind


class LocalForge(Document):
    """Bare repos in a folder of this machine: no server, no account."""

    kind: Literal["local"] = Field(description="Which kind of forge.")
    path: str = Field(description="The folder, as an absolute path.")

    @field_validator("path")
    @classmethod
    def _recorded(cls, path: str) -> str:
        if not path.startswith("/"):
            raise ValueError("must be an absolute path, since repos record it")
        return path


LOCAL = ForgeKind(
    "local",
    LocalForge,
    "scaffold.forge.local.adapter:LocalFolderForge",
    blueprints="blueprints/",
)
