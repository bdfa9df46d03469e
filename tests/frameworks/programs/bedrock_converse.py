"""Amazon Bedrock through boto3: Converse whole and streamed, thinking, the prompt cache, tools, failures."""

from __future__ import annotations

import sys

import boto3
import cases as c
from botocore.config import Config
from provider.reply import Reply
from recording import Recording
from watching import watch

INSTRUMENTORS = {
    "openinference": ["openinference.instrumentation.bedrock:BedrockInstrumentor"],
    "openllmetry": ["traceloop"],
    "otel": ["opentelemetry.instrumentation.botocore:BotocoreInstrumentor"],
}
MODEL = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
TOOLS = {"tools": [
    {"toolSpec": {"name": name, "inputSchema": {"json": {"type": "object", "properties": {field: {"type": kind}}}}}}
    for name, field, kind in (("find_parcel", "number", "integer"), ("get_weather", "city", "string"))
]}  # fmt: skip
ASKED = [{"role": "user", "content": [{"text": c.QUESTION}]}]


def main(ways: str) -> None:
    recording = Recording(f"bedrock-{ways}")
    watcher = watch(ways, recording, INSTRUMENTORS, {"openllmetry": {"traceloop": ["BEDROCK"]}})
    where = {"endpoint_url": recording.server.url, "region_name": "us-east-1", "aws_access_key_id": "a", "aws_secret_access_key": "s"}
    client = boto3.client("bedrock-runtime", config=Config(retries={"total_max_attempts": 1}), **where)

    def converse(messages: list = ASKED, **more):
        return client.converse(modelId=MODEL, messages=messages, system=[{"text": c.SYSTEM}], **more)

    def streamed():
        for _ in client.converse_stream(modelId=MODEL, messages=ASKED, system=[{"text": c.SYSTEM}])["stream"]:
            pass

    recording.case("chat", [c.PLAIN], converse, **c.plain())
    earlier = [
        {"role": role, "content": [{"text": text}]}
        for pair in c.EARLIER
        for role, text in zip(("user", "assistant"), pair, strict=True)
    ]
    recording.case("conversation", [c.PLAIN], lambda: converse([*earlier, *ASKED]), **c.plain())
    recording.case("cached", [c.WRITTEN], converse, **c.plain())
    recording.case("thinking", [Reply(c.ANSWER, thinking=c.THINKING, input=30, output=75)], converse, **c.plain())
    recording.case("cut", [c.CUT], converse, **c.plain(output="It arrives on"))
    recording.case("stream", [c.STREAMED], streamed, **c.plain(ttft_s=c.FIRST_TOKEN))
    recording.case("failure", [c.BROKEN], converse, **c.plain(output=None, error="5xx"))
    patient = Config(retries={"total_max_attempts": 2, "mode": "standard"})
    twice = boto3.client("bedrock-runtime", config=patient, **where)
    unseen = [] if ways == "otel" else ["retries"]
    recording.case("retry", [c.LIMITED, c.PLAIN], lambda: twice.converse(modelId=MODEL, messages=ASKED, system=[{"text": c.SYSTEM}]),
                   **c.plain(retries=1, unseen=unseen))  # fmt: skip
    tools = {f.__name__: watcher.tool(f) for f in (c.find_parcel, c.get_weather)}

    def agent(question: str) -> str:
        messages = [{"role": "user", "content": [{"text": question}]}]
        while True:
            said = converse(messages, toolConfig=TOOLS)["output"]["message"]
            calls = [part["toolUse"] for part in said["content"] if "toolUse" in part]
            if not calls:
                return said["content"][-1]["text"]
            results = []
            for call in calls:
                try:
                    result = {"content": [{"text": tools[call["name"]](**call["input"])}]}
                except RuntimeError as error:
                    result = {"content": [{"text": str(error)}], "status": "error"}
                results.append({"toolResult": {"toolUseId": call["toolUseId"], **result}})
            messages += [said, {"role": "user", "content": results}]

    recording.case("tools", [*c.USES_TOOLS], lambda: watcher.work(agent, kind="agent")(c.TOOL_QUESTION), **c.with_tools())

    def whose() -> None:
        with watcher.who("session-1", "ann@example.com"):
            watcher.work(lambda question: converse()["output"]["message"]["content"][0]["text"])(c.QUESTION)

    recording.case("session", [c.PLAIN], whose, **c.plain(session_id="session-1", user="ann@example.com"))
    recording.save()


main(sys.argv[1])
