"""From a server that lists spans by their start to whole traces, in the order of time and in flat memory.

Complete or failed: what was pulled is held against the server's own count, taken before the pull.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Protocol

from drift.errors import StoreError
from drift.stores.assembly import Assembly
from drift.stores.http import in_order
from drift.stores.spans import Span

HOUR = timedelta(hours=1)
# spans of one slice: what a handful of slices at once hold is what a pull needs in memory
SLICE_ROWS = 6_000
# so few open traces are finished one by one rather than by reading on for all
_FEW = 100


@dataclass
class Slice:
    """The spans that start in [start, end), how many rows they were before versions were collapsed, and how many of those
    the server may have passed over: of two versions on either side of a page's edge it shows one."""

    start: datetime
    end: datetime
    spans: list[Span] = field(default_factory=list)
    rows: int = 0
    passed_over: int = 0


class SpanSource(Protocol):
    """A server's spans. Windows are half-open and in UTC."""

    name: str

    def expected(self, start: datetime, end: datetime) -> dict[datetime, int] | None:
        """Spans the server counts, by full hour; None where it does not say."""

    def slice(self, start: datetime, end: datetime) -> Slice: ...

    def begun(self, start: datetime, end: datetime) -> set[str]:
        """Ids of the traces with a span that starts in [start, end)."""

    def rest(self, trace_id: str, start: datetime) -> list[Span]:
        """The spans of one trace that start at or after `start`."""


def whole_traces(
    source: SpanSource, start: datetime, end: datetime, *, linger: timedelta, lead: timedelta = HOUR
) -> Iterator[list[Span]]:
    """The spans of every trace that began in [start, end), a trace at a time.

    A trace seen within `lead` before the window began there. Raises StoreError where the server gives less than it counts.
    """
    # counted first: spans that arrive meanwhile can only be more
    counts = source.expected(start, end)
    assembly = Assembly(start, end, linger, _begun_before(source, start, lead))
    pulled = 0
    for part in slices(source, start, end, counts):
        pulled += part.rows + part.passed_over
        assembly.add(part.spans)
        part.spans = []
        yield from assembly.closed(part.end)
    expected = sum(counts.values()) if counts else 0
    if pulled < expected - tolerated(expected):
        raise StoreError(
            f"{source.name} counts {expected} observations from {start:%Y-%m-%d %H:%M} to "
            f"{end:%Y-%m-%d %H:%M} UTC and gave {pulled}; run again",
            retryable=True,
        )
    _finish(assembly, source, end, linger)
    yield from assembly.closed()


def slices(source: SpanSource, start: datetime, end: datetime, counts: dict[datetime, int] | None) -> Iterator[Slice]:
    """The window's slices in the order of time, several asked for at once."""
    return in_order(partial(source.slice, a, b) for a, b in plan(start, end, counts))


def plan(start: datetime, end: datetime, counts: dict[datetime, int] | None) -> list[tuple[datetime, datetime]]:
    """[start, end) cut at full hours, an hour of more than `SLICE_ROWS` rows into equal parts, quiet hours joined."""
    out: list[tuple[datetime, datetime]] = []
    weight = 0
    at = start
    while at < end:
        top = at.replace(minute=0, second=0, microsecond=0)
        until = min(top + HOUR, end)
        rows = (counts or {}).get(top, 0)
        if counts is not None and out and weight + rows <= SLICE_ROWS / 2:
            out[-1] = (out[-1][0], until)
            weight += rows
        else:
            parts = max(1, math.ceil(rows / SLICE_ROWS))
            edges = [floor_ms(at + (until - at) * n / parts) for n in range(parts)] + [until]
            out += [(a, b) for a, b in zip(edges, edges[1:], strict=False) if a < b]
            weight = rows // parts
        at = until
    return out


def split(start: datetime, end: datetime, parts: int) -> list[tuple[datetime, datetime]]:
    """[start, end) in at most so many equal parts, none shorter than an hour but for the only one."""
    parts = max(1, min(parts, int((end - start) / HOUR)))
    edges = [floor_ms(start + (end - start) * n / parts) for n in range(parts)] + [end]
    return list(zip(edges, edges[1:], strict=False))


def floor_ms(moment: datetime) -> datetime:
    """In UTC and full milliseconds, as the servers' times are: with finer edges a row could fall between two windows."""
    utc = moment.astimezone(UTC)
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


def iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def tolerated(total: int) -> int:
    """A store's count may be a little off (rows deleted meanwhile); a lost page is far more than this."""
    return total // 1000


def _begun_before(source: SpanSource, start: datetime, lead: timedelta) -> set[str]:
    parts = in_order(partial(source.begun, a, b) for a, b in plan(start - lead, start, None))
    return {trace_id for part in parts for trace_id in part}


def _finish(assembly: Assembly, source: SpanSource, end: datetime, linger: timedelta) -> None:
    """Reads on after the window's end until the traces begun inside are complete."""
    frontier = end
    now = datetime.now(UTC)
    assembly.settle(frontier)
    while assembly.still_open and frontier < now:
        if frontier > end and len(assembly.still_open) <= _FEW:
            for spans in in_order(partial(source.rest, trace_id, frontier) for trace_id in list(assembly.still_open)):
                assembly.add(spans)
            return
        until = frontier + linger
        for part in slices(source, frontier, until, None):
            assembly.add(part.spans)
        frontier = until
        assembly.settle(frontier)
