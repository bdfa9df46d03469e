"""Whole sessions under the judge, once they are over: a share of them, chosen by the hash of the session's id.

A session is judged where all of it lies in what the task pulled: its first trace half an hour after the beginning and its last half an hour
before the end, for a talk goes on over midnight, and over the border of a shard, too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pyarrow as pa

from drift.config.sections import JudgeSection
from drift.judge import sampling
from drift.judge.rubrics import CONVERSATION, MOST_CHARACTERS, Rubric

# a session in which nothing was said for so long is over
IDLE = timedelta(minutes=30)

_Turn = tuple[datetime, str, str, str | None, str | None]


@dataclass
class Conversations:
    """The turns of those sessions that are judged, in memory. rubrics: what is asked of them, none where no session is judged. window: from
    where to where the task has all traces; None: it has all there are."""

    section: JudgeSection
    rubrics: Sequence[Rubric]
    window: tuple[datetime, datetime] | None = None
    _turns: dict[str, list[_Turn]] = field(default_factory=lambda: defaultdict(list))

    def collect(self, traces: pa.Table) -> None:
        """Keep the turns of a batch that belong to a judged session."""
        if not self.rubrics:
            return
        rows = traces.select(["session_id", "timestamp", "trace_id", "name", "input", "output"]).to_pylist()
        for row in rows:
            session = row["session_id"]
            if session and row["timestamp"] and sampling.chance(session) < self.section.share:
                self._turns[session].append((row["timestamp"], row["trace_id"], row["name"] or "", row["input"], row["output"]))

    def over(self) -> dict[str, dict[str, str]]:
        """By the last trace of each session that is over, the fields that its rubrics ask about; in the order of the sessions' hashes, so that
        a budget that ends leaves a sample of the same kind."""
        out = {}
        for session in sorted(self._turns, key=sampling.chance):
            turns = sorted(self._turns[session], key=lambda turn: turn[:2])
            _, last, name, *_ = turns[-1]
            if self._is_whole(turns) and sampling.asked(self.section, name) and (said := _said(turns)):
                out[last] = {CONVERSATION: said}
        return out

    def _is_whole(self, turns: Sequence[_Turn]) -> bool:
        if self.window is None:
            return True
        start, end = self.window
        return turns[0][0] >= start + IDLE and turns[-1][0] < end - IDLE


def _said(turns: Sequence[_Turn]) -> str:
    """The turns as a text, of a long session its end."""
    said = [(who, text) for *_, asked, told in turns for who, text in (("User", asked), ("Assistant", told)) if text]
    return "\n\n".join(f"{who}: {text}" for who, text in said)[-MOST_CHARACTERS:]
