"""The story of docs/story.md: Tuesday's silent update of billing-chat, from the alarm to the proved fix, on traffic with a known law.

    PYTHONPATH=tests python tests/experiment/story.py     # tells it anew and writes docs/story.md
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
from judge.chat_server import Laws, serving
from typer.testing import CliRunner

from drift.cli import app

PAGE = Path(__file__).resolve().parents[2] / "docs" / "story.md"
FIRST, EDIT, UPDATE, FIX, LAST = (date(2026, 11, day) for day in (14, 23, 24, 26, 28))
A_DAY = 500
ALIAS, PINNED = "m-mini", "m-mini-0801"
PROMPT = "You are the billing assistant of a shop. Answer in one sentence."
EDITED = "You are the billing assistant of our shop. Please answer in one sentence."
REFUSALS = ("I'm sorry, but I can't help with that request.", "I am unable to assist with this. Sorry.", "Sorry, I cannot answer that.")
TOML = """[store]
type = "files"
path = "traces"
[segments]
dimensions = ["name", "model", "prompt"]
[embeddings]
enabled = false
[report]
enabled = false
[experiment]
endpoint = "{url}"
input_usd = 0.15
output_usd = 0.60
parallel = 4
"""


def answer(question: int, rate: float, draw: float) -> str:
    """Refused with the rate, else a sentence that says something."""
    if draw < rate:
        return REFUSALS[int(1e6 * draw) % 3]
    return f"Invoice {question} was sent on the {1 + question % 28}th and is due within {14 + question % 17} days."


def day_of_traces(day: date) -> list[dict]:
    rng = np.random.default_rng(day.toordinal())
    model = PINNED if day >= FIX else ALIAS
    rate = 0.12 if UPDATE <= day < FIX else 0.02
    rows = []
    for i in range(A_DAY):
        question = int(rng.integers(300))
        at = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=int(86_400 * i / A_DAY))
        said = [
            {"role": "system", "content": EDITED if day >= EDIT else PROMPT},
            {"role": "user", "content": f"When is invoice {question} due?"},
        ]
        rows.append(
            {
                "trace_id": f"{day:%d}-{i}",
                "timestamp": at.isoformat(),
                "name": "billing-chat",
                "model": model,
                "input": said,
                "output": answer(question, rate, rng.random()),
                "latency_s": float(np.exp(rng.normal(0, 0.3))),
                "metadata": {"temperature": 0.2},
            }
        )
    return rows


class Service:
    """The provider today: the alias refuses 12 %, the dated name 2 %. The same call asked again has another draw."""

    def __init__(self) -> None:
        self.asked: dict[str, int] = {}

    def reply(self, body: dict, _: object) -> str:
        key = json.dumps([body["model"], body["messages"]])
        self.asked[key] = self.asked.get(key, 0) + 1
        drawn = int.from_bytes(hashlib.blake2b(f"{key}{self.asked[key]}".encode(), digest_size=6).digest()) / 2**48
        question = int(body["messages"][-1]["content"].split()[3])
        return answer(question, 0.02 if body["model"] == PINNED else 0.12, drawn)


def tell(folder: Path, say: Callable[[str], None]) -> None:
    """Run the story's commands in a folder; `say` is given the page, paragraph by paragraph."""
    (folder / "traces").mkdir()
    for number in range((LAST - FIRST).days + 1):
        day = FIRST + timedelta(days=number)
        lines = "\n".join(map(json.dumps, day_of_traces(day)))
        (folder / "traces" / f"{day}.jsonl").write_text(lines + "\n", "utf-8")
    service = Service()
    with serving(Laws(reply_to=service.reply, version=ALIAS)) as running:
        (folder / "drift.toml").write_text(TOML.format(url=running.url))

        def run(*words: str, last: int | None = None, code: int = 0) -> str:
            done = CliRunner().invoke(app, list(words), env={"DRIFT_SALT": "story", "COLUMNS": "110"})
            assert done.exit_code == code, (words, done.output, done.exception)
            lines = [line.rstrip() for line in done.output.strip().splitlines()][-(last or 0) :]
            shown = " ".join(f'"{word}"' if " " in word else word for word in words)
            say("\n".join([f"    $ drift {shown}", *(f"    {line}" for line in lines)]).replace("127.0.0.1", "api.example"))
            return done.output

        say("Ten days of billing-chat are ordinary. On Monday somebody polishes the prompt.")
        run("backfill", "--from", str(FIRST), "--to", str(EDIT), last=1)
        say("On Tuesday the provider changes what stands behind the name `m-mini`, and tells nobody. On Wednesday morning:")
        run("run", "--day", str(UPDATE), code=3)
        listed = json.loads(CliRunner().invoke(app, ["incidents", "--json"]).output)
        incident = listed["incidents"][0]["id"][:8]
        say("Monday's prompt is the suspect at hand. What it would cost to know:")
        run("experiment", incident, "--dry-run")
        say("Asked:")
        run("experiment", incident, "--yes")
        say("So nobody rolls the prompt back. On Thursday the application names the dated model, and says so:")
        run("event", "billing-chat asks for m-mini-0801", "--kind", "config", "--at", f"{FIX}T00:00", "--where", "endpoint=billing-chat")
        run("backfill", "--from", str(UPDATE + timedelta(days=1)), "--to", str(LAST), last=1, code=3)
        say("Sunday morning, after three nights with the fix:")
        run("fixed", incident, "--since", str(FIX), "--note", "pinned")
        say("And so that it cannot come back unseen, its questions become a golden set:")
        run("golden", "from-incident", incident, "--to", "cases.jsonl", "--most", "25")


HEAD = """# From the alarm to the proved fix

<!-- written by tests/experiment/story.py, which runs it; change it there -->

Traffic whose law is known: 500 requests a day, refusals 2 % and from Tuesday 12 %, a provider that answers over HTTP. Every line below is what the
command printed; a test runs it and holds it against this page.
"""


def page() -> str:
    said: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        before = os.getcwd()
        os.chdir(folder)
        try:
            tell(Path(folder), said.append)
        finally:
            os.chdir(before)
    return HEAD + "\n" + "\n\n".join(said) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
    sys.stdout.write(f"{PAGE} is written\n")
