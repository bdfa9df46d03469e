"""How much less a day tells because requests of one conversation resemble each other: the effective number of its requests.

With ρ the intraclass correlation of requests of one cluster, and P of the day's ordered pairs of n requests in one cluster,

    deff = 1 + ρ P / n        n_eff = n / deff        ρ = Σ (xᵢ − m)(xⱼ − m) / (P σ²)  over such pairs of the days before

m and σ² are those of the request's cell of traffic, whose mix is held fixed anyway. A profile holds the pairs (`drift.profiles.clusters`);
one written before they were counted has none, and its deff is 1.

Conversations are drawn anew every day. Where the clusters are users, or a job has one name for good, the same come again: what they have of
their own is in the level, and days differ by less than deff says. So it is held below what the differences of the days before leave possible.
Not so the languages and topics of users: they come again for weeks and then stay away, and what a few of them take along is no change of
the application. Who they are is drawn once, so several days of them tell no more than one.

Sources: Kish 1965 (design effect); Skinner, Holt & Smith 1989; Donner & Klar 2000 (ρ from pairs).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaincinv

from drift.detect.statistics.panel import Panel
from drift.detect.statistics.statistic import Excluded

# what users bring along, and keep
HABITS = frozenset({"input_language", "input_topic", "output_topic"})
# a segment's own pairs are believed as far as there are more of them than this; else the whole traffic's
_PAIRS = 1_000.0
# differences of neighbouring days are not independent of each other: of three, two
_INDEPENDENT = 2 / 3
_SURE, _FEWEST = 0.25, 7


@dataclass(frozen=True)
class DesignEffect:
    """ρ of every segment and metric, (S, M), and the pairs a request is in, (T, S, M)."""

    correlation: np.ndarray
    pairs: np.ndarray
    metrics: tuple[str, ...]

    @classmethod
    def of(cls, panel: Panel, excluded: Excluded) -> DesignEffect:
        """From the days before the last that are not left out of a metric's baseline anywhere."""
        with np.errstate(invalid="ignore", divide="ignore"):
            pairs = np.where(panel.n > 0, np.nan_to_num(panel.pairs) / panel.n, 0.0)
        names = tuple(metric.name for metric in panel.metrics)
        if not pairs.any():
            return cls(np.zeros(pairs.shape[1:]), pairs, names)
        used = _used(panel, excluded)[:, None, :]
        n, total, squares, number, first, products = (
            np.where(used, np.nan_to_num(x), 0.0).sum(0)
            for x in (panel.n, panel.sum, panel.squares, panel.pairs, panel.pair_sum, panel.pair_products)
        )
        mean = total / np.maximum(n, 1.0)
        together = products - 2 * mean * first + mean**2 * number
        # a cell's level moves from day to day, which is no resemblance of its requests
        with np.errstate(invalid="ignore", divide="ignore"):
            by_day = np.where(panel.n > 0, np.nan_to_num(panel.sum) ** 2 / panel.n, 0.0)
        variance = np.maximum(squares - np.where(used, by_day, 0.0).sum(0), 0.0) / np.maximum(n - 1, 1.0)
        spread = number * variance
        for j, metric in enumerate(panel.metrics):
            if metric.kind == "label":
                together[:, j], spread[:, j] = 0.0, 0.0
                together[0, j], spread[0, j] = _labels(panel, j, used[:, 0, j], number[0, j], products[0, j])
            elif metric.kind == "count":
                # a conversation comes whole
                together[:, j] = spread[:, j] = number[:, j]
        whole = _of_cells(panel, 0, together, spread, number)
        correlation = np.tile(_shrunk(*whole), (len(panel.segments), 1))
        for i in range(1, len(panel.segments)):
            part, of, count = _of_cells(panel, i, together, spread, number)
            own = np.where(of > 0, part / np.where(of > 0, of, 1.0), 0.0)
            weight = np.where(of > 0, count / (count + _PAIRS), 0.0)
            correlation[i] = np.clip(weight * own + (1 - weight) * correlation[0], 0.0, 1.0)
        if "input_language" in panel.column:
            # what a topic is of may be a language, whose users keep to it more than to other topics
            for name in HABITS & panel.column.keys():
                j = panel.column[name]
                correlation[:, j] = np.maximum(correlation[:, j], correlation[:, panel.column["input_language"]])
        return cls(correlation, pairs, names)

    def effective(
        self, i: int, j: int, size: np.ndarray, y: np.ndarray, variance: float, history: np.ndarray, *, rare: bool = False
    ) -> np.ndarray:
        """Effective number (T,) of `size` (T,) requests of segment i and metric j. y, variance: the daily series, and of one request;
        history: (T,) the baseline's days. rare: of most days' counts there are a few or none, so how days differ shows little."""
        more = self.correlation[i, j] * self.pairs[:, i, j]
        usual = float(more[history].mean()) if history.any() else 0.0
        if usual > 0 and not rare and self.metrics[j] not in HABITS:
            most = _most(y, variance / np.maximum(size, 1e-300), history)
            more = more * min(1.0, max(most - 1.0, 0.0) / usual)
        deff = 1 + more
        mean = float(deff[history].mean()) if history.any() else 1.0
        # days whose pairs are about as many as usual have the usual effect: series with one course of traffic are computed together
        return size / (mean * 2.0 ** np.round(np.log2(deff / mean)))


