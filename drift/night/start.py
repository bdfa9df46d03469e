"""`drift init`: a drift.toml that works, for a store by its name or for files by what stands in them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from importlib.resources import files
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table
from rich.text import Text

from drift.stores.guess import Guess, guess
from drift.text import wording
from drift.text.escape import plain

# what each store is told at the least; the secrets come from the environment
STORES: dict[str, str] = {
    "demo": 'type = "demo"               # made-up traffic; your own: docs/stores.md\n',
    "langfuse": 'type = "langfuse"\n# host = "https://cloud.langfuse.com"     # or LANGFUSE_HOST\n# environments = ["production"]         # else all of them together\n',
    "phoenix": 'type = "phoenix"\nhost = "http://localhost:6006"   # or PHOENIX_HOST\nproject = "default"\n',
    "mlflow": 'type = "mlflow"\nhost = "http://localhost:5000"   # or MLFLOW_TRACKING_URI\nexperiments = ["Default"]\n',
    "otlp": 'type = "otlp"\npath = "traces"             # the collector\'s JSON lines: a file, a folder, a glob or a URL\n',
    "sql": (
        'type = "sql"                # the address is TRACES_DATABASE_URL, such as postgresql+psycopg://user:password@host/database\n'
        'query = """\nSELECT id AS trace_id, created_at AS timestamp, question AS input, answer AS output, model\n'
        'FROM llm_calls WHERE created_at >= :start AND created_at < :end\n"""\n'
    ),
    "files": 'type = "files"\npath = "traces/*.parquet"   # Parquet, JSON lines or CSV: a file, a folder, a glob or a URL\n# [store.columns]           # trace column = your column\n# input = "question"\n',
}
NEXT = {
    "langfuse": "set LANGFUSE_HOST, LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY, then ",
    "phoenix": "correct host and project in it, then ",
    "mlflow": "correct host and experiments in it, then ",
    "otlp": "correct path in it, then ",
    "sql": "correct the query in it and set TRACES_DATABASE_URL, then ",
    "files": "correct path in it, then ",
}
_PLACE = "{store}\n"


def for_store(kind: str) -> str:
    """The text of a drift.toml for a store of this kind."""
    return _template().replace(_PLACE, STORES[kind])


def for_files(path: str, found: Guess) -> str:
    """The text of a drift.toml for files, with what was taken for what."""
    lines = [f"type = {_quoted(found.kind)}", f"path = {_quoted(path)}"]
    if found.preset:
        lines.append(f"preset = {_quoted(found.preset)}")
    columns = {each.column: each.path for each in found.taken if each.column != each.path}
    for title, mapping in (("columns", columns), ("scores", found.scores)):
        if mapping:
            lines += ["", f"[store.{title}]", *(f"{_key(name)} = {_quoted(of)}" for name, of in mapping.items())]
    return _template().replace(_PLACE, "\n".join(lines) + "\n")


def look(out: Console, path: str, zone: ZoneInfo) -> Guess:
    """What the files hold, with a table of what was taken for what. Raises DataError or StoreError where nothing can be read."""
    found = guess(path, zone)
    size = f"{found.files} file{'s' * (found.files != 1)}"
    if found.kind == "otlp":
        out.print(f"{size} of OpenTelemetry spans (OTLP JSON); nothing needs to be mapped", highlight=False)
        return found
    if found.preset:
        out.print(f"{size} of an export of {found.preset}; its columns are known", highlight=False)
        return found
    out.print(f"{size}, {found.rows:,} rows{_days(found.days)}", highlight=False)
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("drift's", "your column", "rows with it", "what stands there", ""):
        table.add_column(heading, overflow="fold")
    for each in found.taken:
        doubt = "" if each.sure else "unsure" + (f"; or {', '.join(map(plain, each.others))}" if each.others else "")
        shape = f"{min(found.days)} to {max(found.days)}" if each.column == "timestamp" and found.days else each.shape
        table.add_row(
            each.column, Text(plain(each.path)), f"{wording.percent(each.share)}", Text(shape), Text(doubt, style="yellow")
        )
    for name, of in found.scores.items():
        table.add_row(f"score {plain(name)}", Text(plain(of)), "", "", "")
    out.print(table)
    if found.left:
        out.print(f"kept as metadata: {', '.join(map(plain, found.left[:20]))}", style="dim", highlight=False, markup=False)
    return found


def corrected(found: Guess, answers: Mapping[str, str]) -> Guess:
    """The guess with a person's answers, by column of the trace table: another column of the file, or empty for none."""
    kept = [replace(each, path=answers.get(each.column, each.path), sure=True) for each in found.taken]
    return replace(found, taken=tuple(each for each in kept if each.path))


def lacking(found: Guess) -> str:
    """What a night cannot do without and the files do not show, in words; empty where nothing is lacking."""
    if found.kind != "files" or found.preset:
        return ""
    taken = {each.column for each in found.taken}
    wanted = (("timestamp", "a time"), ("input", "questions"), ("output", "answers"))
    missing = [what for name, what in wanted if name not in taken and not (name != "timestamp" and taken & {"input", "output"})]
    return " and no ".join(missing)


def next_steps(found: Guess) -> str:
    """The commands after the file is written; files of the past have no yesterday."""
    if not found.days:
        return "drift doctor, then drift run"
    days = f"--from {min(found.days)} --to {max(found.days)}"
    return f"drift doctor, then drift diagnose {days} to see what changed in them, or drift backfill {days} as the past of your nights"


def _days(days: Mapping[date, int]) -> str:
    if not days:
        return ""
    sizes = sorted(days.values())
    each = f"{sizes[0]:,}" if sizes[0] == sizes[-1] else f"{sizes[0]:,} to {sizes[-1]:,}"
    first, last = min(days), max(days)
    span = f"{first}" if first == last else f"{first} to {last}"
    return f", {len(days)} day{'s' * (len(days) != 1)} ({span}) of {each} rows"


def _template() -> str:
    return files("drift").joinpath("init.toml").read_text("utf-8")


def _quoted(text: str) -> str:
    # a JSON string is a TOML basic string, once what JSON leaves as it is and TOML forbids is escaped
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(name: str) -> str:
    return name if name.replace("_", "").replace("-", "").isalnum() and name.isascii() else _quoted(name)
