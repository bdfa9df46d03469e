"""What a night says of drift's own ruler: which metrics an upgrade measures otherwise, and whether they go on or start anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from drift import metrics
from drift.config import Config
from drift.lake import Lake
from drift.night.bridge import days_by_metric, overall, why_gone
from drift.profiles import remeasured
from drift.profiles.day import DayProfile
from drift.text import names
from drift.text.wording import count, percent


def said(config: Config, lake: Lake, today: DayProfile, past: Sequence[DayProfile]) -> str:
    """One line on the first night after an upgrade, and on those after it on which a metric has too few days yet; else empty.

    past: the days before, as `baseline.history` gives them.
    """
    days, need = days_by_metric(lake, today, past), config.baseline.min_days
    going = [metric for metric in sorted(days) if len(days[metric]) >= need]
    rest = [metric for metric in sorted(days) if len(days[metric]) < need]
    if not days or not rest and not remeasured(past[-1].table, today.table):
        return ""
    foreign = [each for each in past if remeasured(each.table, today.table)]
    told = [f"{_named(sorted(days))}: measured otherwise by this version of drift than on {count(len(foreign), 'day')} before."]
    if going:
        again = max(sum(each.foreign for each in days[metric]) for metric in going)
        told.append(
            f"{_named(going) if rest else 'They'} go on: {again} of these were measured again"
            f"{_on_the_same_days(days, foreign, going)}."
        )
    if rest:
        who, has = _named(rest) if going else "They", min(len(days[metric]) for metric in rest)
        why = "" if has else why_gone(lake, today, foreign)
        told.append(f"{who} start anew: {why}." if why else f"{who} go on once {need} days are measured by it; so far {has}.")
    return " ".join(told)


def _named(group: Sequence[str]) -> str:
    return names.sentence(names.listed(group))


def _on_the_same_days(days: Mapping[str, Sequence[DayProfile]], foreign: Sequence[DayProfile], going: Sequence[str]) -> str:
    """The rates that differ on the days that both measured: ` (refusals 2.1 % → 3 %)`; empty where there are none."""
    before = {each.day: each.table for each in foreign}
    parts = []
    for metric in going:
        both = [(before[each.day], each.table) for each in days[metric] if each.foreign and each.day in before]
        known = metrics.find(metric)
        if known is None or known.kind != "rate" or not both:
            continue
        then, now = (percent(_rate([overall(pair[side], metric) or (0, 0.0) for pair in both]), 1) for side in (0, 1))
        if then != now:
            parts.append(f"{names.called(metric)} {then} → {now}")
    return f" ({', '.join(parts)})" if parts else ""


def _rate(days: Sequence[tuple[int, float]]) -> float:
    return sum(total for _, total in days) / max(sum(n for n, _ in days), 1)
