"""How fast texts become vectors, and what a CPU second buys.

    python benchmarks/embed.py            encode: drift's all-MiniLM-L6-v2 against plain SentenceTransformer.encode, and the default
                                          encoder, a table of tokens: same texts, same run
    python benchmarks/embed.py --night    also a default night: inputs and outputs of the default sample, and documents and references;
                                          --model all-MiniLM-L6-v2 for a night of the full encoder
    python benchmarks/embed.py --power    also the full encoder on a sample against the table on all traffic

The texts are those of shared/data: short queries, instructions and answers of very different lengths, in random order. Routes
take turns, so that other work on the machine slows all of them alike; `--cpu` counts CPU seconds of one thread instead of
wall-clock seconds, for a busy machine. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator
from datetime import date
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow.parquet as pq
from scipy import stats

from drift import features, traces
from drift.config import Config
from drift.config.sections import FULL_MODEL, STATIC_MODEL
from drift.detect import vectors
from drift.features import Batch, embedding
from drift.features.embedding import VectorCache
from drift.features.embedding.encoders import bundled_folder, open_encoder

DATA = Path("/work/shared/data")


def texts(count: int, seed: int = 0) -> list[str]:
    """`count` different texts, half inputs and half outputs, shuffled."""
    rng = np.random.default_rng(seed)
    inputs = [*_sample(rng, "intent_queries", "text", count // 5), *_sample(rng, "alpaca_eval", "instruction", count // 5)]
    inputs += _sample(rng, "halueval_general", "prompt", count // 2 - len(inputs))
    outputs = [*_sample(rng, "alpaca_eval", "output", count // 4), *_sample(rng, "halueval_general", "response", count // 8)]
    outputs += _sample(rng, "llmdrift_gpt35", "response", count - len(inputs) - len(outputs))
    mixed = [*inputs, *outputs]
    return [mixed[i] for i in rng.permutation(len(mixed))]


def _sample(rng: np.random.Generator, file: str, column: str, count: int) -> list[str]:
    values = pq.read_table(DATA / f"{file}.parquet", columns=[column]).column(column).unique().to_pylist()
    values = [v for v in values if v and v.strip()]
    return [values[i] for i in rng.permutation(len(values))[:count]]


def routes() -> dict[str, Callable[[list[str]], np.ndarray]]:
    from sentence_transformers import SentenceTransformer

    plain = SentenceTransformer(str(bundled_folder()), device="cpu")
    exact, approximate = open_encoder(FULL_MODEL), open_encoder(FULL_MODEL, precision="bfloat16")
    return {
        "plain": lambda t: plain.encode(t, batch_size=32, show_progress_bar=False),
        "exact": exact.encode,
        "approximate": approximate.encode,
        "static": open_encoder().encode,
    }


def encode(count: int, rounds: int, clock: Callable[[], float]) -> dict[str, float]:
    sentences = texts(count)
    seconds: dict[str, list[float]] = {}
    vectors: dict[str, np.ndarray] = {}
    ways = routes()
    for way in ways.values():
        way(sentences[:32])
    for _ in range(rounds):
        for name, way in ways.items():
            start = clock()
            vectors[name] = way(sentences)
            seconds.setdefault(name, []).append(clock() - start)
    best = {name: min(spent) for name, spent in seconds.items()}
    out = {"texts": len(sentences)}
    for name in ways:
        rank = rank_correlation(vectors[name], vectors["plain"])
        speedup = best["plain"] / best[name]
        said = f"{name:12s} {len(sentences) / best[name]:8.1f} texts/s {1e3 * best[name] / len(sentences):6.2f} ms/text ×{speedup:.2f}"
        if name == "static":
            # another space: only similarities can be compared
            print(f"{said}  rank {rank:.5f}")
            out |= {"speedup_static": round(speedup, 1), "rank_correlation_static": round(rank, 3)}
            continue
        cosine = float((vectors[name] * vectors["plain"]).sum(1).mean())
        centroid = float(np.linalg.norm(vectors[name].mean(0) - vectors["plain"].mean(0)))
        print(f"{said}  rank {rank:.5f}  cosine {cosine:.5f}  centroid moved {centroid:.5f}")
        if name != "plain":
            out |= {f"speedup_{name}": round(speedup, 3), f"fidelity_{name}": round(min(cosine, rank), 5)}
    if out["speedup_approximate"] < out["speedup_exact"]:
        print("this CPU has no fast bfloat16: float32 is the better choice at any fidelity")
        out |= {"speedup_approximate": out["speedup_exact"], "fidelity_approximate": out["fidelity_exact"]}
    return out


def rank_correlation(vectors: np.ndarray, reference: np.ndarray) -> float:
    """Of all pairwise similarities."""
    pairs = np.triu_indices(len(reference), 1)
    return float(stats.spearmanr((vectors @ vectors.T)[pairs], (reference @ reference.T)[pairs])[0])


def night(model: str) -> dict[str, float]:
    """Seconds to embed a first night of the encoder's default sample as `drift run` does, loading the model included.

    Every trace has an input, an output, a document (900 characters) and a reference, all different: no cache and no equal texts help.
    """
    rng, n = np.random.default_rng(1), Config.of({"embeddings": {"model": model}}).embeddings.sample
    sentences = [f"{text} {i}" for i, text in _again(texts(min(2 * n, 3000), seed=1), 2 * n)]
    heads = _sample(rng, "realtimeqa_retrieval_gcs", "text_head", 4500)
    # the data's texts end after 300 characters
    documents = [f"{text} {i}" for i, text in _again(["\n".join(heads[i : i + 3]) for i in range(0, len(heads), 3)], n)]
    references = [f"{text} {i}" for i, text in _again(_sample(rng, "vectara_v1_summaries", "summary", 1500), n)]
    rows = [
        {"trace_id": f"t{i}", "timestamp": 0, "input": sentences[i], "output": sentences[n + i]}
        | {"documents": [{"id": "a", "text": documents[i]}], "reference": references[i]}
        for i in range(n)
    ]
    config = Config.of({"embeddings": {"model": model}})
    with TemporaryDirectory() as folder:
        batch, cache = Batch(traces.table(rows)), VectorCache(folder, date(2026, 1, 1))
        start, busy = time.perf_counter(), time.process_time()
        context = features.context(config, traces=n, cache=cache)
        embedding.measure(batch, context)
        stored = sum(path.stat().st_size for path in Path(folder).rglob("*.npz"))
    return {
        "night_cache_mb": round(stored / 1e6, 1),
        "night_seconds": round(time.perf_counter() - start, 1),
        "night_cpu_seconds": round(time.process_time() - busy, 1),
        "night_texts": context.embedder.encoded,
        "night_traces": n,
    }


def _again(texts: list[str], count: int) -> Iterator[tuple[int, str]]:
    return zip(range(count), cycle(texts), strict=False)


def power(sample: int = 500, nights: int = 300) -> dict[str, float]:
    """Power at 1 % false alarms of the full encoder on `sample` queries a day, of the table on as many as the same CPU time buys and
    on the same number, and of both on their default samples, for a domain whose share of the queries rises from 20 %.

    Days are drawn from CLINC150 with a mix that wobbles from day to day as in the peer harness (logit sd 0.15). The thresholds
    are each encoder's own 1 % quantile of p over unchanged nights.
    """
    import real_texts

    from drift.detect import vectors

    (table, full), (_, quick) = real_texts.queries(FULL_MODEL), real_texts.queries(STATIC_MODEL)
    keep = np.flatnonzero(table.domain != "out_of_scope")
    table, full, quick = table.iloc[keep].reset_index(drop=True), full[keep], quick[keep]
    domains = sorted(table.domain.unique())
    some = table.text.tolist()[:2000]
    rows = int(
        sample * _cpu_seconds(open_encoder(FULL_MODEL).encode, some) / _cpu_seconds(open_encoder(STATIC_MODEL).encode, some)
    )
    samples = {model: Config.of({"embeddings": {"model": model}}).embeddings.sample for model in (FULL_MODEL, STATIC_MODEL)}
    own = [np.flatnonzero(table.domain == d) for d in domains]
    out: dict[str, float] = {"static_rows_for_equal_cost": rows}
    for wobble in (0.0, 0.15):
        for name, x, n in (
            ("full", full, sample), ("static", quick, rows), ("static as many", quick, sample),
            ("full default", full, samples[FULL_MODEL]), ("static default", quick, samples[STATIC_MODEL]),
        ):  # fmt: skip
            p: dict[float, list[float]] = {0.20: [], 0.22: [], 0.24: [], 0.28: []}
            for series in range(max(1, nights // 60)):
                rng = np.random.default_rng([series, 5])
                days = [_day(rng, x, own, n, 0.2, wobble) for _ in range(28)]
                for _ in range(60):
                    for share, values in p.items():
                        values.append(vectors.vector_test(days, _day(rng, x, own, n, share, wobble)).p)
                    days = [*days[1:], _day(rng, x, own, n, 0.2, wobble)]
            threshold = np.quantile(p[0.20], 0.01)
            found = {share: float((np.array(values) <= threshold).mean()) for share, values in p.items()}
            nominal = float((np.array(p[0.20]) <= 0.01).mean())
            print(
                f"day-to-day wobble {wobble}: {name:14s} {n:6d} rows a day, p ≤ 0.01 on {nominal:.3f} of unchanged nights, "
                f"power at 1 % false alarms:", {share: round(value, 3) for share, value in found.items()}, flush=True,
            )  # fmt: skip
            out |= {f"power_{name.replace(' ', '_')}_{100 * s:.0f}%_wobble{wobble:g}": f for s, f in found.items() if s > 0.2}
    return out


def _cpu_seconds(encode: Callable[[list[str]], np.ndarray], sentences: list[str]) -> float:
    encode(sentences[:10])
    start = time.process_time()
    encode(sentences)
    return time.process_time() - start


def _day(rng, x, own, n, share, wobble):
    k = len(own)
    logit = wobble * rng.standard_normal(k) + np.log(np.array([share, *[(1 - share) / (k - 1)] * (k - 1)]))
    mix = np.exp(logit) / np.exp(logit).sum()
    rows = np.concatenate([rng.choice(o, c) for o, c in zip(own, rng.multinomial(n, mix), strict=True)])
    # equal rows are counted, not repeated: a large day costs what its different texts cost
    count = np.bincount(rows, minlength=len(x)).astype(np.float32)
    seen = x[count > 0]
    weight = count[count > 0][:, None]
    return vectors.VectorDay(n, (weight * seen).sum(0, dtype=float), (seen.T @ (weight * seen)).astype(float))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cpu", action="store_true", help="CPU seconds of one thread, for a busy machine")
    parser.add_argument("--night", action="store_true")
    parser.add_argument("--model", default=STATIC_MODEL, help="of the night")
    parser.add_argument("--power", action="store_true")
    given = parser.parse_args()
    if given.cpu:
        import torch

        torch.set_num_threads(1)
    out: dict[str, float] = encode(given.texts, given.rounds, time.process_time if given.cpu else time.perf_counter)
    if given.night:
        out |= night(given.model)
        beside = out["night_texts"] - 2 * out["night_traces"]
        print(
            f"a night of {2 * out['night_traces']:,} inputs and outputs, with {beside} documents and references: "
            f"{out['night_seconds']} s ({out['night_cpu_seconds']} CPU seconds), {out['night_cache_mb']} MB of vectors"
        )
    if given.power:
        out |= power()
    print(json.dumps(out))


if __name__ == "__main__":
    main()
