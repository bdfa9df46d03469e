"""Numbers, days and changes as people read them, one way in Slack, the terminal and the report.

Text from traces that passes through here is not yet harmless for any place: see `drift.text`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

from drift import metrics
from drift.findings import CAUSES, StatisticName, label_of, month_of_spend, rule_of
from drift.text import names

_BARS = "▁▂▃▄▅▆▇█"
_DIMENSIONS = {"name": "endpoint"}
# distances between distributions and between positions in meaning
_UNREADABLE = frozenset(
    (StatisticName.SHAPE, StatisticName.LOW_TAIL, StatisticName.AXIS, StatisticName.ENERGY, StatisticName.DISCREPANCY)
)
_STATISTICS: dict[str, str] = {
    StatisticName.MEAN: "mean of ",
    StatisticName.TAIL: "p95 of ",
    StatisticName.FAR_TAIL: "p99 of ",
    StatisticName.LOW_TAIL: "p5 of ",
    StatisticName.SHAPE: "distribution of ",
    StatisticName.KNOWN: "traces with a value of ",
    **dict.fromkeys((StatisticName.AXIS, StatisticName.ENERGY, StatisticName.DISCREPANCY), "meaning of "),
}


def number(value: float | None, unit: str = "") -> str:
    """A level with its unit: `2.1 %`, `$0.012`, `1.24 s`, `412 tokens`."""
    if value is None or not math.isfinite(value):
        return "unknown"
    if unit == "share":
        return f"{_digits(100 * value)} %"
    if unit == "USD":
        return f"−${_cents(-value)}" if value < 0 else f"${_cents(value)}"
    return f"{_digits(value)} {unit}" if unit not in ("", "0–1", "−1–1", "score", "cosine") else _digits(value)


def pair(start: float | None, to: float | None, unit: str) -> str:
    """From where to where, the unit once where it is a word: `5 % → 10 %`, `$0.01 → $0.02`, `14 → 86 hours`; empty where both read alike."""
    # two digits, as one says it, and a third where it takes one to tell them apart
    first, last = (number(_two_digits(value), unit) for value in (start, to))
    if first == last:
        first, last = number(start, unit), number(to, unit)
    if first == last:
        return ""
    if unit not in ("share", "USD") and last.endswith(f" {unit}"):
        first = first.removesuffix(f" {unit}")
    if unit in ("traces", "users"):
        last = last.removesuffix(f" {unit}") + " a day"
    return f"{first} → {last}"


def band(low: float, high: float, unit: str) -> str:
    """From a level to another, the unit once: `2.1 % to 4.6 %`, `648 to 675 tokens`."""
    first, last = number(low, unit), number(high, unit)
    return f"{first if unit in ('share', 'USD') else first.removesuffix(f' {unit}')} to {last}"


def difference(value: float, unit: str) -> str:
    """A change with its sign and unit; of shares in percentage points."""
    sign = "+" if value >= 0 else "−"
    size = abs(value)
    if unit == "share":
        return f"{sign}{_digits(100 * size)} points"
    return f"{sign}${_cents(size)}" if unit == "USD" else f"{sign}{number(size, unit)}"


def interval(low: float | None, high: float | None, unit: str) -> str:
    """The 95 % interval of a change: `+2.1 to +3.9 points`; empty where there is none."""
    if low is None or high is None or not (math.isfinite(low) and math.isfinite(high)):
        return ""
    first, last = difference(low, unit), difference(high, unit)
    tail = unit if unit not in ("share",) else "points"
    if first.endswith(f" {tail}") and last.endswith(f" {tail}"):
        first = first.removesuffix(f" {tail}")
    return f"{first} to {last}"


def relative(value_from: float | None, value_to: float | None, unit: str) -> str:
    """A change in per cent of where it began, for units in which that means something; else empty."""
    if unit in ("share", "0–1", "−1–1", "score", "cosine", "") or not value_from or value_to is None or value_from < 0:
        return ""
    percent = 100 * (value_to / value_from - 1)
    return f"{'+' if percent >= 0 else '−'}{_digits(abs(percent))} %"


def subject(metric: str, statistic: str) -> str:
    """What moved: `refusal`, `p95 of latency_s`, `share of “gpt-5” in model`; of a rule its name: `rule “slow” on ttft_s`."""
    rule, label = rule_of(statistic), label_of(statistic)
    if (month := month_of_spend(statistic)) is not None:
        return f"limit of {metric} a month, {month}" if month else f"limit of {metric} a day"
    if rule is not None:
        return f"rule “{rule}” on {metric}"
    if label is not None:
        return f"share of “{label}” in {metric}"
    kind = statistic.split(":")[0]
    return _STATISTICS.get(kind, "") + metric


def titled(metric: str, statistic: str) -> str:
    """`subject` as people call it: `refusals`, `p95 of time to the whole answer`, `share of answers in “de”`."""
    label = label_of(statistic)
    return subject(names.called(metric), statistic) if label is None else f"share of {names.labelled(metric, label)}"


def is_rule(statistic: str) -> bool:
    """Whether a finding is what a rule of drift.toml says: its numbers are a limit and what was seen, not a before and an after."""
    return rule_of(statistic) is not None


def is_told(unit: str) -> bool:
    """Whether numbers of the unit say something to a person; of a distance between meanings they do not."""
    return unit != "cosine"


def change(statistic: str, value_from: float | None, value_to: float | None, unit: str) -> str:
    """How much: `↑ 2.1 % → 9 %`; of a rule `0.992 s, limit 0.1 s`; of what no person has a unit for, only that it changed."""
    if not is_told(unit) or statistic.split(":")[0] in _UNREADABLE:
        return "changed"
    if is_rule(statistic):
        return f"{number(value_to, unit)}, limit {number(value_from, unit)}"
    told = pair(value_from, value_to, unit) or number(value_to, unit)
    return f"{arrow(value_from, value_to)} {told}"


def dimension(name: str) -> str:
    """A dimension as people call it: `endpoint` for `name`."""
    if name.startswith(metrics.SCORED_BY):
        return f"judge of “{name.removeprefix(metrics.SCORED_BY)}”"
    if name.startswith(metrics.TOOL_SCHEMA):
        return names.called(name)
    return _DIMENSIONS.get(name, name)


def segment(dimension_name: str, value: str) -> str:
    """Where: `all traffic`, `endpoint = chat`, `model = gpt-4o`."""
    return "all traffic" if dimension_name == "all" else f"{dimension(dimension_name)} = {value or '(none)'}"


def cause(name: str, confidence: str) -> str:
    """A likely cause in words: `prompt change (likely)`."""
    known = CAUSES.get(name, name) or CAUSES["unclear"]
    return f"{known} ({confidence})" if confidence else known


def arrow(value_from: float | None, value_to: float | None) -> str:
    """The direction of a change as one character."""
    if value_from is None or value_to is None or value_from == value_to:
        return "•"
    return "↑" if value_to > value_from else "↓"


def meaning(metric: str) -> str:
    """The catalogue's sentence on a metric; empty for one it does not know."""
    known = metrics.find(metric)
    return known.doc if known else ""


