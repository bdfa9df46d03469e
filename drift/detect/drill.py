"""The fire drill: the smallest change that this night would have told with a chance of 0.9, and what it was blind to.

Nothing is planted at night: a day's prediction does not depend on the day, so the night's own predictions say how far out a day must
lie to alarm, within the budget and beyond what matters, and how far ordinary days scatter. A change is told with a chance of 0.9 where
nine of ten such days lie further out than that. Within seven nights it is told by any of them alone or by the last k together; a fixed
set of drawn weeks is held against the limits of all of these. `benchmarks/promise.py` plants changes into rows and counts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtr, ndtri, stdtr

from drift import metrics
from drift.detect.predict import counts, random_effects
from drift.detect.predict.today import SEGMENT_WINDOWS, Predicted, up_share
from drift.detect.reading import matters
from drift.detect.settings import Settings
from drift.detect.statistics import arcsine
from drift.detect.statistics.panel import Panel, Segment
from drift.detect.statistics.statistic import Scale, Statistic
from drift.findings import StatisticName, Visible, is_level, label_of
from drift.metrics import Metric
from drift.profiles import CELL, OTHER, OVERALL

CHANCE, NIGHTS = 0.9, 7
# a week is drawn so often; the same weeks for every statistic and night
_WEEKS = np.random.default_rng(7).standard_normal((200, NIGHTS + 1))
# standard normal quantile of CHANCE
_MOST = 1.2816
# z at which a calibrated tail is looked up
_FAR = np.concatenate([np.arange(0.0, 8.0, 0.2), np.arange(8.0, 37.0, 1.0)])
# the last days together are no more uncertain than if so many of them were one: a bad day among them would blur a drill
_TOGETHER = 3.0
# changes that a week tells are about so many standard deviations of a day
_ROUGHER = 2.5
# how much farther out than tonight's prediction says the last days together must lie, as each night learns anew how much days differ:
# without it 43 of 56 promised weeks were told (python benchmarks/promise.py --planted 0 --nights 1)
_LEARNT_ANEW = 1.1
# a segment with less of the traffic is not worth a line that says why it was not drilled
_WORTH_NAMING = 0.01


@dataclass(frozen=True)
class Limits:
    """Which adjusted p a statistic's first alarm needs. predicted: its night; p: (S,) for one night, 0 where it is not compared by
    itself; lasting: (S,) for each window of the last days together, 0 where none is asked."""

    predicted: Predicted
    p: np.ndarray
    lasting: np.ndarray


def hold(whole: Limits, segments: Limits, settings: Settings, warned: Collection[str] = ()) -> list[Visible]:
    """What the night would have told, and what not: blind ones first, then by metric, the whole traffic before its segments.

    whole, segments: the limits of statistics of the whole traffic and of segments, from the panel that each is compared in.
    """
    seen: dict[tuple[str, Segment], Visible] = {}
    for limits, overall in ((whole, True), (segments, False)):
        kinds, here = limits.predicted.kinds, limits.predicted.overall == overall
        rows = [s for s in range(len(kinds)) if here[s] and _asked(kinds[s], limits.p[s])]
        for row in _visible(limits, rows, settings):
            key = row.metric, (row.dimension, row.value)
            if key not in seen or _stands_for_both(row, seen[key]):
                seen[key] = row
    panel = segments.predicted.panel
    blind = {key: row for key, row in _blind(panel, settings, warned) if key not in seen or row.metric in warned}
    short = {
        key: _without(row, f"only {row.baseline_days} ordinary days to compare with")
        for key, row in seen.items()
        if row.baseline_days < settings.min_days
    }
    held = {**seen, **short, **blind}.values()
    return sorted(held, key=lambda row: (not row.blind_reason, row.metric, row.dimension != OVERALL, row.dimension, row.value))


def _asked(statistic: Statistic, p: float) -> bool:
    plain = is_level(statistic.name) or statistic.name == StatisticName.GIVEN
    return p > 0 and plain and metrics.drilled(statistic.metric)


def _stands_for_both(row: Visible, other: Visible) -> bool:
    """Whether the row is the one that is told of its metric and place: of labels the commonest, else what hears more."""
    if label_of(row.statistic) is not None:
        return (row.level or 0.0) > (other.level or 0.0)
    return (row.one_night or np.inf) < (other.one_night or np.inf)


def _without(row: Visible, reason: str) -> Visible:
    return replace(row, one_night=None, seven_nights=None, blind_reason=reason)


def _visible(limits: Limits, rows: list[int], settings: Settings) -> list[Visible]:
    """The rows' smallest visible changes."""
    if not rows:
        return []
    found, kinds = limits.predicted, [limits.predicted.kinds[s] for s in rows]
    level = np.array([float(s.raw[-1] - found.change[row, random_effects.TODAY]) for s, row in zip(kinds, rows, strict=True)])
    sign = np.array([_way(s, at) for s, at in zip(kinds, level, strict=True)])
    up = np.array([up_share(s) for s in kinds])
    share = np.where(sign > 0, up, 1 - up)
    latent, error = found.latent[rows], found.error[rows, random_effects.TODAY]
    score = np.array([_scores(statistic, found, row) for statistic, row in zip(kinds, rows, strict=True)])
    z = _z_of(limits.p[rows] * share, found, latent, 1)
    far, most = _deviation(z, score, error), _deviation(np.full(len(rows), _MOST), score, error)
    small = np.array([_on_scale(s, at, way, settings) for s, at, way in zip(kinds, level, sign, strict=True)])
    for i, (row, statistic) in enumerate(zip(rows, kinds, strict=True)):
        if statistic.events is not None:
            exact = _of_count(statistic, found, row, random_effects.TODAY, 1, int(sign[i]), float(z[i]))
            far[i] = far[i] if exact is None else exact
    one = np.maximum(far, small) + most
    seven = _within_a_week(limits, rows, share, latent, np.maximum(far, small), small, most / _MOST)
    return [
        _row(statistic, row, found, settings, float(at), int(way), float(a), float(b))
        for statistic, row, at, way, a, b in zip(kinds, rows, level, sign, one, np.minimum(one, seven), strict=True)
    ]


