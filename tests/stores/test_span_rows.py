"""From logged values to the row: texts, documents, failures, and every convention that spans are written in."""

from __future__ import annotations

import doctest
import json
from datetime import UTC, datetime, timedelta

import pytest

from drift import traces
from drift.stores import failures, messages
from drift.stores.assembly import Assembly
from drift.stores.documents import documents, flattened
from drift.stores.otel import Event, span
from drift.stores.otlp import hex_id, otlp_span, value
from drift.stores.spans import Span, latest, row

AT = datetime(2026, 11, 19, 12, tzinfo=UTC)
CHAT = [{"role": "system", "content": "Be kind"}, {"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"},
        {"role": "user", "content": "Why?"}]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("Why?", "Why?"),
        ("", ""),
        (None, None),
        ("{not json", "{not json"),
        (json.dumps(CHAT), "Why?"),
        ({"messages": CHAT}, "Why?"),
        ([CHAT], "Why?"),
        ({"question": "Why?"}, "Why?"),
        ({"input": {"query": "Why?"}}, "Why?"),
        ({"args": ["Why?", 3], "kwargs": {}}, "Why?"),
        ({"args": [], "kwargs": {"question": "Why?"}}, "Why?"),
        ({"args": [], "kwargs": {"request": "Why?", "k": 3}}, "Why?"),
        ({"args": [], "kwargs": {"a": "x", "b": "y"}}, None),
        ([{"message": {"role": "user", "content": "Why?"}}], "Why?"),
        ([{"role": "user", "parts": [{"type": "text", "content": "Why?"}]}], "Why?"),
        (
            [{"role": "user", "content": [{"type": "text", "text": "Why?"}, {"type": "image_url", "image_url": {"url": "x"}}]}],
            "Why?",
        ),
        ([{"type": "human", "content": "Why?"}], "Why?"),
        # a graph's state: what tools said stands between
        (
            {
                "messages": [
                    {"type": "human", "content": "Why?"},
                    {"type": "ai", "content": "", "tool_calls": []},
                    {"type": "tool", "content": "found"},
                    {"type": "ai", "content": "Because."},
                ]
            },
            "Why?",
        ),
        # LangChain's own serialisation
        (
            {
                "messages": [
                    [
                        {
                            "lc": 1,
                            "type": "constructor",
                            "id": ["langchain", "schema", "messages", "HumanMessage"],
                            "kwargs": {"content": "Why?"},
                        }
                    ]
                ]
            },
            "Why?",
        ),
        ({"contents": [{"role": "user", "parts": [{"text": "Why?"}]}]}, "Why?"),
        ({"a": 1, "b": [2]}, None),
        (7, "7"),
    ],
)
def test_the_question(given, said):
    assert messages.question(given) == said


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("So.", "So."),
        ({"role": "assistant", "content": "So."}, "So."),
        ({"answer": "So.", "sources": ["a"]}, "So."),
        ({"choices": [{"message": {"role": "assistant", "content": "So."}}]}, "So."),
        ({"content": [{"type": "text", "text": "So."}]}, "So."),
        ({"generations": [[{"text": "So."}]]}, "So."),
        ([*CHAT, {"role": "assistant", "content": "So."}], "So."),
        ({"role": "assistant", "content": None, "tool_calls": []}, ""),
        ({"role": "assistant", "content": '{"name": "Ada", "age": 36}'}, '{"name": "Ada", "age": 36}'),
        ('{"name": "Ada", "age": 36}', None),
        ("[1, 2]", None),
    ],
)
def test_the_answer(given, said):
    assert messages.answer(given) == said


def test_the_answer_of_a_graph_of_langchain():
    state = [{"type": "human", "content": "Why?"}, {"type": "ai", "content": "", "tool_calls": [{"name": "find", "args": {}}]},
             {"type": "tool", "content": "found"}, {"type": "ai", "content": "Because."}]  # fmt: skip
    made = [{"lc": 1, "type": "constructor", "id": ["langchain", "messages", kind], "kwargs": {"content": text}}
            for kind, text in (("SystemMessage", "Be kind"), ("HumanMessage", "Why?"), ("AIMessage", "Because."))]  # fmt: skip
    for messages_ in (state, made):
        for given in ({"messages": messages_}, json.dumps({"messages": messages_})):
            assert messages.answer(given) == "Because."
    assert messages.system_prompt(made) == "Be kind" and messages.tool_calls(state) == [("find", "{}")]


