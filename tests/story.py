"""The story of docs/story.md and notebooks/story.ipynb: Tuesday's silent update of billing-chat, from the alarm to the closed ticket.

Traffic, provider and GitHub are made up here with known laws; what drift says of them is drift's own, told by its commands.

    PYTHONPATH=tests python tests/story.py     # tells it anew and writes both
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[0]))
from alerts.trackers import Tracker, tracking  # noqa: E402
from judge.chat_server import Laws, serving  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
PAGE, NOTEBOOK = ROOT / "docs" / "story.md", ROOT / "notebooks" / "story.ipynb"
FIRST, EDIT, UPDATE, FIX, LAST = (date(2026, 10, day) for day in (10, 19, 20, 22, 23))
A_DAY = 500
QUESTIONS_OF = 600
ALIAS, PINNED = "m-mini", "m-mini-0801"
BEFORE, AFTER = 0.02, 0.12
PROMPT = "You are the billing assistant of a shop. Answer in one sentence."
EDITED = "You are the billing assistant of our shop. Please answer in one sentence."
QUESTIONS = (
    "When is invoice {} due?",
    "Thank you! And when is invoice {} due?",
    "I am annoyed: when is invoice {} due at last?",
)
REFUSALS = ("I'm sorry, but I can't help with that request.", "I am unable to assist with this. Sorry.")
SECRETS = {"DRIFT_SALT": "story", "DRIFT_GITHUB_TOKEN": "secret"}
PLAIN = {"COLUMNS": "80", "TERM": "dumb", "NO_COLOR": "1"}
TOML = """[store]
type = "files"
path = "traces"
[pull]
lookback_days = 0                # nothing comes late here
[segments]
dimensions = ["name", "model", "prompt"]
[embeddings]
enabled = false
[report]
enabled = false
[experiment]
endpoint = "{provider}"
input_usd = 0.15
output_usd = 0.60
parallel = 1                     # so that this page is the same each time
[[tickets]]
kind = "github"
repository = "acme/billing-chat"
url = "{github}"
"""


@dataclass(frozen=True)
class Say:
    """A paragraph."""

    text: str


@dataclass(frozen=True)
class Drift:
    """A command of drift and the exit code that it must have. {id} is the incident's."""

    command: str
    code: int = 0


@dataclass(frozen=True)
class Look:
    """Python whose output is shown on the page and in the notebook; figure: in the notebook alone."""

    source: str
    figure: bool = False


STEPS: tuple[Say | Drift | Look, ...] = (
    Say(
        f"Ten days of billing-chat, {A_DAY} requests each, are ordinary. On Monday somebody polishes the prompt, and CI says so."
    ),
    Drift(f'event "billing-chat 2026.43" --kind deploy --at {EDIT}T09:00 --where endpoint=billing-chat --source ci/4711'),
    Drift(f"backfill --from {FIRST} --to {EDIT}"),
    Say(f"On Tuesday the provider changes what stands behind the name `{ALIAS}`, and tells nobody. The night after it:"),
    Drift(f"run --day {UPDATE}", code=3),
    Say("A ticket is open under the incident's key; later nights add to it, and none opens a second."),
    Look("print(place.ticket())"),
    Say("Who opens the incident reads since when, where, what changed then, and answers from before and since."),
    Drift("incident {id}"),
    Look('figures.series("refusal", "name=billing-chat")', figure=True),
    Say(
        "Monday's prompt is the suspect at hand, for all requests have it and nothing else is new. That is no proof. What a proof costs:"
    ),
    Drift("experiment {id} --dry-run"),
    Say("The calls of ordinary nights, asked again today as they were, and once more with Monday's prompt:"),
    Drift("experiment {id} --yes"),
    Say(
        "That stands on the incident from now on, and nobody rolls the prompt back. On Thursday the application asks for the dated model, and says so."
    ),
    Drift(f'event "billing-chat asks for {PINNED}" --kind config --at {FIX}T00:30 --where endpoint=billing-chat'),
    Drift(f"run --day {UPDATE + timedelta(days=1)}"),
    Drift(f"run --day {FIX}"),
    Say("That a night is quiet proves no fix. Is it mended? On Friday morning:"),
    Drift("fixed {id} --since " + f"{FIX} --note 'asks for {PINNED}'"),
    Say("The next night closes the ticket:"),
    Drift(f"run --day {LAST}"),
    Look("print(place.ticket())"),
    Look('figures.incident("{id}")', figure=True),
    Say("And so that it cannot come back unseen, its questions become a golden set, which a gate asks before each release:"),
    Drift("golden from-incident {id} --to cases.jsonl --most 25"),
)


