"""LlamaIndex: chat and completion calls, a query engine over retrieved documents, chat engines, a function agent, streams."""

from __future__ import annotations

import asyncio
import sys

import cases as c
from llama_index.core import Document, Settings, VectorStoreIndex
from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.llms import ChatMessage
from llama_index.core.tools import FunctionTool
from llama_index.embeddings.openai import OpenAIEmbedding
from llama_index.llms.openai import OpenAI, OpenAIResponses
from provider.reply import Reply
from recording import Recording
from watching import watch

INSTRUMENTORS = {
    "openinference": ["openinference.instrumentation.llama_index:LlamaIndexInstrumentor"],
    "openinference-openai": ["openinference.instrumentation.openai:OpenAIInstrumentor"],
    "openllmetry": ["traceloop"],
    # Langfuse's documentation names OpenInference's instrumentation
    "langfuse": ["openinference.instrumentation.llama_index:LlamaIndexInstrumentor"],
}
LOOP = asyncio.new_event_loop()


def main(ways: str) -> None:
    # OpenLLMetry sees the calls of this release, not the engines around them
    recording = Recording(f"llama-index-{ways}", below_a_request=ways == "openllmetry")
    watcher = watch(ways, recording, INSTRUMENTORS, {"openllmetry": {"traceloop": ["LLAMA_INDEX", "OPENAI"]}})
    url = {"api_base": recording.server.url + "/v1", "api_key": "sk-1"}
    llm = OpenAI("gpt-4o-mini", max_retries=2, **url)
    Settings.llm = llm
    Settings.embed_model = OpenAIEmbedding(**url)
    asked = [ChatMessage(role="system", content=c.SYSTEM), ChatMessage(role="user", content=c.QUESTION)]
    earlier = [
        ChatMessage(role=role, content=text) for pair in c.EARLIER for role, text in zip(("user", "assistant"), pair, strict=True)
    ]
    recording.case("chat", [c.PLAIN], lambda: llm.chat(asked), **c.plain())
    recording.case("conversation", [c.PLAIN], lambda: llm.chat([asked[0], *earlier, asked[1]]), **c.plain())
    recording.case("completion", [c.PLAIN], lambda: llm.complete(c.QUESTION), **c.plain(system_prompt=None))
    recording.case("cached", [c.CACHED], lambda: llm.chat(asked), **c.plain())
    responder = OpenAIResponses("gpt-5-mini", max_retries=0, **url)
    recording.case("responses", [c.REASONED], lambda: responder.chat(asked), **c.plain())

    def streamed():
        for _ in llm.stream_chat(asked):
            pass

    recording.case("stream", [c.STREAMED], streamed, **c.plain(ttft_s=c.FIRST_TOKEN))
    recording.case("retry", [c.LIMITED, c.PLAIN], lambda: llm.chat(asked), **c.plain(retries=1, unseen=["retries"]))
    once = OpenAI("gpt-4o-mini", max_retries=0, **url)
    recording.case("failure", [c.BROKEN], lambda: once.chat(asked), **c.plain(output=None, error="5xx"))

    index = VectorStoreIndex.from_documents([Document(text=text, doc_id=id) for id, text in c.DOCUMENTS])
    documents = [{"text": text} for _, text in c.DOCUMENTS]
    # the engine writes its own system prompt
    own = {k: v for k, v in c.plain(documents=documents).items() if k != "system_prompt"}
    recording.case("retrieval", [c.PLAIN], lambda: index.as_query_engine(similarity_top_k=2).query(c.QUESTION), **own)
    engine = index.as_chat_engine(chat_mode="context", system_prompt=c.SYSTEM, similarity_top_k=2)
    recording.case("chat engine", [c.PLAIN], lambda: engine.chat(c.QUESTION), **own)

    def condensed():
        engine = index.as_chat_engine(chat_mode="condense_plus_context", similarity_top_k=2)
        engine.chat(c.QUESTION, chat_history=earlier)

    rewritten = [Reply("Where is the parcel?", input=60, output=5), c.PLAIN]
    recording.case("condensed question", rewritten, condensed, **own)

    tools = [FunctionTool.from_defaults(fn=f) for f in (c.find_parcel, c.get_weather)]

    def agent(question: str) -> str:
        async def run():
            return str(await FunctionAgent(tools=tools, llm=llm, system_prompt=c.SYSTEM, streaming=False).run(user_msg=question))

        return LOOP.run_until_complete(run())

    recording.case("tools", [*c.USES_TOOLS], lambda: agent(c.TOOL_QUESTION), **c.with_tools())

    def whose() -> None:
        with watcher.who("session-1", "ann@example.com"):
            watcher.work(lambda question: llm.chat([asked[0], ChatMessage(role="user", content=question)]).message.content)(c.QUESTION)

    recording.case("session", [c.PLAIN], whose, **c.plain(session_id="session-1", user="ann@example.com"))
    recording.save()


main(sys.argv[1])
