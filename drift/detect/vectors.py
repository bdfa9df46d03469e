"""Did the meaning of a day move? Vectors from their day profiles: sums, second moments and random Fourier features.

A day's centroid is compared along the principal axes of the baseline, each axis a number with a known sampling variance and
day-to-day variation of its own. Sparse changes show on one axis, diffuse ones in the energy over all axes, changes that
leave the centroid where it is in the maximum mean discrepancy; one p-value speaks for the metric. Every statistic of today
is held against the same statistic of each baseline day, predicted from the others.

An axis in units of its standard deviation within a day is one series of the model of an ordinary day (`drift.detect.predict.ordinary`),
without weekdays or correlation: a topic's weekday is part of its ordinary variation. What the axes' days have in common is learnt from all
of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.special import ndtr, ndtri, stdtr

from drift import metrics
from drift.detect.predict import random_effects
from drift.detect.predict.ordinary import INDEPENDENT, Series, last_days
from drift.detect.predict.shared_prior import shared_prior
from drift.detect.settings import Settings
from drift.detect.statistics.statistic import BY_CHANCE, TYPICAL_LEVEL, Excluded
from drift.findings import StatisticName
from drift.metrics import Metric
from drift.profiles import CELL, OTHER, OVERALL
from drift.profiles.day import DayProfile
from drift.profiles.fourier import rff

AXES = 100
# the axes' variances must be known well: at least so many baseline rows for each axis
_ROWS_AN_AXIS = 10
# the model of independent days does not ask which days they are
_SOME_DAY = date(2024, 1, 1)
# a baseline day is predicted from days on both sides of it, today only from the past, and days resemble their neighbours:
# without this, nights of correlated days alarm 1.5 to 2 times as often as they may (benchmarks/vectors.py)
_CAUTION = 1.15
# profiles hold single precision: what varies by less is constant, and a distance of this share of the usual is none
_RESOLUTION, _NO_DISTANCE = 1e-6, 0.05
# a segment's days, in those of a short baseline, before its vectors are compared
_WEEKENDS = 2
# days that the spread of the largest of normals counts for
_BELIEVED = 20
# an excess of variance below which Bennett's bound and the normal's are one
_NO_EXCESS = 1e-3
# share of the metric's error budget for each statistic
_SHARES = {StatisticName.AXIS: 0.4, StatisticName.ENERGY: 0.45, StatisticName.DISCREPANCY: 0.15}


@dataclass(frozen=True)
class VectorDay:
    """A day of one vector metric in one segment. sum: (d,); moment: Σxxᵀ (d, d) or None; rff: (m,) or None."""

    n: int
    sum: np.ndarray
    moment: np.ndarray | None = None
    rff: np.ndarray | None = None

    @classmethod
    def of(cls, x: np.ndarray) -> VectorDay:
        """The day of raw unit vectors (n, d)."""
        return cls(len(x), x.sum(0, dtype=float), (x.T @ x).astype(float), rff(x).sum(0, dtype=float))


@dataclass(frozen=True)
class Axes:
    """Principal axes of the rows within a day. directions: (d, K), orthonormal; variances: (K,), falling."""

    directions: np.ndarray
    variances: np.ndarray
    rows: int

    @classmethod
    def of(cls, days: Sequence[VectorDay]) -> Axes:
        """From the baseline's days; those without a second moment are left out."""
        moments = [(d.n, d.sum, d.moment) for d in days if d.moment is not None and d.n > 1]
        rows = sum(n for n, _, _ in moments)
        scatter = sum(moment - np.outer(total, total) / n for n, total, moment in moments)
        variances, directions = np.linalg.eigh(scatter / max(rows - len(moments), 1))
        kept = int(min(len(variances), max(1, rows // _ROWS_AN_AXIS)))
        order = np.argsort(-variances)[:kept]
        variances = np.maximum(variances[order], _RESOLUTION)
        return cls(directions[:, order], variances, rows)

    def excess(self, today: VectorDay) -> np.ndarray:
        """How far today's rows scatter along each axis beyond what as many of the baseline's rows do by chance, (K,), summed over the rows, in
        units of the axis' variance; 0 where that is not known."""
        if today.moment is None or today.n < 2:
            return np.zeros(len(self.variances))
        freedom = today.n - 1
        scatter = today.moment - np.outer(today.sum, today.sum) / today.n
        own = (scatter @ self.directions * self.directions).sum(0) / self.variances
        return np.maximum(own / (1 + BY_CHANCE * np.sqrt(2 / freedom)) - freedom, 0.0)


@dataclass(frozen=True)
class VectorResult:
    """What today's vectors say.

    p: calibrated p-value of the metric. z: the normal score of p. statistic: which of the three had the smallest p;
    parts: the p-value of each, before the correction for there being three. cosine_shift: cosine distance of today's centroid
    from the baseline's beyond what an ordinary day has. axis: place of the axis that moved most, axis_z its z.
    direction: (d,) unit vector that points from the baseline to today in whitened terms; today's rows that lie furthest along
    it are the exemplars of the change. spread_from, spread_to: mean squared distance from the centroid.
    """

    p: float
    z: float
    statistic: StatisticName
    parts: dict[StatisticName, float]
    cosine_shift: float
    axis: int
    axis_z: float
    direction: np.ndarray
    spread_from: float
    spread_to: float
    n: int
    days: int


@dataclass(frozen=True)
class VectorComparison:
    """One vector metric of one segment. result is None where nothing could be compared; `reason` then says why."""

    metric: str
    dimension: str
    value: str
    result: VectorResult | None
    reason: str = ""


def compare_vectors(history: Sequence[DayProfile], today: DayProfile, min_traces: int = 50) -> list[VectorComparison]:
    """Every vector metric of every segment of today's profile against the same of the baseline's days.

    history: the days compared with, oldest first. Segments and days with fewer than `min_traces` vectors are left out. Days
    whose vectors come from another encoder are never compared with: where fewer than two remain, the reason says what to do.
    """
    old = [{key: (n, encoder, row) for key, n, encoder, row in _rows(day.table)} for day in history]
    out: list[VectorComparison] = []
    axes: dict[str, Axes] = {}
    excess: dict[str, np.ndarray] = {}
    for key, n, encoder, row in sorted(_rows(today.table), key=lambda item: item[0][0] != OVERALL):
        dimension, value, metric = key
        if dimension == CELL or value == OTHER or n < min_traces:
            continue
        found = [day[key] for day in old if key in day and day[key][0] >= min_traces]
        same = [row for _, of, row in found if of == encoder]
        if len(same) < 2:
            others = sorted({str(of) for _, of, _ in found if of != encoder})
            if others and dimension == OVERALL:
                out.append(VectorComparison(metric, dimension, value, None, _other_encoder(encoder, others)))
            continue
        days, own = [_day(row) for row in same], _day(row)
        if dimension == OVERALL:
            axes[metric] = Axes.of(days)
            excess[metric] = axes[metric].excess(own)
        if metric in axes:
            out.append(VectorComparison(metric, dimension, value, vector_test(days, own, axes[metric], excess[metric])))
    return out


def _other_encoder(encoder: str | None, others: Sequence[str]) -> str:
    return (
        f"today's vectors are of encoder {encoder}, the baseline's of {', '.join(others)}, which are never compared; "
        "embed the earlier days again with `drift backfill`, or set embeddings.model back to the former encoder"
    )


def _rows(table: pa.Table) -> Iterator[tuple[tuple[str, str, str], int, str | None, pa.Table]]:
    """The vector rows of a profile: key, n, encoder, and the row itself."""
    found = table.filter(pc.equal(table.column("kind"), "vector"))
    for i, (dimension, value, metric, n, encoder) in enumerate(
        zip(*(found.column(c).to_pylist() for c in ("dimension", "value", "metric", "n", "encoder")), strict=True)
    ):
        yield (dimension, value, metric), n or 0, encoder, found.slice(i, 1)


def _day(row: pa.Table) -> VectorDay:
    total, features, triangle = (_floats(row, name) for name in ("vector", "rff", "moment"))
    if total is None:
        raise ValueError("a vector row without a vector")
    moment = None
    if triangle is not None:
        moment = np.zeros((len(total), len(total)))
        moment[np.triu_indices(len(total))] = triangle
        moment = moment + np.triu(moment, 1).T
    return VectorDay(row.column("n")[0].as_py(), total, moment, features)


def _floats(row: pa.Table, name: str) -> np.ndarray | None:
    values = row.column(name)[0].values
    return None if values is None else values.to_numpy(zero_copy_only=False).astype(float)


def vector_test(
    baseline: Sequence[VectorDay], today: VectorDay, axes: Axes | None = None, excess: np.ndarray | None = None
) -> VectorResult:
    """Compare today with the baseline's days (at least 2). axes, excess: those of the whole traffic, for a segment."""
    axes = axes or Axes.of(baseline)
    excess = axes.excess(today) if excess is None else excess
    days = [*baseline, today]
    n = np.array([d.n for d in days], float)
    centroids = np.array([d.sum / max(d.n, 1) for d in days])
    y = centroids @ axes.directions / np.sqrt(axes.variances)
    z = _leave_one_out(y, n)
    z[-1] *= _made_by_few(excess / max(today.n, 1))
    parts = {StatisticName.AXIS: _axis_p(z), StatisticName.ENERGY: _distance_p((z**2).sum(1) / z.shape[1])}
    features = [d.rff / max(d.n, 1) for d in days if d.rff is not None]
    if len(features) == len(days):
        parts[StatisticName.DISCREPANCY] = _distance_p(_discrepancy(np.array(features), n))
    shares = {name: _SHARES[name] / sum(_SHARES[part] for part in parts) for name in parts}
    statistic = min(parts, key=lambda name: parts[name] / shares[name])
    p = min(1.0, parts[statistic] / shares[statistic])
    mean = np.average(centroids[:-1], axis=0, weights=n[:-1])
    axis = int(np.argmax(np.abs(z[-1, :AXES])))
    whitened = axes.directions @ ((y[-1] - y[:-1].mean(0)) / np.sqrt(axes.variances))
    return VectorResult(
        p=p,
        z=float(-ndtri(max(p, 1e-300))),
        statistic=statistic,
        parts=parts,
        cosine_shift=_shift(centroids, n),
        axis=axis,
        axis_z=float(z[-1, axis]),
        direction=whitened / max(float(np.linalg.norm(whitened)), 1e-300),
        spread_from=float(1 - mean @ mean),
        spread_to=float(1 - centroids[-1] @ centroids[-1]),
        n=int(today.n),
        days=len(baseline),
    )


def _leave_one_out(y: np.ndarray, n: np.ndarray) -> np.ndarray:
    """z (T, K) of each day against its prediction from the baseline's other days; today, the last, is in no prediction.

    y: values in units of the axis' standard deviation within a day.
    """
    axes = y.shape[1]
    series = Series(
        y.T, np.tile(n, (axes, 1)), np.ones(axes), np.full(axes, TYPICAL_LEVEL), np.full(axes, "axis"), np.ones(axes)
    )
    days = [_SOME_DAY + timedelta(days=d) for d in range(len(n))]
    prior = shared_prior(series, days, usual=INDEPENDENT)
    before, last = len(n) - 1, last_days(len(n), [1])
    earlier = random_effects.ask(series.until(before), days[:-1], np.eye(before)[::-1], prior)
    today = random_effects.ask(series, days, last, prior)
    return np.concatenate([earlier.z[:, ::-1], today.z], axis=1).T


def _made_by_few(excess: np.ndarray) -> np.ndarray:
    """What is left of today's z, as a share, where today's variance along an axis exceeds the baseline's by so many of it, same shape.

    Three answers of a kind that is seen once a month move the mean of a hundred along the axis that such answers make, and are no other
    meaning of the day. The variance that they add over the distance that they move the mean is their size a, and of rows of that size
    and the baseline's variance a mean is as far off as δ with a chance of at most exp(−n h(aδ)/a²), h(u) = (1 + u) ln(1 + u) − u, which is
    the normal's exp(−nδ²/2) where a is small (Bennett 1962); aδ is just the excess. Of a segment only that of the whole is known, which
    is at least as large.
    """
    h = (1 + excess) * np.log1p(excess) - excess
    return np.where(excess > _NO_EXCESS, np.sqrt(2 * h) / np.maximum(excess, _NO_EXCESS), 1.0)


def _axis_p(z: np.ndarray) -> float:
    """p-value of today's largest |z| along the leading axes, with the tail that baseline days have.

    An axis that a few rows in a thousand make is no normal: there days of three such rows and of none are equally ordinary, and the
    largest of a hundred z is theirs. So today's largest must be beyond the baseline days' largest, too.
    """
    z = z[:, :AXES]
    tail = _tail_scale(z[:-1])
    largest = np.abs(z).max(1)
    return max(
        float(min(1.0, 2 * ndtr(-largest[-1] / tail) * z.shape[1])),
        _beyond_largest(np.log(np.maximum(largest, np.finfo(float).tiny)), z.shape[1]),
    )


def _beyond_largest(log: np.ndarray, axes: int) -> float:
    """p-value that today's largest |z| (a logarithm, today last) is as the baseline days': a t prediction from theirs, whose spread is
    believed to be that of normals' as if so many days had shown it. Of K normals it is (π/√6) / (2 ln 2K) (Gumbel)."""
    base, days = log[:-1], len(log) - 1
    usual = np.pi / np.sqrt(6) / (2 * np.log(2 * axes))
    freedom = _BELIEVED + days - 1
    spread = np.sqrt((_BELIEVED * usual**2 + ((base - base.mean()) ** 2).sum()) / freedom)
    return float(stdtr(freedom, -(log[-1] - base.mean()) / (spread * np.sqrt(1 + 1 / days))))


def _tail_scale(z: np.ndarray) -> float:
    """How much wider than normal the baseline days' z are where it matters, in their outer hundredth; at least 1."""
    flat = np.sort(np.abs(z).ravel())
    if len(flat) < 300:
        return 1.0
    outer = np.array([0.95, 0.98, 0.99, 0.995])
    return max(1.0, float(np.mean(np.quantile(flat, outer) / -ndtri((1 - outer) / 2))))


def _distance_p(distance: np.ndarray) -> float:
    """p-value that today's distance is that of an ordinary day: a t prediction on the log scale from the baseline's."""
    log = np.log(np.maximum(distance, _NO_DISTANCE))
    base = log[:-1]
    days = len(base)
    if days < 3:
        return 1.0
    t = (log[-1] - base.mean()) / max(_CAUTION * base.std(ddof=1) * np.sqrt(1 + 1 / days), 1e-3)
    return float(stdtr(days - 1, -t))


def _discrepancy(features: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Squared MMD of each day to the baseline's other days, in units of its expectation under sampling alone; (T,)."""
    history = np.ones(len(n))
    history[-1] = 0
    weight = n * history
    rest = weight.sum() - weight
    others = ((weight @ features) - weight[:, None] * features) / rest[:, None]
    within = max(1e-6, 1 - float(others[-1] @ others[-1]))
    return ((features - others) ** 2).sum(1) / (within * (1 / np.maximum(n, 1) + 1 / rest))


def _shift(centroids: np.ndarray, n: np.ndarray) -> float:
    """Cosine distance of today's centroid from the others', less the median of the baseline days' own."""
    weight = n.copy()
    weight[-1] = 0
    rest = (weight @ centroids) - weight[:, None] * centroids
    norms = np.linalg.norm(centroids, axis=1) * np.linalg.norm(rest, axis=1)
    distance = 1 - (centroids * rest).sum(1) / np.maximum(norms, 1e-300)
    return float(max(0.0, distance[-1] - np.median(distance[:-1])))


@dataclass(frozen=True)
class MovedVector:
    """A vector metric of a segment: what it is, and what today's vectors say."""

    metric: Metric
    segment: tuple[str, str]
    comparison: VectorComparison


def moved_vectors(days: Sequence[DayProfile], today: DayProfile, settings: Settings, excluded: Excluded) -> list[MovedVector]:
    """Every vector metric of every segment of today; a day with an incident of it, there or overall, is not compared with.

    A version that has lived through one weekend or none does not show what its weekends are like, and what it changes its endpoint and
    its model show: it is not compared where the whole has lived for longer.
    """
    found = []
    names = set(today.table.filter(pc.equal(today.table.column("kind"), "vector")).column("metric").to_pylist())
    for name in sorted(names):
        metric = metrics.find(name)
        if metric is None:
            continue
        history, lived = _history(days, name, excluded, settings)
        enough = min(_WEEKENDS * settings.min_days, lived[OVERALL, ""])
        for c in compare_vectors(history, _only(today, name), settings.min_traces):
            if lived[c.dimension, c.value] >= enough:
                found.append(MovedVector(metric, (c.dimension, c.value), c))
    return found


def _history(
    days: Sequence[DayProfile], metric: str, excluded: Excluded, settings: Settings
) -> tuple[list[DayProfile], Counter[tuple[str, str]]]:
    """The days' rows of the metric, oldest first: of each segment its full baseline without an incident, there or overall. And on how many
    days each segment could be compared."""
    kept: list[DayProfile] = []
    seen: Counter[tuple[str, str]] = Counter()
    lived: Counter[tuple[str, str]] = Counter()
    for day in reversed(days):
        rows = _only(day, metric).table
        places = list(zip(rows.column("dimension").to_pylist(), rows.column("value").to_pylist(), strict=True))
        enough = [(n or 0) >= settings.min_traces for n in rows.column("n").to_pylist()]
        lived.update(place for place, known in zip(places, enough, strict=True) if known)
        out = {(dimension, value) for name, dimension, value in excluded.get(day.day, ()) if name == metric}
        if (OVERALL, "") in out:
            continue
        keep = [place not in out and seen[place] < settings.days for place in places]
        seen.update(place for place, own in zip(places, keep, strict=True) if own)
        kept.append(DayProfile(day.day, rows.filter(pa.array(keep, pa.bool_())), day.ok))
    return kept[::-1], lived


def _only(day: DayProfile, metric: str) -> DayProfile:
    return DayProfile(day.day, day.table.filter(pc.equal(day.table.column("metric"), metric)), day.ok)
