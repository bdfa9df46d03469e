"""Two windows, models, prompts or releases: what changed, what did not, and what the data cannot tell.

`compare_rows` compares two features tables, in pairs where their inputs match; `windows` two lists of day profiles, with days as the
replicates; `slice_of` makes the days of one value of a dimension. All give a `Comparison`.

Every metric gets one of three verdicts: see `drift.compare.verdict`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa

from drift import metrics
from drift.compare import effects, given, matching, ruler, segments
from drift.compare.effects import Sample
from drift.compare.matching import Key
from drift.compare.strata import joined
from drift.compare.verdict import Comparison, Draft, Method, Pair, judge, lacking
from drift.config import Config
from drift.errors import DataError
from drift.findings import StatisticName, share_of
from drift.metrics import Metric
from drift.profiles import bins, two_values
from drift.profiles.build import ENCODER

__all__ = ["Comparison", "Pair", "compare_rows"]

LABELS = 8
MOST_CHANGED = 5
_KEYS = frozenset({"trace_id", "timestamp", "user", "session_id", "day"})


def compare_rows(
    a: pa.Table | pd.DataFrame,
    b: pa.Table | pd.DataFrame,
    config: Config | None = None,
    *,
    names: tuple[str, str] = ("a", "b"),
    pair_on: str | None = None,
    pairs: bool = False,
    unit: str | None = None,
    strata: Sequence[str] | None = None,
) -> Comparison:
    """Compare two features tables, one row a trace.

    pair_on: the column whose equal values make pairs ("" for none); by default the first key of `drift.compare.matching` that at
    least half of both sides share. pairs: both sides have the same inputs, so without such a key there is nothing to compare.
    Several traces of one input are averaged first. unit: the column that says which traces belong together and are no replicates of each other; by default `session_id`. strata: columns whose mix
    is held fixed; by default the configured dimensions in which the two sides overlap.
    Traces are the replicates: what ordinary days differ by is not in the interval; for that compare windows.
    Raises DataError where a side is empty, a named column is missing, or nothing can be compared.
    """
    config = config or Config.of({})
    left, right = _frame(a, names[0]), _frame(b, names[1])
    for column in filter(None, (pair_on, unit, *(strata or ()))):
        for frame, name in ((left, names[0]), (right, names[1])):
            if column not in frame:
                raise DataError(f"{name}: no column {column!r} to compare by; there are {', '.join(map(str, frame.columns))}")
    shared = [m for m in _metrics(left, config) if m.name in right and m.name not in config.segments.dimensions]
    otherwise = ruler.measured_otherwise([metric.name for metric in shared], left, right)
    common = [typed(metric, left, right) for metric in shared if metric.name not in otherwise]
    known = _encoders(left) | _encoders(right)
    if len(known) > 1:
        common = [m for m in common if m.name not in metrics.ENCODED]
    known_a, known_b = ({m.name for m in _metrics(frame, config) if frame[m.name].notna().any()} for frame in (left, right))
    alone = lacking(known_a, known_b, names)
    dimensions = [name for name in config.segments.dimensions if name in left and name in right]
    by = _key(left, right, pair_on, pairs)
    if pairs and by is None:
        raise DataError(f"{names[0]} and {names[1]} cannot be compared in pairs: no input in common, by an id or by its text")
    if by is not None:
        drafts, shown, note, size = _in_pairs(left, right, by, common, dimensions)
    else:
        drafts, shown, note, size = _apart(left, right, common, config, unit, strata), (), "", (len(left), len(right))
        drafts += _in_segments(left, right, common, dimensions, unit)
    if not any(not draft.dimension for draft in drafts):
        why = f"no input in common by {by.name}" if by and common else "no metric that both sides have values of"
        raise DataError(f"{names[0]} and {names[1]} cannot be compared: {why}")
    if len(known) > 1:
        note = "; ".join(filter(None, (note, f"embeddings are not compared between encoders ({', '.join(sorted(known))})")))
    note = "; ".join(filter(None, (note, ruler.note(otherwise))))
    rows, within = (
        given.followed(judge([draft for draft in drafts if bool(draft.dimension) == part], config)) for part in (False, True)
    )
    return Comparison(*names, rows, shown, note, size, alone, within, paired=by is not None)


def _frame(table: pa.Table | pd.DataFrame, name: str) -> pd.DataFrame:
    frame = table.to_pandas() if isinstance(table, pa.Table) else table
    if len(frame) == 0:
        raise DataError(f"{name}: no traces to compare; check the window and the filter")
    return frame.reset_index(drop=True)


def _metrics(frame: pd.DataFrame, config: Config) -> list[Metric]:
    found = []
    for name in map(str, frame.columns):
        metric, section = metrics.find(name), config.metrics.get(name)
        if metric is None:
            continue
        if name not in _KEYS and not name.startswith("_") and (section is None or section.enabled):
            found.append(metric)
    return found


def typed(metric: Metric, left: pd.DataFrame, right: pd.DataFrame) -> Metric:
    """A score that is 0 or 1 on both sides is a rate."""
    if not two_values.may_be_rate(metric):
        return metric
    values = np.concatenate([_raw(frame[metric.name]) for frame in (left, right)])
    return two_values.as_rate(metric) if two_values.all_zero_or_one(values) else metric


def _encoders(frame: pd.DataFrame) -> set[str]:
    return set(frame[ENCODER].dropna()) if ENCODER in frame else set()


def _key(left: pd.DataFrame, right: pd.DataFrame, pair_on: str | None, pairs: bool) -> Key | None:
    if pair_on is None:
        return matching.find(left, right, asked=pairs)
    return matching.named(left, right, pair_on) if pair_on else None


def _in_pairs(
    left: pd.DataFrame, right: pd.DataFrame, key: Key, common: Sequence[Metric], dimensions: Sequence[str]
) -> tuple[list[Draft], tuple[Pair, ...], str, tuple[int, int]]:
    """Differences between answers to the same input; inputs of one side alone are left out."""
    codes, uniques = pd.factorize(pd.concat([key.a, key.b], ignore_index=True))
    mine, theirs = codes[: len(left)], codes[len(left) :]
    counts = [np.bincount(c[c >= 0], minlength=len(uniques)) for c in (mine, theirs)]
    both = np.flatnonzero(np.minimum(*counts))
    drafts: list[Draft] = []
    changes: dict[tuple[str, str], tuple[np.ndarray, np.ndarray]] = {}
    for metric in common:
        if metric.kind == "vector":
            x, y = (_averaged_vectors(frame[metric.name], c, both) for frame, c in ((left, mine), (right, theirs)))
            known = np.isfinite(x).all(1) & np.isfinite(y).all(1)
            effect = effects.vectors(x[known], y[known], paired=True)
            drafts += [Draft(metric, StatisticName.LEVEL, effect, Method.PAIRS)] if effect else []
            continue
        for statistic, x, y in _statistics(metric, left[metric.name], right[metric.name]):
            x, y = _averaged(x, mine, len(uniques))[both], _averaged(y, theirs, len(uniques))[both]
            if (lead := _leader(metric, left, right)) is not None:
                sizes = [
                    _averaged(on_scale(lead, f[lead.name]), c, len(uniques))[both] for f, c in ((left, mine), (right, theirs))
                ]
                alike, own = np.zeros(len(both), np.int64), np.arange(len(both))
                effect = given.at_the_same((x, sizes[0], alike, own), (y, sizes[1], alike, own))
                if effect is not None:
                    drafts.append(Draft(metric, statistic, effect, Method.PAIRS, given=lead.name))
                    continue
            flags = metric.kind in ("rate", "label") and not ((x % 1 > 0) | (y % 1 > 0)).any()
            effect = (effects.paired_rates if flags else effects.paired_means)(x, y)
            if effect is not None:
                drafts.append(Draft(metric, statistic, effect, Method.PAIRS, _counts(x, y) if flags else None))
                changes[metric.name, statistic] = (x, y)
        if _skewed(metric):
            raw = [_averaged(_raw(f[metric.name]), c, len(uniques))[both] for f, c in ((left, mine), (right, theirs))]
            effect = effects.paired_ratio(*raw)
            drafts += [Draft(metric, "mean", effect, Method.PAIRS)] if effect else []
        matched = [on_scale(metric, f[metric.name])[np.isin(c, both)] for f, c in ((left, mine), (right, theirs))]
        tail = _tail(metric, *map(Sample.of, matched))
        drafts += [tail] if tail else []
    drafts += _pairs_in_segments(left, mine, both, common, dimensions, changes)
    left_out = len(uniques) - len(both)
    note = f"{len(both):,} inputs matched by {key.called}"
    note += f"; {left_out:,} inputs of one side alone are left out" if left_out else ""
    return drafts, _most_changed(changes, left, right, mine, theirs, both), note, (len(both), len(both))


def _pairs_in_segments(
    left: pd.DataFrame,
    mine: np.ndarray,
    both: np.ndarray,
    common: Sequence[Metric],
    dimensions: Sequence[str],
    changes: Mapping[tuple[str, str], tuple[np.ndarray, np.ndarray]],
) -> list[Draft]:
    """The levels of the pairs whose input is of a segment on side a."""
    first = {code: place for place, code in reversed(list(enumerate(mine)))}
    rows = left.iloc[[first[code] for code in both]]
    out = []
    for dimension in dimensions:
        for value, (pairs, _) in segments.masks(rows[dimension], rows[dimension], segments.FEWEST_PAIRS).items():
            for metric in filter(segments.looked_into, common):
                if (metric.name, StatisticName.LEVEL) not in changes:
                    continue
                x, y = (side[pairs] for side in changes[metric.name, StatisticName.LEVEL])
                flags = metric.kind == "rate" and not ((x % 1 > 0) | (y % 1 > 0)).any()
                effect = (effects.paired_rates if flags else effects.paired_means)(x, y)
                counts = _counts(x, y) if flags else None
                out += [Draft(metric, StatisticName.LEVEL, effect, Method.PAIRS, counts, dimension, value)] if effect else []
    return out


def _in_segments(
    left: pd.DataFrame, right: pd.DataFrame, common: Sequence[Metric], dimensions: Sequence[str], unit: str | None
) -> list[Draft]:
    """The levels of the traces of each segment that both sides have."""
    clusters = [clusters_of(frame, unit or "session_id") for frame in (left, right)]
    out = []
    for dimension in dimensions:
        for value, rows in segments.masks(left[dimension], right[dimension]).items():
            for metric in filter(segments.looked_into, common):
                _, *both = _statistics(metric, left[metric.name], right[metric.name])[0]
                x, y = (side[of] for side, of in zip(both, rows, strict=True))
                samples = [Sample.of(v, None, c[of]) for v, c, of in zip((x, y), clusters, rows, strict=True)]
                effect = (effects.rates if metric.kind == "rate" else effects.means)(*samples)
                counts = _counts(x, y) if metric.kind == "rate" else None
                out += [Draft(metric, StatisticName.LEVEL, effect, Method.TRACES, counts, dimension, value)] if effect else []
    return out


def _averaged(x: np.ndarray, codes: np.ndarray, size: int) -> np.ndarray:
    """Mean by code, (size,), NaN where nothing is known."""
    known = np.isfinite(x) & (codes >= 0)
    n = np.bincount(codes[known], minlength=size)
    return np.where(n > 0, np.bincount(codes[known], x[known], size) / np.maximum(n, 1), np.nan)


def _averaged_vectors(column: pd.Series, codes: np.ndarray, both: np.ndarray) -> np.ndarray:
    x = _matrix(column)
    first = {code: i for i, code in reversed(list(enumerate(codes)))}
    return x[[first[code] for code in both]] if len(both) else x[:0]


def _most_changed(
    changes: Mapping[tuple[str, str], tuple[np.ndarray, np.ndarray]],
    left: pd.DataFrame,
    right: pd.DataFrame,
    mine: np.ndarray,
    theirs: np.ndarray,
    both: np.ndarray,
) -> tuple[Pair, ...]:
    """The pairs with the largest standardised difference in any metric, one metric a pair."""
    if not changes:
        return ()
    names = [name for name in changes if name[1] == StatisticName.LEVEL and name[0] not in given.FOLLOWS]
    moved = []
    for name in names:
        d = changes[name][1] - changes[name][0]
        moved.append(np.nan_to_num(np.abs(d) / max(float(np.sqrt(np.nanmean(d**2))), 1e-12) if np.isfinite(d).any() else d * 0))
    z = np.array(moved).reshape(len(names), len(both))
    if not z.size:
        return ()
    out = []
    for place in np.argsort(-z.max(0), kind="stable")[:MOST_CHANGED]:
        if z[:, place].max() <= 0:
            break
        metric = metrics.lookup(names[int(z[:, place].argmax())][0])
        value_a, trace_a = _first(left, metric, mine == both[place])
        value_b, trace_b = _first(right, metric, theirs == both[place])
        out.append(Pair(metric.name, value_a, value_b, trace_a, trace_b))
    return tuple(out)


def _first(frame: pd.DataFrame, metric: Metric, rows: np.ndarray) -> tuple[float, str]:
    """Value and id of the first of some rows (bool) that has a value; of several answers to an input some may have none.

    A row without an id is called by its number, as people count.
    """
    values = _raw(frame[metric.name])
    place = int(np.flatnonzero(rows & np.isfinite(values))[0])
    name = frame["trace_id"].iloc[place] if "trace_id" in frame else None
    return float(values[place]), f"row {place + 1}" if name is None or name != name else str(name)


def _apart(
    left: pd.DataFrame,
    right: pd.DataFrame,
    common: Sequence[Metric],
    config: Config,
    unit: str | None,
    strata: Sequence[str] | None,
) -> list[Draft]:
    """Differences between two samples of traces, at the same mix of traffic."""
    dimensions = config.segments.dimensions if strata is None else strata
    cells = cells_of(left, right, [d for d in dimensions if d in left and d in right], join=strata is None)
    clusters = [clusters_of(frame, unit or "session_id") for frame in (left, right)]
    drafts: list[Draft] = []
    for metric in common:
        if metric.kind == "vector":
            x, y = (m[np.isfinite(m).all(1)] for m in (_matrix(frame[metric.name]) for frame in (left, right)))
            effect = effects.vectors(x, y, paired=False)
            drafts += [Draft(metric, StatisticName.LEVEL, effect, Method.TRACES)] if effect else []
            continue
        for statistic, x, y in _statistics(metric, left[metric.name], right[metric.name]):
            if (lead := _leader(metric, left, right)) is not None:
                sizes = [on_scale(lead, frame[lead.name]) for frame in (left, right)]
                effect = given.at_the_same(*zip((x, y), sizes, cells, clusters, strict=True))
                if effect is not None:
                    drafts.append(Draft(metric, statistic, effect, Method.TRACES, given=lead.name))
                    continue
            samples = [Sample.of(v, cell, cluster) for v, cell, cluster in zip((x, y), cells, clusters, strict=True)]
            share = metric.kind in ("rate", "label")
            effect = (effects.rates if share else effects.means)(*samples)
            drafts += [Draft(metric, statistic, effect, Method.TRACES, _counts(x, y) if share else None)] if effect else []
        if _skewed(metric):
            raw = [Sample.of(_raw(f[metric.name]), None, c) for f, c in zip((left, right), clusters, strict=True)]
            effect = effects.ratio(*raw)
            drafts += [Draft(metric, "mean", effect, Method.TRACES)] if effect else []
        sides = [Sample.of(on_scale(metric, f[metric.name]), None, c) for f, c in zip((left, right), clusters, strict=True)]
        tail = _tail(metric, *sides)
        drafts += [tail] if tail else []
    return drafts


def _leader(metric: Metric, left: pd.DataFrame, right: pd.DataFrame) -> Metric | None:
    """The metric given which this one is judged, where both sides have it."""
    name = given.FOLLOWS.get(metric.name)
    return metrics.lookup(name) if name is not None and name in left and name in right else None


def _counts(x: np.ndarray, y: np.ndarray) -> tuple[tuple[int, int], tuple[int, int]]:
    """(k, n) of flags, of a and of b."""
    known = [side[np.isfinite(side)] for side in (x, y)]
    (a, b) = ((int(side.sum()), len(side)) for side in known)
    return a, b


def _tail(metric: Metric, a: Sample, b: Sample) -> Draft | None:
    effect = effects.quantiles(a, b, 0.95) if metric.kind == "number" and metric.tail else None
    return Draft(metric, StatisticName.TAIL, effect, Method.TRACES) if effect else None


def cells_of(left: pd.DataFrame, right: pd.DataFrame, dimensions: Sequence[str], join: bool) -> list[np.ndarray]:
    """Codes of the cross of the dimensions, for both sides; a dimension in which the sides are disjoint is not traffic.

    join: whether cells of one side alone are joined with those of which only what is deployed tells them apart.
    """
    both = [name for name in dimensions if set(left[name].astype(str)) & set(right[name].astype(str))]
    if not both:
        return [np.zeros(len(frame), np.int64) for frame in (left, right)]
    values = pd.concat([left[both], right[both]], ignore_index=True).astype(str)
    codes, cells = pd.factorize(pd.MultiIndex.from_frame(values))
    sides = [codes[: len(left)], codes[len(left) :]]
    if not join:
        return sides
    mine, theirs = (dict(enumerate(np.bincount(side, minlength=len(cells)) / len(side))) for side in sides)
    place = np.arange(len(cells))
    for cell, together in joined(mine, theirs, dict(enumerate(cells)), both).items():
        place[cell] = together[0]
    return [place[side] for side in sides]


def clusters_of(frame: pd.DataFrame, unit: str) -> np.ndarray:
    """Rows that belong together share a number; a row without a unit is its own."""
    if unit not in frame:
        return np.arange(len(frame))
    codes = pd.factorize(frame[unit])[0]
    return np.where(codes >= 0, codes, codes.max() + 1 + np.arange(len(frame)))


def _skewed(metric: Metric) -> bool:
    """Whether the level is a geometric mean, beside which the arithmetic one has something to say; of a day's total it alone has."""
    return metric.kind in ("number", "count") and metric.scale == "log"


