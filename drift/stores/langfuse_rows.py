"""What Langfuse's API and its export say about an observation or a score, as spans. No IO."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from sys import intern
from typing import Any

from drift import traces
from drift.stores import evaluators, messages, offered
from drift.stores.documents import documents, flattened, index_time
from drift.stores.filters import matches
from drift.stores.responses import usage_and_model
from drift.stores.span import EMBEDDING, GENERATION, HTTP, RECORD, RERANKER, RETRIEVER, TOOL, Span
from drift.stores.spans import REFERENCE_KEYS, flatten, merge_scores, root_metadata
from drift.stores.usage import Usage, count, of_details

# metadata that must not be cut at 200 characters; a name stands for everything below it
EXPAND = (
    "attributes.gen_ai.retrieval.documents", "attributes.retrieval.documents", "attributes.reranker.output_documents",
    "attributes.gen_ai.response.finish_reasons", "attributes.metadata", "documents", "index_built_at", *REFERENCE_KEYS,
)  # fmt: skip
_KINDS = {"GENERATION": GENERATION, "RETRIEVER": RETRIEVER, "TOOL": TOOL, "EMBEDDING": EMBEDDING}
_WEB = ("http.request.method", "http.method", "http.route", "http.url", "url.path")
_STATUS = ("http.response.status_code", "http.status_code")
# all that most observations have for metadata: who wrote them
_SCOPE = {"scope.name", "scope.version"}
_TEXT_SCORES = ("TEXT", "CORRECTION")
# of a trace; what claims to have taken longer does not know
_LONGEST_S = 366 * 86_400


def observation(given: Mapping[str, Any], retrievers: tuple[str, ...] = ()) -> Span:
    """A span from one observation of `v2/observations` or the page-based `observations`.

    Text is kept where a row of the trace table may need it: not of retrievers and embeddings.
    Raises KeyError or ValueError where its ids or start are missing.
    """
    get = given.get
    metadata = _object(get("metadata"))
    nested = metadata.get("attributes")
    attributes, prefix = (nested, "") if isinstance(nested, dict) else (metadata, "attributes.")
    bare = metadata.keys() <= _SCOPE
    kind = _kind(given, bare, attributes, prefix, retrievers)
    start = _time(given["startTime"])
    if start is None:
        raise ValueError("startTime")
    root = get("isRootObservation")
    if root is None:
        root = not get("parentObservationId")
    failed = get("level") == "ERROR"
    span = Span(
        trace_id=intern(_id(given["traceId"])),
        id=_id(given["id"]),
        kind=kind,
        start=start,
        end=_time(get("endTime")),
        parent=_word(get("parentObservationId")),
        is_root=bool(root),
        name=_word(get("name")),
        scope=_scope(metadata),
        updated=get("updatedAt") or "",
        failed=failed,
        failure=_failure(given, attributes, prefix) if failed else None,
        session=get("sessionId") or None,
        user=get("userId") or None,
        environment=_word(get("environment")),
        release=_word(get("release")),
        version=_word(get("version")),
        trace_name=_word(get("traceName")),
        tags=_tags(get("tags")),
    )
    if kind not in (RETRIEVER, RERANKER, EMBEDDING, HTTP):
        span.input, span.output = get("input") or None, get("output")
        if span.output == "":
            span.output = None if kind != GENERATION else ""
    if span.is_root:
        span.metadata = root_metadata(metadata)
    elif not bare:
        span.metadata = metadata
    if kind != HTTP and (get("usageDetails") or get("costDetails") or get("promptTokens") or get("completionTokens")):
        _bill(span, given)
    if kind == GENERATION:
        _generation(span, given, metadata, attributes, prefix)
    elif kind == TOOL:
        span.name = _word(attributes.get(f"{prefix}gen_ai.tool.name")) or span.name
        span.call_id = attributes.get(f"{prefix}gen_ai.tool.call.id")
    elif kind == EMBEDDING:
        span.model = _word(get("model") or get("providedModelName"))
    elif kind in (RETRIEVER, RERANKER):
        span.documents = _documents(given, metadata)
        span.index_built_at = index_time(metadata, flatten(metadata.get("attributes")))
    elif kind == HTTP:
        status = count(next((v for k in _STATUS if (v := attributes.get(prefix + k)) is not None), None))
        span.status = int(status) if status is not None else None
    return span


def legacy_trace(given: Mapping[str, Any]) -> Span:
    """The record of a trace on a v3 server as a root span without a kind of its own."""
    start = _time(given["timestamp"])
    if start is None:
        raise ValueError("timestamp")
    latency = given.get("latency")
    return Span(
        trace_id=intern(_id(given["id"])),
        id=f"{RECORD}:{given['id']}",
        kind=RECORD,
        start=start,
        end=start + timedelta(seconds=latency) if isinstance(latency, (int, float)) and 0 <= latency < _LONGEST_S else None,
        is_root=True,
        name=_word(given.get("name")),
        updated=given.get("updatedAt") or "",
        input=given.get("input"),
        output=given.get("output"),
        session=given.get("sessionId") or None,
        user=given.get("userId") or None,
        environment=_word(given.get("environment")),
        release=_word(given.get("release")),
        version=_word(given.get("version")),
        trace_name=_word(given.get("name")),
        tags=_tags(given.get("tags")),
        metadata=root_metadata(_object(given.get("metadata"))),
    )


def session_key(session: str) -> str:
    """What stands in place of a trace's id for the scores of a session."""
    return f"session:{session}"


