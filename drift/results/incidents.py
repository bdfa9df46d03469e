"""Incidents: a pure function of the nights' findings and of what people decided, replayed in day order.

Nothing here reads or writes. Because it is a replay, a night that is run again or corrected later leaves exactly the
incidents that an undisturbed history would have left.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from drift.findings import Direction, FindingTest, StatisticName
from drift.metrics import is_decision
from drift.profiles import OVERALL
from drift.results.grouping import VECTORS, Group, Location, StoredFinding, began, compatible, group, related, same_time
from drift.results.incident import CLOSE_AFTER, Action, Decision, Incident, IncidentDay, IncidentEvent, State, incident_id
from drift.results.movement import Movements, is_gradual
from drift.results.severity import worth_a_message

# nights at a level after which it is the new level
SETTLE_NIGHTS = 14
_WORSE, _BETTER = 1.5, 0.5
# a metric that follows its relative a few nights later crosses its threshold late; after that it is a change of its own
_LATE = timedelta(days=7)
_OF_THE_SPREAD = frozenset({StatisticName.TAIL, StatisticName.FAR_TAIL, StatisticName.LOW_TAIL, StatisticName.SHAPE})
# a level that was told anew is dated by that night; the movement to it may have begun some nights earlier
_UNDATED = timedelta(days=2)
_STILL_Z = 2.0


@dataclass(frozen=True)
class Replay:
    """Every incident in order of opening, and the incident of every finding by (day, finding id)."""

    incidents: list[Incident]
    members: dict[tuple[date, str], str]


Key = tuple[str, str, str, str]
Quiet = Callable[[date, Sequence[Key]], Sequence[StoredFinding]]


def replay(
    days: Iterable[date],
    findings: Mapping[date, Sequence[StoredFinding]],
    decisions: Sequence[Decision] = (),
    settle_nights: int = SETTLE_NIGHTS,
    deployed: Collection[str] = frozenset(),
    quiet: Quiet | None = None,
) -> Replay:
    """The incidents after all nights.

    days: the days that were compared, in any order; a failed or missing day is left out and changes no incident.
    findings: by day, every alarm, the other findings of the night's alarming metrics, those of a key that has alarmed before, and
    at least one of every segment. settle_nights: nights at a level after which it is the new level. deployed: ids of the incidents
    that a deployment made, as their explanation says. quiet: gives the findings of some keys on a day without alarms, which
    `findings` may leave out then: they are asked for only while an incident is about them.
    """
    everything: list[Incident] = []
    members: dict[tuple[date, str], str] = {}
    movements = Movements()
    waiting = sorted(decisions, key=lambda decision: (decision.day, decision.number))
    for day in sorted(days):
        while waiting and waiting[0].day < day:
            _apply(waiting.pop(0), everything)
        live = [incident for incident in everything if not incident.over]
        rows = findings.get(day, ())
        if not rows and live and quiet is not None:
            rows = quiet(day, sorted({incident.key for incident in live}))
        _night(day, rows, live, everything, members, movements, settle_nights, deployed)
    for decision in waiting:
        _apply(decision, everything)
    return Replay(everything, members)


def _night(
    day: date,
    rows: Sequence[StoredFinding],
    live: Sequence[Incident],
    everything: list[Incident],
    members: dict[tuple[date, str], str],
    movements: Movements,
    settle_nights: int,
    deployed: Collection[str],
) -> None:
    # what is decided is no incident, and still shows which segments there are
    rows = [replace(row, alarm=False) if is_decision(row.metric) else row for row in rows]
    seen = {row.key: row for row in sorted(rows, key=lambda row: (row.alarm, row.test == FindingTest.NIGHT, row.id))}
    taken: dict[str, list[StoredFinding]] = {incident.id: [] for incident in live}
    new = []
    for row in rows:
        home = next((incident for incident in live if row.alarm and _continues(incident, row)), None)
        if home is not None:
            taken[home.id].append(row)
        # what belongs to an incident already, or to a movement that was told, shows where a metric moved, but asks for no
        # incident of its own
        known = home is not None or row.alarm and movements.is_told(row)
        new.append(replace(row, alarm=False) if known else row)
    for found in _by_cause(new):
        home = next((each for each in live if _joins(each, found) and not _outdoes(each, found, seen.get(each.key))), None)
        if home is not None:
            taken[home.id].extend(found.alarms)
            continue
        along = next((incident for incident in reversed(everything) if _moves_along(incident, found)), None)
        if along is not None:
            members.update({(day, alarm.id): along.id for alarm in found.alarms})
            _take_along(along, day, movements, found)
            continue
        opened = _open(day, found)
        if opened.id in deployed and not opened.worse:
            # what somebody did to no one's harm is no message, and the next night is compared with itself
            opened.told, opened.gradual = False, False
            opened.days[0] = replace(opened.days[0], silent=True)
        everything.append(opened)
        members.update({(day, alarm.id): opened.id for alarm in found.alarms})
        if opened.gradual:
            _settle(opened, day, movements, found.alarms)
    for incident in live:
        members.update({(day, alarm.id): incident.id for alarm in taken[incident.id]})
        _continue(incident, day, taken[incident.id], seen.get(incident.key))
        done = incident.id in deployed and not incident.worse and not incident.kept
        if incident.state == State.OPEN and (done or _has_settled(incident, day, taken[incident.id], settle_nights)):
            incident.days.append(replace(incident.days.pop(), event=IncidentEvent.SETTLED, silent=True))
            _settle(incident, day, movements, taken[incident.id])


def _by_cause(rows: Sequence[StoredFinding]) -> list[Group]:
    """The night's groups. What people asked to be told of is told by itself: a rule shares its incident with nothing else."""
    rules = sorted({row.statistic for row in rows if _of_rule(row)})
    apart = [group([row for row in rows if _of_rule(row) and row.statistic == rule]) for rule in rules]
    return [*(each for found in apart for each in found), *group([row for row in rows if not _of_rule(row)])]