def _way(statistic: Statistic, level: float) -> int:
    """Which way a change is drilled: the worse one; of a label that most have that they lose it, for it has no room to rise."""
    if label_of(statistic.name) is not None:
        return -1 if _share(level) > 0.5 else 1
    return -1 if statistic.metric.worse == "down" and statistic.name in (StatisticName.LEVEL, StatisticName.GIVEN) else 1


def _scores(statistic: Statistic, found: Predicted, row: int, column: int = random_effects.TODAY) -> np.ndarray:
    """The z of changes of REACH standard errors: the model's own, at given length those of its t."""
    if statistic.name != StatisticName.GIVEN:
        return found.verdicts.score[row, column]
    freedom = max(int(np.isfinite(statistic.y[:-1]).sum()) - 2, 1)
    return -ndtri(np.maximum(stdtr(freedom, -random_effects.REACH), 1e-300))


def _z_of(p: np.ndarray, found: Predicted, latent: np.ndarray, days: int) -> np.ndarray:
    """The z (S,) whose calibrated one-sided p-value is p; infinite where p is 0."""
    tails = np.log(np.maximum(found.tail.upper(_FAR, latent[:, None], days), 1e-300))
    with np.errstate(divide="ignore"):
        asked = np.log(p)
    return np.array([np.interp(-a, -tail, _FAR, right=np.inf) for a, tail in zip(asked, tails, strict=True)])


