"""Nights through drift's own code: from the draw to the tables and the messages; only pulling and reading texts is left out."""

from __future__ import annotations

import json
import os
import shutil
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

import checks
from checks.report import CheckReport
from drift import features, pipeline
from drift.config import Config
from drift.lake import Lake
from drift.results import Results
from living import worlds
from living.draw import Application, Day, trace_table
from living.exchanges import pool
from living.incidents import Planted

_TEXT_CONCERNS = frozenset(
    "language format repetition questions overlap tone prompt_leak refusal injection pii embedding topics".split()
)
# measured on the input alone, so there also where a request failed
_OF_INPUT = frozenset(
    "input_characters input_language input_embedding input_topic injection correction _input_hash context_relevance "
    "question_document_cosine _encoder".split()
)
_PAIRED = ("answer_question_cosine", "question_document_cosine", "answer_document_cosine")
_EMBEDDED = ("input_embedding", "output_embedding", "input_topic", "output_topic", *_PAIRED)
_OF_DOCUMENTS = frozenset({"groundedness", "context_relevance", "question_document_cosine", "answer_document_cosine"})
_NOT_OF_TEXT = frozenset({"name", "model", "prompt", "release"})
# a measure that knows the trace says 0 or nothing where it was given no text
_FROM_TEXT = frozenset("input_characters output_characters output_words empty repetition".split())
SAMPLE = 2_000


@dataclass
class Nights:
    """The lake and the tables of one application, filled night by night."""

    folder: Path
    application: Application
    messages: dict[int, dict] = field(default_factory=dict)

    @property
    def config(self) -> Config:
        return Config.of({
            "store": {"type": "files", "path": str(self.folder / "traces")},
            "lake": {"url": str(self.folder / "lake")},
            "results": {"url": f"sqlite:///{self.folder / 'drift.db'}"},
            "report": {"enabled": False},
        })  # fmt: skip

    def run(self, numbers: range, planted: Planted | None = None, start: int = 0) -> None:
        """The nights of these days, the history's quietly."""
        config = self.config
        lake = Lake(config.lake.url)
        # what is about to be written is checked for itself in every night; here it would be a third of the time
        checks.check_tables = lambda day, tables: CheckReport("the tables", ())
        with webhook() as received:
            for number in numbers:
                day = self.application.day(number)
                if planted is not None and number >= start:
                    planted.plant(day, np.random.default_rng([self.application.seed, 41, number]), number - start)
                when = worlds.day_of(number)
                part = lake.write_part("features", when, measured(self.application, day))
                pipeline.profile(config, when, [part])
                with_failure = False
                try:
                    pipeline.detect(config, when)
                except pipeline.CheckFailed:
                    with_failure = True
                pipeline.publish(config, when, quiet=number < worlds.HISTORY)
                if received:
                    self.messages[number] = received.pop()
                    received.clear()
                elif with_failure:
                    self.messages.setdefault(number, {"incidents": [], "status": "failed"})

    def copy(self, folder: Path) -> Nights:
        """The same nights in another folder, where they can go on differently."""
        shutil.copytree(self.folder / "lake", folder / "lake", copy_function=os.link)
        shutil.copy(self.folder / "drift.db", folder / "drift.db")
        return Nights(folder, self.application, dict(self.messages))

    def results(self) -> Results:
        return Results(self.config.results.url)


def measured(application: Application, day: Day) -> pa.Table:
    """The day's features: of the texts as they were measured in the pool, of the rest by drift's own measures."""
    table, exchange = trace_table(application, day)
    context = features.Context(disabled=_TEXT_CONCERNS, salt="living")
    out = features.extract(table, context)
    failed = exchange < 0
    rows = pool().measured.take(np.where(failed, -1 - exchange, exchange))
    rng = np.random.default_rng([application.seed, 51, day.number])
    drawn = rng.random(len(exchange)) < SAMPLE / max(len(exchange), 1)
    found_nothing = np.nan_to_num(out.column("documents").to_numpy(zero_copy_only=False)) == 0
    for name in rows.column_names:
        given = name in out.column_names and out.column(name).null_count < len(out)
        if name in _NOT_OF_TEXT or given and name not in _FROM_TEXT:
            continue
        column = rows.column(name).combine_chunks()
        unknown = np.zeros(len(failed), bool) if name in _OF_INPUT else failed
        unknown = unknown | ~drawn if name in _EMBEDDED else unknown
        unknown = unknown | found_nothing if name in _OF_DOCUMENTS else unknown
        column = _without(column, unknown)
        out = out.set_column(out.column_names.index(name), name, column) if name in out.column_names else out.append_column(name, column)
    return out


def _without(column: pa.Array, unknown: np.ndarray) -> pa.Array:
    if not unknown.any():
        return column
    # a fixed-size list cannot be masked in place
    if pa.types.is_fixed_size_list(column.type):
        width = column.type.list_size
        return pa.FixedSizeListArray.from_arrays(column.flatten(), width, mask=pa.array(unknown)) if column.null_count == 0 else column.take(
            pa.array(np.arange(len(column)), mask=unknown)
        )
    return pc.if_else(pa.array(~unknown), column, pa.nulls(len(column), column.type))


@contextmanager
def webhook():
    """A place on this machine that takes drift's messages: yields the list that they are put into."""
    received: list[dict] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    before = os.environ.get("DRIFT_WEBHOOK_URL")
    os.environ["DRIFT_WEBHOOK_URL"] = f"http://127.0.0.1:{server.server_address[1]}/"
    try:
        yield received
    finally:
        server.shutdown()
        server.server_close()
        if before is None:
            os.environ.pop("DRIFT_WEBHOOK_URL", None)
        else:
            os.environ["DRIFT_WEBHOOK_URL"] = before
