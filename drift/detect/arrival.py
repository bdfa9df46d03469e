"""What stopped arriving: a metric that traces had a value of and have none of now, such as scores of a judge that no longer runs.

Nothing is left of it to be compared, so this is asked beside the comparisons, and needs no budget: it alarms only where chance cannot
be the reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import exp, log1p

import numpy as np

from drift.detect.settings import Settings
from drift.detect.statistics.panel import Panel
from drift.detect.statistics.statistic import Excluded
from drift.findings import Direction, Finding, FindingTest, StatisticName
from drift.metrics import TOOL_CALLED
from drift.profiles import OVERALL

# it stopped where a fifth of what even thin days had is not reached
_GONE, _THIN = 0.2, 0.1
_CHANCE = 1e-6
_LEAST_DAYS = 3
# what is measured on texts goes with them, or was not to be told of those that came: it did not stop arriving
_TEXTS = {"input": "input_characters", "output": "output_characters", "safety": "output_characters"}
# what is read from scores goes with them
_SCORES = ("score.", "score_label.")
_OF_SCORES = frozenset({"task_completed", "session_abandoned"})
# what a tool that is called less has less of
_OF_A_TOOL = ("tool_failure.", "tool_s.", "tool_result.", "tool_empty.", "tool_shape.")
_RECORDED = frozenset({*_TEXTS.values(), "input_tokens", "output_tokens", "finish_reason"})


def stopped(panel: Panel, settings: Settings, excluded: Excluded) -> list[Finding]:
    """One finding a metric of the whole traffic that stopped arriving, test "arrival": the share of traces that had a value, and has.

    Days of an open incident of the metric are left out, so it goes on as long as nothing arrives; so are days that another version of
    drift read.
    """
    gone = {each.metric: each for each in _gone(panel, settings, excluded)}
    side = {metric.name: metric.side for metric in panel.metrics}
    texts = gone.keys() & set(_TEXTS.values())
    out = []
    scores = sorted(name for name in gone if name.startswith(_SCORES))
    for name, each in gone.items():
        if name in _OF_SCORES and scores:
            out.append(replace(each, alarm=False, reason=f"no values, as {scores[0]} has none"))
        elif name.startswith(_OF_A_TOOL) and _is_called_less(panel, name.partition(".")[2]):
            out.append(replace(each, alarm=False, reason="few values, as the tool is called less"))
        elif side[name] in _TEXTS and name not in _RECORDED:
            text = _TEXTS[side[name]]
            why = f"no values, as {text} has none" if text in texts else "the texts of today have no value of it"
            out.append(replace(each, alarm=False, reason=why))
        else:
            # of what stopped together, a text stands for the rest
            out.append(replace(each, direction=Direction.WORSE if name in texts or not texts else Direction.CHANGED))
    return out


def _is_called_less(panel: Panel, tool: str) -> bool:
    """Whether requests call the tool today, and at most half as many as on a median day: that is told of how often it is called."""
    j = panel.column.get(f"{TOOL_CALLED}{tool}")
    if j is None:
        return False
    calls = np.nan_to_num(panel.total[:, 0, j])
    return bool(panel.n[-1, 0, j] > 0 and calls[-1] <= np.median(calls[:-1]) / 2)


def _gone(panel: Panel, settings: Settings, excluded: Excluded) -> Iterator[Finding]:
    traces = np.nanmax(np.nan_to_num(panel.n[:, 0] + panel.missing[:, 0]), axis=1, initial=0)
    for j, metric in enumerate(panel.metrics):
        if metric.kind in ("count", "vector") or metric.name in settings.disabled:
            continue
        if np.isnan(panel.n[-1, 0, j]) and metric.side != "quality":
            # it is not measured any more, which is a matter of this configuration; a score has its column from its first value
            continue
        key = (metric.name, OVERALL, "")
        usable = np.array([n > 0 and key not in excluded.get(day, ()) for day, n in zip(panel.days, traces, strict=True)])
        usable[-1] = False
        # another version of drift may have read a value where this one knows of none
        usable &= ~panel.foreign
        known = np.nan_to_num(panel.n[:, 0, j]) / np.maximum(traces, 1)
        if usable.sum() < _LEAST_DAYS or not traces[-1]:
            continue
        usual = known[usable][-settings.days :]
        thin = float(np.quantile(usual, _THIN, method="lower")) * _still_asked(panel, j, usable)
        if known[-1] >= _GONE * thin or _chance(int(panel.n[-1, 0, j] if known[-1] else 0), int(traces[-1]), thin) > _CHANCE:
            continue
        share, days = float(np.median(usual)), len(usual)
        yield Finding(
            day=panel.days[-1],
            metric=metric.name,
            dimension=OVERALL,
            value="",
            statistic=StatisticName.KNOWN,
            test=FindingTest.ARRIVAL,
            unit="share",
            reason=f"stopped arriving: {_seen(known[-1])}, but on {int((usual > 0).sum())} of the last {days} ordinary days",
            value_from=share,
            value_to=float(known[-1]),
            effect=float(known[-1]) - share,
            z=_z(share, float(known[-1]), int(traces[-1])),
            p=0.0,
            q=0.0,
            alarm=True,
            provisional=days < settings.min_days,
            direction=Direction.WORSE,
            n=int(traces[-1]),
            baseline_days=days,
            since=panel.days[-1],
        )


def _still_asked(panel: Panel, j: int, usable: np.ndarray) -> float:
    """The part of the metric's values that comes from endpoints which still have traffic, at most 1: with an endpoint that was retired its
    tools go, and that is no signal that broke."""
    places = [i for i, (dimension, _) in enumerate(panel.segments) if dimension == "name"]
    if not places:
        return 1.0
    traffic = np.nan_to_num(panel.n[:, places] + panel.missing[:, places]).max(2)
    known, days = np.nan_to_num(panel.n[:, places, j])[usable].sum(0), np.maximum(traffic[usable].sum(0), 1.0)
    usual = traffic[usable] / np.maximum(traffic[usable].sum(1, keepdims=True), 1.0)
    today = traffic[-1] / max(traffic[-1].sum(), 1.0)
    before = float(usual.mean(0) @ (known / days))
    return min(1.0, float(today @ (known / days)) / before) if before > 0 else 1.0


def _seen(share: float) -> str:
    return f"values of {100 * share:.2g} % of the traces today" if share else "no values today"


def _chance(seen: int, traces: int, share: float) -> float:
    """At most the chance that so few of the traces have a value where `share` of them have one (Chernoff's bound)."""
    rate, expected = seen / traces, share
    if rate >= expected:
        return 1.0
    if expected >= 1:
        return 0.0
    far = (1 - rate) * (log1p(-rate) - log1p(-expected)) + (rate * np.log(rate / expected) if rate else 0.0)
    return exp(-traces * far)


def _z(share: float, now: float, traces: int) -> float:
    spread = max(share * (1 - share), 1 / traces) / traces
    return (now - share) / spread**0.5
