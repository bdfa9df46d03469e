"""A statistic's change in the words of its metric: from, to, interval, effect, in units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from drift.config import Config
from drift.detect.statistics.statistic import Statistic
from drift.detect.statistics.statistics import arcsine

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


def matters(statistic: Statistic, config: Config) -> float:
    """The smallest change that matters, configured or the catalogue's."""
    section = config.metrics.get(statistic.metric.name)
    return section.matters if section is not None and section.matters is not None else statistic.metric.matters


def read(statistic: Statistic, change: float, error: float, z: float, config: Config) -> Reading:
    """Translate a change on the statistic's scale and its standard error."""
    half = 1.96 * error
    small = matters(statistic, config)
    if statistic.quantile is not None:
        return _quantile(statistic, change, half, z, small)
    translate = {"log": _log, "linear": _linear, "share": _share, "shape": _shape}[statistic.scale]
    return translate(statistic, change, half, small)


def _log(s: Statistic, change: float, half: float, small: float) -> Reading:
    to = float(np.exp(s.raw[-1]))
    start = to * float(np.exp(-change))
    low, high = (start * float(np.expm1(min(change + d, 700.0))) for d in (-half, half))
    return Reading(s.metric.unit, start, to, low, high, float(np.expm1(change)), small, float(np.expm1(s.mix[-1])))


def _linear(s: Statistic, change: float, half: float, small: float) -> Reading:
    to = float(s.raw[-1])
    return Reading(s.metric.unit, to - change, to, change - half, change + half, change, small, float(s.mix[-1]))


def _share(s: Statistic, change: float, half: float, small: float) -> Reading:
    to = float(s.events[-1] / max(s.size[-1], 1))
    start, low, high = (float(arcsine.share(s.raw[-1] - change + d)) for d in (0.0, change - half, change + half))
    without = float(arcsine.share(s.raw[-1] - change - s.mix[-1]))
    if s.metric.kind == "rate":
        # of a rate of 20 %, half a percentage point is no news; two are, of any rate
        small = max(small, min(0.1 * min(start, 1 - start), RATE_ALWAYS_MATTERS))
    return Reading(s.metric.unit, start, to, low - start, high - start, to - start, small, start - without)


def _quantile(s: Statistic, change: float, half: float, z: float, small: float) -> Reading:
    seen = float(s.quantile[-1])
    if s.events is not None:
        # tested as a share; the quantile it stands for moves against it, and its error follows from the z
        usual = float(np.median(s.quantile[:-1][s.n[:-1] > 0]))
        change, half = seen - usual, 1.96 * abs(seen - usual) / max(abs(z), 0.5)
    usual, mix = seen - change, float(s.mix[-1])
    if s.metric.scale != "log":
        return Reading(s.metric.unit, usual, seen, change - half, change + half, change, small, mix)
    start, to = float(np.exp(usual)), float(np.exp(seen))
    low, high = (start * float(np.expm1(min(change + d, 700.0))) for d in (-half, half))
    return Reading(s.metric.unit, start, to, low, high, float(np.expm1(change)), small, float(np.expm1(mix)))


def _shape(s: Statistic, change: float, half: float, small: float) -> Reading:
    n = max(float(s.size[-1]), 1.0)
    to, start = float(np.exp(s.y[-1])), float(np.exp(s.y[-1] - change))
    effect = float(np.sqrt(max(to - start, 0.0) * 11 / n))
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