def score(given: Mapping[str, Any]) -> tuple[str, dict] | None:
    """(trace id, score) of a score on a trace or one of its observations; None for experiments and remarks.

    A session's has `session_key` for an id, and its name says so: every trace of the session has it. A score of `v3/scores` names its subject; one of the older `v2/scores` has `traceId` and `stringValue`. A correction is
    kept as `text` (it becomes the trace's reference); a free-text remark is no measurement and is left out.
    """
    subject = given.get("subject")
    if isinstance(subject, dict):
        kind = subject.get("kind")
        trace_id = subject.get("id") if kind == "trace" else subject.get("traceId") if kind == "observation" else None
        session = subject.get("id") if kind == "session" else None
    else:
        trace_id, session = given.get("traceId"), given.get("sessionId")
    if not trace_id and session and given.get("name"):
        found = score({**given, "subject": {"kind": "trace", "id": session_key(session)}, "name": f"session.{given['name']}"})
        return None if found is None or "text" in found[1] else found
    name, kind, value = _word(given.get("name")), given.get("dataType"), given.get("value")
    if not isinstance(trace_id, str) or not trace_id or not name:
        return None
    if kind in _TEXT_SCORES:
        said = value if isinstance(value, str) else given.get("stringValue")
        return (trace_id, {"name": name, "text": said}) if kind == "CORRECTION" and said else None
    if kind == "CATEGORICAL":
        label = value if isinstance(value, str) else given.get("stringValue")
        if not isinstance(label, str) or not label:
            return None
        return trace_id, evaluators.noted({"name": name, "label": intern(label)}, _evaluator(given))
    if isinstance(value, str):
        value = {"true": True, "false": False}.get(value.lower())
    return (
        (trace_id, evaluators.noted({"name": name, "value": float(value)}, _evaluator(given)))
        if isinstance(value, (bool, int, float)) and abs(value) < 1e300
        else None
    )


def _evaluator(given: Mapping[str, Any]) -> str | None:
    """What gave the score, as its metadata say; a person's annotation has none."""
    if given.get("source") == "ANNOTATION":
        return None
    metadata = given.get("metadata")
    return evaluators.of(messages.decode(metadata) if isinstance(metadata, str) else metadata)


def with_session_scores(row: dict, scores: Mapping[str, list[dict]]) -> dict:
    """The row with the scores of its session too."""
    found = scores.get(session_key(row["session_id"])) if row.get("session_id") else None
    if found:
        row["scores"] = [*row["scores"], *merge_scores(found)]
    return row


def _kind(given: Mapping[str, Any], bare: bool, attributes: Mapping[str, Any], prefix: str, retrievers: tuple[str, ...]) -> str:
    """The kind; `bare`: its metadata says nothing but who wrote it."""
    said = str(given.get("type") or "span")
    kind = _KINDS.get(said)
    if kind:
        return kind
    if retrievers and matches(_word(given.get("name")) or "", retrievers):
        return RETRIEVER
    if said == "SPAN":
        if not bare:
            if attributes.get(f"{prefix}openinference.span.kind") == "RERANKER":
                return RERANKER
            if _retrieves(attributes, prefix):
                return RETRIEVER
            if (
                attributes.get(f"{prefix}gen_ai.tool.name")
                or attributes.get(f"{prefix}gen_ai.operation.name") == "execute_tool"
                or (
                    attributes.get(f"{prefix}openinference.span.kind") == "TOOL"
                    or attributes.get(f"{prefix}traceloop.span.kind") == "tool"
                )
            ):
                return TOOL
            if any(prefix + key in attributes for key in _WEB):
                return HTTP
        # SDKs before the type RETRIEVER existed had nothing but the name to say it
        if "retriev" in str(given.get("name")).lower() and documents(given.get("output")):
            return RETRIEVER
    return intern(said.lower())