def test_system_prompts_finish_reasons_and_tool_calls():
    assert messages.system_prompt(CHAT) == "Be kind" and messages.system_prompt("Why?") is None
    assert messages.system_prompt({"system": "Be kind", "messages": CHAT[1:]}) == "Be kind"
    assert messages.finish_reason({"choices": [{"finish_reason": "length"}]}) == "length"
    assert messages.finish_reason({"stop_reason": "end_turn"}) == "end_turn" and messages.finish_reason("x") is None
    call = {"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "f", "arguments": '{"a": 1}'}}]}
    assert messages.tool_calls(call) == [("f", '{"a": 1}')]


@pytest.mark.parametrize("depth", [50, 5_000])
def test_deep_nesting_is_no_crash(depth):
    deep = "[" * depth + "]" * depth
    assert messages.question(deep) in (None, deep) and documents(deep) in (None, [])


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ([{"id": "a", "content": "t", "score": 0.5, "metadata": {"updated_at": "2026-01-01"}}], ("a", 0.5, "2026-01-01", "t")),
        (
            [{"page_content": "t", "metadata": {"source": "a", "score": 0.5, "date": "2026-01-01"}}],
            ("a", 0.5, "2026-01-01", "t"),
        ),
        (
            {"matches": [{"id": "a", "score": 0.5, "metadata": {"text": "t", "last_modified": "2026-01-01"}}]},
            ("a", 0.5, "2026-01-01", "t"),
        ),
        ([[{"page_content": "t", "id": "a", "metadata": {"updated_at": "2026-01-01"}}, 0.5]], ("a", 0.5, "2026-01-01", "t")),
        (
            {"documents": [{"node": {"id": "a", "text": "t", "metadata": {"updated_at": "2026-01-01"}}, "score": 0.5}]},
            ("a", 0.5, "2026-01-01", "t"),
        ),
        (
            {"hits": [{"_id": "a", "_score": 0.5, "_source": {"text": "t", "updated_at": "2026-01-01"}}]},
            ("a", 0.5, "2026-01-01", "t"),
        ),
        (["t"], (None, None, None, "t")),
        (
            {"points": [{"id": "a", "score": 0.5, "payload": {"text": "t", "date": "2026-01-01"}}]},
            ("a", 0.5, "2026-01-01", "t"),
        ),
        ({"source_nodes": [{"node": {"id_": "a", "text": "t"}, "score": 0.5}]}, ("a", 0.5, None, "t")),
        (
            {"ids": [["a"]], "documents": [["t"]], "metadatas": [[{"date": "2026-01-01"}]], "distances": [[0.5]], "data": None},
            ("a", 0.5, "2026-01-01", "t"),
        ),
        ([{"id": "a", "distance": 0.25}], ("a", 0.75, None, None)),
    ],
)
def test_documents(given, found):
    for form in (given, json.dumps(given)):
        (one,) = documents(form)
        assert (one["id"], one["score"], one["updated_at"], one["text"]) == found


def test_no_documents_and_no_such_shape():
    assert documents([]) == [] == documents({"documents": []}) and documents("[]") == []
    assert documents({"ids": [[]], "documents": [[]], "distances": None}) == []
    assert documents("three of them") is None and documents({"documents": [1]}) is None and documents(None) is None


