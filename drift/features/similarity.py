"""Do question, document, answer and reference mean the same? By the cosine of their embeddings, on the sample.

`overlap` asks the same of every trace by the words that they share. Meaning sees a paraphrase and another language, and sees a
wrong number even less. The best document and the reference of as many traces as an eighth of the sample are embedded too.
"""

from __future__ import annotations

import numpy as np

from drift.features.batch import Batch, Measured
from drift.features.embedding.embedder import Embedder

# of the traces that are asked to be embedded, the part whose documents and references are too: docs/embeddings.md says why that is
# enough; on a day that has fewer traces than that part, it is all of them
SHARE = 0.125
# what is read of a document, in characters: some 128 tokens, the length of text that small encoders are trained on
_DOCUMENT = 640
# encoders read no more of a text than this; a reference is read as far as the answer, so that equal texts have cosine 1
_REFERENCE = 2000


def measure(batch: Batch, rows: np.ndarray, question: np.ndarray, answer: np.ndarray, embedder: Embedder) -> Measured:
    """`answer_question_cosine` and, of `rows`, `question_document_cosine`, `answer_document_cosine`, `answer_reference_cosine`.

    rows: bool (n,), the traces whose documents and references are read. question, answer: unit vectors (n, d), NaN where not
    sampled. Each is (n,), −1 to 1, NaN where one of the two texts is not there.
    """
    documents, references = _best_documents(batch, rows), batch.text("reference")
    read = [text[:_DOCUMENT] if text else None for text in documents]
    read += [text[:_REFERENCE] if text and row else None for text, row in zip(references, rows, strict=True)]
    vectors = embedder.embed(read)
    document, reference = vectors[: len(batch)], vectors[len(batch) :]
    return {
        "answer_question_cosine": _cosine(answer, question),
        "question_document_cosine": _cosine(question, document),
        "answer_document_cosine": _cosine(answer, document),
        "answer_reference_cosine": _cosine(answer, reference),
    }


def _best_documents(batch: Batch, rows: np.ndarray) -> list[str | None]:
    """The text of each row's document with the highest score, of the first where none has one; None beyond `rows`."""
    found: list[str | None] = [None] * len(batch)
    column = batch.column("documents")
    for row in np.flatnonzero(rows):
        documents = [each for each in column[int(row)].as_py() or () if each and each.get("text")]
        if documents:
            found[row] = max(documents, key=lambda each: _score(each.get("score")))["text"]
    return found


def _score(score: float | None) -> float:
    return score if score is not None and np.isfinite(score) else -np.inf


def _cosine(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    # vectors are rounded, and so may be a little longer than 1
    return np.clip(np.einsum("ij,ij->i", a.astype(float), b.astype(float)), -1.0, 1.0)
