"""Spans as a collector's file and observations as Langfuse's export, written short; and the rows that the stores read of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from drift.stores.langfuse_export import LangfuseExportOptions, LangfuseExportStore
from drift.stores.otlp import OtlpOptions, OtlpStore

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)
DAY = AT.replace(hour=0)
QUESTION, ANSWER = "Where is my parcel?", "It arrives on Monday."


def span(id: str, parent: str | None = None, begin: float = 0, end: float = 4, *, name: str = "", scope: str = "app", trace: str = "a",
         status: int = 0, message: str = "", events: tuple = (), **attributes: Any) -> dict:  # fmt: skip
    """A span as OTLP's JSON; `gen_ai__usage__input_tokens` stands for the attribute's dotted name, times are seconds after `AT`."""
    return {
        "scope": scope, "traceId": trace * 32, "spanId": f"{int.from_bytes(id.encode()):016x}", "name": name or id,
        "parentSpanId": f"{int.from_bytes(parent.encode()):016x}" if parent else "",
        "startTimeUnixNano": nano(begin), "endTimeUnixNano": nano(end), "status": {"code": status, "message": message},
        "attributes": [{"key": k.replace("__", "."), "value": _value(v)} for k, v in attributes.items()],
        "events": [{"name": n, "timeUnixNano": nano(t), "attributes": [{"key": k, "value": _value(v)} for k, v in a.items()]}
                   for n, t, a in events],
    }  # fmt: skip


def chat(id: str, parent: str | None = None, begin: float = 1, end: float = 3, *, asked: Any = QUESTION, said: Any = ANSWER,
         tokens: tuple = (24, 3), model: str = "gpt-4o-mini", **more: Any) -> dict:  # fmt: skip
    """A model's call by OTel's GenAI conventions."""
    given: dict[str, Any] = {"gen_ai__operation__name": "chat", "gen_ai__request__model": model}
    if asked is not None:
        given["gen_ai__input__messages"] = json.dumps([{"role": "user", "parts": [{"type": "text", "content": asked}]}])
    if said is not None:
        given["gen_ai__output__messages"] = json.dumps([{"role": "assistant", "parts": [{"type": "text", "content": said}]}])
    if tokens:
        given |= {"gen_ai__usage__input_tokens": tokens[0], "gen_ai__usage__output_tokens": tokens[1]}
    return span(id, parent, begin, end, **{**given, **more})


def _value(given: Any) -> dict:
    if isinstance(given, bool):
        return {"boolValue": given}
    if isinstance(given, list):
        return {"arrayValue": {"values": [_value(v) for v in given]}}
    kind = {int: "intValue", float: "doubleValue"}.get(type(given), "stringValue")
    return {kind: str(given) if kind == "intValue" else given}


def nano(seconds: float) -> str:
    return str(int((AT + timedelta(seconds=seconds)).timestamp()) * 10**9 + round(seconds % 1 * 10**9))


def document(*spans: dict, key: str = "resourceSpans") -> dict:
    scopes: dict[str, list] = {}
    for one in spans:
        scopes.setdefault(one["scope"], []).append({k: v for k, v in one.items() if k != "scope"})
    listed = [{"scope": {"name": name}, "spans": found} for name, found in scopes.items()]
    return {key: [{"resource": {"attributes": []}, "scopeSpans": listed}]}


def read(folder: Path, *spans: dict) -> dict:
    """The row of the one trace these spans are."""
    (row,) = read_text(folder, json.dumps(document(*spans)))
    return row


def read_text(folder: Path, text: str) -> list[dict]:
    """The rows of a file with this text."""
    (folder / "traces.jsonl").write_text(text, "utf-8")
    store = OtlpStore(OtlpOptions(path=str(folder / "traces.jsonl")), salt="salt")
    return [row for table in store.pull(DAY, DAY + timedelta(days=1)) for row in table.to_pylist()]


def observation(
    id: str, parent: str = "", begin: float = 0, end: float = 4, *, type: str = "SPAN", trace: str = "t1", **more: Any
) -> dict:
    """A row of `observations_v2` of Langfuse's export; a text may be an object, which is exported as JSON."""
    row = {
        "id": id, "trace_id": trace, "type": type, "parent_observation_id": parent, "start_time": moment(begin), "end_time": moment(end),
        "name": id, "metadata": {}, "level": "DEFAULT", "status_message": "", "input": "", "output": "", "provided_model_name": "",
        "usage_details": {}, "cost_details": {}, "completion_start_time": None, "total_cost": None, "latency": None,
        "time_to_first_token": None, "updated_at": moment(end), "is_root_observation": not parent, "tags": [], "trace_name": "app",
    } | more  # fmt: skip
    return {k: json.dumps(v) if k in ("input", "output") and not isinstance(v, str) else v for k, v in row.items()}


def generation(id: str, parent: str = "", begin: float = 1, end: float = 3, **more: Any) -> dict:
    given = {"input": [{"role": "user", "content": QUESTION}], "output": {"role": "assistant", "content": ANSWER}}
    return observation(id, parent, begin, end, **{"type": "GENERATION", "provided_model_name": "gpt-4o", **given, **more})


def moment(seconds: float) -> str:
    return (AT + timedelta(seconds=seconds)).strftime("%Y-%m-%d %H:%M:%S.%f")


def read_export(folder: Path, *observations: dict, records: tuple[dict, ...] = ()) -> list[dict]:
    """The rows of an export with these observations and, as servers of v3 write them, records of traces."""
    table = "observations" if records else "observations_v2"
    for name, rows in ((table, observations), ("traces", records)):
        if rows:
            (folder / "export" / name).mkdir(parents=True, exist_ok=True)
            (folder / "export" / name / "0.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    store = LangfuseExportStore(LangfuseExportOptions(path=str(folder / "export")), salt="salt")
    return [row for batch in store.pull(DAY, DAY + timedelta(days=1)) for row in batch.to_pylist()]
