"""OpenAI's Agents SDK: the runner over responses and chat completions, tools, a hand-over, a guardrail, a stream, failures."""

from __future__ import annotations

import asyncio
import sys

import cases as c
from agents import (
    Agent,
    GuardrailFunctionOutput,
    OpenAIChatCompletionsModel,
    OpenAIResponsesModel,
    Runner,
    function_tool,
    input_guardrail,
    set_default_openai_client,
    set_trace_processors,
)
from openai import AsyncOpenAI
from provider.reply import Reply
from pydantic import BaseModel
from recording import Recording
from watching import watch

INSTRUMENTORS = {
    "openinference": ["openinference.instrumentation.openai_agents:OpenAIAgentsInstrumentor"],
    "openinference-openai": ["openinference.instrumentation.openai:OpenAIInstrumentor"],
    "openllmetry": ["traceloop"],
    "logfire": ["instrument_openai_agents"],
    # Langfuse's documentation names OpenInference's instrumentation
    "langfuse": ["openinference.instrumentation.openai_agents:OpenAIAgentsInstrumentor"],
}

# one loop for all, for the client keeps its connections
LOOP = asyncio.new_event_loop()


class Order(BaseModel):
    item: str
    count: int
    customer: str


@function_tool
def find_parcel(number: int) -> str:
    """Where a parcel is, by its number."""
    return c.find_parcel(number)


@function_tool
def get_weather(city: str) -> str:
    """The weather in a city."""
    return c.get_weather(city)


@input_guardrail
async def polite(context, agent, given) -> GuardrailFunctionOutput:
    return GuardrailFunctionOutput(output_info="polite", tripwire_triggered=False)


def main(ways: str) -> None:
    recording = Recording(f"openai-agents-{ways}")
    set_trace_processors([])
    watcher = watch(ways, recording, INSTRUMENTORS, {"openllmetry": {"traceloop": ["OPENAI_AGENTS", "OPENAI"]}})
    client = AsyncOpenAI(base_url=recording.server.url + "/v1", api_key="sk-1", max_retries=2)
    set_default_openai_client(client, use_for_tracing=False)
    mini = OpenAIResponsesModel("gpt-5-mini", client)
    chat = OpenAIChatCompletionsModel("gpt-4o-mini", client)

    def agent(**more) -> Agent:
        return Agent(**{"name": "shop", "instructions": c.SYSTEM, "model": mini, **more})

    def ask(who: Agent, question: object = c.QUESTION):
        return lambda: LOOP.run_until_complete(Runner.run(who, question)).final_output

    recording.case("responses", [c.PLAIN], ask(agent()), **c.plain())
    turns = [{"role": r, "content": t} for pair in c.EARLIER for r, t in zip(("user", "assistant"), pair, strict=True)]
    recording.case("conversation", [c.PLAIN], ask(agent(), [*turns, {"role": "user", "content": c.QUESTION}]), **c.plain())
    recording.case("reasoning", [c.REASONED], ask(agent()), **c.plain())
    recording.case("cached", [c.CACHED], ask(agent()), **c.plain())
    recording.case("chat", [c.PLAIN], ask(agent(model=chat)), **c.plain())
    tools = {"tools": [find_parcel, get_weather]}
    recording.case("tools", [*c.USES_TOOLS], ask(agent(**tools), c.TOOL_QUESTION), **c.with_tools())
    recording.case("tools, chat", [*c.USES_TOOLS], ask(agent(model=chat, **tools), c.TOOL_QUESTION), **c.with_tools())
    again = [
        Reply(calls=(("find_parcel", {"number": 7}),), input=80, output=17),
        Reply(calls=(("find_parcel", {"number": 7}),), input=110, output=17),
        Reply(c.ANSWER, input=140, output=11),
    ]
    recording.case("repeated tool", again, ask(agent(**tools)), **c.plain(tool_calls=2, tool_errors=0, repeated_tool_calls=1))
    recording.case("structured", [c.EXTRACTS], ask(agent(output_type=Order), c.EXTRACT),
                   **c.plain(input=c.EXTRACT, output=c.EXTRACTED))  # fmt: skip
    desk = agent(name="desk", instructions="Hand over what is about parcels.", handoffs=[agent(name="parcels")])
    handed = [Reply(calls=(("transfer_to_parcels", {}),), input=60, output=9), c.PLAIN]
    recording.case("hand-over", handed, ask(desk), **{k: v for k, v in c.plain().items() if k != "tool_calls"})
    recording.case("guardrail", [c.PLAIN], ask(agent(input_guardrails=[polite])), **c.plain())

    def streamed():
        async def read():
            async for _ in Runner.run_streamed(agent(), c.QUESTION).stream_events():
                pass

        LOOP.run_until_complete(read())

    recording.case("stream", [c.STREAMED], streamed, **c.plain(ttft_s=c.FIRST_TOKEN))
    recording.case("retry", [c.LIMITED, c.PLAIN], ask(agent()), **c.plain(retries=1, unseen=["retries"]))
    recording.case("failure", [c.BROKEN] * 3, ask(agent()), **c.plain(output=None, error="5xx", retries=2, unseen=["retries"]))

    def whose() -> None:
        with watcher.who("session-1", "ann@example.com"):
            watcher.work(lambda question: ask(agent(), question)())(c.QUESTION)

    recording.case("session", [c.PLAIN], whose, **c.plain(session_id="session-1", user="ann@example.com"))
    recording.save()


main(sys.argv[1])
