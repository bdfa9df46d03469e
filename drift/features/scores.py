"""The store's own scores (judges, people, feedback) by their names, which judge gave them, and whether the task was completed."""

from __future__ import annotations

import logging
import re
from collections import Counter

import numpy as np
import pyarrow as pa

from drift.features.batch import Batch, Context, Measured
from drift.features.retrieval import per_document
from drift.metrics import SCORED_BY

# names of scores that a day follows, and that a shard of it measures before the busiest are known
MOST_NAMES, MOST_MEASURED = 50, 200
MOST_LABELS = 50
log = logging.getLogger(__name__)

_UNSAFE = re.compile(r"[^\w\-./ ]+")
_YES = frozenset({"true", "yes", "pass", "passed", "success", "successful", "completed", "complete", "resolved", "done", "1"})
_NO = frozenset({"false", "no", "fail", "failed", "failure", "incomplete", "unresolved", "not completed", "0"})


def measure(batch: Batch, context: Context) -> Measured:
    """`score.<name>` (number), `score_label.<name>` (text), `scored_by.<name>` (judge and version), `task_completed`.

    Of several scores of one name on a trace the last counts. Of very many names the busiest of the first traces are measured
    (and of these `busiest` keeps fewer), so that a store that puts an id into a score's name cannot make a million columns.
    """
    rows, names = per_document(batch.column("scores"), "name")
    _, values = per_document(batch.column("scores"), "value")
    _, labels = per_document(batch.column("scores"), "label")
    followed: dict[str, str] = context.extra.setdefault("score_names", {})  # type: ignore[assignment]
    codes = names.dictionary_encode()
    index = codes.indices.to_numpy(zero_copy_only=False)
    values = np.asarray(values.to_numpy(zero_copy_only=False), float)
    labels = labels.to_numpy(zero_copy_only=False)
    _, evaluators = per_document(batch.column("scores"), "evaluator")
    evaluators = evaluators.to_numpy(zero_copy_only=False)
    out: Measured = {}
    raw_names = codes.dictionary.to_pylist()
    uses = np.bincount(index, minlength=len(raw_names))
    for code in sorted(range(len(raw_names)), key=lambda code: (-uses[code], raw_names[code])):
        raw = raw_names[code]
        name = followed.get(raw) or safe_name(raw)
        if raw not in followed and (len(followed) >= MOST_MEASURED or not name):
            continue
        followed[raw] = name
        at = index == code
        _put_numbers(out, f"score.{name}", rows[at], values[at], len(batch))
        _put_labels(out, f"score_label.{name}", rows[at], labels[at], len(batch))
        _put_labels(out, f"{SCORED_BY}{name}", rows[at], evaluators[at], len(batch))
    return out | {"task_completed": completed(out, context, len(batch))}


def uses(features: pa.Table) -> Counter[str]:
    """How many traces have a score of each name; those of parts of a day add up."""
    found: Counter[str] = Counter()
    for column in features.column_names:
        # who gave it adds nothing to how many there are
        if (name := _score(column)) and not column.startswith(SCORED_BY):
            found[name] += features.num_rows - features[column].null_count
    return found


def busiest(features: pa.Table, day: Counter[str]) -> pa.Table:
    """Features with the scores of the `MOST_NAMES` names that most of the day's traces have. day: the `uses` of the whole day."""
    kept = {name for name, _ in sorted(day.items(), key=lambda item: (-item[1], item[0]))[:MOST_NAMES]}
    return features.drop_columns([column for column in features.column_names if (name := _score(column)) and name not in kept])


def tell_left_out(day: Counter[str]) -> None:
    """Log that scores of some names are not followed, if there are too many. day: the `uses` of the whole day."""
    if len(day) > MOST_NAMES:
        log.warning("scores of %d or more names; the %d that most traces have are followed", len(day), MOST_NAMES)


def _score(column: str) -> str:
    """The name of the score that a column is of; empty for other columns."""
    kind, _, name = column.partition(".")
    return name if kind in ("score", "score_label", "scored_by") else ""


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