def _of_rule(row: StoredFinding) -> bool:
    return row.test == FindingTest.RULE


def _continues(incident: Incident, alarm: StoredFinding) -> bool:
    if alarm.key not in incident.keys or alarm.change * incident.lead.change < 0 and alarm.key == incident.key:
        return False
    return incident.state not in (State.ACCEPTED, State.SETTLED) or not _has_moved_on(incident, alarm)


def _joins(incident: Incident, found: Group) -> bool:
    """Whether alarms that are new tonight are more of an incident that is there: one more segment or metric of its cause.

    They share its place, its time and a reason to move together; a jump long after the opening is a change of its own. The tails
    and the shape of all traffic follow wherever a level of the same metric moved, on whichever night they stand out.
    """
    if _of_rule(found.lead) or _of_rule(incident.lead):
        return False
    if incident.state == State.OPEN and (_echoes(incident, found) or _is_a_part(incident, found)):
        return True
    if incident.state != State.OPEN or not compatible(incident.location, found.location):
        return False
    late = found.lead.day - incident.opened > _LATE
    if late or not same_time(found.lead, incident.lead):
        return False
    if (found.lead.key[0], found.lead.key[3]) == (incident.key[0], incident.key[3]):
        return found.lead.change * incident.lead.change >= 0
    shared = any(name in incident.names for name in found.metrics) or any(related(found.lead.metric, n) for n in incident.names)
    return shared or _pinned(incident.location, found.location)


def _outdoes(incident: Incident, found: Group, now: StoredFinding | None) -> bool:
    """Whether alarms that are new tonight began after the incident was told, and stand out more than it ever did: news of its own, though
    in its place. now: the incident's own finding tonight; where that has grown as much they are its growth."""
    after = began(found.lead)[0] > incident.opened
    return after and found.lead.strength > max(incident.lead.strength, now.strength if now is not None else 0.0)


def _moves_along(incident: Incident, found: Group) -> bool:
    """Whether what moves slowly is an aspect of a movement in that place that was told some nights before. When a creep began is not known
    well enough to part them by it."""
    return (
        incident.gradual
        and is_gradual(found)
        and found.lead.day - incident.opened <= _LATE
        # the same metric that has gone as far once more is told again
        and found.lead.metric not in incident.names
        and any(related(found.lead.metric, name) for name in incident.names)
        and compatible(incident.location, found.location)
    )


def _take_along(incident: Incident, day: date, movements: Movements, found: Group) -> None:
    """A movement that has ended as an incident is followed further, and nothing more is said of it."""
    incident.keys |= {alarm.key for alarm in found.alarms}
    incident.names |= {alarm.metric for alarm in found.alarms}
    incident.worse |= any(alarm.direction == Direction.WORSE for alarm in found.alarms)
    incident.days.append(_line(incident, day, IncidentEvent.SETTLED, None, len(found.alarms), silent=True))
    movements.tell(found.alarms, gradual=True)


def _echoes(incident: Incident, found: Group) -> bool:
    """Whether all that alarmed is how a metric of the incident is spread over all traffic, of which the incident's place is a part."""
    return incident.dimension != OVERALL and all(
        row.overall and row.statistic in _OF_THE_SPREAD and row.metric in incident.names for row in found.alarms
    )


