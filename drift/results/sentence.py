"""An incident in one sentence: what, how much, since when, for whom, and probably why. Decided here and nowhere else.

“Refusals in billing-chat doubled, 5 % → 10 %, since Mon 16 Nov; only gpt-4o-mini; about 60 more a day; probably a silent update of
the model.” It is the title of its page, Slack's header and push text, and the first line in the terminal. Text of metrics and segments
is not yet harmless for any place: see `drift.text`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from drift import metrics
from drift.findings import StatisticName, label_of, month_of_spend
from drift.text import names, wording
from drift.text.escape import plain

if TYPE_CHECKING:
    from drift.results.account import IncidentAccount

# a segment that has so much of the change is where it is, and one that has so much is the only place
_MOSTLY, _ONLY = 0.8, 0.95
# a segment with nearly as much of the traffic as of the change says nothing
_SAYING = 0.9
_LONGEST_NAME = 60
_COUNTED = frozenset({StatisticName.LEVEL, StatisticName.MEAN})
# the quantile that a statistic is, as the tables call it
TAILS: dict[str, str] = {StatisticName.TAIL: "p95", StatisticName.FAR_TAIL: "p99"}
# distances between distributions
SPREADS = frozenset({StatisticName.SHAPE, StatisticName.LOW_TAIL})
CAUSES = {
    "silent_model_update": "a silent update of the model",
    "model_change": "the change of model",
    "prompt_change": "the change of prompt",
    "parameter_change": "the change of parameters",
    "audience": "other questions than usual",
    "stale_index": "an index that is no longer updated",
    "broken_index": "a broken index",
    "provider_incident": "an incident at the provider",
    "price": "a change of price",
    "tool_failure": "a failing tool",
    "tool_results": "a tool that gives something else back",
    "step_failure": "a failing step",
    "slower_step": "a slower step",
    "cache_lost": "a prompt cache that is no longer hit",
    "throttled": "throttling by the provider",
    "release": "the release",
    "judge_change": "the change of judge",
}
_DEPLOYED = {
    "parameter_change": "parameters",
    "model_change": "model",
    "prompt_change": "prompt",
    "release": "release",
    "judge_change": "judge",
}
_SURE = {"likely": "probably", "possible": "possibly"}


def of(one: IncidentAccount, longest: int | None = None) -> str:
    """The sentence. longest: characters that there is room for; what says least is left out, and what is left is cut."""
    head = f"{what(one)}, {_when(one)}"
    parts = {"only": only(one), "count": a_day(one), "cause": because(one)}
    for dropped in ("", "count", "only", "cause"):
        parts.pop(dropped, None)
        text = "; ".join([head, *filter(None, parts.values())]) + "."
        if longest is None or len(text) <= longest:
            return text
    return plain(head, longest or len(head))


def what(one: IncidentAccount) -> str:
    """What moved, where, and how much: `Refusals in billing-chat doubled, 5 % → 10 %`."""
    place = names.place(one.dimension, plain(one.value, _LONGEST_NAME))
    where = f" {place}" if place else ""
    metric = metrics.find(one.metric)
    called = names.called(plain(one.metric, _LONGEST_NAME))
    if (month := month_of_spend(one.statistic)) is not None:
        return _spent(one, month, where)
    if wording.is_rule(one.statistic):
        rule = wording.subject(called, one.statistic)
        return names.sentence(
            f"{rule}{where} was broken: {wording.change(one.statistic, one.value_from, one.value_to, one.unit)}"
        )
    if one.statistic == StatisticName.KNOWN:
        return names.sentence(f"{called}{where} stopped arriving, {_pair(one)} of the requests have a value")
    if metric is not None and metric.kind == "vector":
        return names.sentence(f"{called}{where} changed{_labelled(one)}")
    if one.statistic in SPREADS:
        return names.sentence(f"{called}{where} changed{_ranged(one)}")
    subject = called
    if (label := label_of(one.statistic)) is not None:
        subject = names.labelled(plain(one.metric, _LONGEST_NAME), plain(label, _LONGEST_NAME))
    elif one.statistic in TAILS:
        subject = f"{TAILS[one.statistic]} of {called}"
    elif one.statistic == StatisticName.GIVEN:
        subject = f"{called} at the same length of answers"
    pair = _pair(one)
    return names.sentence(f"{subject}{where} {_moved(one)}" + (f", {pair}" if pair else ""))


def _spent(one: IncidentAccount, month: str, where: str) -> str:
    """`Cost of November 2026 in chat will come to about $1,350 ($1,200 to $1,500), beyond the limit of $1,200`."""
    limit, seen = wording.number(one.value_from, "USD"), wording.number(one.value_to, "USD")
    if not month:
        return f"Cost of the day{where} was {seen}, beyond the limit of {limit}"
    least = one.value_from + one.low if one.value_from is not None and one.low is not None else None
    most = one.value_from + one.high if one.value_from is not None and one.high is not None else None
    between = f" ({wording.number(least, 'USD')} to {wording.number(most, 'USD')})" if most is not None else ""
    return f"Cost of {date.fromisoformat(f'{month}-01'):%B %Y}{where} will come to about {seen}{between}, beyond the limit of {limit}"


def tells(part: Mapping[str, Any]) -> bool:
    """Whether a segment has clearly more of the change than of the traffic; one that has as much of both says nothing."""
    share, traffic = part.get("share"), part.get("traffic")
    return isinstance(share, float) and (traffic is None or traffic <= _SAYING * share)


def only(one: IncidentAccount) -> str:
    """The one segment that the change is in, or mostly: `only gpt-4o-mini`; empty where it is everywhere alike."""
    for part in one.note.get("where", []):
        share = part.get("share")
        if not tells(part) or share < _MOSTLY:
            continue
        value = plain(str(part["value"]), _LONGEST_NAME) or "(none)"
        named = (
            value if part["dimension"] in ("name", "model", "prompt", "release") else names.place(str(part["dimension"]), value)
        )
        return f"{'only' if share >= _ONLY else 'mostly'} {named}"
    return ""


def a_day(one: IncidentAccount) -> str:
    """What it comes to in a day: `about 60 more a day`, `about $12 more a day`; empty where that is unknown or nothing."""
    start, to, requests = one.value_from, one.value_to, one.sized.get("requests") or 0
    metric = metrics.find(one.metric)
    if wording.is_rule(one.statistic) or metric is None or start is None or to is None or one.statistic == StatisticName.KNOWN:
        return ""
    if metric.unit == "USD" and one.statistic in _COUNTED:
        day = to - start if metric.kind == "count" else _cost_a_day(one, requests)
        return (
            f"about {wording.number(_rounded(abs(day)), 'USD')} {'more' if day > 0 else 'less'} a day"
            if abs(day) >= 0.01
            else ""
        )
    share = label_of(one.statistic) is not None or metric.kind == "rate" and one.statistic in _COUNTED
    count = _rounded(abs(to - start) * requests)
    if not share or count < 1:
        return ""
    return f"about {count:,.0f} {'more' if to > start else 'fewer'} a day"


def because(one: IncidentAccount) -> str:
    """`probably a silent update of the model`, `possibly the new prompt support@8`, `cause unknown`."""
    if month_of_spend(one.statistic) is not None:
        return ""
    if one.cause not in CAUSES:
        return "cause unknown"
    return f"{_SURE.get(one.confidence, 'possibly')} {_named(one)}"


def numbers(one: IncidentAccount) -> tuple[float | None, float | None]:
    """The incident's one pair of numbers, in its unit: what was usual and what was told; of costs the means."""
    if one.unit == "USD" and one.sized.get("mean_from") is not None and one.statistic in _COUNTED:
        return one.sized["mean_from"], one.sized["mean_to"]
    return one.value_from, one.value_to


