"""An experiment from the calls on file to the verdict."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa

from drift import features, metrics, traces
from drift.compare.rows import on_scale
from drift.config import Config
from drift.errors import DataError
from drift.experiment import asking, effects
from drift.experiment.asking import Answers, Plan
from drift.experiment.calls import Recorded, Sides
from drift.experiment.effects import Effect
from drift.experiment.factors import ALL, AS_IT_WAS, NOW, Exchange, Factors
from drift.experiment.verdict import Part, Verdict, verdict
from drift.features.batch import Context
from drift.findings import is_level, label_of
from drift.judge.chat import Reply
from drift.judge.spending import Budget
from drift.lake import Lake

# calls of a side below which nothing is asked
FEWEST = 30
# beside the metrics of the answer's side, those that are measured on an answer with its question, and need an encoder or none
_OF_AN_ANSWER = ("answer_relevance", "reference_similarity", "pii", "prompt_leak", "toxicity", "harmful_similarity")
_EMBEDDED = ("answer_question_cosine", "answer_reference_cosine")
_OF_A_DAY = ("output_topic", "output_embedding")


@dataclass(frozen=True)
class Series:
    """What is measured: a metric's level, or the share of one of its labels."""

    metric: str
    statistic: str

    @property
    def is_rate(self) -> bool:
        return label_of(self.statistic) is not None or metrics.lookup(self.metric).kind == "rate"

    def values(self, rows: pa.Table) -> np.ndarray:
        """Of each row of a features table, on the metric's scale; NaN where unknown; (n,)."""
        if self.metric not in rows.column_names:
            return np.full(rows.num_rows, np.nan)
        column = pd.Series(rows[self.metric].to_pylist(), dtype=object)
        if (label := label_of(self.statistic)) is not None:
            return np.where(column.isna(), np.nan, column.astype(str) == label).astype(float)
        x = on_scale(metrics.lookup(self.metric), pd.to_numeric(column, errors="coerce"))
        return np.where(np.isnan(x), np.nan, x > 0.5).astype(float) if self.is_rate else x


@dataclass(frozen=True)
class Level:
    """A metric's mean on its scale on the stored requests of both sides, and their difference with its standard error."""

    then: float
    now: float
    change: tuple[float, float]


@dataclass(frozen=True)
class Outcome:
    """What an experiment found. levels: by arm (and `file`, `file now`), the mean on the metric's scale; noise: see `effects.noise`; asked:
    calls by arm. on_file, today: the models that said they answered the ordinary calls, then and now."""

    series: Series
    whose: Mapping[str, str]
    factors: Factors
    level: Level
    parts: Mapping[Part, Effect]
    verdict: Verdict
    levels: Mapping[str, float]
    noise: float | None
    asked: Mapping[str, int]
    lost: Mapping[str, int]
    left_out: Mapping[str, int]
    on_file: tuple[str, ...]
    today: tuple[str, ...]
    spent: tuple[int, float]


def can_be_asked(metric: str, statistic: str) -> bool:
    """Whether a metric is measured on an answer, so that asking again can say anything of its change."""
    known = metrics.find(metric)
    if known is None or not is_level(statistic) or known.kind not in ("rate", "number", "label"):
        return False
    return known.side == "output" and metric not in _OF_A_DAY or metric in (*_OF_AN_ANSWER, *_EMBEDDED)


def prepare(sides: Sides, config: Config) -> tuple[Exchange, Plan]:
    """What differs between the sides and what would be asked. Raises DataError where there are too few calls, ConfigError without prices."""
    exchange = Exchange(sides, config.experiment)
    if min(len(exchange.sides.then), len(exchange.sides.now)) < FEWEST:
        why = "; ".join(f"{n:,} are left out, for {reason}" for reason, n in sorted(exchange.sides.left_out.items()))
        raise DataError(
            f"{len(exchange.sides.then)} calls of ordinary nights and {len(exchange.sides.now)} of the incident's can be asked again; "
            f"{FEWEST} of each are needed" + (f" ({why})" if why else "")
        )
    return exchange, asking.plan(exchange, config.experiment)


