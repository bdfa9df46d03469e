"""The judge's part of a night: asked where the texts are, in the task that pulls; what is kept is the score and who gave it.

Nothing that goes wrong here fails a night: an answer that cannot be read is unknown, a service that is away or a budget that is used up
ends the asking, and what was lost is said.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime

import pyarrow as pa

from drift.config import Config
from drift.judge import anchors, judgements, sampling
from drift.judge.anchors import Anchor
from drift.judge.chat import PROVIDERS, Chat, Unanswered, host_of, installed, prices_of
from drift.judge.conversations import Conversations
from drift.judge.fields import COLUMNS, fields_of
from drift.judge.rubrics import Rubric, of_sessions
from drift.judge.rubrics import chosen as chosen_rubrics
from drift.judge.sampling import Shares
from drift.judge.spending import Budget, Exhausted
from drift.profiles.build import JUDGE
from drift.results.database import Database
from drift.results.ruler import ANCHOR, current, epochs

PURPOSE = "judge"
WEIGHT = "_judge_weight"
# scores that are written at once; a run that is killed asks at the most so many again
_AT_ONCE = 32

log = logging.getLogger(__name__)


@dataclass
class Judging:
    """One shard of a day under the judge. Use: `collect` each batch of traces, then `columns`."""

    config: Config
    day: date
    database: Database
    chat: Chat
    rubrics: Sequence[Rubric]
    shares: Shares
    anchors: Sequence[Anchor]
    conversations: Conversations
    # where in the day the shard begins, from 0 to 1: shards that run at once begin with different anchors
    begins: float = 0.0
    _traces: list[pa.Table] = field(default_factory=list)
    _weights: dict[str, float] = field(default_factory=dict)
    _lost: Counter[str] = field(default_factory=Counter)

    @classmethod
    def begin(
        cls,
        config: Config,
        day: date,
        before: pa.Table | None,
        window: tuple[datetime, datetime] | None = None,
        size: int | None = None,
    ) -> Judging | None:
        """None where nothing is judged. before: the profile of the last day before. window: what the shard has of the day, as
        `Conversations` needs it. size: the day's traces, where there is no day before. Raises ConfigError."""
        section = config.judge
        if not (section.rubrics or section.sessions) or not section.model or not config.privacy.texts_leave:
            return None
        installed(section.provider)
        rubrics, known = chosen_rubrics(section), anchors.read(section.anchors)
        database = Database(config.results.url)
        budget = Budget(database, day, PURPOSE, section.calls, section.usd)
        chat = PROVIDERS[section.provider](
            section.provider, section.model, section.endpoint, prices_of(section), budget, section.timeout_s
        )
        shares = sampling.shares(section, sampling.sizes_of(before), len(known), size)
        conversations = Conversations(section, of_sessions(section), window)
        first, last = config.window(day)
        begins = (window[0] - first) / (last - first) if window else 0.0
        return cls(config, day, database, chat, rubrics, shares, known, conversations, begins)

    def evaluator(self, rubric: Rubric) -> str:
        """Who judges by the rubric: its name, the model, the host that answers for it, and the hash of what is asked."""
        host = host_of(self.chat.provider, self.chat.endpoint)
        return f"{rubric.name}/{self.chat.model}@{host}/{rubric.hash}"

    def collect(self, traces: pa.Table) -> None:
        """Keep those traces of a batch that are judged, in memory, until the shard is whole."""
        self.conversations.collect(traces)
        if not self.rubrics:
            return
        own, weights = sampling.chosen(traces, self.config.judge, self.shares)
        if own.num_rows:
            self._traces.append(own.select(["trace_id", *COLUMNS]))
            self._weights.update(zip(own["trace_id"].to_pylist(), weights, strict=True))

    def columns(self, trace_ids: Sequence[str]) -> dict[str, pa.Array]:
        """`judge.<rubric>` of each trace, null where it was not judged; the weights, and who judged. What is said of a session stands with its
        last trace."""
        try:
            for rubric in self.rubrics:
                self._judge_anchors(rubric)
            scores = {rubric.name: self._judge(rubric) for rubric in self.rubrics}
            over = self.conversations.over()
            scores |= {rubric.name: self._scores(rubric, over, lambda score: score) for rubric in self.conversations.rubrics}
            out: dict[str, pa.Array] = {}
            with self.database.reading() as connection:
                found = epochs(connection, self.day)
            for rubric in (*self.rubrics, *self.conversations.rubrics):
                given = scores[rubric.name]
                evaluator = self.evaluator(rubric)
                epoch = current(found, rubric.name, evaluator, self.day)
                by = epoch.identity if epoch else evaluator
                out[rubric.metric] = pa.array([given.get(each) for each in trace_ids], pa.float64())
                out[JUDGE + rubric.name] = pa.array([by] * len(trace_ids), pa.string())
            out[WEIGHT] = pa.array([self._weights.get(each) for each in trace_ids], pa.float64())
        finally:
            self._say()
            self.database.close()
        return out

    def _judge_anchors(self, rubric: Rubric) -> None:
        """Anchors come first: without them nobody knows whose change the scores show. Their score is 1 or 0 on any scale."""
        turn = int(self.begins * len(self.anchors))
        order = [*self.anchors[turn:], *self.anchors[:turn]]
        asked = {ANCHOR + each.id: each.fields for each in order if _has(rubric, each.fields)}
        # few at a time: what another shard has asked meanwhile is not asked again
        at_once = self.config.judge.parallel
        self._scores(rubric, asked, lambda score: None if score is None else 1 - rubric.fails(score), at_once)

    def _judge(self, rubric: Rubric) -> dict[str, float | None]:
        asked: dict[str, Mapping[str, str]] = {}
        for table in self._traces:
            asked.update(zip(table["trace_id"].to_pylist(), fields_of(table), strict=True))
        # in the order of the hash, so that a budget that ends leaves a sample of the same kind
        ordered = sorted((each for each in asked if _has(rubric, asked[each])), key=sampling.chance)
        return self._scores(rubric, {each: asked[each] for each in ordered}, lambda score: score)

    def _scores(
        self,
        rubric: Rubric,
        asked: Mapping[str, Mapping[str, str]],
        kept: Callable[[float | None], float | None],
        at_once: int = _AT_ONCE,
    ) -> dict[str, float | None]:
        evaluator, items = self.evaluator(rubric), list(asked)
        found: dict[str, float | None] = {}
        with ThreadPoolExecutor(self.config.judge.parallel) as pool:
            for start in range(0, len(items), at_once):
                some = items[start : start + at_once]
                found |= judgements.read(self.database, self.day, evaluator, some)
                missing = [item for item in some if item not in found]
                answers = pool.map(lambda item: self._ask(rubric, asked[item]), missing)
                new = {item: kept(answer[0]) for item, answer in zip(missing, answers, strict=True) if answer is not None}
                judgements.write(self.database, self.day, evaluator, new)
                found |= new
        self._lost["could not be read"] += sum(score is None for score in found.values())
        return found

    def _ask(self, rubric: Rubric, fields: Mapping[str, str]) -> tuple[float | None] | None:
        """The score in a tuple, None in it where the answer could not be read; None where there was no answer."""
        try:
            reply = self.chat.ask(rubric.ask(fields), rubric.schema())
        except Unanswered as error:
            self._lost[f"had no answer ({error.why})"] += 1
            return None
        except Exhausted:
            self._lost["were not asked: the night's budget is used up"] += 1
            return None
        return (rubric.score(reply.text),)

    def _say(self) -> None:
        told = [f"{number:,} {what}" for what, number in sorted(self._lost.items()) if number]
        if told:
            log.warning("judge of %s: of its questions %s", self.day, "; ".join(told))


def _has(rubric: Rubric, fields: Mapping[str, str]) -> bool:
    return all(fields.get(name) for name in rubric.needs)
