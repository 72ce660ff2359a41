"""How Alembic runs the migrations: on the connection that `migrate` of database.py gives it."""

from collections.abc import Collection, Mapping
from typing import Any

from alembic import context
from alembic.runtime.migration import MigrationContext, MigrationInfo
from sqlalchemy import text


def remember(
    ctx: MigrationContext, step: MigrationInfo, heads: Collection[Any], run_args: Mapping[str, Any]
) -> None:
    """Note a migration for good, in its own transaction."""
    connection = ctx.connection
    assert connection is not None  # there is none in Alembic's offline mode alone
    note = text("INSERT INTO applied_migrations VALUES (:revision) ON CONFLICT DO NOTHING")
    connection.execute(note, {"revision": step.up_revision_id})


context.configure(
    connection=context.config.attributes["connection"],
    # One that fails takes back itself alone; those before it are done.
    transaction_per_migration=True,
    on_version_apply=remember,
)
with context.begin_transaction():
    context.run_migrations()
