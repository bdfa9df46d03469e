"""The tools of a trace: how often they were called, how often that failed, and how often the same call came again.

A tool is seen as a span, or only in what the model asked for and what came back in its next prompt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from drift.stores import offered, tool_shapes
from drift.stores.billed import Call
from drift.stores.messages import as_text, decode
from drift.stores.offered import Kept
from drift.stores.span import TOOL, Span
from drift.stores.tool_results import is_failure
from drift.stores.tool_shapes import Given
from drift.stores.turns import ANSWERS, ToolCall, ToolResult, turns_in

_ARGUMENTS = ("args", "arguments", "kwargs", "inputs", "input", "parameters", "tool_input", "input_str")
# what a framework writes beside the arguments, another for every run
_RUN = {
    "id",
    "tool_call_id",
    "call_id",
    "run_id",
    "metadata",
    "tags",
    "config",
    "callbacks",
    "kwargs",
    "type",
    "name",
    "tool_name",
    "color",
}


class Run(NamedTuple):
    """One run of a tool: its span where there is one, whether it failed, with which arguments (as text) and what it gave back, as far
    as is known; a failure is no result."""

    name: str
    span: Span | None
    failed: bool | None
    arguments: str | None
    result: Given | None = None


class ToolUse(NamedTuple):
    """None where the store could not have shown it."""

    calls: int | None
    errors: int | None
    repeated: int | None
    runs: Sequence[Run] = ()
    kept: Kept = Kept(None, None)


def of(ordered: Sequence[Span], generations: Sequence[Call]) -> ToolUse:
    """The tools of a trace's spans (in the order of their starts) and model calls."""
    asked, results, shown = _said(generations)
    used = _used(_once([s for s in ordered if s.kind == TOOL]), asked, results, shown)
    # only where the answers were shown it is known that nothing else was asked for
    return used._replace(kept=offered.of(generations, asked)) if shown else used


def _used(ran: list[list[Span]], asked: list[ToolCall], results: list[ToolResult], shown: bool) -> ToolUse:
    if ran:
        failed = [any(_failed(s) for s in seen) for seen in ran]
        told = {r.id for r in results if r.failed and r.id}
        failed = [f or any(s.call_id in told for s in seen if s.call_id) for f, seen in zip(failed, ran, strict=True)]
        anonymous = sum(r.failed for r in results)
        errors = max(sum(failed), min(anonymous, len(ran)))
        arguments = _all_arguments(ran, asked)
        back = {r.id: r.said for r in results if r.id and not r.failed}
        runs = [
            # of more failures than runs that show one it is not known which they are
            Run(
                seen[0].name or "", seen[0], f if f or errors == sum(failed) else None, given, None if f else _given(seen, back)
            )
            for seen, f, given in zip(ran, failed, arguments, strict=True)
        ]
        return ToolUse(len(ran), errors, _repeated(runs), runs)
    if asked:
        # a plain text that came back has no place to say that it is an exception's
        known = bool(results) and all(r.flagged for r in results)
        failures = len({r.id or n for n, r in enumerate(results) if r.failed})
        outcomes = {r.id: r.failed for r in results if r.id and (r.flagged or r.failed)}
        back = {r.id: tool_shapes.of(r.said) for r in results if r.id and not r.failed and r.said is not None}
        runs = [Run(c.name, None, outcomes.get(c.id or ""), _key(c.arguments), back.get(c.id or "")) for c in asked]
        repeated = len(runs) - len({(run.name, run.arguments) for run in runs})
        return ToolUse(len(asked), failures if known else None, repeated, runs)
    return ToolUse(0, 0, 0) if shown else ToolUse(None, None, None)


def _given(seen: Sequence[Span], back: Mapping[str, Any]) -> Given | None:
    """What a run gave back, by its own spans or else by the model's next prompt."""
    said = next((s.output for s in seen if s.output is not None), None)
    if said is None:
        said = next((back[s.call_id] for s in seen if s.call_id and s.call_id in back), None)
    return None if said is None else tool_shapes.of(said)


def _all_arguments(ran: Sequence[Sequence[Span]], asked: Sequence[ToolCall]) -> list[str | None]:
    """Each run's arguments; those that the model asked for where a run does not show its own."""
    shown = [_arguments(seen) for seen in ran]
    return [_key(c.arguments) for c in asked] if None in shown and len(asked) == len(ran) else shown


