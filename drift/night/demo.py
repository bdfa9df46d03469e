"""`drift demo`: six weeks of the demo store through the whole pipeline, and whether what was planted was found."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from drift import stores
from drift.config import Config
from drift.errors import ConfigError
from drift.lake import Lake
from drift.night import run
from drift.report.rendering import FOLDER
from drift.results import Incident, Results
from drift.results.account import of_incident
from drift.stores.demo import DemoStore, Planted

# embedding six weeks takes a minute; what is planted shows without
_CONFIG = """# what `drift demo` ran with; look around with: drift show --config {file}
[store]
type = "demo"

[lake]
url = "lake"

[results]
url = "sqlite:///drift.db"

[embeddings]
enabled = false
"""


def tell(out: Console, folder: Path) -> bool:
    """Run the demo below `folder`, print what was found, and return whether it is exactly what was planted."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "drift.toml"
    file.write_text(_CONFIG.format(file=file), "utf-8")
    config = Config.load(file)
    store = _store(config)
    first, last = store.first_day, store.options.until
    days = (last - first).days + 1
    out.print(f"A support bot, {days} days of made-up traffic, {first} to {last}. drift is not told what is planted in it.\n")
    _nights(out, config, first, days)
    results = Results.of(config)
    try:
        found = [(incident, of_incident(results, incident.id).sentence) for incident in results.incidents()]
    finally:
        results.close()
    exact = _verdict(out, found, store)
    report = Lake(config.lake.url).local_path(f"{FOLDER}/index.html")
    out.print(f"the report: {report}", markup=False, highlight=False, soft_wrap=True)
    return exact


def ready(folder: str | Path) -> Path:
    """The drift.toml of the demo below `folder`, whose nights are run now where they are not there."""
    file = Path(folder) / "drift.toml"
    if file.exists():
        config = Config.load(file)
        if _store(config).options.until in Lake(config.lake.url).days("findings"):
            return file
    print(f"running the demo's nights into {folder}, which takes a few minutes")
    tell(Console(quiet=True), Path(folder))
    return file


def _store(config: Config) -> DemoStore:
    store = stores.own_store(config)
    if not isinstance(store, DemoStore):
        raise ConfigError(f"store.type: {config.store.type!r} is not the demo's; run `drift demo` in another folder")
    return store


def _nights(out: Console, config: Config, first: date, days: int) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=out, transient=True) as progress:
        task = progress.add_task("night after night", total=days)
        for night in run.backfill(config, first, first + timedelta(days=days - 1), in_advance=True):
            progress.update(task, advance=1, description=f"{night.day} {night.answer}")


def _verdict(out: Console, found: list[tuple[Incident, str]], store: DemoStore) -> bool:
    table = Table(title="Incidents that drift found", title_justify="left", box=None, pad_edge=False, header_style="dim")
    for heading in ("what drift says", "reported", "planted was"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "reported")
    matched: set[str] = set()
    strangers = 0
    for incident, sentence in found:
        candidates = [each for each in store.planted if each.name not in matched and _is(incident, each)]
        planted = min(candidates, key=lambda each: _gap(incident, each), default=None)
        if planted is None:
            strangers += 1
        else:
            matched.add(planted.name)
        table.add_row(
            Text(sentence),
            Text(f"{incident.opened}"),
            Text(planted.name if planted else "nothing: a false alarm", style="green" if planted else "bold red"),
        )
    out.print(table)
    missed = [each.name for each in store.planted if each.name not in matched]
    out.print(f"\n{len(matched)} of {len(store.planted)} planted incidents found, {strangers} other reported.", highlight=False)
    if missed:
        out.print(f"missed: {', '.join(missed)}", style="bold red")
    return not missed and not strangers


def _is(incident: Incident, planted: Planted) -> bool:
    in_time = planted.first_day - timedelta(days=1) <= incident.opened <= planted.last_day + timedelta(days=1)
    return in_time and incident.metric in {planted.metric, *planted.also}


def _gap(incident: Incident, planted: Planted) -> int:
    """How far the incident is from the planted one: days between their first days."""
    return abs((incident.opened - planted.first_day).days)
