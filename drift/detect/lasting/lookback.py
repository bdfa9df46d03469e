"""Looking back: when did a stored history change, with all of it in hand?

A night knows only the days before it; whoever looks back knows the days after as well. Every series is asked about every
stretch of at least two days that may have been different, with the model of an ordinary day (`random_effects.ask`): the last k
days for every k, and shorter stretches in between for what came and went. What a stretch is asked about is left out of what
is learnt of ordinary days, so a change does not hide itself. The mix of traffic is held fixed, as in a night.

One budget for the whole look: the best stretch of a series pays for all that were tried (Bonferroni), the series share the
budget (Holm, weighted). A change that was found is taken out and the series is asked again, for a history may change twice.

Use this for a month or more of days that are over; for today use `drift.detect.night`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from scipy.special import ndtri

from drift.detect import budget
from drift.detect.lasting import change_point
from drift.detect.predict import ordinary, random_effects
from drift.detect.predict.ordinary import Prior
from drift.detect.predict.shared_prior import shared_prior
from drift.detect.predict.stack import stacked
from drift.detect.reading import read
from drift.detect.settings import Settings
from drift.detect.statistics import distinct, statistics
from drift.detect.statistics.distinct import Place
from drift.detect.statistics.panel import Panel
from drift.detect.statistics.statistic import Statistic
from drift.findings import StatisticName, is_level
from drift.profiles import OVERALL
from drift.profiles.day import DayProfile

# of a hundred months in which nothing happened three may say that something did
BUDGET = 0.03
# two days are the least that one may call a change of level, and as many known ones must be left to compare with
SHORTEST, LEAST_LEFT = 2, 4
# a longer history is looked at in pieces that overlap: what is ordinary changes over a year, and the work grows with the cube
PIECE, OVERLAP = 90, 45
_ROUNDS = 3
_KINDS = frozenset({"number", "rate", "label"})
# a change told at 0.9 must lie so much beyond what is told at 0.5, in standard errors
_ALMOST_SURELY = 1.2816
_WEEK = 7
# share of a series' budget for what still lasts, and as how many independent questions each stretch counts
_LASTING, _DISTINCT_LAST, _DISTINCT_ENDED = 0.6, 0.6, 0.8
# days between the beginnings of what is one change
_SAME = 2


@dataclass(frozen=True)
class Change:
    """A stretch of days on which a series had another level.

    first, first_low, first_high: first changed day and its 95 % interval. last: the last changed day; None where it lasts.
    value_from, value_to: mean of the days outside and of the days of the stretch, in `unit`; low, high: 95 % interval of their
    difference. effect: in the terms of `Metric.matters`. q: adjusted for all that was asked of the whole history.
    """

    metric: str
    statistic: str
    dimension: str
    value: str
    unit: str
    value_from: float
    value_to: float
    low: float
    high: float
    effect: float
    z: float
    q: float
    first: date
    first_low: date
    first_high: date
    last: date | None
    days: int
    n: int


@dataclass(frozen=True)
class Smallest:
    """The smallest lasting change of a series that a week of it would have shown with probability 0.9, in `unit`, as `effect`
    says it; `matters` is the smallest that matters."""

    metric: str
    dimension: str
    value: str
    unit: str
    change: float
    effect: float
    matters: float
    n: float


@dataclass(frozen=True)
class Lookback:
    """changes: largest evidence first within a beginning, beginnings in order. visible: what could have been seen of each level."""

    changes: tuple[Change, ...]
    visible: tuple[Smallest, ...]
    series: int


def look_back(days: Sequence[DayProfile], settings: Settings) -> Lookback:
    """Every change of the days, which are in order. Fewer than six days show none."""
    changes: list[Change] = []
    visible: dict[tuple[str, str, str], Smallest] = {}
    series = 0
    pieces = _pieces(len(days))
    for start, end in pieces:
        piece = _look(days[start:end], settings, BUDGET / len(pieces))
        series = max(series, piece.series)
        changes += [each for each in piece.changes if not any(_is_same(each, known) for known in changes)]
        visible.update({(each.metric, each.dimension, each.value): each for each in piece.visible})
    return Lookback(tuple(sorted(changes, key=lambda c: (c.first, -abs(c.z)))), tuple(visible.values()), series)


def beginnings(changes: Sequence[Change]) -> list[list[Change]]:
    """The changes by what began together, strongest evidence first; a change that lasts and one that ended are apart."""
    out: list[list[Change]] = []
    for change in sorted(changes, key=lambda c: -abs(c.z)):
        own = next((group for group in out if _together(group[0], change)), None)
        if own is None:
            out.append([change])
        else:
            own.append(change)
    return sorted(out, key=lambda group: group[0].first)


def _pieces(length: int) -> list[tuple[int, int]]:
    if length <= PIECE:
        return [(0, length)]
    starts = [*range(0, length - PIECE, PIECE - OVERLAP), length - PIECE]
    return [(start, start + PIECE) for start in starts]


def _is_same(a: Change, b: Change) -> bool:
    place = (a.metric, a.statistic, a.dimension, a.value) == (b.metric, b.statistic, b.dimension, b.value)
    return place and abs((a.first - b.first).days) <= _SAME


def _together(a: Change, b: Change) -> bool:
    return abs((a.first - b.first).days) <= _SAME and (a.last is None) == (b.last is None)


def _look(days: Sequence[DayProfile], settings: Settings, whole_budget: float) -> Lookback:
    if len(days) < SHORTEST + LEAST_LEFT:
        return Lookback((), (), 0)
    panel = Panel(list(days))
    kinds = [s for s in statistics.of(panel, settings.min_traces, {}) if _followed(s)]
    if not kinds:
        return Lookback((), (), 0)
    asked = stretches(len(days))
    prior = shared_prior(stacked([s for s in kinds if s.segment[0] == OVERALL] or kinds), panel.days)
    weight = budget.weights(_units(kinds, panel), settings)
    found: list[Change] = []
    rows = np.arange(len(kinds))
    left = list(kinds)
    error = np.zeros((len(kinds), len(asked)))
    for _ in range(_ROUNDS):
        verdicts = random_effects.ask(stacked([left[s] for s in rows]), panel.days, asked, prior)
        error[rows] = verdicts.error
        p, column = _best(verdicts, [left[s] for s in rows], asked)
        # what was told keeps its share: asking again does not make the rest cheaper
        every = np.ones(len(kinds))
        every[rows] = p
        q = budget.holm(every, weight)[rows]
        again = []
        for place, s in enumerate(rows):
            change = _change(
                left[s], panel.days, asked[column[place]], verdicts, place, int(column[place]), float(q[place]), prior, settings
            )
            if q[place] <= whole_budget and change is not None:
                found.append(change)
                left[s] = _without(left[s], asked[column[place]], float(verdicts.change[place, column[place]]))
                again.append(s)
        if not again:
            break
        rows = np.array(again)
    return Lookback(tuple(found), tuple(_visible(left, error, asked, weight, whole_budget, settings)), len(kinds))


def _followed(s: Statistic) -> bool:
    """Levels and shares of what requests and answers are; which model or prompt answers is decided, not suffered."""
    if s.metric.kind not in _KINDS or s.metric.side == "traffic":
        return False
    return is_level(s.name)


def _units(kinds: Sequence[Statistic], panel: Panel) -> list[budget.Unit]:
    places = distinct.places(panel)
    return [budget.Unit(s.metric, places.get((s.metric.name, s.segment), Place(s.segment)), s.name, s.weight) for s in kinds]


def stretches(length: int) -> np.ndarray:
    """The stretches that are asked about, (H, T): today alone first, as `ask` wants it, then the last k days, then some that ended."""
    out = [ordinary.last_days(length, [1])]
    ends = list(range(SHORTEST, length - LEAST_LEFT + 1))
    out.append(ordinary.last_days(length, ends))
    inner = []
    size = SHORTEST
    while size <= length // 3:
        for start in range(1, length - size, max(1, size // 2)):
            inner.append([float(start <= d < start + size) for d in range(length)])
        size = max(size + 1, int(size * 1.5))
    return np.vstack([*out, *([np.array(inner)] if inner else [])])


def _best(verdicts: random_effects.Verdicts, kinds: Sequence[Statistic], asked: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each series' p, adjusted for all of its stretches, and the stretch that stands out most: (S,) and (S,).

    What still lasts has most of the budget: of the last k days there are few, and they matter most. Stretches that overlap say
    nearly the same, so they count as fewer (`benchmarks/lookback.py --stretches` simulates it).
    """
    p = 2 * np.minimum(verdicts.up, verdicts.down)
    # the first is about today alone, which is the night's business; a stretch needs known days in it and outside it
    usable = np.ones_like(p, bool)
    usable[:, 0] = False
    for s, statistic in enumerate(kinds):
        known = (statistic.n > 0) & np.isfinite(statistic.y)
        inside = asked @ known
        usable[s] &= (inside >= SHORTEST) & (known.sum() - inside >= LEAST_LEFT)
    lasts = asked[:, -1] > 0
    cost = np.where(
        lasts,
        _DISTINCT_LAST * (usable & lasts).sum(1, keepdims=True) / _LASTING,
        _DISTINCT_ENDED * (usable & ~lasts).sum(1, keepdims=True) / (1 - _LASTING),
    )
    p = np.where(usable, np.minimum(p * np.maximum(cost, 1.0), 1.0), 1.0)
    return p.min(1), p.argmin(1)


