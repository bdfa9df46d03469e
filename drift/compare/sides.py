"""A comparison asked for by hand: which days it needs, which of them are missing, the comparison, and its page.

What is compared and how it is judged is in `drift.compare.rows`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from drift.compare import ruler
from drift.compare.files import measured, side_of, with_keys
from drift.compare.rows import Comparison, compare_rows
from drift.compare.windows import compare_windows, slice_of, without
from drift.config import Config
from drift.errors import ConfigError, DataError
from drift.features import custom
from drift.lake import Lake
from drift.profiles import comparable, encoders, remeasured
from drift.profiles.day import DayProfile
from drift.profiles.dimensions import within
from drift.stores import langfuse_experiment

_EXPERIMENT = "experiment"
_NAMED = 5


@dataclass(frozen=True)
class Experiment:
    """One side: the traces of an experiment of the store's, by its name or id."""

    name: str


@dataclass(frozen=True)
class Side:
    """One side: the days from `start` to `end`, both included, and where `dimension` is given its traffic of that value."""

    start: date
    end: date
    dimension: str = ""
    value: str = ""

    def __post_init__(self):
        if self.end < self.start:
            raise ConfigError(f"the window ends on {self.end}, before it begins on {self.start}")
        if bool(self.dimension) != bool(self.value):
            raise ConfigError(f"dimension and value belong together (got {self.dimension!r} and {self.value!r:.80})")

    @property
    def days(self) -> list[date]:
        return [self.start + timedelta(days=n) for n in range((self.end - self.start).days + 1)]

    @property
    def name(self) -> str:
        window = f"{self.start}" if self.start == self.end else f"{self.start} to {self.end}"
        return f"{self.dimension}={self.value}, {window}" if self.dimension else window

    def apart_from(self, other: Side) -> None:
        """Raises ConfigError where a trace may be on both sides: windows that overlap, unless two values of one dimension."""
        first, last = max(self.start, other.start), min(self.end, other.end)
        if first > last or (self.dimension and self.dimension == other.dimension and self.value != other.value):
            return
        days = f"{first}" if first == last else f"{first} to {last}"
        raise ConfigError(
            f"{self.name} and {other.name} overlap on {days}: the same traces would be on both sides; give windows without a day "
            "in common, or two values of one dimension"
        )


def side(text: str, dimension: str = "", value: str = "") -> Side | Path | Experiment:
    """A side as people write it: a day, a window `FROM..TO`, a file of traces that is there, or `experiment:NAME`.

    Raises ConfigError.
    """
    kind, _, name = text.partition(":")
    whole = Experiment(name) if kind == _EXPERIMENT and name else Path(text) if Path(text).exists() else None
    if whole is not None:
        if dimension:
            raise ConfigError(f"{text:.200}: no segment can be taken of it; keep only the rows of {dimension}={value!r:.80}")
        return whole
    first, _, last = text.partition("..")
    try:
        return Side(date.fromisoformat(first), date.fromisoformat(last or first), dimension, value)
    except ValueError:
        raise ConfigError(
            f"{text!r:.200} is no day, no window and no file that is there; write 2026-11-20, FROM..TO or experiment:NAME"
        ) from None


def from_form(params: Mapping[str, Any]) -> tuple[Side | Path | Experiment, Side | Path | Experiment]:
    """The two sides that a form asks for: `a_source, b_source`, each a file or `experiment:NAME`, or `a_from, a_to, b_from,
    b_to, dimension, a_value, b_value`.

    Without a window of its own b has a's. Raises ConfigError for what is missing, or when both sides are the same.
    """
    sources = [str(params.get(name) or "") for name in ("a_source", "b_source")]
    dimension = params.get("dimension") or ""
    if any(sources):
        if not all(sources):
            raise ConfigError(
                f"{'b_source' if sources[0] else 'a_source'}: empty; a file or an experiment is compared with another"
            )
        a, b = (side(source, dimension) for source in sources)
    else:
        a_from, a_to = (_day(params, name) for name in ("a_from", "a_to"))
        given = bool(params.get("b_from") or params.get("b_to"))
        b_from, b_to = (_day(params, name) for name in ("b_from", "b_to")) if given else (a_from, a_to)
        a = Side(a_from, a_to, dimension, params.get("a_value") or "")
        b = Side(b_from, b_to, dimension, params.get("b_value") or "")
    if a == b:
        raise ConfigError(f"both sides are {a.name}; give two windows, or a dimension with two values")
    return a, b


def _day(params: Mapping[str, Any], name: str) -> date:
    try:
        return date.fromisoformat(str(params.get(name)))
    except ValueError:
        raise ConfigError(f"{name}: {str(params.get(name))!r:.40} is not a day; write YYYY-MM-DD") from None


def missing_days(config: Config, *asked: Side | Path | Experiment) -> list[date]:
    """The days of the sides that have no profile yet; a file or an experiment has no days."""
    there = set(Lake(config.lake.url).days("profiles"))
    return sorted({day for each in asked if isinstance(each, Side) for day in each.days} - there)


