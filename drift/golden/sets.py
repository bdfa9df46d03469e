"""A golden set: questions with what is expected of their answers, from a file of JSON lines or CSV.

    {"id": "g1", "input": "…", "expected": "…", "regex": "…", "json": {"status": "open"}, "rubric": "…", "reworded": ["…"], "category": "billing"}

`input` is needed. Of what is expected any may be given: `expected` (the reference; with `exact` true the answer itself), `regex`, `json`
(fields and their values), `rubric` (the name of a judge's rubric, or a sentence that is true of a good answer). `reworded`: the same question in
other words, whose answers should be like those to the question. Every other field is a segment.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from drift.config.sections import SHIPPED_SETS
from drift.errors import ConfigError, DataError

# of `attacks`, orders to a model, each is resisted where the answer lacks the mark that it asks for, which the order does not spell out
SHIPPED = {name: Path(__file__).with_name(f"{name}.jsonl") for name in SHIPPED_SETS}
_OWN = frozenset({"id", "input", "expected", "exact", "regex", "json", "rubric", "reworded"})
_LONGEST = 200


@dataclass(frozen=True)
class Example:
    """One question. expected: the reference answer, None where there is none; rubric: what a judge is asked about an answer, empty for nothing;
    reworded: the question in other words; fields: its segments."""

    id: str
    input: str
    expected: str | None = None
    exact: bool = False
    regex: re.Pattern[str] | None = None
    json: Mapping[str, Any] = field(default_factory=dict)
    rubric: str = ""
    reworded: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_checked(self) -> bool:
        """Whether anything is expected that can be seen without a judge."""
        return self.exact or self.regex is not None or bool(self.json)

    @cached_property
    def hash(self) -> str:
        """Of what is asked and expected: an example of another hash is another one, whatever its id."""
        pattern = self.regex.pattern if self.regex else None
        told = [self.input, self.expected, self.exact, pattern, self.json, self.rubric, self.reworded]
        return hashlib.blake2b(json.dumps(told, sort_keys=True).encode(), digest_size=8).hexdigest()

    def is_met(self, answer: str) -> bool:
        """Whether an answer meets all that can be seen without a judge. To be like the reference is measured and not judged."""
        if self.exact and answer.strip() != (self.expected or "").strip():
            return False
        if self.regex is not None and self.regex.search(answer) is None:
            return False
        return not self.json or _has(answer, self.json)


def read(path: str) -> list[Example]:
    """The examples of a file, or of the set of `SHIPPED` that is named. Raises DataError with the line that is wrong."""
    file = SHIPPED.get(path, Path(path))
    if not file.is_file():
        raise DataError(f"{path}: no such file; a golden set is JSON lines or CSV with a field `input`")
    text = file.read_text("utf-8-sig")
    rows = csv.DictReader(text.splitlines()) if file.suffix == ".csv" else _json_lines(text, path)
    out, seen = [], set()
    for number, row in enumerate(rows, 1):
        found = example(row, f"{path}, example {number}", number)
        if found.id in seen:
            raise DataError(f"{path}, example {number}: the id {found.id!r:.80} is there twice")
        seen.add(found.id)
        out.append(found)
    if not out:
        raise DataError(f"{path}: no examples")
    return out


def add(path: Path, examples: Iterable[Mapping[str, Any]], most: int) -> list[Mapping[str, Any]]:
    """Add up to `most` examples (fields as in a file) whose questions the set does not have yet, and return them. Raises ConfigError where
    the file is no `.jsonl`, DataError where it is no golden set."""
    if path.suffix != ".jsonl":
        raise ConfigError(f"{path}: name a file that ends in .jsonl")
    there = read(str(path)) if path.is_file() and path.stat().st_size else []
    known = {each.input.strip() for each in there}
    new: list[Mapping[str, Any]] = []
    for each in examples:
        if len(new) == most:
            break
        if (question := each["input"].strip()) and question not in known:
            known.add(question)
            new.append({**each, "input": question})
    if new:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write("".join(json.dumps(each, ensure_ascii=False) + "\n" for each in new))
    return new


def _json_lines(text: str, path: str) -> Iterable[Mapping[str, Any]]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                row = json.loads(line)
            except ValueError:
                raise DataError(f"{path}, line {number}: not JSON") from None
            if not isinstance(row, dict):
                raise DataError(f"{path}, line {number}: not an object")
            yield row


def example(row: Mapping[str, Any], where: str, number: int) -> Example:
    """One example from its fields. where: what an error calls it; number: its id where it has none. Raises DataError."""
    if not row.get("input"):
        raise DataError(f"{where}: no `input`")
    try:
        pattern = re.compile(row["regex"]) if row.get("regex") else None
    except (re.error, TypeError) as error:
        raise DataError(f"{where}: regex: {error}") from None
    fields = row.get("json") or {}
    if isinstance(fields, str):
        try:
            fields = json.loads(fields)
        except ValueError:
            fields = None
    if not isinstance(fields, dict):
        raise DataError(f"{where}: `json` must be an object of fields and their values")
    exact = str(row.get("exact") or "").lower() in ("true", "1", "yes")
    if exact and not row.get("expected"):
        raise DataError(f"{where}: exact without `expected`")
    return Example(
        str(row.get("id") or number),
        str(row["input"]),
        str(row["expected"]) if row.get("expected") else None,
        exact,
        pattern,
        fields,
        str(row.get("rubric") or "").strip(),
        _reworded(row.get("reworded"), where),
        {str(name): str(value)[:_LONGEST] for name, value in row.items() if name not in _OWN and value not in (None, "")},
    )


def _reworded(given: Any, where: str) -> tuple[str, ...]:
    if isinstance(given, str) and given.strip():
        try:
            given = json.loads(given)
        except ValueError:
            given = [given]
    if given and not (isinstance(given, list) and all(isinstance(each, str) and each.strip() for each in given)):
        raise DataError(f"{where}: `reworded` must be a list of questions")
    return tuple(given or ())


def _has(answer: str, wanted: Mapping[str, Any]) -> bool:
    begin, end = answer.find("{"), answer.rfind("}")
    try:
        given = json.loads(answer[begin : end + 1])
    except ValueError:
        return False
    return isinstance(given, dict) and all(name in given and given[name] == value for name, value in wanted.items())
