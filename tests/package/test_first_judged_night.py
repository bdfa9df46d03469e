"""The judged night's tutorial does what it says, against a Langfuse and a chat service on this machine."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from judge.chat_server import Laws, serving
from stores.langfuse_double import LangfuseDouble
from stores.langfuse_rows import observation

PAGE = (Path(__file__).parents[2] / "docs" / "first_judged_night.md").read_text("utf-8")
WRITTEN, GOLDEN = (re.search(rf"<!-- {name} -->\n```\w+\n(.*?)```", PAGE, re.DOTALL).group(1) for name in ("judged", "golden"))

pytestmark = [pytest.mark.slow]


@pytest.fixture(scope="module")
def done(tmp_path_factory) -> dict[str, subprocess.CompletedProcess]:
    """Each `drift` command of the page, in order, and what it printed."""
    folder = tmp_path_factory.mktemp("judged")
    noon = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=1)
    rows = []
    for n in range(150):
        root = observation(f"t{n}", f"o{n}", noon + timedelta(minutes=n % 240), 1.0, isRootObservation=True)
        rows.append(root | {"input": json.dumps(f"Where is order {n}?"), "output": json.dumps(f"Order {n} arrives on Monday.")})
    (folder / "golden.jsonl").write_text(GOLDEN)
    double, found = LangfuseDouble(rows), {}
    with serving(Laws(reply=lambda prompt, rng: "On Monday, as far as I can see.")) as service:
        env = {key: value for key, value in os.environ.items() if not key.startswith("DRIFT_")} | {
            "DRIFT_SALT": "salt",
            "DRIFT_JUDGE_KEY": "k",
            "DRIFT_GOLDEN_KEY": "k",
            "LANGFUSE_HOST": double.url,
            "LANGFUSE_PUBLIC_KEY": double.public,
            "LANGFUSE_SECRET_KEY": double.secret,
            "COLUMNS": "200",
        }
        try:
            for block in re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL):
                for line in block.splitlines():
                    program, *rest = shlex.split(line)
                    if program != "drift":
                        continue
                    run = [sys.executable, "-m", "drift", *rest]
                    found[" ".join(rest)] = subprocess.run(
                        run, cwd=folder, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300
                    )
                    if rest[:1] == ["init"]:
                        # the service is this machine's instead of the model's maker's
                        written = re.sub(r'(model = ".*")', rf'\1\nendpoint = "{service.url}"', WRITTEN)
                        (folder / "drift.toml").write_text((folder / "drift.toml").read_text() + "\n" + written)
        finally:
            double.close()
    found["folder"] = folder
    return found


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("judge anchors --out anchors.jsonl", "wrote 60 anchors to anchors.jsonl"),
        ("doctor", "questions, answers and documents of judged requests to 127.0.0.1"),
        ("run", "nothing to compare with yet"),
        ("golden run support", "support, "),
        ("judge offer --out labels.csv", "traces to label: labels.csv"),
        ("judge truth", "helpful"),
    ],
)
def test_each_command_works_and_says_what_it_did(done, command, says):
    ran = done[command]
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert says in ran.stdout


def test_what_the_commands_leave_is_what_the_page_says(done):
    assert len((done["folder"] / "anchors.jsonl").read_text().splitlines()) == 60
    heading, *rows = (done["folder"] / "labels.csv").read_text().splitlines()
    assert heading == "day,trace_id,rubric,label,why,link"
    assert 1 <= len(rows) <= 40
    assert "2 of 2 examples answered" in done["golden run support"].stdout
