"""How many days a comparison takes: what a night's verdict hangs on"""

import sqlalchemy as sa
from alembic import op

revision = "0003_verdict"
down_revision = "0002_drill"


def upgrade() -> None:
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("min_days", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.drop_column("min_days")