def day(value: date) -> str:
    """A day as in `Thu 19 Nov 2026`."""
    return f"{value:%a} {value.day} {value:%b %Y}"


def since(first: date, low: date | None, high: date | None) -> str:
    """The first changed day and, where it is uncertain, the range that it is in."""
    if low is None or high is None or low == high:
        return day(first)
    return f"{day(first)} (between {low.day} {low:%b} and {high.day} {high:%b})"


def sparkline(values: Sequence[float | None]) -> str:
    """A series as bars, lowest to highest; a missing day is a dot."""
    known = [value for value in values if value is not None and math.isfinite(value)]
    if not known:
        return ""
    low, span = min(known), max(known) - min(known)
    bars = []
    for value in values:
        if value is None or not math.isfinite(value):
            bars.append("·")
        else:
            bars.append(_BARS[round((value - low) / span * 7)] if span > 0 else _BARS[3])
    return "".join(bars)


def count(number_of: int, one: str, many: str | None = None) -> str:
    """`1 incident`, `3 incidents`."""
    return f"{number_of:,} {one if number_of == 1 else many or one + 's'}"


def percent(share: float, digits: int = 0) -> str:
    """A share of a whole: `98 %`, `2.5 %`."""
    return f"{100 * share:.{digits}f} %"


def _cents(value: float) -> str:
    """Of a dollar and more the cents, as on a bill; of less three digits, and never an exponent: nobody reads $6.2e−07."""
    if 0 < value < 1e-6:
        return f"{value:.{1 - math.floor(math.log10(value))}f}".rstrip("0")
    return f"{value:.2f}".removesuffix(".00") if 1 <= value < 1000 else _digits(value)


def _two_digits(value: float | None) -> float | None:
    return float(f"{value:.2g}") if value is not None and math.isfinite(value) and abs(value) < 100 else value


def _digits(value: float) -> str:
    """Three significant digits, never in exponents for ordinary sizes."""
    size = abs(value)
    if size == 0:
        return "0"
    if size >= 1000:
        return f"{value:,.0f}".replace("-", "−")
    if size < 1e-6:
        return f"{value:.1e}".replace("-", "−")
    places = max(0, 2 - math.floor(math.log10(size)))
    text = f"{value:.{places}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")
