"""Commands to begin with: a drift.toml, what works and what not, the demo, the folder of the DAGs."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from drift.cli.command import ConfigPath, Json, days_back, out, print_json
from drift.errors import DataError, DriftError, MissingExtra

if TYPE_CHECKING:
    from rich.table import Table

commands = typer.Typer()


@commands.command()
def init(
    traces: Annotated[
        str,
        typer.Argument(
            help="a file or folder of traces (Parquet, JSON lines, CSV): its columns are looked at", show_default=False
        ),
    ] = "",
    langfuse: Annotated[bool, typer.Option("--langfuse", help="a start for your own Langfuse")] = False,
    phoenix: Annotated[bool, typer.Option("--phoenix", help="for Arize Phoenix")] = False,
    mlflow: Annotated[bool, typer.Option("--mlflow", help="for MLflow")] = False,
    otlp: Annotated[bool, typer.Option("--otlp", help="for the OpenTelemetry collector's files")] = False,
    sql: Annotated[bool, typer.Option("--sql", help="for a table of a database")] = False,
    files: Annotated[bool, typer.Option("--files", help="for files, to be filled in")] = False,
    output: Annotated[Path, typer.Option("--output", "-o", help="where to write it")] = Path("drift.toml"),
    yes: Annotated[bool, typer.Option("--yes", "-y", help="take what is unsure as it was guessed")] = False,
    force: Annotated[bool, typer.Option("--force", help="write over a file that is there")] = False,
) -> None:
    """Write a commented drift.toml: for a store, for your own files, or, without either, for the demo."""
    from zoneinfo import ZoneInfo

    from drift.night import start

    stores = {"langfuse": langfuse, "phoenix": phoenix, "mlflow": mlflow, "otlp": otlp, "sql": sql, "files": files}
    chosen = [name for name, wanted in stores.items() if wanted]
    if len(chosen) + bool(traces) > 1:
        raise DriftError("one store at a time: give a file or folder, or one of --" + ", --".join(stores))
    if output.exists() and not force:
        raise DriftError(f"{output} exists already; use --force to write over it")
    if traces:
        found = start.look(out, traces, ZoneInfo("UTC"))
        if not yes and sys.stdin.isatty():
            found = start.corrected(found, _asked(found))
        if missing := start.lacking(found):
            columns = ", ".join([*(each.path for each in found.taken), *found.left])
            raise DataError(
                f"{traces}: no {missing} found; its columns are {columns}; write a start with `drift init --files` and map them there"
            )
        text, after = start.for_files(traces, found), start.next_steps(found)
    else:
        kind = chosen[0] if chosen else "demo"
        text, after = start.for_store(kind), f"{start.NEXT.get(kind, '')}drift doctor, then drift run"
    output.write_text(text, "utf-8")
    out.print(f"wrote {output}; next: {after}", markup=False, highlight=False, soft_wrap=True)


def _asked(found) -> dict[str, str]:
    """What a person says of the columns that were not sure; `-` takes none."""
    answers = {}
    for each in found.taken:
        if not each.sure:
            answer = typer.prompt(f"{each.column}: which column? (- for none)", default=each.path)
            answers[each.column] = "" if answer == "-" else answer
    return answers


@commands.command()
def doctor(
    nights: Annotated[
        bool, typer.Option("--nights", help="of the last nights instead: whether each ran, in time and whole")
    ] = False,
    last: Annotated[int, typer.Option(parser=days_back, metavar="7d", help="with --nights: how many nights back")] = 7,
    send_test: Annotated[bool, typer.Option("--send-test", help="also post a test alert to every configured place")] = False,
    as_json: Json = False,
    config: ConfigPath = None,
) -> None:
    """Say for the store, lake, database, embedder and sinks whether each works, and what to do if not.

    Exits with 1 where something does not; `drift doctor --nights` is one line of cron that watches the nights.
    """
    from drift.config import Config
    from drift.night import doctor as examine

    settings = Config.load(config)
    if nights:
        _tell_nights(settings, last, as_json)
        return
    checks = examine.examine(settings)
    if send_test:
        checks += examine.send_test(settings)
    ok = all(check.ok for check in checks)
    if as_json:
        print_json("doctor", {"ok": ok, "checks": checks})
        raise typer.Exit(0 if ok else 1)
    for check in checks:
        mark = "[green]ok  [/]" if check.ok else "[red]fail[/]"
        out.print(f"{mark} {check.name}: ", end="")
        out.print(check.detail, markup=False, highlight=False, soft_wrap=True)
        if not check.ok and check.remedy:
            out.print(f"     → {check.remedy}", markup=False, highlight=False, soft_wrap=True)
        if check.rows:
            out.print(_fields(check.rows))
    raise typer.Exit(0 if ok else 1)


def _tell_nights(settings, last: int, as_json: bool) -> None:
    from drift.night import pulse

    found = pulse.lapses(settings, last)
    if as_json:
        print_json("nights", {"ok": not found, "nights": found})
        raise typer.Exit(1 if found else 0)
    for lapse in found:
        out.print(f"{lapse.kind}: {lapse.what}", markup=False, highlight=False, soft_wrap=True)
        if lapse.remedy:
            out.print(f"     → {lapse.remedy}", markup=False, highlight=False, soft_wrap=True)
    if not found:
        out.print(f"the last {last} nights ran, in time and whole", highlight=False)
    raise typer.Exit(1 if found else 0)


def _fields(rows: tuple[tuple[str, ...], ...]) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("     field", "recognised", "from", "what stands there"):
        table.add_column(heading, overflow="fold")
    for name, *cells in rows:
        table.add_row(f"     {name}", *map(Text, cells), style="dim" if cells[0] == "not found" else None)
    return table


@commands.command()
def demo(
    folder: Annotated[Path, typer.Option(help="where the demo's lake, tables and report go")] = Path("drift-data/demo"),
) -> None:
    """Six weeks of made-up traffic with planted incidents: what drift says about them."""
    from drift.night import demo as story

    exact = story.tell(out, folder)
    look = f"{_as_called()} show --why refusal --config {folder / 'drift.toml'}"
    out.print(f"look around: {look}", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(0 if exact else 1)


def _as_called() -> str:
    """What to type for this very command: its name, or its path where the name would find another or none."""
    called = Path(sys.argv[0])
    found = shutil.which(called.name)
    return sys.argv[0] if called.name == "drift" and (found is None or not called.samefile(found)) else "drift"


@commands.command()
def dags() -> None:
    """Print the folder of Airflow's DAGs, for AIRFLOW__CORE__DAGS_FOLDER."""
    if importlib.util.find_spec("airflow") is None:
        raise MissingExtra("the DAGs need Airflow", "airflow")
    print(resources.files("drift.airflow").joinpath("dags"))
