"""The one thing to do first about an incident, by its likely cause: a command, or what to look at."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from drift.findings import StatisticName, month_of_spend
from drift.text.escape import plain

if TYPE_CHECKING:
    from drift.results.account import IncidentAccount

_WINDOW = timedelta(days=6)
_DAY = timedelta(days=1)
_LONGEST_NAME = 60


def of(one: IncidentAccount) -> str:
    """A sentence that names a command or a place to look at; one each cause."""
    if one.closed is not None:
        return f"If it was none: drift verdict {one.id[:8]} false."
    if month_of_spend(one.statistic) is not None:
        return "See what spends it, by endpoint, model, prompt and user: the report's page of costs."
    if one.statistic == StatisticName.KNOWN:
        return "Look at what writes it: the instrumentation, the judge, or its mapping in drift.toml."
    return {
        "silent_model_update": f"Pin {_model(one)} to a dated version; what it changed: {_compare(one)}",
        "model_change": f"Read what the change of model did to everything else: {_compare(one)}",
        "prompt_change": f"Read what the prompt did to everything else: {_compare(one)}",
        "parameter_change": f"Read what the parameters did to everything else: {_compare(one)}",
        "release": f"Read what the release did to everything else: {_compare(one)}",
        "judge_change": f"Give the new judge what the old one judged, and see whether they agree: drift incident {one.id[:8]}",
        "audience": f"Read what is asked now, three of them beside three of before: drift incident {one.id[:8]}",
        "stale_index": "Rebuild the index, and see why its last run did not.",
        "broken_index": f"Ask the index by hand what {_trace(one)} asked, and see which documents come.",
        "provider_incident": f"Look at the provider's status page for {one.since}; one such request: {_trace(one)}",
        "price": f"Hold the price list against the invoice since {one.since}: {_compare(one)}",
        "slower_step": f"Look at what that step asks; where the time of one request went: {_trace(one)}",
        "throttled": f"Hold the tokens a minute of that day against your quota, and ask the provider; one request: {_trace(one)}",
        "cache_lost": f"See what now differs at the beginning of each prompt (a date, an id, the order of tools): {_trace(one)}",
        "tool_results": f"Call that tool by hand with the arguments of one request: {_trace(one)}",
        "step_failure": f"Read the step's error in one request: {_trace(one)}",
        "tool_failure": f"Read the tool's error in one request: {_trace(one)}",
    }.get(one.cause, f"Read three answers beside three of before: drift incident {one.id[:8]}")


def _compare(one: IncidentAccount) -> str:
    """The command that compares the week before with the days since."""
    before = (one.since_low or one.since) - _DAY
    last = max(one.last, one.since)
    return f"drift compare {_window(before - _WINDOW, before)} {_window(max(one.since, last - _WINDOW), last)}"


def _window(first: date, last: date) -> str:
    return f"{first}..{last}" if first < last else f"{first}"


def _model(one: IncidentAccount) -> str:
    if one.dimension == "model":
        return plain(one.value, _LONGEST_NAME)
    carriers = [part for part in one.note.get("where", []) if part.get("dimension") == "model"]
    return plain(str(carriers[0]["value"]), _LONGEST_NAME) if carriers else "the model"


def _trace(one: IncidentAccount) -> str:
    return f"drift trace {plain(one.exemplars[0].trace_id, 64)}" if one.exemplars else f"drift incident {one.id[:8]}"
