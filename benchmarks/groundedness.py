"""What the measures by shared words can and cannot see, on labelled data (docs/groundedness.md quotes the output).

    python -m benchmarks.groundedness

AUC: how often a right case scores above a wrong one; 0.5 is chance. Intervals: 95 %, bootstrap over sources or questions, never
over rows, because the rows of one source resemble each other.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from drift import traces
from drift.config.sections import FULL_MODEL, STATIC_MODEL
from drift.features import Batch, Context, overlap
from drift.features.embedding import Embedder, open_encoder

DATA = Path(os.environ.get("DRIFT_BENCHMARK_DATA", "/work/shared/data"))
_DETECTORS = ("hhemv1", "hhem_2_1", "hhem_2_1_english", "trueteacher", "true_nli", "gpt_3_5_turbo", "gpt_4_turbo", "gpt_4o")


def measured(rows: list[dict]) -> dict[str, np.ndarray]:
    table = traces.table([{"trace_id": str(i), "timestamp": 0, **row} for i, row in enumerate(rows)])
    parts = [overlap.measure(Batch(table.slice(start, 2048)), Context()) for start in range(0, len(rows), 2048)]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def auc(score: np.ndarray, right: np.ndarray) -> float:
    known = np.isfinite(score)
    score, right = score[known], right[known].astype(bool)
    if right.all() or not right.any():
        return np.nan
    ranks = rankdata(score)
    a, b = right.sum(), (~right).sum()
    return (ranks[right].sum() - a * (a + 1) / 2) / (a * b)


def balanced_accuracy(score: np.ndarray, right: np.ndarray, groups: np.ndarray, folds: int = 10) -> float:
    """With a threshold chosen on the other folds of groups."""
    names = np.random.default_rng(0).permutation(np.unique(groups))
    fold_of = {name: i % folds for i, name in enumerate(names)}
    fold = np.array([fold_of[name] for name in groups])
    said = np.zeros(len(score), bool)
    for i in range(folds):
        train = fold != i
        limits = np.quantile(score[train], np.linspace(0.02, 0.98, 97))
        best = max(limits, key=lambda limit: _balanced(score[train] >= limit, right[train]))
        said[~train] = score[~train] >= best
    return _balanced(said, right)


def _balanced(said: np.ndarray, right: np.ndarray) -> float:
    return (said[right].mean() + (~said[~right]).mean()) / 2


def interval(statistic: Callable[[np.ndarray], float], groups: np.ndarray, rounds: int = 400) -> tuple[float, float]:
    rng = np.random.default_rng(0)
    rows_of = pd.Series(np.arange(len(groups))).groupby(groups).indices
    names = list(rows_of)
    drawn = [
        statistic(np.concatenate([rows_of[names[i]] for i in rng.integers(0, len(names), len(names))])) for _ in range(rounds)
    ]
    return tuple(np.nanquantile(drawn, [0.025, 0.975]))


def report(title: str, score: np.ndarray, right: np.ndarray, groups: np.ndarray) -> None:
    low, high = interval(lambda rows: auc(score[rows], right[rows]), groups)
    known = np.isfinite(score)
    means = f"mean {score[known & right].mean():.3f} right, {score[known & ~right].mean():.3f} wrong"
    print(f"  {title:<58} AUC {auc(score, right):.3f} [{low:.3f}, {high:.3f}]  n {known.sum():>5}  {means}")


def faithbench() -> None:
    data = pd.read_parquet(DATA / "faithbench.parquet")
    source = data.source.to_numpy()
    right = (data.hallucinated == 0).to_numpy()
    score = measured(_grounded(data.summary, source))["groundedness"]
    print(f"faithbench: {len(data)} summaries of {len(np.unique(source))} sources, chosen because detectors disagree on them")
    report("groundedness: no hallucination marked by people", score, right, source)
    worst = np.isin(data.worst_label, ["Consistent", "Benign", "Questionable"])
    report("groundedness: at worst a questionable one", score, worst, source)
    known = np.isfinite(score)
    print(f"  {'groundedness, balanced accuracy':<58} {balanced_accuracy(score[known], right[known], source[known]):.3f}")
    for name in _DETECTORS:
        theirs = data[name].astype(float).to_numpy()
        low, high = interval(lambda rows, theirs=theirs: auc(theirs[rows], right[rows]), source)
        print(f"  {name + ' (as shipped with the data)':<58} AUC {auc(theirs, right):.3f} [{low:.3f}, {high:.3f}]")
    others = np.roll(np.unique(source), 1)[np.searchsorted(np.unique(source), source)]
    both = measured(_grounded(data.summary, source) + _grounded(data.summary, others))["groundedness"]
    right_source = np.arange(len(both)) < len(data)
    report("groundedness: its own source or another one", both, right_source, np.concatenate([source, source]))
    spread = score[known].std()
    fall = 0.05 * (score[known & right].mean() - score[known & ~right].mean())
    print(f"  5 points more hallucinated answers lower the level by {fall:.4f}; at a spread of {spread:.3f}, a day of")
    print(f"  {int((3 * spread / fall) ** 2):,} answers puts that at 3 standard errors; wrong documents in 5 % of requests:")
    wrong = 0.05 * (both[: len(data)][known].mean() - np.nanmean(both[len(data) :]))
    print(f"  the level falls by {wrong:.4f}, seen at {int((3 * spread / wrong) ** 2):,} answers a day")


def _grounded(answers: pd.Series, sources: np.ndarray) -> list[dict]:
    return [{"output": answer, "documents": [{"id": "s", "text": text}]} for answer, text in zip(answers, sources, strict=True)]


def halueval() -> None:
    data = pd.read_parquet(DATA / "halueval_general.parquet")
    score = measured([{"input": a, "output": b} for a, b in zip(data.prompt, data.response, strict=True)])["answer_relevance"]
    print(f"halueval: {len(data)} answers without documents, hallucination marked by people")
    report("answer relevance: no hallucination", score, (data.hallucination == 0).to_numpy(), data.id.to_numpy())
    shuffled = data.response.sample(frac=1, random_state=0).to_numpy()
    both = measured([{"input": a, "output": b} for a, b in zip(data.prompt, [*data.response], strict=True)]
                    + [{"input": a, "output": b} for a, b in zip(data.prompt, shuffled, strict=True)])  # fmt: skip
    own = np.arange(2 * len(data)) < len(data)
    report("answer relevance: its own answer or another one", both["answer_relevance"], own, np.tile(data.id.to_numpy(), 2))


def realtimeqa() -> None:
    questions = pd.read_parquet(DATA / "realtimeqa_questions.parquet").drop_duplicates("question_id").set_index("question_id")
    predictions = pd.read_parquet(DATA / "realtimeqa_predictions.parquet")
    print(f"realtimeqa: {len(questions)} dated questions, five documents each (their first 300 characters)")
    for retriever in ("dpr", "gcs"):
        found = pd.read_parquet(DATA / f"realtimeqa_retrieval_{retriever}.parquet").groupby("question_id").text_head.apply(list)
        ids = found.index.intersection(questions.index)
        asked, own = questions.question[ids].to_numpy(), found[ids].to_numpy()
        score = measured([_asked(q, d) for q, d in zip([*asked, *asked], [*own, *np.roll(own, 7)], strict=True)])[
            "context_relevance"
        ]
        right = np.arange(2 * len(ids)) < len(ids)
        report(f"context relevance, {retriever}: its own documents or others", score, right, np.tile(np.asarray(ids), 2))
        answered = predictions[(predictions.retriever == retriever) & predictions.correct.notna()]
        by_question = answered.groupby("question_id").correct.mean()
        both = by_question.index.intersection(ids)
        level = pd.Series(score[: len(ids)], ids)[both].to_numpy()
        report(f"context relevance, {retriever}: answered right by most models", level, (by_question[both] > 0.5).to_numpy(),
               np.asarray(both))  # fmt: skip
    texts = predictions[predictions.f1.notna()].merge(questions[["answer_text"]], left_on="question_id", right_index=True)
    score = measured([{"output": p, "reference": r} for p, r in zip(texts.prediction, texts.answer_text, strict=True)])
    similarity = score["reference_similarity"]
    known = np.isfinite(similarity)
    agreement = np.corrcoef(similarity[known], texts.f1[known].astype(float))[0, 1]
    print(f"  reference similarity against the authors' F1: correlation {agreement:.3f}, n {known.sum()}")


def meaning(model: str, rows: int = 400) -> None:
    """The same questions by the cosines of embeddings, on the first texts of each set."""
    embedder = Embedder(open_encoder(model))

    def vectors(texts: pd.Series | np.ndarray) -> np.ndarray:
        return embedder.embed([text[:2000] for text in texts]).astype(float)

    halu = pd.read_parquet(DATA / "halueval_general.parquet").head(rows)
    own = np.arange(2 * len(halu)) < len(halu)
    answers = vectors(halu.response)
    question = vectors(halu.prompt)
    pairs = np.concatenate([_cosines(question, answers), _cosines(question, np.roll(answers, 7, axis=0))])
    print(f"by embeddings of {embedder.encoder}: {len(halu)} answers of halueval, {rows} summaries of faithbench")
    report("answer and question: its own answer or another one", pairs, own, np.tile(halu.id.to_numpy(), 2))
    report("answer and question: no hallucination", pairs[own], (halu.hallucination == 0).to_numpy(), halu.id.to_numpy())
    faith = pd.read_parquet(DATA / "faithbench.parquet").head(rows)
    source = faith.source.to_numpy()
    known = dict(zip(np.unique(source), vectors(np.unique(source)), strict=True))
    other = dict(zip(np.unique(source), np.roll(np.unique(source), 1), strict=True))
    summary = vectors(faith.summary)
    documents = np.array([known[text] for text in source]), np.array([known[other[text]] for text in source])
    both = np.concatenate([_cosines(summary, each) for each in documents])
    report("answer and document: its own source or another one", both, np.arange(len(both)) < len(faith), np.tile(source, 2))
    report("answer and document: no hallucination", both[: len(faith)], (faith.hallucinated == 0).to_numpy(), source)


def _cosines(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.einsum("ij,ij->i", a, b)


def _asked(question: str, texts: list[str]) -> dict:
    return {"input": question, "documents": [{"id": str(i), "text": text} for i, text in enumerate(texts)]}


if __name__ == "__main__":
    faithbench()
    halueval()
    realtimeqa()
    for encoder in (STATIC_MODEL, FULL_MODEL):
        meaning(encoder)