def _is_a_part(incident: Incident, found: Group) -> bool:
    """Whether all that alarmed is the meaning of some part of the traffic, when that of the whole has been moving for some nights: a
    distance has no direction, so which parts stand out beside the whole differs from night to night."""
    return found.lead.day - incident.opened <= _LATE and all(
        row.metric in VECTORS and (row.metric, OVERALL, "", "") in incident.keys for row in found.alarms
    )


def _pinned(a: Location, b: Location) -> bool:
    """Whether both are somewhere, and where they tell it by the same dimension somewhere in common."""
    both = a.focus.keys() & b.focus.keys()
    return bool(a.focus and b.focus) and (not both or any(a.focus[d] & b.focus[d] for d in both))


def _has_settled(incident: Incident, day: date, alarms: Sequence[StoredFinding], settle_nights: int) -> bool:
    """Whether the level that was told last has held for so many nights, or moves on slowly, so that it is told once more and then
    followed as a movement. A broken rule and a signal that no longer arrives do not settle."""
    if incident.kept or incident.lead.test in (FindingTest.RULE, FindingTest.ARRIVAL):
        return False
    moves = incident.days[-1].event == IncidentEvent.WORSE and all(
        alarm.test != FindingTest.NIGHT for alarm in alarms if alarm.key == incident.key
    )
    return moves or (day - incident.level_since).days >= settle_nights


def _settle(incident: Incident, day: date, movements: Movements, alarms: Sequence[StoredFinding]) -> None:
    """The level that was told is the one that is compared with from now on."""
    moving = incident.gradual or incident.level_since == day
    incident.state, incident.closed, incident.ordinary = State.SETTLED, day, 0
    incident.settled = day if moving else max(incident.lead.since or incident.opened, incident.level_since - _UNDATED)
    movements.tell([incident.lead, *alarms], gradual=moving)


def _open(day: date, found: Group) -> Incident:
    lead = found.lead
    incident = Incident(
        id=incident_id(lead.metric, lead.dimension, lead.value, day, lead.statistic if _of_rule(lead) else ""),
        metric=lead.metric,
        dimension=lead.dimension,
        value=lead.value,
        statistic=lead.statistic,
        direction=lead.direction,
        unit=lead.unit,
        opened=day,
        last_alarm=day,
        lead=lead,
        location=found.location,
        keys={alarm.key for alarm in found.alarms},
        names=set(found.metrics),
        provisional=lead.provisional,
        early=lead.provisional,
        announced=abs(lead.change),
        gradual=is_gradual(found),
        told=worth_a_message(found),
        worse=any(alarm.direction == Direction.WORSE for alarm in found.alarms),
        level_since=day,
        levels=_levels(found.alarms),
    )
    incident.days.append(_line(incident, day, IncidentEvent.OPENED, lead, len(found.alarms), silent=not incident.told))
    return incident


def _levels(alarms: Iterable[StoredFinding]) -> dict[tuple[str, str, str, str], tuple[float, float]]:
    """What each series was and is; tonight's own comparison says it best."""
    ordered = sorted(alarms, key=lambda alarm: (alarm.test == FindingTest.NIGHT, alarm.id))
    return {a.key: (a.value_from, a.value_to) for a in ordered if a.value_from is not None and a.value_to is not None}


def _continue(incident: Incident, day: date, alarms: list[StoredFinding], seen: StoredFinding | None) -> None:
    if incident.state in (State.ACCEPTED, State.SETTLED):
        if alarms:
            incident.ordinary = 0
            incident.days.append(_line(incident, day, IncidentEvent(incident.state), seen, len(alarms), silent=True))
        elif seen is not None:
            # a night on which too few days of the new level are known compares nothing and says nothing
            incident.ordinary += 1
        return
    if alarms:
        incident.ordinary = 0
        incident.nights += 1
        incident.last_alarm = day
        incident.keys |= {alarm.key for alarm in alarms}
        incident.levels |= _levels(alarms)
        incident.names |= {alarm.metric for alarm in alarms}
        incident.worse |= any(alarm.direction == Direction.WORSE for alarm in alarms)
        event = IncidentEvent.LASTING
        if seen is not None and incident.announced > 0:
            event = _compared(incident, seen)
            if event != IncidentEvent.LASTING:
                incident.announced, incident.level_since = abs(seen.change), day
    elif seen is not None and seen.strength >= _STILL_Z and seen.change * incident.lead.change > 0:
        # below the night's threshold and still clearly off: neither an alarm nor a night that counts towards closing
        event = IncidentEvent.LASTING
        incident.nights += 1
    else:
        incident.ordinary += 1
        event = IncidentEvent.CLOSED if incident.ordinary >= CLOSE_AFTER else IncidentEvent.ORDINARY
    if seen is not None and event not in (IncidentEvent.ORDINARY, IncidentEvent.CLOSED):
        incident.lead = _with_since(seen, incident)
        incident.provisional = seen.provisional
    if event == IncidentEvent.CLOSED:
        incident.state, incident.closed = State.CLOSED, day
    muted = incident.muted_until is not None and day <= incident.muted_until
    silent = (
        muted
        or event == IncidentEvent.ORDINARY
        or not incident.told
        or (incident.acknowledged and event == IncidentEvent.LASTING)
    )
    incident.days.append(_line(incident, day, event, seen, len(alarms), silent))


