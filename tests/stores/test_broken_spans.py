"""Spans whose attributes hold anything at all are rows all the same."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st
from written import span

from drift import traces
from drift.stores.langfuse_rows import observation
from drift.stores.otlp import otlp_span
from drift.stores.spans import row

ATTRIBUTES = (
    "gen_ai.input.messages", "gen_ai.output.messages", "llm.input_messages.0.message.content", "input.value", "output.value", "all_messages_events",
    "pydantic_ai.all_messages", "langfuse.observation.usage_details", "langfuse.observation.cost_details", "mlflow.chat.tokenUsage",
    "gen_ai.system_instructions", "gen_ai.response.finish_reasons", "gen_ai.usage.input_tokens", "gen_ai.usage.cache_read.input_tokens",
    "ai.response.toolCalls", "ai.prompt.messages", "gen_ai.tool.call.arguments", "retrieval.documents", "llm.invocation_parameters",
    "metadata", "tag.tags", "gen_ai.operation.name", "openinference.span.kind", "http.response.status_code", "gen_ai.response.id",
)  # fmt: skip
KEYS = ("role", "content", "parts", "type", "text", "message", "messages", "choices", "tool_calls", "function", "kwargs", "id", "error", "input",
        "output", "args", "result", "event.name", "kind", "data", "lc", "usage", "arguments", "name", "candidates", "generations")  # fmt: skip

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=9)
    | st.sampled_from(["user", "assistant", "tool", "text", "ai"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=15,
)
spans = st.lists(
    st.tuples(st.dictionaries(st.sampled_from(ATTRIBUTES), anything, max_size=6), st.sampled_from([None, "s0", "gone"]), st.booleans()),
    min_size=1, max_size=4,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(spans)
def test_attributes_of_any_kind(given_):
    made = []
    for n, (attributes, parent, failed) in enumerate(given_):
        written = {k: v if isinstance(v, (str, int, bool)) else json.dumps(v) for k, v in attributes.items()}
        made.append(otlp_span(span(f"s{n}", parent, status=2 if failed else 0, **written)))
    (out,) = traces.table([row(made, "salt")]).to_pylist()
    assert out["trace_id"] == "a" * 32


@settings(max_examples=200, deadline=None)
@given(st.lists(st.fixed_dictionaries({
    "input": anything, "output": anything, "usageDetails": st.none() | st.dictionaries(st.sampled_from([*KEYS, "input", "output", "total"]), anything, max_size=3),
    "metadata": anything, "type": st.sampled_from(["GENERATION", "SPAN", "TOOL", "RETRIEVER", "AGENT", "EVENT", "x"]), "level": st.sampled_from(["ERROR", ""]),
    "timeToFirstToken": anything, "latency": anything, "completionStartTime": anything, "endTime": anything, "statusMessage": anything,
}), min_size=1, max_size=3))  # fmt: skip
def test_observations_of_any_kind(rows):
    made = [
        observation({"traceId": "t", "id": str(n), "startTime": "2026-03-02T10:00:00Z", **given_})
        for n, given_ in enumerate(rows)
    ]
    assert traces.table([row(made, "salt")]).num_rows == 1