def _change(
    s: Statistic,
    days: Sequence[date],
    asked: np.ndarray,
    verdicts: random_effects.Verdicts,
    row: int,
    column: int,
    q: float,
    prior: Prior,
    settings: Settings,
) -> Change | None:
    """The stretch in words of its metric; None where it is smaller than what matters."""
    inside = (asked > 0) & (s.n > 0)
    change, error, z = (float(x[row, column]) for x in (verdicts.change, verdicts.error, verdicts.z))
    reading = read(_pooled(s, inside), change, error, z, settings)
    if abs(reading.effect) < reading.matters:
        return None
    end = int(np.flatnonzero(asked)[-1])
    began = change_point.since(stacked([s]).until(end + 1), days[: end + 1], prior, last=int(asked.sum()) + _SAME)
    first, low, high = began or (days[int(np.flatnonzero(asked)[0])],) * 3
    return Change(
        metric=s.metric.name,
        statistic=s.name,
        dimension=s.segment[0],
        value=s.segment[1],
        unit=reading.unit,
        value_from=reading.value_from,
        value_to=reading.value_to,
        low=reading.low,
        high=reading.high,
        effect=reading.effect,
        z=z,
        q=q,
        first=first,
        first_low=low,
        first_high=high,
        last=None if end == len(days) - 1 else days[end],
        days=int(inside.sum()),
        n=int(s.traces[inside].sum()),
    )


