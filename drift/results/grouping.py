"""Which alarms of one night have one cause, so that they are one incident and one message.

Pure functions over stored findings. An ordinary application has alarms on one night in a hundred, so two changes that begin
on one night have one cause unless they are in different places (no segment that carries one carries the other) or began at
different times.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from drift import metrics
from drift.findings import Finding, FindingTest, StatisticName, is_level

_OVERALL = "all"
_LENGTH = frozenset(
    {"output_characters", "output_tokens", "output_words", "truncated", "finish_reason", "latency_s", "cost_usd"}
    | {"session_cost_usd", "user_cost_usd", "total_cost_usd"}
)
_WEIGHTS = {
    "safety": 1.4,
    "freshness": 1.3,
    "retrieval": 1.2,
    "quality": 1.2,
    "output": 1.2,
    "cost": 0.8,
    "input": 0.8,
    "traffic": 0.2,
}
_STRONG = 12.0
# what stands for an incident: labels and vectors say less than a level, a cosine less than what made it move
_LABEL, _COSINE = 0.6, 0.4
# a fallback leaves one model and arrives at another: neither is its place; nor is one that of what a user or a session did with several
_BETWEEN = dict.fromkeys(
    ("fallback", "user_cost_usd", "user_requests", "session_cost_usd", "session_requests", "session_abandoned"),
    frozenset({"model"}),
)
_ORDER = ("name", "model", "prompt")
# shares of words that follow the length and the wording of an answer: they say what else moved, and never that something did
_NEVER_LEADS = frozenset({"answer_relevance"})
# what sums up failures, retries and loops stands back where one of them is told
_SUMS_UP = "first_attempt"
# a kind of step has less of the time where another takes longer
_SHARES = "time_share."
# what users do after an answer is seen of fewer of them than what was done to all
_AFTERWARDS = frozenset({"session_abandoned", "repeated_question", "regenerated"})
# a proxy stands back where somebody who read the answer says the same, and where the answer is in another language, whose words are in no
# document
_PROXIES, _BEFORE_PROXIES = frozenset({"groundedness", "context_relevance"}), ("judge.", "score.", "truth.", "output_language")
# a segment that carries 80 % of a change with clearly less of the traffic is where the change is
_CARRIES, _LIFT = 0.8, 0.9
_SAME_TIME = timedelta(days=2)
_NOTICEABLE_Z = 2.0
VECTORS = frozenset(name for name, metric in metrics.CATALOGUE.items() if metric.kind == "vector")


@dataclass(frozen=True)
class StoredFinding(Finding):
    """A row of the `findings` table: a finding, and the row's id."""

    id: str = ""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What is the same from night to night; which of a vector's statistics stands out is not."""
        return self.metric, self.dimension, self.value, "" if self.metric in VECTORS else self.statistic

    @property
    def overall(self) -> bool:
        return self.dimension == _OVERALL

    @property
    def change(self) -> float:
        """The change in the metric's own terms, signed; 0 where it has none."""
        if self.value_from is not None and self.value_to is not None and self.value_to != self.value_from:
            return self.value_to - self.value_from
        return self.effect or 0.0

    @property
    def strength(self) -> float:
        return abs(self.z or 0.0)


@dataclass(frozen=True)
class Location:
    """Where a metric exists (`domain`) and which of these segments carry its change (`focus`), by dimension."""

    domain: dict[str, frozenset[str]] = field(default_factory=dict)
    focus: dict[str, frozenset[str]] = field(default_factory=dict)
    lift: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Group:
    """The alarms of one night that have one cause, with the finding that stands for them."""

    lead: StoredFinding
    alarms: tuple[StoredFinding, ...]
    location: Location

    @property
    def metrics(self) -> tuple[str, ...]:
        return tuple(sorted({alarm.metric for alarm in self.alarms}))


def group(findings: Sequence[StoredFinding]) -> list[Group]:
    """The alarms among a night's findings by cause, the strongest first; those that never lead are in no group of their own.

    findings: the night's findings of every metric that alarmed, alarms and others, so that places can be compared, and of every
    segment at least one, of whichever metric.
    """
    by_metric: dict[str, list[StoredFinding]] = defaultdict(list)
    for finding in findings:
        by_metric[finding.metric].append(finding)
    moved = {name: rows for name, rows in by_metric.items() if any(row.alarm for row in rows)}
    places = {name: locate(name, rows) for name, rows in moved.items()}
    follow = {name for name in moved if name in _AFTERWARDS or not _leads([name], moved)}
    strongest = sorted(
        moved,
        key=lambda name: (name in follow, not places[name].focus, -max(r.strength for r in moved[name] if r.alarm), name),
    )
    clusters: list[list[str]] = []
    for name in strongest:
        for cluster in clusters:
            # what only follows parts no two changes, and goes with the strongest; so does, with most, what is nowhere in particular
            others = cluster[:1] if name in follow else [other for other in cluster if other not in follow]
            alike = sum(_one_cause(name, other, places, moved) for other in others)
            if alike == len(others) or not places[name].focus and alike > len(others) / 2:
                cluster.append(name)
                break
        else:
            clusters.append([name])
    segments: dict[str, set[str]] = defaultdict(set)
    for finding in findings:
        segments[finding.dimension].add(finding.value)
    groups = [_as_group(cluster, moved, places, segments) for cluster in clusters if _leads(cluster, moved)]
    return sorted(groups, key=lambda each: (-each.lead.strength, each.lead.key))


