"""To look for oneself: one trace, or the stored days."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from typing import Annotated

import typer

from drift.cli.command import ConfigPath, Day, Json, day_of, days_back, err, out, print_json

commands = typer.Typer()


@commands.command()
def trace(
    trace_id: Annotated[str, typer.Argument(metavar="ID", help="the trace's id in its store")],
    day: Day = None,
    as_json: Json = False,
    config: ConfigPath = None,
) -> None:
    """One trace as the store has it now, and where each of its measures stands among the requests of its endpoint."""
    from drift.config import Config
    from drift.night.trace import open_trace
    from drift.report.trace import opened
    from drift.results import Results, watch

    settings = Config.load(config)
    found = open_trace(settings, trace_id, day)
    results = Results.of(settings)
    try:
        # the text of a trace was shown to somebody
        with results.database.writing() as connection:
            watch.record(connection, "look", trace_id)
    finally:
        results.close()
    if as_json:
        measures = [{**asdict(place), "metric": place.metric.name} for place in found.places]
        print_json("trace", {"url": found.url, "among": found.among, "row": found.row, "places": measures})
        return
    places = [(place.metric, place.value, place.below, place.usual) for place in found.places]
    out.print(opened(found.row, found.url, found.among, places), highlight=False)


@commands.command()
def diagnose(
    last: Annotated[int, typer.Option(parser=days_back, metavar="30d", help="how far back to look")] = 30,
    start: Annotated[date | None, typer.Option("--from", parser=day_of, metavar="YYYY-MM-DD", help="instead of --last")] = None,
    end: Annotated[
        date | None,
        typer.Option(
            "--to", parser=day_of, metavar="YYYY-MM-DD", help="the last day; default: yesterday, or the last day of the files"
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="pull what is missing without asking")] = False,
    as_json: Json = False,
    config: ConfigPath = None,
) -> None:
    """Something feels off: look back over days that are over. When did behaviour change, what, how much and where?"""
    from drift.config import Config
    from drift.night import diagnose as past
    from drift.night import run
    from drift.report.history import as_dict, history, span
    from drift.text import wording

    settings = Config.load(config)
    if start and start > (end or run.yesterday(settings)):
        raise typer.BadParameter(f"--to {end or run.yesterday(settings)} is before --from {start}")
    asked = past.stretch(settings, last, start, end)
    if asked.ends and not as_json:
        err.print(f"the store's traces end on {wording.day(asked.ends)}, and so does this look", highlight=False)
    if asked.missing:
        days = wording.count((asked.end - asked.start).days + 1, "day")
        if not yes and not typer.confirm(f"{len(asked.missing)} of {days} are not pulled yet; pull them now?", err=True):
            raise typer.Exit(1)
        _progress("pulling", past.fill(settings, asked.missing), len(asked.missing))
    found = past.look(settings, asked.start, asked.end)
    if as_json:
        looked = (found.days, found.traces, found.unfit, found.missing)
        print_json("diagnose", as_dict(*looked, found.found, found.groups, found.means, found.told))
        return
    out.print(span(found.days, found.traces, found.unfit, found.missing), highlight=False)
    out.print(history(found.found, found.groups, found.means, found.told), highlight=False)


def _progress(what: str, steps: Iterable[date], total: int) -> None:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task(what, total=total)
        for day in steps:
            progress.update(task, advance=1, description=str(day))
