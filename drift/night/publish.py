"""What was found becomes tables, messages and pages."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import date, timedelta
from functools import cache

import pyarrow as pa

from drift import __version__, stores
from drift import detect as detection
from drift import explain as explaining
from drift.config import Config
from drift.detect.statistics.panel import Panel
from drift.errors import CheckFailed, DamagedError
from drift.explain import meaning
from drift.findings import Explanation, Finding, FindingTest
from drift.lake import Lake
from drift.night import baseline, events, topics
from drift.profiles.day import DayProfile
from drift.results import DailyMetric, Incident, Results, Run
from drift.results.daily import daily_metrics
from drift.results.grouping import StoredFinding
from drift.results.verdict import Answer, Counts, Verdict, judge

log = logging.getLogger(__name__)

_STOPPED = (
    "Whatever wrote it no longer does, or writes it elsewhere: look at the instrumentation, the judge or the mapping in drift.toml "
    "before the application."
)
# days for which the page of an incident that closed is written again
_CLOSED_LATELY = 7
# embedded traces of a day that are read for what is behind an incident, whose place is a part of them
_ROWS_OF_MEANING = 2 * meaning.ROWS


@dataclass(frozen=True)
class Night:
    """What came of a day. doubtful: the metrics whose data failed a check, which cannot alarm."""

    day: date
    said: Verdict
    traces: int
    findings: tuple[Finding, ...] = ()
    doubtful: tuple[str, ...] = ()

    @property
    def answer(self) -> Answer:
        return self.said.answer

    @property
    def alarms(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.alarm]


def publish_day(config: Config, day: date, *, quiet: bool = False, owed: bool = False) -> Night:
    """Write the day's tables, then tell whoever wants to know.

    quiet: what would be told is written down and nothing is sent; owed: nor is it held back, so that the next night that tells sends it.
    Raises CheckFailed where a table holds what cannot be (a share of 2, an interval upside down): nothing is written then.
    """
    from drift import alerts, checks
    from drift.alerts import heartbeat, otel
    from drift.report import site

    lake = Lake(config.lake.url)
    facts = baseline.facts(lake, day)
    found = lake.read("findings", day)
    findings = tuple(detection.from_table(found)) if found is not None else ()
    drilled = lake.read("drill", day)
    drill = detection.visible_from_table(drilled) if drilled is not None else []
    run = Run(
        traces=facts["traces"],
        baseline_days=max((finding.baseline_days for finding in findings), default=0),
        min_days=config.baseline.min_days,
        failed=not facts["ok"],
        reason=facts["reason"],
        config=_digest(config),
        version=__version__,
        remark=_of_the_ruler(lake, day),
    )
    # of a day without a trace nothing was measured, which is no fall to 0; and a clock that is wrong may name any day
    daily = list(daily_metrics(baseline.profile_of(lake, day), findings)) if run.traces else []
    tables = {"findings": detection.to_table(findings), "daily_metrics": _as_table(daily, day)}
    fit = checks.check_tables(day, {name: table for name, table in tables.items() if table.num_rows})
    if not fit.passed:
        raise CheckFailed(f"{fit.subject} are not fit to publish: {'; '.join(fit.failures)}")
    results = Results.of(config)
    try:
        panel = cache(lambda: _panel(config, lake, day))
        if not quiet:
            with _told_in_the_log("events"):
                events.gather(config, results)
        results.write_night(day, run, daily, findings, _explainer(config, lake, day, findings, panel), drill)
        with _told_in_the_log(f"the report of {day}"):
            if config.report.enabled:
                site.write_night(config, lake, results, day)
            if not quiet:
                since = day - timedelta(days=_CLOSED_LATELY)
                _write_overview(
                    config, lake, results, since, lambda last: panel() if last == day else _panel(config, lake, last)
                )
        alerts.deliver(
            results,
            alerts.configured(config),
            day,
            report_url=config.report.url,
            all_clear=config.alerts.all_clear,
            hold=quiet and not owed,
            later=quiet,
            owners=config.owners,
            weekly=config.alerts.digest,
        )
        if not quiet:
            if not run.failed:
                heartbeat.beat(results, day)
            otel.export(config, results, day)
            if config.experiment.each_night and not run.failed:
                from drift.night import ready

                with _told_in_the_log("what was asked again"):
                    ready.ask_again(config, results, day)
        # a day that was compared before keeps its rows; that it cannot be compared now is what came of this run
        said = judge(Counts(failed=facts["reason"])) if run.failed else results.verdicts(day, day)[day]
    finally:
        results.close()
    return Night(day, said, facts["traces"], findings, tuple(sorted(facts["warned"])))


def _of_the_ruler(lake: Lake, day: date) -> str:
    compared = lake.manifest("findings", day)
    return str(compared.facts.get("ruler", "")) if compared is not None else ""


def _as_table(daily: Sequence[DailyMetric], day: date) -> pa.Table:
    columns = {field.name: [getattr(row, field.name) for row in daily] for field in fields(DailyMetric)}
    return pa.table({**columns, "day": [day] * len(daily)})


def write_report(config: Config, since: date) -> None:
    """The report's pages that span nights, after the nights from `since` on were published quietly."""
    lake = Lake(config.lake.url)
    results = Results.of(config)
    try:
        with _told_in_the_log("the report"):
            _write_overview(config, lake, results, since, lambda day: _panel(config, lake, day))
    finally:
        results.close()


def write_decided(config: Config, incident_id: str) -> None:
    """The pages that show an incident, after a person decided about it: its own, that of the last night, and the index."""
    lake = Lake(config.lake.url)
    results = Results.of(config)
    try:
        with _told_in_the_log("the report"):
            if config.report.enabled and (last := _last_night(config, results)) is not None:
                from drift.report import site

                site.write_night(config, lake, results, last)
                site.write_decided(config, lake, results, last, _panel(config, lake, last), incident_id, stores.lists(config))
    finally:
        results.close()


def _last_night(config: Config, results: Results) -> date | None:
    # a night that is run again long afterwards, or a backfill of the past, is not the last night
    last = results.last_night()
    while last is not None and not config.is_over(last):
        last = results.last_night(last - timedelta(days=1))
    return last


def _write_overview(config: Config, lake: Lake, results: Results, since: date, panel: Callable[[date], Panel]) -> None:
    from drift.report import site

    if config.report.enabled and (last := _last_night(config, results)) is not None:
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
    return Panel([*baseline.comparable_with(lake, today, baseline.history(config, lake, day)), today])


def _explainer(
    config: Config, lake: Lake, day: date, findings: Sequence[Finding], panel: Callable[[], Panel]
) -> Callable[..., Explanation]:
    """What explains an incident of the day from its alarms; reads profiles, features and the store's links when first asked."""

    @cache
    def rows(of: date) -> pa.Table | None:
        try:
            return lake.read("features", of)
        except DamagedError as error:
            log.warning("%s", error)
            return None

    @cache
    def meanings(days: tuple[date, ...]) -> list[pa.Table]:
        # an incident's place can be in any dimension that the panel has
        wanted = meaning.columns(panel().dimensions)
        return [topics.traces(lake, of, wanted, _ROWS_OF_MEANING) for of in days]

    @cache
    def links() -> Callable[[str], str | None]:
        return stores.links(config)

    @cache
    def measured() -> list[date]:
        return lake.days("features")

    def explain(incident: Incident, alarms: Sequence[StoredFinding]) -> Explanation:
        if incident.lead.test == FindingTest.ARRIVAL:
            return Explanation(summary=_STOPPED)
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
