"""What only a whole day can tell: the cost of sessions and users, questions asked again, sessions left without help.

Works on the features of a day, after its parts were put together; reads no text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drift.features import language, prompts, tone, users
from drift.metrics import TOOL_CALLED
from drift.traces import used_tokens

if TYPE_CHECKING:
    from drift.config import Config


# an endpoint with so many answers, at least half of them JSON, is one where JSON is expected
_FEWEST_ANSWERS = 20
_JSON_SHARE = 0.5
# what the last answer of a session was, where it did not help
_UNHELPFUL = ("error", "empty", "refusal", "repeated_question")


def finish(
    day: pa.Table, config: Config | None = None, json_endpoints: Collection[str] = (), facts: Facts | None = None
) -> pa.Table:
    """The features of a day with the metrics that need the whole day; safe to run again on its own result.

    A session's (user's) value stands on the row of its last trace and is null on the others, so that each counts once:
    `session_cost_usd`, `session_requests`, `user_cost_usd`, `user_requests`, `session_abandoned`. A question is repeated where its session
    has asked it before, and its answer asked for anew (`regenerated`) where that was just before. The language of a short text is told where the application speaks it. json_endpoints: endpoints (`name`) known
    from their past to answer in JSON (`json_endpoints_of`). facts: those of the whole day, where `day` holds a part of its sessions;
    its users are put together elsewhere then (`users`).
    """
    times = np.asarray(day.column("timestamp").cast(pa.int64()).to_numpy(zero_copy_only=False), float)
    sessions = _codes(day, "session_id")
    cost = _numbers(day, "cost_usd")
    unpriced = np.isnan(cost) & used_tokens(day)
    whole = facts or Facts.of(day)
    expected = {*json_endpoints, *(config.format.json_endpoints if config else ()), *whole.json_endpoints}
    columns = {
        "session_cost_usd": _last_of_group(sessions, times, cost, unpriced),
        **(_of_users(day) if facts is None else {}),
        "session_requests": _last_of_group(sessions, times, np.ones(day.num_rows)),
        "repeated_question": repeated_questions(sessions, times, _keys(day, "_input_hash")),
        "regenerated": regenerated(sessions, times, _keys(day, "_input_hash")),
        "json_valid": json_valid(day, expected),
    }
    day = _with(day, "repeated_question", columns["repeated_question"])
    columns["session_abandoned"] = abandoned(day, sessions, times)
    for name, values in columns.items():
        day = _with(day, name, values)
    day = _called(settle(day, whole))
    off = {name for name, metric in config.metrics.items() if not metric.enabled} if config else set()
    return day.drop_columns([name for name in columns if name in off])


def _called(day: pa.Table) -> pa.Table:
    """Of requests that call tools, those that the day has and a request does not call are not called; a batch knows its own tools alone."""
    names = [name for name in day.column_names if name.startswith(TOOL_CALLED)]
    if len(names) < 2:
        return day
    calling = np.any([day.column(name).is_valid().to_numpy() for name in names], axis=0)
    for name in names:
        day = _with(day, name, np.where(calling, np.nan_to_num(_numbers(day, name)), np.nan))
    return day


def settle(part: pa.Table, facts: Facts) -> pa.Table:
    """Languages, prompts and tone as the whole day tells them."""
    settled: dict[str, pa.Array | pa.ChunkedArray] = {**language.settle(part, facts.spoken)}
    if (versions := prompts.settle(part, facts.prompts)) is not None:
        settled["prompt"] = versions
    for name in tone.untold(facts.languages):
        if name in part.column_names:
            settled[name] = pa.nulls(part.num_rows, pa.float64())
    for name, column in settled.items():
        part = part.set_column(part.column_names.index(name), name, column)
    return part


@dataclass(frozen=True)
class Facts:
    """What counting alone can tell of a day, so that parts of it add up.

    languages: by side, how many texts are in a language for sure, and by a guess. answers: by endpoint, the answers and those like JSON.
    prompts: requests by the hash of their system prompt, where nobody names it.
    """

    languages: dict[str, tuple[Counter[str], Counter[str]]]
    answers: dict[str, tuple[int, int]]
    prompts: Counter[str]

    @classmethod
    def of(cls, part: pa.Table) -> Facts:
        like = _numbers(part, "_json_like")
        names = part.column("name").combine_chunks().fill_null("").dictionary_encode()
        codes, known = names.indices.to_numpy(zero_copy_only=False), ~np.isnan(like)
        counts = np.bincount(codes[known], minlength=len(names.dictionary)).tolist()
        alike = np.bincount(codes[known], like[known], len(counts)).astype(int).tolist()
        answers = dict(zip(names.dictionary.to_pylist(), zip(counts, alike, strict=True), strict=True))
        return cls(language.counts(part), answers, prompts.counts(part))

    @classmethod
    def together(cls, parts: Sequence[Facts]) -> Facts:
        languages: dict[str, tuple[Counter[str], Counter[str]]] = {}
        answers: dict[str, tuple[int, int]] = {}
        for part in parts:
            for side, (sure, guessed) in part.languages.items():
                before = languages.setdefault(side, (Counter(), Counter()))
                before[0].update(sure)
                before[1].update(guessed)
            for name, (known, like) in part.answers.items():
                earlier = answers.get(name, (0, 0))
                answers[name] = earlier[0] + known, earlier[1] + like
        return cls(languages, answers, sum((part.prompts for part in parts), Counter()))

    @property
    def spoken(self) -> dict[str, list[str]]:
        """By side, the languages in which the guesses hold."""
        return language.spoken(self.languages)

    @property
    def json_endpoints(self) -> list[str]:
        """The endpoints at least half of whose answers, of enough, are JSON on this day."""
        enough = ((name, like / known) for name, (known, like) in self.answers.items() if known >= _FEWEST_ANSWERS)
        return [name for name, share in enough if share >= _JSON_SHARE]


def _of_users(day: pa.Table) -> dict[str, np.ndarray]:
    placed = day.append_column("_row", pa.array(np.arange(day.num_rows)))
    found = users.together([users.gather(placed, ["_row"])], ["_row"])
    out = {name: np.full(day.num_rows, np.nan) for name in users.METRICS}
    for name, values in out.items():
        values[found.column("_row").to_numpy()] = found.column(name).to_numpy(zero_copy_only=False)
    return out


def repeated_questions(sessions: np.ndarray, times: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """1 where the session has asked the question before, 0 where not; NaN without a session or a key (0); shape (n,)."""
    asked = np.flatnonzero((sessions >= 0) & (keys != 0))
    order = asked[np.lexsort((asked, times[asked], keys[asked], sessions[asked]))]
    out = np.full(len(sessions), np.nan)
    out[order] = 0.0
    again = (sessions[order][1:] == sessions[order][:-1]) & (keys[order][1:] == keys[order][:-1])
    out[order[1:][again]] = 1.0
    return out


def regenerated(sessions: np.ndarray, times: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """1 where the request just before in the session was the same question, 0 where not; NaN without a session or a key (0); shape (n,)."""
    order = np.flatnonzero(sessions >= 0)
    order = order[np.lexsort((order, times[order], sessions[order]))]
    out = np.where((sessions >= 0) & (keys != 0), 0.0, np.nan)
    again = (sessions[order][1:] == sessions[order][:-1]) & (keys[order][1:] == keys[order][:-1])
    again &= keys[order][1:] != 0
    out[order[1:][again]] = 1.0
    return out


def abandoned(day: pa.Table, sessions: np.ndarray, times: np.ndarray) -> np.ndarray:
    """1 where a session's last answer failed, was empty, refused, met a question asked again or left the task undone.

    Given on the last trace of a session, NaN elsewhere; shape (n,).
    """
    unhelped = np.zeros(day.num_rows, bool)
    for name in _UNHELPFUL:
        unhelped |= _numbers(day, name) == 1
    unhelped |= _numbers(day, "task_completed") == 0
    out = np.full(day.num_rows, np.nan)
    last = users.last_rows(sessions, times)
    out[last] = unhelped[last]
    return out


def json_valid(day: pa.Table, expected: Collection[str]) -> np.ndarray:
    """Validity of the answers of endpoints where JSON is expected; NaN elsewhere.

    There an answer that does not even begin as JSON is invalid.
    """
    like, valid = _numbers(day, "_json_like"), _numbers(day, "json_valid")
    names = day.column("name").fill_null("")
    here = pc.is_in(names, pa.array(sorted(expected), pa.string())).to_numpy(zero_copy_only=False)
    return np.where(~np.isnan(like) & here, np.where(np.isnan(valid), 0.0, valid), np.nan)


def json_endpoints_of(profiles: Iterable[pa.Table]) -> frozenset[str]:
    """The endpoints where JSON was expected on any of the days whose profiles are given."""
    found: set[str] = set()
    for table in profiles:
        rows = pc.and_(pc.equal(table["dimension"], "name"), pc.equal(table["metric"], "json_valid"))
        rows = pc.and_(rows, pc.greater(table["n"], 0))
        found.update(table.filter(rows)["value"].to_pylist())
    return frozenset(found)


def _last_of_group(groups: np.ndarray, times: np.ndarray, values: np.ndarray, lacking: np.ndarray | None = None) -> np.ndarray:
    """Sum of a group's known values on the row of its last trace; NaN elsewhere and where none is known.

    lacking: rows whose value is unknown though it is not nothing; their groups' sums are unknown.
    """
    known = np.isfinite(values) & (groups >= 0)
    n = groups.max(initial=-1) + 1
    totals = np.bincount(groups[known], values[known], n)
    counts = np.bincount(groups[known], minlength=n)
    if lacking is not None:
        counts[groups[lacking & (groups >= 0)]] = 0
    last = users.last_rows(groups, times)
    out = np.full(len(groups), np.nan)
    out[last] = np.where(counts > 0, totals, np.nan)[groups[last]]
    return out


def _codes(day: pa.Table, name: str) -> np.ndarray:
    """A key as integers from 0, -1 where null or absent; shape (n,)."""
    if name not in day.column_names:
        return np.full(day.num_rows, -1)
    encoded = day.column(name).combine_chunks().dictionary_encode()
    return encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)


def _numbers(day: pa.Table, name: str) -> np.ndarray:
    if name not in day.column_names:
        return np.full(day.num_rows, np.nan)
    return day.column(name).cast(pa.float64()).to_numpy(zero_copy_only=False).astype(float)


def _keys(day: pa.Table, name: str) -> np.ndarray:
    """A uint64 key, 0 where null or absent; shape (n,)."""
    if name not in day.column_names:
        return np.zeros(day.num_rows, np.uint64)
    return day.column(name).cast(pa.uint64()).combine_chunks().fill_null(0).to_numpy(zero_copy_only=False)


def _with(day: pa.Table, name: str, values: np.ndarray) -> pa.Table:
    column = pa.array(values, pa.float64(), from_pandas=True)
    if name in day.column_names:
        return day.set_column(day.column_names.index(name), name, column)
    return day.append_column(name, column)
