"""One night, left to right: pull, profile, detect, publish. Nothing else knows the order.

Every step reads what the step before stored and can be run again: same day, same result, nothing twice.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.metadata import version

import pyarrow as pa

from drift import baseline, embedded, features, preflight, profiles, schedule, stores
from drift import detect as detection
from drift import explain as explaining
from drift.config import Config
from drift.detect import DayProfile, Finding
from drift.detect.panel import Panel
from drift.errors import CheckFailed, DataError, DriftError
from drift.explain import Explanation, meaning
from drift.features import topics
from drift.features.embedding import VectorCache
from drift.lake import Lake
from drift.results import DailyMetric, Incident, Results, ResultsError, Run
from drift.results.daily import daily_metrics
from drift.results.grouping import StoredFinding

log = logging.getLogger(__name__)

# share of its traces that a day keeps at the least when it is pulled again for late rows; else the store is deleting it
_LATE_ROWS_KEEP = 0.5
# days for which the page of an incident that closed is written again
_CLOSED_LATELY = 7
# embedded traces of a day that are read for what is behind an incident, whose place is a part of them
_ROWS_OF_MEANING = 2 * meaning.ROWS


class NothingLeftError(DataError):
    """The store has no longer the traces of a day that was measured before; the day stays as it was measured."""


@dataclass(frozen=True)
class Night:
    """What came of a day: `status` is ordinary, drift or failed; `reason` says why it failed; `doubtful` are the metrics whose
    data failed a check, which cannot alarm.
    """

    day: date
    status: str
    traces: int
    findings: tuple[Finding, ...] = ()
    reason: str = ""
    doubtful: tuple[str, ...] = ()

    @property
    def alarms(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.alarm]


def yesterday(config: Config) -> date:
    """The last whole day in the configured zone."""
    return datetime.now(UTC).astimezone(config.zone).date() - timedelta(days=1)


def run_day(config: Config, day: date, *, quiet: bool = False, late_rows: bool = False) -> Night:
    """The four steps for one day. A day that is not fit to compare is published as failed and raises nothing.

    late_rows: the day is pulled again for nothing but rows that came late; see `profile`.
    """
    preflight.database(config)
    parts = [pull(config, day, shard, config.pull.shards) for shard in range(config.pull.shards)]
    profile(config, day, parts, late_rows=late_rows)
    with suppress(CheckFailed):
        detect(config, day)
    return publish(config, day, quiet=quiet)


def run_night(config: Config, day: date) -> Night:
    """`run_day` for the day, and before it, quietly, for the `pull.lookback_days` that may have got late rows since.

    A night that fails is told to the configured places, once, and raises what it failed with.
    """
    try:
        pulled = set(Lake(config.lake.url).days("features"))
        *earlier, day = schedule.days_to_pull(config, day, pulled)
        for each in earlier:
            # what the store no longer has cannot have got late rows either
            with suppress(NothingLeftError):
                run_day(config, each, quiet=True, late_rows=True)
        return run_day(config, day)
    except DriftError as error:
        _tell_failure(config, day, str(error))
        raise


def _tell_failure(config: Config, day: date, reason: str) -> None:
    from drift import alerts
    from drift.results import Results

    # the night's own error is what matters; a wrong sink must not take its place
    with suppress(DriftError):
        sinks = alerts.configured(config)
        # where the tables are what failed, it is told without writing that down
        for url in (config.results.url, "sqlite://") if sinks else ():
            results = Results(url)
            try:
                alerts.fail(results, sinks, day, reason, report_url=config.report.url)
                return
            except ResultsError:
                continue
            finally:
                results.close()


def backfill(config: Config, start: date, end: date) -> Iterator[Night]:
    """`run_day` for every day from `start` to `end`, both included, oldest first; alerts stay quiet.

    A day that fails its checks is yielded as failed and the rest goes on; a StoreError ends the backfill, for the days after
    it would be compared with a hole.
    """
    day = start
    try:
        while day <= end:
            yield run_day(config, day, quiet=True)
            day += timedelta(days=1)
    finally:
        if day > start:
            report(config, start)


def pull(config: Config, day: date, shard: int = 0, shards: int = 1) -> str:
    """Pull one shard of a day and measure it: text goes no further. Returns the name of the part in the lake.

    Raises StoreError where the store did not give the whole window, ConfigError before anything is asked of it.
    """
    preflight.names(config)
    store = stores.open_store(config)
    first, last = config.window(day)
    width = (last - first) / shards
    start, end = first + width * shard, last if shard == shards - 1 else first + width * (shard + 1)
    lake = Lake(config.lake.url)
    sampling = config.embeddings.enabled or config.safety.pii_types
    size = _size(store, lake, day, first, last) if sampling else None
    context = features.context(config, traces=size, cache=VectorCache(embedded.vectors_url(config), day))
    context.extra[topics.KEY] = collector = embedded.topics_of(config, lake, day, shard, context, size)
    measured = [features.extract(batch, context) for batch in store.pull(start, end)]
    table = pa.concat_tables(measured, promote_options="permissive") if measured else features.empty(config)
    # pages arrive in any order; the lake's bytes must not depend on it
    table = table.sort_by([("timestamp", "ascending"), ("trace_id", "ascending")])
    if isinstance(collector, topics.Collector):
        encoder = context.embedder.encoder
        fitted = collector.fit(day, embedded.earlier(config, lake, day, encoder), encoder)
        if fitted.sides:
            lake.write_bytes(topics.FILE, topics.to_bytes(fitted))
    return lake.write_part("features", day, table)


def _size(store: stores.Store, lake: Lake, day: date, first: datetime, last: datetime) -> int:
    """How many traces the day has, as near as can be told before they are measured; several stores cannot count."""
    size = store.count(first, last)
    if size is None:
        size = baseline.usual_size(lake, day)
    # the first day of all is looked through once more: without its size every text of it would be embedded
    return sum(batch.num_rows for batch in store.pull(first, last)) if size is None else size


def profile(config: Config, day: date, parts: Sequence[str] | None = None, *, late_rows: bool = False) -> None:
    """Make the pulled parts the day, check it, and store its profile. Without `parts`: the day as it was pulled before.

    A day that fails a critical check keeps its profile, marked unfit, so that no later day is compared with it. Raises
    NothingLeftError where the parts are empty and the day was not; with `late_rows` also where they have less than half of
    what the day had, for late rows only add to it.
    """
    import checks

    lake = Lake(config.lake.url)
    if parts is not None:
        _refuse_loss(lake, day, parts, _LATE_ROWS_KEEP if late_rows else 0.0)
        lake.commit("features", day, parts)
    measured = lake.read("features", day)
    if measured is None:
        raise DataError(f"{day} was never pulled; pull it with `drift run --day {day}`")
    history = baseline.history(config, lake, day)
    measured = features.finish(measured, config, features.json_endpoints_of(past.table for past in history))
    report = checks.check_day(measured, day, config.window(day), history, config)
    lake.write_bytes(f"checks/day={day}/index.html", report.page)
    facts = {"ok": report.passed, "reason": "; ".join(report.failures), "warned": report.warnings, "traces": measured.num_rows}
    lake.write("profiles", day, profiles.build(measured, config, day), facts)


def _refuse_loss(lake: Lake, day: date, parts: Sequence[str], least: float) -> None:
    before = lake.manifest("profiles", day)
    traces = before.facts["traces"] if before else 0
    now = sum(lake.rows("features", day, name) for name in parts) if traces else 0
    if traces and now <= least * traces:
        raise NothingLeftError(
            f"{day}: the store has {f'only {now:,}' if now else 'no'} traces of it now, but had {traces:,} when it was measured; "
            "it stays as it was measured"
        )


def detect(config: Config, day: date) -> None:
    """Compare the day's profile with the days before it and store the findings.

    Raises CheckFailed where the day failed a critical check: it is never compared.
    """
    lake = Lake(config.lake.url)
    facts = baseline.facts(lake, day)
    if not facts["ok"]:
        lake.delete("findings", day)
        raise CheckFailed(f"{day} is not fit to compare: {facts['reason']}")
    today = DayProfile(day, baseline.profile_of(lake, day))
    history, incidents = baseline.history(config, lake, day), baseline.known_incidents(config, day)
    pinned = baseline.pinned(config, lake, day, history, incidents)
    findings = detection.night(
        baseline.comparable_with(today, history),
        today,
        config,
        pinned=baseline.comparable_with(today, pinned),
        excluded=baseline.excluded(config, incidents),
        warned=frozenset(facts["warned"]),
    )
    lake.write("findings", day, detection.to_table(findings))


def publish(config: Config, day: date, *, quiet: bool = False) -> Night:
    """Write the day's tables, then tell whoever wants to know; `quiet` writes down what would be told and sends nothing.

    Raises CheckFailed where a table holds what cannot be (a share of 2, an interval upside down): nothing is written then.
    """
    import checks
    from drift import alerts
    from drift.alerts import otel
    from drift.report import site

    lake = Lake(config.lake.url)
    facts = baseline.facts(lake, day)
    found = lake.read("findings", day)
    findings = tuple(detection.from_table(found)) if found is not None else ()
    status = "failed" if not facts["ok"] else "drift" if any(f.alarm for f in findings) else "ordinary"
    ordinary_days = max((finding.baseline_days for finding in findings), default=0)
    run = Run(status, facts["traces"], ordinary_days, facts["reason"], _digest(config), version("drift"))
    daily = list(daily_metrics(baseline.profile_of(lake, day), findings))
    tables = {"findings": detection.to_table(findings), "daily_metrics": _as_table(daily, day)}
    fit = checks.check_tables(day, {name: table for name, table in tables.items() if table.num_rows})
    if not fit.passed:
        raise CheckFailed(f"{fit.subject} are not fit to publish: {'; '.join(fit.failures)}")
    results = Results.of(config)
    try:
        panel = cache(lambda: _panel(config, lake, day))
        results.write_night(day, run, daily, findings, _explainer(config, lake, day, findings, panel))
        with _told_in_the_log(f"the report of {day}"):
            if config.report.enabled:
                site.write_night(config, lake, results, day)
            if not quiet:
                since = day - timedelta(days=_CLOSED_LATELY)
                _write_overview(config, lake, results, since, lambda last: panel() if last == day else _panel(config, lake, last))
        alerts.deliver(
            results, alerts.configured(config), day,
            report_url=config.report.url, all_clear=config.alerts.all_clear, hold=quiet,
        )  # fmt: skip
        if not quiet:
            otel.export(config, results, day)
    finally:
        results.close()
    return Night(day, status, facts["traces"], findings, facts["reason"], tuple(sorted(facts["warned"])))


def _as_table(daily: Sequence[DailyMetric], day: date) -> pa.Table:
    return pa.Table.from_pylist([{**asdict(row), "day": day} for row in daily])


def report(config: Config, since: date) -> None:
    """The report's pages that span nights, after the nights from `since` on were published quietly."""
    lake = Lake(config.lake.url)
    results = Results.of(config)
    try:
        with _told_in_the_log("the report"):
            _write_overview(config, lake, results, since, lambda day: _panel(config, lake, day))
    finally:
        results.close()


