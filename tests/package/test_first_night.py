"""The tutorial does what it says: its file, its drift.toml and its commands, in order, in an empty folder."""

from __future__ import annotations

import json
import os
import random
import re
import shlex
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "first_night.md").read_text("utf-8")
WRITTEN, CHANGED = (
    re.search(rf"<!-- {name} -->\n```toml\n(.*?)```", PAGE, re.DOTALL).group(1) for name in ("written", "changed")
)
LINE = json.loads(re.search(r"```json\n(.*?)```", PAGE, re.DOTALL).group(1))
REQUESTS = 120


def _write_requests(file: Path) -> None:
    """Thirteen days under the tutorial's names; on the last the answers are three times as long."""
    draw = random.Random(15)
    rows = []
    for day in range(13):
        for n in range(REQUESTS):
            moment = datetime(2026, 11, 8) + timedelta(days=day, seconds=86_400 * n / REQUESTS)
            words = draw.randint(8, 40) * (3 if day == 12 else 1)
            made = LINE | {"id": f"r-{day}-{n}", "ts": f"{moment:%Y-%m-%dT%H:%M:%SZ}", "ms": draw.randint(800, 3000)}
            rows.append(
                made
                | {
                    "reply": " ".join(["It", "is", "a", "reservation."] * (words // 4)),
                    "tenant": draw.choice(["acme", "globex"]),
                }
            )
    file.write_text("\n".join(map(json.dumps, rows)))


@pytest.fixture(scope="module")
def done(tmp_path_factory) -> dict:
    """Each `drift` command of the page up to the night, and what it printed."""
    folder = tmp_path_factory.mktemp("first")
    _write_requests(folder / "requests.jsonl")
    commands = [line for block in re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]
    env = {key: value for key, value in os.environ.items() if not key.startswith("DRIFT_")} | {
        "DRIFT_SALT": "salt",
        "COLUMNS": "200",
    }
    found = {}
    for line in commands:
        program, *rest = shlex.split(line, comments=True) or [""]
        if program == "drift" and rest != ["run"]:
            run = [sys.executable, "-m", "drift", *rest]
            found[" ".join(rest)] = subprocess.run(
                run, cwd=folder, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300
            )
        if rest[:1] == ["init"]:
            found["drift.toml"] = (folder / "drift.toml").read_text("utf-8")
            line = CHANGED.splitlines()[1]
            (folder / "drift.toml").write_text(re.sub(r"(?m)^dimensions = .*$", line, found["drift.toml"]), "utf-8")
    return found


def test_the_file_that_init_writes_is_the_one_on_the_page(done):
    assert done["init requests.jsonl"].returncode == 0, done["init requests.jsonl"].stderr
    assert WRITTEN in done["drift.toml"]


def test_the_doctor_recognises_the_columns(done):
    doctor = done["doctor"]
    assert doctor.returncode == 0, doctor.stdout + doctor.stderr
    assert "fail" not in doctor.stdout
    for column in ("question", "reply", "llm", "route", "ms"):
        assert re.search(rf"100 % +{column} ", doctor.stdout), doctor.stdout


def test_the_past_is_ordinary_and_the_night_says_what_changed(done):
    past = done["backfill --from 2026-11-08 --to 2026-11-19"]
    assert past.returncode == 0, past.stdout + past.stderr
    night = done["run --day 2026-11-20"]
    assert night.returncode == 3, night.stdout + night.stderr
    assert "1 new incident" in night.stdout
    assert re.search(r"report: .*night/2026-11-20.html", night.stdout)


def test_the_version_is_told(done):
    assert re.fullmatch(r"drift \d+\.\d+\.\S+\n", done["--version"].stdout)
