"""`drift affected ID --patterns`: what the affected requests have more often than others of their place and nights, read from the store now."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from drift import stores
from drift.config import Config
from drift.errors import DataError
from drift.explain.patterns import Pattern, patterns
from drift.lake import Lake
from drift.night import affected
from drift.profiles.dimensions import within
from drift.results import Results
from drift.stores.by_id import pull_by_id, some_of

# requests of a side that are read
_MOST = 300
_WORD = re.compile(r"\w[\w'-]*")
_LONGEST = 40


def of_incident(config: Config, incident: str) -> tuple[Pattern, ...]:
    """Patterns of an incident. Raises DriftError for an unknown id, DataError where its rows or texts are gone, StoreError."""
    results = Results.of(config)
    try:
        found = results.find(incident)
    finally:
        results.close()
    bad = {each.trace_id: each.day for each in affected.traces(config, found.id)}
    lake = Lake(config.lake.url)
    others: dict[str, date] = {}
    for day in sorted(set(bad.values())):
        table = lake.read("features", day)
        if table is not None:
            rows = within(table, (found.dimension, found.value))
            others |= {trace: day for trace in rows["trace_id"].to_pylist() if trace not in bad}
    chosen = [some_of(bad, _MOST), some_of(others, _MOST)]
    read = pull_by_id(config, stores.open_store(config), lake, chosen[0] | chosen[1])
    sides = [{trace: traits(read[trace]) for trace in side if trace in read} for side in chosen]
    if not all(sides):
        raise DataError(f"incident {found.id[:8]}: the store has no affected requests, or no others, of its nights any more")
    return patterns(sides[0], sides[1])


def traits(row: Mapping[str, Any]) -> frozenset[str]:
    """What a trace (columns of `drift.traces.SCHEMA`) has: words and pairs of words of its question, documents, tools, segments."""
    words = [word.lower() for word in _WORD.findall(row.get("input") or "")]
    out = {f"“{word[:_LONGEST]}” in the question" for word in words if len(word) > 2}
    out |= {f"“{a[:_LONGEST]} {b[:_LONGEST]}” in the question" for a, b in zip(words, words[1:], strict=False)}
    out |= {f"document {each['id']}" for each in row.get("documents") or () if each.get("id")}
    out |= {f"tool {step['name']}" for step in row.get("trajectory") or () if step.get("kind") == "tool" and step.get("name")}
    out |= {f"{name} {row[name]}" for name in ("name", "model", "release", "prompt_version", "environment") if row.get(name)}
    return frozenset(out | {f"{key} {value}" for key, value in dict(row.get("metadata") or {}).items() if value})
