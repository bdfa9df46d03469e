"""Ollama's client: chat whole and streamed, thinking, tools, failures."""

from __future__ import annotations

import sys

import cases as c
from ollama import Client
from provider.reply import Reply
from recording import Recording
from watching import watch

INSTRUMENTORS = {
    "openinference": ["openinference.instrumentation.ollama:OllamaInstrumentor"],
    "openllmetry": ["traceloop"],
}
ASKED = [{"role": "system", "content": c.SYSTEM}, {"role": "user", "content": c.QUESTION}]


def main(ways: str) -> None:
    recording = Recording(f"ollama-{ways}")
    watcher = watch(ways, recording, INSTRUMENTORS, {"openllmetry": {"traceloop": ["OLLAMA"]}})
    client = Client(host=recording.server.url)

    def chat(messages: list = ASKED, **more):
        return client.chat(model="qwen3:8b", messages=messages, **more).message

    def streamed():
        for _ in client.chat(model="qwen3:8b", messages=ASKED, stream=True):
            pass

    recording.case("chat", [c.PLAIN], chat, **c.plain())
    earlier = [
        {"role": role, "content": text} for pair in c.EARLIER for role, text in zip(("user", "assistant"), pair, strict=True)
    ]
    recording.case("conversation", [c.PLAIN], lambda: chat([ASKED[0], *earlier, ASKED[1]]), **c.plain())
    recording.case(
        "thinking", [Reply(c.ANSWER, thinking=c.THINKING, input=30, output=75)], lambda: chat(think=True), **c.plain()
    )
    # a model that writes its thoughts into the answer, where the server does not take them out
    inline = Reply(f"<think>\n{c.THINKING}\n</think>\n\n{c.ANSWER}", input=30, output=75)
    recording.case("thinking in the answer", [inline], chat, **c.plain())
    recording.case("cut", [c.CUT], chat, **c.plain(output="It arrives on"))
    recording.case("stream", [c.STREAMED], streamed, **c.plain(ttft_s=c.FIRST_TOKEN))
    recording.case("failure", [c.BROKEN], chat, **c.plain(output=None, error="5xx"))
    tools = {f.__name__: watcher.tool(f) for f in (c.find_parcel, c.get_weather)}

    def agent(question: str) -> str:
        messages = [ASKED[0], {"role": "user", "content": question}]
        while True:
            said = chat(messages, tools=[c.find_parcel, c.get_weather])
            if not said.tool_calls:
                return said.content
            messages.append(said)
            for call in said.tool_calls:
                try:
                    result = tools[call.function.name](**call.function.arguments)
                except RuntimeError as error:
                    result = f"Error: {error}"
                messages.append({"role": "tool", "content": result, "tool_name": call.function.name})

    recording.case("tools", [*c.USES_TOOLS], lambda: watcher.work(agent, kind="agent")(c.TOOL_QUESTION), **c.with_tools())

    def whose() -> None:
        with watcher.who("session-1", "ann@example.com"):
            watcher.work(lambda question: chat().content)(c.QUESTION)

    recording.case("session", [c.PLAIN], whose, **c.plain(session_id="session-1", user="ann@example.com"))
    recording.save()


main(sys.argv[1])
