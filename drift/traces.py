"""The trace table: one row a request of a user, and nothing else.

Every store produces this table and every feature reads it. Null means unknown, never 0. Text is in memory only:
nothing in this module writes.
"""

from __future__ import annotations

import hmac
import json
import math
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cache, partial
from typing import Any, SupportsFloat, SupportsIndex

import numpy as np
import pyarrow as pa

TIME = pa.timestamp("us", tz="UTC")

DOCUMENT = pa.struct([("id", pa.string()), ("score", pa.float64()), ("updated_at", TIME), ("text", pa.string())])
STEP = pa.struct(
    [
        ("position", pa.int32()),
        ("name", pa.string()),
        ("kind", pa.string()),
        # after the trace's start
        ("start_s", pa.float64()),
        ("duration_s", pa.float64()),
        ("asked_model", pa.string()),
        ("model", pa.string()),
        # both sides are whole: cache reads and writes are inside the input, reasoning inside the output
        ("input_tokens", pa.int64()),
        ("cache_read_tokens", pa.int64()),
        ("cache_write_tokens", pa.int64()),
        ("output_tokens", pa.int64()),
        ("reasoning_tokens", pa.int64()),
        ("cost_usd", pa.float64()),
        # `ok`, a type of `error`, or of a guardrail `fired`
        ("outcome", pa.string()),
        # the position of the step that failed and that this one did again
        ("retry_of", pa.int32()),
        # a hash: the same for the same arguments
        ("arguments", pa.string()),
        # of what a tool gave back: its length, and the hash of its keys and types (`stores.tool_shapes`)
        ("result_characters", pa.int64()),
        ("result_shape", pa.string()),
        # how many a retrieval or a reranker handed on
        ("documents", pa.int32()),
    ]
)
SCORE = pa.struct(
    [
        ("name", pa.string()),
        ("value", pa.float64()),
        ("label", pa.string()),
        # what gave it, with its version: a judge's name, its prompt, its model; no person
        ("evaluator", pa.string()),
    ]
)

# what stands before a system prompt's hash where it is the prompt's version, for nobody names one
PROMPT_HASH = "system prompt@"
# the outcome of a step that did not fail
OK = "ok"
# the outcome of a guardrail that stopped something, as it is there for
FIRED = "fired"
# the shape of what a tool gave back where there is nothing in it
EMPTY_RESULT = "empty"
_UNRECORDED = b"drift.unrecorded"
# the features' column that says which share of the requests is traced; there only where it is not all of them
SAMPLING_RATE = "_sampling_rate"
SCHEMA = pa.schema(
    [
        ("trace_id", pa.string()),
        ("timestamp", TIME),
        ("session_id", pa.string()),
        ("user", pa.string()),
        ("name", pa.string()),
        ("environment", pa.string()),
        ("release", pa.string()),
        ("version", pa.string()),
        ("tags", pa.list_(pa.string())),
        ("model", pa.string()),
        ("prompt_name", pa.string()),
        ("prompt_version", pa.string()),
        # what the answering model was asked with beside its messages: `temperature=0.2, top_p=1`
        ("parameters", pa.string()),
        ("system_prompt", pa.string()),
        ("input", pa.string()),
        ("output", pa.string()),
        ("reference", pa.string()),
        ("latency_s", pa.float64()),
        ("ttft_s", pa.float64()),
        ("input_tokens", pa.int64()),
        ("output_tokens", pa.int64()),
        ("cost_usd", pa.float64()),
        ("n_generations", pa.int32()),
        ("retries", pa.int32()),
        ("fallback", pa.bool_()),
        ("finish_reason", pa.string()),
        ("error", pa.string()),
        ("tool_calls", pa.int32()),
        ("tool_errors", pa.int32()),
        ("steps", pa.int32()),
        ("repeated_tool_calls", pa.int32()),
        # of the calls that a model asked for: those of no tool that it was offered, those whose arguments break the tool's schema
        ("calls_not_offered", pa.int32()),
        ("calls_bad_arguments", pa.int32()),
        # `name@hash of the schema` of each
        ("offered_tools", pa.list_(pa.string())),
        ("documents", pa.list_(DOCUMENT)),
        ("index_built_at", TIME),
        ("scores", pa.list_(SCORE)),
        ("metadata", pa.map_(pa.string(), pa.string())),
        ("sampling_rate", pa.float64()),
        # what happened inside, in order; `steps` above is the number of model calls and tools in it
        ("trajectory", pa.list_(STEP)),
    ]
)