def _named(one: IncidentAccount) -> str:
    named = plain(str(one.note.get("named") or ""), _LONGEST_NAME)
    if named and one.cause == "slower_step":
        return f"more {names.called(named)}"
    if named and one.cause == "stale_index":
        return f"“{named.partition('.')[2]}”, which is no longer updated"
    if named and one.cause == "tool_failure":
        return f"the failing tool “{named.partition('.')[2]}”"
    if named and one.cause == "step_failure":
        return f"the failing step “{named.partition('.')[2]}”"
    if named and one.cause == "tool_results":
        family, _, tool = named.partition(".")
        return f"tool “{tool}”, which gives {'nothing' if family == 'tool_empty' else 'something else'} back"
    kind = _DEPLOYED.get(one.cause, "")
    for event in one.note.get("events", []):
        dimension = "judge" if str(event.get("dimension")).startswith(metrics.SCORED_BY) else event.get("dimension")
        if dimension == kind and event.get("kind") in ("appeared", "shifted"):
            value = plain(str(event["value"]), _LONGEST_NAME)
            return f"the new {dimension} {value}" if event["kind"] == "appeared" else f"more requests to {dimension} {value}"
    return CAUSES[one.cause]


def _when(one: IncidentAccount) -> str:
    first = f"{one.since:%a} {one.since.day} {one.since:%b}"
    if one.closed is not None:
        return f"from {first} to {one.last:%a} {one.last.day} {one.last:%b}, over now"
    return f"since {first}"


