"""The command line. It parses, calls the pipeline, prints and exits: 0 nothing new, 1 error, 2 wrong usage, 3 drift found."""

from __future__ import annotations

import importlib.util
import json
import logging
import shutil
import sys
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, timedelta
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from drift import __version__
from drift.errors import CheckFailed, DataError, DriftError, MissingExtra, in_one_line

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)
out = Console()
err = Console(stderr=True)

ConfigPath = Annotated[Path | None, typer.Option("--config", "-c", help="drift.toml (default: $DRIFT_CONFIG, else here)")]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a day; write it as 2026-11-20") from None


def _days(text: str) -> int:
    number = str(text).removesuffix("d")
    if not number.isdigit() or not 1 < int(number) <= 730:
        raise typer.BadParameter(f"{text!r} is not a number of days from 2 to 730; write it as 30d")
    return int(number)


def _tell_version(asked: bool) -> None:
    if asked:
        print(f"drift {__version__}")
        raise typer.Exit()


@app.callback()
def _whole(
    version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="say which one this is")
    ] = False,
) -> None: ...


Strict = Annotated[bool, typer.Option("--strict", help="exit 3 also where nothing is new but an incident is still open")]
Day = Annotated[date | None, typer.Option(parser=_day, metavar="YYYY-MM-DD", help="default: yesterday")]


@app.command()
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


@app.command()
def doctor(config: ConfigPath = None) -> None:
    """Say for the store, lake, database, embedder and sinks whether each works, and what to do if not."""
    from drift.config import Config
    from drift.night import doctor as examine

    checks = examine.examine(Config.load(config))
    for check in checks:
        mark = "[green]ok  [/]" if check.ok else "[red]fail[/]"
        out.print(f"{mark} {check.name}: ", end="")
        out.print(check.detail, markup=False, highlight=False, soft_wrap=True)
        if not check.ok and check.remedy:
            out.print(f"     → {check.remedy}", markup=False, highlight=False, soft_wrap=True)
        if check.rows:
            out.print(_fields(check.rows))
    raise typer.Exit(0 if all(check.ok for check in checks) else 1)


