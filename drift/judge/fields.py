"""What a rubric is asked about: the texts of one trace, by the names that prompts have for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from drift.traces import StepKind

# the columns of a trace table that they are made of
COLUMNS = ("input", "output", "documents", "trajectory", "offered_tools")


def fields_of(traces: pa.Table) -> list[dict[str, str]]:
    """`input`, `output`, `context` (the documents) and `tools` of each trace; a text that is not there is left out."""
    out = []
    for row in traces.select(list(COLUMNS)).to_pylist():
        given = {"input": row["input"], "output": row["output"], "context": documents(row), "tools": tools(row)}
        out.append({name: text for name, text in given.items() if text})
    return out


def documents(row: Mapping[str, Any]) -> str:
    """The texts of the documents, empty where there are none."""
    return "\n\n".join(each["text"] for each in row["documents"] or () if each and each["text"])


def tools(row: Mapping[str, Any]) -> str:
    """Which tools were offered, as far as that is known, and which were called; empty where nothing is known of calls, or there was
    neither an offer nor a call."""
    steps, offered = row["trajectory"], row["offered_tools"]
    called = [each["name"] or "without a name" for each in steps or () if each and each["kind"] == StepKind.TOOL]
    if steps is None or not (called or offered):
        return ""
    # a tool's schema stands behind its name as a hash
    names = [each.rpartition("@")[0] or each for each in offered or () if each]
    told = [f"Offered: {', '.join(names)}"] if names else []
    return "\n".join([*told, f"Called, in this order: {', '.join(called) or 'none'}"])
