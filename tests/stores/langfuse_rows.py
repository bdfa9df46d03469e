"""Observations and scores in the wire's own shape, made up: the fixtures that tests own."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def observation(trace_id: str, id: str, start: datetime, seconds: float = 0.1, **more: object) -> dict:
    """One row of `v2/observations` with every field group, as a real server answers for an unadorned span."""
    end = start + timedelta(seconds=seconds)
    row = {
        "id": id,
        "traceId": trace_id,
        "startTime": iso(start),
        "endTime": iso(end),
        "projectId": "proj1",
        "parentObservationId": None,
        "type": "SPAN",
        "name": "step",
        "level": "DEFAULT",
        "statusMessage": "",
        "version": "app-3",
        "environment": "production",
        "completionStartTime": None,
        "createdAt": iso(end),
        "updatedAt": iso(end),
        "input": None,
        "output": None,
        "metadata": {"scope.name": "langfuse-sdk", "scope.version": "5.0.4"},
        "model": "",
        "internalModelId": "",
        "modelParameters": {},
        "usageDetails": {},
        "inputUsage": 0,
        "outputUsage": 0,
        "totalUsage": 0,
        "costDetails": {},
        "inputCost": None,
        "outputCost": None,
        "totalCost": 0,
        "promptId": "",
        "promptName": "",
        "promptVersion": None,
        "usagePricingTierId": None,
        "usagePricingTierName": None,
        "latency": seconds or None,
        "timeToFirstToken": None,
        "userId": "",
        "sessionId": "",
        "isRootObservation": False,
        "traceName": "rag-request",
        "release": "v1.4.2",
        "tags": [],
        "bookmarked": False,
        "public": False,
        "modelId": None,
        "inputPrice": None,
        "outputPrice": None,
        "totalPrice": None,
    }
    return {**row, **more}


def generation(
    trace_id: str,
    id: str,
    start: datetime,
    seconds: float = 0.5,
    *,
    model: str = "gpt-4o",
    question: str = "Why?",
    answer: str | None = "Because.",
    **more: object,
) -> dict:
    failed = answer is None
    usage = {"input": 20, "total": 20} if failed else {"input": 120, "output": 30, "total": 150}
    cost = {"input": 5e-5, "total": 5e-5} if failed else {"input": 0.0003, "output": 0.0003, "total": 0.0006}
    chat = [{"role": "system", "content": "You are helpful"}, {"role": "user", "content": question}]
    given = {
        "type": "GENERATION", "name": "llm-call", "model": model, "input": json.dumps(chat),
        "output": None if failed else json.dumps({"role": "assistant", "content": answer}), "usageDetails": usage,
        "inputUsage": usage["input"], "outputUsage": usage.get("output", 0), "totalUsage": usage["total"], "costDetails": cost,
        "inputCost": cost["input"], "outputCost": cost.get("output"), "totalCost": cost["total"], "promptName": "rag-answer",
        "promptVersion": 2, "completionStartTime": iso(start + timedelta(seconds=seconds / 2)),
        "timeToFirstToken": seconds / 2, "modelParameters": {"temperature": 0.2},
    }  # fmt: skip
    return observation(trace_id, id, start, seconds, **{**given, **more})


def trace(trace_id: str, start: datetime, *, question: str = "Why?", answer: str = "Because.", user: str = "user-1",
          filler: int = 0, **more: object) -> list[dict]:  # fmt: skip
    """The nine observations of one RAG request: root, retriever, tool, embedding, generation and four by-products."""
    common = {"userId": user, "sessionId": f"sess-{user}", "tags": ["prod", "rag"], **more}
    after = start + timedelta(milliseconds=1)
    padding = " " + "lorem ipsum " * (filler // 12) if filler else ""
    found = [
        {
            "id": f"doc-{n}",
            "content": f"Document {n}{padding}",
            "score": 0.91 - n / 10,
            "metadata": {"source": f"kb/{n}.md", "updated_at": iso(start - timedelta(days=n + 1))},
        }
        for n in range(3)
    ]
    root = observation(
        trace_id, f"{trace_id}-0", start, 0.7, type="AGENT", name="rag-request", isRootObservation=True,
        input=json.dumps({"question": question}), output=json.dumps({"answer": answer}),
        metadata={"tenant": "acme", "nested": {"a": 1}, "scope.name": "langfuse-sdk"}, **common,
    )  # fmt: skip
    child = {**common, "parentObservationId": root["id"]}
    return [
        root,
        observation(
            trace_id,
            f"{trace_id}-1",
            after,
            0.05,
            type="RETRIEVER",
            name="vector-search",
            input=json.dumps({"query": question}),
            output=json.dumps(found),
            **child,
        ),
        observation(
            trace_id, f"{trace_id}-2", after, 0.01, type="TOOL", name="get_time", input='{"tz": "UTC"}', output="now", **child
        ),
        observation(
            trace_id,
            f"{trace_id}-3",
            after,
            0.01,
            type="EMBEDDING",
            name="embed-query",
            input=question,
            model="text-embedding-3-small",
            usageDetails={"input": 7, "total": 7},
            inputUsage=7,
            totalUsage=7,
            costDetails={"total": 1.4e-7},
            totalCost=1.4e-7,
            **child,
        ),
        generation(trace_id, f"{trace_id}-4", after + timedelta(milliseconds=60), question=question, answer=answer, **child),
        observation(trace_id, f"{trace_id}-5", after + timedelta(milliseconds=600), type="CHAIN", name="postprocess", **child),
        observation(
            trace_id,
            f"{trace_id}-6",
            after + timedelta(milliseconds=610),
            type="EVALUATOR",
            name="judge",
            output='{"score": 0.8}',
            **child,
        ),
        observation(
            trace_id,
            f"{trace_id}-7",
            after + timedelta(milliseconds=620),
            type="GUARDRAIL",
            name="pii-check",
            output='{"passed": true}',
            **child,
        ),
        observation(
            trace_id, f"{trace_id}-8", after + timedelta(milliseconds=630), 0, type="EVENT", name="feedback-shown", **child
        ),
    ]


def score(trace_id: str, name: str, value: object, moment: datetime, **more: object) -> dict:
    """One row of `v3/scores` with every field group."""
    kind = "BOOLEAN" if isinstance(value, bool) else "CATEGORICAL" if isinstance(value, str) else "NUMERIC"
    row = {
        "id": f"{trace_id}-{name}",
        "projectId": "proj1",
        "name": name,
        "source": "API",
        "timestamp": iso(moment),
        "environment": "production",
        "createdAt": iso(moment),
        "updatedAt": iso(moment),
        "comment": None,
        "configId": None,
        "metadata": {},
        "authorUserId": None,
        "queueId": None,
        "subject": {"kind": "trace", "id": trace_id},
        "dataType": kind,
        "value": value,
    }
    return {**row, **more}


def day(start: datetime, traces: int, *, hours: float = 24, seed: int = 0, filler: int = 0) -> tuple[list[dict], list[dict]]:
    """Observations and scores of `traces` requests spread over `hours` from `start`."""
    rng = random.Random(seed)
    observations, scores = [], []
    for n in range(traces):
        moment = start + timedelta(milliseconds=int(rng.random() * hours * 3_600_000))
        trace_id = f"{rng.getrandbits(128):032x}"
        observations += trace(trace_id, moment, question=f"What is drift {n}?", answer=f"Drift is a change of kind {n}.",
                              user=f"user-{n % 50}", filler=filler)  # fmt: skip
        later = moment + timedelta(seconds=5)
        scores.append(score(trace_id, "faithfulness", round(rng.random(), 3), later,
                            subject={"kind": "observation", "id": f"{trace_id}-4", "traceId": trace_id}))  # fmt: skip
        if n % 3 == 0:
            scores.append(score(trace_id, "user-feedback", rng.random() < 0.8, later))
    return observations, scores
