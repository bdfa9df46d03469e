"""What a quiet night rules out, in words: the drill as one sentence, and as lines of a table.

Text of metrics and segments is not yet harmless for any place: see `drift.text`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from drift import metrics
from drift.findings import StatisticName, Visible, label_of
from drift.profiles import OVERALL
from drift.text import names, wording

# what people ask about first; scores and a user's own metrics come before the rest
_FIRST = ("refusal", "error", "latency_s", "cost_usd")
_TOLD, _BLIND_TOLD = 2, 3


def sentence(rows: Sequence[Visible]) -> str:
    """“Had refusals risen by 0.9 points, this night would have said so (a week of it: 0.4 points). Blind: …”; empty without a drill."""
    seen = sorted((row for row in rows if row.one_night is not None and not row.blind_reason), key=_order)
    told = [row for row in seen if row.dimension == OVERALL][:_TOLD] or seen[:_TOLD]
    parts = []
    if told:
        changes = " or ".join(
            f"{subject(row)}{_in(row)} {'risen' if row.direction == 'up' else 'fallen'} by {size(row, row.one_night)}"
            for row in told
        )
        week = " and ".join(size(row, row.seven_nights) for row in told)
        parts.append(f"Had {changes}, this night would have said so (a week of it: {week}).")
    blind = blind_spots(rows)
    if blind:
        more = f", and {len(blind) - _BLIND_TOLD} more" if len(blind) > _BLIND_TOLD else ""
        parts.append(f"Blind: {', '.join(blind[:_BLIND_TOLD])}{more}.")
    return " ".join(parts)


def subject(row: Visible) -> str:
    """What would have moved, as a person says it: `refusals`, `cost of a request at given length`, `answers in “de”`."""
    label = label_of(row.statistic)
    if label is not None:
        return names.labelled(row.metric, label)
    return names.called(row.metric) + (" at given length" if row.statistic == StatisticName.GIVEN else "")


def blind_spots(rows: Sequence[Visible]) -> list[str]:
    """Where nothing is promised, and why: a place where nothing is seen for one reason is one of them, the largest first."""
    reasons: dict[tuple[str, str], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    seeing = {(row.dimension, row.value) for row in rows if not row.blind_reason}
    traffic: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        if row.blind_reason:
            place = row.dimension, row.value
            reasons[place][row.blind_reason].append(names.called(row.metric))
            traffic[place] = max(traffic[place], row.n)
    out = []
    for place in sorted(reasons, key=lambda each: (each[0] != OVERALL, -traffic[each], each)):
        for reason, blind in reasons[place].items():
            whole = place not in seeing and len(reasons[place]) == 1 and len(blind) > 1
            what = (
                "anything"
                if whole
                else ", ".join(sorted(blind)[:3]) + (f" and {len(blind) - 3} more" if len(blind) > 3 else "")
            )
            where = "" if place[0] == OVERALL else f" in {wording.segment(*place)}"
            out.append(f"{what}{where} ({reason})")
    return out


def size(row: Visible, change: float | None) -> str:
    """The size of a change in the row's metric: `6 %`, `0.9 points`, `0.03`."""
    if change is None:
        return "unknown"
    # what would have been told is an estimate
    change = float(f"{change:.2g}")
    if row.unit == "share":
        return wording.difference(change, "share").lstrip("+")
    metric = _metric(row.metric)
    if metric is not None and metric.kind == "number" and metric.scale == "log":
        return wording.number(change, "share")
    return wording.number(change, row.unit)


def _metric(name: str) -> metrics.Metric | None:
    try:
        return metrics.lookup(name)
    except KeyError:
        return None


def _in(row: Visible) -> str:
    return "" if row.dimension == OVERALL else f" in {wording.segment(row.dimension, row.value)}"


def _order(row: Visible) -> tuple[int, str, str]:
    place = _FIRST.index(row.metric) if row.metric in _FIRST else len(_FIRST) + (not row.metric.startswith("score."))
    return place, row.metric, row.value
