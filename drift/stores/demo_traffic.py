"""A day of the demo store's traffic: who asked what, where, when, at which price, and what came back.

Every number it needs from chance is in `demo_draws`; this file turns them into traces and applies the incidents.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa

from drift import traces
from drift.stores import demo_retrieval, demo_steps
from drift.stores import demo_texts as texts
from drift.stores import demo_vocabulary as words
from drift.stores.demo_draws import ACTIONS, BILLING, PRODUCT, Draws, day_effects, draw_day
from drift.stores.demo_incident import Incident

ENDPOINTS = np.array(["billing-chat", "product-qa", "account-actions"], object)
PROMPTS = np.array(["billing", "product-qa", "account-actions"], object)
PROMPT_VERSIONS = np.array(["7", "12", "4"], object)
MODELS = np.array(["gpt-4o-mini", "gpt-4o", "gpt-4.1-mini"], object)
RELEASE = "2026.10"

# dollars a million tokens, input and output, by model
_PRICES = np.array([[0.15, 0.60], [2.50, 10.00], [0.40, 1.60]]) / 1e6
# by model, then by endpoint
_TTFT = np.log([0.42, 0.70, 0.38])
_SPEED = np.log([95.0, 62.0, 110.0])
_CHARACTERS = np.log([340.0, 500.0, 250.0])
_REFUSAL = np.array([0.050, 0.018, 0.025])
_PROMPT_TOKENS = np.array([420.0, 380.0, 650.0])
_LIKED = np.array([0.80, 0.84, 0.82])
_ERRORS = np.array(["5xx", "timeout", "rate_limit", "4xx", "other"], object)
_STUDENT_TOPIC = len(texts.BILLING_TOPICS) - 1
_ERROR_WEIGHTS = np.cumsum([0.40, 0.30, 0.15, 0.10, 0.05])


# the language of an application, and those of its few other users
SPOKEN = {"en": ("en", "de", "es"), "de": ("de", "en", "es"), "ja": ("ja", "en", "es")}


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


class _Changes:
    """What the incidents under way do to each trace."""

    def __init__(self, incidents: list[Incident], columns: dict[str, np.ndarray]):
        self.incidents = incidents
        self.columns = columns

    def where(self, incident: Incident) -> np.ndarray:
        mask = np.ones(len(next(iter(self.columns.values()))), bool)
        for dimension, value in incident.scope.items():
            mask &= self.columns[dimension] == value
        return mask

    def of(self, key: str, usual: object) -> np.ndarray:
        """The amount of change `key` a trace, `usual` where no incident has it."""
        values = np.full(len(next(iter(self.columns.values()))), usual, dtype=object if isinstance(usual, str) else float)
        for incident in self.incidents:
            if key in incident.changes:
                values[self.where(incident)] = incident.changes[key]
        return values


def day_of_traces(
    seed: int, per_day: float, day: date, incidents: list[Incident], until: date, hash_user, language: str = "en"
) -> pa.Table:
    """The traces that began on `day` (UTC), schema `drift.traces.SCHEMA`, in order of time.

    language: what most users speak, one of `SPOKEN`.
    """
    effects, topics = day_effects(seed, day)
    draw = draw_day(seed, per_day, day, effects, topics)
    n, endpoint = len(draw.ids), draw.endpoint
    changes = _Changes(incidents, {"name": ENDPOINTS[endpoint], "model": MODELS[draw.model]})

    # the system: errors, retries, fallbacks, tools
    error = draw.uniform("error") < np.maximum(0.006 * np.exp(effects["error"]), changes.of("error", 0.0))
    retried = draw.uniform("retry") < changes.of("retry", 0.012)
    fallback = ~error & retried & (draw.uniform("fallback") < 0.3)
    replaced = changes.of("model", "")
    model_name = np.where(fallback, MODELS[1 - draw.model], np.where(replaced == "", MODELS[draw.model], replaced))
    model = np.select([model_name == MODELS[1], model_name == MODELS[2]], [1, 2], 0)
    acting = endpoint == ACTIONS
    calls = np.where(acting, 1 + (draw.uniform("calls") < 0.35) + (draw.uniform("calls") < 0.08), 0)
    failing = np.maximum(0.02, changes.of("tool_error", 0.0))
    failing = np.where(demo_steps.tool_of(draw) == changes.of("broken_tool", ""), 0.6, failing)
    tool_failed = acting & (draw.uniform("tool") < failing)
    looped = acting & (draw.uniform("loop") < np.where(tool_failed, 0.4, 0.006))
    calls = calls + looped

    # retrieval
    asking = endpoint == PRODUCT
    nothing = asking & (draw.uniform("found") < np.maximum(0.015, changes.of("nothing_found", 0.0)))
    documents = demo_retrieval.documents(
        seed, draw, asking, asking & ~nothing, effects["score"] + changes.of("retrieval_score", 0.0), incidents, until
    )

    # what was said
    refused = draw.uniform("refusal") < np.minimum(
        _REFUSAL[endpoint] * np.exp(effects["refusal"]) * changes.of("refusal", 1.0), 0.9
    )
    partial = ~refused & (draw.uniform("partial") < 0.008)
    target = np.exp(_CHARACTERS[endpoint] + 0.42 * draw.normal("length") + effects["length"]) * changes.of("length", 1.0)
    fate = _Fate(
        error=error,
        refused=refused,
        partial=partial,
        nothing=nothing,
        tool_failed=tool_failed & (draw.uniform("fallback") < 0.7),
        leak=draw.uniform("leak") < changes.of("leak", 0.001),
        german=draw.uniform("german") < changes.of("german", 0.0),
        new_opening=draw.uniform("opening") < changes.of("new_openings", 0.0),
        empty=draw.uniform("empty") < 0.002,
        cut=draw.uniform("cut") < 0.008,
        students=draw.students < changes.of("students", 0.0),
    )
    inputs, outputs = _texts(seed, draw, fate, target, SPOKEN[language])
    unknown = np.full(n, None, object)
    finish = np.where(
        error,
        unknown,
        np.where(fate.cut & ~refused, "length", np.where(acting & (draw.uniform("odd") > 0.97), "tool_calls", "stop")),
    )

    # usage
    characters = np.array([len(text or "") for text in outputs], float)
    output_tokens = np.maximum(np.rint(characters / 4.3 * np.exp(0.04 * draw.normal("tokens"))), 1)
    context = np.where(asking, 95.0 * documents.counts, 0.0)
    input_tokens = np.rint(
        (
            _PROMPT_TOKENS[endpoint]
            + changes.of("prompt_tokens", 0.0)
            + np.array([len(t) for t in inputs]) / 4.2
            + context
            + 120.0 * draw.turn
            + 60.0 * calls
        )
        * np.exp(effects["tokens"] + 0.03 * draw.normal("tokens"))
    )
    slower = changes.of("latency", 1.0)
    ttft = np.exp(_TTFT[model] + effects["ttft"] + 0.30 * draw.normal("ttft")) * slower
    speed = np.exp(_SPEED[model] - effects["latency"] + 0.16 * draw.normal("speed")) / slower
    slower_search = np.where(asking, changes.of("search_s", 0.0), 0.0)
    tool_s = np.exp(-0.5 + 0.35 * draw.normal("tool"))
    latency = ttft + output_tokens / speed + 0.18 * asking + calls * tool_s + 1.5 * retried + slower_search
    latency = np.where(
        error,
        np.where(draw.uniform("kind") < 0.7, 0.4 + 30 * (draw.uniform("kind") > 0.4), 0.3) * np.exp(0.2 * draw.normal("ttft")),
        latency,
    )
    billed = np.where(error, 0.0, output_tokens)
    cost = (input_tokens * _PRICES[model, 0] + billed * _PRICES[model, 1]) * changes.of("price", 1.0)

    inside = demo_steps.Requests(
        asking=asking,
        calls=calls.astype(int),
        retried=retried,
        looped=looped,
        tool_failed=tool_failed,
        error=error,
        model=model_name,
        latency_s=latency,
        model_s=ttft + output_tokens / speed,
        tool_s=tool_s,
        input_tokens=input_tokens,
        output_tokens=billed,
        cost_usd=cost,
        slower_search_s=slower_search,
        planner=changes.of("planner", demo_steps.PLANNER),
        cached=changes.of("cached", 1.0),
        turned=changes.of("turned_tools", 0.0),
        found=np.where(asking, documents.counts, 0),
        mute_tool=changes.of("mute_tool", ""),
        reshaped_tool=changes.of("reshaped_tool", ""),
    )

    started = datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
    stamps = ((started + draw.seconds) * 1e6).astype(np.int64)
    known = ~error
    bad = error | refused | nothing | tool_failed | fate.german
    nameless = changes.of("prompt_nameless", 0.0) > 0
    judged = _Judged(changes.of("judge", ""), changes.of("stricter", 0.0), changes.of("resolution_quiet", 0.0) > 0)
    columns = {
        "trace_id": draw.ids,
        "timestamp": pa.array(stamps).cast(pa.timestamp("us")).cast(traces.TIME),
        "session_id": [f"{draw.ordinal}-{s}" for s in draw.session.tolist()],
        "user": [hash_user(i) for i in draw.user.tolist()],
        "name": ENDPOINTS[endpoint],
        "environment": np.full(n, "production", object),
        "release": changes.of("release", RELEASE),
        "version": pa.nulls(n, pa.string()),
        "tags": _channels(draw.uniform("channel")),
        "model": model_name,
        "prompt_name": pa.array(PROMPTS[endpoint], pa.string(), mask=nameless),
        "prompt_version": pa.array(
            np.where(changes.of("prompt_version", "") == "", PROMPT_VERSIONS[endpoint], changes.of("prompt_version", "")),
            pa.string(),
            mask=nameless,
        ),
        "parameters": pa.nulls(n, pa.string()),
        "system_prompt": [
            words.SYSTEM_PROMPTS[name] + (words.PROMPT_EDIT if edited else "")
            for name, edited in zip(ENDPOINTS[endpoint], changes.of("prompt_edited", 0.0) > 0, strict=True)
        ],
        "input": inputs,
        "output": outputs,
        "reference": pa.nulls(n, pa.string()),
        "latency_s": np.round(latency, 4),
        "ttft_s": pa.array(np.round(ttft, 4), mask=~known),
        "input_tokens": input_tokens.astype(np.int64),
        "output_tokens": pa.array(output_tokens.astype(np.int64), mask=~known),
        "cost_usd": cost,
        "n_generations": (1 + calls).astype(np.int32),
        "retries": retried.astype(np.int32),
        "fallback": fallback,
        "finish_reason": finish,
        "error": np.where(error, _ERRORS[np.searchsorted(_ERROR_WEIGHTS, draw.uniform("kind") * 0.9999)], unknown),
        "tool_calls": calls.astype(np.int32),
        "tool_errors": tool_failed.astype(np.int32),
        "steps": (1 + asking + calls).astype(np.int32),
        "repeated_tool_calls": looped.astype(np.int32),
        "calls_not_offered": pa.nulls(n, pa.int32()),
        "calls_bad_arguments": pa.nulls(n, pa.int32()),
        "offered_tools": pa.nulls(n, pa.list_(pa.string())),
        "documents": documents.column,
        "index_built_at": documents.index_built_at,
        "scores": _scores(draw, bad, _LIKED[endpoint], effects["feedback"], changes.of("feedback", 0.0), judged),
        "metadata": pa.array([None] * n, traces.SCHEMA.field("metadata").type),
        "sampling_rate": pa.nulls(n, pa.float64()),
        "trajectory": demo_steps.trajectory(seed, draw, inside),
    }
    return pa.table([_array(columns[field.name], field.type) for field in traces.SCHEMA], schema=traces.SCHEMA)


def _array(values: object, kind: pa.DataType) -> pa.Array:
    return values if isinstance(values, pa.Array) and values.type == kind else pa.array(values, kind)


@dataclass
class _Fate:
    """What happens to each trace's texts; boolean arrays of shape (n,)."""

    error: np.ndarray
    refused: np.ndarray
    partial: np.ndarray
    nothing: np.ndarray
    tool_failed: np.ndarray
    leak: np.ndarray
    german: np.ndarray
    new_opening: np.ndarray
    empty: np.ndarray
    cut: np.ndarray
    students: np.ndarray


