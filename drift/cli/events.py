"""What happened outside the traces: to say it, and to list it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from drift.cli.command import ConfigPath, Json, days_back, out, print_json

commands = typer.Typer()


@commands.command()
def event(
    what: Annotated[str, typer.Argument(help="what happened, such as 'billing-chat 2026.48'")] = "",
    kind: Annotated[str, typer.Option(help="deploy, flag, config, data, provider or announcement")] = "deploy",
    at: Annotated[str, typer.Option(metavar="TIME", help="2026-11-29T14:00; default: now")] = "",
    where: Annotated[
        str, typer.Option(metavar="DIMENSION=VALUE", help="such as endpoint=billing-chat; default: all traffic")
    ] = "",
    source: Annotated[str, typer.Option(help="who or what says so, such as an address")] = "",
    from_: Annotated[
        Path | None,
        typer.Option("--from", help="JSON lines, or GitHub's deployments or releases (.json): a file, or a folder of them"),
    ] = None,
    gather: Annotated[bool, typer.Option("--gather", help="read what [events] names now; each night does, too")] = False,
    as_json: Json = False,
    config: ConfigPath = None,
) -> None:
    """Say what changed outside the traces. It stands on charts and beside what begins then; that it happened makes it no cause."""
    from drift.config import Config
    from drift.results import Results, announced

    if bool(what) + bool(from_) + gather != 1:
        raise typer.BadParameter("say what happened, or name a file with --from, or --gather")
    settings = Config.load(config)
    if gather:
        _gather(settings, as_json)
        return
    fields = {
        "what": what,
        "kind": kind,
        "at": at or datetime.now(UTC).isoformat(timespec="seconds"),
        "where": where,
        "source": source,
    }
    found = list(announced.from_files(from_, settings.zone, where)) if from_ else [announced.event(fields, settings.zone)]
    results = Results(settings.results.url)
    try:
        new = announced.record(results, found)
    finally:
        results.close()
    known = len(found) - new
    if as_json:
        print_json("event", {"new": new, "known": known, "events": found})
        return
    out.print(f"{new} new" + (f", {known} known already" if known else ""), highlight=False)


def _gather(settings, as_json: bool) -> None:
    from drift.errors import ConfigError
    from drift.night import events as night
    from drift.results import Results

    if not night.sources(settings):
        raise ConfigError("events: nothing is named; set files, query or langfuse_label in [events]")
    results = Results(settings.results.url)
    try:
        new = night.gather(settings, results, strict=True)
    finally:
        results.close()
    if as_json:
        print_json("event", {"new": new})
        return
    out.print(f"{new} new", highlight=False)


@commands.command()
def events(
    last: Annotated[int, typer.Option(parser=days_back, metavar="30d", help="how many days, up to today")] = 30,
    as_json: Json = False,
    config: ConfigPath = None,
) -> None:
    """What was said to have happened, oldest first."""
    from drift.config import Config
    from drift.report.announced import line
    from drift.results import Results, announced

    settings = Config.load(config)
    today = datetime.now(UTC).astimezone(settings.zone).date()
    results = Results(settings.results.url)
    try:
        with results.database.reading() as connection:
            found = announced.announced(connection, today - timedelta(days=last - 1), today)
    finally:
        results.close()
    if as_json:
        print_json("events", {"events": found})
        return
    for each in found:
        out.print(line(each, settings.zone), markup=False, highlight=False, soft_wrap=True)
    if not found:
        out.print(f"nothing in the last {last} days; `drift event` says what happened", highlight=False)