def _pooled(s: Statistic, inside: np.ndarray) -> Statistic:
    """The statistic with the days of the stretch as one day at its end, which is what `read` reads."""
    weight = s.n[inside] / s.n[inside].sum()

    def mean(x: np.ndarray) -> np.ndarray:
        return np.append(x[~inside], float(np.nansum(np.nan_to_num(x[inside]) * weight)))

    def total(x: np.ndarray) -> np.ndarray:
        return np.append(x[~inside], np.nansum(x[inside]))

    return replace(
        s,
        y=mean(s.y),
        mix=mean(s.mix),
        n=total(s.n),
        events=None if s.events is None else total(s.events),
        size=None if s.size is None else total(s.size),
        expected=None if s.expected is None else mean(s.expected),
        quantile=None if s.quantile is None else mean(s.quantile),
    )


def _without(s: Statistic, asked: np.ndarray, change: float) -> Statistic:
    return replace(s, y=s.y - asked * change)


def _visible(
    kinds: Sequence[Statistic],
    errors: np.ndarray,
    asked: np.ndarray,
    weight: np.ndarray,
    whole_budget: float,
    settings: Settings,
) -> Iterator[Smallest]:
    """The smallest change of each level over the last week that would have been found, from the model's own standard errors.

    kinds, errors: without the changes that were found, (S,) and (S, H): they are no noise in which another would hide.
    """
    week = min(_WEEK, asked.shape[1] - LEAST_LEFT)
    column = 1 + week - SHORTEST
    share, lasting = weight / weight.sum(), int((asked[1:, -1] > 0).sum())
    for row, s in enumerate(kinds):
        if s.name != StatisticName.LEVEL or not s.n[-week:].sum() or not share[row]:
            continue
        needed = -ndtri(whole_budget * share[row] * _LASTING / (_DISTINCT_LAST * lasting) / 2) + _ALMOST_SURELY
        error = float(errors[row, column])
        inside = np.arange(len(s.n)) >= len(s.n) - week
        sign = -1.0 if s.metric.worse == "down" else 1.0
        usual = _pooled(s, inside & (s.n > 0))
        moved = replace(usual, y=np.append(usual.y[:-1], usual.y[-1] + sign * needed * error))
        if moved.events is not None and moved.size is not None:
            # a share's change is read from its counts
            from drift.detect.statistics import arcsine

            to = float(arcsine.share(np.array(moved.raw[-1])))
            moved = replace(moved, events=np.append(moved.events[:-1], to * moved.size[-1]))
        reading = read(moved, sign * needed * error, error, sign * needed, settings)
        yield Smallest(
            metric=s.metric.name,
            dimension=s.segment[0],
            value=s.segment[1],
            unit=reading.unit,
            change=reading.value_to - reading.value_from,
            effect=reading.effect,
            matters=reading.matters,
            n=float(s.traces[-week:].mean()),
        )


def places(changes: Collection[Change]) -> list[tuple[str, str]]:
    """The segments of the changes, those with more evidence first, each once; the whole traffic is none."""
    found = [(c.dimension, c.value) for c in sorted(changes, key=lambda c: -abs(c.z)) if c.dimension != OVERALL]
    return list(dict.fromkeys(found))
