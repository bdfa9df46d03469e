"""Questions with their documents and the forms an answer can take, each measured once by drift's own features."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from drift import features, traces
from drift.config import Config
from drift.features import topics
from living import words

ENDPOINTS = ("assistant", "search", "extract", "agent", "summarise", "draft")
# forms of an answer; `injected` is another question, `misretrieved` another topic's documents
FORMS = ("plain", "restyled", "short", "refused", "empty", "cut", "broken", "english", "loop", "personal", "leaked", "injected",
         "misretrieved")  # fmt: skip
_EACH = {"en": 30}
_EACH_OF_OTHERS = 10
# measured on the text: what a row of a day takes from its exchange
_TEXT_CONCERNS = ("text", "language", "format", "repetition", "questions", "overlap", "tone", "prompt_leak", "refusal",
                  "injection", "pii", "embedding", "topics")  # fmt: skip
_NOT_OF_TEXT = frozenset({"trace_id", "timestamp", "user", "session_id", "truncated"})


@dataclass(frozen=True)
class Pool:
    """The exchanges. texts: a trace table (N rows). measured: their features (N rows, same order).

    index: shape (topics, languages, endpoints, forms, items) → row of the two; a language with fewer items repeats them.
    """

    texts: pa.Table
    measured: pa.Table
    index: np.ndarray
    characters: np.ndarray


@lru_cache(maxsize=1)
def pool() -> Pool:
    rows, index = _rows()
    texts = traces.table(rows)
    kept = Path(tempfile.gettempdir()) / f"living-exchanges-{_digest()}.parquet"
    if not kept.exists():
        part = kept.with_suffix(f".{os.getpid()}.part")
        pq.write_table(_measure(texts), part)
        part.replace(kept)
    measured = pq.read_table(kept)
    lengths = measured.column("output_characters").to_numpy(zero_copy_only=False)
    questions = measured.column("input_characters").to_numpy(zero_copy_only=False)
    return Pool(texts, measured, index, np.column_stack([questions, np.nan_to_num(lengths)]))


def _digest() -> str:
    here = Path(__file__).parent
    code = [here / "words.py", here / "exchanges.py", *sorted(Path(features.__file__).parent.rglob("*.py"))]
    return hashlib.blake2b(b"".join(path.read_bytes() for path in code), digest_size=6).hexdigest()


def _measure(texts: pa.Table) -> pa.Table:
    """The features of every exchange; topics are clusters of the plain ones."""
    context = features.context(Config.of({}))
    plain = features.extract(texts.slice(0, 2000), context)
    sides = {}
    for side, column in features.embedding.SIDES.items():
        x = topics.matrix(plain.column(column))
        given = [text if ok else "" for text, ok in zip(texts.column(side).to_pylist(), np.isfinite(x).all(1), strict=False)]
        known = np.isfinite(x).all(1)
        sides[side] = topics.named(
            topics.fit(x[known], context.embedder.encoder), x[known], [t for t, k in zip(given, known, strict=False) if k]
        )
    context.extra[topics.KEY] = topics.Fitted(date(2000, 1, 1), sides)
    out = features.extract(texts, context)
    return out.drop_columns([name for name in out.column_names if name in _NOT_OF_TEXT])


def _rows() -> tuple[list[dict], np.ndarray]:
    rng = np.random.default_rng(20260104)
    most = max(_EACH.values())
    index = np.zeros((len(words.TOPICS), len(words.LANGUAGES), len(ENDPOINTS), len(FORMS), most), np.int64)
    rows: list[dict] = []
    order = rng.permutation(len(words.TOPICS) * len(words.LANGUAGES) * len(ENDPOINTS) * most)
    places = np.array(np.unravel_index(order, (len(words.TOPICS), len(words.LANGUAGES), len(ENDPOINTS), most))).T
    items = {}
    for t, la, e, k in places:
        if k < _EACH.get(words.LANGUAGES[la], _EACH_OF_OTHERS):
            items[t, la, e, k] = _item(words.TOPICS[t], words.LANGUAGES[la], ENDPOINTS[e], rng)
    # plain ones first and in a random order: topics are fitted on the first
    for f, form in enumerate(FORMS):
        for (t, la, e, k), item in items.items():
            index[t, la, e, f, k] = len(rows)
            rows.append(item[form] | {"trace_id": f"x{len(rows)}", "timestamp": datetime(2026, 1, 1, tzinfo=UTC), "name": ENDPOINTS[e],
                                      "system_prompt": words.SYSTEM_PROMPT})  # fmt: skip
    for la, language in enumerate(words.LANGUAGES):
        own = _EACH.get(language, _EACH_OF_OTHERS)
        index[:, la] = index[:, la][..., np.arange(most) % own]
    return rows, index


def _item(topic: str, language: str, endpoint: str, rng: np.random.Generator) -> dict[str, dict]:
    """One question in all its forms, each as the text columns of a trace."""
    fill = lambda frames: words.fill(frames[rng.integers(len(frames))], language, topic, rng)  # noqa: E731
    question = fill(words.QUESTIONS[language])
    if endpoint == "summarise":
        question = " ".join(fill(words.QUESTIONS[language] + words.ANSWERS[language]) for _ in range(int(rng.integers(8, 30))))
    elif rng.random() < 0.35:
        question += " " + fill(words.QUESTIONS[language])
    length = {"assistant": 4, "search": 5, "agent": 3, "summarise": 3, "draft": 8, "extract": 0}[endpoint]
    sentences = [fill(words.ANSWERS[language]) for _ in range(1 + rng.poisson(length))]
    opening = words.OPENINGS[language][rng.integers(len(words.OPENINGS[language]))]
    documents = None
    if endpoint == "search":
        documents = [" ".join([*rng.permutation(sentences)[:2], *(fill(words.ANSWERS[language]) for _ in range(3))])
                     for _ in range(int(rng.integers(2, 6)))]  # fmt: skip
    other = words.TOPICS[(words.TOPICS.index(topic) + 3) % 6]
    wrong = documents and [
        " ".join(
            words.fill(words.ANSWERS[language][rng.integers(len(words.ANSWERS[language]))], language, other, rng)
            for _ in range(4)
        )
        for _ in documents
    ]
    if endpoint == "extract":
        record = {"topic": topic, "language": language, "urgent": bool(rng.random() < 0.2), "items": words.things(language, topic)[:2],
                  "days": int(rng.integers(1, 20))}  # fmt: skip
        plain = json.dumps(record, ensure_ascii=False)
        answers = {"plain": plain, "restyled": json.dumps(record | {"comment": sentences[0], "confidence": 0.9}, ensure_ascii=False),
                   "short": plain, "broken": plain[: int(len(plain) * 0.8)], "cut": plain}  # fmt: skip
    else:
        kept = max(1, round(0.7 * len(sentences)))
        plain = " ".join([opening, *sentences])
        answers = {
            "plain": plain,
            "restyled": " ".join(
                [words.RESTYLED_OPENING[language], *sentences, fill(words.ANSWERS[language]), words.RESTYLED_END[language]]
            ),
            "short": " ".join([opening, *sentences[:kept]]),
            "broken": plain,
            "cut": plain[:420],
        }
    english = [words.fill(words.ANSWERS["en"][rng.integers(12)], "en", topic, rng) for _ in sentences]
    refusals = words.REFUSALS[language]
    answers |= {
        "refused": refusals[rng.integers(len(refusals))],
        "empty": "",
        "english": " ".join(english),
        "loop": " ".join([sentences[0]] * 25),
        "personal": plain
        + f" Write to {rng.choice(['maria', 'jonas', 'petra'])}.{rng.integers(100, 999)}@example.org or call +44 20 7946 0{rng.integers(100, 999)}.",
        "leaked": words.SYSTEM_PROMPT + " " + sentences[0],
        "injected": refusals[0],
        "misretrieved": " ".join([opening, *(wrong or sentences)])[: len(plain)],
    }
    given = lambda texts: None if texts is None else [{"id": f"d{i}", "text": text} for i, text in enumerate(texts)]  # noqa: E731
    injected = question + " " + words.INJECTIONS[rng.integers(len(words.INJECTIONS))]
    return {
        form: {
            "input": injected if form == "injected" else question,
            "output": answers[form],
            "documents": given(wrong if form == "misretrieved" else documents),
        }
        for form in FORMS
    }
