"""The message that a piece of news was first tried in, so that each try has the same key"""

import sqlalchemy as sa
from alembic import op

revision = "0010_message"
down_revision = "0009_remark"


def upgrade() -> None:
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("message", sa.String(length=64), nullable=False, server_default=""))
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.alter_column("message", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.drop_column("message")