def test_flattened_documents():
    given = {
        "retrieval.documents.1.document.id": "b",
        "retrieval.documents.0.document.id": "a",
        "retrieval.documents.0.document.score": 0.5,
        "retrieval.documents.0.document.metadata": '{"updated_at": "2026-01-01"}',
        "other": 1,
    }
    assert [(d["id"], d["score"], d["updated_at"]) for d in flattened(given)] == [("a", 0.5, "2026-01-01"), ("b", None, None)]
    assert flattened({"other": 1}) is None
    assert flattened({"gen_ai.retrieval.documents": '[{"id": "c", "score": 1}]'})[0]["id"] == "c"


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("RateLimitError: 429 from provider", "rate_limit"),
        ("You exceeded your current quota", "rate_limit"),
        ("timeout timed out", "timeout"),
        ("504 Gateway Timeout", "timeout"),
        ("deadline exceeded", "timeout"),
        ("Error code: 529 overloaded_error", "5xx"),
        ("InternalServerError", "5xx"),
        ("Connection error.", "5xx"),
        ("400 content_filter triggered", "content_filter"),
        ("Error code: 401 invalid api key", "4xx"),
        ("This model's maximum context length is 8192 tokens", "context_overflow"),
        ("This model's maximum context length is 512 tokens", "context_overflow"),
        ("prompt is too long: 210000 tokens > 200000 maximum", "context_overflow"),
        ("400 The input token count (1048577) exceeds the maximum number of tokens allowed", "context_overflow"),
        ("HTTP 502 from upstream", "5xx"),
        ("KeyError: 'x'", "other"),
        ("", "other"),
    ],
)
def test_kinds_of_failures(message, kind):
    assert failures.error_type(message) == kind


def test_the_examples_in_the_docstrings():
    assert doctest.testmod(failures).failed == 0


def made(spans: list[Span]) -> dict:
    return traces.table([row(spans, "salt")]).to_pylist()[0]


def one(id: str, kind: str = "span", second: float = 0, seconds: float = 1, **more) -> Span:
    start = AT + timedelta(seconds=second)
    return Span(trace_id="t", id=id, kind=kind, start=start, end=start + timedelta(seconds=seconds), **more)


def test_the_order_of_arrival_does_not_matter():
    spans = [
        one("r", is_root=True, input="q", output="a"),
        one("g", "generation", model="m"),
        one("g2", "generation", model="n"),
        one("x"),
    ]
    assert made(spans) == made(spans[::-1]) == made([*spans[2:], *spans[:2], spans[0]])


def test_the_model_is_that_of_the_generation_that_produced_the_output():
    root = one("r", is_root=True, output="The long answer to the question.")
    writer = one("g1", "generation", 1, output="The long answer to the question.", model="writer")
    title = one("g2", "generation", 2, output="A title", model="titles")
    judge = one("e", "evaluator", 3)
    judged = one("g3", "generation", 3, output="5", model="judge", parent="e")
    assert made([root, writer, title, judge, judged])["model"] == "writer"
    root.output = None
    assert made([root, writer, title, judge, judged])["model"] == "titles"


def test_errors_are_those_the_user_saw():
    bad = {"failed": True, "failure": "503", "parent": "r", "model": "a"}
    root = one("r", is_root=True, output="a")
    recovered = made([root, one("g1", "generation", **bad), one("g2", "generation", 1, output="a", model="b", parent="r")])
    assert (recovered["error"], recovered["retries"], recovered["fallback"]) == (None, 1, True)
    tool = made([root, one("t", "tool", failed=True), one("g", "generation", 1, output="a")])
    assert (tool["error"], tool["tool_errors"]) == (None, 1)
    assert made([one("r", is_root=True), one("g", "generation", **bad)])["error"] == "5xx"
    blocked = made([root, one("g", "generation", output="", finish_reason="content_filter")])
    assert blocked["error"] == "content_filter"


def test_tool_loops_and_tools_that_were_only_asked_for():
    calls = [one(f"t{n}", "tool", n, name="search", input=text) for n, text in enumerate(['{"q": 1}', '{"q": 1}', '{"q": 2}'])]
    looped = made([one("r", is_root=True), *calls])
    assert (looped["tool_calls"], looped["repeated_tool_calls"], looped["steps"]) == (3, 1, 3)
    asked = {"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": "{}"}}]}
    unseen = made([one("r", is_root=True), one("g", "generation", output=asked)])
    assert (unseen["tool_calls"], unseen["tool_errors"]) == (1, None)


