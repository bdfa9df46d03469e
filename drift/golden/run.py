"""A run of a golden set: each question asked k times, each answer measured at once and then forgotten.

What is stored is a features table in the lake, one row an answer, with the example's id and segments. A run that was stopped goes on where
it was: an example that has its k answers is not asked again that day.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import combinations

import pyarrow as pa

from drift import features, traces
from drift.config import Config
from drift.config.sections import GoldenSection
from drift.errors import ConfigError
from drift.golden.langfuse import DATASET, Dataset
from drift.golden.sets import Example, read
from drift.golden.targets import Answer, Target, target
from drift.judge.chat import Unanswered
from drift.judge.spending import Budget, Exhausted
from drift.lake import Lake
from drift.results.database import Database

EXAMPLE = "example_id"
EXPECTED, AGREEMENT = "golden.expected", "golden.agreement"
# which target and set of parameters a row was answered by
_TARGET = "_target"
_AT_ONCE = 8
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Ran:
    """What a run has: its rows, the examples of the set, and why examples have no answers."""

    table: pa.Table
    examples: int
    lost: Counter[str]

    @property
    def answered(self) -> int:
        return len(set(self.table[EXAMPLE].to_pylist())) if self.table.num_rows else 0


def section_of(config: Config, name: str) -> GoldenSection:
    """The set of that name. Raises ConfigError."""
    if name not in config.golden:
        known = ", ".join(sorted(config.golden)) or "none"
        raise ConfigError(f"golden set {name!r:.80}: drift.toml has no [golden.{name:.40}]; there are {known}")
    return config.golden[name]


def kind(name: str) -> str:
    """What the lake calls the runs of a set."""
    return f"golden-{name}"


def run(config: Config, name: str, day: date, progress: Callable[[int, int], None] = lambda done, of: None) -> Ran:
    """Ask what the day's run of the set lacks, and return the run. Raises ConfigError, DataError.

    progress: called with the examples that are done and all of them.
    """
    section = section_of(config, name)
    if not config.privacy.texts_leave:
        raise ConfigError("privacy.texts_leave is false: no golden set is asked")
    dataset = Dataset.read(config, section.file) if section.file.startswith(DATASET) else None
    examples = dataset.examples() if dataset else read(section.file)
    lake, database = Lake(config.lake.url), Database(config.results.url)
    context = features.context(config)
    identity = _identity(section)
    parts, done = _kept(lake, name, day, identity)
    budget = Budget(database, day, f"golden:{name}", section.calls, section.usd)
    lost: Counter[str] = Counter()
    try:
        ask = target(section, budget)
        missing = [example for example in examples if example.id not in done]
        finished = len(examples) - len(missing)
        progress(finished, len(examples))
        for some in _chunks(missing, _AT_ONCE):
            answers = _asked(ask, some, section, lost)
            if answers:
                rows = features.extract(_traces(name, answers, day), context)
                table = _with_examples(rows, answers, identity)
                parts.append(lake.write_part(kind(name), day, table))
                lake.commit(kind(name), day, parts)
                if dataset:
                    # of the k answers the first, for an experiment has one for each item
                    dataset.record(name, day, [(example, own[0].text) for example, own in answers])
            finished += len(some)
            progress(finished, len(examples))
    finally:
        database.close()
        if dataset:
            dataset.close()
    whole = lake.read(kind(name), day)
    return Ran(whole if whole is not None else pa.table({EXAMPLE: pa.array([], pa.string())}), len(examples), lost)


def _identity(section: GoldenSection) -> str:
    told = json.dumps(
        [section.target, section.provider, section.model, section.endpoint, section.system, section.parameters], sort_keys=True
    )
    return hashlib.blake2b(told.encode(), digest_size=8).hexdigest()


def _kept(lake: Lake, name: str, day: date, identity: str) -> tuple[list[str], set[str]]:
    """The parts of the day's run that another target did not answer, and the examples in them."""
    manifest, table = lake.manifest(kind(name), day), lake.read(kind(name), day)
    if manifest is None or table is None or set(table[_TARGET].to_pylist()) != {identity}:
        return [], set()
    return list(manifest.parts), set(table[EXAMPLE].to_pylist())


def _asked(
    ask: Target, examples: Sequence[Example], section: GoldenSection, lost: Counter[str]
) -> list[tuple[Example, list[Answer]]]:
    """The answers of the examples that have all of theirs."""

    def one(example: Example) -> Answer | str:
        try:
            return ask(example.input)
        except Unanswered as error:
            return error.why
        except Exhausted:
            return "the budget is used up"

    asked = [example for example in examples for _ in range(section.times)]
    with ThreadPoolExecutor(section.parallel) as pool:
        given = list(pool.map(one, asked))
    out = []
    for place, example in enumerate(examples):
        own = given[place * section.times : (place + 1) * section.times]
        answers = [answer for answer in own if isinstance(answer, Answer)]
        if len(answers) == section.times:
            out.append((example, answers))
        else:
            lost[next(answer for answer in own if isinstance(answer, str))] += 1
    return out


def _traces(name: str, answers: Sequence[tuple[Example, Sequence[Answer]]], day: date) -> pa.Table:
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return traces.table(
        {
            "trace_id": f"{name}/{example.id}/{place}",
            "timestamp": at,
            "name": name,
            "input": example.input,
            "output": answer.text,
            "reference": example.expected,
            "model": answer.model,
            "finish_reason": answer.finish_reason,
            "latency_s": answer.latency_s,
            "input_tokens": answer.input_tokens,
            "output_tokens": answer.output_tokens,
            "cost_usd": answer.cost_usd,
        }
        for example, own in answers
        for place, answer in enumerate(own)
    )


def _with_examples(rows: pa.Table, answers: Sequence[tuple[Example, Sequence[Answer]]], identity: str) -> pa.Table:
    """The features with the example of each, its segments, whether the answer meets what is expected, and how alike the k answers are."""
    each = [(example, answer.text, own) for example, own in answers for answer in own]
    fields = sorted({name for example, _ in answers for name in example.fields} - set(rows.column_names))
    agree = {example.id: _agreement([answer.text for answer in own]) for example, own in answers}
    columns = {
        EXAMPLE: pa.array([example.id for example, _, _ in each], pa.string()),
        _TARGET: pa.array([identity] * len(each), pa.string()),
        EXPECTED: pa.array([float(e.is_met(text)) if e.is_checked else None for e, text, _ in each], pa.float64()),
        AGREEMENT: pa.array([agree[example.id] for example, _, _ in each], pa.float64()),
        **{name: pa.array([example.fields.get(name) for example, _, _ in each], pa.string()) for name in fields},
    }
    for name, column in columns.items():
        rows = rows.append_column(name, column)
    return rows


def _agreement(texts: Sequence[str]) -> float | None:
    """The mean share of words that two of the answers have in common (Dice), 1 where they are the same; None of one answer."""
    if len(texts) < 2:
        return None
    words = [Counter(_WORD.findall(text.lower())) for text in texts]
    pairs = [2 * (a & b).total() / (a.total() + b.total()) if a.total() + b.total() else 1.0 for a, b in combinations(words, 2)]
    return sum(pairs) / len(pairs)


def _chunks(items: Sequence[Example], size: int) -> Iterator[Sequence[Example]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