def _raw(column: pd.Series) -> np.ndarray:
    return pd.to_numeric(column, errors="coerce").to_numpy(float)


def on_scale(metric: Metric, column: pd.Series) -> np.ndarray:
    return bins.on_scale(metric, _raw(column))


def _statistics(metric: Metric, left: pd.Series, right: pd.Series) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """(name, values of a, values of b) for the level, or for the share of each frequent label; a total has no level of one request."""
    if metric.kind == "count":
        return []
    if metric.kind == "number":
        return [(StatisticName.LEVEL, on_scale(metric, left), on_scale(metric, right))]
    if metric.kind == "rate":
        x, y = (np.where(np.isnan(v), np.nan, v > 0.5) for v in (_raw(left), _raw(right)))
        return [(StatisticName.LEVEL, x, y)]
    seen = pd.concat([left, right]).dropna().astype(str).value_counts(normalize=True)
    out = []
    for label in sorted(seen.index[:LABELS]):
        if seen[label] >= 0.01 or len(seen) <= 2:
            x, y = (np.where(v.isna(), np.nan, v.astype(str) == label) for v in (left, right))
            out.append((share_of(label), x, y))
    return out


def _matrix(column: pd.Series) -> np.ndarray:
    """Vectors as (rows, d), NaN rows where null."""
    width = next((len(v) for v in column if v is not None and np.ndim(v) == 1), 0)
    blank = np.full(width, np.nan, np.float32)
    return np.array([v if v is not None and np.ndim(v) == 1 else blank for v in column], np.float32).reshape(len(column), width)
