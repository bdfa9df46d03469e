"""Answers logged as the pieces of a stream, prompts in a model's template, and messages of Bedrock, AutoGen and Semantic Kernel."""

from __future__ import annotations

import json

import pytest
from written import ANSWER, QUESTION, read, span

from drift.stores import messages
from drift.stores.responses import usage_and_model

THOUGHT = "They ask about a parcel."
WORDS = [ANSWER[:5], ANSWER[5:9], ANSWER[9:]]


def chunk(**delta) -> dict:
    return {
        "id": "c",
        "object": "chat.completion.chunk",
        "model": "gpt-4o",
        "choices": [{"index": 0, "delta": delta, "finish_reason": None}],
    }


CHAT = [
    chunk(role="assistant", content=""),
    *(chunk(content=w) for w in WORDS),
    {"object": "chat.completion.chunk", "choices": [{"delta": {}, "finish_reason": "stop"}]},
    {"object": "chat.completion.chunk", "choices": [], "usage": {"prompt_tokens": 24, "completion_tokens": 3}},
]
ANTHROPIC = [
    {"type": "message_start", "message": {"role": "assistant", "model": "claude-sonnet-4", "content": [], "usage": {"input_tokens": 24, "output_tokens": 1}}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": THOUGHT}},
    {"type": "content_block_stop", "index": 0},
    {"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": ""}},
    *({"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": w}} for w in WORDS),
    {"type": "content_block_stop", "index": 1},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 3}},
    {"type": "message_stop"},
]  # fmt: skip
GEMINI = [
    {"candidates": [{"content": {"parts": [{"text": THOUGHT, "thought": True}], "role": "model"}}]},
    *({"candidates": [{"content": {"parts": [{"text": w}], "role": "model"}}]} for w in WORDS),
    {"candidates": [{"content": {"parts": []}, "finishReason": "STOP"}], "usageMetadata": {"promptTokenCount": 24, "candidatesTokenCount": 3}, "modelVersion": "gemini-2.5-flash"},
]  # fmt: skip
OLLAMA = [{"model": "qwen3", "message": {"role": "assistant", "content": w}, "done": False} for w in WORDS] + [
    {"model": "qwen3", "message": {"role": "assistant", "content": ""}, "done": True, "done_reason": "stop", "prompt_eval_count": 24, "eval_count": 3}
]  # fmt: skip
RESPONSES = [{"type": "response.created", "response": {"output": []}}] + [
    {"type": "response.output_text.delta", "delta": w, "item_id": "m"} for w in WORDS
]
CONVERSE = [
    {"type": "message_start"},
    *({"contentBlockDelta": {"delta": {"text": w}, "contentBlockIndex": 0}} for w in WORDS),
    {"contentBlockDelta": {"delta": {}}},
]
STREAMS = {
    "chat completions": CHAT,
    "anthropic": ANTHROPIC,
    "gemini": GEMINI,
    "ollama": OLLAMA,
    "responses, cut before its end": RESPONSES,
    "converse": CONVERSE,
    "vercel": [{"type": "text-delta", "textDelta": w} for w in WORDS],
}
ANSWERS = {
    "titan": {"inputTextTokenCount": 24, "results": [{"tokenCount": 3, "outputText": ANSWER, "completionReason": "FINISH"}]},
    "llama on bedrock": {"generation": ANSWER, "prompt_token_count": 24, "generation_token_count": 3, "stop_reason": "stop"},
    "mistral on bedrock": {"outputs": [{"text": ANSWER, "stop_reason": "stop"}]},
    "watsonx": {"results": [{"generated_text": ANSWER, "stop_reason": "eos_token"}]},
    "vertex": {"predictions": [{"content": ANSWER}]},
    "replicate's pieces": WORDS,
    "encoded twice": json.dumps({"answer": ANSWER}),
    "a template's end": f"{ANSWER}<|eot_id|>",
    "the prompt before it": f"<|im_start|>user\n{QUESTION}<|im_end|>\n<|im_start|>assistant\n{ANSWER}<|im_end|>",
    "autogen": {"messages": [{"source": "user", "content": QUESTION, "type": "TextMessage", "models_usage": None},
                             {"source": "helper", "type": "ThoughtEvent", "content": THOUGHT},
                             {"source": "helper", "content": ANSWER, "type": "TextMessage"}], "stop_reason": None},
    "autogen, a tool between": {"messages": [{"source": "user", "content": QUESTION, "type": "TextMessage"},
                             {"source": "helper", "type": "ToolCallRequestEvent", "content": [{"id": "1", "name": "f", "arguments": "{}"}]},
                             {"source": "helper", "type": "ToolCallExecutionEvent", "content": [{"call_id": "1", "content": "found", "is_error": False}]},
                             {"source": "helper", "content": ANSWER, "type": "ToolCallSummaryMessage"}]},
    "semantic kernel": {"ai_model_id": "gpt-4o", "metadata": {}, "content_type": "message", "role": "assistant",
                        "items": [{"content_type": "text", "text": ANSWER}], "finish_reason": "stop"},
    "semantic kernel, .NET": {"Role": {"Label": "assistant"}, "Items": [{"$type": "TextContent", "Text": ANSWER}]},
}  # fmt: skip
QUESTIONS = {
    "titan": {"inputText": QUESTION, "textGenerationConfig": {"maxTokenCount": 512}},
    "n8n": [{"json": {"chatInput": QUESTION, "sessionId": "x"}}],
    "vertex": {"instances": [{"messages": [{"author": "user", "content": QUESTION}]}]},
    "llama 3": "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nBe kind.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n"
    f"{QUESTION}<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
    "llama 3, in an object": {"prompt": f"<|start_header_id|>user<|end_header_id|>\n\n{QUESTION}<|eot_id|>", "max_gen_len": 512},
    "llama 2": f"<s>[INST] <<SYS>>\nBe kind.\n<</SYS>>\n\n{QUESTION} [/INST]",
    "mistral, second turn": f"<s>[INST] Hello. [/INST] Hi!</s>[INST] {QUESTION} [/INST]",
    "mistral, with brackets alone": f"[INST] {QUESTION} [/INST]",
    "chatml": f"<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\n{QUESTION}<|im_end|>\n<|im_start|>assistant\n",
    "gemma": f"<bos><start_of_turn>user\n{QUESTION}<end_of_turn>\n<start_of_turn>model\n",
    "phi": f"<|system|>\nBe kind.<|end|>\n<|user|>\n{QUESTION}<|end|>\n<|assistant|>\n",
    "anthropic before messages": f"\n\nHuman: {QUESTION}\n\nAssistant:",
    "deepseek": f"<\uff5cbegin\u2581of\u2581sentence\uff5c>Be kind.<\uff5cUser\uff5c>{QUESTION}<\uff5cAssistant\uff5c>",
    "gpt-oss": f"<|start|>system<|message|>Be kind.<|end|><|start|>user<|message|>{QUESTION}<|end|><|start|>assistant",
    "autogen": [{"source": "user", "content": QUESTION, "type": "TextMessage"}],
    "autogen, to its model": [{"content": "Be kind", "type": "SystemMessage"}, {"content": QUESTION, "source": "user", "type": "UserMessage"}],
    "semantic kernel": {"messages": [{"role": "system", "items": [{"content_type": "text", "text": "Be kind"}]},
                                     {"role": "user", "items": [{"content_type": "text", "text": QUESTION}]}]},
    "semantic kernel, .NET": [{"Role": {"Label": "user"}, "Items": [{"$type": "TextContent", "Text": QUESTION}]}],
}  # fmt: skip