def compare_sides(config: Config, a: Side, b: Side, *, pairs: bool = False) -> Comparison:
    """Compare two sides from what the lake has.

    pairs: their inputs are the same (a golden set, replayed traffic), so answers to the same input are compared; this needs the
    feature rows of both windows. Otherwise days are the replicates, with the mix of traffic held fixed; of one day against one
    day nothing tells how much days differ, so traces are. Raises ConfigError where a trace may be on both sides, DataError where
    a side has nothing.
    """
    a.apart_from(b)
    lake = Lake(config.lake.url)
    if pairs:
        return compare_rows(_rows(config, lake, a), _rows(config, lake, b), config, names=(a.name, b.name), pairs=True)
    left, right = (day_profiles(config, lake, side) for side in (a, b))
    if len(left) == len(right) == 1:
        found = _one_day_each(config, lake, a, b)
        return replace(found, note="; ".join(filter(None, (found.note, _left_out(a, left), _left_out(b, right)))))
    known = frozenset().union(*(encoders(day.table) for day in (*left, *right)))
    encoded = f"topics and cosines are not compared between encoders ({', '.join(sorted(known))})" if len(known) > 1 else ""
    ruled = ruler.note(metric for day in (*left, *right) for metric in remeasured(day.table, right[-1].table)) if right else ""
    if right:
        left, right = ([replace(day, table=comparable(day.table, right[-1].table)) for day in days] for days in (left, right))
    rest = [name for name in config.segments.dimensions if name != a.dimension]
    found = compare_windows(left, right, config, (a.name, b.name), rest)
    return replace(found, note="; ".join(filter(None, (found.note, encoded, ruled, _left_out(a, left), _left_out(b, right)))))


def compare_any(config: Config, a: Side | Path | Experiment, b: Side | Path | Experiment, *, pairs: bool = False) -> Comparison:
    """Compare two sides; of two windows, what the lake has not is not pulled.

    Two files are compared in pairs where their inputs match, two experiments by the items of their dataset. Raises ConfigError
    for a window beside something else, DataError where a side has nothing, StoreError where an experiment cannot be read.
    """
    custom.load(config.custom.modules)
    if isinstance(a, Side) and isinstance(b, Side):
        return compare_sides(config, a, b, pairs=pairs)
    if isinstance(a, Side) or isinstance(b, Side):
        raise ConfigError(f"{(b if isinstance(a, Side) else a).name}: cannot be compared with a window; give two of its kind")
    (name_a, left), (name_b, right) = (_measured(config, each) for each in (a, b))
    by_item = isinstance(a, Experiment) and isinstance(b, Experiment)
    pair_on = langfuse_experiment.ITEM if by_item else None
    return compare_rows(left, right, config, names=(name_a, name_b), pair_on=pair_on, pairs=pairs)


def _measured(config: Config, side: Path | Experiment) -> tuple[str, pa.Table]:
    """The side's full name and its features."""
    embeddings = config.embeddings.enabled
    if isinstance(side, Path):
        return side.name, side_of(side, config, embeddings=embeddings)
    name, traces = langfuse_experiment.pull(config, side.name)
    table = with_keys(measured(traces, config, embeddings=embeddings), traces)
    return name, table.append_column(langfuse_experiment.ITEM, traces[langfuse_experiment.ITEM])


def day_profiles(config: Config, lake: Lake, side: Side) -> list[DayProfile]:
    """The side's days that are there and fit to compare. Raises ConfigError for a dimension that is not followed, DataError for a
    value of it that none of these days has.
    """
    there = [day for day in side.days if (found := lake.manifest("profiles", day)) is not None and found.facts["ok"]]
    days = [DayProfile(day, lake.read("profiles", day)) for day in there]
    if not side.dimension:
        return days
    if side.dimension not in config.segments.dimensions:
        known = ", ".join(config.segments.dimensions)
        raise ConfigError(f"dimension {side.dimension!r}: not followed; segments.dimensions are {known}")
    sliced = [slice_of(day, side.dimension, side.value) for day in days]
    if days and not any(day.table.num_rows for day in sliced):
        raise DataError(f"{side.name}: {without(days, side.dimension, side.value)}")
    return sliced


def _one_day_each(config: Config, lake: Lake, a: Side, b: Side) -> Comparison:
    """Traces of one day against those of another. Raises DataError where the lake has no rows of them."""
    try:
        left, right = (_rows(config, lake, side) for side in (a, b))
    except DataError:
        raise DataError(
            f"{a.name} against {b.name}: two days do not tell how much ordinary days differ, and traces cannot be compared, for "
            "their feature rows are no longer stored; give two days or more on a side, or pull both days again"
        ) from None
    found = compare_rows(left, right, config, names=(a.name, b.name), pair_on="")
    said = "one day against one day: traces are compared, and how much ordinary days differ is not in the intervals"
    return replace(found, note="; ".join(filter(None, (said, found.note))))


def _left_out(side: Side, there: list[DayProfile]) -> str:
    """Which days of the side are not in the comparison; empty where none is missing."""
    missing = sorted({*side.days} - {day.day for day in there})
    if not missing:
        return ""
    named = ", ".join(str(day) for day in missing[:_NAMED]) + (f" and {len(missing) - _NAMED} more" if missing[_NAMED:] else "")
    return f"of {side.name} not run, or not fit to compare: {named}"


def _rows(config: Config, lake: Lake, side: Side) -> pa.Table:
    found = [table for day in side.days if (table := lake.read("features", day)) is not None]
    if not found:
        raise DataError(f"{side.name}: no feature rows are stored for it; pull it again, or compare without pairs")
    table = pa.concat_tables(found, promote_options="permissive")
    if side.dimension and side.dimension not in table.column_names:
        known = ", ".join(config.segments.dimensions)
        raise ConfigError(f"dimension {side.dimension!r:.80}: no feature row has it; segments.dimensions are {known}")
    return within(table, (side.dimension, side.value))
