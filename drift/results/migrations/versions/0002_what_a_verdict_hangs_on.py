"""How many days a comparison takes, and the events of a night: what its verdict hangs on"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("min_days", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("events", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.drop_column("events")
        batch_op.drop_column("min_days")
