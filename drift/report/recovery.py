"""What is said of a fix: proved, not shown yet, or not fixed, and how much of the change is left."""

from __future__ import annotations

from datetime import date
from typing import Any

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


def as_dict(incident: Incident, seen: Recovery, since: date, earlier: Again | None) -> dict[str, Any]:
    """The same for `drift.text.json_form`; `left` is the part of the change that is left, with its interval."""
    return {
        "incident": incident.id,
        "sentence": plain(sentence(incident, seen, since, earlier), 1500),
        "answer": seen.answer,
        "metric": incident.metric,
        "statistic": incident.statistic,
        "dimension": incident.dimension,
        "value": incident.value,
        "fixed_since": since,
        "unit": seen.unit,
        "ordinary": seen.ordinary,
        "now": seen.now,
        "left": {"part": seen.left, "low": seen.low, "high": seen.high, "margin": seen.margin},
        "nights": seen.nights,
        "ordinary_nights": seen.before,
        "nights_needed": seen.needed,
    }


def _percent(part: float) -> str:
    return f"{100 * max(part, 0.0):.0f} %"


def _more(seen: Recovery) -> str:
    if seen.needed is None:
        return "nights like these would not show it, however many."
    return f"about {wording.count(seen.needed, 'more night', 'more nights')} like these would show it."