def _compared(incident: Incident, seen: StoredFinding) -> IncidentEvent:
    """Worse or better than what was told last, if by much and by more than tonight's uncertainty."""
    if seen.value_from is None and seen.effect is None:
        # nothing was compared tonight
        return IncidentEvent.LASTING
    ratio = abs(seen.change) / incident.announced
    if seen.low is not None and seen.high is not None:
        told = math.copysign(incident.announced, seen.change)
        if min(seen.low, seen.high) <= told <= max(seen.low, seen.high):
            return IncidentEvent.LASTING
    if ratio >= _WORSE and seen.alarm:
        return IncidentEvent.WORSE
    return IncidentEvent.BETTER if ratio <= _BETTER else IncidentEvent.LASTING


def _with_since(seen: StoredFinding, incident: Incident) -> StoredFinding:
    # more nights date a change better, but one that alarmed on the opening night had begun by then
    if seen.since is not None and seen.since <= incident.opened:
        return seen
    before = incident.lead
    return replace(seen, since=before.since, since_low=before.since_low, since_high=before.since_high)


def _has_moved_on(incident: Incident, alarm: StoredFinding) -> bool:
    """Whether an alarm is a change of its own, beyond the level that was accepted or settled, or back from it.

    Compared with days of the new level, it is; as long as few of them are known, only where it is half as large as what was accepted.
    Compared with days before it, the alarm is the accepted change itself, unless that has grown.
    """
    told = incident.levels.get(alarm.key)
    if told is None or alarm.value_from is None or alarm.value_to is None:
        return False
    (before, level), step = told, abs(told[1] - told[0])
    if abs(alarm.value_from - level) < abs(alarm.value_from - before):
        return not alarm.provisional or abs(alarm.change) >= _BETTER * step
    back = alarm.change * (level - before) < 0
    return back or abs(alarm.change) >= _WORSE * max(step, incident.announced if alarm.key == incident.key else 0.0)


def _line(
    incident: Incident, day: date, event: IncidentEvent, seen: StoredFinding | None, alarms: int, silent: bool
) -> IncidentDay:
    numbers = (seen.value_from, seen.value_to, seen.low, seen.high, seen.z) if seen is not None else (None,) * 5
    return IncidentDay(incident.id, day, event, silent, *numbers, alarms)


def _apply(decision: Decision, everything: list[Incident]) -> None:
    incident = _subject(decision, everything)
    if incident is None:
        return
    if decision.action == Action.ACK:
        incident.acknowledged = True
    elif decision.action == Action.UNACK:
        incident.acknowledged, incident.muted_until = False, None
    elif decision.action == Action.MUTE:
        incident.muted_until = decision.until
    elif decision.action == Action.UNACCEPT:
        if incident.state == State.ACCEPTED:
            incident.state, incident.accepted, incident.ordinary = State.OPEN, None, 0
    elif decision.action == Action.REOPEN:
        if incident.state == State.SETTLED:
            incident.state, incident.closed, incident.settled, incident.kept, incident.ordinary = (
                State.OPEN,
                None,
                None,
                True,
                0,
            )
    elif decision.action == Action.FIXED:
        # no level of it was ever the ordinary one
        incident.accepted = incident.settled = None
        incident.state, incident.closed, incident.fixed = State.CLOSED, incident.closed or decision.day, decision.day
    elif incident.state != State.CLOSED:
        incident.state, incident.accepted, incident.ordinary = State.ACCEPTED, decision.day, 0


def _subject(decision: Decision, everything: list[Incident]) -> Incident | None:
    for incident in everything:
        if incident.id == decision.incident_id:
            return incident
    # a corrected night may have moved the opening day, and with it the id: the same change at that time is meant
    same = [
        incident
        for incident in everything
        if (incident.metric, incident.dimension, incident.value) == (decision.metric, decision.dimension, decision.value)
        and incident.opened <= decision.day
        and (incident.closed is None or incident.closed >= decision.day - _LATE)
    ]
    return same[-1] if same else None
