"""The calls of a trace that somebody is billed for: each once, innermost, with its own model and tokens.

Several instrumentations see one call, and frameworks repeat on an agent's span the sum of its calls. Two spans are one call
where one is inside the other with no tool between, or where they are beside each other, one's time inside the other's, nothing
they say contradicts, and they are named by different instrumentations. Two calls that run in parallel stay two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter

from drift.stores import messages
from drift.stores.span import EMBEDDING, GENERATION, HTTP, TOOL, Span
from drift.stores.usage import Usage

_SEVERAL = attrgetter("several")
# clocks of two instrumentations in one process
_SLACK = timedelta(milliseconds=5)
# what one instrumentation may add around another's span of the same call where nothing but their names tells them apart
_OVERHEAD = timedelta(milliseconds=250)


@dataclass(slots=True)
class Call:
    """One call of a model: the span closest to the wire, then the others that saw the same call, innermost first."""

    spans: list[Span]
    # where spans around several calls know what the calls themselves do not
    covered: bool = False
    # a tool ran within it, so that it was called again
    hides_calls: bool = False
    summed: Usage | None = None

    @property
    def span(self) -> Span:
        return self.spans[0]

    @property
    def several(self) -> bool:
        """Whether more calls were made than this one, of which nothing is told."""
        return self.hides_calls or any(map(_SEVERAL, self.spans))

    @property
    def is_generation(self) -> bool:
        return self.span.kind == GENERATION

    @property
    def start(self) -> datetime:
        return self.span.start

    @property
    def parent(self) -> str | None:
        """What all of the call is below."""
        return self.spans[-1].parent

    @property
    def usage(self) -> Usage | None:
        if self.summed is not None:
            return self.summed
        for span in self.spans:
            if span.usage is not None and span.usage.known:
                return span.usage
        return None

    @property
    def cost_usd(self) -> float | None:
        for span in self.spans:
            if span.cost_usd is not None and span.cost_usd >= 0:
                return span.cost_usd
        return None

    @property
    def model(self) -> str | None:
        return self.first("model")

    @property
    def asked_model(self) -> str | None:
        return self.first("asked_model") or self.model

    @property
    def provider(self) -> str | None:
        return self.first("provider")

    @property
    def tier(self) -> str | None:
        return self.first("tier")

    @property
    def failed(self) -> bool:
        """A framework's span may fail around a call that went well, and never says that one went well that did not."""
        return self.span.failed

    @property
    def failure(self) -> str | None:
        return " ".join(dict.fromkeys(s.failure for s in self.spans if s.failed and s.failure)) or None

    @property
    def answer(self) -> str | None:
        return None if self.failed else next((t for s in self.spans if (t := messages.answer(s.output)) is not None), None)

    @property
    def question(self) -> str | None:
        return next((t for s in self.spans if (t := messages.question(s.input)) is not None), None)

    @property
    def billed(self) -> bool:
        """Whether the call came to an answer, as far as is known; a store's estimate for one that failed is no bill."""
        return not self.covered and not (self.failed and all(s.output is None for s in self.spans))

    def first(self, name: str):
        for span in self.spans:
            if (value := getattr(span, name)) not in (None, ""):
                return value
        return None


def calls(ordered: Sequence[Span]) -> tuple[list[Call], list[Call]]:
    """(model calls, other billed spans) of a trace's spans in the order of their starts.

    Other are embeddings and spans of no model call that state tokens or a cost which no call below or within them explains.
    """
    above = {s.id: s for s in ordered}
    generations = _distinct([s for s in ordered if s.kind == GENERATION], above)
    _find_hidden(generations, ordered, above)
    embeddings = _distinct([s for s in ordered if s.kind == EMBEDDING], above)
    rest = [
        Call([s])
        for s in ordered
        if s.kind not in (GENERATION, EMBEDDING, HTTP) and (s.cost_usd is not None or s.usage is not None)
    ]
    if rest:
        stated = [c.span for c in generations + embeddings if c.usage is not None or c.cost_usd is not None]
        stated += [c.span for c in rest]
        rest = [c for c in rest if not any(_explains(s, c.span, above) for s in stated)]
    return generations, embeddings + rest


def _find_hidden(generations: Sequence[Call], ordered: Sequence[Span], above: dict[str, Span]) -> None:
    """A tool within a call that answers in text ran between two calls, of which the span tells the last."""
    of = {s.id: c for c in generations for s in c.spans}
    for tool in [s for s in ordered if s.kind == TOOL] if of else []:
        outer, _ = _nearest(tool, GENERATION, above)
        call = of.get(outer.id) if outer is not None else None
        if call is not None and not any(messages.tool_calls(s.output) for s in call.spans):
            call.hides_calls = True


