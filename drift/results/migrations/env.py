"""Alembic's entry: runs on the connection that `drift.results.migrate` hands over, inside its transaction."""

from alembic import context

from drift.results.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=False,
)
context.run_migrations()
