"""The tasks of the DAGs: each loads the configuration, calls one function of the pipeline and returns a few words."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from airflow.sdk import Asset, conf

from drift.airflow.policy import fail_at_once_where_retrying_is_useless
from drift.airflow.secrets import find_connection, use_connections

if TYPE_CHECKING:
    from airflow.sdk import DAG

    from drift.config import Config

log = logging.getLogger(__name__)

RESULTS = Asset(name="drift_results", uri="drift://results")
# how long a night waits for the nights before it that are still running, and how many nights back it looks
PATIENCE_S = 6 * 3600
_EARLIER_NIGHTS = 60


def pool() -> str:
    """The pool of the tasks that ask the trace store: `[drift] pool` of airflow.cfg (AIRFLOW__DRIFT__POOL)."""
    return conf.get("drift", "pool", fallback="default_pool")


NIGHTLY = "nightly_drift"


def applications() -> list[str]:
    """The applications by name where $DRIFT_CONFIG is a folder of them; else one that has no name."""
    from drift.config import applications

    return list(applications()) or [""]


def one_each(make: Callable[[str], DAG]) -> dict[str, DAG]:
    """A DAG of each application, by the names under which Airflow finds them in a module."""
    return {f"dag_{name}".rstrip("_"): make(name) for name in applications()}


def dag_id(application: str, kind: str = NIGHTLY) -> str:
    """The DAG of an application; its name in a DAG's id is that of its file."""
    return f"{kind}.{application}" if application else kind


def config_of(dag: str) -> Config:
    """The configuration of a DAG: that of its application, or the only one. Raises ConfigError."""
    from drift.config import Config
    from drift.config import applications as files

    application = dag.partition(".")[2]
    config = Config.load(files().get(application))
    if not application:
        return config
    # the week of all applications is one message
    return config.model_copy(update={"alerts": config.alerts.model_copy(update={"digest": False})})


def _this_dag() -> str:
    from airflow.sdk import get_current_context

    try:
        return str(get_current_context()["dag"].dag_id)
    except RuntimeError:
        return NIGHTLY


def zone(application: str = "") -> ZoneInfo:
    """The time zone of drift.toml; UTC where that cannot be read, so that the run itself fails and says why."""
    from drift.errors import ConfigError

    try:
        return config_of(dag_id(application)).zone
    except ConfigError as error:
        log.warning("%s", error)
        return ZoneInfo("UTC")


@contextmanager
def configured():
    """The configuration, checked, with the secrets of Airflow's connections in the environment and the user's own metrics known:
    each task is a process of its own.
    """
    from drift.night import preflight

    with fail_at_once_where_retrying_is_useless():
        use_connections(find_connection)
        config = config_of(_this_dag())
        preflight.names(config)
        yield config


def plan(context: dict[str, Any]) -> dict[str, Any]:
    """What this run is about: day, days to pull, when the day is settled, whether alerts stay quiet."""
    from drift.lake import Lake
    from drift.night import baseline, schedule

    with configured() as config:
        run = context["dag_run"]
        day = schedule.resolve_day(context["params"], run.partition_key, context.get("data_interval_start"), config.zone)
        schedule.refuse_unfinished(config, day)
        backfill = run.run_type == "backfill"
        days = schedule.days_to_pull(config, day, baseline.pulled(Lake(config.lake.url)), backfill=backfill)
        return {
            "day": day.isoformat(),
            "days": [each.isoformat() for each in days],
            "ready_at": schedule.ready_at(config, day).isoformat(),
            "quiet": backfill,
        }


def pieces(night: dict[str, Any]) -> list[dict[str, Any]]:
    """The pieces of the days to pull."""
    from drift.night import schedule

    with configured() as config:
        days = [date.fromisoformat(day) for day in night["days"]]
        return [piece.as_dict() for piece in schedule.pieces(config, days)]


def pull(piece: dict[str, Any]) -> dict[str, Any]:
    """Pull and measure one shard; returns the name of the part in the lake."""
    from drift.night.pull import pull_shard

    with configured() as config:
        name = pull_shard(config, date.fromisoformat(piece["day"]), piece["shard"], piece["shards"])
        return {"day": piece["day"], "shard": piece["shard"], "name": name}


