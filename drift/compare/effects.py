"""The difference of two samples of traces, with its interval: means, rates, quantiles, vectors; apart or in pairs.

Arrays in, an `Effect` out. Rows are the replicates, or clusters of rows that belong together (a session, a query with its
ten documents). Samples that are apart can be split in cells of traffic; the difference is then that within the cells, at
the average of the two mixes (`drift.compare.mix`).

Sources: Newcombe 1998a (score interval for a difference); Yan & Su 2010 (its stratified form); Tango 1998 (pairs); Fagerland,
Lydersen & Laake 2013 (mid-p McNemar); Woodruff 1952 (quantiles); Liang & Zeger 1986 (clusters); Gretton et al. 2012.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.special import gammaln

from drift.compare import mix

# two-sided levels of the reported interval and of the one that shows equivalence (two one-sided tests at 5 %)
LEVELS = (0.95, 0.90)
_SMALL_CELL = 5
_PERMUTATIONS = 499
# rows shuffled at a time, each some 16 bytes
_SHUFFLED = 6_000_000
_SEED = 20260301


@dataclass(frozen=True)
class Effect:
    """A difference b − a on the scale on which it was taken.

    from_, to: level of a and of b. change: the difference within cells (`mix` is the rest). low, high: 95 % interval;
    inner_low, inner_high: 90 % interval. p: two-sided. replicates: independent units of a and of b, or pairs twice.
    """

    from_: float
    to: float
    change: float
    low: float
    high: float
    inner_low: float
    inner_high: float
    p: float
    replicates: tuple[int, int]
    mix: float = 0.0

    @classmethod
    def of(
        cls,
        from_: float,
        to: float,
        change: float,
        bounds: Sequence[tuple[float, float]],
        p: float,
        replicates: tuple[int, int],
        mix: float = 0.0,
    ) -> Effect:
        """bounds: an interval for each of `LEVELS`."""
        (low, high), (inner_low, inner_high) = bounds
        return cls(
            from_=from_,
            to=to,
            change=change,
            low=low,
            high=high,
            inner_low=inner_low,
            inner_high=inner_high,
            p=p,
            replicates=replicates,
            mix=mix,
        )


@dataclass(frozen=True)
class Sample:
    """One side: values (n,), the traffic cell of each, and the cluster of each (integers, (n,))."""

    x: np.ndarray
    cell: np.ndarray
    cluster: np.ndarray

    @classmethod
    def of(cls, x: np.ndarray, cell: np.ndarray | None = None, cluster: np.ndarray | None = None) -> Sample:
        """Drop unknown (NaN) values; without cells all is one, without clusters every row is its own."""
        x = np.asarray(x, float)
        known = np.isfinite(x)
        cell = np.zeros(len(x), np.int64) if cell is None else np.asarray(cell)
        cluster = np.arange(len(x)) if cluster is None else np.asarray(cluster)
        return cls(x[known], cell[known], np.unique(cluster[known], return_inverse=True)[1].ravel())

    @property
    def units(self) -> int:
        return int(self.cluster.max()) + 1 if len(self.cluster) else 0


def means(a: Sample, b: Sample) -> Effect | None:
    """Difference of means, with a t interval (Welch–Satterthwaite over clusters); None with fewer than two units a side."""
    standard = within_cells(a, b)
    if standard is None:
        return None
    split, errors = standard
    error = float(np.hypot(*errors))
    degrees = error**4 / max(errors[0] ** 4 / (a.units - 1) + errors[1] ** 4 / (b.units - 1), 1e-300)
    return _student(split.before, split.after, split.within, error, max(degrees, 1.0), (a.units, b.units), split.mix)


def rates(a: Sample, b: Sample) -> Effect | None:
    """Difference of rates (x is 0 or 1): Newcombe's score interval; mid-p of Fisher's test, or a score test over cells."""
    standard = within_cells(a, b)
    if standard is None:
        return None
    split, errors = standard
    plain = len(split.segments) == 1 and a.units == len(a.x) and b.units == len(b.x)
    # the level within cells at the average mix, around the average level of the two
    middle = (split.before + split.after) / 2
    level = np.clip([middle - split.within / 2, middle + split.within / 2], 0.0, 1.0)
    size = [_effective(p, e, s) for p, e, s in zip(level, errors, (a, b), strict=True)]
    bounds = []
    for confidence in LEVELS:
        (low_a, high_a), (low_b, high_b) = (_wilson(p, n, confidence) for p, n in zip(level, size, strict=True))
        low = split.within - np.hypot(level[1] - low_b, high_a - level[0])
        high = split.within + np.hypot(high_b - level[1], level[0] - low_a)
        bounds.append((max(float(low), -1.0), min(float(high), 1.0)))
    counts = int(a.x.sum()), len(a.x), int(b.x.sum()), len(b.x)
    p = fisher_mid_p(*counts) if plain else _score_test(a, b, split.within, errors)
    return Effect.of(split.before, split.after, split.within, bounds, p, (a.units, b.units), split.mix)


def paired_means(a: np.ndarray, b: np.ndarray) -> Effect | None:
    """Mean of the differences of pairs, with a t interval; a, b: (pairs,). None with fewer than two pairs."""
    known = np.isfinite(a) & np.isfinite(b)
    d = b[known] - a[known]
    if len(d) < 2:
        return None
    error = float(d.std(ddof=1) / np.sqrt(len(d)))
    return _student(float(a[known].mean()), float(b[known].mean()), float(d.mean()), error, len(d) - 1, (len(d), len(d)), 0.0)


def ratio(a: Sample, b: Sample) -> Effect | None:
    """Ratio of the arithmetic means of positive values, as a difference of logarithms, with the delta method's error.

    What a geometric mean does not tell: totals, such as cost, follow the arithmetic one. None where a mean is not positive.
    """
    if min(a.units, b.units) < 2 or not (a.x.mean() > 0 and b.x.mean() > 0):
        return None
    errors = [_error(side.x / side.x.mean() - 1, side, np.full(len(side.x), 1 / len(side.x))) for side in (a, b)]
    start, to, degrees = float(np.log(a.x.mean())), float(np.log(b.x.mean())), min(a.units, b.units) - 1
    return _student(start, to, to - start, float(np.hypot(errors[0], errors[1])), degrees, (a.units, b.units), 0.0)


def paired_ratio(a: np.ndarray, b: np.ndarray) -> Effect | None:
    """`ratio` over pairs, (pairs,) each."""
    known = np.isfinite(a) & np.isfinite(b)
    a, b = a[known], b[known]
    if len(a) < 2 or not (a.mean() > 0 and b.mean() > 0):
        return None
    error = float((b / b.mean() - a / a.mean()).std(ddof=1) / np.sqrt(len(a)))
    start, to = float(np.log(a.mean())), float(np.log(b.mean()))
    return _student(start, to, to - start, error, len(a) - 1, (len(a), len(a)), 0.0)


def paired_rates(a: np.ndarray, b: np.ndarray) -> Effect | None:
    """Difference of two rates on the same inputs: Tango's score interval and the mid-p McNemar test."""
    known = np.isfinite(a) & np.isfinite(b)
    a, b = a[known] > 0.5, b[known] > 0.5
    n, gained, lost = len(a), int((b & ~a).sum()), int((a & ~b).sum())
    if n < 2:
        return None
    bounds = [tango(gained, lost, n, confidence) for confidence in LEVELS]
    return Effect.of(float(a.mean()), float(b.mean()), (gained - lost) / n, bounds, mcnemar_mid_p(gained, lost), (n, n))


