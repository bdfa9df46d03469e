"""The store's own scores (judges, people, feedback) by their names, and whether the task was completed."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np

from drift.features.batch import Batch, Context, Measured
from drift.features.retrieval import per_document

MOST_NAMES = 30
MOST_LABELS = 50
_UNSAFE = re.compile(r"[^\w\-./ ]+")
_YES = frozenset({"true", "yes", "pass", "passed", "success", "successful", "completed", "complete", "resolved", "done", "1"})
_NO = frozenset({"false", "no", "fail", "failed", "failure", "incomplete", "unresolved", "not completed", "0"})


def measure(batch: Batch, context: Context) -> Measured:
    """`score.<name>` (number), `score_label.<name>` (text), `task_completed`.

    Of several scores of one name on a trace the last counts. At most 30 names are followed, in the order in which they
    are first seen in a day, so that a store that puts an id into a score's name cannot make a million columns.
    """
    rows, names = per_document(batch.column("scores"), "name")
    _, values = per_document(batch.column("scores"), "value")
    _, labels = per_document(batch.column("scores"), "label")
    followed: dict[str, str] = context.extra.setdefault("score_names", {})  # type: ignore[assignment]
    codes = names.dictionary_encode()
    index = codes.indices.to_numpy(zero_copy_only=False)
    values = np.asarray(values.to_numpy(zero_copy_only=False), float)
    labels = labels.to_numpy(zero_copy_only=False)
    out: Measured = {}
    for code, raw in enumerate(codes.dictionary.to_pylist()):
        name = followed.get(raw) or safe_name(raw)
        if raw not in followed and (len(followed) >= MOST_NAMES or not name):
            continue
        followed[raw] = name
        at = index == code
        _put_numbers(out, f"score.{name}", rows[at], values[at], len(batch))
        _put_labels(out, f"score_label.{name}", rows[at], labels[at], len(batch))
    return out | {"task_completed": completed(out, context, len(batch))}


def safe_name(name: str) -> str:
    """A score's name as a column's: letters, digits and `_-./` and space, at most 60 characters."""
    return _UNSAFE.sub("_", name[:60]).strip(" _.")


def completed(scores: Measured, context: Context, n: int) -> np.ndarray:
    """1 or 0 by the first configured score that a trace has: a number from 0.5 up is yes, as are words such as "pass"."""
    done = np.full(n, np.nan)
    for name in context.completion_scores:
        numbers = scores.get(f"score.{name}")
        if numbers is not None:
            done = np.where(np.isnan(done) & np.isfinite(numbers), numbers >= 0.5, done)
        words = scores.get(f"score_label.{name}")
        if words is not None:
            done = np.where(np.isnan(done), [_yes_or_no(word) for word in words], done)
    return done


def _yes_or_no(word: str | None) -> float:
    word = (word or "").strip().lower()
    return 1.0 if word in _YES else 0.0 if word in _NO else np.nan


def _put_numbers(out: Measured, column: str, rows: np.ndarray, values: np.ndarray, n: int) -> None:
    known = np.isfinite(values)
    if known.any():
        numbers = out.setdefault(column, np.full(n, np.nan))
        numbers[rows[known]] = values[known]


def _put_labels(out: Measured, column: str, rows: np.ndarray, labels: np.ndarray, n: int) -> None:
    known = np.array([label is not None for label in labels], bool)
    if known.any():
        words = out.setdefault(column, np.full(n, None, object))
        words[rows[known]] = [label[:60] for label in labels[known]]
        kept = {label for label, _ in Counter(word for word in words if word is not None).most_common(MOST_LABELS)}
        out[column] = np.array([word if word is None or word in kept else "other" for word in words], object)
