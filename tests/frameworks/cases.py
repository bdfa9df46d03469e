"""The requests that every program makes, each with what the model answers. A case is named for what can be read wrong in it."""

from __future__ import annotations

from provider.reply import Reply

SYSTEM = "You are the shop's assistant. Answer in one sentence."
QUESTION = "Where is my parcel?"
ANSWER = "It arrives on Monday, between nine and noon."
EARLIER = [("Do you ship to Norway?", "Yes, we ship to all of Europe.")]
THINKING = "The user asks about a parcel. I cannot answer before I look at the carrier's page."
TOOL_QUESTION = "Where is parcel 7, and what is the weather in Oslo?"
TOOL_ANSWER = "Parcel 7 arrives on Monday; I could not find out the weather."
TOOL_ERROR = "the weather service is closed"
TOOL_CALLS = (("find_parcel", {"number": 7}), ("get_weather", {"city": "Oslo"}))
DOCUMENTS = [
    ("doc-1", "Your parcel is delivered on a Monday."),
    ("doc-2", "A parcel that comes back is paid for within thirty days."),
]
EXTRACT = "Extract the order: two red mugs for Ann."
EXTRACTED = '{"item": "red mug", "count": 2, "customer": "Ann"}'

PLAIN = Reply(ANSWER, input=24, output=11)
STREAMED = Reply(ANSWER, input=24, output=11, wait=0.25)
CACHED = Reply(ANSWER, input=2100, output=11, cached=1920)
WRITTEN = Reply(ANSWER, input=2100, output=11, cached=1024, written=896)
REASONED = Reply(ANSWER, thinking=THINKING, input=30, output=75, reasoning=64)
LIMITED = Reply(status=429)
BROKEN = Reply(status=500)
EXTRACTS = Reply(EXTRACTED, input=90, output=20)
CUT = Reply("It arrives on", input=24, output=4, finish="length")
FILTERED = Reply("", input=24, output=0, finish="content_filter")
USES_TOOLS = (
    Reply(calls=TOOL_CALLS, input=80, output=34),
    Reply(TOOL_ANSWER, input=140, output=18),
)
FIRST_TOKEN = [0.2, 1.5]


def find_parcel(number: int) -> str:
    """Where a parcel is, by its number."""
    return f"parcel {number}: in Oslo, delivery on Monday"


def get_weather(city: str) -> str:
    """The weather in a city."""
    raise RuntimeError(TOOL_ERROR)


def plain(**more: object) -> dict:
    """The truth of an ordinary question and answer."""
    return {
        "input": QUESTION, "output": ANSWER, "system_prompt": SYSTEM, "tool_calls": 0, "retries": 0, "error": None, **more
    }  # fmt: skip


def as_sent(ways: str, prompt: str) -> dict:
    """What is told of the question where only the client of the model is seen: the prompt that the framework made of it."""
    return {"input": prompt} if ways in ("openllmetry", "own+openinference-openai") else {}


def with_tools(**more: object) -> dict:
    return {
        "input": TOOL_QUESTION, "output": TOOL_ANSWER, "system_prompt": SYSTEM, "tool_calls": 2, "tool_errors": 1,
        "repeated_tool_calls": 0, "retries": 0, "error": None, **more,
    }  # fmt: skip
