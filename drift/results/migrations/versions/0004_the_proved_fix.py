"""The day up to which the nights after a fix prove it"""

import sqlalchemy as sa
from alembic import op

revision = "0004_fixed"
down_revision = "0003_verdict"


def upgrade() -> None:
    with op.batch_alter_table("incidents", schema=None) as batch_op:
        batch_op.add_column(sa.Column("fixed", sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("incidents", schema=None) as batch_op:
        batch_op.drop_column("fixed")
