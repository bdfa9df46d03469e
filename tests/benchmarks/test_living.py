"""How long an incident of a living application was open is counted to its end, be it called settled before."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from types import SimpleNamespace

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from living import judge, worlds

from drift.results.grouping import Location
from drift.results.incident import Incident, IncidentDay, IncidentEvent


def incident(opened: int, over: int, events: dict[int, IncidentEvent]) -> Incident:
    """Of traffic, from the day `opened` until it is said to be over on the day `over`."""
    line = lambda day, event: IncidentDay("a", worlds.day_of(day), event, False, None, None, None, None, None, 1)  # noqa: E731
    when: date = worlds.day_of(opened)
    return Incident(
        id="a",
        metric="volume",
        dimension="all",
        value="",
        statistic="level",
        direction="down",
        unit="traces",
        opened=when,
        last_alarm=when,
        lead=SimpleNamespace(test="night"),
        location=Location(),
        keys=set(),
        names={"volume"},
        closed=worlds.day_of(over),
        days=[line(day, event) for day, event in events.items()],
    )


def judged(one: Incident) -> judge.Quiet:
    application = SimpleNamespace(world=worlds.WORLDS["mature"], size=1000, seed=1)
    nights = SimpleNamespace(application=application, incidents=[one], notes={}, messages={}, failed=set())
    return judge.quiet(nights, worlds.HISTORY + worlds.NIGHTS)


def test_an_incident_is_open_while_its_series_alarm_though_it_settled_before():
    settled = {30: IncidentEvent.OPENED} | dict.fromkeys(range(31, 56), IncidentEvent.SETTLED)
    assert judged(incident(30, 30, settled)).longest == (25, "volume")


def test_an_incident_that_stays_after_half_a_day_is_counted_from_the_end_of_that_day():
    stays = {92: IncidentEvent.OPENED, 106: IncidentEvent.SETTLED}
    assert 92 in worlds.WORLDS["mature"].lost
    assert judged(incident(92, 106, stays)).outlived == (14, "volume")
    assert judged(incident(94, 106, {94: IncidentEvent.OPENED, 106: IncidentEvent.CLOSED})).outlived == (0, "")