def _deviation(z: np.ndarray, score: np.ndarray, error: np.ndarray) -> np.ndarray:
    """How far from its prediction a day with this z lies, (S,), by its prediction's own tail; score: see `Verdicts`."""
    reach = np.array([np.interp(a, own, random_effects.REACH, right=np.inf) for a, own in zip(z, score, strict=True)])
    return reach * error


def _on_scale(statistic: Statistic, level: float, sign: int, settings: Settings) -> float:
    """The smallest change that matters, on the scale on which the statistic is compared."""
    if statistic.scale == Scale.SHARE:
        start = _share(level)
        return abs(_angle(start + sign * matters(statistic.metric, settings, start)) - _angle(start))
    small = matters(statistic.metric, settings)
    if statistic.scale == Scale.LOG:
        return float(np.log1p(small) if sign > 0 else -np.log1p(-min(small, 0.999)))
    return small


def _share(angle: float) -> float:
    return float(arcsine.share(np.asarray(angle)))


def _angle(share: float) -> float:
    return float(np.arcsin(np.sqrt(min(max(share, 0.0), 1.0))))


def _of_count(statistic: Statistic, found: Predicted, row: int, column: int, days: int, sign: int, z: float) -> float | None:
    """The deviation of the last days together from which on a count's exact tail alarms, on the arcsine scale; None of large counts."""
    limit = counts.limit(statistic, found.verdicts, row, column, days, sign, float(ndtr(-z)))
    if limit is None:
        return None
    count, n = limit
    if not 0 <= count <= n:
        return np.inf
    level = _share(statistic.raw[-1] - found.change[row, random_effects.TODAY])
    # half a count before it, as counts are whole
    return max(0.0, sign * (float(arcsine.arcsine(np.array(count - 0.5 * sign), np.array(n))) - _angle(level)))


def _within_a_week(
    limits: Limits,
    rows: list[int],
    share: np.ndarray,
    latent: np.ndarray,
    alone: np.ndarray,
    small: np.ndarray,
    spread: np.ndarray,
) -> np.ndarray:
    """The smallest change (S,) told within seven nights of its beginning in nine of ten drawn weeks.

    What all days of a week have in common and what each has alone follow from how much more certain the last days are together.
    """
    found, kinds = limits.predicted, [limits.predicted.kinds[s] for s in rows]
    days = np.array([max(int((s.n[:-1] > 0).sum()), 1) for s in kinds], float)
    windows = [
        (c, k) for c, k in enumerate(found.windows) if 1 < k <= NIGHTS and (k in SEGMENT_WINDOWS or found.overall[rows[0]])
    ]
    error = found.error[rows, random_effects.TODAY]
    together = {
        k: np.minimum(
            # what is asked of today alone has no error of several days
            np.where(found.error[rows, column] > 0, found.error[rows, column], error / np.sqrt(k)),
            error * np.sqrt(1 / (days + 1) + min(1.0, _TOGETHER / k)),
        )
        for column, k in windows
    }
    common = error**2 / (days + 1)
    if windows:
        k = windows[-1][1]
        common = np.clip((k * together[k] ** 2 - error**2) / (k - 1), common, error**2)
    shared, own = np.sqrt(common / error**2) * spread, np.sqrt(1 - common / error**2) * spread
    noise = shared[:, None, None] * _WEEKS[:, :1] + own[:, None, None] * _WEEKS[:, 1:]
    # changed nights are in the next ones' baseline: they draw its level along and make its days look rougher
    changed = np.arange(NIGHTS) / (days[:, None] + np.arange(NIGHTS))
    needed = alone[:, None] * np.sqrt(1 + _ROUGHER**2 * changed) / (1 - changed)
    smallest = (needed[:, None, :] - noise).min(2)
    for column, k in windows:
        # on the k-th night they are just the changed ones
        z = _z_of(limits.lasting[rows] * share, found, latent, k)
        score = np.array([_scores(statistic, found, row, column) for statistic, row in zip(kinds, rows, strict=True)])
        limit = np.maximum(_LEARNT_ANEW * _deviation(z, score, together[k]), small)
        smallest = np.minimum(smallest, limit[:, None] - noise[:, :, :k].mean(2))
    return np.quantile(smallest, CHANCE, axis=1, method="higher")


