"""Recorded calls of an incident's place, of ordinary nights and of its own, read from the store: what can be asked again, and why the rest
cannot. Texts stay in memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from drift import stores
from drift.config import Config
from drift.errors import DataError
from drift.lake import Lake
from drift.profiles.dimensions import within
from drift.stores import redact
from drift.stores.by_id import pull_by_id, some_of
from drift.stores.final_call import FinalCall, noting, parameters_of
from drift.stores.final_call import messages_of as sent

# by these one application is several, each with its own prompt: the calls of one are asked again
_OWN = ("name", "model")


@dataclass(frozen=True)
class Recorded:
    """A call on file. row: its trace (columns of `drift.traces.SCHEMA`), with the answer that it had."""

    trace_id: str
    day: date
    call: FinalCall
    row: Mapping[str, Any]

    @property
    def question(self) -> str:
        return self.row.get("input") or ""

    @property
    def documents(self) -> tuple[str, ...]:
        """The texts that were found for it."""
        return tuple(text for each in self.row.get("documents") or () if (text := (each.get("text") or "").strip()))


@dataclass(frozen=True)
class Sides:
    """Calls of ordinary nights and of the incident's. whose: what they have in common (endpoint, model); left_out: calls that were read
    and cannot be asked again, by why."""

    then: tuple[Recorded, ...]
    now: tuple[Recorded, ...]
    whose: Mapping[str, str] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)


def read(config: Config, place: tuple[str, str], then: Sequence[date], now: Sequence[date], size: tuple[int, int]) -> Sides:
    """Calls of a place on two sets of days, at most `size` of each, chosen by a hash of their trace ids.

    Raises DataError where the rows or the texts are no longer there, StoreError where the store cannot be read.
    """
    lake = Lake(config.lake.url)
    tables = {day: _in(lake, day, place) for day in (*then, *now)}
    whose: dict[str, str] = {}
    for name in _OWN:
        # the endpoint is that of the ordinary nights; the model may be another one now
        sides = [(side, _commonest([tables[day] for day in side], name)) for side in (then, now)]
        if sides[0][1] is None:
            continue
        whose[name] = sides[0][1]
        for side, own in sides if name == "model" else [(side, sides[0][1]) for side, _ in sides]:
            tables |= {day: tables[day].filter(pc.equal(tables[day][name].cast(pa.string()), own)) for day in side}
    left_out: Counter[str] = Counter()
    chosen = [_chosen([(day, tables[day]) for day in side], most) for side, most in zip((then, now), size, strict=True)]
    before, since = (_recorded(config, lake, ids, left_out) for ids in chosen)
    return Sides(before, since, whose, dict(left_out))


def _in(lake: Lake, day: date, place: tuple[str, str]) -> pa.Table:
    wanted = list(dict.fromkeys(["trace_id", *_OWN, *([place[0]] if place[0] != "all" else [])]))
    table = lake.read("features", day, wanted)
    if table is None:
        raise DataError(f"{day}: its rows are no longer stored")
    return within(table, place)


def _commonest(tables: Sequence[pa.Table], name: str) -> str | None:
    seen: Counter[str] = Counter()
    for table in tables:
        for each in pc.value_counts(table[name].cast(pa.string()).drop_null().combine_chunks()).to_pylist():
            seen[each["values"]] += each["counts"]
    return min(seen, key=lambda each: (-seen[each], each)) if seen else None


def _chosen(tables: Sequence[tuple[date, pa.Table]], most: int) -> dict[str, date]:
    return some_of({trace: day for day, table in tables for trace in table["trace_id"].to_pylist()}, most)


def _recorded(config: Config, lake: Lake, days: Mapping[str, date], left_out: Counter[str]) -> tuple[Recorded, ...]:
    hide = redact.function(config.privacy.redact) if config.privacy.redact else None
    with noting() as noted:
        rows = pull_by_id(config, stores.open_store(config), lake, days)
    out = []
    for trace, day in days.items():
        row = rows.get(trace)
        if row is None:
            left_out["the store no longer has them"] += 1
            continue
        call = noted[trace] if trace in noted else _of_row(row)
        one = Recorded(trace, day, call, row) if call is not None else None
        if one is None:
            left_out["their request is not recorded as messages"] += 1
        elif row.get("output") is None:
            left_out["they have no answer on file"] += 1
        elif hide is not None and any(hide(text) != text for text in texts_of(one.call)):
            # what the hook hides must not leave, and what it would leave is not what was asked
            left_out["the redaction hook hides a part of them"] += 1
        elif not _holds(one):
            left_out["the documents found for them are not in their recorded messages"] += 1
        else:
            out.append(one)
    return tuple(out)


def _of_row(row: Mapping[str, Any]) -> FinalCall | None:
    """The call of a trace whose store tells nothing but question and system prompt."""
    said = sent(row.get("input"), row.get("system_prompt"))
    if said is None:
        return None
    return FinalCall(said, row.get("model"), row.get("model"), parameters_of(dict(row.get("metadata") or {})))


def texts_of(call: FinalCall) -> list[str]:
    """Every text of a call's messages."""
    out: list[str] = []
    for message in call.messages:
        content = message.get("content")
        parts = content if isinstance(content, list) else [{"text": content}]
        out += [text for part in parts if isinstance(text := part.get("text"), str)]
    return out


def _holds(one: Recorded) -> bool:
    """Whether what was found for a question is in what was sent: else the recorded messages are not all that the model saw."""
    if not one.documents:
        return True
    whole = "\n".join(texts_of(one.call))
    return any(text in whole for text in one.documents)
