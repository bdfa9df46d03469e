"""`drift measure`: what drift sees of a file of traces, one row a trace, in the file's order."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from drift import features
from drift.config import Config
from drift.errors import DataError
from drift.text.escape import cell

_FORMATS = (".parquet", ".csv", ".jsonl")


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
    from drift import stores
    from drift.stores.files import FilesStore, read_file

    if config.store.type == "files":
        here = config.store.model_copy(update={"path": str(file), "format": "auto"})
        store = stores.open_store(config.model_copy(update={"store": here}))
        if isinstance(store, FilesStore):
            return measured(read_file(str(file), store.options, salt=store.salt), config, embeddings=embeddings)
    return measured(read_file(str(file)), config, embeddings=embeddings)


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
