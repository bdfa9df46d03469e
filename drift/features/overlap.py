"""Do question, documents, answer and reference speak of the same things? By the words they share, on every trace.

Words shared are cheap and blunt: they see a wrong document, an answer from memory or a lost reference, and hardly see one
wrong number in a copied sentence (docs/groundedness.md has the measurements). `embedding` compares meaning, on a sample.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from drift.features.batch import Batch, Context, Measured
from drift.features.tokens import Tokens, among, pairs, share, supported, word_set

# the commonest English words, which say nothing of what a text is about
_STOP_WORDS = """the a an of to and in is it for on with as was are be by that this from at or which have has had not but they
he she we you his her its their were been also will would can could may more than then there these those who whom what when
where why how all any some such no nor so if into out up about over after before between during each other most do does did
i my me your our us them him am being should shall must just very s t re ll ve don doesn didn isn aren please"""
_STOP_SET = word_set(_STOP_WORDS)

_FEWEST_WORDS = 3


def measure(batch: Batch, context: Context) -> Measured:
    """`groundedness`, `context_relevance`, `answer_relevance`, `reference_similarity`; unknown where a side has no words."""
    question, answer = _content(batch.tokens("input")), batch.tokens("output")
    documents, reference = batch.tokens("documents"), batch.tokens("reference")
    return {
        "groundedness": _where_both(groundedness, answer, documents),
        "context_relevance": _where_both(covered, question, documents),
        "answer_relevance": covered(question, answer),
        "reference_similarity": _where_both(reference_similarity, answer, reference),
    }


def _where_both(compare: Callable[[Tokens, Tokens], np.ndarray], one: Tokens, other: Tokens) -> np.ndarray:
    """The comparison of the texts that have words on both sides, which are few in many applications; NaN elsewhere."""
    rows = np.flatnonzero((one.counts > 0) & (other.counts > 0))
    out = np.full(len(one.counts), np.nan)
    out[rows] = compare(one.of_texts(rows), other.of_texts(rows))
    return out


def groundedness(answer: Tokens, documents: Tokens) -> np.ndarray:
    """Mean of two shares: the answer's content words that stand in the documents, and its pairs of neighbouring words that
    do; 0 to 1, shape (n,). Pairs tell a sentence that was taken over from words that only happen to occur."""
    words = covered(_content(answer), documents)
    return (words + covered(pairs(answer), pairs(documents))) / 2


def covered(parts: Tokens, whole: Tokens) -> np.ndarray:
    """Share of the tokens of `parts` that are in `whole`, by text; NaN below 3 tokens or where `whole` has none."""
    shares = share(supported(parts, whole), parts, _FEWEST_WORDS)
    return np.where(whole.counts > 0, shares, np.nan)


def reference_similarity(answer: Tokens, reference: Tokens) -> np.ndarray:
    """F1 of the words of the answer and of the reference, as in SQuAD (Rajpurkar et al. 2016) but on sets of words."""
    precision = share(supported(answer, reference), answer)
    recall = share(supported(reference, answer), reference)
    with np.errstate(invalid="ignore", divide="ignore"):
        f1 = np.where(precision + recall > 0, 2 * precision * recall / (precision + recall), 0.0)
    known = (answer.counts > 0) & (reference.counts > 0)
    return np.where(known, f1, np.nan)


def _content(parts: Tokens) -> Tokens:
    return parts.where(~among(parts, _STOP_SET))
