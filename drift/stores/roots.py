"""Where a trace begins for its user: its roots, and the question, the answer, the name and the time that they give it.

The root is the topmost span that is there and has texts; its parent may be a gateway's span that was never exported, or a web
framework's. Of several roots: the first question, the last answer, first start to last end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from drift.stores import messages
from drift.stores.billed import Call
from drift.stores.span import EMBEDDING, GENERATION, HTTP, JUDGES, RECORD, RERANKER, RETRIEVER, TOOL, Span
from drift.stores.templates import question_in

# steps on the way to an answer: their texts are not the user's
_STEPS = {TOOL, RETRIEVER, RERANKER, EMBEDDING, *JUDGES}


def roots(ordered: Sequence[Span]) -> list[Span]:
    """The roots of a trace's spans in the order of their starts, its record first; never empty."""
    present = {s.id for s in ordered}
    tops = [s for s in ordered if s.is_root or (s.parent and s.parent not in present)]
    tops = tops or [s for s in ordered if not s.parent] or [ordered[0]]
    if all(_has_texts(s) for s in tops):
        return _traffic(tops)
    below: dict[str, list[Span]] = {}
    for span in ordered:
        if span.parent in present and span not in tops:
            below.setdefault(span.parent or "", []).append(span)
    out: list[Span] = []
    for top in tops:
        out += _topmost(top, below, 0)
    return _traffic(out)


def question(given: Sequence[Span], ordered: Sequence[Span], generations: Sequence[Call]) -> str | None:
    """What the user asked: the first question of the roots, else of what is alone below them, else of the model's calls."""
    own = [s for s in given if s.kind not in _STEPS]
    for level in _levels(own, ordered):
        for span in level:
            if (found := messages.question(span.input)) is not None:
                return question_in(found) if span.kind == GENERATION else found
    asked = next((t for c in generations if (t := c.question) is not None), None)
    return (
        question_in(asked)
        if asked is not None
        else next((t for s in given if (t := messages.question(s.input)) is not None), None)
    )


def answer(given: Sequence[Span], ordered: Sequence[Span]) -> str | None:
    """The last answer of the roots, else of what is alone below them; None where only a model's call can tell."""
    own = [s for s in given if s.kind not in _STEPS]
    for level in _levels(own, ordered):
        empty = False
        for span in reversed(level):
            # a failed call's body is no answer; what an application gave its user all the same is one
            said = None if span.failed and span.kind == GENERATION else messages.answer(span.output)
            if said and not (span.failed and _is_its_failure(said, span)):
                return said
            empty = empty or said == ""
        if empty:
            return ""
    return None


def latency_s(given: Sequence[Span], ordered: Sequence[Span]) -> float | None:
    """From the first root's start to the last root's end; of a record without an end to its spans' last."""
    if len(given) == 1 and given[0].kind != RECORD:
        return given[0].duration_s
    record = next((s for s in given if s.kind == RECORD), None)
    if record is not None and record.end is not None:
        return record.duration_s
    ends = [s.end for s in given if s.end] or ([s.end for s in ordered if s.end] if record is not None else [])
    return (max(ends) - given[0].start).total_seconds() if ends else None


def _topmost(span: Span, below: dict[str, list[Span]], depth: int) -> list[Span]:
    """The span, or what has texts below it: below a web framework's whatever has, below another's one part that is the whole."""
    if _has_texts(span) or depth > 50:
        return [span]
    found = [s for inner in below.get(span.id, ()) for s in _topmost(inner, below, depth + 1)]
    with_texts = [s for s in found if _has_texts(s) and s.kind not in _STEPS]
    if span.kind == HTTP:
        return with_texts or [span]
    if len(with_texts) == 1 and len(found) == 1 and with_texts[0].kind != GENERATION:
        return with_texts
    return [span]


def _traffic(found: list[Span]) -> list[Span]:
    """Without the requests, events and calls beside the application's own spans: an instrumentation may not know what it is below."""
    found = sorted(found, key=lambda s: (s.kind != RECORD, s.start, s.id))
    found = [s for s in found if s.kind not in (HTTP, "event", *JUDGES)] or found
    if len(found) < 2:
        return found
    own = [s for s in found if s.kind not in (GENERATION, *_STEPS)]
    return [s for s in found if s in own or not any(_within(s, o) for o in own)]


def _levels(own: Sequence[Span], ordered: Sequence[Span]) -> Iterator[list[Span]]:
    """The roots, then what is alone below them, and so on down."""
    level = list(own)
    for _ in range(50):
        if not level:
            return
        yield level
        ids = {s.id for s in level}
        level = [s for s in ordered if s.parent in ids and s.id not in ids and s.kind not in (HTTP, "event", *_STEPS)]
        if len(level) != 1:
            return


def _has_texts(span: Span) -> bool:
    return span.kind == RECORD or (span.kind != HTTP and not (span.input in (None, "") and span.output in (None, "")))


def _within(span: Span, outer: Span) -> bool:
    return outer.end is not None and outer.start <= span.start and (span.end or span.start) <= outer.end


def _is_its_failure(text: str, span: Span) -> bool:
    return bool(text) and bool(span.failure) and (text in (span.failure or "") or (span.failure or "") in text)
