"""What drift knows, for notebooks: its tables as pandas frames, comparisons, and traces opened where they are stored.

    import drift
    drift.read.use("/srv/drift/drift.toml")     # without it: $DRIFT_CONFIG, else the drift.toml here, as the command line

A day is a date or text such as "2026-11-16"; spans include both ends, and without an end reach as far as there are nights. A
segment is "all traffic" or "dimension=value", such as "name=billing-chat". Everything that cannot be answered is a DriftError
of one line. Figures are in `drift.figures`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from difflib import get_close_matches

import pandas as pd

from drift import metrics, stores
from drift.compare import sides
from drift.compare.gate import Gate, gate
from drift.compare.gate import markdown as as_markdown
from drift.config import Config
from drift.errors import DataError
from drift.features import custom
from drift.findings import share_of
from drift.lake import Lake
from drift.profiles import OVERALL
from drift.report.calendar import months
from drift.report.comparison import sentences
from drift.results import Results, frames, sentence
from drift.results.account import IncidentAccount, of_incident
from drift.stores.by_id import pull_by_id
from drift.text import names, wording
from drift.text.escape import plain
from drift.traces import SCHEMA

# text between two dollar signs of a trace is text, and no formula that a notebook would typeset, links included
pd.set_option("display.html.use_mathjax", False)

Day = date | str
ALL = "all traffic"
_WEEK = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_chosen: Config | None = None


def use(config: Config | str | os.PathLike | None) -> None:
    """Read what this configuration (or the drift.toml at this path) points to, from now on; None: the usual one again."""
    global _chosen
    _chosen = config if config is None or isinstance(config, Config) else Config.load(config)


def configuration() -> Config:
    """The configuration in use. Raises ConfigError where there is none."""
    config = _chosen or Config.load()
    custom.load(config.custom.modules)
    return config


@contextmanager
def opened() -> Iterator[Results]:
    """The results of the configuration in use."""
    results = Results(configuration().results.url)
    try:
        yield results
    finally:
        results.close()


def runs(start: Day | None = None, end: Day | None = None) -> pd.DataFrame:
    """One row a night: day, status (drift, known, ordinary, no_baseline, failed), traces, comparisons, alarms, baseline_days, reason."""
    with opened() as results:
        return frames.runs(results, *span(results, start, end))


def calendar() -> pd.DataFrame:
    """The verdicts of the last four months, a row a week: ✓ ordinary, ! something new or worse, ~ only what was known, ○ nothing to
    compare with yet, ✗ not fit to compare."""
    with opened() as results:
        found = months(results.verdicts())
    weeks = {}
    for month in reversed(found):
        for number, week in enumerate(month.weeks):
            cells = ["" if cell is None else f"{cell.day.day:2d} {cell.mark}" for cell in week]
            weeks[month.name, f"week {number + 1}"] = cells
    return pd.DataFrame.from_dict(weeks, orient="index", columns=list(_WEEK)).set_index(
        pd.MultiIndex.from_tuples(weeks, names=["month", "week"])
    )


def findings(
    start: Day | None = None,
    end: Day | None = None,
    *,
    metric: str | None = None,
    segment: str | None = None,
    alarms_only: bool = False,
) -> pd.DataFrame:
    """One row a comparison of a night, whether it alarmed or not (docs/tables.md, `findings`)."""
    with opened() as results:
        first, last = span(results, start, end)
        name = _known_metric(results, metric) if metric is not None else None
        found = frames.findings(results, first, last, metric=name, alarms_only=alarms_only)
    if metric is not None and metric != name:
        found = found[found["statistic"] == share_of(metric.partition(":")[2])]
    if segment is not None:
        dimension, value = parse_segment(segment)
        found = found[(found["dimension"] == dimension) & (found["value"] == value)]
    return found.reset_index(drop=True)


def series(metric: str, segment: str = ALL, start: Day | None = None, end: Day | None = None) -> pd.DataFrame:
    """A metric of a segment, one row a day: level in `unit`, percentiles, and the band expected of an ordinary day.

    A label metric (`model`) gives a row a day and label, one label of it (`model:gpt-4o`) a row a day; a vector (an embedding)
    has as its level the cosine distance to its usual place. Raises DataError for a metric or segment that was not measured.
    """
    dimension, value = parse_segment(segment)
    with opened() as results:
        first, last = span(results, start, end)
        name = _known_metric(results, metric)
        found = frames.series(results, metric, dimension, value)
        if found["level"].isna().all() and _kind(name) == "vector":
            found = _distances(results, name, dimension, value)
        if found.empty:
            raise DataError(f"{metric}: not measured in {segment!r:.80}; measured in {_segments_of(results, name)}")
    inside = (found["day"] >= str(first)) & (found["day"] <= str(last))
    return found[inside].sort_values(["day", "metric"], ignore_index=True)


def daily_metrics(start: Day, end: Day | None = None) -> pd.DataFrame:
    """Every metric of every segment from `start` to `end` (without `end` that one day); docs/tables.md, `daily_metrics`."""
    with opened() as results:
        return frames.daily_metrics(results, *span(results, start, end or start))


def deliveries(start: Day | None = None, end: Day | None = None) -> pd.DataFrame:
    """What was sent, is pending, failed or was held back, by channel (docs/tables.md, `deliveries`)."""
    with opened() as results:
        return frames.deliveries(results, *span(results, start, end))


def decisions() -> pd.DataFrame:
    """What people decided about incidents, in order (docs/tables.md, `decisions`)."""
    with opened() as results:
        return frames.decisions(results)


def heartbeats() -> pd.DataFrame:
    """When each night ended (docs/tables.md, `heartbeats`)."""
    with opened() as results:
        return frames.heartbeats(results)


def audit() -> pd.DataFrame:
    """Who looked at or decided what (docs/tables.md, `audit`)."""
    with opened() as results:
        return frames.audit(results)


def incidents(state: str | None = None) -> pd.DataFrame:
    """One row an incident, oldest first; `state` is open, closed, accepted or settled (docs/tables.md, `incidents`)."""
    if state not in (None, "open", "closed", "accepted", "settled"):
        raise DataError(f"state {state!r:.40} is none of open, closed, accepted, settled")
    with opened() as results:
        return frames.incidents(results, None if state is None else (state,))


def incident(id: str | None = None) -> IncidentRecord:
    """Everything known of one incident, by default the newest; `id` may be the beginning of its id.

    Raises DataError where there is none, or several begin so.
    """
    with opened() as results:
        found = frames.incidents(results)
        if found.empty:
            raise DataError("there is no incident: no night found anything out of the ordinary")
        mine = found.tail(1) if id is None else found[found["id"].str.startswith(str(id))]
        if len(mine) != 1:
            what = "no incident" if mine.empty else f"{len(mine)} incidents"
            named = ", ".join(row.id[:8] for row in (found if mine.empty else mine).tail(20).itertuples())
            raise DataError(f"{plain(id, 40)!r}: {what} of that id; there are {named}")
        row = next(mine.itertuples())
        account = of_incident(results, row.id)
        return IncidentRecord(
            account,
            row.state,
            nights=frames.incident_days(results, row.id).drop(columns=["incident_id", "explanation"]),
            findings=frames.findings(results, incident=row.id),
            where=pd.DataFrame(account.note.get("where", []), columns=["dimension", "value", "share", "traffic"]),
            exemplars=frames.exemplars(results, row.id).drop(columns=["incident_id"]),
        )


@dataclass(frozen=True, repr=False)
class IncidentRecord:
    """One incident.

    account: as it is told of its latest night or, when it is over, of its worst. nights: one row a night. findings: the
    comparisons that belong to it. where: the segments that carry it, with their shares of the change and of the traffic.
    exemplars: traces that show it, by night and rank.
    """

    account: IncidentAccount
    state: str
    nights: pd.DataFrame
    findings: pd.DataFrame
    where: pd.DataFrame
    exemplars: pd.DataFrame

    @property
    def id(self) -> str:
        return self.account.id

    @property
    def metric(self) -> str:
        return self.account.metric

    @property
    def segment(self) -> str:
        """Where it is, as the other functions take it."""
        return ALL if self.account.dimension == OVERALL else f"{self.account.dimension}={self.account.value}"

    @property
    def why(self) -> dict:
        """The likely cause with the evidence for and against, the events of that time and what moved before and along."""
        return self.account.note

    def __repr__(self) -> str:
        one = self.account
        since = wording.since(one.since, one.since_low, one.since_high)
        nights = wording.count(int((self.nights["alarms"] > 0).sum()), "night")
        lines = [
            sentence.of(one),
            f"{self.state}, since {since}, {nights} with alarms; id {one.id[:8]}",
            f"how sure: {one.how_much}" if one.how_much else "",
            f"why: {one.because}. {one.why}",
        ]
        if one.note.get("against"):
            lines.append(f"against that: {'; '.join(one.note['against'])}")
        if one.carried_by:
            lines.append(f"where: {one.carried_by}")
        if one.also:
            lines.append(f"moved with it: {names.listed(one.also)}")
        return "\n".join(plain(line, 800) for line in [*lines, wording.sparkline(one.series)] if line)


def traces(ids: str | Sequence[str], day: Day | None = None) -> pd.DataFrame:
    """Traces by id, read from their store now and kept in memory only: one row each, columns as in `drift.traces.SCHEMA`.

    day: the day that they are of; not needed for exemplars. Where the lake still has the day's features the store is asked for
    the traces' minutes, else for the whole day. A trace that the store no longer has is a row with its id alone. Raises
    DataError where the day is not known or none is there, StoreError where the store cannot be read.
    """
    config = configuration()
    wanted = [ids] if isinstance(ids, str) else [str(each) for each in ids]
    store, lake = stores.open_store(config), Lake(config.lake.url)
    days = _days_of(wanted, day)
    found = pull_by_id(config, store, lake, days)
    if wanted and not found:
        named = ", ".join(str(each) for each in sorted(set(days.values())))
        raise DataError(f"none of the {len(wanted)} traces is in the store {config.store.type!r} on {named}")
    rows = [found.get(trace, {"trace_id": trace}) for trace in wanted]
    return pd.DataFrame(rows, columns=SCHEMA.names)


def _days_of(wanted: Sequence[str], day: Day | None) -> dict[str, date]:
    if day is not None:
        return dict.fromkeys(wanted, _day(day))
    with opened() as results:
        noted = frames.exemplars(results)
    known = {row.trace_id: row.day.date() for row in noted[noted["trace_id"].isin(wanted)].itertuples()}
    for trace in wanted:
        if trace not in known:
            raise DataError(f"{plain(trace, 80)}: no incident's exemplar; say of which day it is with day=…")
    return known


def compare(
    a: Day | os.PathLike,
    b: Day | os.PathLike,
    *,
    segment: str | tuple[str, str] = ALL,
    pairs: bool = False,
    margins: Mapping[str, float] | None = None,
) -> Compared:
    """Compare the present `a` with a candidate `b`: days, windows "FROM..TO" or files of traces, as `drift compare` does.

    segment: of both sides, or one each, such as ("model=gpt-4o", "model=gpt-5") for two models. pairs: both sides have the same
    inputs, so answers to the same input are compared. margins: by metric, where they are not its smallest change that matters.
    Days that were not run are left out, and the note names them. Raises ConfigError for sides that cannot be meant, DataError
    where one has nothing.
    """
    config = Config.find() if _chosen is None else _chosen
    custom.load(config.custom.modules)
    places = (segment, segment) if isinstance(segment, str) else segment
    asked = []
    for text, place in zip((a, b), places, strict=True):
        dimension, value = parse_segment(place, config)
        asked.append(sides.side(_text(text), *(("", "") if dimension == OVERALL else (dimension, value))))
    return Compared(gate(sides.compare_any(config, *asked, pairs=pairs), margins))


@dataclass(frozen=True, repr=False)
class Compared:
    """A comparison and its verdict, which is what it prints."""

    gate: Gate

    @property
    def frame(self) -> pd.DataFrame:
        """One row a statistic, changed ones first: fields of `drift.compare.verdict.Row`, what it is called, whether it failed."""
        rows = []
        for row in self.gate.comparison.rows:
            n_a, n_b = row.replicates
            given = {"what": wording.subject(row.metric, row.statistic), **asdict(row), "failed": row in self.gate.failed}
            rows.append(given | {"bound": row.bound, "replicates_a": n_a, "replicates_b": n_b})
        return pd.DataFrame(rows).drop(columns="replicates")

    @property
    def pairs(self) -> pd.DataFrame:
        """The inputs whose answers differ most: metric, its values, and the two traces; empty where inputs do not match."""
        return pd.DataFrame(
            [asdict(pair) for pair in self.gate.comparison.pairs],
            columns=["metric", "value_a", "value_b", "trace_a", "trace_b"],
        )

    @property
    def markdown(self) -> str:
        """The verdict for people, to paste into a pull request or a page."""
        return as_markdown(self.gate)

    def __repr__(self) -> str:
        return "\n".join(plain(line, 800) for line in sentences(self.gate))


def parse_segment(segment: str, config: Config | None = None) -> tuple[str, str]:
    """Dimension and value of a segment, written as drift writes it ("endpoint = chat") or by the dimension's own name."""
    if segment == ALL:
        return OVERALL, ""
    name, equals, value = segment.partition("=")
    name, value = name.strip(), value.strip()
    followed = (config or configuration()).segments.dimensions
    dimension = next((each for each in followed if name in (each, wording.dimension(each))), None)
    if not equals or dimension is None:
        known = ", ".join(f"{each}=…" for each in followed)
        raise DataError(f"segment {plain(segment, 80)!r}: write {ALL!r} or one of {known}")
    return dimension, "" if value == "(none)" else value