@pytest.mark.parametrize("name", STREAMS)
def test_the_pieces_of_a_stream_are_the_answer(name):
    pieces = STREAMS[name]
    events = "".join(f"event: piece\ndata: {json.dumps(p)}\n\n" for p in pieces) + "data: [DONE]\n\n"
    for logged in (pieces, json.dumps(pieces), {"output": pieces}, events):
        assert messages.answer(logged) == ANSWER


@pytest.mark.parametrize("name", ["chat completions", "anthropic", "gemini", "ollama"])
def test_tokens_model_and_end_of_a_stream(name):
    usage, model = usage_and_model(json.dumps(STREAMS[name]))
    assert usage is not None and (usage.input, usage.output) == (24, 3)
    assert model in ("gpt-4o", "claude-sonnet-4", "gemini-2.5-flash", "qwen3")
    assert messages.finish_reason(STREAMS[name]) in ("stop", "end_turn")


def test_a_tool_that_a_stream_asked_for():
    pieces = [
        chunk(role="assistant", tool_calls=[{"index": 0, "id": "1", "function": {"name": "find", "arguments": ""}}]),
        chunk(tool_calls=[{"index": 0, "function": {"arguments": '{"parcel"'}}]),
        chunk(tool_calls=[{"index": 0, "function": {"arguments": ": 7}"}}]),
    ]
    assert messages.tool_calls(pieces) == [("find", '{"parcel": 7}')]
    assert messages.answer(pieces) is None


@pytest.mark.parametrize(
    "value",
    [
        [{"text": "Buy milk", "done": True}, {"text": "Sing", "done": False}],
        [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}],
        [{"role": "user", "content": "a"}],
        [],
        [1, 2],
    ],
)
def test_other_lists_are_no_stream(value):
    assert messages.decode(value) == value


@pytest.mark.parametrize("name", ANSWERS)
def test_answers(name):
    shape = ANSWERS[name]
    assert messages.answer(shape) == ANSWER
    if not isinstance(shape, str) or name == "encoded twice":
        assert messages.answer(json.dumps(shape)) == ANSWER


def test_of_several_drafts_the_first_is_the_answer():
    assert messages.answer([ANSWER, "On Tuesday, I think.", "It is still in Oslo."]) == ANSWER


@pytest.mark.parametrize("name", QUESTIONS)
def test_questions(name):
    assert messages.question(QUESTIONS[name]) == QUESTION == messages.question(json.dumps(QUESTIONS[name]))


@pytest.mark.parametrize(
    "text", ["What does <|im_start|> mean?", "<b>Where</b> is it?", "data: 7 parcels, where are they?", "<|unknown|> a"]
)
def test_a_question_about_markers_stays_as_it_is(text):
    assert messages.question(text) == text


def test_the_system_prompt_of_a_template():
    assert messages.system_prompt(QUESTIONS["llama 3"]) == "Be kind."
    assert messages.system_prompt(QUESTIONS["llama 2"]) == "Be kind."


def test_titans_tokens():
    usage, _ = usage_and_model(ANSWERS["titan"])
    assert usage is not None and (usage.input, usage.output) == (24, 3)


def test_a_span_of_semantic_kernel_is_a_call(tmp_path):
    made = read(tmp_path, span("app"), span("c", "app", 1, 3, gen_ai__operation__name="chat.completions", gen_ai__request__model="gpt-4o",
                                            gen_ai__usage__input_tokens=24, gen_ai__usage__output_tokens=3))  # fmt: skip
    assert (made["n_generations"], made["input_tokens"], made["output_tokens"]) == (1, 24, 3)
