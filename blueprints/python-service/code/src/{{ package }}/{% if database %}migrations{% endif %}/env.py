"""How Alembic runs the migrations: on the connection that `migrate` of database.py gives it."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    # One that fails takes back itself alone; those before it are done.
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
