"""Which column of a row feeds which column of the trace table, and the row as a row of that table."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from drift import traces
from drift.errors import DataError
from drift.stores import final_call, messages
from drift.stores.column_names import NAMES, key
from drift.stores.content import without_reasoning
from drift.stores.documents import documents
from drift.stores.failures import failure_of
from drift.stores.presets import PRESETS, Preset
from drift.stores.readers import Lost, Raw, Within, refuse
from drift.stores.turns import turns

_UPDATED = ("updated_at", "updatedAt", "last_updated", "last_modified", "modified_at", "version_time")
_TEXT_NAMES = frozenset(NAMES["input"]) | frozenset(NAMES["output"])
# columns that are not the trace table's own but that one of its columns follows from
DERIVED = {"end_time": "latency_s", "latency_ms": "latency_s", "first_token_time": "ttft_s", "ttft_ms": "ttft_s"}
_KEPT_METADATA = 200
_ENDS = ("end_time", "latency_s", "latency_ms", "error")
_NEVER = datetime(1, 1, 1, tzinfo=UTC)


def known_columns(given: dict) -> dict:
    """The mapping itself. Raises ValueError for a key that is no column of the trace table."""
    allowed = [*traces.SCHEMA.names, *DERIVED]
    for name in given:
        if name not in allowed:
            raise ValueError(f"{name!r} is not a column of the trace table; those are {', '.join(allowed)}")
    return given


class FilesOptions(BaseModel):
    model_config = ConfigDict(extra="forbid")

    path: str = Field(description="a file, a folder (searched deeply), a glob, or an fsspec URL such as s3://bucket/traces")
    format: Literal["auto", "parquet", "jsonl", "csv"] = "auto"
    preset: Literal["langsmith", "helicone", "braintrust", "weave"] | None = None
    columns: dict[str, str] = Field({}, description="trace column = the file's column, or a dotted path inside one")
    values: dict[str, str | int | float | bool | list[str]] = Field({}, description="trace column = one value for every row")
    scores: dict[str, str] = Field({}, description="score name = the file's column")
    url: str = Field("", description="link to a trace, with {trace_id} in it")

    _known = field_validator("columns", "values")(known_columns)


@dataclass(frozen=True)
class Mapping:
    """Which of a file's columns feeds which column of the trace table."""

    paths: dict[str, tuple[str, ...]]
    required: frozenset[str]
    values: dict[str, Any] = field(default_factory=dict)
    scores: dict[str, str] = field(default_factory=dict)
    score_objects: tuple[str, ...] = ()
    root: str | None = None
    short_name: re.Pattern[str] | None = None
    nested: bool = False

    @classmethod
    def of(cls, options: FilesOptions) -> Mapping:
        preset = PRESETS.get(options.preset or "", Preset({}))
        paths: dict[str, tuple[str, ...]] = (
            {name: (name,) for name in [*traces.SCHEMA.names, *DERIVED]} if not options.preset else dict(preset.columns)
        )
        paths.update({name: (path,) for name, path in options.columns.items()})
        return cls(
            paths=paths,
            required=frozenset([*options.columns.values(), *options.scores.values()]),
            values={**preset.values, **options.values},
            scores=options.scores,
            score_objects=preset.scores,
            root=preset.root,
            short_name=preset.name,
            nested=options.preset is not None,
        )

    @cached_property
    def used(self) -> set[str]:
        """The file's columns that a trace column is read from."""
        named = [p for paths in self.paths.values() for p in paths] + [*self.scores.values(), *self.score_objects]
        return {n for path in named + ([self.root] if self.root else []) for n in (path, path.split(".")[0])}

    def value(self, values: dict[str, Any], column: str) -> Any:
        empty = None
        for path in self.paths.get(column, ()):
            found = _over_members(values, path) if "*" in path else lookup(values, path)
            if found is not None:
                if found != "":
                    return found
                # an empty text is an answer too, where no other path has one
                empty = found
        return empty

    def need(self, names: list[str], where: str, *, timed: bool = True) -> None:
        """Raises DataError where a column that was mapped, or the time, is not among the names."""

        def present(path: str) -> bool:
            steps = path.split(".")
            return any(".".join(steps[:n]) in names for n in range(1, len(steps) + 1))

        there = f"its columns are {', '.join(names)}"
        for path in sorted(self.required):
            if not present(path):
                raise DataError(f"{where}: no column {path!r}; {there}")
        if timed and "timestamp" not in self.values and not any(map(present, self.paths["timestamp"])):
            column = self.paths["timestamp"][0]
            raise DataError(f'{where}: no column {column!r}; {there}; map one: [store.columns] timestamp = "…"')

    def need_texts(self, names: set[str], where: str) -> None:
        """Raises DataError where neither questions nor answers are read, though columns are named as if they held them."""
        if any(self._present(column, names) for column in ("input", "output")):
            return
        likely = [name for name in sorted(names - self.used) if key(name) in _TEXT_NAMES]
        if likely:
            raise DataError(
                f"{where}: neither questions nor answers are mapped, but there are {', '.join(likely)}; its columns are "
                f'{", ".join(sorted(names))}; map them: [store.columns] input = "…" and output = "…", or run `drift init {where}`'
            )

    def unrecorded(self, names: Collection[str]) -> list[str]:
        """The columns in which a null would mean "none", that the files do not have."""
        return [column for column in ("error",) if names and not self._present(column, names)]

    def _present(self, column: str, names: Collection[str]) -> bool:
        if column in self.values:
            return True
        return any(path in names or path.split(".")[0] in names for path in self.paths.get(column, ()))

    def version_columns(self, names: list[str]) -> list[str]:
        """Of these columns those that tell which of several rows of a trace counts."""
        wanted = {p.split(".")[0] for c in ("trace_id", "timestamp", "output", *_ENDS) for p in self.paths.get(c, ())} | set(
            _UPDATED
        )
        wanted |= {p for c in ("trace_id", "timestamp", "output", *_ENDS) for p in self.paths.get(c, ())}
        return [n for n in names if n in wanted or n == self.root or n == (self.root or "").split(".")[0]]

    def rank(self, raw: Raw, order: int) -> tuple:
        """(finished, updated, order, place): of several rows of one trace the one with the greatest counts."""
        ended = any(self.value(raw.values, name) not in (None, "") for name in _ENDS)
        answered = self.value(raw.values, "output") not in (None, "")
        updated = next((t for n in _UPDATED if (t := traces.parse_time(as_number(raw.values.get(n)))) is not None), None)
        finished = traces.parse_time(as_number(self.value(raw.values, "end_time")))
        return (ended + answered, updated or finished or _NEVER, order, raw.place)

    def within(self, names: list[str], start: datetime, end: datetime) -> Within | None:
        """The column of these names that holds the time, with the window."""
        column = next((p for p in self.paths["timestamp"] if p in names), None)
        return Within(column, start, end) if column else None

    def is_root(self, raw: Raw) -> bool:
        return self.root is None or lookup(raw.values, self.root) in (None, "", [], "[]")

    def time(self, raw: Raw, lost: Lost = refuse) -> datetime | None:
        """The row's time in UTC; `lost` is called with a DataError where it has none that can be read."""
        given = self.values.get("timestamp", self.value(raw.values, "timestamp"))
        if given is None or given == "":
            paths = " or ".join(self.paths["timestamp"])
            lost(DataError(f'{raw.place}: no time in column {paths!r}; name it in [store.columns], as timestamp = "…"'))
            return None
        moment = traces.parse_time(as_number(given))
        if moment is None:
            lost(
                DataError(
                    f"{raw.place}: column {self.paths['timestamp'][0]!r} holds no time that can be read; "
                    "write ISO 8601 or seconds since 1970"
                )
            )
        return moment

    def row(self, raw: Raw, salt: str, only: tuple[str, ...] | None = None) -> dict:
        """The row as a row of the trace table."""
        values = raw.values
        out = {name: self.value(values, name) for name in only or self.paths}
        out.update(self.values)
        if out.get("trace_id") in (None, ""):
            out["trace_id"] = f"{raw.file.name.rsplit('/', 1)[-1]}:{raw.number}"
        out["trace_id"] = str(out["trace_id"])
        if only:
            return out
        user = out.get("user")
        out["user"] = traces.hash_user(user, salt)
        if self.short_name and (short := self.short_name.match(str(out.get("name") or ""))):
            out["name"] = short[1]
        out["timestamp"] = traces.parse_time(as_number(out.get("timestamp")))
        request = out.get("input")
        out["input"], out["output"] = self._texts(out)
        if not isinstance(out.get("reference"), (str, type(None))):
            out["reference"] = messages.answer(out["reference"])
        if out.get("documents") is not None:
            out["documents"] = documents(out["documents"])
        for name in ("scores", "metadata", "tags"):
            out[name] = messages.decode(out.get(name))
        if isinstance(out["tags"], str):
            out["tags"] = [t.strip() for t in out["tags"].split(",") if t.strip()]
        if isinstance(out["metadata"], list):
            out["metadata"] = {
                str(pair[0]): pair[1] for pair in out["metadata"] if isinstance(pair, (list, tuple)) and len(pair) == 2
            }
        out["scores"] = self._scores(values, out["scores"])
        _derive(out)
        if isinstance(used := messages.decode(out.get("tool_calls")), list):
            # the tools that were used, each by its name
            out["tool_calls"] = len(used)
        named = self._metadata(values, out["metadata"])
        # who it was is known by the hash alone
        out["metadata"] = {k: v for k, v in named.items() if user in (None, "") or v != str(user)}
        if isinstance(out.get("fallback"), str):
            out["fallback"] = {"true": True, "1": True, "false": False, "0": False}.get(out["fallback"].lower())
        if request is not None:
            final_call.note(
                out["trace_id"], request, out.get("model"), out.get("model"), out["metadata"], out.get("system_prompt")
            )
        return out

    def _texts(self, out: dict) -> tuple[Any, Any]:
        asked, answered = out.get("input"), out.get("output")
        if self.nested or isinstance(asked, (dict, list)):
            if out.get("system_prompt") is None:
                out["system_prompt"] = messages.system_prompt(asked)
            asked = messages.question(asked)
        elif isinstance(asked, str) and turns(messages.decode(asked)) is not None:
            asked = messages.question(asked)
        if isinstance(answered, str) and not self.nested:
            answered = (
                messages.answer(answered) if turns(messages.decode(answered)) is not None else without_reasoning(answered)
            )
        elif self.nested or isinstance(answered, (dict, list)):
            if out.get("finish_reason") is None:
                out["finish_reason"] = messages.finish_reason(answered)
            answered = messages.answer(answered)
        return asked, answered

    def _scores(self, values: dict, given: Any) -> Any:
        extra: dict[str, Any] = {}
        for path in self.score_objects:
            inner = messages.decode(lookup(values, path))
            for name, value in inner.items() if isinstance(inner, dict) else ():
                # LangSmith's feedback_stats hold {"n", "avg", "values"}
                extra[name] = value.get("avg", value.get("score")) if isinstance(value, dict) else value
        for name, path in self.scores.items():
            extra[name] = lookup(values, path)
        extra = {name: as_number(value) for name, value in extra.items() if value not in (None, "")}
        if not extra:
            return given
        if isinstance(given, dict):
            return {**given, **extra}
        return [*(given or []), *({"name": n, "value": v} for n, v in extra.items())]

    def _metadata(self, values: dict, given: Any) -> dict[str, str]:
        used = self.used
        out: dict[str, str] = {}
        for name, value in values.items():
            if name not in used and isinstance(value, (str, int, float, bool)):
                out[name] = str(value)[:_KEPT_METADATA]
        if isinstance(given, dict):
            out.update({str(k): (messages.as_text(v) or "")[:_KEPT_METADATA] for k, v in given.items() if v is not None})
        return out