def locate(name: str, rows: Iterable[StoredFinding]) -> Location:
    """Where a metric's change is: in each dimension the fewest segments that carry 80 % of it, if they are clearly less of the
    traffic than of the change; otherwise the dimension is not in `focus`."""
    rows = list(rows)
    statistic = _main_statistic(rows)
    domain: dict[str, frozenset[str]] = {}
    focus: dict[str, frozenset[str]] = {}
    lift: dict[str, float] = {}
    for dimension in sorted({row.dimension for row in rows if not row.overall} - _BETWEEN.get(name, frozenset())):
        # which of a vector's statistics stands out differs from segment to segment
        there = (row for row in rows if row.dimension == dimension)
        parts = _one_a_segment(row for row in there if name in VECTORS or row.statistic == statistic)
        if not parts:
            continue
        if name not in VECTORS:
            # a meaning exists wherever there are texts: where it is not compared too few days are known
            domain[dimension] = frozenset(row.value for row in parts)
        counts = _kind(name) == "count"
        traffic = {row.value: float(row.n or 0) for row in parts}
        carried = dict.fromkeys(traffic, 0.0)
        for row in parts:
            if row.alarm or row.strength >= _NOTICEABLE_Z:
                # a distance of centroids is told squared: half of the traces that move make a quarter of it
                change = abs(row.change) ** (0.5 if _kind(name) == "vector" else 1.0)
                carried[row.value] = change * (1.0 if counts else traffic[row.value])
        all_traffic, all_carried = sum(traffic.values()), sum(carried.values())
        if all_carried <= 0 or all_traffic <= 0:
            continue
        chosen: list[str] = []
        share = 0.0
        for value in sorted(carried, key=lambda value: (-carried[value], value)):
            chosen.append(value)
            share += carried[value] / all_carried
            if share >= _CARRIES:
                break
        weight = sum(traffic[value] for value in chosen) / all_traffic
        if weight <= _LIFT * share:
            focus[dimension] = frozenset(chosen)
            lift[dimension] = share / weight if weight else float("inf")
    return Location(domain, focus, lift)


def _one_a_segment(rows: Iterable[StoredFinding]) -> list[StoredFinding]:
    """What speaks for each segment: its alarm, be it that of its last days together, else tonight's comparison."""
    told = [row for row in rows if row.alarm or row.test == FindingTest.NIGHT]
    return list(
        {row.value: row for row in sorted(told, key=lambda row: (row.alarm, row.test == FindingTest.NIGHT, row.id))}.values()
    )


def compatible(a: Location, b: Location) -> bool:
    """Whether two changes can be in the same place.

    Where they agree on a segment, a dimension that tells less (cost is mostly that of the dearer model) cannot part them.
    """
    both = [dimension for dimension in a.focus if dimension in b.focus]
    told = {dimension: min(a.lift.get(dimension, 1.0), b.lift.get(dimension, 1.0)) for dimension in both}
    agreed = max((told[dimension] for dimension in both if a.focus[dimension] & b.focus[dimension]), default=0.0)
    for one, other in ((a, b), (b, a)):
        # what exists nowhere but where the other's change is agrees with it
        within = (d for d, values in one.focus.items() if d not in told and other.domain.get(d, frozenset({""})) <= values)
        agreed = max([agreed, *(one.lift.get(dimension, 1.0) for dimension in within)])
    for one, other in ((a, b), (b, a)):
        for dimension, values in one.focus.items():
            if dimension in told and not values & other.focus[dimension] and told[dimension] >= agreed:
                return False
            if dimension in other.domain and not values & other.domain[dimension] and one.lift.get(dimension, 1.0) >= agreed:
                return False
    return True


def related(a: str, b: str) -> bool:
    """Whether two metrics measure aspects of one thing, such as the length and the cost of an answer."""
    return a == b or bool(_families(a) & _families(b))


def same_time(a: StoredFinding, b: StoredFinding) -> bool:
    """Whether two changes can have begun together, given the uncertainty of their change points."""
    a_low, a_high = began(a)
    b_low, b_high = began(b)
    return a_low <= b_high + _SAME_TIME and b_low <= a_high + _SAME_TIME


def began(finding: StoredFinding) -> tuple[date, date]:
    """The earliest and the latest day on which the change can have begun."""
    day = finding.since or finding.day
    return finding.since_low or day, finding.since_high or day