# a negative one of these is a broken clock or counter
NEVER_NEGATIVE = frozenset(
    {
        "latency_s",
        "ttft_s",
        "input_tokens",
        "output_tokens",
        "cost_usd",
        "n_generations",
        "retries",
        "tool_calls",
        "tool_errors",
        "steps",
        "repeated_tool_calls",
        "calls_not_offered",
        "calls_bad_arguments",
    }
)
# what rounding and two clocks may take a first token beyond the end
_CLOCK_S = 0.001
_MAX_INT32 = 2**31 - 1


class StepKind(StrEnum):
    """What a step of a trace is."""

    MODEL = "model"
    TOOL = "tool"
    RETRIEVAL = "retrieval"
    RERANK = "rerank"
    EMBEDDING = "embedding"
    GUARDRAIL = "guardrail"
    PLAN = "plan"
    OTHER = "other"


def table(rows: Iterable[Mapping[str, object]]) -> pa.Table:
    """Rows of plain Python values as a trace table (schema `SCHEMA`).

    A value of the wrong type, NaN, infinity and what is impossible (a negative time, count or cost, a first token after the last,
    a sampling rate outside (0, 1]) become null; text that is not valid Unicode is repaired; unknown keys are
    left out. `scores` may be a mapping of name to number, boolean or label; times may be datetimes, ISO strings or epoch
    seconds, and a time without a zone is read as UTC.
    """
    given = list(rows)
    columns: dict[str, list[Any]] = {
        name: [None if (value := row.get(name)) is None else coerced(value) for row in given]
        for name, coerced in _coercions().items()
    }
    for name in NEVER_NEGATIVE:
        columns[name] = [None if value is not None and value < 0 else value for value in columns[name]]
    columns["ttft_s"] = [
        None if first is not None and whole is not None and first > whole + _CLOCK_S else first
        for first, whole in zip(columns["ttft_s"], columns["latency_s"], strict=True)
    ]
    columns["sampling_rate"] = [None if rate is not None and not 0 < rate <= 1 else rate for rate in columns["sampling_rate"]]
    return pa.table({field.name: pa.array(columns[field.name], field.type) for field in SCHEMA}, schema=SCHEMA)


def not_recording(table: pa.Table, columns: Collection[str]) -> pa.Table:
    """The trace table with the note that its source has no such columns. Of `error` null means none elsewhere, and unknown there."""
    return table.replace_schema_metadata({_UNRECORDED: ",".join(sorted(columns))}) if columns else table


def unrecorded(table: pa.Table) -> frozenset[str]:
    """The columns that the table's source does not have, as far as it says so."""
    noted = (table.schema.metadata or {}).get(_UNRECORDED, b"").decode()
    return frozenset(filter(None, noted.split(",")))


def empty() -> pa.Table:
    """A trace table of no rows."""
    return SCHEMA.empty_table()


def hash_user(user: object, salt: str) -> str | None:
    """The user's id as 16 hexadecimal digits of HMAC-SHA256 under the secret `salt`; None stays None."""
    if user is None or user == "":
        return None
    return hmac.digest(salt.encode(), clean_text(str(user)).encode(), "sha256").hex()[:16]


def clean_text(value: str) -> str:
    """Text that UTF-8 can hold: lone surrogates become a question mark."""
    if value.isascii():
        return value
    try:
        value.encode("utf-8")
        return value
    except UnicodeEncodeError:
        return value.encode("utf-8", "replace").decode("utf-8")


def parse_time(value: object) -> datetime | None:
    """A datetime in UTC from a datetime, a date, an ISO 8601 string or epoch seconds (milliseconds above 1e11); else None."""
    try:
        if isinstance(value, str):
            text = value.strip()
            parsed = datetime.fromisoformat(text.replace("Z", "+00:00").replace("z", "+00:00"))
        elif isinstance(value, datetime):
            parsed = value
        elif isinstance(value, date):
            parsed = datetime(value.year, value.month, value.day)
        elif isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
            parsed = datetime.fromtimestamp(value / 1000 if abs(value) > 1e11 else value, UTC)
        else:
            return None
        # NaT is a datetime too, but compares unequal to itself
        if parsed != parsed:
            return None
        return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


