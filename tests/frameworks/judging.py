"""Recordings read through the otlp store as `drift run` reads them, each field beside what the program knows to be true."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from drift import traces
from drift.stores import billed
from drift.stores.otlp import OtlpOptions, OtlpStore, read_spans
from drift.stores.readers import list_files
from drift.stores.spans import latest

RECORDED = Path(__file__).parent / "recorded"
SALT = "salt"
RIGHT, UNKNOWN, WRONG = "right", "unknown", "wrong"
# what a finish reason is called by OpenAI, Anthropic, Google, Bedrock and those that translate between them
ENDINGS = {
    "stop": {"stop", "end_turn", "completed", "stop_sequence", "eos", "finish"},
    "tool": {"tool_calls", "tool_use", "tool_call", "tool-calls", "tool-call", "function_call"},
    "length": {"length", "max_tokens", "max_output_tokens", "incomplete"},
    "content_filter": {"content_filter", "content-filter", "refusal", "safety", "guardrail_intervened"},
}
TEXTS = ("input", "output", "system_prompt")
COUNTS = (
    "input_tokens",
    "output_tokens",
    "n_generations",
    "steps",
    "tool_calls",
    "tool_errors",
    "repeated_tool_calls",
    "retries",
)
# of what a call billed, parts that have a price of their own; the trace table has them in the cost
BUCKETS = {"cached_tokens": "cache_read", "cache_write_tokens": "cache_write", "reasoning_tokens": "reasoning"}
OTHERS = ("model", "finish_reason", "error", "session_id", "user", "ttft_s", "documents")
FIELDS = (*TEXTS, *COUNTS, *BUCKETS, *OTHERS)


@dataclass(frozen=True)
class Cell:
    """One field of one trace: what is true, what drift read, and which of right, unknown and wrong that is."""

    recording: str
    case: str
    field: str
    true: Any
    read: Any
    verdict: str


def names() -> list[str]:
    return sorted(p.name.removesuffix(".truth.json") for p in RECORDED.glob("*.truth.json"))


def truths(name: str) -> list[dict]:
    return json.loads((RECORDED / f"{name}.truth.json").read_text("utf-8"))["traces"]


def read(name: str) -> dict[str, dict]:
    """The rows of a recording's traces, by trace id, with the buckets of their tokens."""
    path = RECORDED / f"{name}.jsonl"
    start = _first_start(path).replace(hour=0, minute=0, second=0, microsecond=0)
    store = OtlpStore(OtlpOptions(path=str(path)), salt=SALT)
    rows = [row for table in store.pull(start - timedelta(days=1), start + timedelta(days=2)) for row in table.to_pylist()]
    held = buckets(path)
    return {row["trace_id"]: {**row, **held[row["trace_id"]]} for row in rows}


def buckets(path: Path) -> dict[str, dict[str, float | None]]:
    """Cached, written and reasoning tokens of each trace, summed over its calls."""
    spans: dict[str, list] = {}
    for file in list_files(str(path), "jsonl"):
        for span in read_spans(file):
            spans.setdefault(span.trace_id, []).append(span)
    out = {}
    for trace_id, mine in spans.items():
        usages = [c.usage for c in billed.calls(latest(mine))[0] if c.usage is not None]
        out[trace_id] = {name: sum(getattr(u, bucket) for u in usages) if usages else None for name, bucket in BUCKETS.items()}
    return out


def cells(name: str) -> Iterator[Cell]:
    rows = read(name)
    lines = (RECORDED / f"{name}.jsonl").read_text("utf-8").splitlines()
    for truth, line in zip(truths(name), lines, strict=True):
        row = rows.get(truth["trace_id"])
        for field in FIELDS:
            if field in _known(truth):
                true = _known(truth)[field]
                given = row.get(field) if row else None
                untold = field in BUCKETS and not given and not re.search(rf"\b{true}\b", line)
                yield Cell(
                    name, truth["case"], field, true, given, UNKNOWN if true and untold else verdict(field, true, given, truth)
                )


def verdict(field: str, true: Any, given: Any, truth: dict) -> str:
    """`unseen` are fields of which the spans say nothing, `told` those that the instrumentation itself records otherwise."""
    if field in truth.get("unseen", ()) and not given:
        return UNKNOWN
    if field in truth.get("told", {}) and given == truth["told"][field]:
        return UNKNOWN
    if given is None:
        return RIGHT if true is None else UNKNOWN
    return RIGHT if true is not None and _same(field, true, given, truth) else WRONG


def _same(field: str, true: Any, given: Any, truth: dict) -> bool:
    if field in TEXTS:
        return given.strip() == true.strip() or _decoded(given) == _decoded(true)
    if field == "model":
        # OpenLLMetry leaves the region and the vendor of Bedrock's names out
        return given in (true, truth["model_asked"]) or truth["model_asked"].endswith(f".{given}")
    if field in ("n_generations", "steps"):
        # a failed attempt that has a span may count as a call; it billed nothing
        return true <= given <= true + truth.get("failed_attempts", 0)
    if field == "finish_reason":
        return given.lower() in ENDINGS[true]
    if field == "user":
        return given == traces.hash_user(true, SALT)
    if field == "ttft_s":
        return true[0] <= given <= true[1]
    if field == "documents":
        return sorted(d["text"] or "" for d in given) == sorted(d["text"] for d in true)
    return given == true


def _known(truth: dict) -> dict[str, Any]:
    known = {k: v for k, v in truth.items() if k in FIELDS}
    if truth.get("told", {}).get("input_tokens"):
        known = {k: v for k, v in known.items() if k not in BUCKETS}
    if not truth["n_generations"]:
        # a call that failed billed nothing; whether it counts as one is a matter of words
        del known["n_generations"]
    elif "tool_calls" in truth:
        known["steps"] = truth["n_generations"] + truth["tool_calls"]
    return known


def _decoded(text: str) -> Any:
    try:
        made = json.loads(text)
    except ValueError:
        return text
    return made if isinstance(made, (dict, list)) else text


def _first_start(path: Path) -> datetime:
    with path.open(encoding="utf-8") as lines:
        first = json.loads(next(lines))
    spans = [s for r in first["resourceSpans"] for scope in r["scopeSpans"] for s in scope["spans"]]
    return datetime.fromtimestamp(min(int(s["startTimeUnixNano"]) for s in spans) // 10**9, UTC)
