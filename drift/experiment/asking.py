"""The arms, asked: each answer is measured at once and then forgotten.

What is stored, in the lake, is a row an answer: a hash of the trace's id, arm, the metric's value, who answered and the tokens. An experiment that was stopped goes
on where it was; nothing is asked twice. All arms of a call are asked together, so that what an endpoint does in the course of a day falls
on all of them alike.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from drift.config.sections import ExperimentSection
from drift.errors import ConfigError
from drift.experiment.calls import Recorded
from drift.experiment.factors import AS_IT_WAS, NOW, Asked, Exchange
from drift.judge.chat import PROVIDERS, Chat, Reply, Unanswered, installed, prices_of, size_of
from drift.judge.spending import Budget, Exhausted
from drift.lake import Lake

# of the calls of an arm, so many ask an ordinary call a second time, for what temperature alone does
AGAIN = 0.1
# calls after which what was answered is written; a killed experiment asks at the most so many again
AT_ONCE = 40
_CHARACTERS_A_TOKEN = 4.0
_ANTHROPIC = ("temperature", "top_p", "top_k", "max_tokens", "stop_sequences")
_SCHEMA = pa.schema(
    [
        ("identity", pa.string()),
        ("call", pa.string()),
        ("arm", pa.string()),
        ("time", pa.int32()),
        ("value", pa.float64()),
        ("answered_by", pa.string()),
        ("input_tokens", pa.int64()),
        ("output_tokens", pa.int64()),
    ]
)

# measures the answers to calls: values on the metric's scale, (n,)
Measure = Callable[[Sequence[Recorded], Sequence[Reply]], np.ndarray]
# a model by its name
Models = Callable[[str], Chat]


@dataclass(frozen=True)
class Question:
    """One call of an arm."""

    one: Recorded
    arm: str
    time: int
    asked: Asked

    @property
    def key(self) -> tuple[str, str, int]:
        return _hash(self.one.trace_id), self.arm, self.time


@dataclass(frozen=True)
class Plan:
    """What would be asked, in order. usd: what it costs as far as can be said before."""

    questions: tuple[Question, ...]
    usd: float

    @property
    def by_arm(self) -> dict[str, int]:
        return dict(Counter(each.arm for each in self.questions))


@dataclass(frozen=True)
class Answers:
    """What was answered: by arm, values (calls, times asked) in the order of the sides' calls, NaN where there is none. lost: why calls
    have no answer; answered_by: by arm, which models said that they answered; spent: calls and dollars of the day."""

    values: Mapping[str, np.ndarray]
    lost: Mapping[str, int]
    answered_by: Mapping[str, tuple[str, ...]]
    spent: tuple[int, float]


def plan(exchange: Exchange, section: ExperimentSection) -> Plan:
    """At most `calls_an_arm` calls of each arm. Raises ConfigError where the price of a model is not known."""
    most = section.calls_an_arm
    twice = int(most * AGAIN)
    then, now = exchange.sides.then[: most - twice], exchange.sides.now[:most]
    questions = []
    for at in range(max(len(then), len(now))):
        wanted = [(then[at], arm, 0) for arm in exchange.arms] if at < len(then) else []
        wanted += [(then[at], AS_IT_WAS, 1)] if at < min(twice, len(then)) else []
        wanted += [(now[at], NOW, 0)] if at < len(now) else []
        for one, arm, time in wanted:
            if (asked := exchange.asked(one, arm)) is not None:
                questions.append(Question(one, arm, time, asked))
    usd = 0.0
    prices = {model: prices_of(_of_model(section, model)) for model in {each.asked.model for each in questions}}
    for each in questions:
        tokens = size_of(each.asked.messages, {"tools": list(each.asked.tools)}) / _CHARACTERS_A_TOKEN
        # the answer is as long as that on file
        usd += prices[each.asked.model].of(tokens, len(each.one.row.get("output") or "") / _CHARACTERS_A_TOKEN)
    return Plan(tuple(questions), usd)


def models(section: ExperimentSection, budget: Budget) -> Models:
    """The configured service's models. Raises MissingExtra, and ConfigError for a model whose price is not known."""
    installed(section.provider)
    known: dict[str, Chat] = {}

    def model(name: str) -> Chat:
        if name not in known:
            known[name] = PROVIDERS[section.provider](
                section.provider,
                name,
                section.endpoint,
                prices_of(_of_model(section, name)),
                budget,
                section.timeout_s,
                most_tokens=section.max_tokens,
                key_variable="DRIFT_EXPERIMENT_KEY",
                steady=False,
            )
        return known[name]

    return model


