"""To keep the lake in order, and to forget somebody."""

from __future__ import annotations

from typing import Annotated

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


@commands.command()
def forget(
    user: Annotated[str, typer.Option(metavar="ID", help="a user, by the id that the trace store has")] = "",
    session: Annotated[str, typer.Option(metavar="ID", help="a session")] = "",
    trace: Annotated[str, typer.Option(metavar="ID", help="one trace")] = "",
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
    rows = wording.count(sum(found.rows.values()), "row")
    days = wording.count(len(found.rows), "day")
    out.print(f"forgotten: {rows} of {days}, {wording.count(found.exemplars, 'exemplar')}", highlight=False)
    for day in found.untouched:
        out.print(f"{day}: damaged, so nothing was deleted there; see `drift repair`", highlight=False)
    raise typer.Exit(1 if found.untouched else 0)
