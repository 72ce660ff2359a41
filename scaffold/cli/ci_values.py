"""What commands say of the secrets and variables of pipelines that they set."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scaffold.documents.outputs import CiValuePart
    from scaffold.service.ci_values import Given


def values_part(found: "Sequence[Given]") -> "tuple[CiValuePart, ...]":
    """What became of them, as a part of a document."""
    from scaffold.documents.outputs import CiValuePart

    return tuple(
        CiValuePart(
            name=one.value.name,
            kind=str(one.value.made),
            environment=one.value.environment or "",
            where=one.where,
            result=str(one.result),
            why=one.why,
        )
        for one in found
    )
