"""Whether two lakes and two results databases hold the same, table by table; exit code 1 and the first differences if not.

Usage: same_tables.py LAKE_A DATABASE_A LAKE_B DATABASE_B
"""

from __future__ import annotations

import sys

import sqlalchemy as sa

from drift.lake import Lake
from drift.results.database import Database

# where a message went and when it was tried is not the night's result
LEFT_OUT = {"deliveries", "alembic_version"}


def rows(url: str) -> dict[str, list[str]]:
    """Every table of a results database as sorted lines."""
    with Database(url).reading() as connection:
        metadata = sa.MetaData()
        metadata.reflect(connection)
        tables = [table for table in metadata.sorted_tables if table.name not in LEFT_OUT]
        return {table.name: sorted(_line(row) for row in connection.execute(sa.select(table)).mappings()) for table in tables}


def _line(row: sa.RowMapping) -> str:
    # SQLite has no booleans and no dates of its own when a table is reflected
    return repr(sorted((key, _plain(value)) for key, value in row.items()))


def _plain(value: object) -> object:
    if isinstance(value, bool):
        return int(value)
    return str(value) if hasattr(value, "isoformat") else value


def main(lake_a: str, database_a: str, lake_b: str, database_b: str) -> int:
    different = 0
    a, b = Lake(lake_a), Lake(lake_b)
    for kind in ("features", "profiles", "findings"):
        days = sorted({*a.days(kind), *b.days(kind)})
        unequal = [day for day in days if a.manifest(kind, day) != b.manifest(kind, day)]
        print(f"{kind}: {len(days)} days, {len(unequal)} different", *unequal[:3])
        different += len(unequal)
    first, second = rows(database_a), rows(database_b)
    for name in sorted({*first, *second}):
        only = set(first.get(name, ())) ^ set(second.get(name, ()))
        print(f"{name}: {len(first.get(name, ()))} and {len(second.get(name, ()))} rows, {len(only)} different")
        for line in sorted(only)[:4]:
            print("   ", line[:600])
        different += len(only)
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
