"""How often `drift experiment` names the right cause, and how often it accuses the provider wrongly.

    python benchmarks/experiment.py --seeds 100          # in-process: the law is called where the client would call the service
    python benchmarks/experiment.py --seeds 3 --http     # the same over real HTTP, with the ledger and `openai`

Laws, written before the experiment was first run. An application answers from documents; its questions are 240, asked by Zipf's law (exponent 0.7) in
one of three wordings that differ in a word of courtesy. Its calls have a system prompt, the documents and the question, temperature 0.2; the store has the messages
as they were sent, the documents' texts, the parameters and the model. 400 calls of ordinary nights and 400 of the incident's are drawn; 5,000
and 5,000 requests are stored with their values. An answer fails (refuses) with a chance p of its question (beta, mean 2 %, a = 0.5), raised
to 12 % in the mean by what is planted, on all questions alike; its length is lognormal around a mean of its question (0.4 between, 0.2
within) and 10 % shorter by what is planted. Within means: asked twice it differs so.

Planted: `provider` (the service's answers to everything changed, no name did), `prompt` (the system prompt was edited, no version was),
`documents` (poorer ones are found for the same questions), `audience` (half of the questions are new ones, which fail or are short by
nature: twice the change), `temperature` (0.2 to 1.0 in the request; the answers to all are as planted), `nothing` (the incident's calls have failures or short answers on file, as a burst would
leave them, and nothing that answers or asks is another). Decoys, each with probability 1/2 in every draw: an edit of the prompt that does nothing,
documents in other words that do nothing, another top_p that does nothing, and 15 % of the incident's questions new ones of the usual kind.
Right: the one planted part is the first cause and there is no second. For `nothing`: over or chance, or not there. No answer is wrong.
`unrecorded`: a temperature that the store does not say; right is anything but the provider alone.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np

from drift.config import Config
from drift.experiment import asking
from drift.experiment.calls import Recorded, Sides
from drift.experiment.effects import difference
from drift.experiment.run import Level, Outcome, Series, prepare, run
from drift.experiment.verdict import Part
from drift.judge.chat import Chat, Reply
from drift.judge.spending import Budget
from drift.results.database import Database
from drift.stores.final_call import FinalCall

DAY = date(2026, 11, 24)
QUESTIONS, NEW, CALLS, STORED = 240, 120, 400, 5000
BEFORE, AFTER, SHORTER = 0.02, 0.12, np.log(0.9)
SERIES = {"failure": Series("refusal", "level"), "length": Series("output_characters", "level")}
CAUSES = {
    "provider": Part.PROVIDER,
    "prompt": Part.PROMPT,
    "documents": Part.DOCUMENTS,
    "audience": Part.ASKED,
    "temperature": Part.PARAMETERS,
    "nothing": Part.GONE,
    "unrecorded": None,
}
PROMPT = "You are the assistant of a shop. Answer from the documents only, in two or three sentences, and name the page."
EDITED = "You are the assistant of a shop. Answer from the documents only. If you are not certain that they answer it, decline. Name the page."
HARMLESS = (
    "You are the assistant of our shop. Answer from the documents only, in two or three sentences, and please name the page."
)
# concerns that measure neither
UNUSED = (
    "language", "format", "repetition", "questions", "overlap", "tone", "prompt_leak", "retrieval", "freshness", "usage", "errors",
    "tools", "steps", "assembly", "scores",
)  # fmt: skip
COURTESY = ("", "please ", "kindly ")
REFUSALS = (
    "I'm sorry, but I can't help with that request.",
    "I am unable to assist with this. I'm sorry about that.",
    "Sorry, I cannot answer that question.",
)
WORDS = [
    "the",
    "page",
    "of",
    "the",
    "account",
    "shows",
    "how",
    "each",
    "order",
    "is",
    "sent",
    "paid",
    "returned",
    "and",
    "stored",
    "with",
    "its",
    "number",
    "date",
    "address",
    "and",
    "total",
]


@dataclass
class World:
    """One application; `planted` is what changed it, `size` whether failures or lengths."""

    planted: str
    kind: str
    rng: np.random.Generator
    decoys: dict[str, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rng = self.rng
        self.decoys = {name: bool(rng.random() < 0.5) for name in ("prompt", "documents", "parameters", "questions")}
        n = QUESTIONS + 2 * NEW
        chance = rng.beta(0.5, 0.5 * (1 - BEFORE) / BEFORE, n)
        self.chance = np.clip(chance * BEFORE / chance.mean(), 0, 0.9)
        self.length = rng.normal(5.4, 0.4, n)
        popular = 1 / np.arange(1, QUESTIONS + 1) ** 0.7
        self.popular = popular / popular.sum()
        strange = slice(QUESTIONS, QUESTIONS + NEW)
        self.chance[strange] = np.clip(self.chance[strange] + 2 * (AFTER - BEFORE), 0, 0.95)
        # on the log scale half of the questions, twice the change: by what they are drawn with, answers are 10 % shorter in every draw
        new = rng.normal(0.0, 0.4, NEW)
        self.length[strange] = self.popular @ self.length[:QUESTIONS] + 2 * SHORTER + new - new.mean()

    def questions(self, n: int, now: bool) -> np.ndarray:
        own = self.rng.choice(QUESTIONS, n, p=self.popular)
        if now and self.planted == "audience":
            return np.where(self.rng.random(n) < 0.5, QUESTIONS + self.rng.integers(0, NEW, n), own)
        if now and self.decoys["questions"]:
            return np.where(self.rng.random(n) < 0.15, QUESTIONS + NEW + self.rng.integers(0, NEW, n), own)
        return own

    def answers(self, questions: np.ndarray, worse: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Whether each is refused, and its length in characters; worse: where what is planted acts."""
        fails = self.kind == "failure"
        raised = (AFTER - BEFORE) / (1 - BEFORE)
        p = self.chance[questions]
        p = np.where(worse & fails, p + raised * (1 - p), p)
        length = (
            self.length[questions] + np.where(worse & (not fails), SHORTER, 0.0) + 0.2 * rng.standard_normal(len(questions))
        )
        return rng.random(len(questions)) < p, np.exp(length)

    def text(self, refused: bool, length: float, rng: np.random.Generator) -> str:
        if refused and self.kind == "failure":
            return REFUSALS[rng.integers(len(REFUSALS))]
        words, size = [], 0
        while size < length:
            words.append(WORDS[rng.integers(len(WORDS))])
            size += len(words[-1]) + 1
        return " ".join(words)[: max(1, round(length))]

    def documents(self, question: int, now: bool) -> list[str]:
        if now and self.planted == "documents":
            return [f"Page {question}: a general introduction to the shop and its history, part {k}." for k in range(2)]
        if now and self.decoys["documents"]:
            return [
                f"Page {question}: what is asked about item {question} is written down here, in part {k}." for k in range(3)
            ]
        return [f"Page {question}: all that is known of item {question}, with its steps, part {k}." for k in range(3)]

    def prompt(self, now: bool) -> str:
        if now and self.planted == "prompt":
            return EDITED
        return HARMLESS if now and self.decoys["prompt"] else PROMPT

    def parameters(self, now: bool) -> dict:
        if self.planted == "unrecorded":
            return {}
        hot = now and self.planted == "temperature"
        return {"temperature": 1.0 if hot else 0.2, "top_p": 0.95 if now and self.decoys["parameters"] else 1.0}

    def call(self, question: int, now: bool, rng: np.random.Generator) -> tuple[FinalCall, str, list[str]]:
        asked = f"How do I {COURTESY[rng.integers(3)]}use item {question} of the shop?"
        documents = self.documents(question, now)
        found = "\n\n".join(documents)
        said = (
            {"role": "system", "content": self.prompt(now)},
            {"role": "user", "content": f"Documents:\n{found}\n\nQuestion: {asked}"},
        )
        return FinalCall(said, "shop-1", "shop-1-0501", self.parameters(now)), asked, documents

    def worse_today(self, said: Sequence[dict], parameters: dict) -> bool:
        """Whether what is planted acts on a call that is asked today."""
        whole = "\n".join(message["content"] for message in said)
        return {
            "provider": True,
            "prompt": "decline" in whole,
            "documents": "general introduction" in whole,
            "temperature": parameters.get("temperature", 1.0) > 0.5,
            "unrecorded": True,
        }.get(self.planted, False)

    def reply(self, said: Sequence[dict], parameters: dict, rng: np.random.Generator) -> str:
        question = int(said[-1]["content"].rsplit("use item ", 1)[1].split()[0])
        worse = np.array([self.worse_today(said, parameters)])
        refused, length = self.answers(np.array([question]), worse, rng)
        return self.text(bool(refused[0]), float(length[0]), rng)

    def recorded(self, now: bool) -> tuple[tuple[Recorded, ...], np.ndarray]:
        """Calls on file, and the values of all stored requests on the metric's scale."""
        rng = self.rng
        stored = self.questions(STORED, now)
        # on file the change is there, by whatever it was made; with another audience it is made by the questions themselves
        worse = np.full(STORED, now and self.planted != "audience")
        refused, length = self.answers(stored, worse, rng)
        calls = []
        for at in range(CALLS):
            call, asked, documents = self.call(int(stored[at]), now, rng)
            row = {
                "trace_id": f"{'now' if now else 'then'}-{at}",
                "timestamp": f"{DAY}T12:00:00Z",
                "name": "shop",
                "input": asked,
                "output": self.text(bool(refused[at]), float(length[at]), rng),
                "model": call.answered_by,
                "documents": [{"text": text} for text in documents],
            }
            calls.append(Recorded(row["trace_id"], DAY, call, row))
        values = refused.astype(float) if self.kind == "failure" else np.log(np.maximum(length, 1.0))
        return tuple(calls), values


