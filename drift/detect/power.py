"""What drift would see in traffic that one does not have yet: days of a typical application are drawn, and its nights held a drill.

The draws go through the profiles and the night of the product, so the answer is the detector's own. What is typical is assumed and
printed beside the answer: how metrics spread over requests, and how much their days differ.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from drift import profiles
from drift.config import Config
from drift.detect.night import judge
from drift.detect.settings import Settings
from drift.findings import Visible
from drift.profiles.day import DayProfile

_MONDAY = date(2025, 3, 3)
_DRAWS = 5


@dataclass(frozen=True)
class Typical:
    """A metric of a typical application. level: median, share or mean; spread: of requests, days: of days, both standard deviations
    on the logarithm, of a share on the logit, of a score in points."""

    metric: str
    level: float
    spread: float
    days: float
    kind: str


TYPICAL = (
    Typical("refusal", 0.02, 0.0, 0.12, "share"),
    Typical("error", 0.01, 0.0, 0.2, "share"),
    Typical("latency_s", 2.0, 0.6, 0.035, "log"),
    Typical("cost_usd", 0.004, 0.6, 0.03, "log"),
    Typical("output_characters", 900.0, 0.7, 0.03, "log"),
    Typical("retrieval_top_score", 0.75, 0.12, 0.006, "points"),
    Typical("score.judge", 0.8, 0.18, 0.01, "points"),
)


def expected(traces: int, days: int, config: Config) -> list[Visible]:
    """The drill of a typical application with so many traces a day and so many earlier days, the median of a few draws.

    A change that some draws tell and others not is told only where most do.
    """
    settings = Settings.of(config)
    drawn: dict[str, list[Visible]] = defaultdict(list)
    for seed in range(_DRAWS):
        table = [_day(seed, day, traces, config) for day in range(days + 1)]
        for row in judge(table[:-1], table[-1], settings).drill():
            if row.dimension == "all":
                drawn[row.metric].append(row)
    order = [each.metric for each in TYPICAL]
    return [_median(drawn[name]) for name in order if drawn[name]]


def _median(rows: Sequence[Visible]) -> Visible:
    sizes = [row.one_night for row in rows], [row.seven_nights for row in rows]
    told = [float(np.median([np.inf if size is None else size for size in each])) for each in sizes]
    blind = sorted(row.blind_reason for row in rows if row.blind_reason)
    reason = blind[-1] if 2 * len(blind) > len(rows) else ""
    one, seven = (size if np.isfinite(size) and not reason else None for size in told)
    return replace(rows[0], one_night=one, seven_nights=seven, blind_reason=reason)


def _day(seed: int, day: int, traces: int, config: Config) -> DayProfile:
    rng, own = np.random.default_rng([seed, day]), np.random.default_rng([seed, day, 1])
    n = max(int(rng.poisson(traces * (0.7 if day % 7 >= 5 else 1.0))), 1)
    columns: dict[str, np.ndarray] = {"trace_id": np.arange(n).astype(str)}
    for each in TYPICAL:
        moved = each.days * own.standard_normal()
        if each.kind == "share":
            columns[each.metric] = (rng.random(n) < 1 / (1 + np.exp(-np.log(each.level / (1 - each.level)) - moved))).astype(
                float
            )
        elif each.kind == "log":
            columns[each.metric] = each.level * np.exp(moved + each.spread * rng.standard_normal(n))
        else:
            columns[each.metric] = each.level + moved + each.spread * rng.standard_normal(n)
    when = _MONDAY + timedelta(days=day)
    return DayProfile(when, profiles.build(pa.table(columns), config, when))
