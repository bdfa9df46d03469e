"""What a golden set of 100 questions, each asked three times, sees on the first night, and how often it is wrong.

    python benchmarks/golden.py [--nights 300]
    python benchmarks/golden.py --http 1

Laws, written before the detector was run: 14 earlier runs. An example's answers are lognormal in length around a mean of its own (standard
deviation 0.6 between examples, 0.2 within) with a run's own shift (0.004); an answer is refused with a chance drawn for each example from a beta
law of mean 2 % (20 of 100 examples have nearly all of it); JSON is valid in 99 %, whichever the example; latency is lognormal (0.4) with a
run's own shift of 0.05. Changes: refusals rise to 8 % on all examples alike; answers 8 % shorter; JSON valid in 92 %.

The gate is the run against the last one: its power as `drift.golden.power` says it, and how often the gate really stops a change of that
size. Prints the tables of docs/golden.md. `--http N` draws each change N times over the whole real path instead: a chat service on this machine,
the real client, `drift.golden.run` and `history`; 4,500 calls a draw. Valid JSON is then what is expected of an answer.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from drift.compare.gate import gate
from drift.compare.rows import compare_rows
from drift.config import Config
from drift.detect.settings import Settings
from drift.golden import power
from drift.golden.paired import changes

EXAMPLES, TIMES, RUNS = 100, 3, 14
SETTINGS = Settings.of(Config.of({}))
CHANGES = {
    "nothing": {},
    "refusals 2 → 8 %": {"refusals": 0.06},
    "answers 8 % shorter": {"length": 0.92},
    "JSON 99 → 92 %": {"valid": 0.92},
}


class Application:
    """One application under its golden set: each example has a length and a chance of refusal of its own."""

    def __init__(self, rng: np.random.Generator):
        self.rng = rng
        self.length = rng.normal(5.5, 0.6, EXAMPLES)
        often = np.arange(EXAMPLES) < 20
        self.refuses = np.where(often, rng.beta(1.0, 10.0, EXAMPLES), 0.002)
        self.refuses *= 0.02 / self.refuses.mean()

    def run(self, refusals: float = 0.0, length: float = 1.0, valid: float = 0.99) -> pd.DataFrame:
        rng, n = self.rng, EXAMPLES * TIMES
        example = np.repeat(np.arange(EXAMPLES), TIMES)
        shift, slow = rng.normal(0, 0.004), rng.normal(0, 0.05)
        chance = self.refuses + refusals * (1 - self.refuses)
        return pd.DataFrame(
            {
                "example_id": example,
                "refusal": (rng.random(n) < chance[example]).astype(float),
                "output_characters": np.exp(self.length[example] + rng.normal(0, 0.2, n) + shift) * length,
                "json_valid": (rng.random(n) < valid).astype(float),
                "latency_s": np.exp(rng.normal(0.5, 0.4, n) + slow),
                "empty": (rng.random(n) < 0.001).astype(float),
                "truncated": (rng.random(n) < 0.005).astype(float),
            }
        )


def first_night(nights: int, rng: np.random.Generator) -> None:
    print("| change | found on the first night | anything else called changed |\n|---|---|---|")
    means = {"refusals 2 → 8 %": "refusal", "answers 8 % shorter": "output_characters", "JSON 99 → 92 %": "json_valid"}
    for name, change in CHANGES.items():
        found = wrong = 0
        # an unchanged run is wrong seldom, which takes more of them to see
        times = nights if change else 3 * nights
        for _ in range(times):
            application = Application(rng)
            past = [application.run() for _ in range(RUNS)]
            told = {each.metric for each in changes(application.run(**change), past, SETTINGS, 0.01) if each.changed}
            found += means.get(name, "") in told
            wrong += bool(told - {means.get(name)})
        print(
            f"| {name} | {found / times:.3f} | {wrong / times:.3f} |" if change else f"| {name} | | {wrong / times:.3f} |",
            flush=True,
        )


def realised(nights: int, rng: np.random.Generator) -> None:
    print("\n| the gate against the last run says (mean) | stops it in |\n|---|---|")
    sums: dict[str, list[float]] = {"refusal": [], "json_valid": [], "output_characters": []}
    stopped: dict[str, int] = dict.fromkeys(sums, 0)
    for _ in range(nights):
        application = Application(rng)
        last = application.run()
        sizes = {
            each.metric: each.size for each in power.told(last, Config.of({}), rng=np.random.default_rng(rng.integers(2**32)))
        }
        for metric, size in sizes.items():
            if metric not in sums:
                continue
            sums[metric].append(size)
            change = {
                "refusal": {"refusals": size},
                "json_valid": {"valid": 0.99 * (1 - size)},
                "output_characters": {"length": 1 - size},
            }[metric]
            result = gate(compare_rows(last, application.run(**change), Config.of({}), pair_on="example_id"), power.MARGINS)
            stopped[metric] += any(row.metric == metric for row in result.failed)
    says = {
        "refusal": "refusals {} points up",
        "json_valid": "valid JSON {} points down",
        "output_characters": "answers {} % shorter",
    }
    for metric, sizes in sums.items():
        print(
            f"| {says[metric].format(f'{100 * np.mean(sizes):.1f}')} | {stopped[metric] / max(1, len(sizes)):.3f} |", flush=True
        )


class Served:
    """The same application behind a chat API: words are as many as its characters would be by the law."""

    def __init__(self, seed: int):
        self.drawn = Application(np.random.default_rng(seed))
        self.rng = np.random.default_rng(seed + 1)
        self.change: dict[str, float] = {}
        self.begin()

    def begin(self) -> None:
        self.shift = self.rng.normal(0, 0.004)

    def reply(self, prompt: str, rng: random.Random) -> str:
        example = int(prompt.rsplit("?", 1)[0].split()[-1])
        chance = self.drawn.refuses[example]
        chance += self.change.get("refusals", 0.0) * (1 - chance)
        if rng.random() < chance:
            return "I'm sorry, but I can't help with that request."
        size = np.exp(self.drawn.length[example] + rng.gauss(0, 0.2) + self.shift) * self.change.get("length", 1.0)
        text = json.dumps({"ok": True, "text": "word " * max(1, round(size / 5))})
        return text if rng.random() < self.change.get("valid", 0.99) else text[:-1]


def over_http(draws: int) -> None:
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from judge.chat_server import Laws, serving

    from drift.golden import history
    from drift.golden.run import run

    means = {"refusals 2 → 8 %": "refusal", "answers 8 % shorter": "output_characters", "JSON 99 → 92 %": "golden.expected"}
    asked = [{"id": str(i), "input": f"What of {i}?", "json": {"ok": True}} for i in range(EXAMPLES)]
    print("| change, over HTTP | found on the first night | changed |\n|---|---|---|")
    for name, change in CHANGES.items():
        for draw in range(draws):
            application = Served(100 * draw + len(name))
            with TemporaryDirectory() as folder, serving(Laws(reply=application.reply, seed=draw)) as service:
                Path(folder, "set.jsonl").write_text("\n".join(map(json.dumps, asked)), "utf-8")
                golden = {"file": f"{folder}/set.jsonl", "model": "m", "endpoint": service.url, "times": TIMES}
                golden |= {"input_usd": 0.0, "output_usd": 0.0}
                config = Config.of({"golden": {"set": golden}, "embeddings": {"enabled": False}})
                config.lake.url, config.results.url = f"{folder}/lake", f"sqlite:///{folder}/drift.db"
                day = date(2026, 11, 1)
                for night in range(RUNS + 1):
                    application.begin()
                    application.change = change if night == RUNS else {}
                    run(config, "set", day + timedelta(days=night))
                found = history.since_before(config, "set", day + timedelta(days=RUNS))
            told = sorted(each.metric for each in found if each.changed)
            print(f"| {name} | {means.get(name) in told if change else ''} | {', '.join(told)} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nights", type=int, default=300)
    parser.add_argument("--http", type=int, metavar="N", help="draws over HTTP, instead of the tables")
    given = parser.parse_args()
    if given.http:
        over_http(given.http)
        return
    nights = given.nights
    rng = np.random.default_rng(24)
    first_night(nights, rng)
    realised(nights, rng)


if __name__ == "__main__":
    main()
