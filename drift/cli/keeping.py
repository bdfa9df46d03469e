"""To keep the lake in order, and to forget somebody."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from drift.cli.command import ConfigPath, Json, day_of, out, print_json

commands = typer.Typer()


@commands.command()
def repair(as_json: Json = False, config: ConfigPath = None) -> None:
    """Make the days of the lake that are damaged again where their feature rows are whole, and say what can be done about others."""
    from drift.config import Config
    from drift.night import maintenance

    found = list(maintenance.repair(Config.load(config)))
    if as_json:
        print_json("repair", {"days": found})
    for each in () if as_json else found:
        out.print(f"{each.day}: {each.what}", markup=False, highlight=False, soft_wrap=True)
    if not found and not as_json:
        out.print("nothing in the lake is damaged", highlight=False)
    raise typer.Exit(0 if all(each.made for each in found) else 1)


@commands.command()
def forget(
    user: Annotated[str, typer.Option(metavar="ID", help="a user, by the id that the trace store has")] = "",
    session: Annotated[str, typer.Option(metavar="ID", help="a session")] = "",
    trace: Annotated[str, typer.Option(metavar="ID", help="one trace")] = "",
    as_json: Json = False,
    config: ConfigPath = None,
) -> None:
    """Delete the rows of a user, a session or a trace, their vectors and where they are shown. Let the trace store forget them first."""
    from drift.config import Config
    from drift.night import forget as forgetting
    from drift.text import wording

    given = [(kind, value) for kind, value in (("user", user), ("session", session), ("trace", trace)) if value]
    if len(given) != 1:
        raise typer.BadParameter("name one of --user, --session and --trace")
    found = forgetting.forget(Config.load(config), *given[0])
    if as_json:
        days_of = [{"day": day, "rows": n} for day, n in found.rows.items()]
        print_json("forget", {"days": days_of, "exemplars": found.exemplars, "damaged": found.untouched})
        raise typer.Exit(1 if found.untouched else 0)
    rows = wording.count(sum(found.rows.values()), "row")
    days = wording.count(len(found.rows), "day")
    out.print(f"forgotten: {rows} of {days}, {wording.count(found.exemplars, 'exemplar')}", highlight=False)
    for day in found.untouched:
        out.print(f"{day}: damaged, so nothing was deleted there; see `drift repair`", highlight=False)
    raise typer.Exit(1 if found.untouched else 0)


@commands.command(name="remove-night")
def remove_night(
    day: Annotated[date, typer.Argument(parser=day_of, metavar="YYYY-MM-DD", help="the day whose night is removed")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="without asking")] = False,
    as_json: Json = False,
    config: ConfigPath = None,
) -> None:
    """Remove a night that should not be there, such as one of a mistyped day: its tables, profile, feature rows and page."""
    from drift.config import Config
    from drift.night import maintenance

    settings = Config.load(config)
    if not yes and not typer.confirm(f"remove the night of {day} from the tables and the lake?", err=True):
        raise typer.Exit(1)
    maintenance.remove_night(settings, day)
    if as_json:
        print_json("remove-night", {"day": day})
        return
    out.print(f"{day}: removed; `drift run --day {day}` makes it again", markup=False, highlight=False, soft_wrap=True)
