"""Start: nothing yet but Alembic's own table, which says what the database has."""

from collections.abc import Sequence

revision: str = "0001"
down_revision: str | Sequence[str] | None = None


def upgrade() -> None:
    """Tables come with the code that needs them: `make migration NAME=...`."""
