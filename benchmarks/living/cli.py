"""One application through the command line: traces with their texts in files, `drift backfill`, then `drift run` night by night."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pyarrow.parquet as pq

from drift.findings import Explanation
from drift.results import Results, account
from living import judge, worlds
from living.draw import Application, trace_table, with_texts
from living.replay import Nights

_TOML = """
[store]
type = "files"
path = "traces"
[lake]
url = "lake"
[results]
url = "sqlite:///drift.db"
[report]
enabled = false
"""


def lives(world: str, size: int, seed: int, nights: int) -> judge.Quiet:
    """One application's quiet nights; nothing is planted here."""
    living, last = Nights(Application(worlds.WORLDS[world], size, seed)), worlds.HISTORY + nights
    with tempfile.TemporaryDirectory(prefix=f"living-{world}-") as name:
        folder = Path(name)
        (folder / "traces").mkdir()
        for number in range(last):
            table, exchange = trace_table(living.application, living.application.day(number))
            pq.write_table(with_texts(table, exchange), folder / "traces" / f"{worlds.day_of(number)}.parquet")
        holidays = worlds.announced(living.application.world).get("events", [])
        events = "".join(f'[[calendar.events]]\nname = "{each["name"]}"\nfirst = {each["first"]}\n' for each in holidays)
        (folder / "drift.toml").write_text(_TOML + events, "utf-8")
        with _webhook() as (address, received):
            _drift(folder, address, "backfill", "--from", str(worlds.day_of(0)), "--to", str(worlds.day_of(worlds.HISTORY - 1)))
            for number in range(worlds.HISTORY, last):
                if not _drift(folder, address, "run", "--day", str(worlds.day_of(number))):
                    living.failed.add(number)
                for message in received:
                    living.messages.setdefault(number, set()).update(one["incident"] for one in message["incidents"])
                received.clear()
        results = Results(f"sqlite:///{folder}/drift.db")
        living.incidents = results.incidents()
        for incident in living.incidents:
            one = account.of_incident(results, incident.id)
            living.notes[incident.id].append(Explanation(one.cause or "unclear", one.confidence))
        results.close()
    return judge.quiet(living, last)


def _drift(folder: Path, address: str, *arguments: str) -> bool:
    """Run a command; whether the day could be compared. Raises RuntimeError for any other failure."""
    home = str(Path(__file__).resolve().parents[2])
    environment = {**os.environ, "PYTHONPATH": home, "DRIFT_SALT": "living", "DRIFT_WEBHOOK_URL": address}
    command = [sys.executable, "-m", "drift", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    if done.returncode > 1 and "not fit to compare" not in said:
        raise RuntimeError(f"drift {' '.join(arguments)}: {said[-800:]}")
    return "not fit to compare" not in said


@contextmanager
def _webhook() -> Iterator[tuple[str, list[dict]]]:
    """A place on this machine that takes drift's messages: its address, and the list that they are put into."""
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
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/", received
    finally:
        server.shutdown()
        server.server_close()
