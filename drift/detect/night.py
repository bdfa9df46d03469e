"""One night: today against its prediction, for every metric and segment, within one budget of false alarms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

import numpy as np
from threadpoolctl import threadpool_limits

from drift.detect import arrival, budget, drill, rules, vectors
from drift.detect.lasting import creep, cusum
from drift.detect.predict import calibration
from drift.detect.predict.today import SEGMENT_WINDOWS, WINDOWS, Predicted, against_baseline
from drift.detect.reading import matters, reason
from drift.detect.settings import Settings
from drift.detect.statistics import distinct, statistics
from drift.detect.statistics.distinct import Place
from drift.detect.statistics.panel import Panel, Segment
from drift.detect.statistics.statistic import Excluded, Statistic
from drift.detect.vectors import MovedVector, VectorResult
from drift.findings import Finding, FindingTest, StatisticName, Visible
from drift.profiles import OVERALL
from drift.profiles.day import DayProfile

# statistics of which only today is asked
ONE_NIGHT = (StatisticName.SHAPE, StatisticName.TAIL, StatisticName.FAR_TAIL, StatisticName.LOW_TAIL, StatisticName.GIVEN)


@dataclass(frozen=True)
class Judged:
    """A night's findings, alarms first, then by p; and what its drill needs."""

    findings: list[Finding]
    limits: tuple[drill.Limits, drill.Limits] | None
    settings: Settings
    warned: Collection[str]

    def drill(self) -> list[Visible]:
        """What the night would have told, blind ones first; nothing where there was nothing to compare with."""
        return drill.hold(*self.limits, self.settings, self.warned) if self.limits else []


def night(
    history: Sequence[DayProfile],
    today: DayProfile,
    settings: Settings,
    pinned: Sequence[DayProfile] | None = None,
    excluded: Excluded = MappingProxyType({}),
    warned: Collection[str] = (),
) -> list[Finding]:
    """Every comparison of the night, see `judge`."""
    return judge(history, today, settings, pinned, excluded, warned).findings


