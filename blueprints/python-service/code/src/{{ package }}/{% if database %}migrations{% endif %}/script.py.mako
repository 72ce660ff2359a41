"""${message}."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "${up_revision}"
down_revision: str | Sequence[str] | None = ${repr(down_revision).replace("'", '"')}


def upgrade() -> None:
    """Expand only: the release before this one runs on the result (docs/database.md)."""
    ${upgrades if upgrades else "raise NotImplementedError"}
