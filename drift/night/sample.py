"""What a few hundred of the store's traces show: which fields were recognised, in which share, and what stands there; no text.

One trace says little: the one that is looked at has a question and the others have none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from drift import traces
from drift.config import Config
from drift.errors import StoreError
from drift.stores import Check, Store, days_of, unread
from drift.text import wording
from drift.text.escape import plain

TRACES = 300
_DAYS_BACK = 30
_COUNTED = 7
_REFUSED = 3
# what a night cannot do without, what it follows, and the rest of a trace
_CORE = ("input", "output")
_FIELDS = (
    "input",
    "output",
    "model",
    "name",
    "prompt_name",
    "prompt_version",
    "system_prompt",
    "session_id",
    "user",
    "environment",
    "release",
    "latency_s",
    "ttft_s",
    "input_tokens",
    "output_tokens",
    "cost_usd",
    "error",
    "finish_reason",
    "tool_calls",
    "documents",
    "scores",
    "reference",
    "metadata",
)
_NAMED = 6
# fields that nearly all traces have leave nothing to explain
_WHOLE = 0.95


def checks(config: Config, store: Store, now: datetime | None = None) -> Iterator[Check]:
    """The share of the fields in the newest traces with a table of them, how many traces a day there are, and which environments."""
    now = now or datetime.now(UTC)
    known = _days(config, store, now)
    with unread.noticing() as shapes:
        found = newest(store, now, max(known) if known else None, config)
    if not found.num_rows:
        yield Check("traces", False, f"none in the last {_DAYS_BACK} days", "check that the application writes to this store")
        return
    rows = tuple(_rows(found, getattr(store, "where", {})))
    shares = {field: _share(found[field]) for field in _FIELDS}
    lacking = [field for field in _CORE if not shares[field]]
    size = f"{found.num_rows:,} traces looked at{_span(found, config)}{_each_day(known)}"
    if lacking:
        what = "neither questions nor answers were found" if len(lacking) == 2 else f"no {lacking[0]} was found in any"
        yield Check("traces", False, f"{size}: {what}", "docs/stores.md says where each store's texts are looked for", rows)
    else:
        yield Check("traces", True, size, "", rows)
    for field, side in (("input", "question"), ("output", "answer")):
        if shares[field] < _WHOLE:
            yield from _not_understood(side, shapes)
    yield from _environments(found, config)
    yield from _own(found, config)


def _not_understood(side: str, shapes: Counter[tuple[str, str]]) -> Iterator[Check]:
    seen = [(shape, n) for (of, shape), n in shapes.most_common() if of == side][:_NAMED]
    if seen:
        named = ", ".join(f"{shape} ({n}×)" for shape, n in seen)
        yield Check("not understood", True, f"no {side} was found in: {named}")


def _own(found: pa.Table, config: Config) -> Iterator[Check]:
    """What a large share of the answers repeat of what looks like personal data, and is likely the company's own."""
    from drift.features import own, pii

    mine = own.parse(config.safety.own)
    answers = [text for text in found["output"].to_pylist() if text]
    pieces = [
        [piece for span in pii.spans(text) if not mine.has(span.type, piece := text[span.start : span.end])] for text in answers
    ]
    if offered := own.candidates(pieces):
        listed = ", ".join(f'"{plain(piece, 60)}"' for piece in offered[:_NAMED])
        yield Check(
            "personal data",
            True,
            f"so many answers repeat {listed} that it is likely the company's own: [safety] own = [{listed}] keeps it from counting",
        )


def newest(store: Store, now: datetime, last: date | None, config: Config) -> pa.Table:
    """Up to `TRACES` of the newest traces, of the days before `now` or, where the store knows its last day, of that and before."""
    end = config.window(last)[1] if last else now
    parts: list[pa.Table] = []
    refused = 0
    for back in range(_DAYS_BACK):
        stop = end - timedelta(days=back)
        try:
            for batch in store.pull(stop - timedelta(days=1), stop):
                parts.append(batch)
                if sum(part.num_rows for part in parts) >= TRACES:
                    return pa.concat_tables(parts).slice(0, TRACES)
        except StoreError:
            # an export that is not written yet says so; one more day is enough to know that it is not that
            refused += 1
            if refused == _REFUSED and not parts:
                raise
            if refused == _REFUSED:
                break
    return pa.concat_tables(parts) if parts else traces.empty()