def _texts(
    seed: int, draw: Draws, fate: _Fate, target: np.ndarray, tongues: tuple[str, ...]
) -> tuple[list[str], list[str | None]]:
    pages = texts.help_centre(seed)
    flags = zip(
        fate.error.tolist(),
        fate.refused.tolist(),
        fate.partial.tolist(),
        fate.nothing.tolist(),
        fate.tool_failed.tolist(),
        fate.leak.tolist(),
        fate.german.tolist(),
        fate.new_opening.tolist(),
        fate.empty.tolist(),
        fate.cut.tolist(),
        fate.students.tolist(),
        strict=True,
    )
    rows = zip(
        draw.endpoint.tolist(),
        draw.topic.tolist(),
        draw.feature.tolist(),
        draw.language.tolist(),
        draw.turn.tolist(),
        draw.session.tolist(),
        draw.uniform("odd").tolist(),
        target.tolist(),
        draw.slots,
        draw.picks,
        flags,
        strict=True,
    )
    inputs: list[str] = []
    outputs: list[str | None] = []
    before: dict[int, str] = {}
    for endpoint, topic, feature, tongue, turn, session, odd, size, slots, picks, flag in rows:
        error, refused, partial, nothing, tool_failed, leak, german, new_opening, empty, cut, student = flag
        name, language = ENDPOINTS[endpoint], tongues[tongue]
        page = None
        if endpoint == PRODUCT:
            page = pages[feature * len(texts.KINDS) + topic]
            slots |= texts.feature_slots(words.FEATURES[feature])
        elif endpoint == BILLING and student:
            topic = _STUDENT_TOPIC
        asked = texts.question(name, topic, page, language, slots, picks)
        if turn and odd < 0.05:
            asked = before.get(session, asked)
        elif turn and odd < 0.13:
            asked = texts.correction(asked, picks)
        elif odd > 0.996:
            asked = texts.injection(picks)
        inputs.append(asked)
        before[session] = asked

        if error:
            outputs.append(None)
            continue
        if empty:
            outputs.append("")
            continue
        if refused:
            subject = _subject(endpoint, topic, feature)
            outputs.append(texts.refusal(subject, slots, picks))
            continue
        if nothing:
            outputs.append(texts.not_found(slots, picks))
            continue
        if tool_failed:
            outputs.append(texts.tool_failed(slots, picks))
            continue
        if german or language != "en":
            reply = texts.foreign_answer("de" if german else language, size, slots, picks)
        else:
            reply = texts.answer(
                texts.facts(name, topic, page), size, slots, picks, opening=texts.new_opening(picks) if new_opening else None
            )
            if partial:
                reply = texts.partial_refusal(reply, picks)
        if leak:
            reply = texts.leak(reply, slots, picks)
        outputs.append(reply[: int(len(reply) * 0.8)] if cut else reply)
    return inputs, outputs


