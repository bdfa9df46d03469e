"""Brings the tables of a database to this version of drift, by Alembic, safely when several processes do it at once.

`upgrade` runs inside the caller's transaction, which must hold the writers' lock (`drift.results.database.writing`).
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

import sqlalchemy as sa

from drift.errors import DriftError


class NewerTablesError(DriftError):
    """A newer drift has migrated these tables."""


_REVISION = re.compile(r"^revision = \"(\w+)\"", re.MULTILINE)
_PARENT = re.compile(r"^down_revision = \"(\w+)\"", re.MULTILINE)


def current(connection: sa.Connection) -> str | None:
    """The revision that the database's tables have, None where there are none."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()


@cache
def revisions() -> tuple[str, ...]:
    """The known revisions, oldest first; read from the files, since importing Alembic takes longer than a query."""
    folder = files(__package__) / "migrations" / "versions"
    texts = [file.read_text("utf-8") for file in folder.iterdir() if file.name.endswith(".py")]
    child_of: dict[str | None, str] = {}
    for text in texts:
        if own := _REVISION.search(text):
            parent = _PARENT.search(text)
            child_of[parent[1] if parent else None] = own[1]
    ordered: list[str] = []
    last = None
    while last in child_of:
        last = child_of[last]
        ordered.append(last)
    return tuple(ordered)


def is_current(connection: sa.Connection) -> bool:
    """Whether nothing is to be done. Raises NewerTablesError where the tables are of a newer drift."""
    at = current(connection)
    if at is not None and at not in revisions():
        raise NewerTablesError(
            f"its tables are at revision {at}, which this drift does not know; install a newer drift, or set results.url to a copy that was made before it"
        )
    return at == revisions()[-1]


def upgrade(connection: sa.Connection) -> None:
    """Apply what is missing, in the caller's transaction."""
    if is_current(connection):
        return
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", f"{__package__}:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