def run(
    config: Config,
    exchange: Exchange,
    wanted: Plan,
    series: Series,
    level: Level,
    told: float | None,
    kind: str,
    day: date,
    budget: Budget,
    model: asking.Models,
    json_endpoints: frozenset[str] = frozenset(),
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Outcome:
    """Ask the plan and judge. level: of the stored requests; told: the change that the incident was told with, on the metric's scale;
    kind: what the lake calls the experiment. Raises ConfigError where the budget does not reach for all of it."""
    asking.enough(wanted, config.experiment)
    measure = _measure(config, series, json_endpoints)
    answers = asking.ask(wanted, exchange, Lake(config.lake.url), kind, day, measure, model, budget, progress)
    on_file = [
        measure(side, [on_file_of(one) for one in side])[:, None] if side else np.zeros((0, 1))
        for side in (exchange.sides.then, exchange.sides.now)
    ]
    return _judged(exchange, wanted, series, level, told, answers, on_file)


def _judged(
    exchange: Exchange,
    wanted: Plan,
    series: Series,
    level: Level,
    told: float | None,
    answers: Answers,
    on_file: Sequence[np.ndarray],
) -> Outcome:
    rng = np.random.default_rng(0)
    then, now = on_file
    rate = series.is_rate
    was, today = answers.values[AS_IT_WAS], answers.values[NOW]
    together = answers.values[ALL] if ALL in answers.values else answers.values[exchange.arms[-1]]
    parts: dict[Part, Effect] = {}
    found = {
        Part.PROVIDER: effects.paired(then, was, rate, rng),
        **{Part(f.value): effects.paired(was, answers.values[f.value], rate, rng) for f in exchange.factors.differ},
        Part.GONE: effects.paired(today, now, rate, rng),
    }
    parts = {part: effect for part, effect in found.items() if effect is not None}
    configured = effects.paired(then, together, rate, rng)
    if configured is not None and Part.GONE in parts:
        parts[Part.ASKED] = effects.rest(level.change, configured, parts[Part.GONE])
    said = verdict(level.change, parts, exchange.factors.same, exchange.factors.unknown, told)
    levels = {"file": then, "file now": now, **answers.values}
    return Outcome(
        series=series,
        whose=exchange.sides.whose,
        factors=exchange.factors,
        level=level,
        parts=parts,
        verdict=said,
        levels={name: float(np.nanmean(x)) for name, x in levels.items() if np.isfinite(x).any()},
        noise=effects.noise(was[:, 0], was[:, 1]),
        asked=wanted.by_arm,
        lost=answers.lost,
        left_out=exchange.sides.left_out,
        on_file=tuple(dict.fromkeys(one.call.answered_by for one in exchange.sides.then if one.call.answered_by)),
        today=answers.answered_by[AS_IT_WAS],
        spent=answers.spent,
    )


def on_file_of(one: Recorded) -> Reply:
    """The answer that a call had."""
    row = one.row
    tokens = row.get("input_tokens") or 0, row.get("output_tokens") or 0
    return Reply(row["output"], row.get("finish_reason"), *tokens, row.get("model"), 0.0)


def _measure(config: Config, series: Series, json_endpoints: frozenset[str]) -> asking.Measure:
    every = measuring(config, [series], json_endpoints)
    return lambda calls, replies: every(calls, replies)[:, 0]


def measuring(config: Config, series: Sequence[Series], json_endpoints: frozenset[str] = frozenset()) -> asking.Measure:
    """What measures answers to calls, each series on its metric's scale: (calls, series)."""
    context = features.context(config)
    if not any(each.metric in _EMBEDDED for each in series):
        context = replace(context, embedder=None)
    context = _only(context, [each.metric for each in series])

    def measure(calls: Sequence[Recorded], replies: Sequence[Reply]) -> np.ndarray:
        rows = [_answered(one, reply, at) for at, (one, reply) in enumerate(zip(calls, replies, strict=True))]
        measured = features.finish(features.extract(traces.table(rows), context), config, json_endpoints)
        return np.column_stack([each.values(measured) for each in series])

    return measure


def _only(context: Context, names: Sequence[str]) -> Context:
    """Without the concerns that load a model of their own for something else."""
    off = {
        "refusal": ("refusal", "refusal_partial", "declined", "disclaimed"),
        "injection": ("injection",),
        "pii": ("pii",),
        "corrections": ("correction",),
        "topics": (),
    }
    return replace(
        context,
        disabled=context.disabled
        | {name for name, own in off.items() if not any(metric.startswith(own or ("\0",)) for metric in names)},
    )


def _answered(one: Recorded, reply: Reply, at: int) -> dict:
    """The trace as it would be with this answer."""
    return {
        **one.row,
        "trace_id": f"{one.trace_id}/{at}",
        # what a user said in it before is no part of an answer
        "session_id": None,
        "user": None,
        "output": reply.text,
        "finish_reason": reply.finish_reason,
        "output_tokens": reply.output_tokens or None,
        "error": None,
        "scores": None,
        "trajectory": None,
    }