def _pair(one: IncidentAccount) -> str:
    """`5 % → 10 %`; empty where the numbers say nothing to a person, or the same."""
    if one.unit == "cosine":
        return ""
    return wording.pair(*numbers(one), one.unit)


def _moved(one: IncidentAccount) -> str:
    start, to = numbers(one)
    if start is None or to is None:
        return "changed"
    up = to > start
    ratio = to / start if start > 0 and to > 0 else math.nan
    for factor, verb in ((2.0, "doubled"), (3.0, "tripled"), (0.5, "halved")):
        if abs(ratio / factor - 1) <= 0.05 and one.unit != "cosine":
            return verb
    relative = wording.relative(start, to, one.unit).lstrip("+−") if ratio > 0 and f"{ratio:.2f}" != "1.00" else ""
    if ratio >= 3.5 and one.unit != "cosine":
        return f"rose {ratio:.0f}-fold"
    return ("rose" if up else "fell") + (f" by {100 * abs(ratio - 1):.0f} %" if relative else "")


def _labelled(one: IncidentAccount) -> str:
    moved: dict[str, Any] = one.sized.get("moved") or {}
    if not moved.get("label"):
        return ""
    more = "more" if moved["share_to"] > moved["share_from"] else "less"
    return f", {more} about “{plain(moved['label'], _LONGEST_NAME)}” ({_shares(moved)})"


def _ranged(one: IncidentAccount) -> str:
    """Where a distribution moved: `: more answers between $0.0005 and $0.001 (12 % → 31 % of them)`."""
    moved: dict[str, Any] = one.sized.get("moved") or {}
    if not moved:
        return ""
    metric = metrics.find(one.metric)
    unit = metric.unit if metric else ""
    low, high = moved.get("low"), moved.get("high")
    ends = [wording.number(_rounded(value), unit) for value in (low, high) if value is not None]
    if not ends:
        return ""
    between = (
        f"between {ends[0]} and {ends[1]}" if len(ends) == 2 else f"below {ends[0]}" if low is None else f"above {ends[0]}"
    )
    more = "more" if moved["share_to"] > moved["share_from"] else "fewer"
    return f": {more} {names.counted(one.metric)} {between} ({_shares(moved)} of them)"


def _shares(moved: dict[str, Any]) -> str:
    return f"{wording.number(moved['share_from'], 'share')} → {wording.number(moved['share_to'], 'share')}"


def _cost_a_day(one: IncidentAccount, requests: int) -> float:
    start, to = numbers(one)
    return (to - start) * requests if start is not None and to is not None and one.sized.get("mean_to") is not None else 0.0


def _rounded(value: float) -> float:
    """Two significant digits: an estimate."""
    return float(f"{value:.2g}")
