"""One agent, one retrieval chain, one chat: every store of spans tells the same steps, and they are what was done."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from langfuse_rows import iso
from written import ANSWER, AT, QUESTION, generation, observation, read, read_export, span

from drift.stores import mlflow, phoenix, tool_shapes
from drift.stores.langfuse_rows import observation as langfuse_span
from drift.stores.otlp import otlp_span
from drift.stores.spans import row


@dataclass(frozen=True)
class Did:
    """What a program did: kind, name, begin and end (seconds), of a model's call the model and its tokens, whether it failed, of a tool what
    it was asked and gave back."""

    kind: str
    name: str
    begin: float
    end: float
    model: str | None = None
    tokens: tuple[int, int] | None = None
    failed: bool = False
    arguments: dict | None = None
    result: str | None = None


AGENT = (
    Did("model", "plan", 0.2, 0.9, "gpt-4o", (310, 21)),
    Did("tool", "find_parcel", 1.0, 1.4, arguments={"parcel": 7}, result='{"parcel": 7, "state": "sent"}'),
    Did("model", "plan", 1.5, 2.0, "gpt-4o", (350, 18)),
    Did("tool", "get_weather", 2.1, 2.6, failed=True, arguments={"city": "Oslo"}),
    Did("model", "answer", 2.7, 3.8, "gpt-4o-mini", (420, 40)),
)
RETRIEVAL = (
    Did("embedding", "embed", 0.1, 0.2, "text-embedding-3-small"),
    Did("retrieval", "search", 0.3, 0.9),
    Did("rerank", "rerank", 1.0, 1.2),
    Did("model", "answer", 1.3, 3.5, "gpt-4o", (900, 120)),
)
CHAT = (Did("model", "answer", 0.1, 3.9, "gpt-4o", (24, 3)),)
_MESSAGES = json.dumps([{"role": "user", "content": QUESTION}])
_SAID = json.dumps({"role": "assistant", "content": ANSWER})
_FOUND = json.dumps([{"id": "doc-0", "score": 0.9}])


def genai(folder: Path, did: Sequence[Did]) -> dict:
    """OTLP by OTel's GenAI conventions."""
    spans = [span("app", None, 0, 4, gen_ai__operation__name="invoke_agent", input__value=QUESTION, output__value=ANSWER)]
    operation = {
        "model": "chat",
        "tool": "execute_tool",
        "retrieval": "retrieval",
        "embedding": "embeddings",
        "rerank": "rerank",
    }
    for n, each in enumerate(did):
        given: dict = {"gen_ai__operation__name": operation[each.kind]}
        if each.model:
            given["gen_ai__request__model"] = given["gen_ai__response__model"] = each.model
        if each.tokens:
            given |= {"gen_ai__usage__input_tokens": each.tokens[0], "gen_ai__usage__output_tokens": each.tokens[1],
                      "gen_ai__input__messages": _MESSAGES, "gen_ai__output__messages": json.dumps([json.loads(_SAID)])}  # fmt: skip
        if each.arguments is not None:
            given |= {"gen_ai__tool__name": each.name, "gen_ai__tool__call__arguments": json.dumps(each.arguments)}
        if each.result is not None:
            given["gen_ai__tool__call__result"] = each.result
        if each.kind in ("retrieval", "rerank"):
            given["gen_ai__retrieval__documents"] = _FOUND
        spans.append(span(f"s{n}", "app", each.begin, each.end, name=each.name, status=2 if each.failed else 0, **given))
    return read(folder, *spans)


def openinference(each: Did) -> dict[str, object]:
    kind = {"model": "LLM", "tool": "TOOL", "retrieval": "RETRIEVER", "embedding": "EMBEDDING", "rerank": "RERANKER"}[each.kind]
    given: dict[str, object] = {"openinference.span.kind": kind}
    if each.model:
        given["embedding.model_name" if each.kind == "embedding" else "llm.model_name"] = each.model
    if each.tokens:
        given |= {"llm.token_count.prompt": each.tokens[0], "llm.token_count.completion": each.tokens[1],
                  "input.value": _MESSAGES, "output.value": _SAID}  # fmt: skip
    if each.arguments is not None:
        given |= {"tool.name": each.name, "input.value": json.dumps(each.arguments)}
    if each.result is not None:
        given["output.value"] = each.result
    if each.kind in ("retrieval", "rerank"):
        given |= {"retrieval.documents.0.document.id": "doc-0", "retrieval.documents.0.document.score": 0.9}
    return given


def phoenix_rows(folder: Path, did: Sequence[Did]) -> dict:
    def given(id: str, parent: str | None, name: str, begin: float, end: float, failed: bool, attributes: dict) -> dict:
        return {
            "context": {"trace_id": "t", "span_id": id}, "parent_id": parent, "name": name, "start_time": iso(AT + timedelta(seconds=begin)),
            "end_time": iso(AT + timedelta(seconds=end)), "status_code": "ERROR" if failed else "OK", "attributes": attributes,
            "span_kind": attributes["openinference.span.kind"],
        }  # fmt: skip

    root = {"openinference.span.kind": "CHAIN", "input.value": QUESTION, "output.value": ANSWER}
    listed = [given("app", None, "app", 0, 4, False, root)]
    listed += [given(f"s{n}", "app", d.name, d.begin, d.end, d.failed, openinference(d)) for n, d in enumerate(did)]
    return row([phoenix._span(each) for each in listed], "salt")


