"""What happens inside the demo store's requests: the search of product-qa, the planner and the tools of account-actions, the answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from drift import traces
from drift.stores.demo_draws import Draws
from drift.traces import EMPTY_RESULT, OK, StepKind

LOOK_UP = "find_account"
# what a request to account-actions is about decides which of these it needs
TOOLS = np.array(["read_invoices", "change_plan", "update_contact", "open_ticket"], object)
PLANNER = "gpt-4.1-mini"
_EMBEDDER = "text-embedding-3-small"
# of a search's time the embedding of the question; what no step explains of a request's
_EMBEDDING_SHARE, _OUTSIDE = 0.22, 0.02
# a planner says little; the share of a prompt that is the same every time, and how often it is still in the provider's cache
_PLAN_SHARE, _PREFIX, _CACHED = 0.12, 0.5, 0.75
# the share of runs with more than one thing to do
_SEVERAL = 0.35
_SEARCH_S, _FAILED_ATTEMPT_S = 0.18, 1.5
# what a tool gives back: the logarithm of its length and its spread; the share of runs with nothing in them
_RESULT, _RESULT_SPREAD, _NOTHING = 5.5, 0.4, 0.02


@dataclass
class Requests:
    """What is known of a day's requests; arrays of shape (n,)."""

    asking: np.ndarray
    calls: np.ndarray
    retried: np.ndarray
    looped: np.ndarray
    tool_failed: np.ndarray
    error: np.ndarray
    model: np.ndarray
    latency_s: np.ndarray
    # of all model calls of a request, and of one run of a tool
    model_s: np.ndarray
    tool_s: np.ndarray
    input_tokens: np.ndarray
    output_tokens: np.ndarray
    cost_usd: np.ndarray
    # the changes of an incident: seconds more of a search, the planner's model, the share of prompts found in the cache, of turned tools
    slower_search_s: np.ndarray
    planner: np.ndarray
    cached: np.ndarray
    turned: np.ndarray
    # documents that a search found; the tool that gives nothing back in half of its runs, and the one whose results have another field
    found: np.ndarray
    mute_tool: np.ndarray
    reshaped_tool: np.ndarray


def tool_of(draw: Draws) -> np.ndarray:
    """The tool that each request needs, were it one to account-actions; object, shape (n,)."""
    return TOOLS[draw.topic % len(TOOLS)]


