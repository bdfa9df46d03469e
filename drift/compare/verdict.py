"""The verdict on every statistic of a comparison: changed, equivalent, or not enough data.

*changed*: q ≤ the budget and the change is at least the smallest that matters. *equivalent*: the 90 % interval lies within
± the smallest change that matters (two one-sided tests at 5 %, Schuirmann 1987). *not enough data*: neither; absence of
evidence is not called equivalence. q is Benjamini–Hochberg over the metrics, where the statistics of one metric (its labels,
its level and p95) share its weight.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from drift.compare.effects import Effect
from drift.config import Config
from drift.detect.reading import matters
from drift.detect.settings import Settings
from drift.errors import DataError
from drift.findings import Direction, StatisticName, direction
from drift.metrics import Metric, find

# what every answer has
_ANSWERS = "output_characters"


class Verdict(StrEnum):
    """What the data say of one statistic; in the order in which people read them."""

    CHANGED = "changed"
    UNDECIDED = "not enough data"
    EQUIVALENT = "equivalent"


class Method(StrEnum):
    """What the replicates of an effect are."""

    PAIRS = "pairs"
    TRACES = "traces"
    DAYS = "days"
    PAIRED_DAYS = "paired days"


@dataclass(frozen=True)
class Row:
    """One statistic of one metric.

    statistic: level (a geometric mean where the metric's scale is logarithmic), mean (the arithmetic one beside it), tail (p95)
    or share:<label>. value_a, value_b: as seen, in `unit`. change, low, high:
    the difference within the same traffic and its 95 % interval, in `unit`. effect, effect_low, effect_high: the same in the
    terms of `matters`, with the 90 % interval that the verdict of equivalence uses. mix_part: what the mix of traffic adds to
    the change, in `unit`. replicates: pairs, days or independent traces of a and of b. counts: of a rate (k, n) of a and of b.
    dimension, value: the segment; empty for all traffic. given: the metric at whose same values this one is compared.
    """

    metric: str
    statistic: str
    unit: str
    method: Method
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
    verdict: Verdict
    direction: Direction
    reason: str
    replicates: tuple[int, int]
    mix_part: float = 0.0
    counts: tuple[tuple[int, int], tuple[int, int]] | None = None
    dimension: str = ""
    value: str = ""
    given: str = ""

    @property
    def is_distance(self) -> bool:
        """Whether there is no level on either side, only how far they lie apart."""
        known = find(self.metric)
        return known is not None and known.kind == "vector"

    @property
    def idle(self) -> bool:
        """Whether it was one and the same on both sides throughout: never seen, or never anything else."""
        if self.unit == "share":
            return self.value_a == self.value_b and self.value_a in (0.0, 1.0)
        return self.value_a == self.value_b and self.change == self.low == self.high == 0

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
    """What a comparison of `a` with `b` says: rows, changed ones first, and the most changed pairs, if inputs matched.

    size: traces of a and of b that were compared, or inputs twice; None where that is not known. lacking: metrics that a alone
    has, and that b alone has. segments: levels within segments of the traffic, judged apart from the rows.
    paired: answers to the same input were compared, and not the sides as a whole.
    """

    a: str
    b: str
    rows: tuple[Row, ...]
    pairs: tuple[Pair, ...] = ()
    note: str = ""
    size: tuple[int, int] | None = None
    lacking: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    segments: tuple[Row, ...] = ()
    paired: bool = False

    def with_verdict(self, verdict: Verdict) -> list[Row]:
        return [row for row in self.rows if row.verdict == verdict]

    def row(self, metric: str, statistic: str = StatisticName.LEVEL) -> Row:
        """Raises KeyError where the comparison has no such row."""
        for row in self.rows:
            if (row.metric, row.statistic) == (metric, statistic):
                return row
        raise KeyError(f"{metric} {statistic}")


@dataclass(frozen=True)
class Draft:
    """A row before its verdict: an effect on the metric's scale, which `read` translates (see `drift.detect.reading`).

    counts: of a rate (k, n) of a and of b. dimension, value: the segment; empty for all traffic. given: as of a row.
    """

    metric: Metric
    statistic: str
    effect: Effect
    method: Method
    counts: tuple[tuple[int, int], tuple[int, int]] | None = None
    dimension: str = ""
    value: str = ""
    given: str = ""


def lacking(a: set[str], b: set[str], names: tuple[str, str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The metrics that one side alone has values of. Raises DataError where one side alone has answers."""
    alone = tuple(sorted(a - b)), tuple(sorted(b - a))
    for side, other, missing in ((1, 0, alone[0]), (0, 1, alone[1])):
        if _ANSWERS in missing:
            raise DataError(
                f"{names[side]}: no answers were read, and {names[other]} has some; there is nothing to judge it by"
            )
    return alone


def judge(drafts: Sequence[Draft], config: Config) -> tuple[Row, ...]:
    """Verdicts over all drafts together; changed rows first, then by q."""
    out, settings = [], Settings.of(config)
    for draft, q in zip(drafts, _adjusted(drafts), strict=True):
        out.append(_verdict(_read(draft, settings), draft, float(q), settings.budget))
    order = list(Verdict)
    return tuple(sorted(out, key=lambda row: (order.index(row.verdict), row.q, row.metric, row.statistic)))


def _adjusted(drafts: Sequence[Draft]) -> np.ndarray:
    """Benjamini–Hochberg, weighted (Genovese, Roeder & Wasserman 2006) so that every metric counts alike."""
    if not drafts:
        return np.zeros(0)
    names = [(draft.metric.name, draft.dimension, draft.value) for draft in drafts]
    each = {name: names.count(name) for name in names}
    weight = np.array([len(names) / len(each) / each[name] for name in names])
    p = np.array([draft.effect.p for draft in drafts]) / weight
    order = np.argsort(p, kind="stable")
    ranked = p[order] * len(p) / np.arange(1, len(p) + 1)
    out = np.empty(len(p))
    out[order] = np.minimum(1.0, np.minimum.accumulate(ranked[::-1])[::-1])
    return out


def _read(draft: Draft, settings: Settings) -> Row:
    """The effect in the metric's unit and in the terms of `matters`."""
    metric, e = draft.metric, draft.effect
    unit = "share" if metric.kind in ("rate", "label") else metric.unit
    in_units: Callable[[float], float] = float
    in_effect: Callable[[float], float] = float
    start, to = e.from_, e.to
    if metric.relative:
        start, to = float(np.exp(e.from_)), float(np.exp(e.to))
        in_units, in_effect = (lambda d: start * float(np.expm1(d))), (lambda d: float(np.expm1(d)))
    return Row(
        metric=metric.name,
        statistic=draft.statistic,
        unit=unit,
        method=draft.method,
        value_a=start,
        value_b=to,
        change=in_units(e.change),
        low=in_units(e.low),
        high=in_units(e.high),
        effect=in_effect(e.change),
        effect_low=in_effect(e.inner_low),
        effect_high=in_effect(e.inner_high),
        matters=matters(metric, settings, e.from_),
        p=e.p,
        q=1.0,
        verdict=Verdict.UNDECIDED,
        direction=Direction.CHANGED,
        reason="",
        replicates=e.replicates,
        mix_part=in_units(e.mix),
        counts=draft.counts,
        dimension=draft.dimension,
        value=draft.value,
        given=draft.given,
    )


def _verdict(row: Row, draft: Draft, q: float, budget: float) -> Row:
    of = Method.DAYS if row.method == Method.PAIRED_DAYS else row.method
    number = (
        f"{row.replicates[0]}"
        if row.method in (Method.PAIRS, Method.PAIRED_DAYS)
        else f"{row.replicates[0]} and {row.replicates[1]}"
    )
    if q <= budget and abs(row.effect) >= row.matters:
        verdict, reason = Verdict.CHANGED, f"q {q:.2g} over {number} {of}, and the change is large enough to matter"
    elif max(-row.effect_low, row.effect_high) <= row.matters:
        verdict = Verdict.EQUIVALENT
        reason = f"no change larger than {row.bound:.2g} is consistent with {number} {of}; {row.matters:.2g} would matter"
    elif q <= budget:
        verdict = Verdict.UNDECIDED
        reason = f"there is a change (q {q:.2g}), but {number} {of} do not show that it is large enough to matter"
    else:
        verdict = Verdict.UNDECIDED
        reason = f"{number} {of} leave room for a change up to {row.bound:.2g}; {row.matters:.2g} would matter"
    return replace(
        row, q=q, verdict=verdict, direction=direction(draft.metric.worse, draft.statistic, row.effect), reason=reason
    )