def span(results: Results, start: Day | None, end: Day | None) -> tuple[date, date]:
    """First and last day of a span that has nights. Raises DataError where it has none."""
    known = [each.date() for each in frames.runs(results)["day"]]
    if not known:
        raise DataError(f"no day was run yet into {results.database.name}; run one with `drift run`")
    first, last = _day(start) if start is not None else known[0], _day(end) if end is not None else known[-1]
    if not any(first <= day <= last for day in known):
        window = f"from {first} to {last}" if end is not None else f"from {first} on"
        asked = f"{first} was not run" if first == last else f"no day {window} was run"
        raise DataError(f"{asked}; there are nights from {known[0]} to {known[-1]}")
    return first, last


def _day(value: Day) -> date:
    if isinstance(value, datetime):
        return value.date()
    try:
        return value if isinstance(value, date) else date.fromisoformat(value)
    except (TypeError, ValueError):
        raise DataError(f"{plain(value, 40)!r} is not a day; write YYYY-MM-DD") from None


def _text(side: Day | os.PathLike) -> str:
    return f"{side:%Y-%m-%d}" if isinstance(side, date) else os.fspath(side)


def _known_metric(results: Results, metric: str) -> str:
    """The metric's name without its label. Raises DataError where no night measured it."""
    there = frames.metric_names(results)
    name = metric.split(":")[0]
    if metric in there or name in there:
        return name
    close = get_close_matches(metric, there, 3, 0.6)
    hint = f"did you mean {', '.join(close)}? " if close else ""
    raise DataError(f"metric {plain(metric, 80)!r}: not measured; {hint}there are {plain(', '.join(there), 4000)}")


def _kind(metric: str) -> str:
    known = metrics.find(metric)
    return known.kind if known else "number"


def _distances(results: Results, metric: str, dimension: str, value: str) -> pd.DataFrame:
    found = frames.findings(results, metric=metric)
    mine = found[found["value_to"].notna() & (found["dimension"] == dimension) & (found["value"] == value)]
    return mine.rename(columns={"value_to": "level"})[["day", "metric", "dimension", "value", "n", "level", "unit"]]


def _segments_of(results: Results, metric: str) -> str:
    where = frames.segments(results, metric)
    return plain(", ".join(ALL if dimension == OVERALL else f"{dimension}={value}" for dimension, value in where), 1000)