def _row(
    statistic: Statistic, row: int, found: Predicted, settings: Settings, level: float, sign: int, one: float, seven: float
) -> Visible:
    at, (first, week) = _value(statistic, level), (_effect(statistic, level, sign * change) for change in (one, seven))
    least = abs(_effect(statistic, level, sign * _on_scale(statistic, level, sign, settings)) or 0.0)
    reason = "" if week is not None else "no change, however large, would be told"
    n = int(statistic.traces[-1])
    return Visible(
        found.panel.days[-1],
        statistic.metric.name,
        *statistic.segment,
        statistic.name,
        statistic.metric.unit,
        n,
        int((statistic.n[:-1] > 0).sum()),
        level=at,
        one_night=first,
        seven_nights=week,
        matters=least,
        direction="up" if sign > 0 else "down",
        blind_reason=reason,
    )


def _value(statistic: Statistic, level: float) -> float:
    if statistic.scale == Scale.LOG:
        return float(np.exp(level))
    return _share(level) if statistic.scale == Scale.SHARE else level


def _effect(statistic: Statistic, level: float, change: float) -> float | None:
    """A change on the scale in the terms of `Finding.effect`, without its sign; None where none of this size can be."""
    if not np.isfinite(change):
        return None
    if statistic.scale == Scale.LOG:
        return abs(float(np.expm1(change)))
    if statistic.scale == Scale.SHARE:
        to = level + change
        return abs(_share(to) - _share(level)) if 0 <= to <= np.pi / 2 else None
    to, metric = level + change, statistic.metric
    if metric.scale == "bounded" and not metric.low <= to <= metric.high:
        return None
    return abs(change)


def _blind(panel: Panel, settings: Settings, warned: Collection[str]) -> Iterator[tuple[tuple[str, Segment], Visible]]:
    """What was not compared, and why: of each drilled metric that the application has, the places that are worth a line."""
    volume = _volume(panel)
    for j, metric in enumerate(panel.metrics):
        n = np.nan_to_num(panel.n[:, :, j])
        if metric.kind in ("vector", "count") or not metrics.drilled(metric) or not n[:, 0].any():
            continue
        for i, segment in enumerate(panel.segments):
            if segment[0] == CELL or segment[1] == OTHER or volume[i] < _WORTH_NAMING * volume[0] or metric.name == segment[0]:
                continue
            reason = _why_blind(metric, n[:, i], segment, settings, warned)
            if reason:
                row = Visible(
                    panel.days[-1],
                    metric.name,
                    *segment,
                    StatisticName.LEVEL,
                    metric.unit,
                    int(n[-1, i]),
                    int((n[:-1, i] > 0).sum()),
                    matters=metric.matters,
                    blind_reason=reason,
                )
                yield (metric.name, segment), row


_TOO_FEW_DAYS = {0: "no earlier day with values", 1: "only one earlier day with values"}


def _why_blind(metric: Metric, n: np.ndarray, segment: Segment, settings: Settings, warned: Collection[str]) -> str:
    least = settings.min_traces if segment[0] != OVERALL else 1
    known = int((n[:-1] >= least).sum())
    if metric.name in warned:
        return "its data failed a check"
    if n[-1] <= 0:
        # a metric that this place never has is no blind spot of today
        return f"no values today, but on {known} earlier days" if known else ""
    if n[-1] < least:
        return f"{int(n[-1])} traces, fewer than {least}"
    return _TOO_FEW_DAYS.get(known, "")


def _volume(panel: Panel) -> np.ndarray:
    """Today's traces (segments,)."""
    n = np.nan_to_num(panel.n[-1])
    return n.max(1) if n.size else np.zeros(len(panel.segments))