@cache
def _coercions() -> dict[str, Callable[[Any], object]]:
    """What makes a value that is not None fit its column, by the column's name."""
    return {field.name: _coercion(field.type) for field in SCHEMA}


def _coercion(kind: pa.DataType) -> Callable[[Any], object]:
    if pa.types.is_string(kind):
        return _text
    if pa.types.is_floating(kind):
        return _number
    if pa.types.is_boolean(kind):
        return lambda value: value if isinstance(value, bool) else None
    if pa.types.is_integer(kind):
        return partial(_whole, limit=_MAX_INT32 if kind == pa.int32() else 2**62)
    if pa.types.is_timestamp(kind):
        return parse_time
    if pa.types.is_map(kind):
        return _map
    return {SCORE: _scores, DOCUMENT: _documents, STEP: _trajectory}.get(kind.value_type, _texts)


def _whole(value: object, limit: int) -> int | None:
    if type(value) is int:
        return value if -limit <= value <= limit else None
    number = _number(value)
    return int(number) if number is not None and abs(number) <= limit else None


def _map(value: object) -> list[tuple[str, str | None]] | None:
    return [(clean_text(str(k)), _text(v)) for k, v in value.items()] if isinstance(value, dict) else None


def _texts(value: object) -> list[str] | None:
    return [t for t in map(_text, value) if t is not None] if isinstance(value, (list, tuple)) else None


def _number(value: object) -> float | None:
    if type(value) is float:
        return value if math.isfinite(value) else None
    # asking whether something is like a number costs more than reading one
    if not isinstance(value, (int, float, str)) and not isinstance(value, (bytes, bytearray, SupportsFloat, SupportsIndex)):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _text(value: object) -> str | None:
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, (bool, int, float)):
        return str(value)
    if isinstance(value, (dict, list, tuple)):
        try:
            return clean_text(json.dumps(value, ensure_ascii=False, default=str))
        except (ValueError, RecursionError):
            return None
    return None


def _scores(value: object) -> list[dict[str, object]] | None:
    if isinstance(value, dict):
        given = [(name, score, None) for name, score in value.items()]
    elif isinstance(value, (list, tuple)):
        given = [
            (item.get("name"), item["value"] if item.get("value") is not None else item.get("label"), item.get("evaluator"))
            for item in value
            if isinstance(item, dict)
        ]
    else:
        return None
    out: list[dict[str, object]] = []
    for name, score, evaluator in given:
        if name is None or score is None:
            continue
        label = clean_text(score) if isinstance(score, str) else None
        number = None if label is not None else _number(score)
        if label is not None or number is not None:
            out.append({"name": clean_text(str(name)), "value": number, "label": label, "evaluator": _text(evaluator)})
    return out


def _documents(value: object) -> list[dict[str, object]] | None:
    if not isinstance(value, (list, tuple)):
        return None
    return [
        {
            "id": _text(item.get("id")),
            "score": _number(item.get("score")),
            "updated_at": parse_time(item.get("updated_at")),
            "text": _text(item.get("text")),
        }
        for item in value
        if isinstance(item, dict)
    ]


def _trajectory(value: object) -> list[dict[str, object]] | None:
    if not isinstance(value, (list, tuple)):
        return None
    coercions = _step_coercions()
    return [
        {k: coercions[k](given) for k, given in step.items() if given is not None and k in coercions}
        for step in value
        if isinstance(step, dict)
    ]


@cache
def _step_coercions() -> dict[str, Callable[[Any], object]]:
    return {field.name: _coercion(field.type) for field in STEP}


def used_tokens(table: pa.Table) -> np.ndarray:
    """Whether a request used tokens, and so cost something, as far as is known; bool, shape (rows,). Of traces or of features."""
    used = np.zeros(table.num_rows, bool)
    for name in ("input_tokens", "output_tokens"):
        if name in table.column_names:
            used |= table.column(name).cast(pa.float64()).to_numpy(zero_copy_only=False) > 0
    return used


def requests(features: pa.Table) -> np.ndarray:
    """How many requests each row of features stands for: 1, or the reciprocal of the share that is traced; shape (rows,)."""
    if SAMPLING_RATE not in features.column_names:
        return np.ones(features.num_rows)
    rate = features.column(SAMPLING_RATE).to_numpy(zero_copy_only=False).astype(float)
    return 1.0 / np.where(rate > 0, rate, 1.0)