# matrices as small as a month are inverted faster by one thread than by threads that wait for each other
@threadpool_limits.wrap(limits=1, user_api="blas")
def judge(
    history: Sequence[DayProfile],
    today: DayProfile,
    settings: Settings,
    pinned: Sequence[DayProfile] | None = None,
    excluded: Excluded = MappingProxyType({}),
    warned: Collection[str] = (),
    told: Mapping[tuple[str, str, str], date] = MappingProxyType({}),
) -> Judged:
    """Every comparison of the night.

    history: earlier days, in any order; those not `ok`, in `settings.exclude` or after today are left out. The
    baseline is the last of the rest, so many that every series has its `settings.days`; fewer than
    `settings.min_days`: provisional. Changes that last are looked for in all of the last `cusum.HISTORY` days.
    excluded: by day, the series (metric, dimension, value) that are not compared with it, such as those of an open incident.
    warned: metrics whose data failed a check; they do not alarm. told: the last day on which a series was told to have moved slowly.
    """
    past = sorted((d for d in history if d.ok and d.day < today.day and d.day not in settings.exclude), key=lambda d: d.day)
    days = past[-_span(past, settings.days, excluded) :]
    panel = Panel([*days, today])
    notes = [*arrival.stopped(panel, settings, excluded), *_appeared_and_vanished(panel, settings)]
    ruled = rules.evaluate(today, days, settings)
    if len(days) < 2:
        return Judged(_alarms_first([*ruled, *notes]), None, settings, warned)
    rolling = against_baseline(panel, settings, excluded, [1, *(k for k in WINDOWS if k <= (len(days) + 1) // 2)])
    moved = vectors.moved_vectors(days, today, settings, excluded)
    longer = _longer(rolling, past, today, settings, excluded)
    creeping = creep.creeping(longer.panel, longer.kinds, settings, warned, told)
    lasting = _either(_lasting(longer, rolling, settings, warned), creeping)
    findings = [*_one_night(rolling, moved, settings, warned), *lasting, *notes]
    if pinned:
        findings += _against_pinned(pinned, days, today, settings, excluded, warned, rolling.tail)
    return Judged(_alarms_first([*findings, *ruled]), _limits(longer, rolling, moved, settings), settings, warned)


def _alarms_first(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda f: (not f.alarm, 1.0 if f.p is None else f.p))


def _limits(
    longer: Predicted, rolling: Predicted, moved: list[MovedVector], settings: Settings
) -> tuple[drill.Limits, drill.Limits]:
    """Of the whole traffic and of segments, the p that a first alarm needs: tonight, and of the last days together."""
    compared = _units_of_one_night(rolling, moved)
    night = settings.budget * budget.ONE_NIGHT * budget.weights(compared, settings)
    asked = _asked_of_last_days(longer, rolling)
    lasting = [np.zeros(len(each.kinds)) for each in (longer, rolling)]
    if asked:
        units = _units_of_last_days(asked, longer, rolling)
        for (each, s, windows), share in zip(asked, budget.weights(units, settings), strict=True):
            lasting[0 if each.kinds[s].segment[0] == OVERALL else 1][s] = (
                settings.budget * budget.LASTING * share / len(windows)
            )
    # of the whole, what lasts is asked of a longer past, where the same statistics may stand in other places
    own = night[: len(rolling.kinds)]
    last = {(s.metric.name, s.name): p for s, p in zip(longer.kinds, lasting[0], strict=True) if s.segment[0] == OVERALL}
    whole = np.array([last.get((s.metric.name, s.name), 0.0) if s.segment[0] == OVERALL else 0.0 for s in rolling.kinds])
    return drill.Limits(rolling, own, whole), drill.Limits(rolling, own, lasting[1])


def _either(lasting: Iterable[Finding], creeping: Iterable[Finding]) -> list[Finding]:
    """One finding for each statistic that changes slowly: the creep where only that alarms, else the last days together."""
    out = {(f.metric, f.dimension, f.value, f.statistic): f for f in lasting}
    for f in creeping:
        key = f.metric, f.dimension, f.value, f.statistic
        if key not in out or f.alarm and not out[key].alarm:
            out[key] = f
    return list(out.values())


def _longer(
    rolling: Predicted, past: Sequence[DayProfile], today: DayProfile, settings: Settings, excluded: Excluded
) -> Predicted:
    """The whole traffic against all the days there are: a level that more days have shown is known better, and it is the level
    that a small change must stand out from."""
    days = [d for d in past if (today.day - d.day).days < cusum.HISTORY]
    if len(days) == len(rolling.panel) - 1:
        return rolling
    return against_baseline(Panel([*days, today]), settings, excluded, rolling.windows, rolling.tail)


def _one_night(compared: Predicted, moved: list[MovedVector], settings: Settings, warned: Collection[str]) -> Iterator[Finding]:
    """Today alone: every statistic and every vector within one budget."""
    told, units = _told(moved), _units_of_one_night(compared, moved)
    p = np.concatenate([compared.p[:, 0], [result.p for _, result in told]])
    q = budget.adjusted(p, units, budget.ONE_NIGHT, settings)
    for s in range(len(compared.kinds)):
        yield compared.finding(s, 0, FindingTest.NIGHT, float(q[s]), settings, warned)
    for (m, result), own in zip(told, q[len(compared.kinds) :], strict=True):
        yield _vector_finding(m, result, float(own), compared.panel.days[-1], settings, warned)
    for m in moved:
        if m.comparison.result is None:
            yield Finding(
                day=compared.panel.days[-1],
                metric=m.metric.name,
                dimension=m.segment[0],
                value=m.segment[1],
                statistic=StatisticName.VECTOR,
                test=FindingTest.NIGHT,
                unit=m.metric.unit,
                reason=m.comparison.reason,
            )


def _lasting(longer: Predicted, rolling: Predicted, settings: Settings, warned: Collection[str]) -> Iterator[Finding]:
    """The last k days together, for the k that stands out most: small changes that last, within a budget of their own.

    longer: the whole traffic; rolling: its segments, of which only those are told that could alarm."""
    asked = _asked_of_last_days(longer, rolling)
    if not asked:
        return
    best = [columns[int(np.argmin(compared.p[s, columns]))] for compared, s, columns in asked]
    p = [
        min(1.0, len(columns) * float(compared.p[s, column]))
        for (compared, s, columns), column in zip(asked, best, strict=True)
    ]
    units = _units_of_last_days(asked, longer, rolling)
    q = budget.adjusted(np.array(p), units, budget.LASTING, settings)
    for (compared, s, _), column, own in zip(asked, best, q, strict=True):
        if compared.kinds[s].segment[0] == OVERALL or own < 1:
            yield compared.finding(int(s), column, FindingTest.SLOW, float(own), settings, warned)


Asked = tuple[Predicted, int, list[int]]


def _asked_of_last_days(longer: Predicted, rolling: Predicted) -> list[Asked]:
    """What is asked of the last days together: of which prediction, of which of its statistics, in which of its windows.

    Before a window there are as many days as in it: a version that came a week ago has no day, or the half of one on which it came, that its
    last seven could be compared with.
    """
    whole = [k for k in longer.windows if k > 1]
    some = [k for k in rolling.windows if k in SEGMENT_WINDOWS]
    asked = [
        (compared, int(s), [compared.windows.index(k) for k in windows if (compared.kinds[s].n[:-k] > 0).sum() >= k])
        for compared, overall, windows in ((longer, True, whole), (rolling, False, some))
        for s in np.flatnonzero(compared.overall == overall)
        if compared.kinds[s].name not in ONE_NIGHT
    ]
    return [each for each in asked if each[-1]]


def _units_of_last_days(asked: list[Asked], longer: Predicted, rolling: Predicted) -> list[budget.Unit]:
    places = {id(each): distinct.places(each.panel) for each in (longer, rolling)}
    return [_unit(each.kinds[s], places[id(each)]) for each, s, _ in asked]


def _units_of_one_night(compared: Predicted, moved: list[MovedVector]) -> list[budget.Unit]:
    """The scalar statistics, then the vectors that were compared."""
    places = distinct.places(compared.panel)
    vector = [
        budget.Unit(m.metric, places.get((m.metric.name, m.segment), Place(m.segment)), StatisticName.VECTOR, 1.0)
        for m, _ in _told(moved)
    ]
    return [*(_unit(s, places) for s in compared.kinds), *vector]


def _told(moved: list[MovedVector]) -> list[tuple[MovedVector, VectorResult]]:
    return [(m, result) for m in moved if (result := m.comparison.result) is not None]


def _unit(statistic: Statistic, places: Mapping[tuple[str, Segment], Place]) -> budget.Unit:
    place = places.get((statistic.metric.name, statistic.segment), Place(statistic.segment))
    return budget.Unit(statistic.metric, place, statistic.name, statistic.weight)


def _against_pinned(
    pinned: Sequence[DayProfile],
    days: Sequence[DayProfile],
    today: DayProfile,
    settings: Settings,
    excluded: Excluded,
    warned: Collection[str],
    tail: calibration.Tail,
) -> Iterator[Finding]:
    """The last week against the pinned baseline, which does not roll: for a drift that a rolling baseline swallows.

    Not of what grows with the traffic: that is expected to go on as the rolling baseline shows it, and how a month grew once says nothing
    of the months after it.
    """
    week = [d for d in days if d.day > today.day - timedelta(days=7)]
    base = sorted((d for d in pinned if d.ok and d.day <= today.day - timedelta(days=7)), key=lambda d: d.day)
    if len(base) < 2:
        return
    panel = Panel([*base, *week, today])
    compared = against_baseline(panel, settings, excluded, [1, len(week) + 1], tail)
    asked = [s for s in np.flatnonzero(compared.overall) if compared.kinds[s].metric.name not in statistics.GROWING]
    units = [_unit(compared.kinds[s], {}) for s in asked]
    q = budget.adjusted(compared.p[asked, 1], units, budget.PINNED, settings)
    for s, own in zip(asked, q, strict=True):
        yield compared.finding(int(s), 1, FindingTest.PINNED, float(own), settings, warned)


def _appeared_and_vanished(panel: Panel, settings: Settings) -> list[Finding]:
    """Metrics that cannot be compared because today, or the baseline, has no values: said so, and no alarm."""
    out = []
    for j, metric in enumerate(panel.metrics):
        n = np.nan_to_num(panel.n[:, 0, j])
        days = int((n[:-1] > 0).sum())
        if n[-1] > 0 and days >= 2 or n[-1] == 0 and days == 0 or metric.kind == "count":
            continue
        if n[-1] == 0:
            reason = f"no values today, but on {days} of the last {len(n) - 1} days"
        else:
            reason = "values on one earlier day only: no baseline" if days else "no values before today: no baseline"
        provisional = len(n) - 1 < settings.min_days
        out.append(
            Finding(
                day=panel.days[-1],
                metric=metric.name,
                dimension=OVERALL,
                value="",
                statistic=StatisticName.LEVEL,
                test=FindingTest.NIGHT,
                unit=metric.unit,
                reason=reason,
                n=int(n[-1]),
                baseline_days=days,
                provisional=provisional,
            )
        )
    return out


def _span(days: Sequence[DayProfile], baseline: int, excluded: Excluded) -> int:
    """How many of the last days give every series its full baseline."""
    lost = Counter(key for day in days for key in excluded.get(day.day, ()))
    return baseline + max(lost.values(), default=0)


def _vector_finding(
    moved: MovedVector, result: VectorResult, q: float, day: date, settings: Settings, warned: Collection[str]
) -> Finding:
    metric = moved.metric
    smallest = matters(metric, settings)
    large = result.cosine_shift >= smallest or result.statistic != StatisticName.ENERGY
    return Finding(
        day=day,
        metric=metric.name,
        dimension=moved.segment[0],
        value=moved.segment[1],
        statistic=result.statistic,
        test=FindingTest.NIGHT,
        unit=metric.unit,
        reason=reason(metric.name in warned, q, result.z, large, settings.budget),
        value_from=0.0,
        value_to=result.cosine_shift,
        effect=result.cosine_shift,
        matters=smallest,
        z=result.z,
        p=result.p,
        q=q,
        alarm=q <= settings.budget and large and metric.name not in warned,
        provisional=result.days < settings.min_days,
        n=result.n,
        baseline_days=result.days,
        since=day if q <= settings.budget else None,
    )
