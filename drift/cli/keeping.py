"""To keep the lake in order."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from drift.cli.command import ConfigPath, day_of, out

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


@commands.command(name="remove-night")
def remove_night(
    day: Annotated[date, typer.Argument(parser=day_of, metavar="YYYY-MM-DD", help="the day whose night is removed")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="without asking")] = False,
    config: ConfigPath = None,
) -> None:
    """Remove a night that should not be there, such as one of a mistyped day: its tables, profile, feature rows and page."""
    from drift.config import Config
    from drift.night import maintenance

    settings = Config.load(config)
    if not yes and not typer.confirm(f"remove the night of {day} from the tables and the lake?", err=True):
        raise typer.Exit(1)
    maintenance.remove_night(settings, day)
    out.print(f"{day}: removed; `drift run --day {day}` makes it again", markup=False, highlight=False, soft_wrap=True)