def tokens(given: Sequence[Call], side: str) -> float | None:
    """The sum of `input` or `output` over the billed calls; None where none says it, or one that answered does not."""
    total = None
    for call in given:
        if not call.billed:
            continue
        if call.several:
            return None
        usage = call.usage
        known = getattr(usage, side) if usage is not None else None
        if known is None:
            if usage is not None or any(s.output is not None for s in call.spans):
                return None
            continue
        total = known + (total or 0)
    return total


def retries(given: Sequence[Call], ordered: Sequence[Span]) -> tuple[int, list[tuple[Call, Call]]]:
    """How many attempts were tried again: failed calls with a later one in their place, and failed requests below one call.

    Also those failed calls, each with the one that took its place: beside it, or beside what failed with it, for the same question
    or in a span of the same name.
    """
    again: list[tuple[Call, Call]] = []
    if not any(c.failed or s.resent for c in given for s in c.spans) and not any(s.kind == HTTP for s in ordered):
        return 0, again
    above = {s.id: s for s in ordered}
    for n, call in enumerate(given):
        if call.failed and (later := [t for t in given[n + 1 :] if t.start >= call.start and _in_place_of(t, call, above)]):
            again.append((call, next((t for t in later if not t.failed), later[-1])))
    requests = [s for s in ordered if s.kind == HTTP and s.status is not None]
    below = 0
    for call in given:
        mine = {s.id for s in call.spans}
        attempts = [r for r in requests if _below(r, mine, above)]
        failed = sum(r.status >= 400 for r in attempts[:-1] if r.status is not None)
        below += max(failed, *(s.resent for s in call.spans), *(r.resent for r in attempts))
    return len(again) + below, again


def _in_place_of(later: Call, failed: Call, above: dict[str, Span]) -> bool:
    if later.parent == failed.parent:
        return True
    # what failed with the call, up to the span that went on
    broken = failed.spans[-1]
    while (outer := above.get(broken.parent or "")) is not None and outer.failed and outer is not broken:
        broken = outer
    if broken.parent is None:
        return False
    beside = later.spans[-1]
    while beside.parent != broken.parent:
        outer = above.get(beside.parent or "")
        if outer is None or outer is beside:
            return False
        beside = outer
    return beside.name == broken.name or (later.question is not None and later.question == failed.question)


def _distinct(spans: list[Span], above: dict[str, Span]) -> list[Call]:
    """Spans of one kind as calls, each call once."""
    if len(spans) < 2:
        return [Call([s]) for s in spans]
    inside: dict[str, list[Span]] = {}
    behind_tools: dict[str, list[Span]] = {}
    for span in spans:
        outer, tool = _nearest(span, spans[0].kind, above)
        if outer is not None:
            (behind_tools if tool else inside).setdefault(outer.id, []).append(span)
    for outer_id, inner in behind_tools.items():
        # an agent's span that repeats the sum of its calls, some of them its tools'
        if outer_id not in inside and _is_sum(above[outer_id].usage, [s.usage for s in inner]):
            inside[outer_id] = inner
    merged = _beside([Call([s]) for s in spans if s.id not in inside])
    of = {s.id: call for call in merged for s in call.spans}
    # from the inside out: what is around one call is that call too, what is around several repeats them
    for span in sorted((s for s in spans if s.id in inside), key=lambda s: _depth(s, above), reverse=True):
        around = list({id(c): c for s in _leaves(span, inside) if (c := of.get(s.id)) is not None}.values())
        going = [c for c in around if not c.failed] or around[-1:]
        if len(around) == 1:
            around[0].spans.append(span)
        elif len(going) == 1 and len(around) > 1:
            # attempts of one call: what the outer span says is said of the last
            if going[0].usage is None and span.usage is not None:
                going[0].summed = span.usage
        elif span.usage is not None and span.usage.known and all(c.usage is None for c in going):
            for call in going[:-1]:
                call.covered = True
            going[-1].summed = span.usage
    return sorted(merged, key=lambda c: (c.start, c.span.id))


def _beside(given: list[Call]) -> list[Call]:
    """Calls that two instrumentations saw side by side as one; the shorter span is the one closer to the wire."""
    out: list[Call] = []
    for call in sorted(given, key=lambda c: (c.start, c.span.id)):
        twins = [o for o in out if all(_same(call.span, s) for s in o.spans)]
        if not twins:
            out.append(call)
            continue
        twin = min(twins, key=lambda o: abs(o.start - call.start))
        twin.spans = sorted([*twin.spans, *call.spans], key=lambda s: ((s.end or s.start) - s.start, s.id))
    return out