def _one_cause(a: str, b: str, places: dict[str, Location], moved: dict[str, list[StoredFinding]]) -> bool:
    return compatible(places[a], places[b]) and same_time(_strongest(moved[a]), _strongest(moved[b]))


def _as_group(
    names: list[str], moved: dict[str, list[StoredFinding]], places: dict[str, Location], segments: dict[str, set[str]]
) -> Group:
    alarms = [row for name in names for row in moved[name] if row.alarm]
    alarms.sort(key=lambda row: (-row.strength, row.key, row.test))
    name = max(_that_may_lead(alarms), key=lambda row: (_prominence(row), row.key)).metric
    candidates = [row for row in alarms if row.metric == name]
    where = _one_segment(places[name], segments)
    inside = [row for row in candidates if where is not None and (row.dimension, row.value) == where]
    candidates = inside or [row for row in candidates if row.overall] or candidates
    lead = max(candidates, key=lambda row: (_prominence(row), row.key))
    widest = next((places[each] for each in [name, *names] if places[each].focus), places[name])
    return Group(lead, tuple(alarms), widest)


def _leads(names: list[str], moved: dict[str, list[StoredFinding]]) -> bool:
    """Whether the alarms have one that can stand for them. What people made a rule of can, whatever it is."""
    return any(_may_lead(row) for name in names for row in moved[name] if row.alarm)


def _may_lead(row: StoredFinding) -> bool:
    return row.metric not in _NEVER_LEADS and not row.metric.startswith(_SHARES) or row.test == FindingTest.RULE


def _that_may_lead(alarms: list[StoredFinding]) -> list[StoredFinding]:
    leading = [row for row in alarms if _may_lead(row)]
    leading = [row for row in leading if row.metric != _SUMS_UP] or leading
    if any(row.metric.startswith(_BEFORE_PROXIES) for row in leading):
        return [row for row in leading if row.metric not in _PROXIES or row.test == FindingTest.RULE]
    return leading


def _one_segment(place: Location, segments: dict[str, set[str]]) -> tuple[str, str] | None:
    """The segment that carries the change, or the only one of several that has the metric; None if there is none."""
    focused = [(round(place.lift[d], 1), d) for d, values in place.focus.items() if len(values) == 1 and d in place.lift]
    if focused:
        best = max(lift for lift, _ in focused)
        dimension = min((d for lift, d in focused if lift == best), key=_rank)
        return dimension, next(iter(place.focus[dimension]))
    alone = [d for d, values in place.domain.items() if len(values) == 1 and len(segments[d]) > 1]
    if place.focus or not alone:
        return None
    dimension = min(alone, key=_rank)
    return dimension, next(iter(place.domain[dimension]))


def _rank(dimension: str) -> tuple[int, str]:
    """People think of an endpoint before a model, and of a model before a prompt's version."""
    return (_ORDER.index(dimension) if dimension in _ORDER else len(_ORDER)), dimension


def _prominence(row: StoredFinding) -> float:
    """How well a finding stands for its incident: what people feel before what follows from it, plain levels before shapes."""
    weight = _WEIGHTS.get(_side(row.metric), 1.0) * (1.3 if row.direction == "worse" else 1.0)
    if _kind(row.metric) in ("vector", "label"):
        weight *= _LABEL
    elif _unit(row.metric) == "cosine":
        weight *= _COSINE
    if not is_level(row.statistic):
        weight *= 0.6
    if _undone_by_mix(row):
        weight *= 0.3
    # beyond a certain strength more of it does not make a finding tell more
    return weight * min(row.strength, _STRONG)


def _undone_by_mix(row: StoredFinding) -> bool:
    """Whether the raw level hardly moved, because the mix moved the other way: true perhaps, but nothing that people feel."""
    if row.mix_part is None or row.within_part is None:
        return False
    return abs(row.mix_part + row.within_part) < 0.4 * abs(row.within_part)


def _strongest(rows: list[StoredFinding]) -> StoredFinding:
    return max((row for row in rows if row.alarm), key=lambda row: (row.test == FindingTest.NIGHT, row.strength, row.key))


def _main_statistic(rows: list[StoredFinding]) -> str:
    alarms = [row for row in rows if row.alarm]
    if any(row.statistic == StatisticName.LEVEL for row in rows):
        return StatisticName.LEVEL
    return max(alarms or rows, key=lambda row: (row.strength, row.statistic)).statistic


def _kind(name: str) -> str:
    known = metrics.find(name)
    return known.kind if known else "number"


def _unit(name: str) -> str:
    known = metrics.find(name)
    return known.unit if known else ""


def _side(name: str) -> str:
    known = metrics.find(name)
    return known.side if known else name


def _families(name: str) -> frozenset[str]:
    side = {"freshness": "retrieval"}.get(_side(name), _side(name))
    families = {side, "length"} if name in _LENGTH else {side}
    # the sums of a day follow how many requests it had
    return frozenset(families | {"traffic"} if _kind(name) == "count" else families)
