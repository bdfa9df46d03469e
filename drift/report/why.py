"""`drift show --why METRIC`: one metric's comparisons of a night in words and numbers."""

from __future__ import annotations

import pandas as pd
from rich.console import Group, RenderableType
from rich.text import Text

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
    unit = row.unit
    change = f"{wording.number(row.value_from, unit)} expected, {wording.number(row.value_to, unit)} seen"
    interval = wording.interval(row.low, row.high, unit)
    what, where = plain(wording.subject(row.metric, row.statistic)), plain(wording.segment(row.dimension, row.value))
    lines = [
        f"{what}, {where}: {_TESTS[row.test]}",
        change + (f"; change {interval} (95 %)" if interval else ""),
        f"effect {row.effect:.3g}, smallest that matters {row.matters:.3g}; z {row.z:+.2f}, p {row.p:.2g}, q {row.q:.2g}",
        f"{wording.count(row.n, 'trace')}, {wording.count(row.baseline_days, 'baseline day')}",
        f"{'ALARM' if row.alarm else 'no alarm'}: {plain(row.reason, 300)}",
    ]
    if row.mix_part is not None and abs(row.mix_part) > 1e-12 and row.mix_part == row.mix_part:
        remains = f"{row.within_part:+.3g} remains within the segments and is tested"
        lines.insert(4, f"traffic mix explains {row.mix_part:+.3g}; {remains}")
    return Text("\n  ".join(lines) + "\n", style="bold" if row.alarm else "")


_TESTS = {
    "night": "this night against its prediction",
    "slow": "a lasting change over the last nights",
    "pinned": "against the accepted baseline",
    "rule": "a rule of drift.toml",
}