def _same(a: Span, b: Span) -> bool:
    """Whether two spans of which none is inside the other are one call."""
    if a.response_id and b.response_id:
        return a.response_id == b.response_id
    if a.continues != b.continues and a.scope == b.scope:
        begun, log = (b, a) if a.continues else (a, b)
        return (
            begun.output is None
            and begun.usage is None
            and begun.start <= log.start + _SLACK
            and begun.asked_model == log.asked_model
            and begun.input == log.input
        )
    if (a.scope, a.name) == (b.scope, b.name):
        return False
    if a.end is None or b.end is None:
        return False
    if _handed_on(*sorted((a, b), key=lambda s: s.start)):
        return True
    (begin, end), (first, last) = sorted(((a.start, a.end), (b.start, b.end)), key=lambda span: span[0] - span[1])
    if first < begin - _SLACK or last > end + _SLACK:
        return False
    if not (a.scope and b.scope and a.scope != b.scope) and max(first - begin, end - last) > _OVERHEAD:
        return False
    if a.failed != b.failed:
        return False
    counted = _counts_agree(a.usage, b.usage)
    if counted is False:
        return False
    said = messages.answer(a.output), messages.answer(b.output)
    asked = messages.question(a.input), messages.question(b.input)
    if (None not in said and said[0] != said[1]) or (None not in asked and asked[0] != asked[1]):
        return False
    if counted or (None not in said and said[0] != "") or (a.failed and None not in asked):
        return True
    # nothing to compare: two instrumentations that tell of one model at one time
    return bool(a.scope and b.scope and a.scope != b.scope) and _same_model(a, b)


def _handed_on(first: Span, second: Span) -> bool:
    """Whether a framework's span ended when it handed out the stream that the second one read to its end."""
    if (
        first.end is None
        or not (first.scope and second.scope and first.scope != second.scope)
        or (first.usage and second.usage)
    ):
        return False
    if not first.end - _SLACK <= second.start <= first.end + _SLACK * 10 or first.failed or second.failed:
        return False
    said = messages.answer(first.output)
    asked = messages.question(first.input)
    return (
        bool(said) and said == messages.answer(second.output) and asked is not None and asked == messages.question(second.input)
    )


def _same_model(a: Span, b: Span) -> bool:
    mine, other = a.asked_model or a.model or "", b.asked_model or b.model or ""
    return bool(mine and other) and (mine.startswith(other) or other.startswith(mine))


def _counts_agree(a: Usage | None, b: Usage | None) -> bool | None:
    """Whether two counts may be of one call (cached tokens inside or beside); None where that cannot be told."""
    if a is None or b is None:
        return None
    agree = None
    for mine, other, cached in (
        (a.input, b.input, (a.cache_read + a.cache_write, b.cache_read + b.cache_write)),
        (a.output, b.output, (0, 0)),
    ):
        if mine is None or other is None:
            continue
        if mine != other and mine - cached[0] != other and mine != other - cached[1]:
            return False
        agree = True
    return agree


def _nearest(span: Span, kind: str, above: dict[str, Span]) -> tuple[Span | None, bool]:
    """The nearest span of that kind around this one, and whether a tool's run is between them."""
    tool = False
    for _ in range(200):
        outer = above.get(span.parent or "")
        if outer is None or outer is span:
            return None, False
        if outer.kind == kind:
            return outer, tool
        tool = tool or outer.kind == TOOL
        span = outer
    return None, False


def _leaves(span: Span, inside: dict[str, list[Span]], depth: int = 50) -> list[Span]:
    out: list[Span] = []
    for inner in inside.get(span.id, ()):
        out += _leaves(inner, inside, depth - 1) if inner.id in inside and depth else [inner]
    return out


def _depth(span: Span, above: dict[str, Span]) -> int:
    n = 0
    while n < 200 and (outer := above.get(span.parent or "")) is not None:
        span, n = outer, n + 1
    return n


def _is_sum(whole: Usage | None, parts: list[Usage | None]) -> bool:
    if whole is None or any(p is None for p in parts):
        return False
    sums = [sum(getattr(p, side) or 0 for p in parts if p is not None) for side in ("input", "output")]
    return sums == [whole.input or 0, whole.output or 0]


def _below(span: Span, ids: set[str], above: dict[str, Span]) -> bool:
    for _ in range(200):
        if span.parent in ids:
            return True
        outer = above.get(span.parent or "")
        if outer is None or outer is span or outer.kind == GENERATION:
            return False
        span = outer
    return False


def _explains(call: Span, outer: Span, above: dict[str, Span]) -> bool:
    """Whether what the outer span states is said already by a call below it or within its time."""
    if call is outer:
        return False
    if _below_any(call, outer.id, above):
        return True
    if call.kind in (GENERATION, EMBEDDING) and outer.end is not None and call.end is not None:
        return outer.start - _SLACK <= call.start and call.end <= outer.end + _SLACK
    return False


def _below_any(span: Span, outer: str, above: dict[str, Span]) -> bool:
    for _ in range(200):
        if span.parent == outer:
            return True
        up = above.get(span.parent or "")
        if up is None or up is span:
            return False
        span = up
    return False
