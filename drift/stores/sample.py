"""What a sample trace shows of a store's instrumentation, for `drift doctor`: names and counts, never text."""

from __future__ import annotations

from collections import Counter
from typing import Any

from drift import traces
from drift.stores import Check
from drift.stores.spans import Span

_LOOKED = {
    "documents": "in observations of type RETRIEVER (their output and metadata attributes.retrieval.documents.*) and in spans "
    "with attributes.gen_ai.retrieval.documents",
    "scores": "among the scores of the trace and of its observations",
    "model": "in observations of type GENERATION (model)",
    "input": "in the root's input, else the first generation's",
    "output": "in the root's output, else the last generation's",
    "prompt_name": "in the generation's linked prompt",
    "session_id": "in the trace's session",
    "user": "in the trace's user",
}
_REMEDY = {
    "documents": 'name the observations that retrieve: retrievers = ["…"]',
    "scores": "scores may come later; without any, quality is not followed",
    "model": "log the call as a generation with its model",
}


def describe(spans: list[Span], made: dict[str, Any], when: str, wanted: bool = True) -> list[Check]:
    """What was recognised in the trace of these spans, and for what was not, where it was looked for."""
    kinds = ", ".join(f"{n} {kind}" for kind, n in sorted(Counter(s.kind for s in spans).items()))
    seen = [c for c in traces.SCHEMA.names if made.get(c) not in (None, "", [], {}, False, 0)]
    out = [Check("sample trace", True, f"a trace of {when} ({kinds}): recognised {', '.join(seen)}")]
    if not wanted:
        out.append(Check("sample filter", True, "the configured filters leave this trace out"))
    for column, where in _LOOKED.items():
        if column not in seen:
            core = column in ("input", "output")
            out.append(Check(f"sample {column}", not core, f"no {column} found; looked {where}", _REMEDY.get(column, "")))
    return out


def recognised(made: dict[str, Any]) -> Check:
    """What a sample row of mapped columns filled; its time is what it cannot do without."""
    seen = [c for c in traces.SCHEMA.names if made.get(c) not in (None, "", [], {})]
    missing = [c for c in traces.SCHEMA.names if c not in seen]
    timed = "timestamp" in seen
    return Check(
        "sample trace",
        timed,
        f"recognised {', '.join(seen)}; not found {', '.join(missing)}",
        "" if timed else 'name the time column: [store.columns] timestamp = "…"',
    )
