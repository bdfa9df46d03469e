"""What is said of a fix: proved, not shown yet, or not fixed, and how much of the change is left."""

from __future__ import annotations

from datetime import date

from drift.compare.recovery import Fix, Recovery
from drift.results import Incident
from drift.results.again import Again
from drift.text import wording
from drift.text.escape import plain


def sentence(incident: Incident, seen: Recovery, since: date, earlier: Again | None) -> str:
    """The verdict on a fix in two or three lines."""
    nights = wording.count(seen.nights, "night")
    levels = f"{wording.number(seen.now, seen.unit)} over {nights} since {since}, ordinary is {wording.number(seen.ordinary, seen.unit)}"
    said = {
        Fix.PROVED: f"the fix is proved: at most {_percent(seen.high)} of the change is left ({_percent(seen.margin)} may be). The incident is closed.",
        Fix.NOT_FIXED: f"not fixed: at least {_percent(seen.low)} of the change is left, and {_percent(seen.margin)} may be.",
        Fix.NOT_YET: f"not shown yet: between {_percent(seen.low)} and {_percent(seen.high)} of the change may be left; {_more(seen)}",
    }[seen.answer]
    lines = [f"{incident.id[:8]} {plain(incident.title)}: {said}", levels]
    if earlier is not None:
        lines.append(earlier.words)
    return "\n".join(lines)


def _percent(part: float) -> str:
    return f"{100 * max(part, 0.0):.0f} %"


def _more(seen: Recovery) -> str:
    if seen.needed is None:
        return "nights like these would not show it, however many."
    return f"about {wording.count(seen.needed, 'more night', 'more nights')} like these would show it."