def test_who_it_was_is_in_no_metadata():
    out = made([one("r", is_root=True, user="bob@example.com", metadata={"user_id": "bob@example.com", "plan": "pro"})])
    assert out["metadata"] == [("plan", "pro")] and out["user"] == traces.hash_user("bob@example.com", "salt")


def test_versions_of_a_span():
    assert [s.name for s in latest([one("a", updated="2", name="new"), one("a", updated="1", name="old")])] == ["new"]


def test_a_trace_is_the_chain_of_its_spans():
    linger = timedelta(minutes=10)
    early, late = one("a", second=0, seconds=60), one("b", second=600)
    straggler = one("c", second=3_600)
    for order in ([early, late, straggler], [early, straggler, late]):
        assembly = Assembly(AT, AT + timedelta(hours=1), linger)
        assembly.add(order)
        assert [[s.id for s in spans] for spans in assembly.closed()] == [["a", "b"]]
    assembly = Assembly(AT, AT + timedelta(hours=1), linger)
    assembly.add([early])
    assert list(assembly.closed(AT + timedelta(minutes=5))) == [] and list(assembly.still_open) == ["t"]
    assembly.add([late])
    assert len(list(assembly.closed(AT + timedelta(minutes=30)))) == 1
    assembly.add([straggler])
    assert list(assembly.closed()) == []


def attributes(**given) -> dict:
    return {k.replace("__", "."): v for k, v in given.items()}


def otel(given: dict, events=(), **more) -> dict:
    made_ = span(
        trace_id="t",
        span_id="s",
        parent_id=None,
        name="n",
        start=AT,
        end=AT + timedelta(seconds=2),
        failed=False,
        message=None,
        attributes=given,
        events=events,
    )
    return made([made_])


NEW = attributes(
    gen_ai__operation__name="chat",
    gen_ai__request__model="gpt-4o",
    gen_ai__response__model="gpt-4o-2024",
    gen_ai__usage__input_tokens=100,
    gen_ai__usage__output_tokens=20,
    gen_ai__response__finish_reasons=["stop"],
    gen_ai__conversation__id="c1",
    user__id="u1",
    gen_ai__system_instructions='[{"type": "text", "content": "Be kind"}]',
    gen_ai__response__time_to_first_chunk=0.3,
    gen_ai__input__messages='[{"role": "user", "parts": [{"type": "text", "content": "Why?"}]}]',
    gen_ai__output__messages='[{"role": "assistant", "parts": [{"type": "text", "content": "So."}], "finish_reason": "stop"}]',
)
OLD = attributes(
    gen_ai__system="openai",
    gen_ai__operation__name="chat",
    gen_ai__request__model="gpt-4o-2024",
    gen_ai__usage__prompt_tokens=100,
    gen_ai__usage__completion_tokens=20,
    gen_ai__response__finish_reasons='["stop"]',
    session__id="c1",
    enduser__id="u1",
)
OLD_EVENTS = [
    Event("gen_ai.system.message", AT, {"content": "Be kind"}), Event("gen_ai.user.message", AT, {"content": "Why?"}),
    Event("gen_ai.content.completion.chunk", AT + timedelta(seconds=0.3)),
    Event("gen_ai.choice", AT, {"finish_reason": "stop", "message": '{"role": "assistant", "content": "So."}'}),
]  # fmt: skip
LLMETRY = {
    "llm.request.type": "chat",
    "gen_ai.request.model": "gpt-4o-2024",
    "gen_ai.prompt.0.role": "system",
    "gen_ai.prompt.0.content": "Be kind",
    "gen_ai.prompt.1.role": "user",
    "gen_ai.prompt.1.content": "Why?",
    "gen_ai.completion.0.content": "So.",
    "gen_ai.completion.0.finish_reason": "stop",
    "gen_ai.usage.prompt_tokens": 100,
    "gen_ai.usage.completion_tokens": 20,
    "gen_ai.response.time_to_first_token": 0.3,
    "traceloop.association.properties.session_id": "c1",
    "traceloop.association.properties.user_id": "u1",
}
OPENINFERENCE = {
    "openinference.span.kind": "LLM",
    "llm.model_name": "gpt-4o-2024",
    "llm.token_count.prompt": 100,
    "llm.token_count.completion": 20,
    "llm.input_messages.0.message.role": "system",
    "llm.input_messages.0.message.content": "Be kind",
    "llm.input_messages.1.message.role": "user",
    "llm.input_messages.1.message.contents.0.message_content.text": "Why?",
    "llm.output_messages.0.message.role": "assistant",
    "llm.output_messages.0.message.content": "So.",
    "llm.finish_reason": "stop",
    "session.id": "c1",
    "user.id": "u1",
}


