"""LangChain and LangGraph: chat models, chains, agents, a graph with a state of its own, retrieval, fallbacks and retries."""

from __future__ import annotations

import sys
from typing import TypedDict

import cases as c
from langchain.agents import create_agent
from langchain_anthropic import ChatAnthropic
from langchain_core.documents import Document
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnablePassthrough
from langchain_core.tools import tool
from langchain_core.vectorstores import InMemoryVectorStore
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from langgraph.graph import END, START, StateGraph
from provider.reply import Reply
from pydantic import BaseModel
from recording import Recording
from watching import watch

INSTRUMENTORS = {
    "openinference": ["openinference.instrumentation.langchain:LangChainInstrumentor"],
    "openinference-openai": ["openinference.instrumentation.openai:OpenAIInstrumentor"],
    "openllmetry": ["traceloop"],
}


class Order(BaseModel):
    item: str
    count: int
    customer: str


class State(TypedDict, total=False):
    question: str
    topic: str
    answer: str
    notes: list[str]


@tool
def find_parcel(number: int) -> str:
    """Where a parcel is, by its number."""
    return c.find_parcel(number)


@tool
def get_weather(city: str) -> str:
    """The weather in a city."""
    return c.get_weather(city)


def main(ways: str) -> None:
    recording = Recording(f"langchain-{ways}")
    watcher = watch(ways, recording, INSTRUMENTORS, {"openllmetry": {"traceloop": ["LANGCHAIN", "OPENAI", "ANTHROPIC"]}})
    config: dict = {}
    if "langfuse" in ways:
        from langfuse.langchain import CallbackHandler

        config["callbacks"] = [CallbackHandler()]
    url = recording.server.url
    openai = {"base_url": url + "/v1", "api_key": "sk-1"}
    model = ChatOpenAI(model="gpt-4o-mini", max_retries=0, **openai)
    large = ChatOpenAI(model="gpt-4o", max_retries=0, **openai)
    claude = ChatAnthropic(model="claude-sonnet-4-5", base_url=url, api_key="sk-1", max_retries=0)
    asked = [SystemMessage(c.SYSTEM), HumanMessage(c.QUESTION)]
    prompt = ChatPromptTemplate.from_messages([("system", c.SYSTEM), ("human", "{question}")])
    chain = prompt | model | StrOutputParser()

    def run(runnable, given, **more):
        return lambda: runnable.invoke(given, config={**config, **more})

    recording.case("chat", [c.PLAIN], run(model, asked), **c.plain())
    earlier = [m for question, answer in c.EARLIER for m in (HumanMessage(question), AIMessage(answer))]
    recording.case("conversation", [c.PLAIN], run(model, [asked[0], *earlier, asked[1]]), **c.plain())
    recording.case("chain", [c.PLAIN], run(chain, {"question": c.QUESTION}), **c.plain())
    recording.case("cached", [c.CACHED], run(model, asked), **c.plain())
    reasoned = Reply(c.ANSWER, thinking=c.THINKING, input=30, output=75)
    # Anthropic's SDK makes a span of its own
    recording.case("anthropic thinking", [reasoned], run(claude, asked), below=True, **c.plain())
    recording.case("anthropic cache", [c.WRITTEN], run(claude, asked), below=True, **c.plain())
    responder = ChatOpenAI(model="gpt-5-mini", use_responses_api=True, max_retries=0, **openai)
    recording.case("responses", [c.REASONED], run(responder, asked), below=True, **c.plain())

    def streamed():
        for _ in chain.stream({"question": c.QUESTION}, config=config):
            pass

    recording.case("stream", [c.STREAMED], streamed, **c.plain(ttft_s=c.FIRST_TOKEN))
    tried = chain.with_retry(stop_after_attempt=3, wait_exponential_jitter=False)
    recording.case("retry", [c.LIMITED, c.PLAIN], run(tried, {"question": c.QUESTION}), **c.plain(retries=1))
    other = model.with_fallbacks([large])
    recording.case("fallback", [c.BROKEN, c.PLAIN], run(other, asked), **c.plain(retries=1, fallback=True))
    recording.case("failure", [c.BROKEN], run(chain, {"question": c.QUESTION}), **c.plain(output=None, error="5xx"))

    extracted = Reply(c.EXTRACTED, input=90, output=20)
    structured = model.with_structured_output(Order, method="json_schema")
    recording.case("structured", [extracted], run(structured, [asked[0], HumanMessage(c.EXTRACT)]),
                   **c.plain(input=c.EXTRACT, output=c.EXTRACTED))  # fmt: skip

    agent = create_agent(model, [find_parcel, get_weather], system_prompt=c.SYSTEM, middleware=[forgiving()])
    question = {"messages": [HumanMessage(c.TOOL_QUESTION)]}
    recording.case("tools", [*c.USES_TOOLS], run(agent, question), **c.with_tools())
    plain_agent = create_agent(model, [find_parcel, get_weather], system_prompt=c.SYSTEM)
    recording.case("agent without tools", [c.PLAIN], run(plain_agent, {"messages": [HumanMessage(c.QUESTION)]}), **c.plain())

    def sort(state: State) -> State:
        said = model.invoke([SystemMessage("Name the topic in one word."), HumanMessage(state["question"])])
        return {"topic": said.content, "notes": ["sorted"]}

    def answer(state: State) -> State:
        return {"answer": model.invoke([SystemMessage(c.SYSTEM), HumanMessage(state["question"])]).content}

    graph = StateGraph(State)
    graph.add_node("sort", sort)
    graph.add_node("answer", answer)
    graph.add_edge(START, "sort")
    graph.add_edge("sort", "answer")
    graph.add_edge("answer", END)
    sorted_first = [Reply("parcel", input=20, output=1), c.PLAIN]
    recording.case("graph", sorted_first, run(graph.compile(), {"question": c.QUESTION}), **c.plain())

    store = InMemoryVectorStore(OpenAIEmbeddings(model="text-embedding-3-small", check_embedding_ctx_length=False, **openai))
    store.add_documents([Document(text, id=id, metadata={"source": f"{id}.md"}) for id, text in c.DOCUMENTS])
    retriever = store.as_retriever(search_kwargs={"k": 2})
    rag = {"context": retriever, "question": RunnablePassthrough()} | ChatPromptTemplate.from_messages(
        [("system", c.SYSTEM), ("human", "{context}\n\n{question}")]
    ) | model | StrOutputParser()  # fmt: skip
    documents = [{"text": text} for _, text in c.DOCUMENTS]
    recording.case("retrieval", [c.PLAIN], run(rag, c.QUESTION), **c.plain(documents=documents))

    def parallel(_: object = None) -> None:
        (ChatPromptTemplate.from_messages([("system", c.SYSTEM), ("human", "{question}")]) | {"a": model, "b": model}).invoke(
            {"question": c.QUESTION}, config=config
        )

    recording.case(
        "two equal calls", [c.PLAIN] * 2, parallel, input=c.QUESTION, system_prompt=c.SYSTEM, tool_calls=0, error=None
    )

    def whose() -> None:
        with watcher.who("session-1", "ann@example.com"):
            watcher.work(lambda question: chain.invoke({"question": question}, config=config))(c.QUESTION)

    recording.case("session", [c.PLAIN], whose, **c.plain(session_id="session-1", user="ann@example.com"))
    if "langfuse" in ways or "openinference" in ways:
        told = {
            "metadata": {"langfuse_session_id": "session-2", "langfuse_user_id": "bob@example.com", "session_id": "session-2"}
        }
        truth = {"session_id": "session-2"} | ({"user": "bob@example.com"} if ways == "langfuse" else {})
        recording.case("session in metadata", [c.PLAIN], run(chain, {"question": c.QUESTION}, **told), **c.plain(**truth))
    recording.save()


def forgiving():
    from langchain.agents.middleware import wrap_tool_call
    from langchain_core.messages import ToolMessage

    @wrap_tool_call
    def forgive(request, handler):
        try:
            return handler(request)
        except RuntimeError as error:
            return ToolMessage(f"Error: {error}", tool_call_id=request.tool_call["id"], status="error")

    return forgive


main(sys.argv[1])
