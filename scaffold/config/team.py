"""The teams of platform.yml, and the access roles that their groups have."""

from enum import StrEnum

from pydantic import Field

from scaffold.config.documents import Document
from scaffold.config.values import Label


class Role(StrEnum):
    """The three access roles."""

    READ_ONLY = "read-only"
    DEVELOPER = "developer"
    ADMIN = "admin"


class Groups(Document):
    """The identity provider's groups with each role for a team's services."""

    read_only: tuple[str, ...] = Field(
        (), alias="read-only", description="Who sees everything but secrets."
    )
    developer: tuple[str, ...] = Field(
        (), description="Who may also forward ports and delete pods, to find faults."
    )
    admin: tuple[str, ...] = Field((), description="Who may change everything in the namespace.")

    def of(self, role: Role) -> tuple[str, ...]:
        """The groups that hold this role."""
        return {
            Role.READ_ONLY: self.read_only,
            Role.DEVELOPER: self.developer,
            Role.ADMIN: self.admin,
        }[role]


class Team(Document):
    """A team that owns services."""

    name: Label = Field(description="Its name, which services record as their owner.")
    groups: Groups = Field(Groups(), description="Who holds which role for its services.")
