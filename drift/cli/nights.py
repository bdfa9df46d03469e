"""The nights: to run one or many, and to show what one found."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from drift.cli.command import ConfigPath, Day, Json, Strict, day_of, err, moment_of, out, print_json
from drift.errors import CheckFailed

commands = typer.Typer()


@commands.command()
def run(day: Day = None, strict: Strict = False, as_json: Json = False, config: ConfigPath = None) -> None:
    """One night: pull the day, measure it, compare it with the days before, publish what changed.

    Exits with 0 where nothing is new, 3 where something is new or worse, 1 where the day could not be compared.
    Without --day, as in cron, feature rows and vectors older than lake.retention_days are then deleted. Where --config is a folder of
    drift.toml files, the night of each, then the page of all and, after Sunday's, their digest.
    """
    from drift.config import Config
    from drift.night import applications, maintenance, run

    if every := applications.load(config):
        raise typer.Exit(_run_all(every, day, strict, as_json))
    settings = Config.load(config)
    night = run.run_night(settings, day or run.yesterday(settings))
    if not night.answer.compared:
        raise CheckFailed(f"{night.day} {night.said.words}")
    if day is None:
        # by a night that could be compared: a clock that is a year ahead finds no traces, and must not make those that are kept old
        maintenance.expire(settings, night.day)
    _print_night(settings, night.day, as_json)
    if night.doubtful:
        page = f"{settings.lake.url}/checks/day={night.day}/index.html"
        line = f"warning: data failed a check, so these cannot alarm: {', '.join(night.doubtful)}; see {page}"
        err.print(line, markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(night.said.exit_code(strict))


def _run_all(every, day: date | None, strict: bool, as_json: bool) -> int:
    """The night of each application, one failing without the others; the worst exit code."""
    from drift.cli import answers
    from drift.errors import DriftError
    from drift.night import applications, maintenance, run

    codes: list[int] = []
    told: dict[str, Any] = {}
    for each in every:
        settings = each.config
        if not as_json:
            out.rule(each.name, align="left")
        try:
            night = run.run_night(settings, day or run.yesterday(settings))
            if day is None:
                maintenance.expire(settings, night.day)
            if not night.answer.compared:
                raise CheckFailed(f"{night.day} {night.said.words}")
        except DriftError as error:
            err.print(f"error: {each.name}: {error}", markup=False, highlight=False, soft_wrap=True)
            codes.append(error.exit_code)
            told[each.name] = {"error": str(error)}
            continue
        if as_json:
            told[each.name] = answers.night(settings, night.day)[1]
        else:
            _print_night(settings, night.day)
        codes.append(night.said.exit_code(strict))
    applications.write_page(every)
    applications.tell_week(every, day or run.yesterday(every[0].config))
    if as_json:
        print_json("applications", {"applications": told})
    return 1 if 1 in codes else max(codes, default=0)


@commands.command()
def backfill(
    start: Annotated[date, typer.Option("--from", parser=day_of, metavar="YYYY-MM-DD")],
    end: Annotated[date, typer.Option("--to", parser=day_of, metavar="YYYY-MM-DD", help="the last day, included")],
    strict: Strict = False,
    as_json: Json = False,
    config: ConfigPath = None,
) -> None:
    """The same night over many days, oldest first. Days that fail their checks are reported and the rest goes on."""
    from drift.config import Config

    if end < start:
        raise typer.BadParameter(f"--to {end} is before --from {start}")
    nights, failed = _backfill(Config.load(config), start, end, as_json)
    if as_json:
        told = [{"day": night.day, "status": night.answer, "verdict": night.said.words} for night in nights]
        print_json("backfill", {"nights": told})
    for line in failed:
        err.print(f"error: {line}", markup=False, highlight=False, soft_wrap=True)
    codes = {night.said.exit_code(strict) for night in nights}
    # a day that could not be compared weighs more than what another one found
    raise typer.Exit(1 if 1 in codes else max(codes, default=0))


@commands.command()
def applications(
    folder: Annotated[
        Path | None, typer.Argument(help="of drift.toml files, one an application (default: $DRIFT_CONFIG)")
    ] = None,
    as_json: Json = False,
) -> None:
    """The last night of each application of a folder, and what is open in it; their page is written again."""
    from drift.alerts import formats
    from drift.errors import ConfigError
    from drift.night import applications as several
    from drift.report import terminal

    every = several.load(folder)
    if not every:
        raise ConfigError(f"{folder or '$DRIFT_CONFIG'}: not a folder of drift.toml files, one an application")
    told = several.accounts(every)
    several.write_page(every)
    if as_json:
        nights = {each.name: formats.payload(account) if account else None for each, account in told}
        print_json("applications", {"applications": nights})
        return
    for each, account in told:
        out.rule(each.name, align="left")
        out.print(terminal.night(account) if account else "no night was run yet")


@commands.command()
def show(
    day: Day = None,
    why: Annotated[str, typer.Option(metavar="METRIC", help="explain one metric's verdict in words and numbers")] = "",
    as_json: Json = False,
    config: ConfigPath = None,
) -> None:
    """What a night found: the last one, or the one of --day."""
    from drift.config import Config
    from drift.night import run

    settings = Config.load(config)
    chosen = day or run.last_day(settings)
    if why:
        _print_why(settings, chosen, why, as_json)
    else:
        _print_night(settings, chosen, as_json)


@commands.command()
def check(
    since: Annotated[
        datetime, typer.Option(parser=moment_of, metavar="TIME", help="2026-11-29T14:00, or how long ago: 2h, 90m")
    ],
    until: Annotated[
        datetime | None, typer.Option(parser=moment_of, metavar="TIME", help="the end of these hours; default: now")
    ] = None,
    as_json: Json = False,
    config: ConfigPath = None,
) -> None:
    """The hours since a deployment against the same hours of earlier days. Writes no night, tells nobody; exits 3 where something is new.

    What comes late, such as scores, is as incomplete as the store has it by then.
    """
    from drift.alerts import formats
    from drift.config import Config
    from drift.night import hours
    from drift.report import terminal

    settings, end = Config.load(config), until or datetime.now(UTC)
    account = hours.judge(settings, since, end)
    if as_json:
        print_json("check", {"from": settings.utc(since), "until": settings.utc(end), **formats.payload(account)})
    else:
        out.print(terminal.night(account))
    raise typer.Exit(account.said.exit_code(strict=False))


def _print_night(settings, day: date, as_json: bool = False) -> None:
    from drift.cli import answers
    from drift.report import site, terminal

    if as_json:
        print_json(*answers.night(settings, day))
        return
    out.print(terminal.night(answers.account_of(settings, day)))
    page = _page(settings, site.night_path(day))
    if page and not settings.report.url:
        out.print(f"report: {page}", markup=False, highlight=False, soft_wrap=True, style="dim")


def _page(settings, path: str) -> str:
    """Where a page of the report is on this machine; empty where the lake is elsewhere or has no such page."""
    from drift.lake import Lake
    from drift.report.rendering import FOLDER

    found = Lake(settings.lake.url).local_path(f"{FOLDER}/{path}")
    return found if found and Path(found).exists() else ""


def _print_why(settings, day: date, metric: str, as_json: bool) -> None:
    from drift.cli import answers
    from drift.report.why import why

    if as_json:
        print_json(*answers.why(settings, day, metric))
        return
    out.print(why(answers.comparisons_of(settings, day, metric), metric))


def _backfill(settings, start: date, end: date, as_json: bool):
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from drift.night import run
    from drift.results.verdict import Answer

    nights, failed = [], []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task("backfill", total=(end - start).days + 1)
        for night in run.backfill(settings, start, end, in_advance=True):
            nights.append(night)
            progress.update(task, advance=1, description=str(night.day))
            if not night.answer.compared:
                failed.append(f"{night.day} {night.said.words}")
            elif night.answer is Answer.DRIFT and not as_json:
                progress.console.print(f"{night.day}: {night.said.words}", markup=False, highlight=False)
    return nights, failed