def _write_overview(config: Config, lake: Lake, results: Results, since: date, panel: Callable[[date], Panel]) -> None:
    from drift.report import site
    from drift.results import read

    if config.report.enabled:
        # a night that is run again long afterwards, or a backfill of the past, is not the last night
        last = read.runs(results)["day"].max().date()
        site.write_overview(config, lake, results, last, panel(last), since, stores.lists(config))


@contextmanager
def _told_in_the_log(what: str) -> Iterator[None]:
    # the tables are written and the alerts must go out: a page that cannot be made stops neither
    try:
        yield
    except Exception:
        log.exception("%s could not be written", what)


def _panel(config: Config, lake: Lake, day: date) -> Panel:
    today = DayProfile(day, baseline.profile_of(lake, day))
    return Panel([*baseline.comparable_with(today, baseline.history(config, lake, day)), today])


def _explainer(
    config: Config, lake: Lake, day: date, findings: Sequence[Finding], panel: Callable[[], Panel]
) -> Callable[..., Explanation]:
    """What explains an incident of the day from its alarms; reads profiles, features and the store's links when first asked."""

    @cache
    def rows(of: date) -> pa.Table | None:
        return lake.read("features", of)

    @cache
    def meanings(days: tuple[date, ...]) -> list[pa.Table]:
        # an incident's place can be in any dimension that the panel has
        wanted = meaning.columns(panel().dimensions)
        return [embedded.traces(lake, of, wanted, _ROWS_OF_MEANING) for of in days]

    @cache
    def links() -> Callable[[str], str | None]:
        return stores.links(config)

    @cache
    def measured() -> list[date]:
        return lake.days("features")

    def explain(incident: Incident, alarms: Sequence[StoredFinding]) -> Explanation:
        first, low, high = incident.began
        usual = [earlier for earlier in measured() if earlier < low]
        before = rows(usual[-1]) if usual else None
        began, lately = (first, low, high), tuple(usual[-meaning.DAYS :])
        return explaining.explain(
            incident.lead, alarms, findings, panel(), began, rows(day), before, links(), lambda: meanings(lately)
        )

    return explain


def _digest(config: Config) -> str:
    return hashlib.blake2b(config.model_dump_json(exclude={"lake", "results"}).encode(), digest_size=6).hexdigest()


def last_day(config: Config) -> date:
    """The last day that was run. Raises DataError where there is none."""
    days = Lake(config.lake.url).days("profiles")
    if not days:
        raise DataError(f"no day was run yet into {config.lake.url}; run one with `drift run`")
    return days[-1]
