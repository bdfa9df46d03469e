"""How often the measures of form fire on real text, where there are no labels but the right order of magnitude is known.

    python -m benchmarks.forms

Corrections are looked for in first turns, where there can be none. Loops are counted in the answers of 21 models, code in
fences in the two snapshots of GPT-3.5 (LLMDrift found that the June one began to fence its code).
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from drift import traces
from drift.features import Batch, Context, format, questions, repetition

DATA = Path(os.environ.get("DRIFT_BENCHMARK_DATA", "/work/shared/data"))
_FIRST_TURNS = {
    "intent_queries": "text",
    "alpaca_eval": "instruction",
    "injections": "text",
    "llmdrift_gpt35": "prompt",
    "refusals": "prompt",
}


def corrections() -> None:
    found = total = 0
    for name, column in _FIRST_TURNS.items():
        texts = pd.read_parquet(DATA / f"{name}.parquet", columns=[column])[column].dropna().unique()
        found += int(questions.corrections(pa.array(texts)).sum())
        total += len(texts)
    print(f"correction: {found} of {total:,} different first turns (there is nothing to correct in one)")


def _measured(module, answers: pd.Series) -> dict[str, np.ndarray]:
    table = traces.table([{"trace_id": str(i), "timestamp": 0, "output": text} for i, text in enumerate(answers)])
    parts = [module.measure(Batch(table.slice(start, 4096)), Context()) for start in range(0, len(answers), 4096)]
    return {name: np.concatenate([np.asarray(part[name]) for part in parts]) for name in parts[0]}


def main() -> None:
    corrections()
    answers = pd.read_parquet(DATA / "alpaca_eval.parquet")
    loops = _measured(repetition, answers.output)["repetition"]
    print(f"repetition: {np.nansum(loops):.0f} of {len(loops):,} answers of {answers.model.nunique()} models")
    openings = pd.Series(_measured(format, answers.output)["opening"])
    share = (openings == format.OTHER).mean()
    print(f"opening: {openings.nunique()} different ones, {share:.0%} of the answers open otherwise")
    gpt35 = pd.read_parquet(DATA / "llmdrift_gpt35.parquet")
    gpt35["fenced"] = _measured(format, gpt35.response)["code_fenced"]
    gpt35["loop"] = _measured(repetition, gpt35.response)["repetition"]
    code = gpt35[gpt35.task == "leetcode_easy"].groupby("version").fenced.agg(["mean", "count"])
    for version, row in code.iterrows():
        print(f"code_fenced: GPT-3.5 {version}: {row['mean']:.0%} of {row['count']:.0f} answers with code")
    for version, group in gpt35[gpt35.task == "happynumber"].groupby("version"):
        print(f"repetition: GPT-3.5 {version}, counting happy numbers: {group.loop.mean():.1%} of {len(group)} answers")


if __name__ == "__main__":
    main()