def _used(panel: Panel, excluded: Excluded) -> np.ndarray:
    """(T, M) the days that are of the baseline of a metric everywhere."""
    out = np.ones((len(panel), len(panel.metrics)), bool)
    out[-1] = False
    for t, day in enumerate(panel.days):
        for name in {key[0] for key in excluded.get(day, ())} & panel.column.keys():
            out[t, panel.column[name]] = False
    return out


def _labels(panel: Panel, j: int, used: np.ndarray, pairs: float, agreeing: float) -> tuple[float, float]:
    """Pairs of one label beyond those of strangers, and of how many there could be (Fleiss' κ is their ratio)."""
    _, counts = panel.labels(0, j)
    share = np.nan_to_num(counts)[used].sum(0)
    alike = float(((share / max(share.sum(), 1.0)) ** 2).sum())
    return agreeing - alike * pairs, (1 - alike) * pairs


def _of_cells(panel: Panel, i: int, together: np.ndarray, spread: np.ndarray, pairs: np.ndarray) -> list[np.ndarray]:
    """Sums (M,) over the cells of a segment; of the segment itself where its cells have less than half of its pairs."""
    cells = panel.cells(panel.segments[i])
    inside = (pairs[cells].sum(0) >= 0.5 * np.maximum(pairs[i], 1.0)) & (spread[cells].sum(0) > 0)
    return [np.where(inside, part[cells].sum(0), part[i]) for part in (together, spread, pairs)]


def _shrunk(together: np.ndarray, spread: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """ρ in [0, 1], drawn toward 0 by its evidence: of strangers its variance is 2/P."""
    rho = np.where(spread > 0, together / np.where(spread > 0, spread, 1.0), 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        evidence = np.where(rho > 0, 1 - 2 / np.maximum(pairs, 1e-300) / rho**2, 0.0)
    return np.clip(rho * np.clip(evidence, 0.0, 1.0), 0.0, 1.0)


def _most(y: np.ndarray, error: np.ndarray, history: np.ndarray) -> float:
    """The largest deff that the days' differences leave likely. error: (T,) sampling variance of each day were its requests strangers."""
    days = np.flatnonzero(history & np.isfinite(y))
    if len(days) < _FEWEST:
        return np.inf
    difference, expected = np.diff(y[days]) ** 2, error[days][1:] + error[days][:-1]
    freedom = _INDEPENDENT * len(difference)
    return float((difference / np.maximum(expected, 1e-300)).mean() * freedom / (2 * gammaincinv(freedom / 2, _SURE)))
