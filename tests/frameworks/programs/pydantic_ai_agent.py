"""Pydantic AI's agents over OpenAI, Anthropic and Google: its own spans, and what others make of them."""

from __future__ import annotations

import sys

import cases as c
from provider.reply import Reply
from pydantic import BaseModel
from pydantic_ai import Agent, ModelRetry
from pydantic_ai.messages import ModelRequest, ModelResponse, TextPart, UserPromptPart
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.google import GoogleModel
from pydantic_ai.models.instrumented import InstrumentationSettings
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.google import GoogleProvider
from pydantic_ai.providers.openai import OpenAIProvider
from recording import Recording
from watching import watch

INSTRUMENTORS = {
    "logfire": ["instrument_pydantic_ai"],
    "openinference-openai": ["openinference.instrumentation.openai:OpenAIInstrumentor"],
}


class Order(BaseModel):
    item: str
    count: int
    customer: str


def main(ways: str) -> None:
    recording = Recording(f"pydantic-ai-{ways}")
    if ways == "openinference":
        # a processor that rewrites the spans when they end, so it comes before what keeps them
        from openinference.instrumentation.pydantic_ai import OpenInferenceSpanProcessor

        recording.provider._active_span_processor._span_processors = (OpenInferenceSpanProcessor(), recording.processor)
    watcher = watch(ways, recording, INSTRUMENTORS)
    if "logfire" not in ways:
        Agent.instrument_all(InstrumentationSettings(tracer_provider=recording.provider, version=2 if "v2" in ways else 5))
    url = recording.server.url
    openai = OpenAIProvider(base_url=url + "/v1", api_key="sk-1")
    anthropic = AnthropicProvider(api_key="sk-1", base_url=url)
    google = GoogleProvider(api_key="g-1", base_url=url)
    chat = Agent(OpenAIChatModel("gpt-4o-mini", provider=openai), instructions=c.SYSTEM, name="shop_agent")
    claude = Agent(AnthropicModel("claude-sonnet-4-5", provider=anthropic), instructions=c.SYSTEM, name="shop_agent")
    gemini = Agent(GoogleModel("gemini-2.5-flash", provider=google), instructions=c.SYSTEM, name="shop_agent")
    responder = Agent(OpenAIResponsesModel("gpt-5-mini", provider=openai), instructions=c.SYSTEM, name="shop_agent")

    def ask(agent: Agent, question: str = c.QUESTION, **more):
        return lambda: agent.run_sync(question, **more)

    recording.case("chat", [c.PLAIN], ask(chat), **c.plain())
    prompted = Agent(OpenAIChatModel("gpt-4o-mini", provider=openai), system_prompt=c.SYSTEM, name="shop_agent")
    recording.case("system prompt", [c.PLAIN], ask(prompted), **c.plain())
    history = [
        m
        for question, answer in c.EARLIER
        for m in (ModelRequest(parts=[UserPromptPart(question)]), ModelResponse(parts=[TextPart(answer)]))
    ]
    recording.case("conversation", [c.PLAIN], ask(chat, message_history=history), **c.plain())
    recording.case("cached", [c.CACHED], ask(chat), **c.plain())
    recording.case("responses", [c.REASONED], ask(responder), **c.plain())
    reasoned = Reply(c.ANSWER, thinking=c.THINKING, input=30, output=75)
    recording.case("anthropic thinking", [reasoned], ask(claude), **c.plain())
    recording.case("anthropic cache", [c.WRITTEN], ask(claude), **c.plain())
    recording.case("google thoughts", [c.REASONED], ask(gemini), **c.plain())

    def streamed():
        import asyncio

        async def read():
            async with chat.run_stream(c.QUESTION) as run:
                async for _ in run.stream_text():
                    pass

        asyncio.run(read())

    recording.case("stream", [c.STREAMED], streamed, **c.plain(ttft_s=c.FIRST_TOKEN))
    recording.case("retry", [c.LIMITED, c.PLAIN], ask(chat), **c.plain(retries=1, unseen=["retries"]))
    recording.case("failure", [c.BROKEN] * 3, ask(chat), **c.plain(output=None, error="5xx", retries=2, unseen=["retries"]))

    extractor = Agent(
        OpenAIChatModel("gpt-4o-mini", provider=openai), instructions=c.SYSTEM, output_type=Order, name="extractor"
    )
    extracted = Reply(calls=(("final_result", {"item": "red mug", "count": 2, "customer": "Ann"}),), input=90, output=20)
    recording.case("structured", [extracted], ask(extractor, c.EXTRACT),
                   input=c.EXTRACT, output=c.EXTRACTED, system_prompt=c.SYSTEM, retries=0, error=None)  # fmt: skip

    handy = Agent(OpenAIChatModel("gpt-4o-mini", provider=openai), instructions=c.SYSTEM, name="shop_agent")

    def find_parcel(number: int) -> str:
        """Where a parcel is."""
        return c.find_parcel(number)

    def get_weather(city: str) -> str:
        """The weather in a city."""
        raise ModelRetry(c.TOOL_ERROR)

    handy.tool_plain(find_parcel)
    handy.tool_plain(get_weather)
    recording.case("tools", [*c.USES_TOOLS], ask(handy, c.TOOL_QUESTION), **c.with_tools())

    def outer(question: str) -> str:
        return chat.run_sync(question).output

    def whose(question: str) -> str:
        with watcher.who("session-1", "ann@example.com"):
            return watcher.work(outer)(question)

    recording.case("session", [c.PLAIN], lambda: whose(c.QUESTION), **c.plain(session_id="session-1", user="ann@example.com"))

    async def ask_the_shop(question: str) -> str:
        return (await chat.run(question)).output

    delegating = Agent(OpenAIChatModel("gpt-4o-mini", provider=openai), instructions=c.SYSTEM, name="manager")
    delegating.tool_plain(ask_the_shop)
    delegated = [
        Reply(calls=(("ask_the_shop", {"question": "parcel 7?"}),), input=70, output=15),
        Reply("It is in Oslo.", input=20, output=6),
        Reply(c.ANSWER, input=100, output=11),
    ]
    recording.case(
        "agent below agent", delegated, ask(delegating), **c.plain(tool_calls=1, tool_errors=0, repeated_tool_calls=0)
    )
    recording.save()


main(sys.argv[1])