def _retrieves(attributes: Mapping[str, Any], prefix: str) -> bool:
    return (
        attributes.get(f"{prefix}gen_ai.operation.name") == "retrieval"
        or attributes.get(f"{prefix}gen_ai.retrieval.documents") is not None
    )


def _documents(given: Mapping[str, Any], metadata: Mapping[str, Any]) -> list[dict] | None:
    nested = metadata.get("attributes")
    found = flattened(nested) if isinstance(nested, dict) else flattened(metadata, "attributes.")
    if found is None and given.get("output") is not None:
        found = documents(given["output"])
    return found if found is not None else documents(metadata.get("documents"))


def _generation(
    span: Span, given: Mapping[str, Any], metadata: Mapping[str, Any], attributes: Mapping[str, Any], prefix: str
) -> None:
    # the wire says `model` where the specification says `providedModelName`
    span.model = _word(given.get("model") or given.get("providedModelName"))
    span.parameters = _object(given.get("modelParameters")) or None
    span.tools = offered.listed(given.get("toolDefinitions")) or offered.beside(span.input)
    span.prompt_name = _word(given.get("promptName"))
    version = given.get("promptVersion")
    span.prompt_version = str(version) if version not in (None, "") else None
    span.provider = _word(attributes.get(f"{prefix}gen_ai.provider.name") or attributes.get(f"{prefix}gen_ai.system"))
    span.response_id = attributes.get(f"{prefix}gen_ai.response.id")
    span.ttft_s = _first_token(span, given)
    if span.ttft_s is None:
        span.ttft_s = count(attributes.get(f"{prefix}gen_ai.response.time_to_first_chunk"))
    if span.usage is None and isinstance(span.output, str) and "sage" in span.output:
        span.usage, _ = usage_and_model(span.output)
    reason = messages.decode(attributes.get(f"{prefix}gen_ai.response.finish_reasons")) or metadata.get("finish_reason")
    if isinstance(reason, list):
        reason = reason[-1] if reason else None
    span.finish_reason = reason.lower() if isinstance(reason, str) and reason else None


def _first_token(span: Span, given: Mapping[str, Any]) -> float | None:
    """Seconds to the first token. The times themselves are trusted before the field, which some exports have in milliseconds."""
    begun = _time(given.get("completionStartTime"))
    if begun is not None:
        return (begun - span.start).total_seconds()
    first, latency = count(given.get("timeToFirstToken")), count(given.get("latency"))
    if first is None:
        return None
    whole = span.duration_s
    return first / 1000 if whole and latency and latency > 100 * whole else first


def _bill(span: Span, given: Mapping[str, Any]) -> None:
    usage, cost = _object(given.get("usageDetails")), _object(given.get("costDetails"))
    if usage:
        span.usage = of_details(usage, given.get("inputUsage"), given.get("outputUsage"))
    elif any(given.get(k) for k in ("promptTokens", "completionTokens")):
        span.usage = Usage(count(given.get("promptTokens")), count(given.get("completionTokens")))
    if span.kind == GENERATION and span.output in (None, "") and not (span.usage and span.usage.output):
        # nothing was answered: what is left is the server's estimate of the prompt
        span.usage = None
        return
    if cost:
        total = given.get("totalCost", given.get("calculatedTotalCost"))
        span.cost_usd = count(total if total is not None else cost.get("total"))


def _failure(given: Mapping[str, Any], attributes: Mapping[str, Any], prefix: str) -> str:
    kind = attributes.get(f"{prefix}error.type")
    return " ".join(str(x)[:2000] for x in (kind, given.get("statusMessage")) if x)


def _scope(metadata: Mapping[str, Any]) -> str | None:
    if "scope.name" in metadata:
        return _word(metadata["scope.name"])
    scope = metadata.get("scope")
    return _word(scope.get("name")) if isinstance(scope, dict) else None


def _object(value: Any) -> dict[str, Any]:
    decoded = messages.decode(value)
    return decoded if isinstance(decoded, dict) else {}


def _id(value: Any) -> str:
    """The id. Raises ValueError for what is none."""
    if not isinstance(value, str) or not value:
        raise ValueError("id")
    return value


def _tags(value: Any) -> Sequence[str]:
    return [tag for tag in value if isinstance(tag, str)] if value and isinstance(value, list) else ()


def _word(value: Any) -> str | None:
    return intern(value) if value and isinstance(value, str) else None


def _time(value: Any) -> datetime | None:
    if isinstance(value, str) and value:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return None
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return traces.parse_time(value)