def _uniform(text: str) -> float:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=6).digest()) / 2**48


def answer(question: int, rate: float, fresh: float) -> str:
    """Refused with the rate, else a sentence that says something. To the same question mostly the same: one answer of five is drawn anew."""
    draw = 5 * fresh if fresh < 0.2 else _uniform(f"invoice {question}")
    if draw < rate:
        return REFUSALS[int(1e6 * draw) % len(REFUSALS)]
    return f"Invoice {question} was sent on the {1 + question % 28}th and is due within {14 + question % 17} days."


def day_of_traces(day: date) -> list[dict]:
    rng = np.random.default_rng(day.toordinal())
    pinned, rows = day >= FIX, []
    rate = AFTER if UPDATE <= day < FIX else BEFORE
    for i in range(A_DAY):
        question = int(rng.integers(QUESTIONS_OF))
        at = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=int(86_400 * i / A_DAY))
        said = [
            {"role": "system", "content": EDITED if day >= EDIT else PROMPT},
            {"role": "user", "content": QUESTIONS[int(rng.integers(len(QUESTIONS)))].format(question)},
        ]
        rows.append(
            {
                "trace_id": f"{day:%d}-{i}",
                "timestamp": at.isoformat(),
                "name": "billing-chat",
                "model": PINNED if pinned else ALIAS,
                "input": said,
                "output": answer(question, rate, rng.random()),
                "latency_s": float(np.exp(rng.normal(0, 0.3))),
                "metadata": {"temperature": 0.2},
            }
        )
    return rows


class Provider:
    """The provider after Tuesday: the alias refuses 12 %, the dated name 2 %. The same call asked again has another draw."""

    def __init__(self) -> None:
        self.asked: dict[str, int] = {}

    def reply(self, body: dict, _: object) -> str:
        key = json.dumps([body["model"], body["messages"]])
        self.asked[key] = self.asked.get(key, 0) + 1
        question = int(re.search(r"invoice (\d+)", body["messages"][-1]["content"])[1])
        return answer(question, BEFORE if body["model"] == PINNED else AFTER, _uniform(f"{key}{self.asked[key]}"))


