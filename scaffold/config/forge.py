"""The `forge:` of platform.yml: where repos and merge requests live."""

from typing import TYPE_CHECKING, Annotated, Union

from pydantic import Field

from scaffold.config.forges.kind import ForgeKind
from scaffold.config.forges.local import LocalForge
from scaffold.config.forges.registered import FORGES
from scaffold.config.forges.server import ServerForge

if TYPE_CHECKING:
    ForgeSettings = LocalForge | ServerForge
else:  # of what is registered, so that a forge is one entry
    ForgeSettings = Annotated[
        Union[tuple(kind.settings for kind in FORGES)],  # noqa: UP007 - of any number
        Field(discriminator="kind"),
    ]


def kind_of(name: str) -> ForgeKind:
    """What is registered of a kind of forge, by the `kind` that its settings say."""
    return next(kind for kind in FORGES if kind.name == name)