def _days(config: Config, store: Store, now: datetime) -> Mapping[date, int]:
    """Traces by day: of all days where the store can say so, else of the last few whole ones where it can count."""
    told = days_of(store, config.zone)
    if told is not None:
        return told
    out: dict[date, int] = {}
    for back in range(1, _COUNTED + 1):
        day = (now.astimezone(config.zone) - timedelta(days=back)).date()
        counted = store.count(*config.window(day))
        if counted is None:
            return {}
        if counted:
            out[day] = counted
    return out


def _share(column: pa.ChunkedArray) -> float:
    return _known(column) / max(len(column), 1)


def _known(column: pa.ChunkedArray) -> int:
    """How many rows say something: no null, no empty text, list or map."""
    there = pc.is_valid(column)
    kind = column.type
    if pa.types.is_string(kind):
        there = pc.and_(there, pc.not_equal(pc.fill_null(column, ""), ""))
    elif pa.types.is_list(kind) or pa.types.is_map(kind):
        there = pa.chunked_array([pa.array([bool(value) for value in column.to_pylist()])])
    return pc.sum(there).as_py() or 0


def _rows(found: pa.Table, where: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    for field in _FIELDS:
        share = _share(found[field])
        yield (
            field,
            f"{wording.percent(share)}" if share else "not found",
            plain(where.get(field, "")),
            _shape(found[field]) if share else "",
        )


def _shape(column: pa.ChunkedArray) -> str:
    """What stands there in a few words: lengths, extremes, how many differ, names of scores; never a text."""
    values = [value for value in column.to_pylist() if value not in (None, "", [], {})]
    kind = column.type
    if pa.types.is_map(kind) or pa.types.is_list(kind):
        return _members(values)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return f"{min(values):.4g} to {max(values):.4g}"
    different = len(set(values))
    lengths = [len(str(value)) for value in values]
    if different > len(values) / 2 or max(lengths) > 200:
        return f"{min(lengths):,} to {max(lengths):,} characters"
    return f"{different:,} different value{'s' * (different != 1)}"


def _members(values: list[Any]) -> str:
    # a map's members are pairs; a score is a record with its name
    named = (
        member[0] if isinstance(member, tuple) else member.get("name")
        for value in values
        for member in value
        if not isinstance(member, str)
    )
    names = Counter(str(name) for name in named if name)
    if names:
        listed = ", ".join(plain(name, 40) for name, _ in names.most_common(_NAMED))
        return listed + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
    sizes = [len(value) for value in values]
    return f"{min(sizes)} each" if min(sizes) == max(sizes) else f"{min(sizes)} to {max(sizes)} each"


def _span(found: pa.Table, config: Config) -> str:
    first, last = (f(found["timestamp"]).as_py().astimezone(config.zone).date() for f in (pc.min, pc.max))
    return f" of {first}" if first == last else f" of {first} to {last}"


def _each_day(days: Mapping[date, int]) -> str:
    if not days:
        return ""
    sizes = sorted(days.values())
    each = f"{sizes[0]:,}" if sizes[0] == sizes[-1] else f"{sizes[0]:,} to {sizes[-1]:,}"
    return f"; {len(days)} day{'s' * (len(days) != 1)}, {min(days)} to {max(days)}, with {each} traces"


def _environments(found: pa.Table, config: Config) -> Iterator[Check]:
    seen = Counter(value for value in found["environment"].to_pylist() if value)
    if len(seen) < 2 or (config.store.model_extra or {}).get("environments"):
        return
    shares = ", ".join(f"{plain(name, 40)} {wording.percent(n / found.num_rows)}" for name, n in seen.most_common(_NAMED))
    largest = plain(seen.most_common(1)[0][0], 40)
    yield Check("environments", True, f'{shares}: all together; for one alone set [store] environments = ["{largest}"]')
