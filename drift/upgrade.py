"""A comparison asked for by hand: which days it needs, which of them are missing, the comparison, and its page.

What is compared and how it is judged is in `drift.detect.compare`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from drift import stores
from drift.config import Config
from drift.detect import DayProfile, compare
from drift.detect.compare import Comparison
from drift.detect.windows import slice_of
from drift.errors import ConfigError, DataError
from drift.lake import Lake
from drift.measuring import features_of
from drift.report import site
from drift.report.gate import Gate, gate, junit, markdown

_INPUT = "_input_hash"
_NAMED = 5


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


def side(text: str, dimension: str = "", value: str = "") -> Side | Path:
    """A side as people write it: a file of traces that is there, a day, or a window `FROM..TO`. Raises ConfigError."""
    if Path(text).exists():
        if dimension:
            raise ConfigError(f"{text}: is a file, of which no segment can be taken; keep only the rows of {dimension}={value!r:.80}")
        return Path(text)
    first, _, last = text.partition("..")
    try:
        return Side(date.fromisoformat(first), date.fromisoformat(last or first), dimension, value)
    except ValueError:
        raise ConfigError(f"{text!r:.200} is no day, no window and no file that is there; write 2026-11-20 or FROM..TO") from None


def sides(params: Mapping[str, Any]) -> tuple[Side, Side]:
    """The two sides that a form asks for: `a_from, a_to, b_from, b_to, dimension, a_value, b_value`.

    Without a window of its own b has a's. Raises ConfigError for what is missing, or when both sides are the same.
    """
    a_from, a_to = (_day(params, name) for name in ("a_from", "a_to"))
    given = bool(params.get("b_from") or params.get("b_to"))
    b_from, b_to = (_day(params, name) for name in ("b_from", "b_to")) if given else (a_from, a_to)
    dimension = params.get("dimension") or ""
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


def missing_days(config: Config, a: Side, b: Side) -> list[date]:
    """The days of the two sides that have no profile yet."""
    there = set(Lake(config.lake.url).days("profiles"))
    return sorted({*a.days, *b.days} - there)


def compare_sides(config: Config, a: Side, b: Side, *, pairs: bool = False) -> Comparison:
    """Compare two sides from what the lake has.

    pairs: their inputs are the same (a golden set, replayed traffic), so answers to the same input are compared; this needs the
    feature rows of both windows. Otherwise days are the replicates, with the mix of traffic held fixed. Raises DataError where
    a side has nothing.
    """
    lake = Lake(config.lake.url)
    if pairs:
        return compare.rows(_rows(lake, a), _rows(lake, b), config, names=(a.name, b.name), pair_on=_INPUT)
    left, right = (day_profiles(config, lake, side) for side in (a, b))
    rest = [name for name in config.segments.dimensions if name != a.dimension]
    found = compare.windows(left, right, config, (a.name, b.name), rest)
    return replace(found, note="; ".join(filter(None, (found.note, _left_out(a, left), _left_out(b, right)))))


def compare_any(config: Config, a: Side | Path, b: Side | Path, *, pairs: bool = False) -> Comparison:
    """Compare two sides, or two files of traces (pairs where their inputs match); what the lake has not is not pulled.

    Raises ConfigError for a file beside a window, DataError where a side has nothing.
    """
    if isinstance(a, Side) and isinstance(b, Side):
        return compare_sides(config, a, b, pairs=pairs)
    if isinstance(a, Side) or isinstance(b, Side):
        raise ConfigError(f"{a if isinstance(b, Side) else b}: is a file; give two files or two windows")
    left, right = (features_of(file, config, embeddings=config.embeddings.enabled) for file in (a, b))
    return compare.rows(left, right, config, names=(a.name, b.name))


def day_profiles(config: Config, lake: Lake, side: Side) -> list[DayProfile]:
    """The side's days that are there and fit to compare. Raises ConfigError for a dimension that is not followed."""
    there = [day for day in side.days if (found := lake.manifest("profiles", day)) is not None and found.facts["ok"]]
    days = [DayProfile(day, lake.read("profiles", day)) for day in there]
    if not side.dimension:
        return days
    if side.dimension not in config.segments.dimensions:
        known = ", ".join(config.segments.dimensions)
        raise ConfigError(f"dimension {side.dimension!r}: not followed; segments.dimensions are {known}")
    return [slice_of(day, side.dimension, side.value, config.segments.dimensions) for day in days]


def _left_out(side: Side, there: list[DayProfile]) -> str:
    """Which days of the side are not in the comparison; empty where none is missing."""
    missing = sorted({*side.days} - {day.day for day in there})
    if not missing:
        return ""
    named = ", ".join(str(day) for day in missing[:_NAMED]) + (f" and {len(missing) - _NAMED} more" if missing[_NAMED:] else "")
    return f"of {side.name} not run, or not fit to compare: {named}"


def _rows(lake: Lake, side: Side) -> pa.Table:
    found = [table for day in side.days if (table := lake.read("features", day)) is not None]
    if not found:
        raise DataError(f"{side.name}: no feature rows are stored for it; pull it again, or compare without pairs")
    table = pa.concat_tables(found, promote_options="permissive")
    return table.filter(pc.equal(table[side.dimension], side.value)) if side.dimension else table


def write(config: Config, comparison: Comparison) -> tuple[Gate, str]:
    """Write the comparison as a page of the report, and as Markdown and JUnit XML beside it. Returns its verdict and the page's
    path below the report's folder.
    """
    result = gate(comparison)
    lake = Lake(config.lake.url)
    page = site.write_comparison(config, lake, result, stores.links(config))
    for ending, text in (("md", markdown(result)), ("xml", junit(result))):
        lake.write_bytes(f"{site.FOLDER}/{page.removesuffix('html')}{ending}", text.encode())
    return result, page


def sentences(result: Gate) -> list[str]:
    """The verdict in a few lines for a message: what got worse, what changed, what did not, what cannot be told."""
    from drift.detect.verdict import CHANGED, EQUIVALENT, UNDECIDED
    from drift.results.wording import difference, number, subject

    c = result.comparison
    worse = {(row.metric, row.statistic) for row in result.failed}
    lines = [f"{c.a} against {c.b}" + (f" ({c.note})" if c.note else "")]
    for row in c.with_verdict(CHANGED)[:10]:
        mark = "worse: " if (row.metric, row.statistic) in worse else f"{row.direction}: "
        change = f"{number(row.value_a, row.unit)} → {number(row.value_b, row.unit)}"
        lines.append(f"{mark}{subject(row.metric, row.statistic)} {change}")
    more = len(c.with_verdict(CHANGED)) - 10
    if more > 0:
        lines.append(f"and {more} more changes")
    same = {row.metric for row in c.with_verdict(EQUIVALENT)}
    undecided = c.with_verdict(UNDECIDED)
    maybe = len({row.metric for row in undecided})
    lines.append(f"{len(same)} metrics have no change larger than what matters; {maybe} may have one")
    for row in sorted(undecided, key=lambda row: row.bound / row.matters)[:5]:
        span = f"between {difference(row.low, row.unit)} and {difference(row.high, row.unit)}"
        lines.append(f"{subject(row.metric, row.statistic)}: {span}")
    return lines
