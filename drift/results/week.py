"""A digest in words: its title, its nights, and its sections, one way in Slack, mail and the terminal.

Text from traces is not yet harmless for any place: see `drift.text`.
"""

from __future__ import annotations

from collections.abc import Sequence

from drift.findings import JUDGE_CHANGED, JUDGE_SET, Event
from drift.metrics import SCORED_BY, TOOL_SCHEMA
from drift.results.account import IncidentAccount
from drift.results.digest import Digest
from drift.results.events import TOOL
from drift.results.verdict import Answer
from drift.text import names, wording

# digests of the same days by the application's name, which is empty where there is one alone
Weeks = Sequence[tuple[str, Digest]]
_NIGHTS = {
    Answer.ORDINARY: "ordinary",
    Answer.DRIFT: "with something new or worse",
    Answer.KNOWN: "with nothing new",
    Answer.NO_BASELINE: "with nothing to compare with yet",
    Answer.FAILED: "could not be compared",
    Answer.MISSING: "never ran",
}
_UNSEEN = 5
# what was paid for nothing, by why
_WHY = {
    "failed": "failed requests",
    "empty": "empty answers",
    "truncated": "answers cut off",
    "retried": "failed attempts",
    "looped": "calls of a loop",
}


def title(found: Digest) -> str:
    """`Sat 14 Nov 2026 to Fri 20 Nov 2026`."""
    return f"{wording.day(found.first)} to {wording.day(found.last)}"


def nights(found: Digest) -> str:
    """`7 nights: 5 ordinary, 2 with nothing new`, or that nothing is worth knowing."""
    parts = [f"{found.nights[answer]} {words}" for answer, words in _NIGHTS.items() if found.nights.get(answer)]
    told = f"{wording.count(sum(found.nights.values()), 'night')}: {', '.join(parts)}."
    return told if found else f"{told} Nothing that is worth knowing."


def sections(found: Digest) -> list[tuple[str, list[str]]]:
    """Headings and their lines, those without lines left out."""
    told = (
        ("new incidents", [_incident(one) for one in found.opened]),
        ("still open", [_incident(one) for one in found.going]),
        ("over", [_incident(one) for one in found.closed if one.id not in {each.id for each in found.opened}]),
        ("happened", [each.words for each in found.announced]),
        ("decided", [_event(event) for event in found.events]),
        ("moved slowly, or for the better", [_incident(one) for one in found.moved]),
        ("new level by itself; drift reopen ID turns it back", [_incident(one) for one in found.settled]),
        ("silenced", [f"{one.sentence} ({one.id[:8]}; drift unack {one.id[:8]})" for one in found.silenced]),
        ("money", _money(found)),
        ("not seen", _unseen(found)),
        ("the record", [_record(found), *(line.offer for line in found.record.lines if line.offer)]),
    )
    return [(heading, lines) for heading, lines in told if lines]


def _incident(one: IncidentAccount) -> str:
    return f"{one.sentence} ({one.id[:8]})"


def _event(event: Event) -> str:
    if event.kind in (JUDGE_SET, JUDGE_CHANGED):
        turned = f" ({wording.percent(event.share_to)} of its anchors turned)" if event.kind == JUDGE_CHANGED else ""
        return f"{event.day}: your judge changed: {event.dimension} {event.kind}: {event.value}{turned}; its scores are compared anew from here"
    if event.dimension.startswith(SCORED_BY):
        shares = f"{wording.percent(event.share_from)} → {wording.percent(event.share_to)} of what is judged"
        return f"{event.day}: the {names.called(event.dimension)} changed: {event.value} {event.kind} ({shares})"
    if event.dimension.startswith(TOOL_SCHEMA):
        return f"{event.day}: the {names.called(event.dimension)} changed (now with {wording.percent(event.share_to)} of its offers)"
    shares = f"{wording.percent(event.share_from)} → {wording.percent(event.share_to)} of requests" + (
        " with tools" if event.dimension == TOOL else ""
    )
    return f"{event.day}: {event.dimension} {event.value} {event.kind} ({shares})"


def _money(found: Digest) -> list[str]:
    if found.spent is None:
        return []
    then = f", {wording.number(found.spent_before, 'USD')} the days before" if found.spent_before is not None else ""
    change = wording.relative(found.spent_before, found.spent, "USD") if found.spent_before is not None else ""
    told = [f"{wording.number(found.spent, 'USD')} a day{then}" + (f" ({change})" if change else "")]
    if (month := found.month) is not None:
        between = f"{wording.number(month.low, 'USD')} to {wording.number(month.high, 'USD')}"
        unknown = f"; the cost of {wording.count(month.unknown, 'day')} is unknown" if month.unknown else ""
        told.append(
            f"{found.last:%B} so far {wording.number(month.spent, 'USD')}, by its end probably {wording.number(month.expected, 'USD')} "
            f"({between}){unknown}"
        )
    if found.in_vain:
        parts = ", ".join(f"{_WHY.get(why, why)} {wording.number(usd, 'USD')}" for why, usd in found.in_vain.items())
        told.append(f"{wording.number(sum(found.in_vain.values()), 'USD')} a day of it in vain: {parts}")
    return told


def _unseen(found: Digest) -> list[str]:
    more = len(found.unseen) - _UNSEEN
    return [*found.unseen[:_UNSEEN], *([f"and {more} more: drift show"] if more > 0 else [])]


def _record(found: Digest) -> str:
    judged = sum(line.judged for line in found.record.lines)
    false = sum(line.false for line in found.record.lines)
    said = f"; of {wording.count(judged, 'incident')} that people judged {false} were false" if judged else ""
    nights = f"{found.record.alarmed} of {wording.count(found.record.nights, 'night')} opened an incident"
    likely = (
        f" (95 % interval of their share {wording.percent(found.record.low, 1)} to {wording.percent(found.record.high, 1)})"
        if found.record.nights
        else ""
    )
    return f"{nights}{likely}{said}"
