"""What inputs and outputs are about: clusters of the baseline's embeddings, each with a name that stays.

Clusters are fitted once, on the baseline's sample, and then only applied: a topic keeps its place and its name until a person
fits again, and even then a cluster that is still there keeps its name. What is far from every cluster is labelled `new`.
Stored are centroids, radii and a few frequent words, never a text.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from threadpoolctl import threadpool_limits

from drift.errors import DataError
from drift.features.batch import Batch, Context, Measured
from drift.features.embedding import ENCODER_COLUMN, SIDES, sampled

NEW = "new"
KEY = "topics"
FILE = "topics.npz"
# a word names a topic only if so many different traces of it have the word: no name, address or number of one person
MIN_TRACES_A_WORD = 8
_SIZES = (4, 6, 8, 12, 16, 24)
# share of the baseline's own traces that lie outside every radius
_OUTSIDE = 0.01
# rows that clusters are fitted on, and texts of the last day that name them
ROWS = 6000
_SAME = 0.9
_FORMAT = 1
_WORD = re.compile(r"[^\W\d_]{3,20}")


@dataclass(frozen=True)
class Topics:
    """Clusters of one side. centroids: (K, d) unit vectors; radii: (K,) smallest cosine that still belongs; names: K."""

    encoder: str
    centroids: np.ndarray
    radii: np.ndarray
    names: tuple[str, ...]

    def place(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Nearest cluster (n,) and whether the vector lies within its radius (n,); unit vectors (n, d)."""
        cosine = x @ self.centroids.T
        nearest = cosine.argmax(1)
        return nearest, cosine[np.arange(len(x)), nearest] >= self.radii[nearest]

    def label(self, x: np.ndarray) -> np.ndarray:
        """Topic names as object (n,): `new` where far from every cluster, None where the vector is unknown."""
        out = np.full(len(x), None, object)
        known = np.isfinite(x).all(1)
        nearest, within = self.place(x[known])
        out[known] = np.where(within, np.array(self.names, object)[nearest], NEW)
        return out


@dataclass(frozen=True)
class Fitted:
    """Topics by side (`input`, `output`), and the day on which they were fitted; they label the days after it."""

    day: date
    sides: dict[str, Topics]

    @property
    def encoder(self) -> str:
        """That of every side; empty where there is no side or they differ, so that topics are fitted again."""
        encoders = {known.encoder for known in self.sides.values()}
        return encoders.pop() if len(encoders) == 1 else ""


@dataclass
class Collector:
    """Stands in for topics while there are none: keeps a share of a day's traces in memory, so that clusters can be named."""

    share: float = 1.0
    vectors: dict[str, list[np.ndarray]] = field(default_factory=lambda: {side: [] for side in SIDES})
    texts: dict[str, list[str]] = field(default_factory=lambda: {side: [] for side in SIDES})

    def fit(self, day: date, history: Iterable[pa.Table], encoder: str) -> Fitted:
        """Topics of each side, fitted on the vectors of earlier days' features tables and of `day`, named by its words."""
        tables = [t for t in history if _encoded_by(t, encoder)]
        out = {}
        for side, column in SIDES.items():
            old = [matrix(t.column(column)) for t in tables if column in t.column_names]
            own = np.concatenate(self.vectors[side]) if self.vectors[side] else np.zeros((0, 0), np.float32)
            parts = [x[np.isfinite(x).all(1)] for x in (*old, own) if x.size]
            if sum(map(len, parts)) >= 10 * _SIZES[0]:
                out[side] = named(fit(np.concatenate(parts), encoder), own, self.texts[side])
        return Fitted(day, out)


def measure(batch: Batch, context: Context) -> Measured:
    """`input_topic`, `output_topic` of the embedded sample, by the topics in `context.extra`.

    Nothing where there are none, or where they were fitted on the vectors of another encoder.
    """
    held = context.extra.get(KEY)
    embedder = context.embedder
    if not isinstance(held, (Fitted, Collector)) or embedder is None:
        return {}
    share = min(context.embed_share, held.share) if isinstance(held, Collector) else context.embed_share
    chosen = sampled(batch.column("trace_id").to_pylist(), share)
    out: Measured = {}
    for side in SIDES:
        texts = [t if c else None for t, c in zip(batch.text(side), chosen, strict=True)]
        if isinstance(held, Fitted) and side not in held.sides:
            continue
        # every text was just embedded for its own column, so this costs a look-up
        vectors = embedder.embed(texts)
        if isinstance(held, Collector):
            known = np.isfinite(vectors).all(1)
            held.vectors[side].append(vectors[known])
            held.texts[side] += [t for t, k in zip(texts, known, strict=True) if k and t is not None]
        elif held.sides[side].encoder == embedder.encoder:
            out[f"{side}_topic"] = held.sides[side].label(vectors)
    return out


