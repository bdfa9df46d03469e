"""Questions and answers in the shapes that providers and frameworks log. What is not understood is unknown, never JSON as text."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from written import ANSWER, QUESTION, chat, generation, read, read_export, span

from drift.stores import messages

THOUGHT = "They ask about a parcel. I cannot help before I look."
PNG = "iVBORw0KGgo" * 200

ANSWERS = {
    "chat completions": {"choices": [{"message": {"role": "assistant", "content": ANSWER}, "finish_reason": "stop"}]},
    "a refusal": {"choices": [{"message": {"role": "assistant", "content": None, "refusal": ANSWER}}]},
    "responses, items": [
        {"id": "rs_1", "type": "reasoning", "summary": [{"type": "summary_text", "text": THOUGHT}]},
        {"type": "web_search_call", "status": "completed", "action": {"query": "parcel"}},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": ANSWER, "annotations": []}]},
    ],
    "responses, whole": {
        "id": "resp_1", "object": "response", "status": "completed", "error": None,
        "output": [{"type": "reasoning", "summary": []},
                   {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": ANSWER}]}],
    },
    "anthropic": {"id": "msg_1", "type": "message", "role": "assistant", "stop_reason": "end_turn",
                  "content": [{"type": "thinking", "thinking": THOUGHT}, {"type": "text", "text": ANSWER}]},
    "gemini": {"candidates": [{"content": {"role": "model", "parts": [{"text": THOUGHT, "thought": True}, {"text": ANSWER}]}}]},
    "adk": {"content": {"parts": [{"text": ANSWER}], "role": "model"}, "finish_reason": "STOP", "usage_metadata": {}},
    "converse": {"output": {"message": {"role": "assistant", "content": [
        {"reasoningContent": {"reasoningText": {"text": THOUGHT}}}, {"text": ANSWER}]}}, "stopReason": "end_turn"},
    "ollama": {"model": "qwen3", "message": {"role": "assistant", "content": ANSWER, "thinking": THOUGHT}, "done_reason": "stop"},
    "vercel": [{"role": "assistant", "content": [{"type": "reasoning", "text": THOUGHT}, {"type": "text", "text": ANSWER}]}],
    "langchain": {"generations": [[{"text": ANSWER, "message": {"lc": 1, "type": "constructor",
                  "id": ["langchain", "schema", "messages", "AIMessage"], "kwargs": {"content": ANSWER, "type": "ai"}}}]]},
    "langchain, serialised": {"type": "ai", "data": {"content": ANSWER, "additional_kwargs": {}}},
    "langgraph": {"messages": [{"type": "human", "content": QUESTION}, {"type": "ai", "content": "", "tool_calls": [{"name": "f"}]},
                               {"type": "tool", "content": "found it"}, {"type": "ai", "content": ANSWER}]},
    "langgraph, by node": {"agent": {"messages": [{"type": "ai", "content": ANSWER}]}},
    "openllmetry": {"outputs": {"answer": ANSWER}, "kwargs": {"tags": []}},
    "openllmetry, in quotes": json.dumps(ANSWER),
    "llamaindex": {"response": ANSWER, "source_nodes": [{"node": {"text": "Parcels go on Mondays."}}], "metadata": {}},
    "llamaindex, agent": {"response": {"role": "assistant", "blocks": [{"block_type": "text", "text": ANSWER}]}, "tool_calls": []},
    "haystack": {"llm": {"replies": [{"role": "assistant", "meta": {}, "content": [{"reasoning": {"reasoning_text": THOUGHT}},
                                                                                    {"text": ANSWER}]}]}},
    "haystack, strings": {"llm": {"replies": [ANSWER], "meta": [{"model": "gpt-4o"}]}},
    "dspy": {"reasoning": THOUGHT, "answer": ANSWER},
    "dspy, another field": {"reasoning": THOUGHT, "delivery": ANSWER},
    "crewai": {"raw": ANSWER, "pydantic": None, "json_dict": None, "tasks_output": [{"raw": "x"}], "token_usage": {"total_tokens": 9}},
    "pydantic ai": [{"kind": "response", "parts": [{"part_kind": "thinking", "content": THOUGHT}, {"part_kind": "text", "content": ANSWER}]}],
    "otel": [{"role": "assistant", "parts": [{"type": "reasoning", "content": THOUGHT}, {"type": "text", "content": ANSWER}]}],
    "openinference": [{"message.role": "assistant", "message.content": ANSWER}],
    "assistants": {"role": "assistant", "content": [{"type": "text", "text": {"value": ANSWER, "annotations": []}}]},
    "thoughts in the text": f"<think>\n{THOUGHT}\n</think>\n\n{ANSWER}",
    "thoughts that the template opened": f"{THOUGHT}</think>{ANSWER}",
}  # fmt: skip

QUESTIONS = {
    "chat completions": {"model": "gpt-4o", "messages": [{"role": "system", "content": "Be kind"}, {"role": "user", "content": QUESTION}]},
    "responses": {"model": "gpt-5", "instructions": "Be kind", "input": QUESTION},
    "responses, items": {"input": [{"role": "user", "content": [{"type": "input_text", "text": QUESTION},
                                                                 {"type": "input_image", "image_url": f"data:image/png;base64,{PNG}"}]},
                                   {"type": "function_call", "name": "f", "arguments": "{}", "call_id": "1"},
                                   {"type": "function_call_output", "call_id": "1", "output": "found"}]},
    "anthropic, after a tool": [{"role": "user", "content": QUESTION},
                                {"role": "assistant", "content": [{"type": "tool_use", "id": "1", "name": "f", "input": {}}]},
                                {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "1", "content": "found"}]}],
    "gemini": {"contents": [{"role": "user", "parts": [{"inline_data": {"mime_type": "image/png", "data": PNG}}, {"text": QUESTION}]}]},
    "gemini, without a role": {"contents": [{"parts": [{"text": QUESTION}]}]},
    "gemini, one text": {"model": "gemini-2.5-flash", "contents": QUESTION},
    "converse": {"modelId": "m", "system": [{"text": "Be kind"}], "messages": [{"role": "user", "content": [{"text": QUESTION}]}]},
    "vercel": {"system": "Be kind", "messages": [{"role": "user", "content": [{"type": "text", "text": QUESTION}]}]},
    "vercel, a prompt": {"prompt": QUESTION},
    "langchain": {"messages": [[{"lc": 1, "type": "constructor", "id": ["langchain", "messages", "HumanMessage"],
                                 "kwargs": {"content": QUESTION}}]]},
    "langchain, pairs": {"messages": [["system", "Be kind"], ["human", QUESTION]]},
    "openllmetry": {"inputs": {"question": QUESTION}, "tags": [], "metadata": {}, "kwargs": {"name": "RunnableSequence"}},
    "haystack": {"prompt_builder": {"question": QUESTION}, "retriever": {"query": QUESTION, "top_k": 3}},
    "pydantic ai": [{"kind": "request", "parts": [{"part_kind": "system-prompt", "content": "Be kind"},
                                                    {"part_kind": "user-prompt", "content": [QUESTION, {"kind": "image-url", "url": "x"}]}]}],
    "otel, with a picture": [{"role": "user", "parts": [{"type": "text", "content": QUESTION},
                                                         {"type": "blob", "modality": "image", "content": PNG}]}],
    "a function": {"args": ["session-7", QUESTION], "kwargs": {"k": 3}},
    "a function with an object": {"args": [{"messages": [{"role": "user", "content": QUESTION}]}], "kwargs": {}},
}  # fmt: skip


@pytest.mark.parametrize("name", ANSWERS)
def test_answers(name):
    shape = ANSWERS[name]
    assert messages.answer(shape) == ANSWER
    if not isinstance(shape, str):
        assert messages.answer(json.dumps(shape)) == ANSWER


@pytest.mark.parametrize("name", QUESTIONS)
def test_questions(name):
    assert messages.question(QUESTIONS[name]) == QUESTION == messages.question(json.dumps(QUESTIONS[name]))


@pytest.mark.parametrize(
    "shape",
    [
        {},
        [],
        {"turns": 3},
        {"error": {"message": "Rate limit reached", "type": "requests", "code": "rate_limit_exceeded"}},
        {"detail": "overloaded", "status_code": 529},
        [{"type": "function_call", "name": "lookup", "arguments": "{}", "call_id": "c"}],
        {"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "f", "arguments": "{}"}}]},
        [{"role": "user", "content": QUESTION}],
        '{"messages": [{"role": "user", "content": "Where is my par',
        "[HumanMessage(content='Where is my parcel?')]",
        "content='It arrives on Monday.' additional_kwargs={}",
        "<openai.Stream object at 0x7f1c2d3e4f50>",
        "None",
        "null",
        "ChatResponse(message=ChatMessage(role='assistant'))",
        [{"page_content": "Parcels go on Mondays.", "metadata": {}}, {"page_content": "Returns are free.", "metadata": {}}],
        f"data:image/png;base64,{PNG}",
        PNG,
    ],
)
def test_no_answer(shape):
    assert messages.answer(shape) is None


def test_a_system_prompt_alone_is_no_question():
    assert messages.question([{"role": "system", "content": "Be kind"}]) is None
    assert messages.question({"messages": [{"type": "system", "content": "Be kind"}]}) is None


def test_an_answer_in_json_that_a_message_holds_is_the_answer():
    said = '{"city": "Oslo", "day": "Monday"}'
    assert messages.answer({"role": "assistant", "content": said}) == said


wrappers = st.recursive(
    st.just(None),
    lambda inner: st.dictionaries(
        st.sampled_from(["zone", "phase", "envelope", "x1", "meta", "parcel"]),
        st.one_of(inner, st.integers(), st.booleans(), st.lists(st.integers(), max_size=2)), min_size=1, max_size=3,
    ),
    max_leaves=3,
)  # fmt: skip


def wrap(shape: object, wrapper: object, key: str, listed: bool) -> object:
    inner = {key: shape, **(wrapper if isinstance(wrapper, dict) else {})}
    return [inner] if listed else inner


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(sorted(ANSWERS)),
    st.lists(st.tuples(wrappers, st.sampled_from(["wrapped", "thing", "q7"]), st.booleans()), max_size=3),
)
def test_an_unknown_wrapper_never_makes_json_the_answer(name, layers):
    shape = ANSWERS[name]
    for wrapper, key, listed in layers:
        shape = wrap(shape, wrapper, key, listed)
    for given_ in (shape,) if isinstance(shape, str) else (shape, json.dumps(shape)):
        assert messages.answer(given_) in (ANSWER, None)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(json_values.filter(lambda v: isinstance(v, (dict, list))))
def test_no_object_is_ever_text(value):
    for read_ in (messages.question, messages.answer):
        for given_ in (value, json.dumps(value)):
            found = read_(given_)
            assert found is None or found not in (json.dumps(value), messages.as_text(value))


def test_calls_own_texts_come_before_a_shape_that_is_not_understood(tmp_path):
    state = json.dumps({"plan": {"steps": [1, 2]}, "memory": [3]})
    app = span("app", input__value=state, output__value=state)
    made = read(tmp_path, app, chat("c", "app"))
    assert (made["input"], made["output"]) == (QUESTION, ANSWER)


def test_the_parts_of_otels_messages_that_are_text(tmp_path):
    asked = [
        {"type": "text", "content": QUESTION},
        {"type": "blob", "modality": "image", "mime_type": "image/png", "content": PNG},
    ]
    said = [{"type": "reasoning", "content": THOUGHT}, {"type": "text", "content": ANSWER}]
    made = read(tmp_path, chat("c", asked=None, said=None, gen_ai__input__messages=json.dumps([{"role": "user", "parts": asked}]),
                               gen_ai__output__messages=json.dumps([{"role": "assistant", "parts": said}])))  # fmt: skip
    assert (made["input"], made["output"]) == (QUESTION, ANSWER)


@pytest.mark.parametrize("name", ["responses, items", "responses, whole"])
def test_what_openais_responses_answer_in_langfuse(tmp_path, name):
    (made,) = read_export(tmp_path, generation("g", input={"model": "gpt-5", "input": QUESTION}, output=ANSWERS[name]))
    assert (made["input"], made["output"]) == (QUESTION, ANSWER)


def test_the_body_of_a_failed_request_is_no_answer(tmp_path):
    body = {"error": {"message": "Too many requests"}}
    (made,) = read_export(tmp_path, generation("g", output=body, level="ERROR", status_message="429 Too many requests"))
    assert (made["output"], made["error"]) == (None, "rate_limit")


def test_vercels_attributes(tmp_path):
    outer = span("ai.streamText", ai__operationId="ai.streamText", ai__prompt=json.dumps({"messages": [{"role": "user", "content": QUESTION}]}),
                 ai__response__text=ANSWER, ai__usage__inputTokens=15, ai__usage__outputTokens=112,
                 ai__telemetry__metadata__userId="u1", ai__telemetry__metadata__sessionId="s1")  # fmt: skip
    told = [{"role": "system", "content": "Be kind"}, {"role": "user", "content": [{"type": "text", "text": QUESTION}]}]
    inner = span("do", "ai.streamText", 0, 3, ai__operationId="ai.streamText.doStream", ai__prompt__messages=json.dumps(told),
                 ai__response__text=ANSWER, ai__response__msToFirstChunk=426.8, gen_ai__request__model="gpt-4o-mini",
                 gen_ai__usage__input_tokens=15, gen_ai__usage__output_tokens=112, gen_ai__response__finish_reasons=["stop"])  # fmt: skip
    tool = span(
        "ai.toolCall",
        "ai.streamText",
        1,
        2,
        ai__operationId="ai.toolCall",
        ai__toolCall__name="lookup",
        ai__toolCall__args='{"id":1}',
    )
    made = read(tmp_path, outer, inner, tool)
    assert (made["input"], made["output"], made["system_prompt"]) == (QUESTION, ANSWER, "Be kind")
    assert (made["session_id"], made["ttft_s"], made["tool_calls"]) == ("s1", 0.4268, 1) and made["user"] is not None
    assert (made["input_tokens"], made["output_tokens"], made["n_generations"]) == (15, 112, 1)
    assert not any(QUESTION in str(v) or ANSWER in str(v) for _, v in made["metadata"])


def test_langfuses_own_attributes_over_otlp(tmp_path):
    made = read(tmp_path, span("llm", end=2, **{f"langfuse__observation__{k}": v for k, v in {
        "type": "generation", "model__name": "gpt-4o", "completion_start_time": '"2026-03-02T10:00:00.500000+00:00"',
        "input": json.dumps([{"role": "user", "content": QUESTION}]), "output": json.dumps({"role": "assistant", "content": ANSWER}),
        "usage_details": '{"input": 10, "output": 3}', "cost_details": '{"total": 0.001}'}.items()}))  # fmt: skip
    assert (made["input"], made["output"], made["ttft_s"]) == (QUESTION, ANSWER, 0.5)
    assert (made["input_tokens"], made["output_tokens"], made["cost_usd"]) == (10, 3, 0.001)


def test_the_log_at_a_streams_end_is_the_call_it_began(tmp_path):
    asked = json.dumps([{"role": "user", "parts": [{"type": "text", "content": QUESTION}]}])
    common = {"scope": "logfire.openai", "gen_ai__operation__name": "chat", "gen_ai__request__model": "gpt-4o",
              "request_data": '{"model":"gpt-4o"}', "gen_ai__input__messages": asked}  # fmt: skip
    said = json.dumps([{"role": "assistant", "parts": [{"type": "text", "content": ANSWER}]}])
    begun = span("Chat Completion", "app", 1, 1.01, **common)
    log = span("streaming response", "app", 2, 2, logfire__span_type="log", duration=0.98, gen_ai__output__messages=said,
               gen_ai__usage__input_tokens=24, gen_ai__usage__output_tokens=3, **common)  # fmt: skip
    pending = span("pending", "app", 1, 1, logfire__span_type="pending_span", **common)
    made = read(tmp_path, span("app"), begun, log, pending)
    assert (made["n_generations"], made["input_tokens"], made["input"], made["output"]) == (1, 24, QUESTION, ANSWER)


def test_a_session_that_was_scrubbed_is_unknown(tmp_path):
    made = read(
        tmp_path, span("app", session__id="[Scrubbed due to 'session']"), chat("c", "app", gen_ai__conversation__id="run-1")
    )
    assert made["session_id"] is None


@pytest.mark.parametrize(
    "prompt",
    [
        f"Context information is below.\n---------------------\nOn Mondays.\n---------------------\nGiven the context information and not "
        f"prior knowledge, answer the query.\nQuery: {QUESTION}\nAnswer: ",
        "\n  Given the following conversation between a user and an AI assistant and a follow up question from user,\n  rephrase the follow "
        f"up question to be a standalone question.\n\n  Chat History:\n  user: Hi\n  Follow Up Input: {QUESTION}\n  Standalone question:",
    ],
)  # fmt: skip
def test_the_question_in_a_frameworks_own_prompt(tmp_path, prompt):
    assert read(tmp_path, span("POST /", http__route="/"), chat("c", "POST /", asked=prompt))["input"] == QUESTION


def test_an_applications_own_prompt_stays_whole(tmp_path):
    prompt = "Answer as a pirate.\nQuery: where is it?\nMatey: "
    assert read(tmp_path, chat("c", asked=prompt))["input"] == prompt


def test_a_failure_that_an_exporter_spread_over_the_trace(tmp_path):
    thrown = (("exception", 2, {"exception.type": "Error", "exception.message": "closed"}),)
    broken = {"status": 2, "message": "closed"}
    root = span(
        "ai.generateText",
        ai__operationId="ai.generateText",
        ai__prompt=json.dumps({"prompt": QUESTION}),
        ai__response__text=ANSWER,
        **broken,
    )
    call = span("do", "ai.generateText", 0, 1, ai__operationId="ai.generateText.doGenerate", ai__response__text=ANSWER,
                gen_ai__usage__output_tokens=3, gen_ai__usage__input_tokens=24, **broken)  # fmt: skip
    tools = [span(f"t{n}", "ai.generateText", 1, 2, ai__operationId="ai.toolCall", ai__toolCall__name=f"f{n}", ai__toolCall__args="{}",
                  events=thrown if n else (), **broken) for n in range(2)]  # fmt: skip
    made = read(tmp_path, root, call, *tools)
    assert (made["error"], made["tool_errors"], made["n_generations"], made["output"]) == (None, 1, 1, ANSWER)


def test_a_stream_that_a_framework_hands_on(tmp_path):
    begun = chat("OpenAI.stream_chat", "app", 1, 1.01, scope="llama_index", tokens=())
    made = read(tmp_path, span("app"), begun, chat("ChatCompletion", "app", 1.012, 1.4, scope="openai"))
    assert (made["n_generations"], made["input_tokens"]) == (1, 24)


HISTORY = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello."}]


@pytest.mark.parametrize(
    "value",
    [
        {"question": QUESTION, "chat_history": HISTORY},
        {"input": QUESTION, "chat_history": [["human", "Hi"], ["ai", "Hello."]]},
        {"kwargs": {"question": QUESTION, "chat_history": HISTORY}, "args": []},
        {"message": QUESTION, "chat_history": [{"role": "USER", "message": "Hi"}, {"role": "CHATBOT", "message": "Hello."}]},
        {"query": QUESTION, "messages": HISTORY},
    ],
)
def test_what_is_asked_now_stands_beside_what_was_said_before(value):
    assert messages.question(value) == QUESTION


def test_what_is_answered_now_stands_beside_what_was_said_before():
    assert messages.answer({"question": QUESTION, "chat_history": HISTORY, "answer": ANSWER}) == ANSWER


@pytest.mark.parametrize(
    "text",
    [
        f"<|channel|>analysis<|message|>{THOUGHT}<|end|><|start|>assistant<|channel|>final<|message|>{ANSWER}<|return|>",
        f"<seed:think>{THOUGHT}</seed:think>{ANSWER}",
    ],
)
def test_thoughts_in_a_template_of_its_own(text):
    assert messages.answer(text) == ANSWER
