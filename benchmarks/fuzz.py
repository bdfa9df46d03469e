"""Any bytes in: recorded answers of real servers and SDKs, mutated, through every reader of drift.

    python benchmarks/fuzz.py --megabytes 10 --seed 1

A case is one file or answer, mutated: bits and bytes flipped, cut, doubled, or, where it is JSON, values put in the place of others
(another type, a number beyond all bounds, half a surrogate pair, a thousand lists in each other). It is pulled as a night pulls it, and what
comes out is measured. Allowed is a clear error, rows, or rows with what could not be read left out and counted; an error that no reader
foresaw is clear to a user, too, and is counted by itself. Never allowed: any other exception, more than `--seconds` for a case, or more
than 2 GB. Exits with 1 where one of those was seen.
"""

from __future__ import annotations

import argparse
import gzip
import json
import logging
import random
import resource
import signal
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock

import httpx

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from drift import features, stores  # noqa: E402
from drift.config import Config  # noqa: E402
from drift.errors import DriftError  # noqa: E402

SHARED = ROOT.parent / "shared" / "langfuse" / "recorded"
WINDOW = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC)
# a server is asked hour by hour: two days of that are enough
ASKED = datetime(2026, 11, 19, 12, tzinfo=UTC), datetime(2026, 11, 21, 12, tzinfo=UTC)
HOSTILE: tuple[Any, ...] = (
    None, True, 0, -1, 2**63, 10**400, -0.0, 1e308, float("nan"), float("inf"), "", " ", "\x00", "\ud800", "null", "{", "1e999", "x" * 100_000,
    [], {}, [[]], [None], {"": {}}, {"a": [1, {"b": None}]}, "9999-12-31T23:59:59Z", "0001-01-01", "-62135596800000000000", "\u202e<script>",
)  # fmt: skip
DEEP = "[" * 2_000


class TooSlow(BaseException):
    """A case took longer than it may."""


@dataclass(frozen=True)
class Source:
    """Something recorded: its bytes, and how a store is opened on a mutation of it (a folder for its files)."""

    reader: str
    name: str
    data: bytes
    opened: Callable[[bytes, Path], tuple[dict[str, Any], dict[str, bytes]]]


def sources() -> Iterator[Source]:
    for file in sorted((ROOT / "tests/frameworks/recorded").glob("*.jsonl")):
        yield Source("otlp", file.name, file.read_bytes(), _file("otlp", "t.jsonl"))
    for name, reader in (
        ("t.jsonl", "files (JSON lines)"),
        ("t.csv", "files (CSV)"),
        ("t.parquet", "files (Parquet)"),
        ("t.jsonl.gz", "files (gzip)"),
    ):
        yield Source(reader, name, _own(name), _file("files", name))
    if not SHARED.exists():
        return
    for file in sorted(SHARED.glob("export_lf-*observations_v2*")):
        tail = "".join(file.suffixes[-2:]) if file.suffix == ".gz" else file.suffix
        yield Source(
            "langfuse export",
            file.name,
            file.read_bytes(),
            _file("langfuse_export", f"observations_v2/2026-11-20T00-00-00{tail}"),
        )
    for pattern, reader, path in (
        ("obs_v2_*.json", "langfuse", "v2/observations"),
        ("scores_v3_*.json", "langfuse", "v3/scores"),
        ("metrics_v2_*.json", "langfuse", "v2/metrics"),
        ("phoenix_*spans.json", "phoenix", "default/spans"),
    ):
        for file in sorted(SHARED.glob(pattern)):
            yield Source(reader, file.name, _body(file), _server(reader, path))
    for path, data in _mlflow().items():
        yield Source("mlflow", path, data, _server("mlflow", path))


def _own(name: str) -> bytes:
    """Files of traces as programs write them, by this project's own tests: there is no recording of a user's file."""
    import io

    import pandas as pd
    from faults.traffic import day, rows

    made = rows(day(6), 200)
    lines = "".join(json.dumps(row) + "\n" for row in made).encode()
    if name.endswith(".gz"):
        return gzip.compress(lines)
    if name.endswith(".jsonl"):
        return lines
    buffer = io.BytesIO()
    frame = pd.DataFrame(made).drop(columns=["scores"])
    frame.to_csv(buffer, index=False) if name.endswith(".csv") else frame.to_parquet(buffer)
    return buffer.getvalue()


