"""What changed: for an incident its place, what happened then, the likely cause with its evidence, and traces that show it.

Pure functions over findings, day profiles and features tables. Nothing is stored here, and whether something is an incident
is decided before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from math import isfinite

import pyarrow as pa

from drift.detect.statistics.panel import Panel, Segment
from drift.explain import causes, deployments, events, exemplars, hours, magnitude, meaning, price, recorded, segments
from drift.explain.meaning import Meaning
from drift.explain.scene import EVIDENCE, INPUT, Moved, Scene
from drift.features import certificates
from drift.findings import (
    CAUSES,
    Checked,
    Event,
    Exemplar,
    Explanation,
    Finding,
    FindingTest,
    Part,
    StatisticName,
    is_level,
    label_of,
)
from drift.profiles import OVERALL
from drift.profiles.dimensions import DEPLOYED, within

__all__ = ["CAUSES", "Event", "Exemplar", "Explanation", "Part", "explain"]

_BASELINE = 28
_NOTICEABLE_Z = 4.0


def explain(
    lead: Finding,
    alarms: Sequence[Finding],
    findings: Sequence[Finding],
    panel: Panel,
    began: tuple[date, date, date],
    today: pa.Table | None = None,
    before: pa.Table | None = None,
    trace_url: Callable[[str], str | None] = lambda trace_id: None,
    usual: Callable[[], Sequence[pa.Table]] = tuple,
) -> Explanation:
    """Why an incident is there, as far as this night shows it.

    lead: the finding that stands for the incident. alarms: its findings tonight. findings: all of tonight's, alarms or not.
    panel: the days' profiles, tonight last. began: first changed day of the incident, and the earliest and latest it can be.
    today, before: features tables of tonight and of ordinary days, for the exemplars; None where they are gone.
    usual: reads the embedded traces of `meaning.DAYS` ordinary days, oldest first; asked only where the meaning moved.
    """
    first, low, high = began
    days = range(len(panel) - 1)
    ordinary = [i for i in days if panel.days[i] < low][-_BASELINE:] or list(days)[:-1] or list(days)
    place = lead.dimension, lead.value
    where = segments.parts(panel, lead.metric, lead.statistic, place, ordinary)
    narrow = _narrow(place, where)
    moved = _moved(findings, alarms, place, narrow)
    news = events.around(panel, place if place in panel.row else (OVERALL, ""), low, high)
    carried = {event: _carried(panel, lead, event, place, ordinary) for event in news}
    models = _models(panel, lead, place, ordinary)
    behind = _meaning(lead, alarms, narrow, today, usual)
    deployed = [event for event in news if event.dimension in DEPLOYED and event.kind == "appeared"]
    known = {event: deployments.weigh(panel, lead, event, place, ordinary, low) for event in deployed}
    measured, size = recorded.of(panel, place, ordinary), magnitude.of(panel, lead, place, ordinary)
    scene = Scene(
        lead=lead.metric,
        moved=moved,
        events=tuple(news),
        carried=carried,
        models=models,
        inputs_first=_inputs_first(alarms, first),
        given_input=behind.given_input,
        deployments=known,
        unrecorded=EVIDENCE - measured,
        requests=size.requests or None,
        price=_price(moved, narrow, before, today),
        undated=(high - low).days,
    )
    verdict = causes.judge(scene)
    checked = recorded.checked(measured, moved, news)
    instrument = certificates.told(lead.metric, lead.value_from, lead.value_to)
    if instrument.startswith(certificates.WEAK) and verdict.confidence:
        verdict = replace(verdict, confidence="possible")
    # of a tail, a shape or a meaning no segment has a share
    adds_up = is_level(lead.statistic)
    earlier = {alarm.metric for alarm in alarms if alarm.since is not None and alarm.since < low}
    return Explanation(
        cause=verdict.cause,
        confidence=verdict.confidence,
        summary=_summary(verdict, news, _hours(today, lead, narrow), behind.apart, instrument, _beside(lead, checked)),
        where=tuple(where[:5]) if adds_up else (),
        parts=segments.by_dimension(panel, lead.metric, lead.statistic, place, ordinary) if adds_up else (),
        events=tuple(news[:10]),
        evidence=verdict.evidence,
        against=verdict.against,
        before=tuple(sorted(earlier)),
        along=tuple(sorted({alarm.metric for alarm in alarms} - earlier - {lead.metric})),
        considered=verdict.considered,
        exemplars=_exemplars(today, before, lead, narrow, trace_url) if today is not None else (),
        magnitude=size,
        checked=checked,
        unrecorded=verdict.lacking,
        named=verdict.named,
    )


def _narrow(place: Segment, where: Sequence[Part]) -> set[Segment]:
    """The segments in which the other metrics are looked at: those that carry nearly all of the change, and the incident's
    own, unless that is all traffic, in which other things go on as well."""
    carriers = {(part.dimension, part.value) for part in where if part.share >= 0.8 and part.traffic <= 0.9 * part.share}
    return carriers if carriers and place[0] == OVERALL else {place, *carriers}


def _moved(findings: Sequence[Finding], alarms: Sequence[Finding], place: Segment, narrow: set[Segment]) -> dict[str, Moved]:
    """Metrics that moved noticeably in the incident's place; overall only where it alarmed as a part of the incident."""
    mine = {id(alarm) for alarm in alarms} | {(a.metric, a.dimension, a.value, a.statistic, a.test) for a in alarms}
    found: dict[str, tuple[float, Moved]] = {}
    for finding in findings:
        z = finding.z or 0.0
        part = (finding.metric, finding.dimension, finding.value, finding.statistic, finding.test) in mine
        here = (finding.dimension, finding.value) in narrow
        # an alarm that is not this incident's is another's, whose cause must not be taken for this one's
        near = here and not finding.alarm and abs(z) >= _NOTICEABLE_Z and _matters(finding)
        if finding.test == FindingTest.RULE or not (part or near):
            continue
        # of several statistics the level says which way it went
        rank = abs(z) * (3.0 if finding.statistic == StatisticName.LEVEL else 1.0) * (1.5 if here else 1.0)
        if finding.metric not in found or rank > found[finding.metric][0]:
            found[finding.metric] = rank, Moved(z, finding.effect or 0.0, part)
    return {name: moved for name, (_, moved) in found.items()}


