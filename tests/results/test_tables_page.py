from __future__ import annotations

import re
from pathlib import Path

from drift.findings import CAUSES
from drift.results import tables

PAGE = (Path(__file__).parents[2] / "docs" / "tables.md").read_text("utf-8")


def test_every_column_of_every_table_is_described():
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", PAGE, flags=re.DOTALL | re.MULTILINE))
    assert set(sections) == set(tables.metadata.tables)
    for name, table in tables.metadata.tables.items():
        rows = re.findall(r"^\| (`.*?) \|", sections[name], flags=re.MULTILINE)
        described = {column for row in rows for column in re.findall(r"`(\w+)`", row)}
        assert described == {column.name for column in table.columns}, name


def test_every_cause_is_named():
    assert all(f"`{cause}`" in PAGE for cause in CAUSES)
