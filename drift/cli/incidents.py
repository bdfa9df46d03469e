"""Incidents: which there are, and what people say of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from drift.cli.command import ConfigPath, day_of, out

commands = typer.Typer()


@commands.command()
def incidents(
    everything: Annotated[bool, typer.Option("--all", help="closed ones too")] = False, config: ConfigPath = None
) -> None:
    """The incidents that are open, with the ids that ack, mute and accept take; with --all those that reopen takes, too."""
    from drift.config import Config
    from drift.report import terminal
    from drift.results import Results

    results = Results.of(Config.load(config))
    try:
        found = [each for each in results.incidents() if everything or each.state == "open"]
    finally:
        results.close()
    out.print(terminal.incidents(found) if found else "no open incident", highlight=False)


Incident = Annotated[str, typer.Argument(metavar="ID", help="an incident's id, or its beginning")]


Because = Annotated[str, typer.Option("--note", help="why, for those who read it later")]


@commands.command()
def ack(incident: Incident, note: Because = "", config: ConfigPath = None) -> None:
    """Say that somebody looks after an incident: it stays open and alerts only when it gets worse."""
    _decide(incident, "ack", None, note, config)


@commands.command()
def mute(
    incident: Incident,
    until: Annotated[date, typer.Option(parser=day_of, metavar="YYYY-MM-DD", help="the last silent day")],
    note: Because = "",
    config: ConfigPath = None,
) -> None:
    """Hear nothing of an incident until a day."""
    _decide(incident, "mute", until, note, config)


@commands.command()
def accept(incident: Incident, note: Because = "", config: ConfigPath = None) -> None:
    """Take an incident as the new normal: its series are compared with the days since it began."""
    _decide(incident, "accept", None, note, config)


@commands.command()
def reopen(incident: Incident, note: Because = "", config: ConfigPath = None) -> None:
    """Turn back that an incident settled: it is open again, against the days before it, and does not settle again."""
    _decide(incident, "reopen", None, note, config)


def _decide(incident: str, action: str, until: date | None, note: str, config: Path | None) -> None:
    from drift.config import Config
    from drift.results import Results
    from drift.results.incident import Action
    from drift.text.escape import plain

    results = Results.of(Config.load(config))
    try:
        decided = results.decide(incident, Action(action), until=until, note=note)
    finally:
        results.close()
    out.print(f"{decided.id[:8]} {plain(decided.title)}: {action}", markup=False, highlight=False)


@commands.command()
def fixed(
    incident: Incident,
    since: Annotated[
        date | None,
        typer.Option(parser=day_of, metavar="YYYY-MM-DD", help="the first day with the fix; default: after its last alarm"),
    ] = None,
    margin: Annotated[float, typer.Option(help="the part of the change that may be left")] = 0.5,
    note: Because = "",
    config: ConfigPath = None,
) -> None:
    """Whether a fix is proved: the nights since are shown to be near the ordinary level. Ends the incident then; else exits 3."""
    from drift.compare.recovery import Fix
    from drift.config import Config
    from drift.night import fixed as fixes
    from drift.report.recovery import sentence

    judged = fixes.judge(Config.load(config), incident, since, margin, note)
    said = sentence(judged.incident, judged.recovery, judged.since, judged.earlier)
    out.print(said, markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(0 if judged.recovery.answer == Fix.PROVED else 3)


@commands.command()
def verdict(
    incident: Incident,
    said: Annotated[str, typer.Argument(metavar="useful|false|expected", help="what it was")],
    note: Because = "",
    config: ConfigPath = None,
) -> None:
    """Say of an incident whether it was useful, false or expected; `drift ledger` sums it up."""
    from drift.config import Config
    from drift.results import Results, ledger

    results = Results(Config.load(config).results.url)
    try:
        found = ledger.judge(results, incident, said, note)
    finally:
        results.close()
    out.print(f"{found[:8]}: {said}", markup=False, highlight=False)
