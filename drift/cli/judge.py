"""The judge: choose anchors, label what helps most, and what people would find."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from drift.cli.command import ConfigPath, Day, Json, days_back, out, print_json
from drift.errors import DriftError

commands = typer.Typer()
judge = typer.Typer(
    no_args_is_help=True, help="A judge on a share of the traffic, its anchors, and the truth from a few labels."
)
commands.add_typer(judge, name="judge")

Last = Annotated[int, typer.Option(parser=days_back, metavar="7d", help="how many days, up to the last night")]


@judge.command()
def anchors(
    output: Annotated[Path, typer.Option("--out", "-o", help="the file to write, JSON lines")] = Path("anchors.jsonl"),
    number: Annotated[
        int, typer.Option(min=1, max=1000, help="how many; 60 or more, or a small change of the judge stays unseen")
    ] = 60,
    day: Day = None,
    force: Annotated[bool, typer.Option("--force", help="write over a file that is there")] = False,
    as_json: Json = False,
    config: ConfigPath = None,
) -> None:
    """Choose anchors from a day's traffic: questions and answers that the judge is asked about again each night.

    The file holds their texts: keep it where the traces may be. Fill in "labels" where you know them.
    """
    import pyarrow as pa

    from drift import stores, traces
    from drift.config import Config
    from drift.judge import anchors as choosing
    from drift.night.run import yesterday

    settings = Config.load(config)
    if output.exists() and not force:
        raise DriftError(f"{output} exists already; use --force to write over it")
    chosen = day or yesterday(settings)
    pulled = pa.concat_tables([traces.empty(), *stores.open_store(settings).pull(*settings.window(chosen))])
    lines = list(choosing.propose(pulled, number))
    if not lines:
        raise DriftError(f"{chosen} has no traces with a question and an answer; give another --day")
    output.write_text("\n".join(lines) + "\n", "utf-8")
    if as_json:
        print_json("judge-anchors", {"file": output, "n": len(lines)})
        return
    out.print(
        f'wrote {len(lines)} anchors to {output}; next: set judge.anchors = "{output}" in drift.toml',
        markup=False,
        soft_wrap=True,
    )


@judge.command()
def offer(
    output: Annotated[Path, typer.Option("--out", "-o", help="the file to write, CSV")] = Path("labels.csv"),
    last: Last = 7,
    queue: Annotated[
        str, typer.Option("--langfuse", metavar="QUEUE", help="instead: the annotation queue of Langfuse to put them into")
    ] = "",
    as_json: Json = False,
    config: ConfigPath = None,
) -> None:
    """The traces on which a human label helps most, for people to label: a file, or an annotation queue of Langfuse."""
    from drift import stores
    from drift.config import Config
    from drift.judge import labels
    from drift.night.run import last_day
    from drift.report import judge as telling
    from drift.results.database import Database

    settings = Config.load(config)
    end = last_day(settings)
    database = Database(settings.results.url)
    try:
        waiting = labels.waiting(database, end - timedelta(days=last - 1), end)
    finally:
        database.close()
    if queue:
        from drift.judge.queue import put

        number = put(settings, queue, [each.trace_id for each in waiting])
        if as_json:
            print_json("judge-offer", {"queue": queue, "n": number})
            return
        out.print(f"{number} traces put into the annotation queue {queue}", markup=False, soft_wrap=True)
        return
    kept = labels.of_file(str(output)) if output.exists() else {}
    if kept:
        raise DriftError(f"{output} has labels already; give another --out, or move it away once a night has read it")
    text, number = telling.label_file(waiting, stores.links(settings))
    output.write_text(text, "utf-8")
    if as_json:
        print_json("judge-offer", {"file": output, "n": number})
        return
    out.print(telling.offered_line(number, str(output)), markup=False, soft_wrap=True)


@judge.command()
def truth(
    last: Last = 7,
    dimension: Annotated[str, typer.Option(help="also of each of its values, such as name or model")] = "",
    as_json: Json = False,
    config: ConfigPath = None,
) -> None:
    """The rate that people would find, from their labels and the judge's verdicts, with its interval, and the judge's own errors."""
    from drift.config import Config
    from drift.judge.window import told
    from drift.night.run import last_day
    from drift.report import judge as telling

    settings = Config.load(config)
    end = last_day(settings)
    start = end - timedelta(days=last - 1)
    found = told(settings, start, end, dimension)
    if as_json:
        print_json("judge-truth", {"first": start, "last": end, "by": dimension, "rubrics": found})
        return
    out.print(telling.truth_table(start, end, found), highlight=False)
