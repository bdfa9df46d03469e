"""The demo store: an invented support bot whose traffic is made up as it is asked for, with incidents planted in it.

Nothing is read and nothing is stored. The same options give the same traces, on any machine, a day alone or in a row.
What the bot's traffic looks like is in `demo_traffic`, the incidents and their truth in `demo_scenarios`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict, Field

from drift import traces
from drift.stores import Check, demo_scenarios, demo_traffic
from drift.stores.demo_incident import DAYS, Planted, Scenario

__all__ = ["DemoOptions", "DemoStore", "Planted", "planted"]

UNTIL = date(2026, 11, 20)


class DemoOptions(BaseModel):
    """The [store] table for `type = "demo"`."""

    model_config = ConfigDict(extra="forbid")

    seed: int = Field(7, ge=0)
    traces_per_day: int = Field(2000, ge=1, le=1_000_000, description="on an ordinary weekday; about 30 % fewer on a weekend")
    scenario: Scenario = Field(
        "demo",
        description="demo: 3 incidents in 42 days; twelve: 12 in 90 days; steps: 8 inside requests and of judges and prompts in 78 days; quiet: none in 42",
    )
    language: Literal["en", "de", "ja"] = Field("en", description="what most users speak")
    until: date = Field(UNTIL, description="last day of the scenario; traffic goes on after it without incidents")


class DemoStore:
    """Made-up traces from `first_day` on; see `drift.stores.Store` for the methods."""

    Options = DemoOptions
    reads_all = True

    def __init__(self, options: DemoOptions, *, salt: str):
        self.options = options
        self._hash_user = lru_cache(maxsize=None)(lambda user: traces.hash_user(f"user-{user}", salt))

    @property
    def first_day(self) -> date:
        return self.options.until - timedelta(days=DAYS[self.options.scenario] - 1)

    @property
    def planted(self) -> list[Planted]:
        """The incidents of this store's scenario, as they should be reported."""
        return planted(self.options.scenario, self.options.until)

    def pull(self, start: datetime, end: datetime) -> Iterator[pa.Table]:
        for day in demo_traffic.days_of(start, end):
            if day < self.first_day:
                continue
            table = self._day(day)
            inside = pc.and_(
                pc.greater_equal(table["timestamp"], pa.scalar(start, traces.TIME)),
                pc.less(table["timestamp"], pa.scalar(end, traces.TIME)),
            )
            yield table.filter(inside)

    def count(self, start: datetime, end: datetime) -> int | None:
        return None

    def check(self) -> list[Check]:
        options = self.options
        return [
            Check(
                "store demo",
                True,
                f"made-up traffic from {self.first_day} on, scenario {options.scenario} until {options.until}, "
                f"{options.traces_per_day} traces a day",
            )
        ]

    def trace_url(self, trace_id: str) -> str | None:
        return None

    def _day(self, day: date) -> pa.Table:
        options = self.options
        incidents = demo_scenarios.active(options.scenario, options.until, day)
        return demo_traffic.day_of_traces(
            options.seed, options.traces_per_day, day, incidents, options.until, self._hash_user, options.language
        )


def planted(scenario: Scenario, until: date = UNTIL) -> list[Planted]:
    """The truth of a scenario: what should be reported, in order of the first day."""
    return demo_scenarios.planted(scenario, until)
