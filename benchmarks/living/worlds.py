"""The living applications: what moves in each, and what may be told of it. Written before the first run.

A list says of everything that moves whether it is an incident (a message is asked for: something broke, or is unexplained),
an event (a decision or a piece of news: one line of a digest, no message) or a matter of the digest (a slow movement).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

# a Monday; 28 days of history and 100 nights reach over New Year's week of nobody, Easter and May Day
FIRST = date(2026, 1, 5)
HISTORY, NIGHTS = 28, 100
HOLIDAYS = (date(2026, 1, 19), date(2026, 2, 16), date(2026, 4, 3), date(2026, 4, 6), date(2026, 5, 1))


@dataclass(frozen=True)
class World:
    """Switches. Days count from the first day of history; a share is of the requests.

    growth: of the volume a week. release_every, prompt_every: days between deployments (0: none). staged: days over which a
    deployment goes from 5 % over 50 % to everybody. migration: first and last day of a move to an equal model. opened,
    closed: endpoint → day. campaign, viral: first and last day. month_end, sawtooth, weekend (what is left of a weekday's
    traffic), lengthening (of turns a week), market (language → day on which half of its growth has come), outages: days with
    one bad hour, lost: days of which the second half never arrived, batch: share of the traffic that scheduled jobs make.
    """

    name: str
    growth: float = 0.0
    weekend: float = 0.6
    release_every: int = 0
    prompt_every: int = 0
    staged: int = 0
    migration: tuple[int, int] = ()
    opened: dict[str, int] = field(default_factory=dict)
    closed: dict[str, int] = field(default_factory=dict)
    campaign: tuple[int, int] = ()
    viral: tuple[int, int] = ()
    month_end: float = 0.0
    sawtooth: bool = False
    lengthening: float = 0.0
    market: dict[str, int] = field(default_factory=dict)
    languages: tuple[float, ...] = (0.86, 0.05, 0.0, 0.06, 0.03)
    outages: tuple[int, ...] = ()
    holidays: bool = False
    lost: tuple[int, ...] = ()
    batch: float = 0.0
    people: float = 0.35
    wandering: float = 1.0


@dataclass(frozen=True)
class Asked:
    """One thing of a world's list: how it is told, and in which days an incident of it may open (once)."""

    what: str
    told: str
    first: int = -1
    last: int = -1


WORLDS = {
    world.name: world
    for world in (
        World("mature", release_every=35, outages=(41, 77, 109), holidays=True, lost=(92,), month_end=0.15),
        World(
            "growing", growth=0.03, release_every=7, prompt_every=10, migration=(58, 72), opened={"draft": 66}, closed={"agent": 118},
            campaign=(47, 49), viral=(85, 90), month_end=0.3, sawtooth=True, lengthening=0.01, market={"de": 80}, people=0.5,
        ),
        World("daily", growth=0.01, release_every=1, prompt_every=3, wandering=1.2, month_end=0.1),
        World("staged", release_every=7, prompt_every=9, staged=4, migration=(50, 90), sawtooth=True),
        World("batch", batch=0.55, people=0.03, weekend=0.15, month_end=0.3, prompt_every=20),
        World("multilingual", growth=0.01, languages=(0.4, 0.2, 0.15, 0.15, 0.1), market={"es": 85}, prompt_every=14, viral=(60, 64),
              holidays=True),
    )
}  # fmt: skip


def asked(world: World) -> list[Asked]:
    """The list of a world."""
    out = [Asked(f"an hour of 5xx on day {day}", "incident", day, day + 1) for day in world.outages]
    out += [Asked(f"half of day {day} never arrived", "incident", day, day) for day in world.lost]
    out += (
        [Asked(f"campaign, days {world.campaign[0]}–{world.campaign[1]}", "event", *world.campaign)] if world.campaign else []
    )
    out += [Asked(f"viral topic, days {world.viral[0]}–{world.viral[1]}", "event", *world.viral)] if world.viral else []
    out += [Asked(f"endpoint {name} opened", "event") for name in world.opened]
    out += [Asked(f"endpoint {name} retired", "event") for name in world.closed]
    out += [Asked("move to an equal model", "event")] if world.migration else []
    out += [Asked(f"a release every {world.release_every} days", "event")] if world.release_every else []
    out += (
        [Asked(f"a prompt version every {world.prompt_every} days, which changes nothing", "event")]
        if world.prompt_every
        else []
    )
    out += [Asked(f"traffic grows {world.growth:.0%} a week", "digest")] if world.growth else []
    out += [Asked(f"conversations lengthen {world.lengthening:.0%} a week", "digest")] if world.lengthening else []
    out += [Asked(f"market {name} grows", "digest") for name in world.market]
    out += [Asked("documents age a day a day until the first of a month", "digest")] if world.sawtooth else []
    out += [Asked("month ends", "digest")] if world.month_end else []
    out += [Asked("holidays", "digest")] if world.holidays else []
    out += [Asked("scheduled jobs of a few customers", "digest")] if world.batch else []
    return out


def announced(world: World) -> dict[str, list[dict[str, object]]]:
    """`[calendar]` of the world's drift.toml: its holidays. Campaigns are sprung on it."""
    return {"events": [{"name": "holiday", "first": day} for day in HOLIDAYS]} if world.holidays else {}


def day_of(number: int) -> date:
    return FIRST + timedelta(days=number)


def without(world: World, *switches: str) -> World:
    """The world with some of its movements off."""
    still = World("still")
    return replace(world, **{name: getattr(still, name) for name in switches})
