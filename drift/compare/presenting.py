"""How a comparison is told: what its statistics are called, which of them come first, and which group each of them is in.

One place for the terminal, Markdown, the page and JSON, so that no metric is in one and missing in another.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from drift import metrics
from drift.compare.given import CALLED
from drift.compare.verdict import Row, Verdict
from drift.features import certificates
from drift.findings import StatisticName
from drift.text import wording
from drift.text.names import called

# what people ask for first
_FIRST = (
    "refusal",
    "declined",
    "refusal_partial",
    "error",
    "error_type",
    "empty",
    "truncated",
    "cost_usd",
    "total_cost_usd",
    "session_cost_usd",
    "user_cost_usd",
    "latency_s",
    "ttft_s",
    "tokens_per_second",
    "task_completed",
    "session_abandoned",
    "score.",
    "score_label.",
    "correction",
    "output_characters",
    "output_words",
    "output_tokens",
    "input_tokens",
)
_SIDES = ("safety", "quality", "output", "retrieval", "freshness", "system", "cost", "input", "traffic")
_STATISTICS = (StatisticName.LEVEL, StatisticName.MEAN, StatisticName.TAIL)


class Group(StrEnum):
    """What became of a statistic, in the order in which people read it; the value is a heading."""

    WORSE = "Worse by more than the margin"
    CHANGED = "Changed"
    UNDECIDED = "Not enough data to tell"
    NOT_WORSE = "Not worse by the margin (whether better is open)"
    SAME = "Unchanged"
    IDLE = "The same throughout on both sides"


@dataclass(frozen=True)
class Groups:
    """The rows of a comparison, each in one group, in the order in which people ask for them."""

    of: dict[Group, list[Row]]

    @classmethod
    def sort(cls, rows: Sequence[Row], failed: Sequence[Row], unproven: Sequence[Row]) -> Groups:
        """failed, unproven: those of the rows that a gate stops at, and that it cannot tell of."""
        of: dict[Group, list[Row]] = {group: [] for group in Group}
        for row in ordered(rows):
            if row in failed:
                group = Group.WORSE
            elif row.verdict == Verdict.CHANGED:
                group = Group.CHANGED
            elif row.idle:
                group = Group.IDLE
            elif row in unproven:
                group = Group.UNDECIDED
            else:
                group = Group.SAME if row.verdict == Verdict.EQUIVALENT else Group.NOT_WORSE
            of[group].append(row)
        return cls(of)

    def __getitem__(self, group: Group) -> list[Row]:
        return self.of[group]


def ordered(rows: Iterable[Row]) -> list[Row]:
    """Rows in the order in which people ask for their metrics: refusals, errors, costs, latency, scores, lengths, the rest."""
    return sorted(rows, key=lambda row: (*_rank(row.metric), row.metric, *_of(row.statistic)))


def title(row: Row) -> str:
    """What a row is about: `refusals`, `p95 of time to the whole answer`, `share of answers in “de”`."""
    same = f" at the same {CALLED.get(row.given, row.given)}" if row.given else ""
    return wording.titled(row.metric, row.statistic) + same


def level(row: Row, side: int) -> str:
    """The level of a (0) or b (1): a rate with its counts; empty for what is only a distance."""
    if row.is_distance:
        return ""
    value = wording.number((row.value_a, row.value_b)[side], row.unit)
    if row.counts is None:
        return value
    k, n = row.counts[side]
    return f"{value} ({k:,} of {n:,})"


def change(row: Row) -> str:
    """The change with its 95 % interval, in the row's unit; of a distance, in times the smallest that matters."""
    if row.is_distance:
        times = [max(each, 0.0) / row.matters for each in (row.change, row.low, row.high)]
        return f"{times[0]:.2g} times the smallest shift that matters ({times[1]:.2g} to {times[2]:.2g})"
    return f"{wording.difference(row.change, row.unit)} ({wording.interval(row.low, row.high, row.unit)}){_in_truth(row)}"


def _in_truth(row: Row) -> str:
    """The change of the true rate behind that of a classifier's verdicts; empty for what is no such rate or did not change."""
    certificate = certificates.of(row.metric)
    if certificate is None or row.verdict != Verdict.CHANGED or row.statistic != StatisticName.LEVEL:
        return ""
    change, low, high = certificate.true_change(row.change, row.low, row.high)
    return f"; corrected for the classifier's errors {wording.difference(change, row.unit)} ({wording.interval(low, high, row.unit)})"


def room(row: Row) -> str:
    """What the data leave room for."""
    if row.is_distance:
        return change(row)
    return f"between {wording.difference(row.low, row.unit)} and {wording.difference(row.high, row.unit)}"


def levels(row: Row) -> str:
    """`2.1 % → 4 % (21 of 1,000 → 40 of 1,000)`; empty for what is only a distance."""
    if row.is_distance:
        return ""
    said = f"{wording.number(row.value_a, row.unit)} → {wording.number(row.value_b, row.unit)}"
    return said if row.counts is None else said + " ({:,} of {:,} → {:,} of {:,})".format(*row.counts[0], *row.counts[1])


def throughout(row: Row) -> str:
    """What an idle row was on both sides: `none of 1,000 and of 900`, `always 20 words`."""
    if row.counts is None:
        return f"always {level(row, 0)}"
    (k, n), (_, other) = row.counts
    return f"{'none' if k == 0 else 'all'} of {n:,} and of {other:,}"


def asked_for(metric: str) -> bool:
    """Whether it is among what people ask for first."""
    return _rank(metric)[0] < len(_FIRST)


def listed(rows: Sequence[Row]) -> list[str]:
    """The metrics of rows, each once."""
    return list(dict.fromkeys(called(row.metric) for row in rows))


def _rank(metric: str) -> tuple[int, int]:
    for place, first in enumerate(_FIRST):
        if metric == first or (first.endswith(".") and metric.startswith(first)):
            return place, 0
    known = metrics.find(metric)
    return len(_FIRST), _SIDES.index(known.side) if known is not None else len(_SIDES)


def _of(statistic: str) -> tuple[int, str]:
    return (_STATISTICS.index(statistic) if statistic in _STATISTICS else len(_STATISTICS), statistic)