@pytest.mark.parametrize(
    ("given", "events"),
    [
        (NEW, ()),
        (OLD, OLD_EVENTS),
        (LLMETRY, ()),
        (OPENINFERENCE, [Event("First Token Stream Event", AT + timedelta(seconds=0.3))]),
    ],
    ids=["genai", "genai-old", "openllmetry", "openinference"],
)
def test_every_convention_gives_the_same_row(given, events):
    out = otel(given, events)
    assert (out["input"], out["output"], out["system_prompt"]) == ("Why?", "So.", "Be kind")
    assert (out["model"], out["input_tokens"], out["output_tokens"], out["finish_reason"]) == ("gpt-4o-2024", 100, 20, "stop")
    assert out["ttft_s"] == pytest.approx(0.3) and out["latency_s"] == 2.0
    assert out["session_id"] == "c1" and out["user"] == traces.hash_user("u1", "salt")


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        # Phoenix writes UNKNOWN where a span names no kind of OpenInference
        ({"openinference.span.kind": "UNKNOWN", "gen_ai.operation.name": "execute_tool"}, "tool"),
        ({"openinference.span.kind": "UNKNOWN", "gen_ai.operation.name": "chat"}, "generation"),
        ({"openinference.span.kind": "CHAIN", "gen_ai.operation.name": "chat"}, "chain"),
        ({"gen_ai.retrieval.documents": '[{"id": "a"}]'}, "retriever"),
        ({"openinference.span.kind": "UNKNOWN"}, "span"),
    ],
)
def test_the_kind_of_a_span(given, kind):
    made = span(
        trace_id="t", span_id="s", parent_id=None, name="n", start=AT, end=AT, failed=False, message=None, attributes=given
    )
    assert made.kind == kind


def test_otlp_values_and_ids():
    assert value(
        {
            "kvlistValue": {
                "values": [{"key": "a", "value": {"arrayValue": {"values": [{"intValue": "5"}, {"boolValue": False}]}}}]
            }
        }
    ) == {"a": [5, False]}
    assert value({"string_value": None, "double_value": 0.5, "array_value": None}) == 0.5
    assert (
        hex_id("LfCB16O2DPwJfRF6hV+vRw==") == "2df081d7a3b60cfc097d117a855faf47"
        and hex_id("") is None
        and hex_id("abc") == "abc"
    )
    assert otlp_span({"traceId": "a" * 32, "spanId": "b" * 16}) is None


def test_the_recorded_answers_of_phoenix_and_mlflow(recorded):
    given = json.loads((recorded / "phoenix_rest_otlpv1.json").read_text())["data"]
    out = made([s for g in given if (s := otlp_span(g))])
    assert (out["input"], out["output"], out["model"], out["prompt_version"]) == ("q170", "a170", "gpt-4o", "v3")
    assert out["ttft_s"] == pytest.approx(0.02, abs=1e-5) and [d["id"] for d in out["documents"]] == ["doc-0", "doc-1", "doc-2"]
    trace = json.loads((recorded / "mlflow_trace.json").read_text())
    out = made([s for g in trace["data"]["spans"] if (s := otlp_span(g))])
    assert (out["input"], out["output"], out["model"], out["input_tokens"], out["cost_usd"]) == (
        "q59",
        "a",
        "gpt-4o",
        100,
        0.00045,
    )
    assert [(d["id"], d["score"], d["text"]) for d in out["documents"]][0] == ("doc-0", 0.9, "text 0")