def _matters(finding: Finding) -> bool:
    return finding.effect is None or finding.matters is None or abs(finding.effect) >= finding.matters


def _carried(panel: Panel, lead: Finding, event: Event, place: Segment, ordinary: Sequence[int]) -> float | None:
    """How much of the change the requests with the event's value show: 1 as much as the incident's place, 0 none."""
    if event.dimension == place[0] or lead.metric == event.dimension:
        return 1.0 if lead.metric == event.dimension else None
    if event.kind == "appeared" and event.dimension in DEPLOYED:
        return _carried_by_the_new(panel, lead, event, place, ordinary)
    last = [len(panel) - 1]
    usual = segments.level(panel, lead.metric, lead.statistic, place, ordinary)
    seen = segments.level(panel, lead.metric, lead.statistic, place, last)
    with_it = segments.level(panel, lead.metric, lead.statistic, (event.dimension, event.value), last)
    if usual is None or seen is None or with_it is None or abs(seen - usual) < 1e-12:
        return None
    return (with_it - usual) / (seen - usual)


def _carried_by_the_new(panel: Panel, lead: Finding, event: Event, place: Segment, ordinary: Sequence[int]) -> float | None:
    """How much of the place's change is that of the new value's requests against those that they took over: with a twentieth of
    the requests it has to show twenty times the change."""
    levels = segments.of(panel, lead.metric, lead.statistic, event.dimension, place, ordinary)
    if levels is None or event.value not in levels.values:
        return None
    own, change = float(levels.parts[levels.values.index(event.value)]), float(levels.parts.sum())
    return own / change if abs(change) > 1e-12 and isfinite(own) else None