class LawChat(Chat):
    """The service's law where the client would be."""

    world: World
    seed: int

    def ask(self, messages, schema=None, **parameters) -> Reply:  # noqa: ARG002
        # the law's own draw for each call, whatever the order of threads
        self.count = getattr(self, "count", 0) + 1
        rng = np.random.default_rng([self.seed, self.count])
        text = self.world.reply(messages, parameters, rng)
        return Reply(text, "stop", 100, 50, "shop-1-0501", 0.1)


def draw(planted: str, kind: str, seed: int, http: bool = False) -> Outcome:
    """One incident, from its records to the verdict."""
    world = World(planted, kind, np.random.default_rng([25, seed, sorted(CAUSES).index(planted), kind == "length"]))
    then, before = world.recorded(now=False)
    now, since = world.recorded(now=True)
    level = Level(float(before.mean()), float(since.mean()), difference(before, since))
    told = AFTER - BEFORE if kind == "failure" else float(SHORTER)
    with tempfile.TemporaryDirectory() as folder:
        settings = {
            "lake": {"url": f"{folder}/lake"},
            "results": {"url": f"sqlite:///{folder}/drift.db"},
            "embeddings": {"enabled": False},
            "metrics": {name: {"enabled": False} for name in (*UNUSED, *(["refusal"] if kind == "length" else []))},
            "experiment": {"input_usd": 1.0, "output_usd": 1.0, "parallel": 8 if http else 1},
        }
        if http:
            return _over_http(world, settings, Sides(then, now), SERIES[kind], level, told, seed)
        config = Config.of(settings)
        # nothing is killed here, and measuring many answers at once is faster
        asking.AT_ONCE = 5000
        exchange, plan = prepare(Sides(then, now), config)
        chat = LawChat("openai", "shop-1", "", None, None)  # type: ignore[arg-type]
        chat.world, chat.seed = world, seed
        budget = _Unpaid(None, DAY, "experiment", 0, 0.0)  # type: ignore[arg-type]
        return run(config, exchange, plan, SERIES[kind], level, told, "experiment-x", DAY, budget, lambda name: chat)


