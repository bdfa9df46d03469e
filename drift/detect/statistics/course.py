"""What moves by itself: traffic that grows, knowledge that ages by a day a day until it is refreshed.

Both are expected, and what is told is the departure. A series is therefore read as today: each earlier day is lifted to where the
movement would have brought it by now, so that it can be compared with today as if nothing moved.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

# a slope needs so many days, and to be so many times its own error
_SPAN, _CLEAR = 21, 2.0
# the rise from day to day that passes for ageing, in days; how many of the days must show it; the least that is no fall
_RISE, _MOST, _FELL = (0.4, 2.5), 0.6, 0.3
_FEWEST = 5
# standard errors by which an age falls where it was refreshed
_REFRESHED = 3.0
# beyond the age at which it was refreshed before by so much, and by two days, a refresh is overdue
_OVERDUE = 1.25
# Gauss–Hermite quadrature over a standard normal
_NODES, _NODE_WEIGHTS = np.polynomial.hermite_e.hermegauss(9)
_NODE_WEIGHTS = _NODE_WEIGHTS / _NODE_WEIGHTS.sum()


def without_growth(y: np.ndarray, days: Sequence[date], history: np.ndarray) -> np.ndarray:
    """The series (T,), on a log scale, with each day lifted by the steady growth that its baseline days show; itself where they show
    none. history: (T,) the baseline's days.

    The slope is the median over pairs of days whole weeks apart, which no weekday and no single day can bend (Theil 1950, Sen 1968),
    drawn toward none by its evidence.
    """
    slope = _slope(y, np.array([day.toordinal() for day in days], float), history)
    number = np.array([day.toordinal() for day in days], float)
    return y + slope * (number[-1] - number)


def _slope(y: np.ndarray, number: np.ndarray, history: np.ndarray) -> float:
    used = np.flatnonzero(history & np.isfinite(y))
    if len(used) < _SPAN:
        return 0.0
    t, values = number[used], y[used]
    first, second = np.triu_indices(len(used), 1)
    gap = t[second] - t[first]
    weeks = (gap % 7 == 0) & (gap > 0)
    if weeks.sum() < _SPAN:
        return 0.0
    slope = float(np.median((values[second] - values[first])[weeks] / gap[weeks]))
    # a day's own variation, from pairs a week apart
    week = gap == 7
    rest = (values[second] - values[first])[week] - 7 * slope
    spread = 1.4826 * float(np.median(np.abs(rest))) / np.sqrt(2) if week.any() else np.inf
    error = 1.1 * spread / np.sqrt(((t - t.mean()) ** 2).sum())
    evidence = 1 - (_CLEAR * error / slope) ** 2 if slope else 0.0
    return slope * max(evidence, 0.0)


def ages(y: np.ndarray, days: Sequence[date], history: np.ndarray, unit: float) -> bool:
    """Whether a log age (T,) rises by a day a day, as it does between refreshes. unit: a day in the metric's unit."""
    used = np.flatnonzero(history & np.isfinite(y))
    if len(used) < 2:
        return False
    age, gap = np.exp(y[used]), np.diff([days[i].toordinal() for i in used.tolist()])
    rise = np.diff(age) / (unit * gap)
    ageing = (rise >= _RISE[0]) & (rise <= _RISE[1])
    return bool(ageing.sum() >= _FEWEST and ageing.mean() >= _MOST)


def without_ageing(
    y: np.ndarray, days: Sequence[date], history: np.ndarray, unit: float, spread: np.ndarray, traces: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The log age (T,) as departures from a day a day, around today's expected value, and their sampling variance (T,).

    spread: (T,) the variance of one trace's log age, each day; traces: (T,) how many there are. Young documents differ in log age by more
    than old ones, so it is not the same before and after a refresh; and a departure has that of the day which it is held against, too.

    A refresh is no departure. A day is held against the last baseline day before it, so that an age that jumped stays off while its
    days are no baseline; and beyond the age at which it was ever refreshed before, against that age.
    """
    number = np.array([day.toordinal() for day in days], float)
    departure, own = np.full(len(y), np.nan), spread / traces
    error = own.copy()
    last: int | None = None
    peaks: list[float] = []
    for t in np.flatnonzero(np.isfinite(y)).tolist():
        if last is not None:
            elapsed = number[t] - number[last]
            before, age = np.exp(y[last]), np.exp(y[t])
            fell = age < before + _FELL * unit * elapsed
            older, doubt = _older(y[last], spread[last], unit * elapsed)
            departure[t] = 0.0 if fell else y[t] - older
            error[t] += own[last] * (before / (before + unit * elapsed)) ** 2 + doubt**2
            overdue = max(peaks) if peaks else np.inf
            if age > max(_OVERDUE * overdue, overdue + 2 * unit):
                departure[t] = max(departure[t], float(np.log(age / overdue)))
            elif y[last] - y[t] > _REFRESHED * np.sqrt(own[t] + own[last]) and t < len(y) - 1:
                peaks.append(before)
        if history[t]:
            last = t
    return y[-1] - departure[-1] + departure, error


def _older(level: float, spread: float, by: float) -> tuple[float, float]:
    """The mean log age of a day's traces, log-normal with this mean and variance, when each is older by as much; and how far that is
    from the log of the mean's own age then, which is as much as the shape of the ages can matter."""
    each = level + np.sqrt(spread) * _NODES
    expected = float(_NODE_WEIGHTS @ np.logaddexp(each, np.log(by)))
    return expected, abs(expected - float(np.logaddexp(level, np.log(by))))
