"""Google's Gen AI SDK: contents, thoughts, the cache, streams, functions that the SDK calls by itself, failures."""

from __future__ import annotations

import sys

import cases as c
from google import genai
from google.genai import types
from recording import Recording
from watching import watch

INSTRUMENTORS = {
    "openinference": ["openinference.instrumentation.google_genai:GoogleGenAIInstrumentor"],
    "openllmetry": ["traceloop"],
    "otel": ["opentelemetry.instrumentation.google_genai:GoogleGenAiSdkInstrumentor"],
    "logfire": ["instrument_google_genai"],
}
MODEL = "gemini-2.5-flash"


def main(ways: str) -> None:
    recording = Recording(f"google-{ways}")
    watcher = watch(ways, recording, INSTRUMENTORS, {"openllmetry": {"traceloop": ["GOOGLE_GENERATIVEAI"]}})
    client = genai.Client(api_key="g-1", http_options=types.HttpOptions(base_url=recording.server.url))
    config = {"system_instruction": c.SYSTEM}

    def generate(contents: object = c.QUESTION, **more):
        return client.models.generate_content(
            model=MODEL, contents=contents, config=types.GenerateContentConfig(**config, **more)
        )

    def streamed():
        for _ in client.models.generate_content_stream(
            model=MODEL, contents=c.QUESTION, config=types.GenerateContentConfig(**config)
        ):
            pass

    recording.case("chat", [c.PLAIN], generate, **c.plain())
    turns = [
        types.Content(role=role, parts=[types.Part(text=text)])
        for pair in c.EARLIER
        for role, text in zip(("user", "model"), pair, strict=True)
    ]
    asked = types.Content(role="user", parts=[types.Part(text=c.QUESTION)])
    recording.case("conversation", [c.PLAIN], lambda: generate([*turns, asked]), **c.plain())
    picture = types.Part.from_bytes(data=b"\x89PNG" * 40, mime_type="image/png")
    recording.case("picture", [c.PLAIN], lambda: generate([picture, c.QUESTION]), **c.plain())
    recording.case("cached", [c.CACHED], generate, **c.plain())
    thoughts = types.ThinkingConfig(include_thoughts=True)
    recording.case("thoughts", [c.REASONED], lambda: generate(thinking_config=thoughts), **c.plain())
    recording.case("cut", [c.CUT], generate, **c.plain(output="It arrives on"))
    # OpenLLMetry keeps a stream's last piece only
    told = {"output": "noon."} if ways == "openllmetry" else {}
    recording.case("stream", [c.STREAMED], streamed, **c.plain(ttft_s=c.FIRST_TOKEN, told=told))
    recording.case("failure", [c.BROKEN], generate, **c.plain(output=None, error="5xx"))
    extracted = {"response_mime_type": "application/json"}
    recording.case("structured", [c.EXTRACTS], lambda: generate(c.EXTRACT, **extracted),
                   **c.plain(input=c.EXTRACT, output=c.EXTRACTED))  # fmt: skip

    def automatic(question: str) -> str:
        return generate(question, tools=[c.find_parcel, c.get_weather]).text

    # the SDK calls the functions between two requests, and all instrumentations see one call with the usage of the last
    last = {"n_generations": 1, "steps": 3, "input_tokens": 140, "output_tokens": 18}
    if ways in ("openinference", "openllmetry"):
        last |= {"tool_calls": 0, "tool_errors": 0, "steps": 1}
    recording.case("tools", [*c.USES_TOOLS], lambda: watcher.work(automatic)(c.TOOL_QUESTION), **c.with_tools(told=last))

    tools = {f.__name__: watcher.tool(f) for f in (c.find_parcel, c.get_weather)}
    declared = [types.Tool(function_declarations=[
        {"name": name, "parameters": {"type": "OBJECT", "properties": {field: {"type": kind}}}}
        for name, field, kind in (("find_parcel", "number", "INTEGER"), ("get_weather", "city", "STRING"))
    ])]  # fmt: skip

    def agent(question: str) -> str:
        contents = [types.Content(role="user", parts=[types.Part(text=question)])]
        while True:
            said = generate(contents, tools=declared)
            if not said.function_calls:
                return said.text
            contents.append(said.candidates[0].content)
            results = []
            for call in said.function_calls:
                try:
                    result = {"result": tools[call.name](**call.args)}
                except RuntimeError as error:
                    result = {"error": str(error)}
                results.append(types.Part.from_function_response(name=call.name, response=result))
            contents.append(types.Content(role="user", parts=results))

    recording.case(
        "tools by hand", [*c.USES_TOOLS], lambda: watcher.work(agent, kind="agent")(c.TOOL_QUESTION), **c.with_tools()
    )

    def whose(question: str) -> str:
        with watcher.who("session-1", "ann@example.com"):
            return watcher.work(lambda question: generate().text)(question)

    recording.case("session", [c.PLAIN], lambda: whose(c.QUESTION), **c.plain(session_id="session-1", user="ann@example.com"))

    def embed(question: str) -> str:
        client.models.embed_content(model="gemini-embedding-001", contents=question)
        return generate(question).text

    recording.case("embedding", [c.PLAIN], lambda: watcher.work(embed)(c.QUESTION), **c.plain())
    recording.save()


main(sys.argv[1])
