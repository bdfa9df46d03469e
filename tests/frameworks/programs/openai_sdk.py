"""OpenAI's SDK: chat completions, streams, tools, responses, embeddings, retries and failures."""

from __future__ import annotations

import json
import sys

import cases as c
from recording import Recording
from watching import watch

INSTRUMENTORS = {
    "openinference": ["openinference.instrumentation.openai:OpenAIInstrumentor"],
    "openllmetry": ["traceloop"],
    "otel": ["opentelemetry.instrumentation.openai_v2:OpenAIInstrumentor"],
    "httpx": ["opentelemetry.instrumentation.httpx:HTTPXClientInstrumentor"],
}
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": name,
            "description": name.replace("_", " "),
            "parameters": {"type": "object", "properties": {field: {"type": kind}}, "required": [field]},
        },
    }
    for name, field, kind in (("find_parcel", "number", "integer"), ("get_weather", "city", "string"))
]
ASKED = [{"role": "system", "content": c.SYSTEM}, {"role": "user", "content": c.QUESTION}]


def main(ways: str) -> None:
    recording = Recording(f"openai-{ways}")
    watcher = watch(ways, recording, INSTRUMENTORS, {"openllmetry": {"traceloop": ["OPENAI"]}})
    if "langfuse" in ways:
        from langfuse.openai import OpenAI
    else:
        from openai import OpenAI
    client = OpenAI(api_key="sk-1", base_url=recording.server.url + "/v1", max_retries=2)
    if "logfire" in ways:
        watcher.logfire.instrument_openai(client)

    def chat(messages: list = ASKED, model: str = "gpt-4o-mini", **more):
        return client.chat.completions.create(model=model, messages=messages, **more).choices[0].message

    def streamed(**more):
        for _ in client.chat.completions.create(model="gpt-4o-mini", messages=ASKED, stream=True, **more):
            pass

    def respond(**more):
        return client.responses.create(model="gpt-5-mini", instructions=c.SYSTEM, input=c.QUESTION, **more)

    def respond_streamed():
        for _ in respond(stream=True):
            pass

    if ways == "logfire":
        # it logs the end of a stream as a span of its own, which without one around it would be a trace of its own
        streamed, respond_streamed = watcher.work(streamed), watcher.work(respond_streamed)

    recording.case("chat", [c.PLAIN], chat, **c.plain())
    earlier = [{"role": r, "content": t} for pair in c.EARLIER for r, t in zip(("user", "assistant"), pair, strict=True)]
    recording.case("conversation", [c.PLAIN], lambda: chat([ASKED[0], *earlier, ASKED[1]]), **c.plain())
    parts = [ASKED[0], {"role": "user", "content": [
        {"type": "text", "text": c.QUESTION}, {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "iVBORw0KGgo" * 20}},
    ]}]  # fmt: skip
    recording.case("picture", [c.PLAIN], lambda: chat(parts), **c.plain())
    recording.case("cached", [c.CACHED], chat, **c.plain())
    recording.case("reasoning", [c.REASONED], lambda: chat(model="o4-mini"), **c.plain())
    recording.case("cut", [c.CUT], chat, **c.plain(output="It arrives on"))
    recording.case(
        "stream", [c.STREAMED], lambda: streamed(stream_options={"include_usage": True}), **c.plain(ttft_s=c.FIRST_TOKEN)
    )
    recording.case("stream without usage", [c.STREAMED], streamed, **c.plain(
        ttft_s=c.FIRST_TOKEN, input_tokens=None, output_tokens=None, cached_tokens=None, cache_write_tokens=None,
        reasoning_tokens=None))  # fmt: skip
    recording.case("retry", [c.LIMITED, c.PLAIN], chat, **c.plain(retries=1, unseen=["retries"]))
    recording.case("failure", [c.BROKEN] * 3, chat, **c.plain(output=None, error="5xx", retries=2, unseen=["retries"]))
    if ways != "otel":
        # OpenTelemetry's own instrumentation does not see the responses API
        recording.case("responses", [c.REASONED], respond, **c.plain())
        recording.case("responses stream", [c.STREAMED], respond_streamed, **c.plain(ttft_s=c.FIRST_TOKEN))

    tools = {f.__name__: watcher.tool(f) for f in (c.find_parcel, c.get_weather)}

    def agent(question: str) -> str:
        messages = [{"role": "system", "content": c.SYSTEM}, {"role": "user", "content": question}]
        while True:
            said = chat(messages, tools=TOOLS)
            if not said.tool_calls:
                return said.content
            messages.append(said.model_dump(exclude_none=True))
            for call in said.tool_calls:
                try:
                    result = tools[call.function.name](**json.loads(call.function.arguments))
                except RuntimeError as error:
                    result = json.dumps({"error": str(error)})
                messages.append({"role": "tool", "tool_call_id": call.id, "content": result})

    recording.case("tools", [*c.USES_TOOLS], lambda: watcher.work(agent)(c.TOOL_QUESTION), **c.with_tools())

    def twice(question: str) -> str:
        return [chat(ASKED[:1] + [{"role": "user", "content": question}]).content for _ in range(2)][-1]

    recording.case("two equal calls", [c.PLAIN] * 2, lambda: watcher.work(twice)(c.QUESTION), **c.plain())

    def whose(question: str) -> str:
        with watcher.who("session-1", "ann@example.com"):
            return watcher.work(lambda question: chat().content)(question)

    recording.case("session", [c.PLAIN], lambda: whose(c.QUESTION), **c.plain(session_id="session-1", user="ann@example.com"))

    def retrieve(question: str) -> str:
        client.embeddings.create(model="text-embedding-3-small", input=question)
        return chat().content

    recording.case("embedding", [c.PLAIN], lambda: watcher.work(retrieve)(c.QUESTION), **c.plain())
    recording.save()


main(sys.argv[1])