def _fields(rows: tuple[tuple[str, ...], ...]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("     field", "recognised", "from", "what stands there"):
        table.add_column(heading, overflow="fold")
    for name, *cells in rows:
        table.add_row(f"     {name}", *map(Text, cells), style="dim" if cells[0] == "not found" else None)
    return table


@app.command()
def run(day: Day = None, strict: Strict = False, config: ConfigPath = None) -> None:
    """One night: pull the day, measure it, compare it with the days before, publish what changed.

    Exits with 0 where nothing is new, 3 where something is new or worse, 1 where the day could not be compared.
    Without --day, as in cron, feature rows and vectors older than lake.retention_days are then deleted.
    """
    from drift.config import Config
    from drift.night import maintenance, run

    settings = Config.load(config)
    night = run.run_night(settings, day or run.yesterday(settings))
    if day is None:
        maintenance.expire(settings, night.day)
    if not night.answer.compared:
        raise CheckFailed(f"{night.day} {night.said.words}")
    _print_night(settings, night.day)
    if night.doubtful:
        page = f"{settings.lake.url}/checks/day={night.day}/index.html"
        line = f"warning: data failed a check, so these cannot alarm: {', '.join(night.doubtful)}; see {page}"
        err.print(line, markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(night.said.exit_code(strict))


@app.command()
def backfill(
    start: Annotated[date, typer.Option("--from", parser=_day, metavar="YYYY-MM-DD")],
    end: Annotated[date, typer.Option("--to", parser=_day, metavar="YYYY-MM-DD", help="the last day, included")],
    strict: Strict = False,
    config: ConfigPath = None,
) -> None:
    """The same night over many days, oldest first. Days that fail their checks are reported and the rest goes on."""
    from drift.config import Config

    if end < start:
        raise typer.BadParameter(f"--to {end} is before --from {start}")
    nights, failed = _backfill(Config.load(config), start, end)
    for line in failed:
        err.print(f"error: {line}", markup=False, highlight=False, soft_wrap=True)
    codes = {night.said.exit_code(strict) for night in nights}
    # a day that could not be compared weighs more than what another one found
    raise typer.Exit(1 if 1 in codes else max(codes, default=0))


@app.command()
def show(
    day: Day = None,
    why: Annotated[str, typer.Option(metavar="METRIC", help="explain one metric's verdict in words and numbers")] = "",
    config: ConfigPath = None,
) -> None:
    """What a night found: the last one, or the one of --day."""
    from drift.config import Config
    from drift.night import run

    settings = Config.load(config)
    chosen = day or run.last_day(settings)
    if why:
        _print_why(settings, chosen, why)
    else:
        _print_night(settings, chosen)


@app.command()
def trace(
    trace_id: Annotated[str, typer.Argument(metavar="ID", help="the trace's id in its store")],
    day: Day = None,
    as_json: Annotated[bool, typer.Option("--json", help="everything of it, as JSON")] = False,
    config: ConfigPath = None,
) -> None:
    """One trace as the store has it now, and where each of its measures stands among the requests of its endpoint."""
    from drift.config import Config
    from drift.night.trace import open_trace
    from drift.report.trace import opened

    found = open_trace(Config.load(config), trace_id, day)
    if as_json:
        print(
            json.dumps({**asdict(found), "places": [{**asdict(p), "metric": p.metric.name} for p in found.places]}, default=str)
        )
        return
    places = [(place.metric, place.value, place.below, place.usual) for place in found.places]
    out.print(opened(found.row, found.url, found.among, places), highlight=False)


@app.command()
def diagnose(
    last: Annotated[int, typer.Option(parser=_days, metavar="30d", help="how far back to look")] = 30,
    start: Annotated[date | None, typer.Option("--from", parser=_day, metavar="YYYY-MM-DD", help="instead of --last")] = None,
    end: Annotated[
        date | None, typer.Option("--to", parser=_day, metavar="YYYY-MM-DD", help="the last day; default: yesterday")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="pull what is missing without asking")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="everything that was found, as JSON")] = False,
    config: ConfigPath = None,
) -> None:
    """Something feels off: look back over days that are over. When did behaviour change, what, how much and where?"""
    from drift.config import Config
    from drift.night import diagnose as past
    from drift.night import run
    from drift.report.history import history, span

    settings = Config.load(config)
    until = end or run.yesterday(settings)
    since = start or until - timedelta(days=last - 1)
    if until < since:
        raise typer.BadParameter(f"--to {until} is before --from {since}")
    if missing := past.missing(settings, since, until):
        days = (until - since).days + 1
        if not yes and not typer.confirm(f"{len(missing)} of {days} days are not pulled yet; pull them now?", err=True):
            raise typer.Exit(1)
        _progress("pulling", past.fill(settings, missing), len(missing))
    found = past.look(settings, since, until)
    if as_json:
        out.print_json(json.dumps(asdict(found), default=str))
        return
    out.print(span(found.days, found.traces, found.unfit, found.missing), highlight=False)
    out.print(history(found.found, found.groups), highlight=False)


def _progress(what: str, steps: Iterable[date], total: int) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task(what, total=total)
        for day in steps:
            progress.update(task, advance=1, description=str(day))


@app.command()
def measure(
    file: Annotated[Path, typer.Argument(help="Parquet, JSONL or CSV, one row a trace")],
    output: Annotated[Path, typer.Option("--out", "-o", help=".parquet, .csv or .jsonl")],
    embeddings: Annotated[bool, typer.Option(help="also embed inputs and outputs")] = False,
    config: ConfigPath = None,
) -> None:
    """Write the features of a file of traces: one row a trace, in the file's order, trace_id first."""
    from drift.compare import files
    from drift.config import Config
    from drift.text import wording

    rows = files.measure_file(file, output, Config.find(config), embeddings=embeddings)
    out.print(f"{output}: {wording.count(rows, 'trace')}", markup=False, highlight=False)