def _repeated(runs: Sequence[Run]) -> int | None:
    """How many runs were of a tool that ran before with the same arguments; None where they are not shown."""
    if len(runs) > 1 and any(run.arguments is None for run in runs):
        return None
    return len(runs) - len({(run.name, run.arguments) for run in runs})


def _said(generations: Sequence[Call]) -> tuple[list[ToolCall], list[ToolResult], bool]:
    """(tools that were asked for, results that came back, whether the answers were shown at all)."""
    asked: list[ToolCall] = []
    results: dict[Any, ToolResult] = {}
    ids: set[str] = set()
    shown = bool(generations)
    for call in generations:
        seen = False
        for span in call.spans:
            found = turns_in(span.output)
            if span.several and span.request is not None:
                found = [*(turns_in(span.request) or ()), *(found or ())]
            for tool in (t for turn in found or () for t in turn.calls):
                if seen or tool.name in ANSWERS or (tool.id and tool.id in ids):
                    continue
                asked.append(tool)
            ids.update(t.id for turn in found or () for t in turn.calls if t.id)
            seen = seen or found is not None
            for turn in (t for said in (span.input, span.request) if said for t in turns_in(said) or ()):
                for result in turn.results:
                    key = result.id or ("", len(results))
                    before = results.get(key, result)
                    results[key] = ToolResult(
                        result.id, before.failed or result.failed, before.flagged or result.flagged, before.said or result.said
                    )
        if call.several and not any(s.request for s in call.spans):
            shown = False
        shown = shown and (
            seen
            or call.failed
            or call.answer is not None
            or call.first("finish_reason") not in (None, "tool_calls", "tool_use")
        )
    # a conversation's earlier turns bring the results of other traces
    mine = [r for r in results.values() if r.id is None or not ids or r.id in ids]
    return asked, mine, shown


def _once(spans: list[Span]) -> list[list[Span]]:
    """The spans of each tool's run: one inside another of the same tool, or beside it within its time, is the same run."""
    out: list[list[Span]] = []
    by_id: dict[str, list[Span]] = {}
    for span in spans:
        twin = by_id.get(span.parent or "")
        if twin is None or not _alike(twin[0], span):
            twin = next((seen for seen in out if all(_twins(s, span) for s in seen)), None)
        if twin is None:
            out.append(twin := [])
        twin.append(span)
        by_id[span.id] = twin
    return out


def _alike(a: Span, b: Span) -> bool:
    if a.call_id and b.call_id:
        return a.call_id == b.call_id
    return _short(a.name) == _short(b.name)


def _twins(a: Span, b: Span) -> bool:
    if a.call_id and a.call_id == b.call_id:
        return True
    if (a.scope, a.name) == (b.scope, b.name) or a.scope == b.scope or not _alike(a, b) or a.end is None or b.end is None:
        return False
    (begin, end), (first, last) = sorted(((a.start, a.end), (b.start, b.end)), key=lambda span: span[0] - span[1])
    mine, other = _arguments([a]), _arguments([b])
    return begin <= first and last <= end and (mine is None or other is None or mine == other)


def _short(name: str | None) -> str:
    """`execute_tool lookup`, `lookup.tool`, `tools/call lookup` are lookup."""
    return (name or "").removesuffix(".tool").rpartition(" ")[2].removeprefix("tool.").lower()


def _failed(span: Span) -> bool:
    return span.failed or (span.status or 0) >= 400 or is_failure(decode(span.output))


def _arguments(seen: Sequence[Span]) -> str | None:
    return next((k for s in seen if (k := _key(s.input)) is not None), None)


def _key(given: Any, depth: int = 4) -> str | None:
    """Arguments as one text whichever wrapper they stand in; None where there are none. A schema is no arguments."""
    given = decode(given)
    if isinstance(given, dict):
        if set(given) == {"args", "kwargs"}:
            return as_text([given["args"], given["kwargs"]])
        if depth and set(given) & _RUN:
            for name in _ARGUMENTS:
                if given.get(name) not in (None, "") and not (name == "kwargs" and len(given) > 2):
                    return _key(given[name], depth - 1)
    if given is None or given == "" or _is_schema(given):
        return None
    return as_text(given)


def _is_schema(given: Any) -> bool:
    return isinstance(given, dict) and (
        isinstance(given.get("properties"), dict)
        or (bool(given) and all(isinstance(v, dict) and ("type" in v or "anyOf" in v) for v in given.values()))
    )
