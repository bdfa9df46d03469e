"""A run of a golden set: each question asked k times, each answer measured at once and then forgotten.

What is stored is a features table in the lake, one row an answer, with the example's id and segments. A run that was stopped goes on where
it was: an example that has its k answers is not asked again that day, unless something else is asked or expected of it now.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import pyarrow as pa

from drift import features
from drift.config import Config
from drift.config.sections import GoldenSection
from drift.errors import ConfigError
from drift.golden.answers import ASKED, EXAMPLE, TARGET, asked, measured
from drift.golden.judged import Judged
from drift.golden.langfuse import DATASET, Dataset
from drift.golden.sets import Example, read
from drift.golden.targets import target
from drift.judge.spending import Budget
from drift.lake import Lake
from drift.results.database import Database

_AT_ONCE = 8
_WEEK = 7


@dataclass(frozen=True)
class Ran:
    """What a run has: its rows, the examples of the set, why examples have no answers, and why the judge said nothing of answers."""

    table: pa.Table
    examples: int
    lost: Counter[str]
    unjudged: Counter[str] = field(default_factory=Counter)

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
    budget = Budget(database, day, f"golden:{name}", section.calls, section.usd)
    lost: Counter[str] = Counter()
    try:
        ask, judged = target(section, budget), Judged.of(config, examples, budget)
        parts, done = _kept(lake, name, day, identity, examples)
        missing = [example for example in examples if example.id not in done]
        finished = len(examples) - len(missing)
        progress(finished, len(examples))
        for some in _chunks(missing, _AT_ONCE):
            answered = asked(ask, some, section, judged, lost)
            if answered:
                parts.append(lake.write_part(kind(name), day, measured(name, answered, day, identity, context)))
                lake.commit(kind(name), day, parts)
                if dataset:
                    # of the k answers the first, for an experiment has one for each item
                    dataset.record(name, day, [(one.example, one.answers[0].text) for one in answered])
            finished += len(some)
            progress(finished, len(examples))
    finally:
        database.close()
        if dataset:
            dataset.close()
    # where nothing was answered there may be the run of another target, which is none of this one
    whole = lake.read(kind(name), day) if parts else None
    table = whole if whole is not None else pa.table({EXAMPLE: pa.array([], pa.string())})
    return Ran(table, len(examples), lost, judged.lost if judged else Counter())


def is_due(config: Config, name: str, day: date) -> bool:
    """Whether the set is asked on that day: each night, or a week after its last run; a run of the day itself may not be whole yet."""
    week = [day - timedelta(days=n) for n in range(1, _WEEK)]
    return section_of(config, name).every == "night" or not set(week) & set(Lake(config.lake.url).days(kind(name)))


def _identity(section: GoldenSection) -> str:
    told = json.dumps(
        [section.target, section.provider, section.model, section.endpoint, section.system, section.parameters], sort_keys=True
    )
    return hashlib.blake2b(told.encode(), digest_size=8).hexdigest()


def _kept(lake: Lake, name: str, day: date, identity: str, examples: Sequence[Example]) -> tuple[list[str], set[str]]:
    """The parts of the day's run that another target did not answer, and the examples in them: without those that are no longer in the set, or
    no longer as they were."""
    manifest, table = lake.manifest(kind(name), day), lake.read(kind(name), day)
    if manifest is None or table is None or set(table[TARGET].to_pylist()) != {identity}:
        return [], set()
    # rows from before examples had a hash are none that can be trusted to be the same
    stored = table[ASKED].to_pylist() if ASKED in table.column_names else [None] * table.num_rows
    wanted = {(example.id, example.hash) for example in examples}
    kept = table.filter(pa.array([each in wanted for each in zip(table[EXAMPLE].to_pylist(), stored, strict=True)], pa.bool_()))
    parts = list(manifest.parts)
    if kept.num_rows < table.num_rows:
        parts = [lake.write_part(kind(name), day, kept)] if kept.num_rows else []
        lake.commit(kind(name), day, parts)
    return parts, set(kept[EXAMPLE].to_pylist())


def _chunks(items: Sequence[Example], size: int) -> Iterator[Sequence[Example]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
