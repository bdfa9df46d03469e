"""Two sides beside each other, two versions in the traffic, and the measures of a file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from drift.cli.command import ConfigPath, Json, moment_of, out, print_json

commands = typer.Typer()


@commands.command()
def measure(
    file: Annotated[Path, typer.Argument(help="Parquet, JSONL or CSV, one row a trace")],
    output: Annotated[Path, typer.Option("--out", "-o", help=".parquet, .csv or .jsonl")],
    embeddings: Annotated[bool, typer.Option(help="also embed inputs and outputs")] = False,
    as_json: Json = False,
    config: ConfigPath = None,
) -> None:
    """Write the features of a file of traces: one row a trace, in the file's order, trace_id first."""
    from drift.compare import files
    from drift.config import Config
    from drift.text import wording

    rows = files.measure_file(file, output, Config.find(config), embeddings=embeddings)
    if as_json:
        print_json("measure", {"file": output, "traces": rows})
        return
    out.print(f"{output}: {wording.count(rows, 'trace')}", markup=False, highlight=False)


@commands.command()
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
    as_json: Json = False,
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
        print_json("comparison", verdicts.as_dict(result))
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


Moment = Annotated[
    datetime | None,
    typer.Option(parser=moment_of, metavar="TIME", help="2026-11-29T14:00 in the configured zone, or how long ago: 2h, 90m"),
]


@commands.command()
def ab(
    a: Annotated[str, typer.Option("--a", help="the version that is there")],
    b: Annotated[str, typer.Option("--b", help="the candidate")],
    dimension: Annotated[str, typer.Option(help="what the two are versions of: prompt, model, release, …")] = "prompt",
    metric: Annotated[str, typer.Option(help="the metric that decides")] = "refusal",
    since: Moment = None,
    until: Moment = None,
    as_json: Json = False,
    config: ConfigPath = None,
) -> None:
    """Promote a candidate, stop it, or not yet: two versions side by side in the traffic, looked at as often as you like.

    Exits with 0 to promote, 3 to stop, 4 where it is too early to tell. Errors, cost, latency and refusals are watched beside the metric.
    """
    from drift.compare import ab as versions
    from drift.compare.since import two_values
    from drift.config import Config
    from drift.features import custom
    from drift.report import ab as telling

    settings = Config.find(config)
    custom.load(settings.custom.modules)
    end = settings.utc(until or datetime.now(UTC))
    left, right, start = two_values(settings, dimension, a, b, settings.utc(since) if since else None, end)
    decision = versions.decide(left, right, settings, metric, start, end)
    if as_json:
        asked = {"dimension": dimension, "a": a, "b": b, "from": start, "until": end}
        print_json("ab", {**asked, **telling.as_dict(decision)})
    else:
        out.print(telling.told(decision, b), highlight=False)
    raise typer.Exit(telling.EXIT_CODES[decision.answer])


def _margins(given: list[str]) -> dict[str, float]:
    try:
        return {metric: float(value) for metric, value in (each.split("=", 1) for each in given)}
    except ValueError:
        raise typer.BadParameter(f"--margin {' '.join(given)}: write METRIC=NUMBER, such as refusal=0.01") from None