def _file(kind: str, name: str) -> Callable[[bytes, Path], tuple[dict[str, Any], dict[str, bytes]]]:
    def opened(data: bytes, folder: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return {"type": kind, "path": str(folder)}, {}

    return opened


def _server(kind: str, path: str) -> Callable[[bytes, Path], tuple[dict[str, Any], dict[str, bytes]]]:
    return lambda data, folder: ({"type": kind, "host": "http://server", "patience_seconds": 0}, {path: data})


def _body(file: Path) -> bytes:
    """What the server said, of a recording that may have the request beside it."""
    given = json.loads(file.read_bytes())
    said = given.get("body", given) if isinstance(given, dict) else {"data": given}
    # one page is all there is
    said.pop("next_cursor", None)
    if isinstance(said.get("meta"), dict):
        said["meta"].pop("cursor", None)
    return json.dumps(said).encode()


def _mlflow() -> dict[str, bytes]:
    """A recorded trace as its server lists it, and as it gives it."""
    given = json.loads((SHARED / "mlflow_trace.json").read_bytes())
    whole = {"traces": [{"trace_info": given["info"], "spans": given["data"]["spans"]}]}
    return {"traces/search": json.dumps({"traces": [given["info"]]}).encode(), "traces/batchGet": json.dumps(whole).encode()}


def _usual() -> dict[str, bytes]:
    """What servers answer beside what is mutated, so that a reader comes as far as that."""
    nothing = b'{"data": [], "next_cursor": null}'
    return {
        "v2/observations": _body(SHARED / "obs_v2_all_fields_trace.json"),
        "v3/scores": b'{"data": [], "meta": {}}',
        "public/projects": _body(SHARED / "projects.json"),
        "v1/projects/default": b'{"data": {"id": "UHJv", "name": "default"}}',
        "default/spans": _body(SHARED / "phoenix_rest_spans.json"),
        "span_annotations": nothing,
        "trace_annotations": nothing,
        "experiments/get-by-name": b'{"experiment": {"experiment_id": "1"}}',
        **_mlflow(),
    }


def answering(mutated: dict[str, bytes], most: int = 300) -> httpx.MockTransport:
    """A server that gives the mutated answer to one path, and recorded ones to others."""
    asked = Counter[str]()
    answers = {**_usual(), **mutated}

    def handler(request: httpx.Request) -> httpx.Response:
        asked[request.url.path] += 1
        found = next((data for end, data in answers.items() if request.url.path.endswith(end)), None)
        until = request.url.params.get("toStartTime") or request.url.params.get("end_time") or "9"
        if until[:16] <= ASKED[0].isoformat()[:16]:
            # what began before the window
            return httpx.Response(200, content=b'{"data": [], "meta": {}}', request=request)
        if found is None or asked.total() > most:
            return httpx.Response(404, request=request)
        return httpx.Response(200, content=found, request=request)

    return httpx.MockTransport(handler)


def mutated(data: bytes, draw: random.Random) -> bytes:
    kind = draw.choice(("flip", "cut", "double", "value", "value", "value", "value"))
    if kind == "value":
        changed = _with_other_values(data, draw)
        if changed is not None:
            return changed
        kind = "flip"
    if kind == "cut":
        return data[: draw.randrange(len(data) + 1)]
    if kind == "double":
        start = draw.randrange(len(data) + 1)
        end = min(len(data), start + draw.randrange(1, 5_000))
        return data[:end] + data[start:end] * draw.randrange(1, 50) + data[end:]
    out = bytearray(data)
    for _ in range(draw.choice((1, 3, 20, 300))):
        if out:
            out[draw.randrange(len(out))] = draw.randrange(256)
    return bytes(out)


def _with_other_values(data: bytes, draw: random.Random) -> bytes | None:
    packed = data[:2] == b"\x1f\x8b"
    try:
        text = (gzip.decompress(data) if packed else data).decode()
        lines = text.splitlines() if text.lstrip()[:1] == "{" and "\n{" in text else [text]
        values = [json.loads(line) for line in lines if line.strip()]
    except (ValueError, OSError, EOFError):
        return None
    for _ in range(draw.choice((1, 3, 10))):
        _put(values[draw.randrange(len(values))], draw)
    out = (
        ("\n".join(json.dumps(value) for value in values) + "\n")
        .replace('"<deep>"', DEEP + "]" * len(DEEP))
        .encode("utf-8", "surrogatepass")
    )
    return gzip.compress(out, 1) if packed else out


def _put(value: Any, draw: random.Random) -> None:
    """Put something else, or nothing, in the place of a value somewhere inside."""
    while isinstance(value, (dict, list)) and value:
        at = draw.choice(list(value)) if isinstance(value, dict) else draw.randrange(len(value))
        inner = value[at]
        if isinstance(inner, (dict, list)) and inner and draw.random() < 0.85:
            value = inner
            continue
        if draw.random() < 0.15:
            del value[at]
        else:
            value[at] = "<deep>" if draw.random() < 0.03 else draw.choice(HOSTILE)
        return


def outcome(source: Source, data: bytes) -> tuple[str, str]:
    """What came of a case, and the place in the code where it was no reader's own error."""
    with tempfile.TemporaryDirectory() as folder:
        store, answers = source.opened(data, Path(folder))
        config = Config.of({"store": store, "embeddings": {"enabled": False}})
        client = httpx.Client
        served = lambda **given: client(**{k: v for k, v in given.items() if k != "limits"}, transport=answering(answers))  # noqa: E731
        with mock.patch("drift.stores.http.httpx.Client", served), mock.patch("drift.stores.http.Http._sleep", lambda *_: None):
            try:
                rows = 0
                context = features.context(config)
                window = ASKED if answers else WINDOW
                for batch in stores.open_store(config).pull(*window):
                    rows += features.extract(batch, context).num_rows
                return ("rows" if rows else "no rows"), ""
            except DriftError as error:
                if error.__cause__ is None or "cannot read" not in str(error):
                    return "a clear error", ""
                return "not foreseen, and told clearly", _place(error.__cause__)
            except TooSlow:
                return "TOO SLOW", _place(sys.exc_info()[1])
            except MemoryError:
                return "MORE THAN 2 GB", ""
            except Exception as error:
                return "AN EXCEPTION", _place(error)


def _place(error: BaseException | None) -> str:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/drift/" in frame.filename] if error else []
    where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    return f"{type(error).__name__} at {where}: {str(error)[:80]}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megabytes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--keep", type=Path, help="a folder for the cases that were not allowed")
    given = parser.parse_args()
    logging.disable(logging.CRITICAL)
    import os

    os.environ.update(LANGFUSE_PUBLIC_KEY="pk", LANGFUSE_SECRET_KEY="sk")
    known = list(sources())
    if not known:
        raise SystemExit("nothing recorded is on this machine")
    draw = random.Random(given.seed)
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    def too_slow(*_: object) -> None:
        raise TooSlow

    signal.signal(signal.SIGALRM, too_slow)
    counts: dict[str, Counter[str]] = {}
    places: Counter[tuple[str, str, str]] = Counter()
    total = 0
    by_reader: dict[str, list[Source]] = {}
    for source in known:
        by_reader.setdefault(source.reader, []).append(source)
    while total < given.megabytes * 1e6:
        source = draw.choice(by_reader[draw.choice(sorted(by_reader))])
        data = mutated(source.data, draw)
        total += len(data)
        signal.alarm(given.seconds)
        found, place = outcome(source, data)
        signal.alarm(0)
        counts.setdefault(source.reader, Counter())[found] += 1
        counts[source.reader]["bytes"] += len(data)
        if place:
            places[source.reader, found, place] += 1
            if given.keep is not None and found.isupper():
                given.keep.mkdir(exist_ok=True, parents=True)
                (given.keep / f"{source.reader}-{counts[source.reader].total()}-{source.name}".replace(" ", "_")).write_bytes(
                    data
                )
    print(_table(counts))
    for (reader, found, place), n in places.most_common():
        print(f"{n:5} {reader}: {found}: {place}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"{total / 1e6:.1f} MB; {peak / 1e6:.2f} GB at the most, {used / 1e6:.2f} GB before the first case")
    bad = sum(n for count in counts.values() for found, n in count.items() if found.isupper())
    return int(bad > 0 or peak > 2e6)


def _table(counts: dict[str, Counter[str]]) -> str:
    columns = (
        "rows",
        "no rows",
        "a clear error",
        "not foreseen, and told clearly",
        "AN EXCEPTION",
        "TOO SLOW",
        "MORE THAN 2 GB",
    )
    head = f"| reader | cases | MB | {' | '.join(columns).lower()} |\n|---|---|---|{'---|' * len(columns)}"
    lines = []
    for reader, count in sorted(counts.items()):
        cases = count.total() - count["bytes"]
        lines.append(
            f"| {reader} | {cases:,} | {count['bytes'] / 1e6:.1f} | {' | '.join(f'{count[name]:,}' for name in columns)} |"
        )
    return "\n".join([head, *lines])


if __name__ == "__main__":
    sys.exit(main())
