"""Which of a file's columns is what, guessed from their names and from what stands in them, for `drift init FILE`.

A name says what a column may be, its values whether it can be: a column `time` full of words is no time. What two columns
fit, or one fits only in part, is not sure, and somebody is asked.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from drift import traces
from drift.errors import DataError
from drift.stores import messages
from drift.stores.column_names import NAMES, key, nested_key
from drift.stores.mapping import as_number, lookup
from drift.stores.readers import File, Raw, list_files, read

# rows that are looked at for what a column holds; the days are counted over all
LOOKED = 2000
_DEPTH = 3
_MOST_SCORES = 20
# a latency whose middle is beyond this is no number of seconds that a user waits
_MILLISECONDS = 120.0
_UNIX = 1e8
_MOSTLY, _DISTINCT = 0.7, 0.95
_WORD, _MOST_LABELS = 200, 12
_UNIT_TWINS = {"latency_ms": "latency_s", "end_time": "latency_s", "ttft_ms": "ttft_s"}

_SCORES = re.compile(
    r"(thumb|rating|stars?$|feedback|score|grade|helpful|csat|nps|vote|liked|judge|quality|correct|faithful|relevan)"
)
_TEXTS = ("input", "output")


@dataclass(frozen=True)
class Taken:
    """A column of the trace table and the file's column that was taken for it.

    path: the column, or a dotted path inside one. sure: no other column fits, and all of its values do. others: columns that
    fit as well. shape: what stands there in a few words, never a text of it. share: rows that have a value.
    """

    column: str
    path: str
    sure: bool
    others: tuple[str, ...]
    shape: str
    share: float


@dataclass(frozen=True)
class Guess:
    """What a file or folder seems to hold. kind: `files`, or the store that reads it (`otlp`); preset: of another product's export.

    days: rows a day, by the time that was taken. left: columns that nothing was taken from, which become metadata.
    """

    kind: str
    rows: int
    files: int
    preset: str = ""
    taken: tuple[Taken, ...] = ()
    scores: Mapping[str, str] = field(default_factory=dict)
    days: Mapping[date, int] = field(default_factory=dict)
    left: tuple[str, ...] = ()


@dataclass
class _Column:
    path: str
    values: list[Any]
    rows: int

    @property
    def share(self) -> float:
        return len(self.values) / max(self.rows, 1)


def guess(path: str, zone: ZoneInfo) -> Guess:
    """What the file, folder, glob or URL holds. Raises DataError or StoreError where nothing can be read there."""
    files = list_files(path, "auto")
    rows = list(islice((raw for file in files for raw in read(file)), LOOKED))
    if not rows:
        raise DataError(f"{path}: no rows in it; give drift a file with one trace a row")
    named = {name for raw in rows[:50] for name in raw.values}
    if "resourceSpans" in named or "batches" in named:
        return Guess("otlp", len(rows), len(files))
    for preset, signs in _EXPORTS.items():
        if signs <= named:
            return Guess("files", len(rows), len(files), preset=preset)
    columns = {column.path: column for column in _columns(rows)}
    taken = list(_taken(columns))
    used = {each.path for each in taken}
    scores = {_plain_name(p): p for p, column in columns.items() if p not in used and _is_score(column)}
    scores = dict(list(scores.items())[:_MOST_SCORES])
    timed = next((each.path for each in taken if each.column == "timestamp"), None)
    days, count = _by_day(files, timed, zone) if timed else ({}, len(rows))
    parents = {p.split(".")[0] for p in (*used, *scores.values())}
    left = tuple(p for p in columns if p not in used and p not in scores.values() and p not in parents)
    return Guess("files", count, len(files), "", tuple(taken), scores, days, left)


_EXPORTS = {
    "langsmith": {"run_type", "start_time", "inputs"},
    "helicone": {"request_created_at"},
    "braintrust": {"root_span_id", "span_attributes"},
    "weave": {"op_name", "started_at"},
}


def _columns(rows: Sequence[Raw]) -> Iterator[_Column]:
    """Every column and every path inside one, with its values that are there."""
    values: dict[str, list[Any]] = {}
    for raw in rows:
        for path, value in _flat(raw.values, "", 0):
            values.setdefault(path, []).append(value)
    for path, there in values.items():
        yield _Column(path, there, len(rows))


def _flat(values: Mapping[str, Any], prefix: str, depth: int) -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        path = f"{prefix}{name}"
        opened = messages.decode(value) if isinstance(value, str) and value[:1] in "{[" else value
        if isinstance(opened, dict) and depth < _DEPTH:
            yield path, opened
            yield from _flat({str(k): v for k, v in opened.items()}, f"{path}.", depth + 1)
        elif value not in (None, ""):
            yield path, value


def _taken(columns: Mapping[str, _Column]) -> Iterator[Taken]:
    used: dict[str, str] = {}
    for column, names in NAMES.items():
        if column in used or _UNIT_TWINS.get(column) in used:
            continue
        fitting = [each for each in _named(columns, names) if each.path not in used.values() and _fit(column, each) >= _MOSTLY]
        if not fitting:
            continue
        best, others = fitting[0], tuple(each.path for each in fitting[1:4])
        target, doubt = _in_its_unit(column, best)
        used[target] = best.path
        sure = not others and not doubt and _fit(column, best) == 1.0
        yield Taken(target, best.path, sure, others, _shape(target, best), best.share)
    # questions and answers under any name: what people write is the longest text of a row
    lacking = [side for side in _TEXTS if side not in used]
    free = [each for each in columns.values() if each.path not in used.values() and _is_prose(each)]
    for side, best in zip(lacking, free, strict=False):
        others = tuple(each.path for each in free if each is not best)[:3]
        yield Taken(side, best.path, False, others, _shape(side, best), best.share)


def _named(columns: Mapping[str, _Column], names: Sequence[str]) -> list[_Column]:
    """The columns with one of the names, most telling first; those on top before those inside another."""
    rank = {name: place for place, name in enumerate(names)}
    found = [
        (rank[own], path.count("."), each)
        for path, each in columns.items()
        if (own := next((k for k in (key(path), nested_key(path)) if k in rank), None)) is not None
    ]
    return [each for *_, each in sorted(found, key=lambda known: known[:2])]


def _plain_name(path: str) -> str:
    return path.rsplit(".", 1)[-1].strip().lower().replace(" ", "_")


def _fit(column: str, there: _Column) -> float:
    """Share of the values that the trace table's column can hold."""
    holds = _HOLDS.get(column, _is_word)
    known = sum(holds(value) for value in there.values)
    if column == "trace_id" and len(set(map(str, there.values))) < _DISTINCT * len(there.values):
        return 0.0
    return known / max(len(there.values), 1)


