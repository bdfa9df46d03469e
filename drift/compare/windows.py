"""Two windows of days, or two slices of the same days, from profiles alone: days are the replicates.

    days apart      the model of the night (`drift.detect.predict.random_effects`), asked about all days of b at once
    the same days   as where two values of a dimension are compared: the daily differences are the replicates (Hartung & Knapp 2001),
                    so that what a day does to both cancels out

Both hold the mix of the other dimensions fixed, as far as both sides have the same cells (`drift.compare.strata`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from scipy import stats
from scipy.special import ndtr

from drift.compare import given, segments, strata
from drift.compare.effects import LEVELS, Effect
from drift.compare.verdict import Comparison, Draft, Method, judge, lacking
from drift.config import Config
from drift.detect.predict import ordinary, random_effects
from drift.detect.predict.shared_prior import shared_prior
from drift.detect.predict.stack import stacked
from drift.detect.statistics import statistics
from drift.detect.statistics.panel import Panel
from drift.detect.statistics.statistic import Statistic
from drift.errors import DataError
from drift.findings import StatisticName, is_level
from drift.profiles import CELL, CELL_SEPARATOR, OVERALL, bins
from drift.profiles.day import DayProfile
from drift.profiles.quantiles import cumulative, quantile
from drift.text.wording import count

# with fewer days in common the differences do not tell how much they vary
_PAIRED_DAYS = 4
TAIL = 0.95


def compare_windows(
    a: Sequence[DayProfile],
    b: Sequence[DayProfile],
    config: Config | None = None,
    names: tuple[str, str] = ("a", "b"),
    dimensions: Sequence[str] | None = None,
) -> Comparison:
    """Compare the days of `a` with those of `b`; days that are not `ok` are left out. Raises DataError where none is left.

    dimensions: of the profiles' cells, in order; default the configured ones.
    """
    config = config or Config.of({})
    a, b = ([day for day in side if day.ok and day.table.num_rows] for side in (a, b))
    for side, name in ((a, names[0]), (b, names[1])):
        if not side:
            raise DataError(f"{name}: no day that is fit to compare; choose another window or pull its days")
    a, b = strata.shared(a, b, config.segments.dimensions if dimensions is None else dimensions)
    known_a, known_b = ({name for day in side for name in _measured(day)} for side in (a, b))
    alone = lacking(known_a, known_b, names)
    common = {day.day for day in a} & {day.day for day in b}
    paired = len(common) >= _PAIRED_DAYS and 2 * len(common) >= max(len(a), len(b))
    drafts: list[Draft] = []
    # a panel compares what its last day has: the day that has most goes last, and what it lacks gets a panel of its own
    done: set[str] = set()
    while missing := {name for day in b for name in _measured(day)} - done:
        b = sorted(b, key=lambda day: (len(_measured(day) & missing), day.day))
        panel = Panel([*a, *b])
        second = np.arange(len(panel)) >= len(a)
        every = [s for s in statistics.of(panel, 1, {}) if s.metric.name in missing]
        levels = [s for s in every if _compared(s)]
        tails = [_upper_tail(s, panel) for s in levels if s.metric.kind == "number" and s.metric.tail]
        kinds = [s for s in [*levels, *tails] if s is not None and _both(s, second)]
        for series in (kinds, _in_segments(every, second)):
            if paired:
                drafts += [draft for s in series if (draft := _paired(s, panel, second)) is not None]
            else:
                drafts += _apart(series, panel, second)
        done |= _measured(b[-1])
    if not any(not draft.dimension for draft in drafts):
        raise DataError(f"{names[0]} and {names[1]} cannot be compared: no metric that both sides have values of")
    if paired:
        note = f"{count(len(common), 'day')} on which both had traffic"
    else:
        note = f"{count(len(a), 'day')} against {len(b)}"
        if min(len(a), len(b)) < 3:
            note += "; with so few, how much ordinary days differ is what is typical of such metrics, not measured"
    size = _traces(a), _traces(b)
    rows, within = (
        given.followed(judge([draft for draft in drafts if bool(draft.dimension) == part], config)) for part in (False, True)
    )
    return Comparison(*names, rows, note=note, size=size, lacking=alone, segments=within)


def _in_segments(series: Sequence[Statistic], second: np.ndarray) -> list[Statistic]:
    """The levels of segments that both windows have enough traces of."""
    levels = [s for s in series if s.segment[0] != OVERALL and s.name == StatisticName.LEVEL and segments.looked_into(s.metric)]
    traffic: dict[str, list[dict[str, float]]] = {}
    for s in levels:
        dimension, value = s.segment
        for side, days in zip(traffic.setdefault(dimension, [{}, {}]), (~second, second), strict=True):
            side[value] = max(side.get(value, 0.0), float(np.nansum(s.n[days])))
    shown = {(dimension, value) for dimension, sides in traffic.items() for value in segments.busiest(*sides)}
    return [s for s in levels if s.segment in shown and _both(s, second)]


def _where(s: Statistic) -> tuple[str, str]:
    """The segment's dimension and value; empty for all traffic."""
    return ("", "") if s.segment[0] == OVERALL else s.segment


