"""`drift show --why METRIC`: one metric's comparisons of a night in words and numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd
from rich.console import Group, RenderableType
from rich.text import Text

from drift.findings import FindingTest
from drift.text import wording
from drift.text.escape import plain

_SHOWN = 12


def why(findings: pd.DataFrame, metric: str) -> RenderableType:
    """The comparisons of `metric` (rows of the `findings` table), alarms first, the most unusual next."""
    rows = findings.sort_values(["alarm", "p"], ascending=[False, True]).head(_SHOWN)
    parts: list[RenderableType] = [Text(f"{plain(metric)}: {wording.meaning(metric)}", style="bold")]
    parts += [_comparison(row) for row in rows.itertuples()]
    left = len(findings) - len(rows)
    if left > 0:
        parts.append(Text(f"and {wording.count(left, 'comparison')} further within the ordinary", style="dim"))
    return Group(*parts)


def _comparison(row) -> Text:
    interval = wording.interval(row.low, row.high, row.unit)
    what, where = plain(wording.titled(row.metric, row.statistic)), plain(wording.segment(row.dimension, row.value))
    change = _change(row) + (f"; change {interval} (95 %)" if interval else "")
    known = {name: getattr(row, name) for name in ("effect", "matters", "z", "p", "q") if math.isfinite(getattr(row, name))}
    ruled = wording.is_rule(row.statistic)
    lines = [
        f"{what}, {where}: {_TESTS[row.test]}",
        change,
        "" if ruled else _told(known, "effect", "matters"),
        "" if ruled else _told(known, "z", "p", "q"),
        _mix(row),
        f"{wording.count(row.n, 'trace')}, {wording.count(row.baseline_days, 'baseline day')}",
        f"{'ALARM' if row.alarm else 'no alarm'}: {plain(row.reason, 300)}",
    ]
    return Text("\n  ".join(line for line in lines if line) + "\n", style="bold" if row.alarm else "")


def _change(row) -> str:
    if wording.is_rule(row.statistic):
        return wording.change(row.statistic, row.value_from, row.value_to, row.unit)
    if not math.isfinite(row.value_to):
        return ""
    return f"{wording.number(row.value_from, row.unit)} expected, {wording.number(row.value_to, row.unit)} seen"


_FORMS = {
    "effect": "effect {:.3g}",
    "matters": "smallest that matters {:.3g}",
    "z": "z {:+.2f}",
    "p": "p {:.2g}",
    "q": "q {:.2g}",
}


def _told(known: Mapping[str, float], *names: str) -> str:
    """Those of the numbers that are known; a movement over many days has no z of one night."""
    return ", ".join(_FORMS[name].format(known[name]) for name in names if name in known)


def _mix(row) -> str:
    if not math.isfinite(row.mix_part) or abs(row.mix_part) <= 1e-12 or not math.isfinite(row.within_part):
        return ""
    return f"traffic mix explains {row.mix_part:+.3g}; {row.within_part:+.3g} remains within the segments and is tested"


_TESTS = {
    FindingTest.NIGHT: "this night against its prediction",
    FindingTest.SLOW: "a lasting change over the last nights",
    FindingTest.PINNED: "against the accepted baseline",
    FindingTest.RULE: "a rule of drift.toml",
    FindingTest.ARRIVAL: "whether it still arrives",
}
