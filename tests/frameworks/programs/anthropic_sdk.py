"""Anthropic's SDK: messages, thinking, the prompt cache, streams, tools, retries and failures."""

from __future__ import annotations

import sys

import cases as c
from anthropic import Anthropic
from provider.reply import Reply
from recording import Recording
from watching import watch

INSTRUMENTORS = {
    "openinference": ["openinference.instrumentation.anthropic:AnthropicInstrumentor"],
    "openllmetry": ["traceloop"],
}
MODEL = "claude-sonnet-4-5"
TOOLS = [
    {"name": name, "description": name, "input_schema": {"type": "object", "properties": {field: {"type": kind}}}}
    for name, field, kind in (("find_parcel", "number", "integer"), ("get_weather", "city", "string"))
]
ASKED = [{"role": "user", "content": c.QUESTION}]


def main(ways: str) -> None:
    # the SDK makes spans of its own, beside those of whatever else watches it
    recording = Recording(f"anthropic-{ways}", below_a_request=ways not in ("own", "logfire"))
    watcher = watch(ways, recording, INSTRUMENTORS, {"openllmetry": {"traceloop": ["ANTHROPIC"]}})
    client = Anthropic(api_key="sk-ant-1", base_url=recording.server.url, max_retries=2)
    if "logfire" in ways:
        watcher.logfire.instrument_anthropic(client)
    elif "langfuse" in ways:
        # Langfuse has no wrapper for Anthropic's SDK; its documentation names this
        from opentelemetry.instrumentation.anthropic import AnthropicInstrumentor

        AnthropicInstrumentor().instrument(tracer_provider=recording.provider)

    def message(messages: list = ASKED, system: object = c.SYSTEM, **more):
        return client.messages.create(model=MODEL, max_tokens=1024, system=system, messages=messages, **more)

    def streamed():
        for _ in message(stream=True):
            pass

    def with_stream():
        with client.messages.stream(model=MODEL, max_tokens=1024, system=c.SYSTEM, messages=ASKED) as stream:
            for _ in stream.text_stream:
                pass

    if ways == "logfire":
        streamed, with_stream = watcher.work(streamed), watcher.work(with_stream)

    recording.case("chat", [c.PLAIN], message, **c.plain())
    told = [{"type": "text", "text": c.SYSTEM, "cache_control": {"type": "ephemeral"}}]
    recording.case("cached", [c.CACHED], lambda: message(system=told), **c.plain())
    recording.case("cache written", [c.WRITTEN], lambda: message(system=told), **c.plain())
    thinking = {"thinking": {"type": "enabled", "budget_tokens": 1024}}
    reasoned = Reply(c.ANSWER, thinking=c.THINKING, input=30, output=75)
    recording.case("reasoning", [reasoned], lambda: message(**thinking), **c.plain())
    parts = [{"role": "user", "content": [
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo" * 20}},
        {"type": "text", "text": c.QUESTION},
    ]}]  # fmt: skip
    recording.case("picture", [c.PLAIN], lambda: message(parts), **c.plain())
    recording.case("cut", [c.CUT], message, **c.plain(output="It arrives on"))
    recording.case("stream", [c.STREAMED], streamed, **c.plain(ttft_s=c.FIRST_TOKEN))
    recording.case("stream helper", [c.Reply(c.ANSWER, thinking=c.THINKING, input=2100, output=75, cached=1920, wait=0.25)], with_stream,
                   **c.plain(ttft_s=c.FIRST_TOKEN))  # fmt: skip
    recording.case("retry", [c.LIMITED, c.PLAIN], message, **c.plain(retries=1, unseen=["retries"]))
    recording.case("failure", [c.BROKEN] * 3, message, **c.plain(output=None, error="5xx", retries=2, unseen=["retries"]))

    tools = {f.__name__: watcher.tool(f) for f in (c.find_parcel, c.get_weather)}

    def agent(question: str) -> str:
        messages = [{"role": "user", "content": question}]
        while True:
            said = message(messages, tools=TOOLS)
            calls = [b for b in said.content if b.type == "tool_use"]
            if not calls:
                return said.content[-1].text
            messages.append({"role": "assistant", "content": [b.model_dump(exclude_none=True) for b in said.content]})
            results = []
            for call in calls:
                try:
                    results.append({"type": "tool_result", "tool_use_id": call.id, "content": tools[call.name](**call.input)})
                except RuntimeError as error:
                    results.append({"type": "tool_result", "tool_use_id": call.id, "content": str(error), "is_error": True})
            messages.append({"role": "user", "content": results})

    recording.case("tools", [*c.USES_TOOLS], lambda: watcher.work(agent, kind="agent")(c.TOOL_QUESTION), **c.with_tools())

    def without_tool_spans(question: str) -> str:
        plain_tools = dict(tools)
        tools.update({f.__name__: f for f in (c.find_parcel, c.get_weather)})
        said = agent(question)
        tools.update(plain_tools)
        return said

    recording.case("tools without spans", [*c.USES_TOOLS], lambda: watcher.work(without_tool_spans)(c.TOOL_QUESTION),
                   **c.with_tools())  # fmt: skip

    def twice(question: str) -> str:
        return [message([{"role": "user", "content": question}]).content[0].text for _ in range(2)][-1]

    recording.case("two equal calls", [c.PLAIN] * 2, lambda: watcher.work(twice)(c.QUESTION), **c.plain())

    def whose(question: str) -> str:
        with watcher.who("session-1", "ann@example.com"):
            return watcher.work(lambda question: message().content[0].text)(question)

    recording.case("session", [c.PLAIN], lambda: whose(c.QUESTION), **c.plain(session_id="session-1", user="ann@example.com"))
    recording.save()


main(sys.argv[1])
