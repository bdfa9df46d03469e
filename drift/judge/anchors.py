"""Anchors: questions and answers whose labels are known, judged again each night; the user's own file, JSON lines.

    {"id": "a1", "input": "…", "output": "…", "documents": "…", "tools": "…", "labels": {"helpful": true, "grounded": false}}

A label is true where the answer is good. A rubric without a label is judged all the same: the ruler needs no truth, only the same thing
twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from drift.errors import ConfigError
from drift.judge import fields
from drift.judge.sampling import chance


@dataclass(frozen=True)
class Anchor:
    """fields: `input`, `output`, `context` and `tools` as rubrics ask for them. good: by rubric, whether people call the answer good."""

    id: str
    fields: Mapping[str, str]
    good: Mapping[str, bool] = field(default_factory=dict)


def read(path: str) -> list[Anchor]:
    """The anchors of a file; none where no file is named. Raises ConfigError with the line that is wrong."""
    if not path:
        return []
    file = Path(path)
    if not file.is_file():
        raise ConfigError(f"judge.anchors: {path}: no such file; choose some with `drift judge anchors`")
    return list(_lines(file))


def propose(traces: pa.Table, number: int) -> Iterator[str]:
    """Lines of an anchors file without labels: of each endpoint alike, of its answers that many, chosen by hash."""
    rows = [row for row in traces.select(["trace_id", "name", *fields.COLUMNS]).to_pylist() if row["input"] and row["output"]]
    rows.sort(key=lambda row: chance(row["trace_id"]))
    by_name: dict[str, list] = {}
    for row in rows:
        by_name.setdefault(row["name"] or "", []).append(row)
    taken: list[dict] = []
    while len(taken) < min(number, len(rows)):
        for own in by_name.values():
            if own and len(taken) < number:
                taken.append(own.pop(0))
    for row in taken:
        given = {"id": row["trace_id"], "input": row["input"], "output": row["output"]}
        more = {"documents": fields.documents(row), "tools": fields.tools(row)}
        yield json.dumps(given | {name: text for name, text in more.items() if text} | {"labels": {}}, ensure_ascii=False)


def _lines(file: Path) -> Iterator[Anchor]:
    seen = set()
    for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
        if not line.strip():
            continue
        where = f"judge.anchors: {file}, line {number}"
        try:
            given = json.loads(line)
            identity, texts = str(given["id"]), {name: str(given[name]) for name in ("input", "output")}
            labels = given.get("labels") or {}
            good = {str(name): value for name, value in labels.items() if value is not None}
        except (ValueError, KeyError, TypeError, AttributeError):
            raise ConfigError(f'{where}: not an object with "id", "input" and "output"') from None
        if wrong := [name for name, value in good.items() if not isinstance(value, bool)]:
            raise ConfigError(f"{where}: the label of {wrong[0]!r:.80} is neither true nor false")
        if identity in seen:
            raise ConfigError(f"{where}: the id {identity!r:.80} is there twice")
        seen.add(identity)
        texts |= {field: str(given[name]) for name, field in (("documents", "context"), ("tools", "tools")) if given.get(name)}
        yield Anchor(identity, texts, good)