class Place:
    """A folder with the traffic and a drift.toml, a provider and a GitHub, until it is closed."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self.folder = Path(self._open.enter_context(tempfile.TemporaryDirectory(prefix="drift-story-")))
        self._github: Tracker = self._open.enter_context(tracking("github"))
        provider = self._open.enter_context(serving(Laws(reply_to=Provider().reply, version=ALIAS)))
        (self.folder / "traces").mkdir()
        for number in range((LAST - FIRST).days + 1):
            day = FIRST + timedelta(days=number)
            lines = "\n".join(map(json.dumps, day_of_traces(day)))
            (self.folder / "traces" / f"{day}.jsonl").write_text(lines + "\n", "utf-8")
        (self.folder / "drift.toml").write_text(TOML.format(provider=provider.url, github=self._github.url))

    def ticket(self) -> str:
        """What stands in GitHub."""
        return "\n".join(
            f"acme/billing-chat #{number}, {ticket['state']}: {ticket['title']} ({len(ticket['told'])} comments)"
            for number, ticket in self._github.tickets.items()
        )

    def close(self) -> None:
        self._open.close()


def begin() -> Place:
    """The place, ready for `drift` in a notebook: in its folder, with its secrets in the environment and the command on the path."""
    place = Place()
    os.environ |= SECRETS | PLAIN | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    os.chdir(place.folder)
    return place


def tell() -> list[tuple[Say | Drift | Look, str]]:
    """Run the story in a folder of its own: each step as it was run, with what it printed."""
    from typer.testing import CliRunner

    from drift.cli import app

    here, place, told, incident = os.getcwd(), Place(), [], ""

    def run(words: list[str], code: int) -> str:
        done = CliRunner().invoke(app, words, env=SECRETS | PLAIN)
        assert done.exit_code == code, (words, done.exit_code, done.output, done.exception)
        return "\n".join(line.rstrip() for line in done.output.strip().splitlines())

    try:
        os.chdir(place.folder)
        for step in STEPS:
            if isinstance(step, Drift):
                step = Drift(step.command.replace("{id}", incident), step.code)
                told.append((step, run(shlex.split(step.command), step.code)))
                if step.command.startswith("run") and not incident:
                    incident = json.loads(run(["incidents", "--json"], 0))["incidents"][0]["incident"][:8]
            elif isinstance(step, Look):
                step = Look(step.source.replace("{id}", incident), step.figure)
                told.append((step, "" if step.figure else place.ticket()))
            else:
                told.append((step, ""))
    finally:
        os.chdir(here)
        place.close()
    return told


HEAD = f"""# From the alarm to the proved fix

<!-- written by tests/story.py, which runs it; change it there -->

Traffic whose law is known: {A_DAY} requests a day of which {BEFORE:.0%} are refused, from Tuesday {AFTER:.0%}; a provider that answers over HTTP; a
stand-in for GitHub. What stands below a command is what it printed: a test runs all of it and holds it against this page (but for what
a night compared and would have seen, which changes with each new metric), and [a notebook](https://github.com/nightdrift/nightdrift/blob/main/notebooks/story.ipynb) does the same with figures. Whose provider, dates and
traffic it is says `drift.toml`, here with `[experiment] endpoint` and one `[[tickets]]`.
"""


def page(told: list[tuple[Say | Drift | Look, str]]) -> str:
    parts = [HEAD.rstrip()]
    for step, printed in told:
        if isinstance(step, Say):
            parts.append(step.text)
        elif isinstance(step, Drift):
            parts.append("```text\n" + "\n".join(filter(None, (f"$ drift {step.command}", printed))) + "\n```")
        elif not step.figure:
            parts.append(f"```text\n{printed}\n```")
    return "\n\n".join(parts) + "\n"


FIRST_CELL = """import sys

sys.path.insert(0, "../tests")
import story

from drift import figures

place = story.begin()  # traffic, a provider and a GitHub of this notebook's own"""


def notebook(told: list[tuple[Say | Drift | Look, str]]):
    """The story as a notebook, not run yet."""
    import nbformat

    new = nbformat.v4
    cells = [
        new.new_markdown_cell(
            HEAD.split("\n\n")[0] + "\n\nThe story of [docs/story.md](../docs/story.md), told by `drift` here and now."
        )
    ]
    cells.append(new.new_code_cell(FIRST_CELL))
    for step, _ in told:
        if isinstance(step, Say):
            cells.append(new.new_markdown_cell(step.text))
        else:
            cells.append(new.new_code_cell(f"!drift {step.command}" if isinstance(step, Drift) else step.source))
    cells.append(new.new_code_cell("place.close()"))
    for number, cell in enumerate(cells):
        cell["id"] = f"story-{number}"
    return new.new_notebook(cells=cells)


def main() -> None:
    import nbformat

    sys.path.insert(0, str(ROOT / "notebooks"))
    import render

    told = tell()
    PAGE.write_text(page(told), "utf-8")
    nbformat.write(notebook(told), NOTEBOOK)
    render.render(NOTEBOOK)
    print(f"{PAGE} and {NOTEBOOK} are written")


if __name__ == "__main__":
    main()
