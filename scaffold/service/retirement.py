"""Retirements as values: the options of one, and how far it is."""

from dataclasses import dataclass
from enum import StrEnum

from scaffold.fleet.access import retire_marker_file
from scaffold.forge.api import MergeRequest


class Stage(StrEnum):
    """The progress of a retirement."""

    PROPOSED = "proposed"  # the env repo's merge request is open
    DEPLOYING = "deploying"  # merged; the objects are not known to be deleted
    PENDING = "pending"  # deleted; the catalog's merge request is open
    RETIRED = "retired"
    UNDONE = "undone"
    ACTIVE = "active"  # there was nothing to undo


@dataclass(frozen=True)
class Retirement:
    """The progress, what it waits for, and the merge request for that.

    `note` says what is unknown where it continued without a status, as policy asks for none.
    """

    service: str
    stage: Stage
    detail: str = ""
    request: MergeRequest | None = None
    note: str = ""


@dataclass(frozen=True)
class Order:
    """Options of a retirement: whether to delete data, and which environment comes first."""

    delete_data: bool = False
    prod_first: bool = False

    @property
    def marker(self) -> bytes:
        """The content of a retire marker."""
        return retire_marker_file(delete_data=self.delete_data).data
