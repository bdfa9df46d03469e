"""What a judge said, what it was asked and paid for, and what people said of the same traces"""

import sqlalchemy as sa
from alembic import op

revision = "0005_judge"
down_revision = "0004_fixed"


def upgrade() -> None:
    op.create_table(
        "judgements",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("evaluator", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("day", "evaluator", "item", name=op.f("pk_judgements")),
    )
    op.create_table(
        "spending",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("usd", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("day", "purpose", name=op.f("pk_spending")),
    )
    op.create_table(
        "labels",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("rubric", sa.Text(), nullable=False),
        sa.Column("trace_id", sa.Text(), nullable=False),
        sa.Column("fails", sa.Double(), nullable=True),
        sa.Column("judged", sa.Double(), nullable=True),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day", "rubric", "trace_id", name=op.f("pk_labels")),
    )


def downgrade() -> None:
    for table in ("labels", "spending", "judgements"):
        op.drop_table(table)