def _traces(days: Sequence[DayProfile]) -> int:
    """The traces of days: those of the metric that most were measured by."""
    total = 0
    for day in days:
        rows = zip(*(day.table[name].to_pylist() for name in ("dimension", "kind", "n", "missing")), strict=True)
        total += max(
            (n + missing for dimension, kind, n, missing in rows if dimension == OVERALL and kind != "count"), default=0
        )
    return total


def _measured(day: DayProfile) -> set[str]:
    """Metrics of which the day's whole traffic has values."""
    rows = zip(*(day.table[name].to_pylist() for name in ("dimension", "metric", "n")), strict=True)
    return {metric for dimension, metric, n in rows if dimension == OVERALL and n}


def without(days: Sequence[DayProfile], dimension: str, value: str) -> str:
    """That no day has traffic of a value, and which values they have."""
    seen = sorted({v for day in days for d, v in _segments(day.table) if d == dimension})
    return f"no day has {value!r}; these days have: {', '.join(seen) or 'no such dimension'}"


def slice_of(day: DayProfile, dimension: str, value: str) -> DayProfile:
    """The day as if only that segment's traffic had come: its rows become the overall ones, cells lose the dimension."""
    rows = []
    # those of the day, which another configuration may have measured
    dimensions = [name for name in dict.fromkeys(day.table["dimension"].to_pylist()) if name not in (OVERALL, CELL)]
    place = dimensions.index(dimension) if dimension in dimensions else None
    for row in day.table.to_pylist():
        if row["metric"] == dimension:
            continue
        if (row["dimension"], row["value"]) == (dimension, value):
            rows.append({**row, "dimension": OVERALL, "value": ""})
        elif row["dimension"] == CELL and place is not None:
            parts = row["value"].split(CELL_SEPARATOR)
            if len(parts) == len(dimensions) > 1 and parts[place] == value:
                rest = CELL_SEPARATOR.join(parts[:place] + parts[place + 1 :])
                rows.append({**row, "dimension": CELL, "value": rest})
    return DayProfile(day.day, pa.Table.from_pylist(rows, day.table.schema), day.ok)


def _segments(table: pa.Table) -> set[tuple[str, str]]:
    return set(zip(table["dimension"].to_pylist(), table["value"].to_pylist(), strict=True))


def _compared(s: Statistic) -> bool:
    return s.segment[0] == OVERALL and is_level(s.name)


@dataclass(frozen=True)
class _Levels:
    """Levels of the two windows on the metric's scale, and how a change on the statistic's scale reads on it."""

    a: float
    b: float
    arcsine: bool

    def read(self, change: float) -> float:
        if not self.arcsine:
            return change
        return float(np.sin(np.clip(np.arcsin(np.sqrt(self.a)) + change, 0, np.pi / 2)) ** 2) - self.a


def _levels(s: Statistic, second: np.ndarray) -> _Levels:
    known = np.isfinite(s.y) & (s.n > 0)
    if s.scale == "share":
        events, size, _ = s.counts()
        a, b = (float(events[known & side].sum() / size[known & side].sum()) for side in (~second, second))
        return _Levels(a, b, arcsine=True)
    a, b = (float(np.average(s.raw[known & side], weights=s.n[known & side])) for side in (~second, second))
    return _Levels(a, b, arcsine=False)


def _counts(s: Statistic, second: np.ndarray) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """(k, n) of a share, of a and of b."""
    if s.scale != "share":
        return None
    events, size, _ = s.counts()
    known = np.isfinite(s.y) & (s.n > 0)
    a, b = ((round(float(events[known & side].sum())), round(float(size[known & side].sum()))) for side in (~second, second))
    return a, b


def _both(s: Statistic, second: np.ndarray) -> bool:
    known = np.isfinite(s.y) & (s.n > 0)
    return bool(known[second].any() and known[~second].any())