class _Unpaid(Budget):
    def spent(self) -> tuple[int, float]:
        return 0, 0.0


def _over_http(world: World, settings: dict, sides: Sides, series: Series, level: Level, told: float, seed: int) -> Outcome:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
    from judge.chat_server import Laws, serving

    def reply_to(body: dict, own) -> str:
        return world.reply(body["messages"], body, np.random.default_rng(own.getrandbits(60)))

    with serving(Laws(reply_to=reply_to, version="shop-1-0501", seed=seed)) as service:
        settings["experiment"]["endpoint"] = service.url
        config = Config.of(settings)
        exchange, plan = prepare(sides, config)
        database = Database(config.results.url)
        try:
            budget = Budget(database, DAY, "experiment", config.experiment.calls, config.experiment.usd)
            model = asking.models(config.experiment, budget)
            return run(config, exchange, plan, series, level, told, "experiment-x", DAY, budget, model)
        finally:
            database.close()


def is_right(planted: str, outcome: Outcome) -> bool:
    said = outcome.verdict
    if planted == "unrecorded":
        return said.causes != (Part.PROVIDER,) or said.or_unrecorded
    return said.causes == (CAUSES[planted],) or (planted == "nothing" and said.not_there)


def accuses(planted: str, outcome: Outcome) -> bool:
    return Part.PROVIDER in outcome.verdict.causes and planted != "provider" and not outcome.verdict.or_unrecorded


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--only", nargs="*", default=list(CAUSES))
    parser.add_argument("--http", action="store_true")
    given = parser.parse_args()
    logging.disable(logging.WARNING)
    print(
        "| planted | what changed | right | provider accused | most calls of an arm | otherwise said |\n|---|---|---|---|---|---|"
    )
    for planted in given.only:
        for kind in SERIES:
            right = wrongly = most = 0
            others: Counter[str] = Counter()
            for seed in range(given.first, given.first + given.seeds):
                outcome = draw(planted, kind, seed, given.http)
                right += is_right(planted, outcome)
                wrongly += accuses(planted, outcome)
                most = max(most, *outcome.asked.values())
                if not is_right(planted, outcome):
                    others["+".join(outcome.verdict.causes) or ("not there" if outcome.verdict.not_there else "not told")] += 1
            told = ", ".join(f"{name} {n}" for name, n in others.most_common())
            print(f"| {planted} | {kind} | {right} of {given.seeds} | {wrongly} | {most} | {told} |", flush=True)


if __name__ == "__main__":
    main()
