"""From spans in the order of time to whole traces, holding no more than the traces still open.

A trace is the chain of its spans in which none starts later than `linger` after all before it have ended. It belongs to the
window in which its first span starts. So a trace is the same row whichever window, shard or slice it is pulled in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from drift.stores.spans import Span

# no request of a user runs longer; an end further away is a broken clock
LONGEST = timedelta(hours=24)


@dataclass(slots=True)
class _Open:
    begin: datetime
    until: datetime
    spans: list[Span]


class Assembly:
    """Feed spans in slices of rising time with `add`; take the traces that are complete with `closed`."""

    def __init__(self, start: datetime, end: datetime, linger: timedelta, before: Iterable[str] = ()):
        self.start, self.end, self.linger = start, end, linger
        # traces that began earlier or were handed out: their stragglers are not traces of their own
        self._done: set[str] = set(before)
        self._open: dict[str, _Open] = {}
        self._ready: list[list[Span]] = []

    @property
    def still_open(self) -> dict[str, datetime]:
        """Ids of the traces not complete yet, with the time up to which a span may still belong to them."""
        return {trace_id: one.until for trace_id, one in self._open.items()}

    def add(self, spans: Iterable[Span]) -> None:
        for span in sorted(spans, key=lambda s: s.start):
            if span.trace_id in self._done:
                continue
            one = self._open.get(span.trace_id)
            if one is None:
                if self.start <= span.start < self.end:
                    self._open[span.trace_id] = _Open(span.start, self._until(span, span.start), [span])
                elif span.start < self.start:
                    self._done.add(span.trace_id)
            elif span.start <= one.until:
                one.spans.append(span)
                one.until = max(one.until, self._until(span, one.begin))
            else:
                self._close(span.trace_id)

    def closed(self, frontier: datetime | None = None) -> Iterator[list[Span]]:
        """Traces that are complete once every span before `frontier` has been added (None: there are no more)."""
        self.settle(frontier)
        ready, self._ready = self._ready, []
        yield from ready

    def settle(self, frontier: datetime | None) -> None:
        """Sets the traces aside that `closed` would hand out."""
        for trace_id in [t for t, one in self._open.items() if frontier is None or one.until < frontier]:
            self._close(trace_id)

    def _close(self, trace_id: str) -> None:
        self._ready.append(self._open.pop(trace_id).spans)
        self._done.add(trace_id)

    def _until(self, span: Span, begin: datetime) -> datetime:
        return min(max(span.start, span.end or span.start) + self.linger, begin + LONGEST)