@app.command()
def compare(
    a: Annotated[str, typer.Argument(help="the present: a day, a window FROM..TO, a file of traces, or experiment:NAME")],
    b: Annotated[str, typer.Argument(help="the candidate: the same kinds")],
    dimension: Annotated[str, typer.Option(help="compare two values of it, such as model")] = "",
    a_value: Annotated[str, typer.Option("--a")] = "",
    b_value: Annotated[str, typer.Option("--b")] = "",
    pairs: Annotated[bool, typer.Option(help="the windows have the same inputs: compare answer with answer")] = False,
    gate: Annotated[bool, typer.Option(help="exit 3 where something got worse by more than its margin")] = False,
    margin: Annotated[list[str] | None, typer.Option(metavar="METRIC=X", help="a margin other than what matters")] = None,
    markdown: Annotated[Path | None, typer.Option(help="write the verdict there, for people")] = None,
    junit: Annotated[Path | None, typer.Option(help="write the verdict there, for CI")] = None,
    html: Annotated[Path | None, typer.Option(help="write the whole comparison there, as one page")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the whole comparison as JSON")] = False,
    config: ConfigPath = None,
) -> None:
    """Two windows, models, prompts or files: what changed, what did not, and what the data cannot tell."""
    from drift import stores
    from drift.compare import gate as verdicts
    from drift.compare import sides
    from drift.config import Config
    from drift.report import comparison

    settings = Config.find(config)
    asked = tuple(sides.side(text, dimension, value) for text, value in ((a, a_value), (b, b_value)))
    result = verdicts.gate(sides.compare_any(settings, *asked, pairs=pairs), _margins(margin or []))
    if as_json:
        print(verdicts.as_json(result))
    else:
        for line in comparison.sentences(result):
            out.print(line, markup=False, highlight=False)
    for path, write in ((markdown, verdicts.markdown), (junit, verdicts.junit)):
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(write(result), "utf-8")
    if html is not None:
        html.parent.mkdir(parents=True, exist_ok=True)
        html.write_bytes(comparison.comparison_page(settings, result, stores.links(settings)))
    raise typer.Exit(result.exit_code if gate else 0)


def _margins(given: list[str]) -> dict[str, float]:
    try:
        return {metric: float(value) for metric, value in (each.split("=", 1) for each in given)}
    except ValueError:
        raise typer.BadParameter(f"--margin {' '.join(given)}: write METRIC=NUMBER, such as refusal=0.01") from None


@app.command()
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


@app.command()
def dags() -> None:
    """Print the folder of Airflow's DAGs, for AIRFLOW__CORE__DAGS_FOLDER."""
    if importlib.util.find_spec("airflow") is None:
        raise MissingExtra("the DAGs need Airflow", "airflow")
    print(resources.files("drift.airflow").joinpath("dags"))


@app.command()
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


@app.command()
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


@app.command()
def digest(
    last: Annotated[int, typer.Option(parser=_days, metavar="7d", help="how many days, up to the last night")] = 7,
    config: ConfigPath = None,
) -> None:
    """What is worth knowing and was no message: decisions, slow movements, what got better, new levels."""
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
    out.print(terminal.digest(found), highlight=False)


Incident = Annotated[str, typer.Argument(metavar="ID", help="an incident's id, or its beginning")]
Because = Annotated[str, typer.Option("--note", help="why, for those who read it later")]


@app.command()
def ack(incident: Incident, note: Because = "", config: ConfigPath = None) -> None:
    """Say that somebody looks after an incident: it stays open and alerts only when it gets worse."""
    _decide(incident, "ack", None, note, config)


@app.command()
def mute(
    incident: Incident,
    until: Annotated[date, typer.Option(parser=_day, metavar="YYYY-MM-DD", help="the last silent day")],
    note: Because = "",
    config: ConfigPath = None,
) -> None:
    """Hear nothing of an incident until a day."""
    _decide(incident, "mute", until, note, config)


@app.command()
def accept(incident: Incident, note: Because = "", config: ConfigPath = None) -> None:
    """Take an incident as the new normal: its series are compared with the days since it began."""
    _decide(incident, "accept", None, note, config)


@app.command()
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


@app.command(name="ledger")
def show_ledger(config: ConfigPath = None) -> None:
    """How often nights alarmed beside the budget, and what people said of the incidents."""
    from drift.config import Config
    from drift.report import terminal
    from drift.results import Results, ledger

    settings = Config.load(config)
    results = Results(settings.results.url)
    try:
        found = ledger.read(results)
    finally:
        results.close()
    out.print(terminal.ledger(found, settings.detect.budget))


@app.command()
def backtest(
    setting: Annotated[list[str], typer.Option("--set", metavar="KEY=VALUE", help="such as detect.budget=0.02")],
    last: Annotated[int, typer.Option(parser=_days, metavar="60d", help="how far back")] = 60,
    config: ConfigPath = None,
) -> None:
    """What the last nights would have said with other settings. Nothing is stored and nobody is told."""
    from drift.config import Config
    from drift.night import backtest as judged
    from drift.report import terminal

    settings = Config.load(config)
    found = judged.run(settings, judged.with_settings(settings, setting), last)
    out.print(
        terminal.backtest(
            found.nights, found.now, found.then, found.only(found.now, found.then), found.only(found.then, found.now)
        )
    )


@app.command()
def power(
    traces: Annotated[int, typer.Option(min=1, max=1_000_000, help="requests a day")] = 500,
    days: Annotated[int, typer.Option(min=2, max=90, help="days that are known")] = 28,
    config: ConfigPath = None,
) -> None:
    """The smallest changes that drift would tell in traffic that you do not have yet, of a typical application."""
    from drift.config import Config
    from drift.detect import power as typical
    from drift.report import terminal

    out.print(terminal.power(typical.expected(traces, days, Config.find(config)), traces, days))


@app.command()
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


def _print_night(settings, day: date) -> None:
    from drift.report import site, terminal
    from drift.results import Results
    from drift.results.account import tell
    from drift.results.verdict import Answer

    results = Results(settings.results.url)
    try:
        account = tell(results, day, settings.report.url)
    finally:
        results.close()
    if account.answer is Answer.MISSING:
        raise DataError(f"{day} was not run; run it with `drift run --day {day}`")
    out.print(terminal.night(account))
    page = _page(settings, site.night_path(day))
    if page and not settings.report.url:
        out.print(f"report: {page}", markup=False, highlight=False, soft_wrap=True, style="dim")


def _page(settings, path: str) -> str:
    """Where a page of the report is on this machine; empty where the lake is elsewhere or has no such page."""
    from drift.lake import Lake
    from drift.report.rendering import FOLDER

    found = Lake(settings.lake.url).local_path(f"{FOLDER}/{path}")
    return found if found and Path(found).exists() else ""


def _print_why(settings, day: date, metric: str) -> None:
    from drift.report.why import why
    from drift.results import frames

    night = frames.findings(settings.results.url, day, day)
    found = night[night["metric"] == metric]
    if found.empty:
        compared = ", ".join(sorted(night["metric"].unique())) or "none"
        raise DataError(f"{metric}: not compared on {day}; metrics of that night: {compared}")
    out.print(why(found, metric))


def _backfill(settings, start: date, end: date):
    from drift.night import run
    from drift.results.verdict import Answer

    nights, failed = [], []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task("backfill", total=(end - start).days + 1)
        for night in run.backfill(settings, start, end):
            nights.append(night)
            progress.update(task, advance=1, description=str(night.day))
            if not night.answer.compared:
                failed.append(f"{night.day} {night.said.words}")
            elif night.answer is Answer.DRIFT:
                progress.console.print(f"{night.day}: {night.said.words}", markup=False, highlight=False)
    return nights, failed


def main() -> None:
    """Entry point of the `drift` command: whatever goes wrong is one line on stderr and exit code 1."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        app()
    except DriftError as error:
        _exit_with(str(error), error.exit_code)
    except Exception as error:
        _exit_with(in_one_line(error), DriftError.exit_code)


def _exit_with(line: str, code: int) -> None:
    err.print(f"error: {line}", markup=False, highlight=False, soft_wrap=True)
    sys.exit(code)