def profile(parts: list[dict[str, Any]]) -> list[str]:
    """Put the parts of each day together, check and profile it; returns the days. After an upgrade, days before are measured again."""
    from drift.night import bridge
    from drift.night.profile import NothingLeftError, profile_day

    by_day = _by_day(parts)
    with configured() as config:
        for day, names in by_day.items():
            try:
                profile_day(config, day, names, late_rows=day != max(by_day))
            except NothingLeftError as error:
                # an earlier day that the store no longer has whole stays as it was; the night's own day must be there
                if day == max(by_day):
                    raise
                log.warning("%s", error)
        if by_day:
            bridge.build(config, max(by_day))
    return [day.isoformat() for day in by_day]


def _by_day(parts: list[dict[str, Any]]) -> dict[date, list[str]]:
    """The names of each day's parts, in the order of its shards."""
    by_day = defaultdict(list)
    for part in sorted(parts, key=lambda part: (part["day"], part["shard"])):
        by_day[date.fromisoformat(part["day"])].append(part["name"])
    return dict(by_day)


def earlier_nights_done(context: dict[str, Any], waited_s: float) -> bool:
    """Whether no night before this one is under way; true also when they took too long, for a night must not hang for ever."""
    from drift.night import schedule

    ti = context["ti"]
    config = config_of(ti.dag_id)
    day = date.fromisoformat(ti.xcom_pull(task_ids="plan")["day"])
    dates = schedule.midnights(config, day, _EARLIER_NIGHTS)
    busy = ti.get_dr_count(dag_id=ti.dag_id, logical_dates=dates, states=["queued", "running"])
    if busy and waited_s > PATIENCE_S:
        log.warning("%d earlier nights are still running after %d s; going on without them", busy, waited_s)
        return True
    return not busy


def detect(days: list[str]) -> list[str]:
    """Compare each day with the days before it, oldest first; returns the days that were fit to be compared."""
    from drift.errors import CheckFailed
    from drift.night.detect import detect_day

    fit = []
    with configured() as config:
        for day in sorted(days):
            try:
                detect_day(config, date.fromisoformat(day))
                fit.append(day)
            except CheckFailed as error:
                log.error("%s", error)
    return fit


def publish(night: dict[str, Any], outlet_events: Any) -> dict[str, Any]:
    """Write the tables of each day and tell the news. Raises AirflowFailException where the run's own day failed its checks.

    The event of the asset RESULTS carries the day: a DAG that it starts has no interval of its own.
    """
    from airflow.sdk.exceptions import AirflowFailException

    from drift.night.publish import publish_day, write_report

    with configured() as config:
        for day in sorted(night["days"]):
            result = publish_day(config, date.fromisoformat(day), quiet=night["quiet"])
        if night["quiet"]:
            write_report(config, result.day)
        elif _this_dag() != NIGHTLY:
            _together(date.fromisoformat(night["day"]))
    if not result.answer.compared:
        raise AirflowFailException(result.said.of(result.day))
    told = {"day": night["day"], "status": str(result.answer), "traces": result.traces, "alarms": len(result.alarms)}
    outlet_events[RESULTS].extra = told
    return told


def _together(day: date) -> None:
    """The page of all applications, and their week where it is due."""
    from drift.night import applications

    every = applications.load()
    applications.write_page(every)
    applications.tell_week(every, day)


def prune() -> dict[str, Any]:
    """Delete old feature rows; returns how many days and how many left-over files went."""
    from drift.night import maintenance, run

    with configured() as config:
        pruned = maintenance.prune(config, run.yesterday(config))
        return {"days": len(pruned.days), "orphans": pruned.orphans}


def pieces_again(params: dict[str, Any]) -> list[dict[str, Any]]:
    """The pieces of the days to make again that lack what is measured now; none without `again_from`."""
    from drift.night import maintenance, schedule

    if not params.get("again_from"):
        return []
    with configured() as config:
        days = maintenance.lacking(config, *_span(params))
        return [piece.as_dict() for piece in schedule.pieces(config, days)]


