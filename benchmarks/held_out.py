"""How right refusals, injections and personal data are told on sources, models and prompts that were held out, and how fast.

`python -m benchmarks.held_out [DATA]`. Precision, recall and F1 with 95 % intervals (Wilson; F1 by 1,000 bootstrap samples of
prompts), rows and MB a second of processor time on one core. Takes about two minutes: models are fitted anew for every
part that is held out. The signals that need no fit are in `benchmarks.signals`.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.intervals import line, share
from drift.features import declining, injection, ngrams, pii, refusal, tone
from drift.features.flat import Flat
from drift.features.tokens import tokens
from training import injection as train_injection
from training import refusal as train_refusal

ORDINARY_DOCUMENTS = ("vectara", "vectara_pages", "halueval_answers", "oasst_answers")


def speed(name: str, classify: Callable, texts: list[str], rows: int = 50_000) -> str:
    column = pa.array((texts * (rows // len(texts) + 1))[:rows], pa.string())
    classify(column.slice(0, 100))
    start = time.process_time()
    classify(column)
    seconds = time.process_time() - start
    rate = f"{rows / seconds:9,.0f} rows/s  {column.nbytes / seconds / 1e6:6.0f} MB/s"
    return f"{name:46s} {rate}  ({column.nbytes / rows:.0f} bytes a row)"


def refusals(data: Path) -> None:
    examples, origin = train_refusal.labelled(data)
    true, partial = examples.label == 1, examples.partial == 1
    # the model of short answers has seen none of the labelled ones
    answers = ngrams.column(list(examples.text))
    size = pc.binary_length(answers).to_numpy()
    short = np.flatnonzero((size > 0) & (size <= declining.LONGEST))
    refused, declined = np.zeros((2, len(true)), bool)
    refused[short], declined[short] = declining.by_model(answers.take(pa.array(short)))
    seen = ngrams.normal(ngrams.ends(answers, refusal.HEAD))
    disclaimed = declining.disclaimed(seen)
    declined |= declining.declined(seen, size)
    for by, seen in (("model", "model and prompts unseen"), ("source", "source unseen")):
        print(f"\nrefusal: {seen}")
        said, said_partial = np.zeros(len(true), bool), np.zeros(len(true), bool)
        for group, rows, whole, part in train_refusal.unseen(data, by):
            no = (whole > 0) & ~disclaimed[rows]
            said[rows], said_partial[rows] = no | refused[rows], no & (part > 0)
            full = rows[~partial[rows]]
            print(line(f"  {group[:34]}, partials counted", true[rows], said[rows], origin.prompt.iloc[rows]))
            print(line(f"  {group[:34]}, without partials", true[full], said[full], origin.prompt.iloc[full]))
        full = ~partial
        print(line("  all, partials counted", true, said, origin.prompt))
        print(line("  all, without partials", true[full], said[full], origin.prompt[full]))
        print(line("  did not help, without partials", true[full], (said | declined & ~disclaimed)[full], origin.prompt[full]))
        print(line("  partial among all answers", partial, said_partial, origin.prompt))
    ordinary = pd.read_parquet(data / "alpaca_eval.parquet").output.astype(str).tolist()
    print(share("  shipped model, alpaca_eval (never trained on)", refusal.classify(ordinary).refusal > 0))
    print(speed("  refusals.parquet", refusal.classify, examples.text.tolist()))
    print(speed("  alpaca_eval", refusal.classify, ordinary))


def injections(data: Path) -> None:
    print("\ninjection: source unseen")
    parts = list(train_injection.unseen(data))
    for source, rows, scores in parts:
        true, said = rows.label.to_numpy() == 1, scores > 0
        if true.any():
            print(share(f"  {source[:34]}, attacks", said[true]))
        if not true.all():
            print(share(f"  {source[:34]}, harmless", said[~true]))
    rows = pd.concat([rows.assign(said=scores > 0) for _, rows, scores in parts])
    print(share("  all attacks (recall)", rows.said[rows.label == 1].to_numpy()))
    by_source = [(scores > 0)[rows.label == 1].mean() for _, rows, scores in parts if (rows.label == 1).any()]
    print(f"{'  mean of the sources of attacks':46s} n {len(by_source):5d}  found in {np.mean(by_source):.4f}")
    for kind, sources in (
        ("questions", ("clinc150", "oasst", "halueval", "xstest", "llmdrift")),
        ("documents", ORDINARY_DOCUMENTS),
    ):
        print(share(f"  ordinary {kind}", rows.said[rows.source.isin(sources) & rows.category.isna()].to_numpy()))
    print(share("  all labelled harmless inputs", rows.said[(rows.label == 0) & rows.category.notna()].to_numpy()))
    print("\ninjection: other attacks and texts of the same sources")
    rows, scores = train_injection.unseen_parts(data)
    true, said = rows.label.to_numpy() == 1, scores > 0
    for source, at in rows.groupby("source").indices.items():
        if true[at].any():
            print(share(f"  {source[:34]}, attacks", said[at][true[at]]))
    print(share("  all attacks (recall)", said[true]))
    print(share("  CLINC150 queries", said[(rows.source == "clinc150").to_numpy()]))
    print("\ninjection: shipped model on ordinary inputs it never saw")
    queries = pd.read_parquet(data / "intent_queries.parquet").text
    rest = queries[~queries.isin(train_injection.ordinary(data).text)].tolist()
    print(share("  intent_queries left out of training", injection.classify(rest) > 0))
    for file, column in (("alpaca_eval", "instruction"), ("realtimeqa_questions", "question")):
        texts = pd.read_parquet(data / f"{file}.parquet")[column].drop_duplicates().astype(str).tolist()
        print(share(f"  {file}", injection.classify(texts) > 0))
    attacks = train_injection.labelled(data).query("source == @train_injection.NOT_FOR_TRAINING").text.tolist()
    print(share("  tensor_trust (never trained on), attacks", injection.classify(attacks) > 0))
    print(speed("  injections.parquet", injection.classify, train_injection.labelled(data).text.tolist()))
    print(speed("  alpaca_eval inputs", injection.classify, texts))


def personal_data(data: Path) -> None:
    print("\npersonal data: rows of pii.parquet (no training)")
    rows = pd.read_parquet(data / "pii.parquet")
    gold = [json.loads(spans) for spans in rows.spans]
    found = pii.classify(rows.text.tolist())
    both, true, said = [], [], []
    for type_ in pii.TYPES:
        has = np.array([any(span["type"].lower() == type_ for span in spans) for spans in gold])
        print(line(f"  {type_}", has, found[type_] > 0, rows.template_id.astype(str)))
        true.append(has)
        said.append(found[type_] > 0)
        both.append(rows.template_id.astype(str))
    print(line("  all types", np.concatenate(true), np.concatenate(said), pd.concat(both)))
    answers = pd.read_parquet(data / "alpaca_eval.parquet").output.astype(str).tolist()
    for file, column in (("alpaca_eval", "output"), ("halueval_general", "response")):
        texts = pd.read_parquet(data / f"{file}.parquet")[column].dropna().astype(str).tolist()
        print(share(f"  {file}", np.maximum.reduce(list(pii.classify(texts).values())) > 0))
    print(speed("  alpaca_eval", pii.classify, answers))
    print(speed("  pii.parquet", pii.classify, rows.text.tolist()))


def tones(data: Path) -> None:
    print("\ntone: speed with the words given")
    answers = pd.read_parquet(data / "alpaca_eval.parquet").output.astype(str).str[:1000].tolist()[:5000]
    words = tokens(Flat.of(pa.array(answers)))
    start = time.process_time()
    tone.sentiment(words)
    tone.toxicity(words)
    print(f"  sentiment and toxicity {len(answers) / (time.process_time() - start):,.0f} rows/s")


def main(data: Path) -> None:
    for part in (refusals, injections, personal_data, tones):
        part(data)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "/work/shared/data"))
