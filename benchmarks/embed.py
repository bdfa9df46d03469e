"""How fast texts become vectors, and what a CPU second buys.

    python benchmarks/embed.py            encode: drift against plain SentenceTransformer.encode, same texts, same run
    python benchmarks/embed.py --night    also a default night: inputs and outputs of the default sample, and documents and references
    python benchmarks/embed.py --power    also the full encoder on a sample against a static one on all traffic

The texts are those of shared/data: short queries, instructions and answers of very different lengths, in random order. Routes
take turns, so that other work on the machine slows all of them alike; `--cpu` counts CPU seconds of one thread instead of
wall-clock seconds, for a busy machine. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from scipy import stats

from drift import traces
from drift.config import Config
from drift.features import embedding
from drift.features.batch import Batch, Context
from drift.features.embedding import Embedder
from drift.features.embedding.encoders import bundled_folder, open_encoder

DATA = Path("/work/shared/data")
STATIC = Path("/tmp/drift-benchmarks/static-minilm")


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
    exact, approximate = open_encoder(), open_encoder(precision="bfloat16")
    return {
        "plain": lambda t: plain.encode(t, batch_size=32, show_progress_bar=False),
        "exact": exact.encode,
        "approximate": approximate.encode,
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
        cosine, rank, centroid = fidelity(vectors[name], vectors["plain"])
        speedup = best["plain"] / best[name]
        print(
            f"{name:12s} {len(sentences) / best[name]:7.1f} texts/s {1e3 * best[name] / len(sentences):6.2f} ms/text "
            f"×{speedup:.2f}  cosine {cosine:.5f}  rank {rank:.5f}  centroid moved {centroid:.5f}"
        )
        if name != "plain":
            out |= {f"speedup_{name}": round(speedup, 3), f"fidelity_{name}": round(min(cosine, rank), 5)}
    if out["speedup_approximate"] < out["speedup_exact"]:
        print("this CPU has no fast bfloat16: float32 is the better choice at any fidelity")
        out |= {"speedup_approximate": out["speedup_exact"], "fidelity_approximate": out["fidelity_exact"]}
    return out


def fidelity(vectors: np.ndarray, reference: np.ndarray) -> tuple[float, float, float]:
    """Mean cosine, rank correlation of all pairwise similarities, and how far the centroid moved."""
    pairs = np.triu_indices(len(reference), 1)
    rank = stats.spearmanr((vectors @ vectors.T)[pairs], (reference @ reference.T)[pairs])[0]
    return float((vectors * reference).sum(1).mean()), float(rank), float(np.linalg.norm(vectors.mean(0) - reference.mean(0)))


def night() -> dict[str, float]:
    """Seconds to embed a first night of the default sample as `drift run` does, loading the model included.

    Every trace has an input, an output, a document (900 characters) and a reference, all different: no cache and no equal texts help.
    """
    rng, n = np.random.default_rng(1), Config.of({}).embeddings.sample
    sentences = texts(2 * n, seed=1)
    heads = iter(_sample(rng, "realtimeqa_retrieval_gcs", "text_head", 3 * n))
    # the data's texts end after 300 characters
    documents = ["\n".join(three) for three in zip(heads, heads, heads, strict=True)]
    references = _sample(rng, "vectara_v1_summaries", "summary", n)
    rows = [
        {"trace_id": f"t{i}", "timestamp": 0, "input": sentences[i], "output": sentences[n + i]}
        | {"documents": [{"id": "a", "text": documents[i]}], "reference": references[i]}
        for i in range(n)
    ]
    batch, embedder = Batch(traces.table(rows)), Embedder(open_encoder())
    start, busy = time.perf_counter(), time.process_time()
    embedding.measure(batch, Context(embedder=embedder))
    return {
        "night_seconds": round(time.perf_counter() - start, 1),
        "night_cpu_seconds": round(time.process_time() - busy, 1),
        "night_texts": embedder.encoded,
        "night_traces": n,
    }


def power(sample: int = 500, nights: int = 300) -> dict[str, float]:
    """Power at 1 % false alarms of the full encoder on `sample` queries a day, of a static one on as many as the same CPU time
    buys and of a static one on the same number, for a domain whose share of the queries rises from 20 %.

    Days are drawn from CLINC150 with a mix that wobbles from day to day as in the peer harness (logit sd 0.15). The thresholds
    are each encoder's own 1 % quantile of p over unchanged nights.
    """
    import real_texts

    from drift.detect import vector

    table, full = real_texts.queries()
    keep = np.flatnonzero(table.domain != "out_of_scope")
    table, full = table.iloc[keep].reset_index(drop=True), full[keep]
    domains = sorted(table.domain.unique())
    some, encoder, static = table.text.tolist()[:500], open_encoder(), static_encoder()
    rows = int(sample * _cpu_seconds(encoder.encode, some) / _cpu_seconds(static, some))
    quick = static(table.text.tolist())
    own = [np.flatnonzero(table.domain == d) for d in domains]
    out: dict[str, float] = {"static_rows_for_equal_cost": rows}
    for wobble in (0.0, 0.15):
        for name, x, n in (("full", full, sample), ("static", quick, rows), ("static as many", quick, sample)):
            p: dict[float, list[float]] = {0.20: [], 0.22: [], 0.24: [], 0.28: []}
            for series in range(max(1, nights // 60)):
                rng = np.random.default_rng([series, 5])
                days = [_day(vector, rng, x, own, n, 0.2, wobble) for _ in range(28)]
                for _ in range(60):
                    for share, values in p.items():
                        values.append(vector.test(days, _day(vector, rng, x, own, n, share, wobble)).p)
                    days = [*days[1:], _day(vector, rng, x, own, n, 0.2, wobble)]
            threshold = np.quantile(p[0.20], 0.01)
            found = {share: float((np.array(values) <= threshold).mean()) for share, values in p.items()}
            print(f"day-to-day wobble {wobble}: {name:14s} {n:6d} rows a day, power at 1 % false alarms:", found)
            out |= {f"power_{name.replace(' ', '_')}_{100 * s:.0f}%_wobble{wobble:g}": f for s, f in found.items() if s > 0.2}
    return out


def _cpu_seconds(encode: Callable[[list[str]], np.ndarray], sentences: list[str]) -> float:
    encode(sentences[:10])
    start = time.process_time()
    encode(sentences)
    return time.process_time() - start


def _day(vector, rng, x, own, n, share, wobble):
    k = len(own)
    logit = wobble * rng.standard_normal(k) + np.log(np.array([share, *[(1 - share) / (k - 1)] * (k - 1)]))
    mix = np.exp(logit) / np.exp(logit).sum()
    rows = np.concatenate([rng.choice(o, c) for o, c in zip(own, rng.multinomial(n, mix), strict=True)])
    # equal rows are counted, not repeated: a large day costs what its different texts cost
    count = np.bincount(rows, minlength=len(x)).astype(np.float32)
    seen = x[count > 0]
    weight = count[count > 0][:, None]
    return vector.VectorDay(n, (weight * seen).sum(0, dtype=float), (seen.T @ (weight * seen)).astype(float))


def static_encoder() -> Callable[[list[str]], np.ndarray]:
    """model2vec distilled from the same encoder, 256-d (about a minute the first time)."""
    from model2vec import StaticModel

    if not STATIC.is_dir():
        from model2vec.distill import distill

        distill(model_name=str(bundled_folder()), pca_dims=256).save_pretrained(str(STATIC))
    model = StaticModel.from_pretrained(str(STATIC))

    def encode(sentences: list[str]) -> np.ndarray:
        x = model.encode(sentences)
        return x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-9)

    return encode


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cpu", action="store_true", help="CPU seconds of one thread, for a busy machine")
    parser.add_argument("--night", action="store_true")
    parser.add_argument("--power", action="store_true")
    given = parser.parse_args()
    if given.cpu:
        import torch

        torch.set_num_threads(1)
    out: dict[str, float] = encode(given.texts, given.rounds, time.process_time if given.cpu else time.perf_counter)
    if given.night:
        out |= night()
        beside = out["night_texts"] - 2 * out["night_traces"]
        print(
            f"a night of {2 * out['night_traces']:,} inputs and outputs, with {beside} documents and references: "
            f"{out['night_seconds']} s ({out['night_cpu_seconds']} CPU seconds)"
        )
    if given.power:
        out |= power()
    print(json.dumps(out))


if __name__ == "__main__":
    main()