def quantiles(a: Sample, b: Sample, q: float) -> Effect | None:
    """Difference of the q-quantiles, each with the error that the order statistics give it."""
    if min(a.units, b.units) * min(q, 1 - q) < 10:
        return None
    levels, errors = [], []
    for side in (a, b):
        inside = np.quantile(side.x, q)
        # clusters make a quantile as uncertain as they make the share below it
        share = Sample((side.x <= inside).astype(float), np.zeros(len(side.x), np.int64), side.cluster)
        half = 1.96 * max(_error(share.x, share, np.ones(len(share.x)) / len(share.x)), np.sqrt(q * (1 - q) / len(side.x)))
        low, high = np.quantile(side.x, [max(q - half, 0.0), min(q + half, 1.0)])
        levels.append(float(inside))
        errors.append(float(high - low) / (2 * 1.96))
    change, error = levels[1] - levels[0], float(np.hypot(errors[0], errors[1]))
    return _student(levels[0], levels[1], change, error, np.inf, (a.units, b.units), 0.0)


def vectors(a: np.ndarray, b: np.ndarray, paired: bool) -> Effect | None:
    """Cosine distance of two clouds' centroids, without the part that sampling alone makes; a, b: (n, d), no NaN.

    p by permutation (signs of the pairs' differences, or sides of the rows); interval by the bootstrap.
    """
    if min(len(a), len(b)) < 10:
        return None
    rng = np.random.Generator(np.random.PCG64(_SEED))
    a, b = a.astype(np.float32), b.astype(np.float32)
    both = np.concatenate([a, b])
    both -= both.mean(0)
    null = np.concatenate([_permuted(rng, a, b, both, paired, rows) for rows in _blocks(len(both))])
    length = float((null**2).sum(1).mean())
    seen = float(((b.mean(0) - a.mean(0)) ** 2).sum())
    p = (1 + int(((null**2).sum(1) >= seen).sum())) / (1 + _PERMUTATIONS)
    drawn = []
    for _ in range(200):
        i = rng.integers(0, len(a), len(a))
        j = i if paired else rng.integers(0, len(b), len(b))
        drawn.append(_cosine(a[i].mean(0), b[j].mean(0), 2 * length))
    change = _cosine(a.mean(0), b.mean(0), length)
    bounds = [(float(np.quantile(drawn, (1 - c) / 2)), float(np.quantile(drawn, (1 + c) / 2))) for c in LEVELS]
    return Effect.of(0.0, change, change, bounds, p, (len(a), len(b)))


