"""A proxy that follows another metric is judged given it: by words a shorter answer takes up fewer of the question's, however
good it is.

With rows at hand its change is that among answers of one length. Of days only the levels are known: there it is not called a
change where the length moved the same way, or may have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from drift.compare.effects import Effect, Sample, means
from drift.compare.verdict import Row, Verdict
from drift.findings import StatisticName

# a proxy, and what it follows upwards and downwards
FOLLOWS = {"answer_relevance": "output_words"}
CALLED = {"output_words": "length of answers"}
_BINS = 20
_ROWS_A_BIN = 20
_FEWEST = 5
# with fewer answers of a length that both sides have, the rest is a guess
_OVERLAP = 0.5


def at_the_same(a: Sequence[np.ndarray], b: Sequence[np.ndarray]) -> Effect | None:
    """The difference of means among rows of the same value of what the metric follows.

    a, b: (values, what they follow, cell of traffic, cluster), each (n,). The levels are those seen, and what the other metric
    explains is the effect's `mix`. None where the sides hardly overlap.
    """
    known = [np.isfinite(side[0]) & np.isfinite(side[1]) for side in (a, b)]
    x, z, cell, cluster = ([side[k][of] for side, of in zip((a, b), known, strict=True)] for k in range(4))
    smaller = min(map(len, x))
    if smaller < 2 * _FEWEST:
        return None
    count = int(np.clip(smaller // _ROWS_A_BIN, 2, _BINS))
    edges = np.unique(np.quantile(np.concatenate(z), np.linspace(0, 1, count + 1)[1:-1]))
    bins = [np.searchsorted(edges, side, side="right") for side in z]
    crossed = [each * (count + 1) + place for each, place in zip(cell, bins, strict=True)]
    for cells in (crossed, bins):
        kept = [np.isin(side, _shared(*cells)) for side in cells]
        if min(float(each.mean()) for each in kept) >= _OVERLAP:
            samples = [Sample.of(v[k], c[k], u[k]) for v, c, u, k in zip(x, cells, cluster, kept, strict=True)]
            effect = means(*samples)
            if effect is None:
                return None
            before, after = (float(side.mean()) for side in x)
            return replace(effect, from_=before, to=after, mix=after - before - effect.change)
    return None


def _shared(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The cells that both sides have enough rows of."""
    size = int(max(a.max(), b.max())) + 1
    return np.flatnonzero(np.minimum(np.bincount(a, minlength=size), np.bincount(b, minlength=size)) >= _FEWEST)


def followed(rows: Sequence[Row]) -> tuple[Row, ...]:
    """The rows, where a proxy that was not judged given what it follows is undecided if that may explain its change."""
    leads = {(row.metric, row.dimension, row.value): row for row in rows if row.statistic == StatisticName.LEVEL}
    out = []
    for row in rows:
        lead = leads.get((FOLLOWS.get(row.metric, ""), row.dimension, row.value))
        if lead is not None and not row.given and row.verdict == Verdict.CHANGED and _explains(lead, row):
            went = f"{100 * abs(lead.effect):.2g} % {'longer' if lead.effect > 0 else 'shorter'}"
            reason = f"it follows the {CALLED[lead.metric]}: answers are {went}, and here the two cannot be told apart"
            row = replace(row, verdict=Verdict.UNDECIDED, reason=reason)
        out.append(row)
    order = list(Verdict)
    return tuple(sorted(out, key=lambda row: order.index(row.verdict)))


def _explains(lead: Row, row: Row) -> bool:
    """Whether the change of what it follows leaves less of the proxy's change than would matter.

    A share of words that are taken up grows at most in proportion to the words there are.
    """
    if row.change * lead.effect <= 0 and lead.verdict == Verdict.EQUIVALENT:
        return False
    most = max(0.0, lead.effect_high if row.change > 0 else -lead.effect_low) * row.value_a
    least = max(0.0, row.low if row.change > 0 else -row.high)
    return least - most < row.matters
