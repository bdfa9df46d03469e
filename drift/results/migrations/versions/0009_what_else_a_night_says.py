"""What else a night says: that drift's own ruler changed, and what becomes of the metrics it measures"""

import sqlalchemy as sa
from alembic import op

revision = "0009_remark"
down_revision = "0008_series"


def upgrade() -> None:
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("remark", sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.drop_column("remark")
