"""How people name the columns of their traces."""

from __future__ import annotations

import re

# a column of the trace table, and names of it as people write them, most telling first; compared without case and signs
NAMES: dict[str, tuple[str, ...]] = {
    "timestamp": ("timestamp", "ts", "createdat", "created", "starttime", "startedat", "requesttime", "eventtime", "datetime",
                  "loggedat", "time", "date", "start"),
    "trace_id": ("traceid", "requestid", "id", "messageid", "runid", "callid", "uuid", "interactionid"),
    "input": ("input", "question", "prompt", "query", "userinput", "usermessage", "userprompt", "userquery", "request", "inputs",
              "instruction", "messages", "inputtext", "prompttext", "q", "asked", "frage", "human"),
    "output": ("output", "answer", "response", "completion", "reply", "generation", "modeloutput", "botresponse", "assistant",
               "assistantmessage", "outputs", "prediction", "outputtext", "result", "generated", "a", "antwort"),
    "session_id": ("sessionid", "conversationid", "threadid", "chatid", "dialogid", "session", "conversation", "thread"),
    "user": ("user", "userid", "customerid", "uid", "username", "customer", "enduser"),
    "name": ("endpoint", "route", "feature", "usecase", "name", "operation", "task", "path", "intent", "app", "bot", "skill"),
    "environment": ("environment", "env", "stage", "deploymentenvironment"),
    "release": ("release", "appversion", "gitsha", "commit", "build", "deployversion"),
    "model": ("model", "modelname", "modelid", "llm", "engine", "llmmodel", "responsemodel", "requestmodel", "deployment"),
    "prompt_name": ("promptname", "prompttemplate", "template", "promptid"),
    "prompt_version": ("promptversion", "templateversion"),
    "system_prompt": ("systemprompt", "system", "systemmessage"),
    "reference": ("reference", "expected", "expectedoutput", "expectedanswer", "groundtruth", "referenceanswer", "gold", "target"),
    "latency_s": ("latencys", "latency", "duration", "elapsed", "took", "latencyseconds", "durations", "responsetime", "seconds",
                  "latencysec", "runtime", "totaltime"),
    "latency_ms": ("latencyms", "durationms", "tookms", "elapsedms", "responsetimems", "ms", "millis", "latencymillis"),
    "end_time": ("endtime", "endedat", "finishedat", "completedat", "end"),
    "ttft_s": ("ttfts", "ttft", "timetofirsttoken", "firsttoken", "ttfb"),
    "ttft_ms": ("ttftms", "timetofirsttokenms", "firsttokenms"),
    "input_tokens": ("inputtokens", "prompttokens", "tokensin", "tokensinput", "tokensprompt", "intokens", "ntokensin"),
    "output_tokens": ("outputtokens", "completiontokens", "tokensout", "tokensoutput", "tokenscompletion", "outtokens"),
    "cost_usd": ("costusd", "cost", "usd", "price", "totalcost", "costs", "dollars"),
    "error": ("error", "exception", "errortype", "errorcode", "statuscode", "httpstatus", "status", "failure"),
    "finish_reason": ("finishreason", "stopreason"),
    "documents": ("documents", "contexts", "context", "retrieved", "retrieveddocuments", "chunks", "sources", "passages"),
    "tags": ("tags", "labels"),
    "tool_calls": ("toolcalls", "toolsused", "ntoolcalls", "toolcount"),
}  # fmt: skip


def key(path: str) -> str:
    """The name of a column, or of the last step of a path, without case and signs."""
    return _plain(path.rsplit(".", 1)[-1])


def nested_key(path: str) -> str:
    """The name of the last two steps of a path, without case and signs: `tokens.prompt` is `tokensprompt`."""
    return _plain("".join(path.rsplit(".", 2)[-2:]))


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
