"""Two versions side by side in the traffic, hour by hour: promote the candidate, stop it, or not yet.

The decision is that of the first hour at which the bounds of `drift.compare.sequential` decide, whenever one looks. What is compared is
the change within the same mix of traffic, with sessions as the replicates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import numpy as np
import pandas as pd

from drift import metrics
from drift.compare import effects, sequential
from drift.compare.effects import Sample
from drift.compare.rows import cells_of, clusters_of, on_scale, typed
from drift.compare.sequential import State
from drift.config import Config
from drift.detect.reading import matters
from drift.detect.settings import Settings
from drift.errors import ConfigError, DataError
from drift.metrics import Metric

GUARDS = ("error", "cost_usd", "latency_s", "refusal")
# the guards' part of the runs in which an equal candidate may be stopped
_GUARDS_SHARE = 0.2
# with fewer traces on a side nothing is decided: the bound is one of large numbers
_FEWEST = 100


class Answer(StrEnum):
    """What to do with the candidate."""

    PROMOTE = "promote"
    STOP = "stop"
    NOT_YET = "not yet"


@dataclass(frozen=True)
class Watched:
    """One metric at the last look: how much worse the candidate is, at least and at most, in the terms of `margin`.

    level_a, level_b: the sides' levels on the metric's scale.
    """

    metric: str
    level_a: float
    level_b: float
    change: float
    least: float
    most: float
    margin: float
    state: State


@dataclass(frozen=True)
class Decision:
    """The answer, the hour since the start at which it fell (None where it has not), and the metrics at that hour, the main one first.

    missing: guards of which a side has no values.
    """

    answer: Answer
    hour: int | None
    watched: tuple[Watched, ...]
    traces: tuple[int, int]
    missing: tuple[str, ...] = ()


def decide(
    a: pd.DataFrame,
    b: pd.DataFrame,
    config: Config,
    metric: str,
    start: datetime,
    end: datetime,
    guards: Sequence[str] = GUARDS,
) -> Decision:
    """What is known of b, the candidate, beside a, at the first hour from `start` to `end` that decides, else at the last.

    a, b: features tables of the same time, one row a trace. Promote: in no watched metric worse by what matters. Stop: worse in one.
    Raises ConfigError for a metric without a worse direction, DataError where a side has no values of it.
    """
    main = _watchable(metric)
    names = [metric, *(guard for guard in guards if guard != metric)]
    there = [name for name in names if all(name in side and side[name].notna().any() for side in (a, b))]
    if metric not in there:
        raise DataError(f"{metric}: a side has no values of it between {start:%Y-%m-%d %H:%M} and {end:%Y-%m-%d %H:%M} UTC")
    asked = [main, *(_watchable(name) for name in there if name != metric)]
    shares = [1.0] if len(asked) == 1 else [1 - _GUARDS_SHARE, *[_GUARDS_SHARE / (len(asked) - 1)] * (len(asked) - 1)]
    times = [pd.to_datetime(side["timestamp"], utc=True) for side in (a, b)]
    hours = max(1, int((end - start) / timedelta(hours=1)))
    decision = None
    for hour in range(1, hours + 1):
        until = start + timedelta(hours=hour)
        sides = [side[(when >= start) & (when < until)] for side, when in zip((a, b), times, strict=True)]
        if min(map(len, sides)) < _FEWEST:
            continue
        watched = tuple(
            filter(None, (_look(each, sides[0], sides[1], config, share) for each, share in zip(asked, shares, strict=True)))
        )
        decision = _decision(watched, metric, hour, (len(sides[0]), len(sides[1])), tuple(n for n in names if n not in there))
        if decision.answer != Answer.NOT_YET:
            return decision
    return decision or Decision(Answer.NOT_YET, None, (), (len(a), len(b)))


def _watchable(name: str) -> Metric:
    metric = metrics.find(name)
    if metric is None or metric.kind not in ("rate", "number") or metric.worse == "either":
        raise ConfigError(
            f"{name!r:.80}: not a rate or a number with a worse direction; give one such as refusal or score.NAME"
        )
    return metric


def _look(metric: Metric, a: pd.DataFrame, b: pd.DataFrame, config: Config, share: float) -> Watched | None:
    """The metric at one look; None where a side has too few values."""
    metric = typed(metric, a, b)
    places = cells_of(a, b, [d for d in config.segments.dimensions if d in a and d in b], join=True)
    samples = [
        Sample.of(on_scale(metric, side[metric.name]), place, clusters_of(side, "session_id"))
        for side, place in zip((a, b), places, strict=True)
    ]
    standard = effects.within_cells(*samples)
    if standard is None:
        return None
    split, errors = standard
    error = float(np.hypot(*errors))
    if metric.kind == "rate":
        least_error = sequential.rate_error(sum(s.x.sum() for s in samples), [len(s.x) for s in samples])
        error = max(error, float(least_error))
    margin = matters(metric, Settings.of(config), (split.before + split.after) / 2)
    worse = split.within if metric.worse == "up" else -split.within
    # on the log scale a change of log(1 + m) is one of m
    allowed = float(np.log1p(margin)) if metric.relative else margin
    least, most = (float(end) for end in sequential.bounds(worse, error, allowed, share))
    in_terms = np.expm1 if metric.relative else float
    return Watched(
        metric=metric.name,
        level_a=split.before,
        level_b=split.after,
        change=float(in_terms(worse)),
        least=float(in_terms(least)),
        most=float(in_terms(most)),
        margin=margin,
        state=sequential.state(least, most, allowed),
    )


def _decision(
    watched: tuple[Watched, ...], main: str, hour: int, traces: tuple[int, int], missing: tuple[str, ...]
) -> Decision:
    states = [each.state for each in watched]
    answer = Answer.NOT_YET
    if State.WORSE in states:
        answer = Answer.STOP
    elif all(state == State.NOT_WORSE for state in states) and watched[0].metric == main:
        answer = Answer.PROMOTE
    return Decision(answer, None if answer == Answer.NOT_YET else hour, watched, traces, missing)