def _upper_tail(s: Statistic, panel: Panel) -> Statistic | None:
    """The daily p95 as a series of its own, from the day's histograms; a trace's variance after Woodruff 1952."""
    j = panel.column[s.metric.name]
    first, counts = panel.histogram(0, j)
    counts = np.nan_to_num(counts)
    edges = bins.edges(s.metric, np.arange(first, first + counts.shape[1] + 1))
    known = np.isfinite(s.y) & (s.n > 0)
    size = float(s.n[known].mean())
    if size * (1 - TAIL) < 10:
        return None
    half = np.sqrt(TAIL * (1 - TAIL) / size)
    pooled = cumulative(counts[known].sum(0, keepdims=True))
    low, high = (float(quantile(edges, pooled, q)[0]) for q in (TAIL - half, min(TAIL + half, 1.0)))
    y = np.where(counts.sum(1) > 0, quantile(edges, cumulative(counts), TAIL), np.nan)
    variance = max(((high - low) / 2) ** 2 * size, s.variance * 1e-6)
    return replace(s, name=StatisticName.TAIL, y=np.where(known, y, np.nan), mix=np.zeros_like(y), variance=variance)


def differences(kinds: Sequence[Statistic], panel: Panel, second: np.ndarray) -> random_effects.Verdicts:
    """How the days of `second` together differ from the others, of each statistic: column 1 of what the model of an ordinary day says.

    second: (T,) flags. How much ordinary days differ is learnt from the longer window: the change between the two is no day effect.
    """
    series = stacked(kinds)
    longer = np.flatnonzero(second if 2 * second.sum() > len(second) else ~second)
    within = replace(series, y=series.y[:, longer], n=series.n[:, longer])
    prior = shared_prior(within, [panel.days[d] for d in longer])
    today = ordinary.last_days(len(panel), [1])
    return random_effects.ask(series, panel.days, np.vstack([today, second.astype(float)]), prior)


def _apart(kinds: list[Statistic], panel: Panel, second: np.ndarray) -> list[Draft]:
    if not kinds:
        return []
    verdicts = differences(kinds, panel, second)
    drafts = []
    for i, s in enumerate(kinds):
        levels = _levels(s, second)
        change, error = float(verdicts.change[i, 1]), float(verdicts.error[i, 1])
        p = min(1.0, 2 * float(ndtr(-abs(verdicts.z[i, 1]))))
        days = int((np.isfinite(s.y) & ~second).sum()), int((np.isfinite(s.y) & second).sum())
        effect = _effect(levels, change, error, max(sum(days) - 2, 1), p, days, _mix(s, second, levels))
        drafts.append(Draft(s.metric, s.name, effect, Method.DAYS, _counts(s, second), *_where(s)))
    return drafts


def _paired(s: Statistic, panel: Panel, second: np.ndarray) -> Draft | None:
    """Random effects over the daily differences, with the Hartung–Knapp error."""
    first = {day: i for i, day in enumerate(panel.days) if not second[i]}
    pairs = [(first[day], i) for i, day in enumerate(panel.days) if second[i] and day in first]
    x, y = np.array(pairs).T
    usable = np.isfinite(s.y[x]) & np.isfinite(s.y[y]) & (s.n[x] > 0) & (s.n[y] > 0)
    x, y = x[usable], y[usable]
    if len(x) < _PAIRED_DAYS:
        return None
    d, v = s.y[y] - s.y[x], s.variance * (1 / s.n[x] + 1 / s.n[y])
    weight = 1 / v
    fixed = (weight * d).sum() / weight.sum()
    excess = (weight * (d - fixed) ** 2).sum() - (len(d) - 1)
    between = max(0.0, excess / (weight.sum() - (weight**2).sum() / weight.sum()))
    weight = 1 / (v + between)
    change = float((weight * d).sum() / weight.sum())
    spread = max(1.0, float((weight * (d - change) ** 2).sum() / (len(d) - 1)))
    error = float(np.sqrt(spread / weight.sum()))
    p = float(2 * stats.t.sf(abs(change) / error, len(d) - 1))
    levels = _levels(s, second)
    effect = _effect(levels, change, error, len(d) - 1, p, (len(d), len(d)), _mix(s, second, levels))
    return Draft(s.metric, s.name, effect, Method.PAIRED_DAYS, _counts(s, second), *_where(s))


def _mix(s: Statistic, second: np.ndarray, levels: _Levels) -> float:
    known = np.isfinite(s.y) & (s.n > 0)
    a, b = (float(np.average(s.mix[known & side], weights=s.n[known & side])) for side in (~second, second))
    return levels.read(b - a)


def _effect(
    levels: _Levels, change: float, error: float, degrees: float, p: float, days: tuple[int, int], mix_part: float
) -> Effect:
    halves = [float(stats.t.ppf((1 + confidence) / 2, degrees)) * error for confidence in LEVELS]
    bounds = [(levels.read(change - half), levels.read(change + half)) for half in halves]
    return Effect.of(levels.a, levels.b, levels.read(change), bounds, p, days, mix_part)
