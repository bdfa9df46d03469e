"""To look for oneself: one trace, or the stored days."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, timedelta
from typing import Annotated

import typer

from drift.cli.command import ConfigPath, Day, day_of, days_back, err, out

commands = typer.Typer()


@commands.command()
def trace(
    trace_id: Annotated[str, typer.Argument(metavar="ID", help="the trace's id in its store")],
    day: Day = None,
    as_json: Annotated[bool, typer.Option("--json", help="everything of it, as JSON")] = False,
    config: ConfigPath = None,
) -> None:
    """One trace as the store has it now, and where each of its measures stands among the requests of its endpoint."""
    from drift.config import Config
    from drift.night.trace import open_trace
    from drift.report.trace import opened

    found = open_trace(Config.load(config), trace_id, day)
    if as_json:
        print(
            json.dumps({**asdict(found), "places": [{**asdict(p), "metric": p.metric.name} for p in found.places]}, default=str)
        )
        return
    places = [(place.metric, place.value, place.below, place.usual) for place in found.places]
    out.print(opened(found.row, found.url, found.among, places), highlight=False)


@commands.command()
def diagnose(
    last: Annotated[int, typer.Option(parser=days_back, metavar="30d", help="how far back to look")] = 30,
    start: Annotated[date | None, typer.Option("--from", parser=day_of, metavar="YYYY-MM-DD", help="instead of --last")] = None,
    end: Annotated[
        date | None, typer.Option("--to", parser=day_of, metavar="YYYY-MM-DD", help="the last day; default: yesterday")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="pull what is missing without asking")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="everything that was found, as JSON")] = False,
    config: ConfigPath = None,
) -> None:
    """Something feels off: look back over days that are over. When did behaviour change, what, how much and where?"""
    from drift.config import Config
    from drift.night import diagnose as past
    from drift.night import run
    from drift.report.history import history, span

    settings = Config.load(config)
    until = end or run.yesterday(settings)
    since = start or until - timedelta(days=last - 1)
    if until < since:
        raise typer.BadParameter(f"--to {until} is before --from {since}")
    if missing := past.missing(settings, since, until):
        days = (until - since).days + 1
        if not yes and not typer.confirm(f"{len(missing)} of {days} days are not pulled yet; pull them now?", err=True):
            raise typer.Exit(1)
        _progress("pulling", past.fill(settings, missing), len(missing))
    found = past.look(settings, since, until)
    if as_json:
        out.print_json(json.dumps(asdict(found), default=str))
        return
    out.print(span(found.days, found.traces, found.unfit, found.missing), highlight=False)
    out.print(history(found.found, found.groups), highlight=False)


def _progress(what: str, steps: Iterable[date], total: int) -> None:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task(what, total=total)
        for day in steps:
            progress.update(task, advance=1, description=str(day))
