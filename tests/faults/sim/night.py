"""Nights as they are started: by cron, which runs a command, or as the tasks of a scheduler that keeps what each gave back."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from drift.config import Config
from drift.errors import CheckFailed, DriftError
from drift.lake import Lake
from drift.night import baseline, maintenance, pulse, run, schedule
from drift.night.detect import detect_day
from drift.night.profile import NothingLeftError, profile_day
from drift.night.publish import publish_day
from drift.night.pull import pull_shard
from drift.results.verdict import Answer

_COMMAND = re.compile(r"drift (run|backfill|repair)(?: --day (\S+)| --from (\S+) --to (\S+))?")


def by_cron(config: Config, day: date, _: dict[str, Any]) -> None:
    """`drift run`, for the day that the clock says."""
    night = run.run_night(config, run.yesterday(config))
    if night.answer.compared:
        maintenance.expire(config, night.day)


def by_tasks(config: Config, day: date, done: dict[str, Any]) -> None:
    """The tasks of the nightly DAG; `done` is what the scheduler knows of those that ended well."""

    def task(name: str, work: Any) -> Any:
        if name not in done:
            done[name] = work()
        return done[name]

    def profiled() -> None:
        for each in days:
            try:
                profile_day(config, each, [done[f"pull {each}"]], late_rows=each != day)
            except NothingLeftError:
                if each == day:
                    raise

    def compared() -> None:
        for each in days:
            try:
                detect_day(config, each)
            except CheckFailed:
                continue

    def published() -> None:
        for each in days:
            publish_day(config, each)

    days = task("plan", lambda: schedule.days_to_pull(config, day, baseline.pulled(Lake(config.lake.url))))
    for each in days:
        task(f"pull {each}", lambda each=each: pull_shard(config, each))
    task("profile", profiled)
    task("detect", compared)
    task("publish", published)


def by_hand(config: Config, nights: int, seen: set[date]) -> list[str]:
    """What a person does in the morning who follows what `drift doctor --nights` and `drift repair` say. Returns what was said.

    seen: gets the days of which the person read what they found.
    """
    said = []
    for lapse in pulse.lapses(config, nights):
        said.append(f"{lapse.what}; {lapse.remedy}")
        _follow(config, lapse.remedy, seen)
    return said


def _follow(config: Config, text: str, seen: set[date]) -> None:
    for verb, day, start, end in _COMMAND.findall(text):
        try:
            if verb == "run":
                seen.add(date.fromisoformat(day))
                run.run_night(config, date.fromisoformat(day))
            elif verb == "backfill":
                for night in run.backfill(config, date.fromisoformat(start), date.fromisoformat(end)):
                    if night.answer is Answer.DRIFT:
                        seen.add(night.day)
            else:
                for each in list(maintenance.repair(config)):
                    _follow(config, each.what, seen)
        except DriftError:
            continue
