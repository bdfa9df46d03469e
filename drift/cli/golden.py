"""Golden sets: ask, compare with the runs before, and a gate for CI."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from drift.cli.command import ConfigPath, Json, day_of, days_back, err, out, print_json

commands = typer.Typer()
golden = typer.Typer(
    no_args_is_help=True, help="The same questions again and again: what changes is the application or its model."
)
commands.add_typer(golden, name="golden")

Name = Annotated[str, typer.Argument(metavar="SET", help="a [golden.SET] of drift.toml")]
RunDay = Annotated[date | None, typer.Option(parser=day_of, metavar="YYYY-MM-DD", help="default: today")]


@golden.command()
def run(
    name: Name,
    day: RunDay = None,
    as_json: Json = False,
    config: ConfigPath = None,
) -> None:
    """Ask every question k times, and compare the answers with those of the runs before.

    Exits with 3 where something changed, 1 where questions have no answers. A run that was stopped goes on where it was.
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from drift.config import Config
    from drift.golden import history
    from drift.golden.run import run as ask
    from drift.report import golden as telling

    settings = Config.load(config)
    today = day or datetime.now(UTC).astimezone(settings.zone).date()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task(name)
        ran = ask(settings, name, today, lambda done, of: progress.update(task, completed=done, total=of))
    found = history.since_before(settings, name, today) if ran.answered else []
    powers = history.shown(settings, name, today) if ran.answered else []
    if as_json:
        print_json("golden-run", telling.run_as_dict(name, today, ran, found, powers))
    else:
        out.print(telling.run_told(name, today, ran, found, powers), highlight=False)
    raise typer.Exit(1 if ran.lost else 3 if any(each.changed for each in found) else 0)


@golden.command()
def gate(
    name: Name,
    against: Annotated[str, typer.Option(help="LAST, or the day of a run")] = "LAST",
    day: Annotated[date | None, typer.Option(parser=day_of, metavar="YYYY-MM-DD", help="default: the newest run")] = None,
    markdown: Annotated[Path | None, typer.Option(help="write the verdict there, for people")] = None,
    junit: Annotated[Path | None, typer.Option(help="write the verdict there, for CI")] = None,
    as_json: Json = False,
    config: ConfigPath = None,
) -> None:
    """A run against an earlier one, question by question: exit 3 where something got worse. It says what it could have stopped."""
    from drift.compare import gate as verdicts
    from drift.config import Config
    from drift.golden import history
    from drift.report import comparison
    from drift.report import golden as telling

    settings = Config.load(config)
    result, powers = history.against(settings, name, against, day)
    if as_json:
        print_json("golden-gate", {"set": name, **verdicts.as_dict(result), "smallest": powers})
    else:
        for line in comparison.sentences(result):
            out.print(line, markup=False, highlight=False)
        out.print(telling.where_told(result), highlight=False)
        out.print(telling.power_told(powers), highlight=False)
    for path, write in ((markdown, verdicts.markdown), (junit, verdicts.junit)):
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(write(result), "utf-8")
    raise typer.Exit(result.exit_code)


@golden.command("from-incident")
def from_incident(
    incident: Annotated[str, typer.Argument(metavar="ID", help="an incident's id, or its beginning")],
    to: Annotated[Path, typer.Option(help="the set: JSON lines, made or added to; it holds texts of users")],
    most: Annotated[int, typer.Option(help="different questions at the most", min=1)] = 50,
    as_json: Json = False,
    config: ConfigPath = None,
) -> None:
    """Add an incident's questions to a golden set, so that what went wrong once is asked again before it can come back."""
    from drift.config import Config
    from drift.night.cases import write_cases
    from drift.text.wording import count

    written = write_cases(Config.load(config), incident, to, most)
    if as_json:
        print_json("golden-from-incident", {"file": to, "n": written})
        return
    out.print(f"{count(written, 'new question')} in {to}", markup=False, highlight=False, soft_wrap=True)


@golden.command()
def suggest(
    to: Annotated[Path, typer.Option(help="the set: JSON lines, made or added to; it holds texts of users")],
    last: Annotated[int, typer.Option(parser=days_back, metavar="7d", help="how many days, up to the last night")] = 14,
    most: Annotated[int, typer.Option(help="different questions at the most", min=1)] = 50,
    as_json: Json = False,
    config: ConfigPath = None,
) -> None:
    """Add questions of the traffic to a golden set: those whose answer was corrected or voted down, and those of incidents."""
    from drift.config import Config
    from drift.night.run import last_day
    from drift.night.suggest import write_suggestions
    from drift.text.wording import count

    settings = Config.load(config)
    end = last_day(settings)
    written = write_suggestions(settings, to, [end - timedelta(days=n) for n in range(last)], most)
    if as_json:
        print_json("golden-suggest", {"file": to, "n": written.total(), "kinds": dict(written)})
        return
    kinds = ", ".join(f"{number} {kind}" for kind, number in sorted(written.items()))
    told = f"{count(written.total(), 'new question')} in {to}" + (f": {kinds}" if kinds else "")
    out.print(told, markup=False, highlight=False, soft_wrap=True)
