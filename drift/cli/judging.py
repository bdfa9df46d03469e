"""What drift is worth: its record, its digest, what other settings would have said, what it could tell."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated

import typer

from drift.cli.command import ConfigPath, Json, days_back, out, print_json

commands = typer.Typer()


@commands.command()
def digest(
    last: Annotated[int, typer.Option(parser=days_back, metavar="7d", help="how many days, up to the last night")] = 7,
    as_json: Json = False,
    config: ConfigPath = None,
) -> None:
    """What is worth knowing and was no message: decisions, slow movements, what got better, new levels."""
    from drift.alerts import formats
    from drift.config import Config
    from drift.night.run import last_day
    from drift.report import terminal
    from drift.results import Results
    from drift.results.digest import digest as gathered

    settings = Config.load(config)
    end = last_day(settings)
    results = Results.of(settings)
    try:
        found = gathered(results, end - timedelta(days=last - 1), end)
    finally:
        results.close()
    if as_json:
        print_json("digest", formats.digest(found))
        return
    out.print(terminal.digest(found), highlight=False)


@commands.command(name="ledger")
def show_ledger(as_json: Json = False, config: ConfigPath = None) -> None:
    """How often nights alarmed beside the budget, and what people said of the incidents."""
    from drift.cli import answers
    from drift.config import Config
    from drift.report import terminal
    from drift.results import Results, ledger

    settings = Config.load(config)
    if as_json:
        print_json(*answers.ledger(settings))
        return
    results = Results(settings.results.url)
    try:
        found = ledger.read(results)
    finally:
        results.close()
    out.print(terminal.ledger(found, settings.detect.budget))


@commands.command()
def backtest(
    setting: Annotated[list[str], typer.Option("--set", metavar="KEY=VALUE", help="such as detect.budget=0.02")],
    last: Annotated[int, typer.Option(parser=days_back, metavar="60d", help="how far back")] = 60,
    as_json: Json = False,
    config: ConfigPath = None,
) -> None:
    """What the last nights would have said with other settings. Nothing is stored and nobody is told."""
    from drift.config import Config
    from drift.night import backtest as judged
    from drift.report import terminal

    settings = Config.load(config)
    found = judged.run(settings, judged.with_settings(settings, setting), last)
    if as_json:
        told = {name: [_opened(each) for each in which] for name, which in (("now", found.now), ("then", found.then))}
        print_json("backtest", {"nights": found.nights, **told})
        return
    out.print(
        terminal.backtest(
            found.nights, found.now, found.then, found.only(found.now, found.then), found.only(found.then, found.now)
        )
    )


def _opened(each) -> dict[str, object]:
    names = ("metric", "dimension", "value", "statistic", "opened", "nights", "state")
    return {name: getattr(each, name) for name in names}


@commands.command()
def power(
    traces: Annotated[int, typer.Option(min=1, max=1_000_000, help="requests a day")] = 500,
    days: Annotated[int, typer.Option(min=2, max=90, help="days that are known")] = 28,
    as_json: Json = False,
    config: ConfigPath = None,
) -> None:
    """The smallest changes that drift would tell in traffic that you do not have yet, of a typical application."""
    from drift.config import Config
    from drift.detect import power as typical
    from drift.report import terminal

    found = typical.expected(traces, days, Config.find(config))
    if as_json:
        # the day that was drawn is none of anybody's
        told = [{name: value for name, value in asdict(each).items() if name != "day"} for each in found]
        print_json("power", {"traces": traces, "days": days, "smallest": told})
        return
    out.print(terminal.power(found, traces, days))
