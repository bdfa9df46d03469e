"""What tools and searches gave back: how much, whether anything at all, and of which shape. What they said is not here.

A tool that answers with nothing, or with other fields than it had, raises no error; the model makes the best of it. A run that failed
has no result: that is `tool_failure`.
"""

from __future__ import annotations

import numpy as np

from drift.features.batch import Batch, Context, Measured
from drift.features.trajectory import MOST_TOOLS, TOOL_NAMES, Steps, named
from drift.traces import EMPTY_RESULT, StepKind

# searches and rerankers that are followed by name; the rest are one
MOST_SEARCHES = 12


def measure(batch: Batch, context: Context) -> Measured:
    """By tool, of requests that show what it gave back: `tool_result.<tool>` (characters, the mean of what is not empty),
    `tool_empty.<tool>` and `tool_shape.<tool>` (of its last run). By search or reranker: `found.<step>` (documents handed on) and
    `found_nothing.<step>`."""
    steps = Steps.of(batch)
    if not len(steps):
        return {}
    kinds = steps.texts("kind")
    return _of_tools(steps, kinds == StepKind.TOOL, context) | _of_searches(
        steps, (kinds == StepKind.RETRIEVAL) | (kinds == StepKind.RERANK), context
    )


def _of_tools(steps: Steps, tools: np.ndarray, context: Context) -> Measured:
    shapes = steps.texts("result_shape")
    known = tools & (shapes != None)  # noqa: E711
    out: Measured = {}
    if not known.any():
        return out
    characters, empty = steps.numbers("result_characters"), (shapes == EMPTY_RESULT).astype(float)
    for tool, of_it in named(steps, tools, TOOL_NAMES, MOST_TOOLS, context):
        mine = of_it & known
        if not mine.any():
            continue
        out[f"tool_empty.{tool}"] = steps.any(empty, mine)
        full = mine & (shapes != EMPTY_RESULT)
        with np.errstate(invalid="ignore"):
            out[f"tool_result.{tool}"] = steps.sums(characters, full) / np.bincount(steps.row[full], minlength=steps.n)
        labels = out[f"tool_shape.{tool}"] = np.full(steps.n, None, object)
        labels[steps.row[mine]] = shapes[mine]
    return out


def _of_searches(steps: Steps, searches: np.ndarray, context: Context) -> Measured:
    documents = steps.numbers("documents")
    out: Measured = {}
    if not np.isfinite(documents[searches]).any():
        return out
    for name, mine in named(steps, searches, "search names", MOST_SEARCHES, context):
        found = steps.sums(documents, mine)
        if np.isfinite(found).any():
            out[f"found.{name}"] = found
            out[f"found_nothing.{name}"] = np.where(np.isnan(found), np.nan, (found == 0).astype(float))
    return out
