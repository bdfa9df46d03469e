"""One page of several applications: what the last night of each was, and the way to its report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from drift.lake import Lake
from drift.report.rendering import page, write_page
from drift.results.account import NightAccount


@dataclass(frozen=True)
class Row:
    """An application, the address of its report (empty where unknown), and its last night, None where none was run."""

    name: str
    address: str
    account: NightAccount | None


def write(lake: Lake, path: str, rows: Sequence[Row], timezone: str) -> None:
    """The page below the report in the lake."""
    write_page(lake, path, page("applications.html.jinja", "", "Applications", timezone, rows=rows))
