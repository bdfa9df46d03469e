"""The pulled parts become the day: put together, checked, and summed up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pyarrow as pa

from drift.checks.size import is_too_few
from drift.config import Config
from drift.errors import DataError
from drift.judge.day import truths
from drift.lake import Lake
from drift.night import baseline, sum_up

# share of its traces that a day keeps at the least when it is pulled again for late rows; else the store is deleting it
_LATE_ROWS_KEEP = 0.5


class NothingLeftError(DataError):
    """The store has no longer the traces of a day that was measured before; the day stays as it was measured."""


def profile_day(config: Config, day: date, parts: Sequence[str] | None = None, *, late_rows: bool = False) -> None:
    """Make the pulled parts the day, check it, and store its profile. Without `parts`: the day as it was pulled before.

    A day that fails a critical check keeps its profile, marked unfit, so that no later day is compared with it. Raises
    NothingLeftError where the parts are empty and the day was not; with `late_rows` also where they have less than half of
    what the day had, for late rows only add to it.
    """
    from drift import checks

    lake = Lake(config.lake.url)
    if parts is not None:
        _refuse_loss(lake, day, parts, _LATE_ROWS_KEEP if late_rows else 0.0)
        lake.commit("features", day, parts)
    if not lake.committed("features", day):
        raise DataError(f"{day} was never pulled; pull it with `drift run --day {day}`")
    history = baseline.history(config, lake, day)
    with sum_up.day(config, lake, day, history) as summed:
        smaller = baseline.smaller_days(config, lake, day)
        report = checks.check_measured(summed.measured, summed.traces, day, config.window(day), history, config, smaller)
        lake.write_bytes(f"checks/day={day}/index.html", report.page)
        traces = summed.measured.traces
        facts = {"ok": report.passed, "reason": "; ".join(report.failures), "warned": report.warnings, "traces": traces}
        size = round(summed.measured.requests)
        if size != traces:
            facts["requests"] = size
        if report.passed and report.too_few and not _is_accepted(config, day, size):
            facts["too_few"] = report.too_few
        scored = summed.rows() if config.judge.rubrics else pa.table({})
        profile = pa.concat_tables([summed.profile, truths(config, day, scored)])
        lake.write("profiles", day, profile.combine_chunks(), facts)


def _is_accepted(config: Config, day: date, requests: int) -> bool:
    level = baseline.accepted_volume(config, day)
    return level is not None and not is_too_few(requests, level)


def _refuse_loss(lake: Lake, day: date, parts: Sequence[str], least: float) -> None:
    traces = baseline.measured(lake, day)
    now = sum(lake.rows("features", day, name) for name in parts) if traces else 0
    if traces and now <= least * traces:
        raise NothingLeftError(
            f"{day}: the store has {f'only {now:,}' if now else 'no'} traces of it now, but had {traces:,} when it was measured; "
            "it stays as it was measured"
        )
