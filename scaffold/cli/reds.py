"""Statuses that failed, as documents have them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scaffold.chain.statuses import CommitStatus
    from scaffold.documents.chain_outputs import RedStatus


def reds_part(statuses: "Iterable[CommitStatus]") -> "tuple[RedStatus, ...]":
    """Those of them that are red."""
    from scaffold.documents.chain_outputs import RedStatus

    return tuple(
        RedStatus(service=one.service, repo=one.repo, name=one.name, commit=one.commit)
        for one in statuses
        if one.is_red
    )