def lookup(values: Any, path: str) -> Any:
    """The value at a column's name or, where there is no such column, at a dotted path inside one (JSON text is opened)."""
    if isinstance(values, dict):
        if path in values:
            return values[path]
        if "." not in path:
            return None
    head, _, rest = path.partition(".")
    while rest and isinstance(values, dict):
        if head in values:
            inner = messages.decode(values[head])
            if isinstance(inner, list) and inner and isinstance(inner[0], tuple):
                inner = dict(inner)
            found = lookup(inner, rest)
            if found is not None:
                return found
        step, _, rest = rest.partition(".")
        head = f"{head}.{step}"
    if isinstance(values, list) and path.split(".")[0].isdigit():
        index, _, rest = path.partition(".")
        inner = values[int(index)] if int(index) < len(values) else None
        return lookup(inner, rest) if rest else inner
    return None


def _over_members(values: Any, path: str) -> Any:
    """For `a.*.b` the sum of the numbers `b` of all members of `a`; for `a.*` the name of its only member."""
    head, _, rest = path.partition(".*")
    members = messages.decode(lookup(values, head))
    if isinstance(members, list) and members and isinstance(members[0], tuple):
        members = dict(members)
    if not isinstance(members, dict):
        return None
    if not rest:
        return next(iter(members)) if len(members) == 1 else None
    found = [as_number(lookup(messages.decode(m), rest.removeprefix("."))) for m in members.values()]
    numbers = [n for n in found if isinstance(n, (int, float)) and not isinstance(n, bool)]
    return sum(numbers) if numbers else None


def _derive(out: dict) -> None:
    begin = out.get("timestamp")
    for name, target in (("end_time", "latency_s"), ("first_token_time", "ttft_s")):
        moment = traces.parse_time(as_number(out.pop(name, None)))
        if out.get(target) is None and moment is not None and begin is not None:
            out[target] = (moment - begin).total_seconds()
    for name, target in (("latency_ms", "latency_s"), ("ttft_ms", "ttft_s")):
        given = as_number(out.pop(name, None))
        if out.get(target) is None and isinstance(given, (int, float)):
            out[target] = given / 1000
    out["error"] = failure_of(out.get("error"))


def as_number(value: Any) -> Any:
    """A number where text holds one (CSV has nothing but text); else the value."""
    if isinstance(value, str) and value[:1] in "0123456789-+.":
        try:
            return float(value) if any(c in value for c in ".eE") else int(value)
        except ValueError:
            return value
    return value