def mlflow_rows(folder: Path, did: Sequence[Did]) -> dict:
    types = {"model": "CHAT_MODEL", "tool": "TOOL", "retrieval": "RETRIEVER", "embedding": "EMBEDDING", "rerank": "RERANKER"}
    spans = [span("app", None, 0, 4, mlflow__spanType="AGENT", mlflow__spanInputs=json.dumps(QUESTION), mlflow__spanOutputs=json.dumps(ANSWER))]  # fmt: skip
    for n, each in enumerate(did):
        given: dict = {"mlflow__spanType": types[each.kind]}
        if each.model:
            given["mlflow__llm__model"] = each.model
        if each.tokens:
            used = {"input_tokens": each.tokens[0], "output_tokens": each.tokens[1], "total_tokens": sum(each.tokens)}
            given |= {
                "mlflow__chat__tokenUsage": json.dumps(used),
                "mlflow__spanInputs": _MESSAGES,
                "mlflow__spanOutputs": _SAID,
            }
        if each.arguments is not None:
            given["mlflow__spanInputs"] = json.dumps(each.arguments)
        if each.result is not None:
            given["mlflow__spanOutputs"] = each.result
        if each.kind in ("retrieval", "rerank"):
            given["mlflow__spanOutputs"] = _FOUND
        spans.append(span(f"s{n}", "app", each.begin, each.end, name=each.name, status=2 if each.failed else 0, **given))
    record = {"trace_id": "tr-1", "request_time": iso(AT), "execution_duration": "4s", "state": "OK"}
    read_ = [otlp_span({k: v for k, v in each.items() if k != "scope"}, trace_id="tr-1") for each in spans]
    return row([mlflow._record(record, "environment"), *(each for each in read_ if each is not None)], "salt")


def observations(did: Sequence[Did]) -> list[dict]:
    types = {"model": "GENERATION", "tool": "TOOL", "retrieval": "RETRIEVER", "embedding": "EMBEDDING", "rerank": "SPAN"}
    rows = [observation("app", type="AGENT", input=QUESTION, output=ANSWER)]
    for n, each in enumerate(did):
        more: dict = {"type": types[each.kind], "name": each.name, "provided_model_name": each.model or "",
                      "level": "ERROR" if each.failed else "DEFAULT"}  # fmt: skip
        if each.tokens:
            more |= {"usage_details": {"input": each.tokens[0], "output": each.tokens[1]}}
            rows.append(generation(f"s{n}", "app", each.begin, each.end, **more))
            continue
        if each.arguments is not None:
            more["input"] = each.arguments
        if each.result is not None:
            more["output"] = each.result
        if each.kind in ("retrieval", "rerank"):
            more["output"] = _FOUND
        if each.kind == "rerank":
            more["metadata"] = {"attributes": {"openinference.span.kind": "RERANKER"}}
        rows.append(observation(f"s{n}", "app", each.begin, each.end, **more))
    return rows


def langfuse_export(folder: Path, did: Sequence[Did]) -> dict:
    (made,) = read_export(folder, *observations(did))
    return made


def langfuse(folder: Path, did: Sequence[Did]) -> dict:
    names = {"provided_model_name": "model", "start_time": "startTime", "end_time": "endTime"}

    def camel(name: str) -> str:
        head, *rest = name.split("_")
        return head + "".join(word.title() for word in rest)

    def wire(given: dict) -> dict:
        out = {names.get(k, camel(k)): v for k, v in given.items()}
        return out | {key: out[key].replace(" ", "T") + "Z" for key in ("startTime", "endTime", "updatedAt")}

    return row([langfuse_span(wire(each)) for each in observations(did)], "salt")


STORES: dict[str, Callable[[Path, Sequence[Did]], dict]] = {
    "otlp": genai, "phoenix": phoenix_rows, "mlflow": mlflow_rows, "langfuse": langfuse, "langfuse export": langfuse_export,
}  # fmt: skip


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("did", [AGENT, RETRIEVAL, CHAT], ids=["agent", "retrieval", "chat"])
def test_the_steps_are_what_was_done(store, did, tmp_path):
    steps = STORES[store](tmp_path, did)["trajectory"]
    assert [(s["kind"], s["name"], s.get("model")) for s in steps] == [(d.kind, d.name, d.model) for d in did]
    assert [s["outcome"] != "ok" for s in steps] == [d.failed for d in did]
    assert [s["position"] for s in steps] == list(range(len(did)))
    for step, done in zip(steps, did, strict=True):
        assert step["start_s"] == pytest.approx(done.begin, abs=0.002)
        assert step["duration_s"] == pytest.approx(done.end - done.begin, abs=0.002)
        if done.tokens:
            assert (step["input_tokens"], step["output_tokens"]) == done.tokens


def test_the_same_arguments_have_the_same_hash_in_every_store(tmp_path):
    hashes = set()
    for name, made in STORES.items():
        folder = tmp_path / name.replace(" ", "-")
        folder.mkdir()
        hashes.add(tuple(s["arguments"] for s in made(folder, AGENT)["trajectory"] if s["kind"] == "tool"))
    (pair,) = hashes
    assert None not in pair and pair[0] != pair[1]


@pytest.mark.parametrize("store", STORES)
def test_what_a_tool_and_a_search_gave_back_is_told_alike_and_without_its_words(store, tmp_path):
    found, failed = (s for s in STORES[store](tmp_path, AGENT)["trajectory"] if s["kind"] == "tool")
    assert found["result_characters"] == len(AGENT[1].result or "")
    assert found["result_shape"] == tool_shapes.of({"state": "lost", "parcel": 12}).shape
    assert failed.get("result_shape") is None and "sent" not in str(found)
    folder = tmp_path / "chain"
    folder.mkdir()
    told = {s["kind"]: s.get("documents") for s in STORES[store](folder, RETRIEVAL)["trajectory"]}
    assert (told["retrieval"], told["rerank"], told["model"]) == (1, 1, None)
