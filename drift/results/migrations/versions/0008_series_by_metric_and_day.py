"""Series by metric and day: the rows of a night lie together, whatever their segments are"""

from alembic import op

revision = "0008_series"
down_revision = "0007_events"

_TABLES = ("daily_metrics", "findings")


def upgrade() -> None:
    for table in _TABLES:
        op.drop_index(f"ix_{table}_series", table_name=table)
        op.create_index(f"ix_{table}_series", table, ["metric", "day"])


def downgrade() -> None:
    for table in _TABLES:
        op.drop_index(f"ix_{table}_series", table_name=table)
        op.create_index(f"ix_{table}_series", table, ["metric", "dimension", "value", "day"])
