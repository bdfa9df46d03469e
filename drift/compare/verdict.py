"""The verdict on every statistic of a comparison: changed, equivalent, or not enough data.

*changed*: q ≤ the budget and the change is at least the smallest that matters. *equivalent*: the 90 % interval lies within
± the smallest change that matters (two one-sided tests at 5 %, Schuirmann 1987). *not enough data*: neither; absence of
evidence is not called equivalence. q is Benjamini–Hochberg over the metrics, where the statistics of one metric (its labels,
its level and p95) share its weight.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from drift.compare.effects import Effect
from drift.config import Config
from drift.detect.reading import RATE_ALWAYS_MATTERS
from drift.metrics import Metric

CHANGED, EQUIVALENT, UNDECIDED = "changed", "equivalent", "not enough data"


@dataclass(frozen=True)
class Row:
    """One statistic of one metric.

    statistic: level (a geometric mean where the metric's scale is logarithmic), mean (the arithmetic one beside it), tail (p95)
    or share:<label>. value_a, value_b: as seen, in `unit`. change, low, high:
    the difference within the same traffic and its 95 % interval, in `unit`. effect, effect_low, effect_high: the same in the
    terms of `matters`, with the 90 % interval that the verdict of equivalence uses. mix_part: what the mix of traffic adds to
    the change, in `unit`. replicates: pairs, days or independent traces of a and of b.
    """

    metric: str
    statistic: str
    unit: str
    method: str
    value_a: float
    value_b: float
    change: float
    low: float
    high: float
    effect: float
    effect_low: float
    effect_high: float
    matters: float
    p: float
    q: float
    verdict: str
    direction: str
    reason: str
    replicates: tuple[int, int]
    mix_part: float = 0.0

    @property
    def bound(self) -> float:
        """No change is larger than this, in the terms of `matters` (at 95 % confidence on each side)."""
        return max(abs(self.effect_low), abs(self.effect_high))


@dataclass(frozen=True)
class Pair:
    """One input whose answers differ much: the metric that differs most, its two values, and the two traces."""

    metric: str
    value_a: float
    value_b: float
    trace_a: str
    trace_b: str


@dataclass(frozen=True)
class Comparison:
    """What a comparison of `a` with `b` says: rows, changed ones first, and the most changed pairs, if inputs matched."""

    a: str
    b: str
    rows: tuple[Row, ...]
    pairs: tuple[Pair, ...] = ()
    note: str = ""

    def with_verdict(self, verdict: str) -> list[Row]:
        return [row for row in self.rows if row.verdict == verdict]

    def row(self, metric: str, statistic: str = "level") -> Row:
        """Raises KeyError where the comparison has no such row."""
        for row in self.rows:
            if (row.metric, row.statistic) == (metric, statistic):
                return row
        raise KeyError(f"{metric} {statistic}")


@dataclass(frozen=True)
class Draft:
    """A row before its verdict: an effect on the metric's scale, which `read` translates (see `drift.detect.reading`)."""

    metric: Metric
    statistic: str
    effect: Effect
    method: str


def judge(drafts: Sequence[Draft], config: Config) -> tuple[Row, ...]:
    """Verdicts over all drafts together; changed rows first, then by q."""
    out = []
    for draft, q in zip(drafts, _adjusted(drafts), strict=True):
        out.append(_verdict(_read(draft, config), draft, float(q), config.detect.budget))
    order = {CHANGED: 0, UNDECIDED: 1, EQUIVALENT: 2}
    return tuple(sorted(out, key=lambda row: (order[row.verdict], row.q, row.metric, row.statistic)))


def _adjusted(drafts: Sequence[Draft]) -> np.ndarray:
    """Benjamini–Hochberg, weighted (Genovese, Roeder & Wasserman 2006) so that every metric counts alike."""
    if not drafts:
        return np.zeros(0)
    names = [draft.metric.name for draft in drafts]
    each = {name: names.count(name) for name in names}
    weight = np.array([len(names) / len(each) / each[name] for name in names])
    p = np.array([draft.effect.p for draft in drafts]) / weight
    order = np.argsort(p, kind="stable")
    ranked = p[order] * len(p) / np.arange(1, len(p) + 1)
    out = np.empty(len(p))
    out[order] = np.minimum(1.0, np.minimum.accumulate(ranked[::-1])[::-1])
    return out


def _read(draft: Draft, config: Config) -> Row:
    """The effect in the metric's unit and in the terms of `matters`."""
    metric, e = draft.metric, draft.effect
    section = config.metrics.get(metric.name)
    matters = section.matters if section is not None and section.matters is not None else metric.matters
    unit = "share" if metric.kind in ("rate", "label") else metric.unit
    if metric.kind == "rate":
        matters = max(matters, min(0.1 * min(e.from_, 1 - e.from_), RATE_ALWAYS_MATTERS))
    in_units: Callable[[float], float] = float
    in_effect: Callable[[float], float] = float
    start, to = e.from_, e.to
    if metric.kind == "count" or (metric.kind == "number" and metric.scale == "log"):
        start, to = float(np.exp(e.from_)), float(np.exp(e.to))
        in_units, in_effect = (lambda d: start * float(np.expm1(d))), (lambda d: float(np.expm1(d)))
    values = [in_units(v) for v in (e.change, e.low, e.high)]
    terms = [in_effect(v) for v in (e.change, e.inner_low, e.inner_high)]
    return Row(
        metric.name, draft.statistic, unit, draft.method, start, to, *values, *terms, matters, e.p, 1.0, UNDECIDED, "changed",
        "", e.replicates, in_units(e.mix),
    )  # fmt: skip


def _verdict(row: Row, draft: Draft, q: float, budget: float) -> Row:
    worse = draft.metric.worse if draft.statistic in ("level", "mean", "tail") else "either"
    upward = {"up": "worse", "down": "better"}.get(worse, "changed")
    opposite = {"worse": "better", "better": "worse"}.get(upward, "changed")
    direction = upward if row.effect > 0 else opposite
    of = {"pairs": "pairs", "days": "days", "paired days": "days", "traces": "traces"}[row.method]
    number = f"{row.replicates[0]}" if "pair" in row.method else f"{row.replicates[0]} and {row.replicates[1]}"
    if q <= budget and abs(row.effect) >= row.matters:
        verdict, reason = CHANGED, f"q {q:.2g} over {number} {of}, and the change is large enough to matter"
    elif max(-row.effect_low, row.effect_high) <= row.matters:
        verdict = EQUIVALENT
        reason = f"no change larger than {row.bound:.2g} is consistent with {number} {of}; {row.matters:.2g} would matter"
    elif q <= budget:
        verdict = UNDECIDED
        reason = f"there is a change (q {q:.2g}), but {number} {of} do not show that it is large enough to matter"
    else:
        verdict = UNDECIDED
        reason = f"{number} {of} leave room for a change up to {row.bound:.2g}; {row.matters:.2g} would matter"
    return replace(row, q=q, verdict=verdict, direction=direction, reason=reason)
