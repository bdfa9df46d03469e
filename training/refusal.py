"""Train the refusal model: `python -m training.refusal DATA` writes drift/features/models/refusal.npz.

Material: human-labelled answers (refusals.parquet: XSTest CC-BY-4.0, chatgpt_refusals MIT, LLMDrift Apache-2.0), ordinary
answers without labels (halueval MIT, OASST and LLMDrift Apache-2.0) and sentences of our own. What it is good for is in
docs/models/refusal.md.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression

from drift.features import ngrams, refusal
from drift.features.refusal_patterns import PATTERNS
from training import refusal_sentences as own


@dataclass
class Examples:
    """n answers. label: 1 a refusal, whole or in part; partial: 1 in part; weight: how much each counts."""

    text: np.ndarray
    label: np.ndarray
    partial: np.ndarray
    weight: np.ndarray

    def __add__(self, other: Examples) -> Examples:
        return Examples(*(np.concatenate(pair) for pair in zip(vars(self).values(), vars(other).values(), strict=True)))

    def where(self, rows: np.ndarray) -> Examples:
        return Examples(*(values[rows] for values in vars(self).values()))


def labelled(data: Path) -> tuple[Examples, pd.DataFrame]:
    """The labelled answers, and where each comes from (source, model, prompt)."""
    rows = pd.read_parquet(data / "refusals.parquet")
    label, partial = rows.label.to_numpy(int), rows.partial.to_numpy(int)
    examples = Examples(rows.response.to_numpy(object), label, partial, np.ones(len(rows)))
    return examples, rows[["source", "model", "prompt"]]


def background(data: Path) -> Examples:
    """Ordinary answers without labels; those that look like refusals are left out, as some are."""
    answers = [
        pd.read_parquet(data / "halueval_general.parquet").response,
        pd.read_parquet(data / "oasst_reports.parquet").response.sample(2000, random_state=0),
        pd.read_parquet(data / "llmdrift_gpt35.parquet")
        .query("not task.str.startswith('sensitive')")
        .response.sample(1500, random_state=0),
    ]
    text = pa.array(pd.concat(answers).dropna().astype(str))
    seen = ngrams.normal(ngrams.ends(text, refusal.HEAD))
    doubtful = np.zeros(len(text), bool)
    for name in ("direct", "objects", "machine", "sorry", "neutral"):
        doubtful |= pc.match_substring_regex(seen, PATTERNS[name]).to_numpy(zero_copy_only=False)
    kept = np.array(text.to_pylist(), object)[~doubtful]
    zeros = np.zeros(len(kept), int)
    return Examples(kept, zeros, zeros, np.full(len(kept), 0.5))


def synthetic(seed: int = 0) -> Examples:
    """Answers put together from our own sentences."""
    chance = random.Random(seed)
    rows: list[tuple[str, int, int, float]] = []
    for core in own.REFUSALS:
        for _ in range(6):
            text = chance.choice(own.OPENINGS) + core + chance.choice(own.REASONS) + chance.choice(own.CLOSINGS)
            rows.append((_filled(text, chance), 1, 0, 0.5))
            rows.append((_filled(_long(text, chance), chance), 1, 0, 0.5))
    for core in own.MORALISING:
        for _ in range(6):
            rows.append((_filled(_long(core, chance), chance), 1, 0, 0.5))
    for core in own.PARTIALS:
        rows += [(_filled(chance.choice(own.OPENINGS) + core, chance), 1, 1, 0.5) for _ in range(3)]
    for text in own.ORDINARY:
        rows += [(_filled(opening + text, chance), 0, 0, 0.7) for opening in ("", chance.choice(own.OPENINGS), "")]
    for refusals, ordinary in own.LANGUAGES.values():
        for text in refusals:
            rows += [(text, 1, 0, 1.0), (f"{text} {chance.choice(refusals)}", 1, 0, 1.0)]
        for text in ordinary:
            rows += [(text, 0, 0, 1.0), (f"{text} {chance.choice(ordinary)}", 0, 0, 1.0)]
    text, label, partial, weight = zip(*rows, strict=True)
    return Examples(np.array(text, object), np.array(label), np.array(partial), np.array(weight))


def _long(text: str, chance: random.Random) -> str:
    return text + "".join(chance.sample(own.LONG, chance.randint(2, 5)))


def _filled(text: str, chance: random.Random) -> str:
    text = text.replace("{t}", chance.choice(own.TOPICS))
    text = text[:1].upper() + text[1:]
    return text.replace("'", "’") if chance.random() < 0.3 else text


def design(texts: np.ndarray) -> csr_matrix:
    """Terms and hints of the texts, shape (n, 2**BITS + hints)."""
    found = refusal.evidence(ngrams.column(list(texts)))
    values = found.terms.scale[found.terms.rows]
    shape = (len(texts), 1 << refusal.BITS)
    counts = csr_matrix((values, (found.terms.rows, found.terms.ids)), shape)
    return hstack([counts, csr_matrix(found.hints.astype(np.float32) * HINT)], format="csr")


def fit(x: csr_matrix, examples: Examples) -> dict[str, ngrams.LinearModel]:
    """Models of `refusal` (against all else) and `partial` (among refusals)."""
    refuses = examples.label == 1
    whole = _logistic(x, examples.label, examples.weight)
    part = _logistic(x[refuses], examples.partial[refuses], examples.weight[refuses], class_weight="balanced")
    return {"refusal": replace(whole, bias=whole.bias + UNSEEN), "partial": part}


# how freely weights may grow, and how much more freely those of hints than those of words
STRENGTH = 1.0
HINT = 2.0
# log odds added to `refusal`: styles that were not in the material score lower than those that were
UNSEEN = 1.2


def _logistic(x: csr_matrix, y: np.ndarray, weight: np.ndarray, class_weight: str | None = None) -> ngrams.LinearModel:
    found = LogisticRegression(C=STRENGTH, max_iter=500, class_weight=class_weight).fit(x, y, sample_weight=weight)
    terms = found.coef_[0][: 1 << refusal.BITS].astype(np.float32)
    hints = found.coef_[0][1 << refusal.BITS :].astype(np.float32) * HINT
    return ngrams.LinearModel(terms, hints, float(found.intercept_[0]))


def score(models: dict[str, ngrams.LinearModel], x: csr_matrix) -> tuple[np.ndarray, np.ndarray]:
    """Log odds of `refusal` and of `partial`, each of shape (n,)."""
    chosen = (models["refusal"], models["partial"])
    return tuple(x @ np.concatenate([model.terms, model.hints / HINT]) + model.bias for model in chosen)


def unseen(data: Path, by: str, folds: int = 5) -> Iterator[tuple[str, np.ndarray, np.ndarray, np.ndarray]]:
    """Each group with the scores that models give which never saw it: (group, its rows, refusal, partial).

    A refusal by rule (`drift.features.refusal_rules`) scores infinity, as the rules decide without the model.

    by: "source", or "model" with a fifth of the prompts held out at a time, so that neither model nor prompt was seen.
    """
    examples, origin = labelled(data)
    extra = background(data) + synthetic()
    everything = examples + extra
    x = design(everything.text)
    n = len(examples.label)
    declined = refusal.evidence(ngrams.column(list(examples.text))).declines
    known = np.arange(len(everything.label)) >= n
    fold = pd.util.hash_array(origin.prompt.to_numpy(object)) % folds
    for group, rows in origin.groupby(by).indices.items():
        scores = np.zeros((2, len(rows)))
        for held in range(folds) if by == "model" else (None,):
            mine = rows if held is None else rows[fold[rows] == held]
            train = np.ones(n, bool)
            train[rows] = False
            if held is not None:
                train &= fold != held
            train = known | np.concatenate([train, np.zeros(len(known) - n, bool)])
            models = fit(x[train], everything.where(train))
            if len(mine):
                scores[:, np.searchsorted(rows, mine)] = score(models, x[mine])
        scores[0, declined[rows]] = np.inf
        yield str(group), rows, scores[0], scores[1]


def main(data: Path) -> None:
    examples = labelled(data)[0] + background(data) + synthetic()
    print(ngrams.save("refusal", fit(design(examples.text), examples)))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "/work/shared/data"))
