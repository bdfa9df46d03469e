"""An incident's questions as a golden set: what went wrong once is asked each night, or before a release.

The file holds texts of users; it is written where somebody asks for it and nowhere else.
"""

from __future__ import annotations

from pathlib import Path

from drift import stores
from drift.config import Config
from drift.errors import DataError
from drift.golden.sets import add
from drift.lake import Lake
from drift.night import affected
from drift.results import Results
from drift.stores.by_id import pull_by_id, some_of


def write_cases(config: Config, incident: str, to: Path, most: int = 50) -> int:
    """Write up to `most` different questions of the incident's affected traces as JSON lines (`drift.golden.sets`), and return how many.

    A corrected answer (the trace's reference) is what is expected; else nothing is, and a run is held against the runs before. Questions
    that the file has already stay, and are not written again. Raises DataError where the traces or their texts are gone, or the file is no
    golden set.
    """
    results = Results.of(config)
    try:
        found = results.find(incident)
    finally:
        results.close()
    days = {each.trace_id: each.day for each in affected.traces(config, found.id)}
    # more than are wanted, for several may ask the same
    chosen = some_of(days, 4 * most)
    rows = pull_by_id(config, stores.open_store(config), Lake(config.lake.url), chosen)
    cases = (
        {"id": f"{found.id[:8]}-{trace}", "input": rows[trace].get("input") or "", "category": "incident", "incident": found.id}
        | ({"expected": rows[trace]["reference"]} if rows[trace].get("reference") else {})
        for trace in chosen
        if trace in rows
    )
    written = len(add(to, cases, most))
    if not rows:
        raise DataError(f"incident {found.id[:8]}: the store no longer has the traces that show it")
    return written
