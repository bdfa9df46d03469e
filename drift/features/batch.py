"""The two arguments of every measurement: the traces as arrays, each made once, and what is known beside them."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drift.features import prompts
from drift.features.flat import Flat, whole
from drift.features.own import NOTHING, Own
from drift.features.tokens import Tokens, tokens

if TYPE_CHECKING:
    from drift.features.embedding.embedder import Embedder

log = logging.getLogger(__name__)

Made = TypeVar("Made")
Measured = dict[str, "np.ndarray | pa.Array"]

# where a measurement raised, a column of this name and the concern's marks the rows
FAILED = "_failed."
_LONGEST_VALUE = 200
_CHARACTERS, _DOCUMENT_CHARACTERS = 4_000, 8_000


class Batch:
    """A trace table with its columns as Python lists and numpy arrays, each made once."""

    def __init__(self, traces: pa.Table):
        self.traces = traces
        self._texts: dict[str, list[str | None]] = {}
        self._tokens: dict[str, Tokens] = {}
        self._characters: dict[str, np.ndarray] = {}
        self._flat: dict[tuple[str, int | None], Flat] = {}
        self._made: dict[str, Any] = {}

    def __len__(self) -> int:
        return self.traces.num_rows

    def column(self, name: str) -> pa.ChunkedArray:
        return self.traces.column(name)

    def text(self, name: str) -> list[str | None]:
        """The column as a list of strings, None where null."""
        if name not in self._texts:
            self._texts[name] = self.traces.column(name).to_pylist()
        return self._texts[name]

    def flat(self, name: str, limit: int | None = None) -> Flat:
        """The column's UTF-8 bytes end to end, each row cut after `limit` characters."""
        if limit is not None and self._longest(name) <= limit:
            limit = None
        if (name, limit) not in self._flat:
            self._flat[name, limit] = Flat.of(self.traces.column(name), limit)
        return self._flat[name, limit]

    def _longest(self, name: str) -> int:
        """Bytes of the column's longest text, which has at most as many characters."""
        return pc.max(pc.binary_length(self.traces.column(name))).as_py() or 0

    def tokens(self, name: str) -> Tokens:
        """The tokens of the column's first 4,000 characters; of all document texts of a trace together, the first 8,000."""
        if name not in self._tokens:
            self._tokens[name] = self._read(name)
        return self._tokens[name]

    def _read(self, name: str) -> Tokens:
        if name == "documents":
            return tokens(self._document_text)
        if name == "system_prompt":
            # long, and mostly one and the same
            prompts = self.key(name).dictionary_encode()
            empty = len(prompts.dictionary)
            different = pa.concat_arrays([prompts.dictionary, pa.array([""], prompts.dictionary.type)])
            return tokens(Flat.of(different, _CHARACTERS)).of_texts(prompts.indices.fill_null(empty).to_numpy())
        return tokens(self.flat(name, _CHARACTERS))

    @cached_property
    def _document_text(self) -> Flat:
        """The texts of each trace's documents one after the other, on lines of their own."""
        documents = whole(self.column("documents"))
        texts = pc.struct_field(documents.flatten(), "text").fill_null("")
        offsets = np.concatenate([[0], np.cumsum(pc.list_value_length(documents).fill_null(0))])
        flat = Flat.of(texts)
        flat = Flat(flat.data, flat.offsets[offsets], documents.is_valid().to_numpy(zero_copy_only=False).astype(bool))
        if np.diff(flat.offsets).max(initial=0) <= _DOCUMENT_CHARACTERS:
            return flat
        # cut before joining: one document may be a whole book
        texts = pc.utf8_slice_codeunits(texts, 0, _DOCUMENT_CHARACTERS)
        joined = pc.binary_join(pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), texts), "\n")
        return Flat.of(joined, _DOCUMENT_CHARACTERS)

    def numbers(self, name: str) -> np.ndarray:
        """The column as float64, NaN where null; shape (n,)."""
        return self.traces.column(name).cast(pa.float64()).to_numpy(zero_copy_only=False).astype(float)

    def characters(self, name: str) -> np.ndarray:
        """Length of the column's texts in characters, float64, NaN where null; shape (n,)."""
        if name not in self._characters:
            lengths = pc.utf8_length(self.traces.column(name)).cast(pa.float64())
            self._characters[name] = lengths.to_numpy(zero_copy_only=False).astype(float)
        return self._characters[name]

    def known(self, name: str) -> np.ndarray:
        """Where the column is not null; bool, shape (n,)."""
        return self.traces.column(name).is_valid().to_numpy(zero_copy_only=False).astype(bool)

    @cached_property
    def timestamps(self) -> np.ndarray:
        """Start of each trace in epoch seconds, float64, NaN where null, shape (n,)."""
        return self.epoch("timestamp")

    def epoch(self, name: str) -> np.ndarray:
        """A time column in epoch seconds, float64, NaN where null, shape (n,)."""
        return epoch_seconds(self.traces.column(name))

    def once(self, name: str, make: Callable[[], Made]) -> Made:
        """What several concerns need, made by the first that does."""
        if name not in self._made:
            self._made[name] = make()
        return self._made[name]

    def key(self, name: str) -> pa.Array:
        """The column as one array."""
        return whole(self.column(name))

    def dimension(self, name: str) -> pa.Array:
        """The values by which traffic is sliced: a text column, `prompt` (`name@version`, else the system prompt's hash) or `metadata.<key>`.

        Each is cut after 200 characters, for it is kept and shown.
        """
        family, _, key = name.partition(".")
        if name == "prompt":
            version = pc.binary_join_element_wise("@", self.column("prompt_version"), "")
            given = pc.if_else(self.column("prompt_version").is_valid(), version, "")
            # a version without a name is the only prompt's
            name = pc.if_else(
                self.column("prompt_version").is_valid(),
                self.column("prompt_name").fill_null("prompt"),
                self.column("prompt_name"),
            )
            named = pc.binary_join_element_wise(name, given, "")
            nobody_says = pc.and_(pc.is_null(self.column("prompt_name")), pc.is_null(self.column("prompt_version")))
            values = pc.if_else(nobody_says, prompts.versions(self.key("system_prompt")), named)
        elif family == "metadata" and key:
            values = pc.map_lookup(whole(self.column("metadata")), key, "first")
        else:
            values = self.column(name)
        return whole(pc.utf8_slice_codeunits(values, 0, _LONGEST_VALUE))