def trajectory(seed: int, draw: Draws, given: Requests) -> pa.Array:
    """The steps of each request in order, as the trace table has them."""
    n = len(given.calls)
    own = np.random.default_rng([seed, draw.ordinal, 17])
    luck, noise = own.random((n, 3)), own.standard_normal((n, 2))
    before = 2 * given.asking.astype(int)
    count = before + 2 * given.calls + given.retried + 1
    row = np.repeat(np.arange(n), count)
    first = np.cumsum(count) - count
    position = np.arange(len(row)) - first[row]
    at = position - before[row]
    last = position == count[row] - 1
    embeds, searches = (at < 0) & (position == 0), (at < 0) & (position == 1)
    attempt = (at == 2 * given.calls[row]) & ~last
    tool = (at >= 0) & (at < 2 * given.calls[row]) & (at % 2 == 1)
    plan = (at >= 0) & (at < 2 * given.calls[row]) & (at % 2 == 0)
    model = plan | last

    # which tool: the account is looked up first where there is more than one thing to do, and a loop does the last again
    nth = at // 2
    distinct = given.calls - given.looped
    needed = tool_of(draw)[row]
    several = distinct > 1
    # so many of all runs, of which those with one tool have no order
    turned = several & (luck[:, 0] < given.turned / _SEVERAL)
    looks_up = several[row] & (nth == turned[row])
    tools = np.where(looks_up, LOOK_UP, needed)

    # time: of a request's model calls the answer takes what its plans leave
    weight = np.where(plan, _PLAN_SHARE, np.where(last, 1 - _PLAN_SHARE * given.calls[row], 0.0))
    search = _SEARCH_S * np.exp(0.15 * noise[:, 0])
    seconds = (
        weight * given.model_s[row]
        + np.where(tool, given.tool_s[row], 0.0)
        + np.where(attempt, _FAILED_ATTEMPT_S, 0.0)
        + np.where(embeds, _EMBEDDING_SHARE * search[row], 0.0)
        + np.where(searches, (1 - _EMBEDDING_SHARE) * search[row] + given.slower_search_s[row], 0.0)
    )
    inside = given.latency_s * (1 - _OUTSIDE * np.exp(0.3 * noise[:, 1]))
    seconds *= (inside / np.bincount(row, seconds, n))[row]
    start = np.cumsum(seconds) - seconds
    start += (given.latency_s - inside)[row] - start[first][row]

    tokens_in = np.floor(np.where(model, 1.0 / (1 + given.calls[row]), 0.0) * given.input_tokens[row])
    tokens_out = np.maximum(np.rint(weight * given.output_tokens[row]), 1)
    hit = luck[:, 1] < _CACHED * given.cached
    failed = (last & given.error[row]) | (tool & given.tool_failed[row] & (nth == given.calls[row] - 1)) | attempt
    served = np.where(plan, given.planner[row], np.where(embeds, _EMBEDDER, given.model[row]))
    names = np.select([embeds, searches, tool, plan], ["embed_question", "search_help_centre", tools, "plan"], "answer")
    kinds = np.select([embeds, searches, tool], [StepKind.EMBEDDING, StepKind.RETRIEVAL, StepKind.TOOL], StepKind.MODEL)
    arguments = np.char.add(
        np.char.add(draw.session[row].astype(str), "-"), np.where(given.looped[row], given.calls[row], nth).astype(str)
    )
    characters, shapes = _results(seed, draw, tools, given.mute_tool[row], given.reshaped_tool[row])
    no_result = ~tool | failed
    called, counted = model | attempt | embeds, model & ~(last & given.error[row])
    columns = {
        "position": pa.array(position.astype(np.int32)),
        "name": pa.array(names, pa.string()),
        "kind": pa.array(kinds.astype(object), pa.string()),
        "start_s": np.round(start, 4),
        "duration_s": np.round(seconds, 4),
        "asked_model": pa.array(served, pa.string(), mask=~called),
        "model": pa.array(served, pa.string(), mask=~called),
        "input_tokens": pa.array(tokens_in.astype(np.int64), mask=~counted),
        "cache_read_tokens": pa.array(np.where(hit[row], np.floor(_PREFIX * tokens_in), 0).astype(np.int64), mask=~counted),
        "cache_write_tokens": pa.array(np.zeros(len(row), np.int64), mask=~counted),
        "output_tokens": pa.array(tokens_out.astype(np.int64), mask=~counted),
        "reasoning_tokens": pa.nulls(len(row), pa.int64()),
        "cost_usd": pa.array(weight * given.cost_usd[row], mask=~counted),
        "outcome": pa.array(np.where(attempt | (last & given.error[row]), "5xx", np.where(failed, "other", OK)), pa.string()),
        "retry_of": pa.array((position - 1).astype(np.int32), mask=~(last & given.retried[row])),
        "arguments": pa.array(arguments.astype(object), pa.string(), mask=~tool),
        "result_characters": pa.array(characters, mask=no_result),
        "result_shape": pa.array(shapes, pa.string(), mask=no_result),
        "documents": pa.array(given.found[row].astype(np.int32), mask=~searches),
    }
    fields = list(traces.STEP)
    values = pa.StructArray.from_arrays([pa.array(columns[f.name], f.type) for f in fields], fields=fields)
    offsets = pa.array(np.concatenate([[0], np.cumsum(count)]).astype(np.int32))
    return pa.ListArray.from_arrays(offsets, values, type=pa.list_(traces.STEP))


def _results(
    seed: int, draw: Draws, tools: np.ndarray, mute: np.ndarray, reshaped: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Length and shape of what each step would give back, were it a run of its tool; (steps,)."""
    own = np.random.default_rng([seed, draw.ordinal, 18])
    luck, noise = own.random(len(tools)), own.standard_normal(len(tools))
    empty = luck < np.where(tools == mute, 0.5, _NOTHING)
    kinds = np.where(tools == reshaped, "list", "object").astype(object)
    return (
        np.where(empty, 0, np.exp(_RESULT + _RESULT_SPREAD * noise)).astype(np.int64),
        np.where(empty, EMPTY_RESULT, kinds + "@" + tools.astype(object)),
    )