def _models(panel: Panel, lead: Finding, place: Segment, ordinary: Sequence[int]) -> dict[str, tuple[float, float]]:
    """Share of the change and of the requests by model, for the incident's place or, if that is a model, for everything."""
    within = (OVERALL, "") if place[0] == "model" else place
    parts = segments.split(panel, lead.metric, lead.statistic, "model", within, ordinary)
    return {part.value: (part.share, part.traffic) for part in parts}


def _inputs_first(alarms: Sequence[Finding], first: date) -> bool:
    since = [alarm.since_low or alarm.since for alarm in alarms if alarm.metric in INPUT and alarm.since is not None]
    return not since or min(since) <= first + timedelta(days=1)


def _meaning(
    lead: Finding,
    alarms: Sequence[Finding],
    narrow: set[Segment],
    today: pa.Table | None,
    usual: Callable[[], Sequence[pa.Table]],
) -> Meaning:
    """What is behind a change of meaning, in the incident's place; nothing where no embedding alarmed."""
    moved = {alarm.metric for alarm in alarms} & {meaning.INPUT, meaning.OUTPUT}
    if not moved or today is None:
        return Meaning(None, "")
    metric = lead.metric if lead.metric in moved else min(moved)
    return meaning.look(metric, [_within(table, narrow) for table in usual()], _within(today, narrow))


def _price(moved: dict[str, Moved], narrow: set[Segment], before: pa.Table | None, today: pa.Table | None) -> float | None:
    """How much more the same tokens cost in the incident's place; None where a cost did not move, or that is not known well enough."""
    cost = moved.get("cost_usd")
    if cost is None or before is None or today is None:
        return None
    return price.change(_within(before, narrow), _within(today, narrow), within=abs(cost.effect) / 2)


def _within(table: pa.Table, narrow: set[Segment]) -> pa.Table:
    for segment in sorted(narrow):
        table = within(table, segment)
    return table


def _hours(today: pa.Table | None, lead: Finding, narrow: set[Segment]) -> str:
    """The hours of an outage, as a sentence; empty where what rose did so all day."""
    if today is None or lead.test != FindingTest.NIGHT or (lead.value_to or 0.0) <= (lead.value_from or 0.0):
        return ""
    label = label_of(lead.statistic) or ""
    found = hours.look(_within(today, narrow), lead.metric, label, lead.value_from)
    return found.sentence if found is not None else ""


def _beside(lead: Finding, checked: Sequence[Checked]) -> list[str]:
    """What moved beside what the incident is about."""
    return [each.what for each in checked if each.state == "moved" and lead.metric not in each.metrics]


def _summary(
    verdict: causes.Verdict, news: Sequence[Event], when: str, apart: str, instrument: str, beside: Sequence[str]
) -> str:
    sentences = [_sentence(when)] if when else []
    sentences += [_sentence("; ".join(verdict.evidence))] if verdict.evidence else []
    if verdict.against:
        sentences.append(_sentence("Against it: " + "; ".join(verdict.against)))
    if verdict.cause == "unclear":
        said = " ".join(verdict.evidence)
        others = [event for event in news if event.value not in said]
        if others:
            told = ", ".join(f"{event.dimension} “{event.value}” {event.kind}" for event in others[:3])
            sentences.append(_sentence(f"At that time: {told}"))
        elif not sentences:
            told = f"With it moved: {', '.join(beside)}; nothing" if beside else "Nothing"
            sentences.append(f"{told} else changed that drift can see.")
    sentences += [_sentence(each) for each in (apart, instrument) if each]
    return " ".join(sentences)


def _sentence(text: str) -> str:
    # a metric's name is written as it is
    named = "_" in text.split(" ", 1)[0]
    return (text if named else text[:1].upper() + text[1:]) + "." if text else ""


def _exemplars(
    today: pa.Table, before: pa.Table | None, lead: Finding, narrow: set[Segment], trace_url: Callable[[str], str | None]
) -> tuple[Exemplar, ...]:
    rose = (lead.value_to or 0.0) >= (lead.value_from or 0.0)
    before = _within(before, narrow) if before is not None else None
    return exemplars.choose(_within(today, narrow), before, lead.metric, lead.statistic, rose, trace_url)