def ask(
    wanted: Plan,
    exchange: Exchange,
    lake: Lake,
    kind: str,
    day: date,
    measure: Measure,
    model: Models,
    budget: Budget,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Answers:
    """Ask what is not answered yet, and return all answers. kind: what the lake calls the experiment; day: that of the budget.

    progress: called with the calls that are done and all of them.
    """
    identity = _identity(wanted, exchange.section)
    rows = [row for each in lake.days(kind) for row in _kept(lake, kind, each, identity)]
    known = {(row["call"], row["arm"], row["time"]) for row in rows}
    manifest = lake.manifest(kind, day)
    parts = list(manifest.parts) if manifest is not None else []
    missing = [each for each in wanted.questions if each.key not in known]
    lost: Counter[str] = Counter()
    done = len(wanted.questions) - len(missing)
    progress(done, len(wanted.questions))
    with ThreadPoolExecutor(exchange.section.parallel) as pool:
        for start in range(0, len(missing), AT_ONCE):
            some = missing[start : start + AT_ONCE]
            replies = list(pool.map(lambda each: ask_one(each, model, exchange.section), some))
            given = [(each, reply) for each, reply in zip(some, replies, strict=True) if isinstance(reply, Reply)]
            lost.update(reply for reply in replies if isinstance(reply, str))
            if given:
                values = measure([each.one for each, _ in given], [reply for _, reply in given])
                new = [_row(identity, *pair, value) for pair, value in zip(given, values, strict=True)]
                parts.append(lake.write_part(kind, day, pa.Table.from_pylist(new, _SCHEMA)))
                lake.commit(kind, day, parts)
                rows += new
            done += len(some)
            progress(done, len(wanted.questions))
    return _together(rows, exchange, lost, budget)


def _of_model(section: ExperimentSection, model: str) -> ExperimentSection:
    return section.model_copy(update={"model": model})


def _identity(wanted: Plan, section: ExperimentSection) -> str:
    """What was asked, of whom: answers to anything else are no answers to this."""
    told = [section.provider, section.endpoint, [(*each.key, _of_asked(each.asked)) for each in wanted.questions]]
    return _hash(json.dumps(told, sort_keys=True))


def _hash(text: str) -> str:
    """What is forgotten with its trace: no id of a request is kept here."""
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()


def _of_asked(asked: Asked) -> str:
    return _hash(json.dumps(asdict(asked), sort_keys=True, default=str))


def _kept(lake: Lake, kind: str, day: date, identity: str) -> list[dict[str, Any]]:
    table = lake.read(kind, day)
    return [row for row in table.to_pylist() if row["identity"] == identity] if table is not None else []


def ask_one(question: Question, model: Models, section: ExperimentSection) -> Reply | str:
    """The answer, or why there is none."""
    asked = question.asked
    parameters = dict(asked.parameters)
    if asked.tools:
        parameters["tools"] = list(asked.tools)
    if section.provider == "anthropic":
        parameters = {name: parameters[name] for name in _ANTHROPIC if name in parameters}
        if any(m["role"] not in ("system", "user", "assistant") or m.get("tool_calls") for m in asked.messages):
            return "Anthropic's client cannot send their tools' results"
    elif "max_completion_tokens" in parameters:
        parameters["max_tokens"] = parameters.pop("max_completion_tokens")
    try:
        return model(asked.model).ask(asked.messages, **parameters)
    except Unanswered as error:
        return f"no answer ({error.why})"
    except Exhausted:
        return "the budget is used up"


def _row(identity: str, question: Question, reply: Reply, value: float) -> dict[str, Any]:
    call, arm, time = question.key
    return {
        "identity": identity,
        "call": call,
        "arm": arm,
        "time": time,
        "value": float(value) if np.isfinite(value) else None,
        "answered_by": reply.model,
        "input_tokens": reply.input_tokens,
        "output_tokens": reply.output_tokens,
    }


def _together(rows: Sequence[Mapping[str, Any]], exchange: Exchange, lost: Counter[str], budget: Budget) -> Answers:
    values: dict[str, np.ndarray] = {}
    by: dict[str, Counter[str]] = {}
    for arm in (*exchange.arms, NOW):
        side = exchange.sides.now if arm == NOW else exchange.sides.then
        places = {_hash(one.trace_id): at for at, one in enumerate(side)}
        values[arm] = np.full((len(side), 2), np.nan)
        for row in rows:
            if row["arm"] == arm and row["call"] in places and row["value"] is not None:
                values[arm][places[row["call"]], row["time"]] = row["value"]
        by[arm] = Counter(row["answered_by"] for row in rows if row["arm"] == arm and row["answered_by"])
    named = {
        arm: tuple(name for name, _ in sorted(seen.items(), key=lambda each: (-each[1], each[0]))) for arm, seen in by.items()
    }
    return Answers(values, dict(lost), named, budget.spent())


def enough(wanted: Plan, section: ExperimentSection) -> None:
    """Raises ConfigError where the budget does not reach for the plan: half an experiment costs and says nothing."""
    if len(wanted.questions) > section.calls or wanted.usd > section.usd:
        raise ConfigError(
            f"the experiment takes {len(wanted.questions):,} calls and about ${wanted.usd:,.2f}; [experiment] allows {section.calls:,} and "
            f"${section.usd:,.2f} a day: raise them, or lower calls_an_arm"
        )
