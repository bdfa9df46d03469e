"""What `drift diagnose` prints: a stretch of the past in about ten lines, and what it could not have shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date
from statistics import median
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from drift import metrics
from drift.detect.lasting.lookback import Change, Lookback, Smallest
from drift.findings import Event
from drift.profiles import OVERALL
from drift.results.account import IncidentAccount
from drift.text import names, wording
from drift.text.escape import plain

_MOST, _NAMED, _ALSO = 10, 12, 4
_SHOWN = 6


def span(days: Sequence[date], traces: Sequence[int], unfit: Sequence[tuple[date, str]], missing: Sequence[date]) -> Text:
    """Which days were looked at, how large they are, and which were not."""
    first, last = wording.day(days[0]), wording.day(days[-1])
    parts = [
        f"{wording.count(len(days), 'day')} from {first} to {last}" if len(days) > 1 else f"1 day, {first}",
        f"{wording.number(float(median(traces)))} traces a day",
    ]
    if unfit:
        parts.append(f"{len(unfit)} not fit to compare ({unfit[0][0]}: {plain(unfit[0][1], 120)})")
    if missing:
        parts.append(f"{len(missing)} of which nothing was pulled")
    return Text(", ".join(parts) + ".", style="bold")


def history(
    found: Lookback,
    groups: Sequence[tuple[Sequence[Change], Sequence[Event]]],
    means: Mapping[Change, tuple[float, float]],
    told: Sequence[IncidentAccount],
) -> RenderableType:
    """When behaviour changed, what, by how much and where, what else changed then, what did not change, and what was too small.

    means: of costs, which are told as means, as nobody pays a typical request. told: the incidents that nights opened in these days.
    """
    lines: list[RenderableType] = []
    for changes, events in groups[:_MOST]:
        lines += _group(changes, events, means)
    if groups[_MOST:]:
        lines.append(Text(f"and {wording.count(len(groups) - _MOST, 'more change')}; --json has them all", style="dim"))
    lines += [Text("The nights told of:", style="bold")] if told else []
    lines += [Text(f"  {plain(one.sentence, 700)} ({one.id[:8]})") for one in told]
    if not found.series:
        lines.append(Text("Nothing to compare with yet: at least six days are needed.", style="dim"))
        return Group(*lines)
    if not groups:
        beside = " beside these" if told else ""
        lines.append(Text(f"No change found{beside}, within what could be seen.", style="bold"))
    moved = {change.metric for changes, _ in groups for change in changes}
    lines += _still(found, moved.union(*({one.metric, *one.also} for one in told)))
    lines += _visible(found.visible)
    return Group(*lines)


def as_dict(
    days: Sequence[date],
    traces: Sequence[int],
    unfit: Sequence[tuple[date, str]],
    missing: Sequence[date],
    found: Lookback,
    groups: Sequence[tuple[Sequence[Change], Sequence[Event]]],
    means: Mapping[Change, tuple[float, float]],
    told: Sequence[IncidentAccount],
) -> dict[str, Any]:
    """All of it for `drift.text.json_form`, the changes by what began together."""
    return {
        "nights": [{"day": day, "traces": n} for day, n in zip(days, traces, strict=True)],
        "unfit": [{"day": day, "reason": plain(why, 300)} for day, why in unfit],
        "missing": missing,
        "series": found.series,
        "groups": [{"changes": [_as_dict(each, means) for each in changes], "events": events} for changes, events in groups],
        "incidents": [{"incident": one.id, "opened": one.opened, "sentence": plain(one.sentence, 700)} for one in told],
        "smallest": found.visible,
    }


def _as_dict(each: Change, means: Mapping[Change, tuple[float, float]]) -> dict[str, Any]:
    named = {field.name: getattr(each, field.name) for field in fields(each) if not field.name.startswith("first")}
    mean_from, mean_to = means.get(each, (None, None))
    began = {"since": each.first, "since_low": each.first_low, "since_high": each.first_high}
    return {**began, **named, "mean_from": mean_from, "mean_to": mean_to}


def _group(
    changes: Sequence[Change], events: Sequence[Event], means: Mapping[Change, tuple[float, float]]
) -> list[RenderableType]:
    # among what moved alike, what people ask for first heads the rest
    strongest = abs(changes[0].z)
    head = min((c for c in changes if abs(c.z) > 0.85 * strongest), key=lambda c: (_rank(c.metric), -abs(c.z)))
    sure = (
        ""
        if head.first_low == head.first_high
        else f" (between {wording.day(head.first_low)} and {wording.day(head.first_high)})"
    )
    when = f"since {wording.day(head.first)}" if head.last is None else f"{wording.day(head.first)} to {wording.day(head.last)}"
    mean = means.get(head)
    change = wording.change(head.statistic, *(mean or (head.value_from, head.value_to)), head.unit)
    what = plain(wording.titled(head.metric, head.statistic), 80)
    where = plain(wording.segment(head.dimension, head.value), 80)
    within = (
        f"95 % interval {wording.interval(head.low, head.high, head.unit)}; " if wording.is_told(head.unit) and not mean else ""
    )
    lines: list[RenderableType] = [
        Text(f"{when}{sure}: {what} {change}, {where}"),
        Text(f"    {within}{head.n:,} values on {wording.count(head.days, 'day')}", style="dim"),
    ]
    others = list(dict.fromkeys(plain(names.called(c.metric), 60) for c in changes if c.metric != head.metric))
    if others:
        more = f" and {len(others) - _ALSO} more" if others[_ALSO:] else ""
        lines.append(Text(f"    with it: {', '.join(others[:_ALSO])}{more}", style="dim"))
    if events:
        named = ", ".join(f"{wording.dimension(e.dimension)} “{plain(e.value, 60)}” {e.kind} ({e.day})" for e in events[:3])
        lines.append(Text(f"    at that time: {named}", style="dim"))
    return lines


def _rank(metric: str) -> tuple[float, str]:
    """What people ask for first is first: by the weight in the budget."""
    return -metrics.lookup(metric).weight, metric


def _still(found: Lookback, moved: set[str]) -> list[RenderableType]:
    still = sorted({each.metric for each in found.visible} - moved)
    if not still:
        return []
    named = ", ".join(plain(names.called(name), 60) for name in still[:_NAMED]) + (
        f" and {len(still) - _NAMED} more" if still[_NAMED:] else ""
    )
    return [Text(f"No change found in {named}.", style="green")]


def _visible(visible: Sequence[Smallest]) -> list[RenderableType]:
    """For what people ask for first: the smallest change over a week that would have been found, overall and where it is hardest."""
    lines: list[RenderableType] = []
    # a kind of personal data says no more than personal data does
    asked = {each.metric for each in visible if not each.metric.startswith("pii.") and wording.is_told(each.unit)}
    for metric in sorted(asked, key=_rank)[:_SHOWN]:
        whole = next((each for each in visible if each.metric == metric and each.dimension == OVERALL), None)
        parts = [each for each in visible if each.metric == metric and each.dimension != OVERALL]
        said = [f"{wording.difference(whole.change, whole.unit)} in all traffic"] if whole else []
        if parts:
            worst = max(parts, key=lambda each: abs(each.effect))
            where = plain(wording.segment(worst.dimension, worst.value), 60)
            said.append(f"{wording.difference(worst.change, worst.unit)} in {where} ({worst.n:,.0f} a day)")
        lines.append(Text(f"  {plain(names.called(metric), 60)}: " + ", ".join(said), style="dim"))
    return [Text("A week's change smaller than this may have gone unseen:", style="dim"), *lines] if lines else []
