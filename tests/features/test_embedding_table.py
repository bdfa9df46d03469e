"""The default encoder, a table of tokens: near to the encoder it was distilled from, and safe with any text."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import spearmanr

from drift.config.sections import FULL_MODEL, STATIC_MODEL
from drift.features.embedding import open_encoder, table
from drift.features.embedding.table import TableEncoder

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def encoder() -> TableEncoder:
    return TableEncoder()


def paragraphs(count: int) -> list[str]:
    """Of the project's own pages, up to four of each."""
    pages = sorted(DOCS.rglob("*.md"))
    of = [[p for p in page.read_text().split("\n\n") if p[:1].isalpha() and len(p) > 60] for page in pages]
    return list(islice((p for page in of for p in page[:4]), count))


def test_it_is_the_default_and_found_by_its_name():
    assert open_encoder().identity == open_encoder(STATIC_MODEL).identity
    assert open_encoder().identity.startswith(f"{STATIC_MODEL}@")


def test_what_the_full_encoder_finds_alike_it_finds_alike(encoder):
    texts = paragraphs(90)
    quick, full = encoder.encode(texts), open_encoder(FULL_MODEL).encode(texts)
    pairs = np.triu_indices(len(texts), 1)
    assert len(texts) == 90
    # the pages change, and with them the figure: 0.50 to 0.56
    assert spearmanr((quick @ quick.T)[pairs], (full @ full.T)[pairs])[0] > 0.4


def test_a_question_is_nearest_to_one_of_the_same_meaning_in_other_words(encoder):
    asked = ["How do I cancel my subscription?", "My card was declined at the shop.", "Will it rain in Paris tomorrow?"]
    others = [
        "Please end the monthly plan that I subscribed to.",
        "The store refused my credit card.",
        "weather forecast France",
    ]
    assert (encoder.encode(asked) @ encoder.encode(others).T).argmax(1).tolist() == [0, 1, 2]


HOSTILE = [
    "\x00\x01\x02", "\ud800", "a\udfffb", "\u200b\u200e", "🙂🙂", "ก" * 999, "日本語" * 999, "[UNK]", "[PAD] [CLS] [SEP]",
    ".", "x" * 101, "a\n" * 9999, "\u0301" * 500, "ﷺ" * 5000,
]  # fmt: skip


def test_every_text_has_a_unit_vector_whatever_it_is_and_whatever_stands_beside_it(encoder):
    together = encoder.encode(HOSTILE)
    assert together.dtype == np.float32 and together.shape == (len(HOSTILE), encoder.dimension)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(together, np.concatenate([encoder.encode([text]) for text in HOSTILE]), atol=1e-6)
    assert encoder.encode([]).shape == (0, encoder.dimension)


@pytest.mark.parametrize("text", ["x", "a.", "\x00", "wort ", "\u0301"])
def test_a_text_of_ten_megabytes_costs_the_part_that_is_read(encoder, text):
    long = text * (10_000_000 // len(text))
    vectors = encoder.encode([long, long[: table.CHARACTERS]])
    np.testing.assert_array_equal(*vectors)


def test_many_texts_come_back_in_their_order(encoder):
    texts = [f"word{i % 7} number {i}" for i in range(2500)]
    vectors = encoder.encode(texts)
    for i in (0, 1023, 1024, 2499):
        np.testing.assert_allclose(vectors[i], encoder.encode([texts[i]])[0], atol=1e-6)


def test_threads_may_share_it():
    texts, fresh = paragraphs(20), TableEncoder()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(fresh.encode, [texts] * 8))
    assert all((vectors == found[0]).all() for vectors in found)


def test_the_identity_changes_with_the_file(tmp_path):
    with np.load(table.FILE) as known:
        other = dict(known)
    other["scale"] = other["scale"] * 2
    np.savez_compressed(tmp_path / "other.npz", **other)
    changed = TableEncoder(tmp_path / "other.npz")
    assert changed.identity.split("@")[0] == STATIC_MODEL
    assert changed.identity != TableEncoder().identity
