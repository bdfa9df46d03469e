"""Whether a metric is back at its ordinary level: shown, or not shown yet.

That nothing is alarming proves no fix. A fix is proved where the days after it are shown to be within half of the change that they are to
undo, of the level of the ordinary days before (two one-sided tests, Schuirmann 1987; days are the replicates, the traffic's mix is
held fixed). People look each morning: the k-th night may use 6/(π k)² of the 5 %, which sums to 5 % over all nights.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from scipy import stats

from drift.compare import strata
from drift.compare.windows import differences
from drift.config import Config
from drift.detect.statistics import arcsine, statistics
from drift.detect.statistics.panel import Panel, Segment
from drift.detect.statistics.statistic import Statistic
from drift.errors import DataError
from drift.profiles.day import DayProfile

RISK = 0.05
# of the change, so much may be left
HALF = 0.5
# more nights than that are not promised: what is not shown by then is as likely never to be
_MOST_NIGHTS = 60


class Fix(StrEnum):
    """What the nights after a fix show."""

    PROVED = "proved"
    NOT_YET = "not shown yet"
    NOT_FIXED = "not fixed"


@dataclass(frozen=True)
class Recovery:
    """What the nights after a fix say of one series.

    ordinary, now: its level before the change and after the fix, in `unit`. left: the part of the change that is left (1: all of it), low and high:
    its interval at the confidence that this night has. margin: the part that may be left. nights, before: days after, and ordinary
    days. needed: more nights of this kind that it takes to prove it, None where they would not.
    """

    answer: Fix
    ordinary: float
    now: float
    unit: str
    left: float
    low: float
    high: float
    margin: float
    nights: int
    before: int
    needed: int | None


def share_of_risk(night: int) -> float:
    """The part of `RISK` that the look after so many nights may use; the parts of all nights add up to 1."""
    return 6 / (math.pi * night) ** 2


def recovery(
    before: Sequence[DayProfile],
    after: Sequence[DayProfile],
    series: tuple[str, Segment, str],
    change: tuple[float, float],
    config: Config | None = None,
    margin: float = HALF,
) -> Recovery:
    """Judge the days after a fix against ordinary days before the incident.

    series: metric, segment and statistic (a level, or the share of a label). change: the ordinary value and the changed one, in the metric's unit.
    margin: the part of the change that may be left, above 0 and below 1. Raises DataError where the series is not measured on both
    sides, is no level, or fewer than two ordinary days are known.
    """
    if not 0 < margin < 1:
        raise DataError(f"margin {margin:g}: give the part of the change that may be left, above 0 and below 1")
    if change[1] == change[0]:
        raise DataError(f"{series[0]}: the incident has no change that a fix could undo")
    config = config or Config.of({})
    before, after = strata.shared(before, after, config.segments.dimensions)
    panel = Panel([*before, *after])
    second = np.arange(len(panel)) >= len(before)
    statistic = _found(panel, series, second)
    verdicts = differences([statistic], panel, second)
    moved, error = float(verdicts.change[0, 1]), float(verdicts.error[0, 1])
    known = np.isfinite(statistic.y) & (statistic.n > 0)
    nights, days = int((known & second).sum()), int((known & ~second).sum())
    level = float(np.average(statistic.raw[known & ~second], weights=statistic.n[known & ~second]))
    read = _reading(statistic)
    if statistic.scale == "share":
        error = _error_at(read(level) + margin * (change[1] - change[0]), statistic, read(level), error, known & second)
    seen = _Seen(read, level, change[1] - change[0], moved, error, days, nights)
    left, low, high = seen.part(), *seen.interval()
    answer = Fix.PROVED if seen.within(margin) else Fix.NOT_FIXED if low > margin else Fix.NOT_YET
    return Recovery(
        answer=answer,
        ordinary=seen.read(level),
        now=seen.read(level + moved),
        unit="share" if statistic.scale == "share" else statistic.metric.unit,
        left=left,
        low=low,
        high=high,
        margin=margin,
        nights=nights,
        before=days,
        needed=0 if answer == Fix.PROVED else seen.needed(margin),
    )


@dataclass(frozen=True)
class _Seen:
    """A difference from the ordinary level and its standard error, on the scale of the statistic; `read` translates to its unit.

    whole: the change that is to be undone, in the unit. days, nights: that the two levels stand on.
    """

    read: Callable[[float], float]
    level: float
    whole: float
    moved: float
    error: float
    days: int
    nights: int

    def part(self, beyond: float = 0.0) -> float:
        """The part of the change that is left, were the difference larger by so much."""
        return (self.read(self.level + self.moved + beyond) - self.read(self.level)) / self.whole

    def interval(self) -> tuple[float, float]:
        """The part that is left, at the confidence that this night has."""
        risk = RISK * share_of_risk(self.nights)
        half = float(stats.t.isf(risk, max(self.days + self.nights - 2, 1))) * self.error
        low, high = sorted((self.part(-half), self.part(half)))
        return low, high

    def within(self, margin: float) -> bool:
        low, high = self.interval()
        return -margin < low and high < margin

    def needed(self, margin: float) -> int | None:
        """Nights from now until this would be enough, were the coming nights like those seen; None where it would not be."""
        for later in range(self.nights + 1, self.nights + _MOST_NIGHTS + 1):
            # what ordinary days contribute to the error stays
            error = self.error * math.sqrt((1 / later + 1 / self.days) / (1 / self.nights + 1 / self.days))
            if replace(self, error=error, nights=later).within(margin):
                return later - self.nights
        return None


def _found(panel: Panel, series: tuple[str, Segment, str], second: np.ndarray) -> Statistic:
    metric, segment, name = series
    place = metric if segment[0] == "all" else f"{metric} where {segment[0]} = {segment[1]}"
    if not (name == "level" or name.startswith("share:")):
        raise DataError(
            f"{place}: its {name} moved, and only of a level can it be shown that it is back; compare the windows instead"
        )
    found = next(
        (s for s in statistics.of(panel, 1, {}, [segment]) if (s.metric.name, s.segment, s.name) == (metric, segment, name)),
        None,
    )
    known = None if found is None else np.isfinite(found.y) & (found.n > 0)
    if found is None or known is None or not known[second].any() or known[~second].sum() < 2:
        raise DataError(f"{place}: not measured on at least two ordinary days and a day since the fix")
    return found


def _error_at(edge: float, statistic: Statistic, ordinary: float, error: float, nights: np.ndarray) -> float:
    """The standard error were the share at the edge of what may be left: a day multiplies the odds, so higher shares differ by more."""
    wider = edge * (1 - edge) / max(ordinary * (1 - ordinary), 1e-9)
    sampling = statistic.variance / float(statistic.n[nights].sum())
    return math.sqrt(sampling + max(error**2 - sampling, 0.0) * max(wider, 1.0))


def _reading(statistic: Statistic) -> Callable[[float], float]:
    """From the scale on which a statistic is compared to the unit of its metric."""
    if statistic.scale == "share":
        return lambda y: float(arcsine.share(y))
    return math.exp if statistic.scale == "log" else float
