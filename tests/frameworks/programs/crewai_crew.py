"""CrewAI: a crew of one agent with a task, with and without tools, and one whose call fails."""

from __future__ import annotations

import os
import sys

os.environ |= {"CREWAI_DISABLE_TELEMETRY": "true", "CREWAI_DISABLE_TRACKING": "true", "CREWAI_TRACING_ENABLED": "false"}

import cases as c
from crewai import LLM, Agent, Crew, Task
from crewai.tools import tool
from recording import Recording
from watching import watch

INSTRUMENTORS = {
    "openinference": ["openinference.instrumentation.crewai:CrewAIInstrumentor"],
    "openinference-openai": ["openinference.instrumentation.openai:OpenAIInstrumentor"],
    "openllmetry": ["traceloop"],
}


@tool("find_parcel")
def find_parcel(number: int) -> str:
    """Where a parcel is, by its number."""
    return c.find_parcel(number)


@tool("get_weather")
def get_weather(city: str) -> str:
    """The weather in a city."""
    return c.get_weather(city)


def main(ways: str) -> None:
    recording = Recording(f"crewai-{ways}", below_a_request=True)
    watcher = watch(ways, recording, INSTRUMENTORS, {"openllmetry": {"traceloop": ["CREW", "OPENAI"]}})
    llm = LLM(model="gpt-4o-mini", provider="openai", base_url=recording.server.url + "/v1", api_key="sk-1", max_retries=0)

    def crew(question: str, tools: list | None = None) -> Crew:
        agent = Agent(role="assistant", goal="Help customers.", backstory=c.SYSTEM, llm=llm, tools=tools or [], max_retry_limit=0)
        task = Task(description=question, expected_output="One sentence.", agent=agent)
        return Crew(agents=[agent], tasks=[task], verbose=False)

    # the crew writes the prompts around the task's description
    own = {k: v for k, v in c.plain().items() if k not in ("system_prompt", "input")}
    if ways == "openinference":
        # the crew's spans only, none of the calls that it makes
        own["unseen"] = ["n_generations", "steps"]
    recording.case("crew", [c.PLAIN], crew(c.QUESTION).kickoff, **own)
    recording.case("cached", [c.CACHED], crew(c.QUESTION).kickoff, **own)
    tools = {**c.with_tools(), **{k: own[k] for k in ("unseen",) if k in own}, "told": {"steps": 2}}
    del tools["input"], tools["system_prompt"]
    recording.case("tools", [*c.USES_TOOLS], crew(c.TOOL_QUESTION, [find_parcel, get_weather]).kickoff, **tools)
    recording.case("failure", [c.BROKEN], crew(c.QUESTION).kickoff, **{**own, "output": None, "error": "5xx"})

    def whose() -> None:
        with watcher.who("session-1", "ann@example.com"):
            watcher.work(lambda question: crew(question).kickoff().raw)(c.QUESTION)

    recording.case("session", [c.PLAIN], whose, **{**own, "session_id": "session-1", "user": "ann@example.com"})
    recording.save()


main(sys.argv[1])
