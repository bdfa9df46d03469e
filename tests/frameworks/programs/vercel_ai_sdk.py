"""The Vercel AI SDK: this side answers and judges, `vercel_ai_sdk.mjs` asks, one case a run of Node.

NODE_PATH names the folder of the packages: release 6 with its own telemetry, release 7 with @ai-sdk/otel.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import cases as c
from provider.reply import Reply
from recording import Recording


class NodeRecording(Recording):
    way = ""
    given: dict = {}

    def ask(self, case: str):
        def run() -> None:
            # Node looks for packages beside the file
            home = Path(os.environ["NODE_PATH"])
            program = shutil.copy(Path(__file__).with_suffix(".mjs"), home / "program.mjs")
            done = subprocess.run(
                ["node", program, self.server.url, self.way, case], capture_output=True, text=True, check=False, cwd=home
            )
            if done.returncode:
                raise SystemExit(done.stderr[-3000:])
            self.given = json.loads(done.stdout.strip().splitlines()[-1])

        return run

    def document(self) -> dict:
        return self.given

    def versions(self) -> dict[str, str]:
        home = Path(os.environ["NODE_PATH"], "node_modules")
        names = [n for n in ("ai", "@ai-sdk/otel", "@langfuse/otel", "@arizeai/openinference-vercel") if (home / n).exists()]
        return {name: json.loads((home / name / "package.json").read_text("utf-8"))["version"] for name in names}


def main(way: str) -> None:
    recording = NodeRecording(f"vercel-ai-{way}")
    recording.way = way

    def case(name: str, replies: list[Reply], **truth):
        recording.case(name, replies, recording.ask(name), **truth)

    # OpenInference's processor gives the status of one failed span to all that end after it
    told: dict = {}
    if way == "openinference":
        told = {"tool_errors": 2, "error": "other", "finish_reason": "tool-calls", "retries": 1}

    case("chat", [c.PLAIN], **c.plain())
    case("conversation", [c.PLAIN], **c.plain())
    case("responses", [c.REASONED], **c.plain())
    case("cached", [c.CACHED], **c.plain())
    case("anthropic thinking", [Reply(c.ANSWER, thinking=c.THINKING, input=30, output=75)], **c.plain())
    case("anthropic cache", [c.WRITTEN], **c.plain())
    case("stream", [c.STREAMED], **c.plain(ttft_s=c.FIRST_TOKEN))
    case("structured", [c.EXTRACTS], **c.plain(input=c.EXTRACT, output=c.EXTRACTED))
    case("tools", [*c.USES_TOOLS], **c.with_tools(told=told))
    case("stream with tools", [*c.USES_TOOLS], **c.with_tools(told=told))
    unseen = ["retries"] if way == "otel" else []
    case("retry", [c.LIMITED, c.PLAIN], **c.plain(retries=1, unseen=unseen, told={**told, "error": "rate_limit"} if told else {}))
    # the status of the answer is in no span
    case("failure", [c.BROKEN], **c.plain(output=None, error="5xx", told={"error": "other"}))
    case("session", [c.PLAIN], **c.plain(session_id="session-1", user="ann@example.com"))
    case("embedding", [c.PLAIN], **c.plain())
    recording.save()


main(sys.argv[1])
