"""The answers to some examples: asked k times each, held beside what is expected, measured, and then forgotten."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import combinations, product

import pyarrow as pa

from drift import features, traces
from drift.config.sections import GoldenSection
from drift.golden.judged import Judged
from drift.golden.sets import Example
from drift.golden.targets import Answer, Target
from drift.judge.chat import Unanswered
from drift.judge.spending import Exhausted

EXAMPLE = "example_id"
EXPECTED, AGREEMENT, REWORDED = "golden.expected", "golden.agreement", "golden.reworded"
# which target and set of parameters a row was answered by, and the hash of its example
TARGET, ASKED = "_target", "_asked"
# why an answer is missing that asking again today does not bring
EXHAUSTED = "the budget is used up"
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Answered:
    """The k answers to an example; of each whether it is as expected, None where that is not known; and how much the answers to the question
    in other words have in common with them, None without such."""

    example: Example
    answers: Sequence[Answer]
    met: Sequence[float | None]
    reworded: float | None


def asked(
    ask: Target, examples: Sequence[Example], section: GoldenSection, judged: Judged | None, lost: Counter[str]
) -> list[Answered]:
    """The examples that have all of their answers; of the others `lost` counts why one is missing."""

    def one(question: str) -> Answer | str:
        try:
            return ask(question)
        except Unanswered as error:
            return error.why
        except Exhausted:
            return EXHAUSTED

    questions = [[*[example.input] * section.times, *example.reworded] for example in examples]
    whole: list[tuple[Example, list[Answer]]] = []
    with ThreadPoolExecutor(section.parallel) as pool:
        given = pool.map(one, [question for own in questions for question in own])
        for example, own in zip(examples, [[next(given) for _ in own] for own in questions], strict=True):
            answers = [each for each in own if isinstance(each, Answer)]
            if len(answers) == len(own):
                whole.append((example, answers))
            else:
                lost[next(each for each in own if isinstance(each, str))] += 1
        times = section.times
        pairs = [(example, answer) for example, own in whole for answer in own[:times]]
        met = pool.map(lambda pair: _met(pair[0], pair[1].text, judged), pairs)
        return [
            Answered(example, own[:times], [next(met) for _ in own[:times]], _alike(product(own[:times], own[times:])))
            for example, own in whole
        ]


def measured(name: str, answered: Sequence[Answered], day: date, identity: str, context: features.Context) -> pa.Table:
    """One row an answer: its features, the example with its segments, and what was seen of it. No text is in it."""
    rows = features.extract(_traces(name, answered, day), context)
    each = [(one, place) for one in answered for place in range(len(one.answers))]
    fields = sorted({name for one in answered for name in one.example.fields} - set(rows.column_names))
    agree = {one.example.id: _alike(combinations(one.answers, 2)) for one in answered}
    columns = {
        EXAMPLE: pa.array([one.example.id for one, _ in each], pa.string()),
        TARGET: pa.array([identity] * len(each), pa.string()),
        ASKED: pa.array([one.example.hash for one, _ in each], pa.string()),
        EXPECTED: pa.array([one.met[place] for one, place in each], pa.float64()),
        REWORDED: pa.array([one.reworded for one, _ in each], pa.float64()),
        AGREEMENT: pa.array([agree[one.example.id] for one, _ in each], pa.float64()),
        **{field: pa.array([one.example.fields.get(field) for one, _ in each], pa.string()) for field in fields},
    }
    for column, values in columns.items():
        rows = rows.append_column(column, values)
    return rows


def fields_of(rows: pa.Table) -> list[str]:
    """The examples' own fields among the columns of a run: those that `measured` puts last."""
    names = rows.column_names
    after = names[names.index(AGREEMENT) + 1 :] if AGREEMENT in names else []
    return [name for name in after if not name.startswith(("_", "golden."))]


def _met(example: Example, answer: str, judged: Judged | None) -> float | None:
    seen = example.is_met(answer) if example.is_checked else None
    if judged is None or not example.rubric or seen is False:
        return None if seen is None else float(seen)
    good = judged.is_good(example, answer)
    return None if good is None else float(good)


def _traces(name: str, answered: Sequence[Answered], day: date) -> pa.Table:
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return traces.table(
        {
            "trace_id": f"{name}/{one.example.id}/{place}",
            "timestamp": at,
            "name": name,
            "input": one.example.input,
            "output": answer.text,
            "reference": one.example.expected,
            "model": answer.model,
            "finish_reason": answer.finish_reason,
            "latency_s": answer.latency_s,
            "input_tokens": answer.input_tokens,
            "output_tokens": answer.output_tokens,
            "cost_usd": answer.cost_usd,
        }
        for one in answered
        for place, answer in enumerate(one.answers)
    )


def _alike(pairs: Iterable[tuple[Answer, Answer]]) -> float | None:
    """The mean share of words that two answers have in common (Dice), 1 where they are the same; None without pairs."""
    shares = [_in_common(*(Counter(_WORD.findall(answer.text.lower())) for answer in pair)) for pair in pairs]
    return sum(shares) / len(shares) if shares else None


def _in_common(a: Counter[str], b: Counter[str]) -> float:
    return 2 * (a & b).total() / (a.total() + b.total()) if a.total() + b.total() else 1.0
