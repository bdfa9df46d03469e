"""What drift sees of a file of traces, one row a trace, in the file's order: for `drift measure`, and as a side of a comparison."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from drift import features, stores, traces
from drift.compare.matching import EXACT, IDS
from drift.config import Config
from drift.errors import DataError
from drift.stores import redact
from drift.stores.column_names import NAMES, key
from drift.stores.files import FilesStore, read_file
from drift.stores.mapping import FilesOptions, Mapping
from drift.stores.readers import list_files, read
from drift.text.escape import cell

_FORMATS = (".parquet", ".csv", ".jsonl")
# what a trace is measured by; a file without any of it has nothing to compare
_MEASURED = (
    "input",
    "output",
    "latency_s",
    "ttft_s",
    "input_tokens",
    "output_tokens",
    "cost_usd",
    "finish_reason",
    "error",
    "retries",
    "fallback",
    "tool_calls",
    "tool_errors",
    "steps",
)
_LISTS = ("documents", "scores")
_NAMED = 20


def measure_file(file: Path, output: Path, config: Config, *, embeddings: bool = False) -> int:
    """Write the features of the traces in `file` to `output` and return how many rows it has.

    Raises DataError where the file cannot be read as traces or the output's format is unknown.
    """
    if output.suffix not in _FORMATS:
        raise DataError(f"{output}: unknown format; end the name with one of {', '.join(_FORMATS)}")
    table = features_of(file, config, embeddings=embeddings)
    _write(table, output)
    return table.num_rows


def features_of(file: Path, config: Config, *, embeddings: bool) -> pa.Table:
    """The features of every trace in `file`, one row a trace, in the file's order. Raises DataError, and ConfigError for a
    store that is none.

    Where the nights read files, this one is read as they are.
    """
    options, salt = _reading(file, config)
    given = redact.as_configured(config, read_file(str(file), options, salt=salt))
    return measured(given, config, embeddings=embeddings)


def side_of(file: Path, config: Config, *, embeddings: bool) -> pa.Table:
    """The features of every trace in `file`, with the columns of `drift.compare.matching` by which it may have a partner.

    A row without an id of its own has none here, for its number says nothing of which row of another file belongs to it. Raises
    DataError where the file cannot be read, or neither questions nor answers nor measures are read of it.
    """
    options, salt = _reading(file, config)
    look = _Look.at(file, options)
    given = redact.as_configured(config, read_file(str(file), options, salt=salt))
    table = traces.not_recording(given, look.unrecorded)
    look.need(table)
    found = with_keys(measured(table, config, embeddings=embeddings), table)
    names = zip(table["trace_id"].to_pylist(), look.identified, strict=True)
    own = pa.array([name if known else None for name, known in names], pa.string())
    return found.set_column(found.column_names.index("trace_id"), "trace_id", own)


def with_keys(table: pa.Table, of: pa.Table) -> pa.Table:
    """A features table with what its traces `of` (the same rows) say about which input each of them answers."""
    texts = [_digest(text) for text in of["input"].to_pylist()]
    table = table.append_column(EXACT, pa.array(texts, pa.string()))
    metadata = [dict(each or ()) for each in of["metadata"].to_pylist()]
    for name in IDS:
        if name not in table.column_names and any(name in each for each in metadata):
            table = table.append_column(name, pa.array([each.get(name) for each in metadata], pa.string()))
    return table


def _digest(text: str | None) -> str | None:
    """A key of a text as it is but for the space around it; None for no text."""
    kept = (text or "").strip()
    return hashlib.blake2b(kept.encode(), digest_size=16).hexdigest() if kept else None


def _reading(file: Path, config: Config) -> tuple[FilesOptions, str]:
    """How the file is read, and the salt for its users."""
    if config.store.type == "files":
        here = config.store.model_copy(update={"path": str(file), "format": "auto"})
        store = stores.own_store(config.model_copy(update={"store": here}))
        if isinstance(store, FilesStore):
            return store.options, store.salt
    return FilesOptions(path=str(file)), ""


@dataclass(frozen=True)
class _Look:
    """What a file has, whether or not it is read. identified: for each row whether the file gives it an id."""

    where: str
    columns: list[str]
    unread: list[str]
    identified: list[bool]
    unrecorded: Sequence[str]

    @classmethod
    def at(cls, file: Path, options: FilesOptions) -> _Look:
        mapping = Mapping.of(options)
        # in the file's order
        names: dict[str, None] = {}
        identified = []

        def seen(given: list[str]) -> None:
            names.update(dict.fromkeys(given))

        def ids(given: list[str]) -> list[str]:
            paths = [*mapping.paths["trace_id"], *([mapping.root] if mapping.root else [])]
            wanted = {path.split(".")[0] for path in paths} | set(paths)
            return [name for name in given if name in wanted] or given[:1]

        for each in list_files(str(file), "auto"):
            for raw in read(each, need=seen, only=ids):
                if not mapping.is_root(raw):
                    continue
                seen(list(raw.values))
                identified.append(mapping.value(raw.values, "trace_id") not in (None, ""))
        unread = [name for name in names if name not in mapping.used]
        return cls(file.name, list(names), unread, identified, mapping.unrecorded(names))

    def need(self, table: pa.Table) -> None:
        """Raises DataError where nothing that can be compared was read, or the answers stand in a column that is not read."""
        answers = [name for name in self.unread if key(name) in NAMES["output"]]
        if table.num_rows and not _known(table, "output") and answers:
            raise DataError(f"{self.where}: no answers were read, but there is {', '.join(answers)}; {self._remedy}")
        if table.num_rows and not any(_known(table, name) for name in (*_MEASURED, *_LISTS)):
            raise DataError(f"{self.where}: neither questions nor answers nor measures were read; {self._remedy}")

    @property
    def _remedy(self) -> str:
        named = ", ".join(map(str, self.columns[:_NAMED])) + (" …" if self.columns[_NAMED:] else "")
        return f"its columns are {named}; name them input and output, or run `drift init {self.where}`, which maps them"


def _known(table: pa.Table, name: str) -> bool:
    column = table[name]
    if name in _LISTS:
        return any(column.to_pylist())
    return column.null_count < len(column)


def measured(traces: pa.Table, config: Config, *, embeddings: bool) -> pa.Table:
    """The features of every trace of a trace table, in its order; with `embeddings` of every one and not of a sample."""
    if not embeddings:
        # a model that is not asked for need not be there
        config = config.model_copy(update={"embeddings": config.embeddings.model_copy(update={"enabled": False})})
    context = features.context(config, traces=traces.num_rows)
    return features.extract(traces, replace(context, embed_share=1.0))


def _write(table: pa.Table, output: Path) -> None:
    shown = table.select([name for name in table.column_names if not name.startswith("_")])
    output.parent.mkdir(parents=True, exist_ok=True)
    if output.suffix == ".parquet":
        pa.parquet.write_table(shown, output)
    elif output.suffix == ".csv":
        flat = [name for name, kind in zip(shown.column_names, shown.schema.types, strict=True) if not pa.types.is_nested(kind)]
        pa.csv.write_csv(pa.table({name: _cells(shown.column(name)) for name in flat}), output)
    else:
        shown.to_pandas().to_json(output, orient="records", lines=True, date_format="iso")


def _cells(column: pa.ChunkedArray) -> pa.ChunkedArray | pa.Array:
    """The column for a spreadsheet: a name that a user chose must not be run as a formula."""
    text = pa.types.is_string(column.type) or pa.types.is_large_string(column.type) or pa.types.is_dictionary(column.type)
    return pa.array([cell(value) for value in column.to_pylist()], pa.string()) if text else column
