"""Real data through the whole night: `files` store, features, checks, profiles, detection, tables.

    .venv/bin/python benchmarks/real_nights.py llmdrift      # GPT-3.5 March, then June, 14 days each
    .venv/bin/python benchmarks/real_nights.py realtimeqa    # weekly RAG runs 2022–23, one week a day
    .venv/bin/python benchmarks/real_nights.py azure         # an hour of two services of Azure, one minute a day

The data are read from ../shared/data and never copied into the project. Prints, for each day, what alarmed.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import ks_2samp

from drift.config import Config
from drift.night import run

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
FIRST = date(2026, 1, 5)


def llmdrift(stretch: int = 14) -> pd.DataFrame:
    """The same prompts answered by gpt-3.5-turbo-0301 on the first days and by -0613 on the days after, in random order."""
    rows = pd.read_parquet(DATA / "llmdrift_gpt35.parquet")
    rng = np.random.default_rng(1)
    parts = []
    for index, (_, version) in enumerate(rows.groupby("version", sort=True)):
        parts.append(version.assign(day=index * stretch + rng.integers(0, stretch, len(version))))
    traffic = pd.concat(parts)
    return pd.DataFrame(
        {
            "trace_id": [f"t{i}" for i in range(len(traffic))],
            "timestamp": [_time(day, i, 1500) for i, day in enumerate(traffic["day"])],
            "name": traffic["task"].to_numpy(),
            "input": traffic["prompt"].to_numpy(),
            "output": traffic["response"].to_numpy(),
            "cost_usd": traffic["cost"].to_numpy(),
            "output_tokens": traffic["answer_token"].to_numpy(),
            "scores": [{name: value} for name, value in zip(traffic["score_name"], traffic["score"], strict=True)],
        }
    )


def realtimeqa() -> pd.DataFrame:
    """One trace a question and setting; week k of the run is day k. Names: open (with retrieval) and closed book."""
    predictions = pd.read_parquet(DATA / "realtimeqa_predictions.parquet").dropna(subset=["correct"])
    documents = pd.read_parquet(DATA / "realtimeqa_retrieval_gcs.parquet")
    found = {
        key: [
            {
                "id": str(row.url),
                "score": None,
                "updated_at": None
                if pd.isna(row.publish_date)
                else datetime.combine(row.publish_date, datetime.min.time(), UTC),
            }
            for row in group.itertuples()
        ]
        for key, group in documents.groupby(["week", "question_id"])
    }
    weeks = sorted(predictions["week"].unique())
    number = {week: index for index, week in enumerate(weeks)}
    searched = documents.groupby("week")["search_time"].min()
    rows = []
    for index, row in enumerate(predictions.itertuples()):
        at = _time(number[row.week], index, 4000)
        documents_at = found.get((row.week, row.question_id)) if row.mode == "open" and row.retriever == "gcs" else None
        # the calendar is compressed (a week becomes a day), so documents keep their age and not their date
        shift = at - searched[row.week].to_pydatetime().replace(tzinfo=UTC) if row.week in searched.index else None
        if documents_at is not None and shift is not None:
            documents_at = [d | {"updated_at": d["updated_at"] and d["updated_at"] + shift} for d in documents_at]
        rows.append(
            {
                "trace_id": f"t{index}",
                "timestamp": at,
                "name": f"{row.mode}-{row.retriever}" if row.mode == "open" else row.mode,
                "model": row.model,
                "output": row.prediction,
                "documents": documents_at,
                "scores": {"correct": float(row.correct)},
            }
        )
    return pd.DataFrame(rows)


def azure() -> pd.DataFrame:
    """Every request of two services in an hour, by its tokens alone: their mix jumps from none to two thirds within a minute."""
    rows = pd.read_parquet(DATA / "traffic_azure.parquet")
    minute = (rows["timestamp"] - rows["timestamp"].min()).dt.total_seconds() // 60
    return pd.DataFrame(
        {
            "trace_id": [f"t{i}" for i in range(len(rows))],
            "timestamp": [_time(day, i, 1000) for i, day in enumerate(minute)],
            "name": rows["service"].to_numpy(),
            "input_tokens": rows["prompt_tokens"].to_numpy(),
            "output_tokens": rows["completion_tokens"].to_numpy(),
        }
    )


def _time(day: int, index: int, spread: int) -> datetime:
    start = datetime.combine(FIRST + timedelta(days=int(day)), datetime.min.time(), UTC)
    return start + timedelta(seconds=(index % spread) * 86400 // spread)


def two_samples(traffic: pd.DataFrame) -> str:
    """What a two-sample test says of the same nights, as tools do that take traces for independent: Kolmogorov–Smirnov at 0.01."""
    columns = [name for name in ("input_tokens", "output_tokens") if name in traffic]
    number = (traffic["timestamp"].dt.date - FIRST).map(lambda past: past.days)
    nights = range(7, int(number.max()) + 1)
    told = 0
    for night in nights:
        before, today = traffic[(number < night) & (number >= night - 28)], traffic[number == night]
        told += any(ks_2samp(before[name], today[name]).pvalue <= 0.01 for name in columns)
    return f"two-sample Kolmogorov–Smirnov tests at 0.01 alarm on {told} of {len(nights)} nights"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("which", choices=["llmdrift", "realtimeqa", "azure"])
    traffic = {"llmdrift": llmdrift, "realtimeqa": realtimeqa, "azure": azure}[parser.parse_args().which]()
    with tempfile.TemporaryDirectory() as folder:
        traffic.to_parquet(f"{folder}/traces.parquet")
        config = Config.of(
            {
                "store": {"type": "files", "path": f"{folder}/traces.parquet"},
                "lake": {"url": f"{folder}/lake"},
                "results": {"url": f"sqlite:///{folder}/drift.db"},
                "segments": {"dimensions": ["name"], "min_traces": 20},
                "embeddings": {"enabled": False},
                "alerts": {"slack": False},
            }
        )
        days = (traffic["timestamp"].max().date() - FIRST).days
        seen: Counter[str] = Counter()
        for night in run.backfill(config, FIRST, FIRST + timedelta(days=days)):
            print(f"{night.day}  {night.answer:11s} {night.traces:5d} traces  {night.said.reason}")
            for finding in sorted(night.alarms, key=lambda f: f.p if f.p is not None else 0):
                where = "" if finding.dimension == "all" else f" [{finding.dimension}={finding.value}]"
                seen[f"{finding.metric}{where}"] += 1
                print(
                    f"      {finding.metric}{where} {finding.statistic}: {finding.value_from:.4g} → {finding.value_to:.4g}  {finding.reason}"
                )
        print("\nnights with an alarm, by series:")
        for series, nights in seen.most_common(20):
            print(f"  {nights:3d}  {series}")
        if "output_tokens" in traffic:
            print(two_samples(traffic))


if __name__ == "__main__":
    main()
