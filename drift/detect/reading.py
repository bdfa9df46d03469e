"""A statistic's change in the words of its metric: from, to, interval, effect, in units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from drift.detect.settings import Settings
from drift.detect.statistics import arcsine
from drift.detect.statistics.statistic import Scale, Statistic
from drift.metrics import Metric

# a change of the distribution's shape that is worth a look: square root of the χ² distance
SHAPE_MATTERS = 0.1
RATE_ALWAYS_MATTERS = 0.02


@dataclass(frozen=True)
class Reading:
    """See `drift.findings.Finding` for the fields."""

    unit: str
    value_from: float
    value_to: float
    low: float
    high: float
    effect: float
    matters: float
    mix_part: float


def matters(metric: Metric, settings: Settings, start: float | None = None) -> float:
    """The smallest change that matters, configured or the catalogue's; of a rate, as far as it is known where it starts from."""
    smallest = settings.smallest(metric)
    if metric.kind != "rate" or start is None:
        return smallest
    # of a rate of 20 %, half a percentage point is no news; two are, of any rate
    return max(smallest, min(0.1 * min(start, 1 - start), RATE_ALWAYS_MATTERS))


def read(statistic: Statistic, change: float, error: float, z: float, settings: Settings, days: int = 1) -> Reading:
    """Translate a change on the statistic's scale and its standard error.

    days: how many of the last days together changed so; they are told by their mean, today alone by itself.
    """
    half = 1.96 * error
    if statistic.quantile is not None:
        return _quantile(statistic, statistic.quantile, change, half, z, matters(statistic.metric, settings), days)
    if statistic.scale == Scale.SHARE:
        return _share(statistic, change, half, settings, days)
    translate = {Scale.LOG: _log, Scale.LINEAR: _linear, Scale.SHAPE: _shape}[statistic.scale]
    return translate(statistic, change, half, matters(statistic.metric, settings), days)


def _together(s: Statistic, values: np.ndarray, days: int) -> float:
    """The mean of the last days' values, weighted by their traces."""
    if days == 1:
        return float(values[-1])
    last, weight = values[-days:], np.nan_to_num(s.n[-days:])
    known = np.isfinite(last) & (weight > 0)
    return float(np.average(last[known], weights=weight[known])) if known.any() else float(values[-1])


def _log(s: Statistic, change: float, half: float, small: float, days: int) -> Reading:
    to = float(np.exp(_together(s, s.raw, days)))
    start = to * float(np.exp(-change))
    low, high = (start * float(np.expm1(min(change + d, 700.0))) for d in (-half, half))
    mix = float(np.expm1(_together(s, s.mix, days)))
    return Reading(s.metric.unit, start, to, low, high, float(np.expm1(change)), small, mix)


def _linear(s: Statistic, change: float, half: float, small: float, days: int) -> Reading:
    to = _together(s, s.raw, days)
    return Reading(s.metric.unit, to - change, to, change - half, change + half, change, small, _together(s, s.mix, days))


def _share(s: Statistic, change: float, half: float, settings: Settings, days: int) -> Reading:
    events, size = (float(np.nansum(counts[-days:])) for counts in s.counts()[:2])
    to, seen = events / max(size, 1.0), _together(s, s.raw, days)
    start, low, high = (float(arcsine.share(seen - change + d)) for d in (0.0, change - half, change + half))
    without = float(arcsine.share(seen - change - _together(s, s.mix, days)))
    small = matters(s.metric, settings, start)
    return Reading(s.metric.unit, start, to, low - start, high - start, to - start, small, start - without)


def _quantile(s: Statistic, quantile: np.ndarray, change: float, half: float, z: float, small: float, days: int) -> Reading:
    seen = _together(s, quantile, days)
    if s.events is not None:
        # tested as a share; the quantile it stands for moves against it, and its error follows from the z
        usual = float(np.median(quantile[:-days][s.n[:-days] > 0]))
        change, half = seen - usual, 1.96 * abs(seen - usual) / max(abs(z), 0.5)
    usual, mix = seen - change, _together(s, s.mix, days)
    if s.metric.scale != "log":
        return Reading(s.metric.unit, usual, seen, change - half, change + half, change, small, mix)
    start, to = float(np.exp(usual)), float(np.exp(seen))
    low, high = (start * float(np.expm1(min(change + d, 700.0))) for d in (-half, half))
    return Reading(s.metric.unit, start, to, low, high, float(np.expm1(change)), small, float(np.expm1(mix)))


def _shape(s: Statistic, change: float, half: float, small: float, days: int) -> Reading:
    n, y = max(float(s.size[-1]), 1.0) if s.size is not None else 1.0, _together(s, s.y, days)
    to, start = float(np.exp(y)), float(np.exp(y - change))
    effect = float(np.sqrt(max(to - start, 0.0) * s.degrees / n))
    low, high = (start * float(np.expm1(min(change + d, 700.0))) for d in (-half, half))
    return Reading("χ²/df", start, to, low, high, effect, SHAPE_MATTERS, 0.0)


def reason(warned: bool, q: float, z: float, large: bool, budget: float) -> str:
    """Why a comparison is an alarm, or is none. large: whether the change matters."""
    if warned:
        return "the metric's data failed a check, so it does not alarm"
    if q > budget:
        return f"within what ordinary days do (z {z:+.1f}; q {q:.2g} is above the budget of {budget:g})"
    if not large:
        return f"out of the ordinary (q {q:.2g}), but smaller than the smallest change that matters"
    return f"q {q:.2g} is within the budget of {budget:g}, and the change is large enough to matter"
