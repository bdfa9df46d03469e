"""One night, left to right: pull, profile, detect, publish. Nothing else knows the order.

Every step reads what the step before stored and can be run again: same day, same result, nothing twice.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta

from drift.config import Config
from drift.errors import CheckFailed, DataError, DriftError, UnforeseenError, in_one_line
from drift.lake import Lake
from drift.night import ahead, baseline, bridge, preflight, schedule
from drift.night.detect import detect_day
from drift.night.profile import NothingLeftError, profile_day
from drift.night.publish import Night, publish_day, write_report
from drift.night.pull import pull_day
from drift.night.turn import turn
from drift.results import Results, ResultsError, watch

log = logging.getLogger(__name__)


def yesterday(config: Config) -> date:
    """The last whole day in the configured zone."""
    return datetime.now(UTC).astimezone(config.zone).date() - timedelta(days=1)


def run_day(config: Config, day: date, *, quiet: bool = False, owed: bool = False, late_rows: bool = False) -> Night:
    """The four steps for one day, when no other is under way. A day that is not fit to compare is published as failed and raises nothing.

    quiet, owed: see `publish_day`. late_rows: the day is pulled again for rows that came late, and never for fewer; see `profile_day`.
    """
    schedule.refuse_unfinished(config, day)
    preflight.database(config)
    with turn(config):
        profile_day(config, day, pull_day(config, day), late_rows=late_rows)
        bridge.build(config, day)
        return _judged(config, day, quiet=quiet, owed=owed)


def run_night(config: Config, day: date) -> Night:
    """`run_day` for the day, and before it, quietly, for the `pull.lookback_days` that may have got late rows since. What such a day's own
    night found and died before it told is told with the day's.

    A night that fails, of whatever, is told to the configured places, once. It raises the DriftError that it failed with, and
    UnforeseenError, with the cause behind it, where that was no error of drift's own. A day that is not over, or whose year is
    mistyped, is refused, which is told to the caller alone.
    """
    schedule.refuse_unfinished(config, day)
    schedule.refuse_mistyped(day, Lake(config.lake.url).days("profiles"))
    try:
        *earlier, day = schedule.days_to_pull(config, day, baseline.pulled(Lake(config.lake.url)))
        for each in earlier:
            _late_rows(config, each)
        return run_day(config, day)
    except Exception as error:
        _tell_failure(config, day, in_one_line(error))
        if isinstance(error, DriftError):
            raise
        raise UnforeseenError(f"{day} {in_one_line(error)}") from error


def _late_rows(config: Config, day: date) -> None:
    owed = _owes(config, day)
    try:
        try:
            run_day(config, day, quiet=True, owed=owed, late_rows=True)
        except NothingLeftError:
            # what the store no longer has cannot have got late rows either
            if owed:
                _as_measured(config, day, owed=True)
    except DataError as error:
        # it was told when the day was run, and stops no later one
        log.warning("%s", error)


def _owes(config: Config, day: date) -> bool:
    results = Results.of(config)
    try:
        return watch.owes(results.database, day)
    finally:
        results.close()


def _tell_failure(config: Config, day: date, reason: str) -> None:
    from drift import alerts

    # the night's own error is what matters; nothing that is wrong with telling it may take its place
    with _logged("the failure could not be told"):
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


@contextmanager
def _logged(what: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        log.warning("%s: %s", what, in_one_line(error))


def backfill(config: Config, start: date, end: date, *, in_advance: bool = False) -> Iterator[Night]:
    """`run_day` for every day from `start` to `end`, both included, oldest first; alerts stay quiet.

    A day that fails its checks is yielded as failed and the rest goes on; a StoreError ends the backfill, for the days after
    it would be compared with a hole. A day of which the store has less than half of what was measured is compared as it was measured.
    in_advance: while a day is compared, a process of its own pulls the next one; see `ahead.pulls`.
    """
    schedule.refuse_unfinished(config, end)
    preflight.database(config)
    day = start
    try:
        with ahead.pulls(config, in_advance) as pulls:
            while day <= end:
                with turn(config):
                    _measured(config, day, pulls)
                    if day < end:
                        pulls.begin(day + timedelta(days=1))
                    night = _judged(config, day, quiet=True)
                yield night
                day += timedelta(days=1)
    finally:
        if day > start:
            write_report(config, start)


def _measured(config: Config, day: date, pulls: ahead.Pulls) -> None:
    """The day up to its profile; as it was measured, where the store has too little left of it."""
    try:
        profile_day(config, day, pulls.parts(day), late_rows=True)
    except NothingLeftError as error:
        log.warning("%s", error)
        profile_day(config, day)
    else:
        bridge.build(config, day)


def _as_measured(config: Config, day: date, *, owed: bool = False) -> Night:
    with turn(config):
        profile_day(config, day)
        return _judged(config, day, quiet=True, owed=owed)


def _judged(config: Config, day: date, *, quiet: bool, owed: bool = False) -> Night:
    with suppress(CheckFailed):
        detect_day(config, day)
    return publish_day(config, day, quiet=quiet, owed=owed)


def last_day(config: Config) -> date:
    """The last day that was run, of those that are over. Raises DataError where there is none."""
    days = [day for day in Lake(config.lake.url).days("profiles") if config.is_over(day)]
    if not days:
        raise DataError(f"no day was run yet into {config.lake.url}; run one with `drift run`")
    return days[-1]
