"""The cause of an incident by experiment."""

from __future__ import annotations

from typing import Annotated

import typer

from drift.cli.command import ConfigPath, Json, err, out, print_json

commands = typer.Typer()


@commands.command()
def experiment(
    incident: Annotated[str, typer.Argument(metavar="ID", help="an incident's id, or its beginning")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="do not ask before calls are made")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="say what would be asked and what it costs, and ask nothing")
    ] = False,
    as_json: Json = False,
    config: ConfigPath = None,
) -> None:
    """Prove an incident's cause: calls of ordinary nights are asked again today, with one thing exchanged at a time.

    Nothing but those calls is sent; no tool is run. A stopped experiment goes on where it was. Exits with 3 where the cause is not told.
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from drift.config import Config
    from drift.experiment import asking
    from drift.night.experiment import make, prepare_experiment
    from drift.report import experiment as telling

    settings = Config.load(config)
    prepared = prepare_experiment(settings, incident)
    sides = prepared.exchange.sides
    said = telling.plan_told(prepared.plan, sides.whose, sides.left_out, prepared.host)
    (err if as_json else out).print(said, markup=False, highlight=False, soft_wrap=True)
    if dry_run:
        if as_json:
            asked = {"asked": prepared.plan.by_arm, "usd": prepared.plan.usd, "left_out": sides.left_out}
            print_json("experiment-plan", {"incident": prepared.incident.id, **asked})
        return
    asking.enough(prepared.plan, settings.experiment)
    if not yes and not typer.confirm("ask them?", err=True):
        raise typer.Exit(1)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task("asking")
        outcome = make(prepared, lambda done, of: progress.update(task, completed=done, total=of))
    if as_json:
        print_json("experiment", {"incident": prepared.incident.id, **telling.as_json(outcome)})
    else:
        out.print("\n".join(telling.lines(outcome)), markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(0 if outcome.verdict.causes or outcome.verdict.not_there else 3)
