"""The command line. It parses, calls the pipeline, prints and exits: 0 ordinary, 1 error, 2 wrong usage, 3 drift found."""

from __future__ import annotations

import logging
import sys
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from drift.errors import CheckFailed, DataError, DriftError

DRIFT_FOUND = 3

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
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


Day = Annotated[date | None, typer.Option(parser=_day, metavar="YYYY-MM-DD", help="default: yesterday")]


@app.command()
def init(
    path: Annotated[Path, typer.Argument(help="where to write it")] = Path("drift.toml"),
    langfuse: Annotated[bool, typer.Option("--langfuse", help="for your own Langfuse instead of the demo store")] = False,
    force: Annotated[bool, typer.Option("--force", help="write over a file that is there")] = False,
) -> None:
    """Write a commented drift.toml with the defaults."""
    if path.exists() and not force:
        raise DriftError(f"{path} exists already; use --force to write over it")
    text = files("drift").joinpath("init.toml").read_text("utf-8")
    if langfuse:
        text = text.replace('type = "demo" ', 'type = "langfuse" ', 1)
    path.write_text(text, "utf-8")
    keys = "set LANGFUSE_HOST, LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY, then " if langfuse else ""
    out.print(f"wrote {path}; next: {keys}drift doctor, then drift run", markup=False, highlight=False, soft_wrap=True)


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
    raise typer.Exit(0 if all(check.ok for check in checks) else 1)


@app.command()
def run(day: Day = None, config: ConfigPath = None) -> None:
    """One night: pull the day, measure it, compare it with the days before, publish what changed.

    Without --day, as in cron, feature rows and vectors older than lake.retention_days are then deleted.
    """
    from drift.config import Config
    from drift.night import maintenance, run

    settings = Config.load(config)
    night = run.run_night(settings, day or run.yesterday(settings))
    if day is None:
        maintenance.expire(settings, night.day)
    if night.status == "failed":
        raise CheckFailed(f"{night.day} could not be compared: {night.reason}")
    _print_night(settings, night.day)
    if night.doubtful:
        page = f"{settings.lake.url}/checks/day={night.day}/index.html"
        line = f"warning: data failed a check, so these cannot alarm: {', '.join(night.doubtful)}; see {page}"
        err.print(line, markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit({"ordinary": 0, "drift": DRIFT_FOUND}[night.status])


@app.command()
def backfill(
    start: Annotated[date, typer.Option("--from", parser=_day, metavar="YYYY-MM-DD")],
    end: Annotated[date, typer.Option("--to", parser=_day, metavar="YYYY-MM-DD", help="the last day, included")],
    config: ConfigPath = None,
) -> None:
    """The same night over many days, oldest first. Days that fail their checks are reported and the rest goes on."""
    from drift.config import Config

    if end < start:
        raise typer.BadParameter(f"--to {end} is before --from {start}")
    nights, failed = _backfill(Config.load(config), start, end)
    for line in failed:
        err.print(f"error: {line}", markup=False, highlight=False, soft_wrap=True)
    if failed:
        raise typer.Exit(1)
    raise typer.Exit(DRIFT_FOUND if any(night.alarms for night in nights) else 0)


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
def diagnose(
    last: Annotated[int, typer.Option(parser=_days, metavar="30d", help="how far back to look")] = 30,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="pull what is missing without asking")] = False,
    config: ConfigPath = None,
) -> None:
    """Something feels off: when did behaviour change, what, how much, where and why, and what has been ordinary."""
    from drift.config import STATIC_MODEL, Config
    from drift.lake import Lake
    from drift.night import run
    from drift.report.history import history
    from drift.results import frames

    settings = Config.load(config)
    end = run.yesterday(settings)
    start = end - timedelta(days=last - 1)
    there = set(Lake(settings.lake.url).days("profiles"))
    missing = [day for day in (start + timedelta(days=n) for n in range(last)) if day not in there]
    if missing:
        embeds = settings.embeddings
        slow = ", up to a minute each to embed" if embeds.enabled and embeds.model != STATIC_MODEL else ""
        if not yes and not typer.confirm(f"{len(missing)} of {last} days are not pulled yet{slow}; pull them now?", err=True):
            raise typer.Exit(1)
        # a day that was missing changes what every later day is compared with
        _backfill(settings, missing[0], end)
    runs = frames.runs(settings.results.url, start, end)
    found = frames.incidents(settings.results.url)
    found = found[found["opened"] >= str(start)]
    compared = sorted(frames.findings(settings.results.url, end, end)["metric"].unique())
    out.print(history(runs, found, compared), highlight=False)


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

    rows = files.measure_file(file, output, Config.find(config), embeddings=embeddings)
    out.print(f"{output}: {rows} rows", markup=False, highlight=False)


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

    raise typer.Exit(0 if story.tell(out, folder) else 1)


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
def reopen(incident: Incident, note: Because = "", config: ConfigPath = None) -> None:
    """Turn back that an incident settled: it is open again, against the days before it, and does not settle again."""
    _decide(incident, "reopen", None, note, config)


def _decide(incident: str, action: str, until: date | None, note: str, config: Path | None) -> None:
    from drift.config import Config
    from drift.results import Results
    from drift.text.escape import plain

    results = Results.of(Config.load(config))
    try:
        decided = results.decide(incident, action, until=until, note=note)
    finally:
        results.close()
    out.print(f"{decided.id[:8]} {plain(decided.title)}: {action}", markup=False, highlight=False)


def _print_night(settings, day: date) -> None:
    from drift.report import site, terminal
    from drift.results import Results
    from drift.results.account import tell

    results = Results(settings.results.url)
    try:
        account = tell(results, day, settings.report.url)
    finally:
        results.close()
    if account.status == "missing":
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

    nights, failed = [], []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task("backfill", total=(end - start).days + 1)
        for night in run.backfill(settings, start, end):
            nights.append(night)
            progress.update(task, advance=1, description=str(night.day))
            if night.status == "failed":
                failed.append(f"{night.day} could not be compared: {night.reason}")
            elif night.alarms:
                progress.console.print(f"{night.day}: {len(night.alarms)} findings", markup=False, highlight=False)
    return nights, failed


def main() -> None:
    """Entry point of the `drift` command: known errors are one line on stderr and exit code 1."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        app()
    except DriftError as error:
        err.print(f"error: {error}", markup=False, highlight=False, soft_wrap=True)
        sys.exit(error.exit_code)