def profile_again(params: dict[str, Any], parts: list[dict[str, Any]]) -> int:
    """Make the stored days from `again_from` to `again_to` again; returns how many there were."""
    from drift.night import maintenance

    if not params.get("again_from"):
        return 0
    with configured() as config:
        return sum(1 for _ in maintenance.profile_again(config, *_span(params), _by_day(parts)))


def _span(params: dict[str, Any]) -> tuple[date, date]:
    end = params.get("again_to")
    return date.fromisoformat(params["again_from"]), date.fromisoformat(end) if end else date.max


def verify() -> None:
    """Raises DataError, which names the first fault and counts the others."""
    from drift.errors import DataError
    from drift.night import maintenance

    with configured() as config:
        faults = maintenance.verify(config)
    for fault in faults:
        log.error("%s", fault)
    if faults:
        raise DataError(f"{len(faults)} faults in the lake: {faults[0]}")


def missing_pieces(params: dict[str, Any]) -> list[dict[str, Any]]:
    """The pieces of the days that a comparison needs and the lake does not have."""
    from drift.compare import sides
    from drift.night import schedule

    with configured() as config:
        days = sides.missing_days(config, *sides.from_form(params))
        return [piece.as_dict() for piece in schedule.pieces(config, days)]


def compare(params: dict[str, Any]) -> dict[str, Any]:
    """Compare the two sides of the form, write the page and tell the verdict; returns it in numbers."""
    from drift import alerts
    from drift.alerts.notice import notify
    from drift.compare import sides
    from drift.compare.verdict import Verdict
    from drift.report import comparison

    with configured() as config:
        found = sides.compare_any(config, *sides.from_form(params), pairs=bool(params.get("pairs")))
        result, page = comparison.write(config, found)
        worse, changed = (len({row.metric for row in rows}) for rows in (result.failed, found.with_verdict(Verdict.CHANGED)))
        title = f"drift: {changed or 'no'} metric{'s' * (changed != 1)} changed, {worse or 'none'} for the worse"
        address = f"{config.report.url.rstrip('/')}/{page}" if config.report.url else ""
        failed = notify(alerts.configured(config), title, comparison.sentences(result), address)
        return {"page": page, "worse": worse, "changed": changed, "compared": len(found.rows), "not_told": failed}


def golden_sets(day: str | None = None) -> list[str]:
    """The names of the configured golden sets that are due on the day, today where none is given."""
    from drift.golden.run import is_due

    with configured() as config:
        asked_on = _today(config, day)
        return [name for name in sorted(config.golden) if is_due(config, name, asked_on)]


def ask_golden(name: str, day: str | None, *, last_try: bool = True) -> dict[str, Any]:
    """Ask a golden set, compare with the runs before, and tell the configured places what changed; returns it in numbers.

    Raises StoreError, which is tried again, where questions have no answers and asking again may help; on the last try only where none has.
    """
    from drift import alerts
    from drift.alerts.notice import notify
    from drift.errors import StoreError
    from drift.golden import history
    from drift.golden.answers import EXHAUSTED
    from drift.golden.run import run
    from drift.report import golden as telling

    with configured() as config:
        today = _today(config, day)
        ran = run(config, name, today)
        if ran.lost:
            said = f"golden set {name}: {ran.answered} of {ran.examples} examples answered; {dict(ran.lost)}"
            if not ran.answered or not last_try and set(ran.lost) != {EXHAUSTED}:
                raise StoreError(said, retryable=set(ran.lost) != {EXHAUSTED})
            log.warning("%s", said)
        found = history.since_before(config, name, today)
        changed = [each for each in found if each.changed]
        failed = []
        if changed:
            title = f"drift: golden set {name} answers otherwise since {today}"
            failed = notify(alerts.configured(config), title, [telling.line(each) for each in changed])
        told = list(dict.fromkeys(each.metric for each in changed))
        return {"answered": ran.answered, "without_answer": dict(ran.lost), "changed": told, "not_told": failed}


def _today(config: Config, day: str | None) -> date:
    return date.fromisoformat(day) if day else datetime.now(UTC).astimezone(config.zone).date()