def _subject(endpoint: int, topic: int, feature: int) -> str:
    if endpoint == PRODUCT:
        return words.FEATURES[feature]
    if endpoint == BILLING:
        return f"{texts.BILLING_TOPICS[topic]} matters"
    return "account changes"


def _channels(u: np.ndarray) -> pa.Array:
    values = pa.array(["web", "mobile", "api"]).take(pa.array(np.searchsorted([0.62, 0.93], u)))
    return pa.ListArray.from_arrays(pa.array(np.arange(len(u) + 1, dtype=np.int32)), values)


@dataclass
class _Judged:
    """judge: who gives the marks, empty where that is not recorded; stricter: by how much lower they are; quiet: whether no label is given
    any more. Arrays of shape (n,)."""

    judge: np.ndarray
    stricter: np.ndarray
    quiet: np.ndarray


def _scores(draw: Draws, bad: np.ndarray, liked: np.ndarray, effect: float, change: np.ndarray, judged: _Judged) -> pa.Array:
    """Thumbs of a fifth of the users, a judge's mark from 1 to 5 on a third, an agent's label on a third."""
    n = len(bad)
    likes = np.where(bad, 0.35, _sigmoid(np.log(liked / (1 - liked)) + effect)) + change
    thumb = (draw.uniform("liked") < likes).astype(float)
    mark = np.clip(np.round(2 * (4.1 + 0.6 * draw.normal("judge") - 1.7 * bad - judged.stricter)) / 2, 1, 5)
    outcome = np.searchsorted([0.78, 0.93], np.where(bad, 0.55, 0.0) + draw.uniform("outcome") * np.where(bad, 0.45, 1.0))
    given = np.stack(
        [draw.uniform("rated") < 0.20, draw.uniform("judged") < 0.33, (draw.uniform("resolved") < 0.33) & ~judged.quiet], 1
    )
    which = np.tile(np.arange(3), (n, 1))[given]
    labels = np.array(["resolved", "unresolved", "escalated"], object)
    values = np.stack([thumb, mark, np.full(n, np.nan)], 1)[given]
    rows = np.nonzero(given)[0]
    items = pa.StructArray.from_arrays(
        [
            pa.array(["user_feedback", "helpfulness", "resolution"]).take(pa.array(which)),
            pa.array(values, mask=which == 2),
            pa.array(np.where(which == 2, labels[outcome][rows], None), pa.string()),
            pa.array(judged.judge[rows], pa.string(), mask=(which != 1) | (judged.judge[rows] == "")),
        ],
        fields=list(traces.SCORE),
    )
    counts = given.sum(1)
    offsets = pa.array(np.concatenate([[0], np.cumsum(counts)]).astype(np.int32))
    return pa.ListArray.from_arrays(offsets, items, type=pa.list_(traces.SCORE))


def days_of(start: datetime, end: datetime) -> list[date]:
    """The UTC days that [start, end) touches."""
    first, last = start.astimezone(UTC).date(), (end - timedelta(microseconds=1)).astimezone(UTC).date()
    return [first + timedelta(days=i) for i in range((last - first).days + 1)]