def _blocks(n: int) -> Iterator[int]:
    """Permutations at a time, so that no more than some 100 MB are shuffled."""
    at_once = max(1, _SHUFFLED // n)
    for start in range(0, _PERMUTATIONS, at_once):
        yield min(at_once, _PERMUTATIONS - start)


def _permuted(rng: np.random.Generator, a: np.ndarray, b: np.ndarray, both: np.ndarray, paired: bool, count: int) -> np.ndarray:
    """Differences of the means, (count, d), as they are where nothing but chance tells a from b; both: a and b, centred."""
    if paired:
        signs = rng.integers(0, 2, (count, len(a)), dtype=np.int8).astype(np.float32) * 2 - 1
        return (signs @ (b - a)) / len(a)
    order = np.argsort(rng.random((count, len(both)), dtype=np.float32), axis=1)[:, : len(a)]
    mark = np.full((count, len(both)), 1.0 / len(b), np.float32)
    np.put_along_axis(mark, order, -1.0 / len(a), axis=1)
    return mark @ both


def _cosine(a: np.ndarray, b: np.ndarray, noise: float) -> float:
    """1 − cosine, less what a squared distance of `noise` between the centroids makes of it."""
    size = float(np.linalg.norm(a) * np.linalg.norm(b))
    return max(0.0, 1.0 - float(a @ b) / size - noise / (2 * size)) if size > 0 else 0.0


def _student(
    start: float, to: float, change: float, error: float, degrees: float, replicates: tuple[int, int], mix_part: float
) -> Effect:
    halves = [float(stats.t.ppf((1 + confidence) / 2, degrees)) * error for confidence in LEVELS]
    distance = abs(change) / error if error > 0 else 0.0 if change == 0 else np.inf
    p = float(2 * stats.t.sf(distance, degrees))
    return Effect.of(start, to, change, [(change - half, change + half) for half in halves], p, replicates, mix_part)


def within_cells(a: Sample, b: Sample) -> tuple[mix.Decomposition, tuple[float, float]] | None:
    """The decomposition over cells, and the standard error of each side's part of the change within them."""
    if a.units < 2 or b.units < 2:
        return None
    cells = np.unique(np.concatenate([a.cell, b.cell]))
    place = [np.searchsorted(cells, side.cell) for side in (a, b)]
    counts = [np.bincount(p, minlength=len(cells)) for p in place]
    # a cell with hardly any traces on a side cannot be compared by itself
    small = np.minimum(*counts) < _SMALL_CELL
    place = [np.where(small[p], len(cells), p) for p in place]
    n = [np.bincount(p, minlength=len(cells) + 1).astype(float) for p in place]
    x = [np.bincount(p, side.x, len(cells) + 1) for p, side in zip(place, (a, b), strict=True)]
    used = (n[0] > 0) | (n[1] > 0)
    split = mix.decompose(n[0][used], x[0][used], n[1][used], x[1][used])
    weight = np.zeros(len(cells) + 1)
    weight[used] = (split.share_before + split.share_after) / 2
    both = (n[0] > 0) & (n[1] > 0)
    errors = []
    for k, side in enumerate((a, b)):
        mean = x[k] / np.maximum(n[k], 1)
        influence = np.where(both, weight, 0.0)[place[k]] / np.maximum(n[k], 1)[place[k]]
        errors.append(_error(side.x - mean[place[k]], side, influence))
    return split, (errors[0], errors[1])


def _error(residual: np.ndarray, side: Sample, weight: np.ndarray) -> float:
    """Standard error of Σ weight · x, from residuals summed by cluster."""
    centred = residual - residual.mean() if len(residual) else residual
    sums = np.bincount(side.cluster, centred * weight, side.units)
    return float(np.sqrt((sums**2).sum() * side.units / (side.units - 1)))


def _effective(p: float, error: float, side: Sample) -> float:
    """The number of independent traces that would leave the same error; at most those there are."""
    spread = p * (1 - p)
    return min(float(len(side.x)), spread / error**2) if error > 0 and spread > 0 else float(side.units)


def _wilson(p: float, n: float, confidence: float) -> tuple[float, float]:
    z = stats.norm.ppf((1 + confidence) / 2)
    centre, half = p + z * z / (2 * n), z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return float((centre - half) / (1 + z * z / n)), float((centre + half) / (1 + z * z / n))


def _score_test(a: Sample, b: Sample, within: float, errors: tuple[float, float]) -> float:
    """Two-sided p of a difference of rates; the error is at least that of the two sides' common rate."""
    p = (a.x.sum() + b.x.sum()) / (len(a.x) + len(b.x))
    common = np.sqrt(p * (1 - p) * (1 / len(a.x) + 1 / len(b.x)))
    error = max(float(np.hypot(*errors)), float(common) if min(a.x.sum(), b.x.sum()) < 5 else 0.0)
    return float(2 * stats.norm.sf(abs(within) / error)) if error > 0 else 1.0


def fisher_mid_p(k_a: int, n_a: int, k_b: int, n_b: int) -> float:
    """Mid-p of Fisher's exact test, two-sided by doubling."""
    table = stats.hypergeom(n_a + n_b, k_a + k_b, n_b)
    half = 0.5 * table.pmf(k_b)
    return float(min(1.0, 2 * min(table.sf(k_b) + half, table.cdf(k_b - 1) + half)))


def mcnemar_mid_p(gained: int, lost: int) -> float:
    """Mid-p of McNemar's exact test on the pairs that differ."""
    n, k = gained + lost, max(gained, lost)
    if n == 0:
        return 1.0
    i = np.arange(k, n + 1)
    mass = np.exp(gammaln(n + 1) - gammaln(i + 1) - gammaln(n - i + 1) - n * np.log(2))
    return float(min(1.0, 2 * (mass.sum() - 0.5 * mass[0])))


def tango(gained: int, lost: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Tango's score interval for (gained − lost) / n of n pairs."""
    z = float(stats.norm.ppf((1 + confidence) / 2))

    def score(delta: float) -> float:
        # the share of lost pairs that is most likely under the difference delta
        a2, a1 = 2 * n, -gained - lost + (2 * n - gained + lost) * delta
        root = np.sqrt(max(a1 * a1 + 4 * a2 * lost * delta * (1 - delta), 0.0))
        q = (root - a1) / (2 * a2)
        variance = n * (2 * q + delta * (1 - delta))
        gap = gained - lost - n * delta
        return gap / np.sqrt(variance) if variance > 1e-300 else np.sign(gap) * np.inf if gap else 0.0

    centre = (gained - lost) / n

    def bound(target: float, inside: float, outside: float) -> float:
        for _ in range(60):
            middle = (inside + outside) / 2
            inside, outside = (middle, outside) if abs(score(middle)) < target else (inside, middle)
        return inside

    return bound(z, centre, -1.0), bound(z, centre, 1.0)
