"""Sixty ordinary nights of an English, a German and a Japanese application: what opens an incident?

    python -m benchmarks.spoken [--traces 600] [--nights 60] [--languages en de ja] [--seed 7]

The law, written before the first run: nothing is planted, so no incident may be led by a language, toxicity, sentiment or a leak of the
prompt, of questions or of answers. The traffic is the demo store's (scenario quiet) with most users of that language.
"""

from __future__ import annotations

import argparse
import tempfile
from datetime import date, timedelta
from pathlib import Path

from drift.config import Config
from drift.night import run
from drift.results import frames
from drift.stores.demo import DemoOptions, DemoStore

SILENT = frozenset(
    ("input_language", "output_language", "toxicity", "sentiment", "input_toxicity", "input_sentiment", "prompt_leak")
)


def nights(folder: Path, language: str, count: int, traces: int, seed: int) -> list[str]:
    """The metrics that lead the incidents of so many ordinary nights."""
    store = {"type": "demo", "scenario": "quiet", "language": language, "traces_per_day": traces, "seed": seed}
    config = Config.of(
        {
            "store": store,
            "lake": {"url": str(folder / "lake")},
            "results": {"url": f"sqlite:///{folder}/drift.db"},
            "embeddings": {"enabled": False},
            "report": {"enabled": False},
        }
    )
    first: date = DemoStore(DemoOptions(scenario="quiet"), salt="").first_day
    for _ in run.backfill(config, first, first + timedelta(days=count - 1)):
        pass
    return frames.incidents(config.results.url).metric.tolist()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--traces", type=int, default=600)
    arguments.add_argument("--nights", type=int, default=60)
    arguments.add_argument("--languages", nargs="+", default=["en", "de", "ja"])
    arguments.add_argument("--seed", type=int, default=7)
    given = arguments.parse_args()
    for language in given.languages:
        with tempfile.TemporaryDirectory() as folder:
            led = nights(Path(folder), language, given.nights, given.traces, given.seed)
        forbidden = [metric for metric in led if metric in SILENT]
        told = f"incidents {len(led)} ({', '.join(led) or 'none'})"
        print(f"{language}  nights {given.nights}  {told}  led by language, tone or leak {len(forbidden)}", flush=True)


if __name__ == "__main__":
    main()
