"""Haystack: a generator, pipelines with a prompt builder and a retriever, an agent with tools, streams, failures."""

from __future__ import annotations

import os
import sys

os.environ["HAYSTACK_CONTENT_TRACING_ENABLED"] = "true"
os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "false"

import cases as c
from haystack import Document, Pipeline, tracing
from haystack.components.agents import Agent
from haystack.components.builders import ChatPromptBuilder
from haystack.components.generators.chat import OpenAIChatGenerator
from haystack.components.retrievers import InMemoryBM25Retriever
from haystack.dataclasses import ChatMessage
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack.tools import create_tool_from_function
from haystack.utils import Secret
from recording import Recording
from watching import watch

INSTRUMENTORS = {
    "openinference": ["openinference.instrumentation.haystack:HaystackInstrumentor"],
    "openinference-openai": ["openinference.instrumentation.openai:OpenAIInstrumentor"],
    "openllmetry": ["traceloop"],
}


def main(ways: str) -> None:
    recording = Recording(f"haystack-{ways}")
    watcher = watch(ways, recording, INSTRUMENTORS, {"openllmetry": {"traceloop": ["HAYSTACK", "OPENAI"]}})
    langfuse: dict = {}
    if ways.startswith("own"):
        from haystack_integrations.tracing.opentelemetry import OpenTelemetryTracer

        tracing.enable_tracing(OpenTelemetryTracer(recording.provider.get_tracer("haystack")))
    elif ways == "langfuse":
        from haystack_integrations.components.connectors.langfuse import LangfuseConnector

        os.environ |= {
            "LANGFUSE_PUBLIC_KEY": "pk-lf-1",
            "LANGFUSE_SECRET_KEY": "sk-lf-1",
            "LANGFUSE_HOST": recording.server.url,
        }
        langfuse["tracer"] = lambda: LangfuseConnector("answer")
    elif not ways.startswith("open"):
        raise SystemExit(f"{ways}: not a way to watch Haystack")

    def generator(**more) -> OpenAIChatGenerator:
        return OpenAIChatGenerator(
            api_key=Secret.from_token("sk-1"),
            model="gpt-4o-mini",
            api_base_url=recording.server.url + "/v1",
            max_retries=0,
            **more,
        )

    def pipeline(template: str = "{{question}}", llm: object = None, retriever: object = None) -> Pipeline:
        made = Pipeline()
        if langfuse:
            made.add_component("tracer", langfuse["tracer"]())
        prompt = [ChatMessage.from_system(c.SYSTEM), ChatMessage.from_user(template)]
        made.add_component("prompt", ChatPromptBuilder(template=prompt, required_variables="*"))
        made.add_component("llm", llm or generator())
        made.connect("prompt.prompt", "llm.messages")
        if retriever:
            made.add_component("retriever", retriever)
            made.connect("retriever.documents", "prompt.documents")
        return made

    def ask(made: Pipeline, question: str = c.QUESTION, **more):
        return lambda: made.run({"prompt": {"question": question}, **more})

    recording.case("chain", [c.PLAIN], ask(pipeline()), **c.plain())
    # Langfuse's tracer leaves the buckets out of a call's usage; only the pipeline's whole output still holds them
    told = {"cached_tokens": 0, "reasoning_tokens": 0} if ways == "langfuse" else {}
    recording.case("cached", [c.CACHED], ask(pipeline()), **c.plain(told=told))
    recording.case("reasoning", [c.REASONED], ask(pipeline()), **c.plain(told=told))
    recording.case("stream", [c.STREAMED], ask(pipeline(llm=generator(
        streaming_callback=lambda chunk: None, generation_kwargs={"stream_options": {"include_usage": True}}))),
        **c.plain(ttft_s=c.FIRST_TOKEN))  # fmt: skip
    recording.case("failure", [c.BROKEN], ask(pipeline()), **c.plain(output=None, error="5xx"))
    store = InMemoryDocumentStore()
    store.write_documents([Document(id=id, content=text) for id, text in c.DOCUMENTS])
    documents = [{"text": text} for _, text in c.DOCUMENTS]
    template = "{% for d in documents %}{{ d.content }} {% endfor %}Question: {{question}}"
    rag = pipeline(template, retriever=InMemoryBM25Retriever(store, top_k=2))
    recording.case("retrieval", [c.PLAIN], ask(rag, retriever={"query": c.QUESTION}),
                   **c.plain(documents=documents, told=c.as_sent(ways, f"{' '.join(t for _, t in c.DOCUMENTS)} Question: {c.QUESTION}")))  # fmt: skip

    tools = [create_tool_from_function(c.find_parcel), create_tool_from_function(c.get_weather)]
    for tool, text in zip(tools, ("Where a parcel is.", "The weather in a city."), strict=True):
        tool.description = text

    def agent():
        made = Agent(chat_generator=generator(), tools=tools, system_prompt=c.SYSTEM)
        if not langfuse:
            made.warm_up()
            return made.run(messages=[ChatMessage.from_user(c.TOOL_QUESTION)])
        whole = Pipeline()
        whole.add_component("tracer", langfuse["tracer"]())
        whole.add_component("agent", made)
        return whole.run({"agent": {"messages": [ChatMessage.from_user(c.TOOL_QUESTION)]}})

    recording.case("tools", [*c.USES_TOOLS], agent, below=ways == "openllmetry", **c.with_tools())

    def whose() -> None:
        with watcher.who("session-1", "ann@example.com"):
            watcher.work(lambda question: ask(pipeline(), question)()["llm"]["replies"][0].text)(c.QUESTION)

    recording.case("session", [c.PLAIN], whose, **c.plain(session_id="session-1", user="ann@example.com"))
    recording.save()


main(sys.argv[1])
