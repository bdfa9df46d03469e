"""One application through the command line: traces with their texts in files, `drift backfill`, then `drift run` night by night."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pyarrow.parquet as pq

from living import judge, worlds
from living.draw import Application, trace_table, with_texts
from living.replay import Nights, webhook


def lives(world: str, size: int, seed: int, nights: int, planted: bool, root: Path, verbose: bool, only: str):
    """One application's quiet nights; nothing is planted here."""
    folder = Path(tempfile.mkdtemp(prefix=f"{world}-cli-", dir=root))
    living = Nights(folder, Application(worlds.WORLDS[world], size, seed))
    last = worlds.HISTORY + nights
    (folder / "traces").mkdir()
    for number in range(last):
        table, exchange = trace_table(living.application, living.application.day(number))
        pq.write_table(with_texts(table, exchange), folder / "traces" / f"{worlds.day_of(number)}.parquet")
    (folder / "drift.toml").write_text(
        '[store]\ntype = "files"\npath = "traces"\n[lake]\nurl = "lake"\n[results]\nurl = "sqlite:///drift.db"\n'
        "[report]\nenabled = false\n[pull]\nlookback_days = 0\n",
        "utf-8",
    )
    try:
        with webhook() as received:
            _drift(folder, "backfill", str(worlds.day_of(0)), str(worlds.day_of(worlds.HISTORY - 1)))
            for number in range(worlds.HISTORY, last):
                _drift(folder, "run", "--day", str(worlds.day_of(number)))
                if received:
                    living.messages[number] = received[-1]
                    received.clear()
        return judge.quiet(living, last), []
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _drift(folder: Path, *arguments: str) -> None:
    here = str(Path(__file__).resolve().parents[2])
    done = subprocess.run(
        [sys.executable, "-m", "drift.cli", *arguments], cwd=folder, env={**os.environ, "PYTHONPATH": here, "DRIFT_SALT": "living"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    # 1: drift was found; anything above is an error
    if done.returncode > 1 and "not fit to compare" not in done.stderr + done.stdout:
        raise RuntimeError(f"drift {' '.join(arguments)}: {done.stderr[-800:] or json.dumps(done.stdout[-800:])}")