def _is_time(value: Any) -> bool:
    number = as_number(value)
    if isinstance(number, (int, float)) and number < _UNIX:
        return False
    return traces.parse_time(number) is not None


def _is_amount(value: Any) -> bool:
    number = as_number(value)
    return isinstance(number, (int, float)) and not isinstance(number, bool) and number >= 0


def _is_text(value: Any) -> bool:
    if isinstance(value, str):
        return isinstance(as_number(value), str)
    return isinstance(value, (list, dict)) and (messages.question(value) or messages.answer(value)) is not None


def _is_word(value: Any) -> bool:
    return isinstance(value, (str, int)) and not isinstance(value, bool) and len(str(value)) <= _WORD


def _is_failure(value: Any) -> bool:
    """An HTTP status or an exception; a word such as "ok" is neither, and would count as a failure."""
    number = as_number(value)
    if isinstance(number, (int, float)) and not isinstance(number, bool):
        return 100 <= number < 600
    return (
        isinstance(value, (dict, list))
        or isinstance(value, str)
        and re.search(r"(?i)err|exce|fail|time|limit|filter|refus", value) is not None
    )


def _is_list(value: Any) -> bool:
    return isinstance(messages.decode(value) if isinstance(value, str) else value, list)


_HOLDS: dict[str, Callable[[Any], bool]] = {
    "timestamp": _is_time,
    "end_time": _is_time,
    **dict.fromkeys(("input", "output", "reference", "system_prompt"), _is_text),
    **dict.fromkeys(("latency_s", "latency_ms", "ttft_s", "ttft_ms", "input_tokens", "output_tokens", "cost_usd"), _is_amount),
    "error": _is_failure,
    "tool_calls": lambda value: _is_list(value) or _is_amount(value),
    "documents": _is_list,
    "tags": lambda value: _is_list(value) or isinstance(value, str),
}


def _is_prose(there: _Column) -> bool:
    texts = [value for value in there.values if isinstance(value, str)]
    return len(texts) > 0.5 * len(there.values) and sum(" " in text.strip() for text in texts) > 0.5 * len(texts)


def _is_score(there: _Column) -> bool:
    """A judgement by its name, with numbers, flags or few labels in it."""
    if not _SCORES.search(key(there.path)) or any(isinstance(value, (list, dict)) for value in there.values):
        return False
    kinds = Counter(str(value) for value in there.values)
    return all(isinstance(as_number(value), (int, float, bool)) for value in there.values) or len(kinds) <= _MOST_LABELS


def _in_its_unit(column: str, there: _Column) -> tuple[str, bool]:
    """The column for the unit that the values are in, and whether that was guessed from their size."""
    if column not in ("latency_s", "ttft_s") or not there.values:
        return column, False
    middle = median(float(as_number(value)) for value in there.values if _is_amount(value))
    if middle <= _MILLISECONDS or key(there.path).endswith(("seconds", "sec")):
        return column, False
    return column.replace("_s", "_ms"), True


def _shape(column: str, there: _Column) -> str:
    """What stands there: lengths, extremes and how many differ, never a text."""
    values = there.values
    if column in ("timestamp", "end_time"):
        moments = sorted(moment for value in values if (moment := traces.parse_time(as_number(value))) is not None)
        return f"{moments[0]:%Y-%m-%d} to {moments[-1]:%Y-%m-%d}" if moments else "no time"
    if _HOLDS.get(column) is _is_amount:
        numbers = [float(as_number(value)) for value in values if _is_amount(value)]
        return f"{min(numbers):.4g} to {max(numbers):.4g}, middle {median(numbers):.4g}"
    if _HOLDS.get(column) is _is_text:
        lengths = sorted(len(value) if isinstance(value, str) else len(str(value)) for value in values)
        kind = "text" if isinstance(values[0], str) else "messages"
        return f"{kind}, {lengths[0]:,} to {lengths[-1]:,} characters"
    different = len({str(value) for value in values})
    return f"{different:,} different value{'s' * (different != 1)}"


def _by_day(files: Sequence[File], column: str, zone: ZoneInfo) -> tuple[dict[date, int], int]:
    days: Counter[date] = Counter()
    rows = 0
    for file in files:
        for raw in read(file):
            rows += 1
            moment = traces.parse_time(as_number(lookup(raw.values, column)))
            if moment is not None:
                days[moment.astimezone(zone).date()] += 1
    return dict(sorted(days.items())), rows