def fit(x: np.ndarray, encoder: str, *, clusters: int | None = None, seed: int = 0) -> Topics:
    """Clusters of unit vectors (n, d), n ≥ 10 times their number; how many, unless given, by the silhouette.

    Names are numbers until `named`. Source: Rousseeuw 1987 (silhouette); spherical k-means by re-normalised centroids.
    """
    from sklearn.metrics import silhouette_score

    rng = np.random.default_rng(seed)
    x = x[rng.permutation(len(x))[:ROWS]]
    half = len(x) // 2
    most = min(len(x) // 10, len(np.unique(x[:half], axis=0)))
    sizes = [clusters] if clusters else [k for k in _SIZES if k <= most] or [max(1, min(most, _SIZES[0]))]
    candidates = [_centroids(x, k, seed) for k in sizes]
    if len(candidates) > 1:
        some = x[:1500]
        scores = [silhouette_score(some, (some @ c.T).argmax(1)) if _spread(some, c) else -1.0 for c in candidates]
        best = candidates[int(np.argmax(scores))]
    else:
        best = candidates[0]
    # radii from rows that had no part in the centroids they are measured to
    cosines = np.concatenate([(x[half:] @ c.T).max(1) for c in [_centroids(x[:half], len(best), seed)]])
    shared = float(np.quantile(cosines, _OUTSIDE)) if len(cosines) else -1.0
    nearest = (x @ best.T).argmax(1)
    order = np.argsort(-np.bincount(nearest, minlength=len(best)), kind="stable")
    return Topics(encoder, best[order], np.full(len(best), shared), tuple(f"topic {i + 1}" for i in range(len(best))))


def named(topics: Topics, x: np.ndarray, texts: Sequence[str], before: Topics | None = None) -> Topics:
    """The topics with names: the words that set a cluster's texts apart (class-based TF-IDF, Grootendorst 2022).

    x, texts: vectors (n, d) and their texts, in the same order. before: earlier topics; a cluster whose centroid has cosine
    0.9 or more to one of them keeps that one's name.
    """
    nearest, within = topics.place(x) if len(x) else (np.zeros(0, int), np.zeros(0, bool))
    counts = [Counter[str]() for _ in topics.names]
    for text, cluster, inside in zip(texts, nearest, within, strict=True):
        if inside:
            counts[cluster].update({word.lower() for word in _WORD.findall(text[:4000])} - _stop_words())
    total = sum(counts, Counter())
    average = sum(total.values()) / max(1, len(counts))
    kept = _kept_names(topics, before)
    names: list[str] = []
    for i, own in enumerate(counts):
        size = max(1, int((nearest == i).sum()))
        score = {w: c / size * np.log1p(average / total[w]) for w, c in own.items() if c >= MIN_TRACES_A_WORD}
        words = sorted(score, key=lambda w: (-score[w], w))[:3]
        name = kept.get(i) or " · ".join(words) or topics.names[i]
        names.append(name if name not in names else f"{name} ({i + 1})")
    return replace(topics, names=tuple(names))


def exemplars(x: np.ndarray, trace_ids: Sequence[str], topics: Topics, count: int = 5) -> list[str]:
    """Traces that show what is new: of the vectors far from every topic, those nearest to their common centre."""
    known = np.isfinite(x).all(1)
    _, within = topics.place(np.where(known[:, None], x, 0))
    far = np.flatnonzero(known & ~within)
    if not len(far):
        return []
    centre = x[far].mean(0)
    return [trace_ids[i] for i in far[np.argsort(-(x[far] @ centre), kind="stable")[:count]]]


def to_bytes(fitted: Fitted) -> bytes:
    """Topics of all sides as one small file."""
    sides = {side: {"encoder": t.encoder, "names": t.names} for side, t in fitted.sides.items()}
    head = json.dumps({"format": _FORMAT, "day": fitted.day.isoformat(), "sides": sides}).encode()
    arrays = {f"{side}_{name}": getattr(t, name) for side, t in fitted.sides.items() for name in ("centroids", "radii")}
    buffer = io.BytesIO()
    np.savez(buffer, head=np.frombuffer(head, np.uint8), **arrays)
    return buffer.getvalue()


def from_bytes(data: bytes) -> Fitted:
    """What `to_bytes` wrote. Raises DataError for anything else."""
    try:
        with np.load(io.BytesIO(data)) as file:
            head = json.loads(file["head"].tobytes())
            if head["format"] != _FORMAT:
                raise ValueError(f"format {head['format']}")
            sides = {
                side: Topics(given["encoder"], file[f"{side}_centroids"], file[f"{side}_radii"], tuple(given["names"]))
                for side, given in head["sides"].items()
            }
            return Fitted(date.fromisoformat(head["day"]), sides)
    except (ValueError, KeyError, OSError, EOFError, TypeError, zipfile.BadZipFile) as error:
        raise DataError(f"{FILE} in the lake: cannot be read ({error}); delete it, and topics are fitted again") from None


def matrix(column: pa.ChunkedArray) -> np.ndarray:
    """A column of vectors as float32 (n, d), NaN rows where null."""
    flat = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    known = flat.is_valid().to_numpy(zero_copy_only=False)
    values = pc.list_flatten(flat).to_numpy(zero_copy_only=False)
    out = np.full((len(flat), len(values) // max(1, int(known.sum()))), np.nan, np.float32)
    out[known] = values.reshape(int(known.sum()), out.shape[1])
    return out


def _encoded_by(features: pa.Table, encoder: str) -> bool:
    return ENCODER_COLUMN in features.column_names and encoder in pc.unique(features.column(ENCODER_COLUMN)).to_pylist()


def _centroids(x: np.ndarray, clusters: int, seed: int) -> np.ndarray:
    from sklearn.cluster import KMeans

    # on a machine that has other work threads wait for each other for longer than a fit takes
    with threadpool_limits(limits=1):
        found = KMeans(clusters, n_init=4, random_state=seed).fit(x).cluster_centers_
    return (found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12)).astype(np.float32)


def _spread(x: np.ndarray, centroids: np.ndarray) -> bool:
    return len(np.unique((x @ centroids.T).argmax(1))) > 1


def _kept_names(topics: Topics, before: Topics | None) -> dict[int, str]:
    if before is None or before.encoder != topics.encoder:
        return {}
    from scipy.optimize import linear_sum_assignment

    cosine = topics.centroids @ before.centroids.T
    rows, columns = linear_sum_assignment(-cosine)
    return {int(i): before.names[j] for i, j in zip(rows, columns, strict=True) if cosine[i, j] >= _SAME}


def _stop_words() -> frozenset[str]:
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    return ENGLISH_STOP_WORDS
