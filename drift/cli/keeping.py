"""To keep the lake in order."""

from __future__ import annotations

import typer

from drift.cli.command import ConfigPath, out

commands = typer.Typer()


@commands.command()
def repair(config: ConfigPath = None) -> None:
    """Make the days of the lake that are damaged again where their feature rows are whole, and say what can be done about others."""
    from drift.config import Config
    from drift.night import maintenance

    found = list(maintenance.repair(Config.load(config)))
    for each in found:
        out.print(f"{each.day}: {each.what}", markup=False, highlight=False, soft_wrap=True)
    if not found:
        out.print("nothing in the lake is damaged", highlight=False)
    raise typer.Exit(0 if all(each.made for each in found) else 1)