@dataclass
class Context:
    """What a measurement may need beside the traces. Nothing here is kept between days but what the caller keeps.

    disabled: names of metrics, or of whole concerns, that are not measured.
    sampling_rate: the share of requests that are traced, for traces that do not say it.
    embed_share: the share of traces that are embedded; paired_share: whose documents and references are, too, at most embed_share;
    pii_share: in which `pii_types` and `names` are looked for.
    completion_scores: names of the scores that say whether a task was completed.
    document_date_key: metadata that holds the date of the knowledge, for requests whose documents have none.
    index_changed: when the index was last built as far as is known now, for requests that do not say.
    pii_types: types of Presidio that are looked for beside drift's own. names: the spaCy pipeline that finds persons' names.
    pii_patterns: personal data of the user's own: names and patterns (RE2).
    harmful_patterns: texts to whose word triples answers are compared.
    own: the company's own addresses and numbers, which are no personal data.
    salt: secret of the keys that are compared but must not be guessed.
    ceiling_usd: what a request may cost, USD.
    custom: the user's own measurements, by name.
    failures: traces on which a measurement raised, by concern; counted here for the checks.
    """

    dimensions: tuple[str, ...] = ("name", "model", "prompt")
    disabled: frozenset[str] = frozenset()
    stale_after_days: float = 30.0
    sampling_rate: float = 1.0
    embed_share: float = 1.0
    paired_share: float = 1.0
    pii_share: float = 1.0
    embedder: Embedder | None = None
    completion_scores: tuple[str, ...] = ("task_completed",)
    document_date_key: str = ""
    document_sources: tuple[str, ...] = ()
    index_changed: datetime | None = None
    pii_types: tuple[str, ...] = ()
    names: str = ""
    pii_patterns: tuple[tuple[str, str], ...] = ()
    harmful_patterns: tuple[str, ...] = ()
    own: Own = NOTHING
    salt: str = ""
    ceiling_usd: float | None = None
    custom: tuple[tuple[str, Measure], ...] = ()
    failures: Counter[str] = field(default_factory=Counter)
    extra: dict[str, object] = field(default_factory=dict)


Measure = Callable[[Batch, Context], Measured]


def mark_failures(name: str, rows: np.ndarray, reasons: Counter[str], context: Context) -> Measured:
    """Count and log (one line, nothing of the text) that a measurement failed, and the column that marks where.

    rows: bool, shape (n,). reasons: how often which exception.
    """
    lost = int(rows.sum())
    context.failures[name] += lost
    told = ", ".join(f"{kind} ×{count}" for kind, count in reasons.most_common(3))
    log.warning("%s could not be measured on %d of %d traces (%s)", name, lost, len(rows), told)
    return {FAILED + name: rows}


def epoch_seconds(times: pa.Array | pa.ChunkedArray) -> np.ndarray:
    """Timestamps in epoch seconds, float64, NaN where null."""
    seconds = times.cast(pa.int64()).to_numpy(zero_copy_only=False)
    return np.asarray(seconds, float) / 1e6
