"""The drill and the ledger"""

import sqlalchemy as sa
from alembic import op

revision = "0002_drill"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "drill",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("dimension", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("statistic", sa.Text(), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("baseline_days", sa.Integer(), nullable=False),
        sa.Column("level", sa.Double(), nullable=True),
        sa.Column("one_night", sa.Double(), nullable=True),
        sa.Column("seven_nights", sa.Double(), nullable=True),
        sa.Column("matters", sa.Double(), nullable=True),
        sa.Column("direction", sa.String(length=64), nullable=False),
        sa.Column("blind_reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day", "metric", "dimension", "value", name=op.f("pk_drill")),
    )
    op.create_table(
        "verdicts",
        sa.Column("incident_id", sa.String(length=64), nullable=False),
        sa.Column("verdict", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("incident_id", name=op.f("pk_verdicts")),
    )


def downgrade() -> None:
    op.drop_table("verdicts")
    op.drop_table("drill")
