"""Embeddings: the sample, the cache, the encoders' identities, and vectors equal to sentence-transformers' own."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from datetime import UTC, date, datetime

import httpx
import numpy as np
import pytest

from drift import traces
from drift.config import Config
from drift.config.sections import FULL_MODEL, STATIC_MODEL
from drift.errors import ConfigError, DriftError, StoreError
from drift.features import embedding
from drift.features.batch import Batch, Context
from drift.features.embedding import encoders
from drift.features.embedding.cache import VectorCache
from drift.features.embedding.embedder import Embedder
from drift.features.embedding.hosted import HostedEncoder
from drift.features.embedding.local import batches, cut

DAY = date(2026, 3, 1)


class Letters:
    """An encoder of no weight: counts of letters."""

    identity = "letters@1"
    dimension = 26

    def __init__(self):
        self.texts: list[str] = []

    def encode(self, texts):
        self.texts += texts
        counts = np.array([[t.lower().count(chr(97 + i)) + 0.01 for i in range(26)] for t in texts], np.float32)
        return counts / np.linalg.norm(counts, axis=1, keepdims=True)


class Unloadable:
    """The same encoder on a machine where it must not be used."""

    identity = Letters.identity
    dimension = 26

    def encode(self, texts):
        raise AssertionError("a model was used")


def day(n=40) -> Batch:
    rows = [
        {"trace_id": f"t{i}", "timestamp": datetime(2026, 3, 1, tzinfo=UTC), "input": f"question {i % 7}"}
        | {"output": f"answer {i}"}
        for i in range(n)
    ]
    return Batch(traces.table(rows))


# the sample


def test_the_sample_is_the_same_on_every_shard_and_of_the_asked_share():
    ids = [f"trace-{i}" for i in range(20_000)]
    chosen = embedding.sampled(ids, 0.1)
    again = np.concatenate([embedding.sampled(ids[i : i + 999], 0.1) for i in range(0, len(ids), 999)])
    assert (chosen == again).all()
    assert 0.09 < chosen.mean() < 0.11


def test_a_smaller_share_is_a_subset_of_a_larger_one():
    ids = [f"trace-{i}" for i in range(5_000)]
    small, large = embedding.sampled(ids, 0.05), embedding.sampled(ids, 0.3)
    assert not (small & ~large).any()
    assert embedding.sampled(ids, 1.0).all()
    assert not embedding.sampled(ids, 0.0).any()


def test_the_share_follows_from_the_days_size():
    assert embedding.share_for(2000, 100_000) == 0.02
    assert embedding.share_for(2000, 500) == 1.0
    assert embedding.share_for(2000, None) == 1.0


# measuring


def test_vectors_of_sampled_traces_and_nan_elsewhere():
    batch, encoder = day(200), Letters()
    out = embedding.measure(batch, Context(embedder=Embedder(encoder), embed_share=0.3))
    chosen = embedding.sampled(batch.column("trace_id").to_pylist(), 0.3)
    for name in ("input_embedding", "output_embedding"):
        assert out[name].dtype == np.float32
        assert out[name].shape == (200, 26)
        assert (np.isfinite(out[name]).all(1) == chosen).all()
    assert set(out["_encoder"]) == {"letters@1"}
    assert len(encoder.texts) == 7 + chosen.sum()  # equal inputs are encoded once


def test_no_embedder_measures_nothing():
    assert embedding.measure(day(), Context()) == {}


@pytest.mark.parametrize("given", [{"enabled": False}, {"sample": 0}])
def test_switched_off_means_no_embedder(given):
    assert embedding.open_embedder(Config.of({"embeddings": given})) is None


@pytest.mark.parametrize(
    ("given", "model", "sample"),
    [
        ({}, STATIC_MODEL, 20_000),
        ({"model": FULL_MODEL}, FULL_MODEL, 1_500),
        ({"model": "/models/mine"}, "/models/mine", 1_500),
        ({"model": FULL_MODEL, "sample": 9}, FULL_MODEL, 9),
        ({"sample": 9}, STATIC_MODEL, 9),
        ({"endpoint": "https://example.com"}, FULL_MODEL, 1_500),
        ({"endpoint": "https://example.com", "model": "small", "sample": 9}, "small", 9),
    ],
)
def test_the_sample_suits_the_encoder_unless_somebody_set_it(given, model, sample):
    section = Config.of({"embeddings": given}).embeddings
    assert (section.model, section.sample) == (model, sample)


def test_a_model_named_in_the_environment_alone_has_its_own_sample(monkeypatch):
    monkeypatch.setenv("DRIFT_EMBEDDINGS__MODEL", FULL_MODEL)
    assert Config.of({"embeddings": {"precision": "bfloat16"}}).embeddings.sample == 1_500
    monkeypatch.setenv("DRIFT_EMBEDDINGS__SAMPLE", "70")
    assert Config.of({}).embeddings.sample == 70


def test_blank_and_missing_texts_have_no_vector():
    vectors = Embedder(Letters()).embed(["a", None, "", " \n"])
    assert np.isfinite(vectors).all(1).tolist() == [True, False, False, False]


def test_a_batch_of_no_texts_needs_no_model():
    assert np.isnan(Embedder(Unloadable()).embed([None, ""])).all()


def test_an_encoder_that_is_away_is_not_asked_again_but_the_cache_is(tmp_path):
    Embedder(Letters(), VectorCache(str(tmp_path), DAY)).embed(["known"])
    asked = []

    class Away(Letters):
        def encode(self, texts):
            asked.append(texts)
            raise StoreError("embeddings.endpoint: away", retryable=True)

    embedder = Embedder(Away(), VectorCache(str(tmp_path), DAY))
    for _ in range(3):
        with pytest.raises(StoreError, match="away"):
            embedder.embed(["a"])
    assert asked == [["a"]]
    assert np.isfinite(embedder.embed(["known"])).all()


# nothing is embedded twice


@pytest.mark.parametrize("scheme", ["", "memory://"])
def test_a_rerun_uses_no_model(tmp_path, scheme):
    url = f"{scheme}{tmp_path}/vectors"
    context = Context(embedder=Embedder(Letters(), VectorCache(url, DAY)), embed_share=0.5)
    first = embedding.measure(day(), context)
    rerun = Embedder(Unloadable(), VectorCache(url, DAY))
    second = embedding.measure(day(), Context(embedder=rerun, embed_share=0.5))
    assert rerun.encoded == 0
    for name in ("input_embedding", "output_embedding"):
        np.testing.assert_array_equal(first[name], second[name])


@pytest.mark.parametrize("model", [FULL_MODEL, STATIC_MODEL])
def test_a_rerun_loads_no_model_and_a_default_night_no_torch(tmp_path, model):
    """Every measurement of the whole day, documents, references and a part of the day without texts included."""
    program = f"""
import sys
from datetime import date
from drift import features, traces
from drift.config import Config
from drift.config.sections import FULL_MODEL, STATIC_MODEL
from drift.features import Batch
from drift.features.embedding import VectorCache
config = Config.of({{"embeddings": {{"model": {model!r}}}}})
context = features.context(config, traces=2, cache=VectorCache({str(tmp_path)!r}, date(2026, 3, 1)))
text = {{"input": "How do I reset it?", "output": "Press the button.", "reference": "Use the button."}}
rows = [{{"trace_id": "empty", "timestamp": 0}}]
rows += [text | {{"trace_id": "full", "timestamp": 0, "documents": [{{"id": "a", "text": "The button resets it."}}]}}]
for row in rows:
    table = features.extract(traces.table([row]), context)
known = [name for name in table.column_names if name.endswith(("_embedding", "_cosine")) and table.column(name).null_count == 0]
print(context.embedder.encoder.split("@")[0], "torch" in sys.modules, context.embedder.encoded, len(known), dict(context.failures))
"""
    first, again = (
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
        for _ in range(2)
    )
    assert first == [model, str(model == FULL_MODEL), "4", "6", "{}"]
    assert again == [model, "False", "0", "6", "{}"]


def test_shards_write_beside_each_other(tmp_path):
    left, right = (Embedder(Letters(), VectorCache(str(tmp_path), DAY)) for _ in range(2))
    left.embed(["a", "b"])
    right.embed(["b", "c"])
    rerun = Embedder(Unloadable(), VectorCache(str(tmp_path), DAY))
    assert np.isfinite(rerun.embed(["a", "b", "c"])).all()


def test_two_encoders_share_no_vectors(tmp_path):
    Embedder(Letters(), VectorCache(str(tmp_path), DAY)).embed(["a"])
    other = Letters()
    other.identity = "letters@2"
    Embedder(other, VectorCache(str(tmp_path), DAY)).embed(["a"])
    assert other.texts == ["a"]


def test_old_days_are_swept(tmp_path):
    cache = VectorCache(str(tmp_path), DAY)
    Embedder(Letters(), cache).embed(["a"])
    assert cache.sweep(before=DAY) == 0
    assert cache.sweep(before=date(2026, 3, 2)) == 1
    assert not list(tmp_path.rglob("*.npz"))


@pytest.mark.parametrize("length", [0, 4, 60])
def test_a_broken_part_says_which_file_to_delete(tmp_path, length):
    cache = VectorCache(str(tmp_path), DAY)
    Embedder(Letters(), cache).embed(["a"])
    part = next(tmp_path.rglob("*.npz"))
    part.write_bytes(part.read_bytes()[:length])
    with pytest.raises(DriftError, match=f"{part.name}.*delete the file"):
        Embedder(Letters(), VectorCache(str(tmp_path), DAY)).embed(["a"])


def test_the_cache_holds_no_text(tmp_path):
    Embedder(Letters(), VectorCache(str(tmp_path), DAY)).embed(["my name is Alice"])
    assert b"Alice" not in next(tmp_path.rglob("*.npz")).read_bytes()


# the encoder


@pytest.fixture(scope="module")
def encoder():
    return encoders.open_encoder(FULL_MODEL)


TEXTS = ["What is the capital of France?", "Paris.", "word " * 900, "日本語" * 300, "x" * 9000, "a  b\n" * 40, "🙂"]


def test_vectors_are_those_of_sentence_transformers(encoder):
    from sentence_transformers import SentenceTransformer

    plain = SentenceTransformer(str(encoders.bundled_folder()), device="cpu").encode(TEXTS)
    np.testing.assert_allclose(encoder.encode(TEXTS), plain, atol=2e-5)


def test_a_vector_does_not_depend_on_what_it_is_encoded_with(encoder):
    together = encoder.encode(TEXTS)
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    np.testing.assert_allclose(together, alone, atol=2e-5)


def test_a_model_that_is_no_plain_bert_is_encoded_with_padding_to_the_same_vectors(encoder, monkeypatch):
    from drift.features.embedding import packed

    monkeypatch.setattr(packed.PackedBert, "fits", lambda model: False)
    padded = encoders.open_encoder(FULL_MODEL)
    np.testing.assert_allclose(padded.encode(TEXTS), encoder.encode(TEXTS), atol=2e-5)


def test_only_plain_bert_is_run_without_padding():
    from transformers import BertConfig, BertModel, RobertaConfig, RobertaModel

    from drift.features.embedding.packed import PackedBert

    small = {"vocab_size": 20, "hidden_size": 8, "num_attention_heads": 2, "num_hidden_layers": 1, "intermediate_size": 8}
    assert PackedBert.fits(BertModel(BertConfig(**small)))
    assert not PackedBert.fits(BertModel(BertConfig(**small, hidden_act="relu")))
    assert not PackedBert.fits(RobertaModel(RobertaConfig(**small)))


def test_a_static_model_is_looked_up(tmp_path):
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer

    words = Tokenizer.from_file(str(encoders.bundled_folder() / "tokenizer.json"))
    weights = np.random.default_rng(0).standard_normal((words.get_vocab_size(), 8)).astype(np.float32)
    SentenceTransformer(modules=[StaticEmbedding(words, embedding_weights=weights)]).save_pretrained(str(tmp_path / "words"))
    static = encoders.open_encoder(str(tmp_path / "words"))
    one, same, other = static.encode(["How do I cancel?", "cancel? how do I", "My card was declined."])
    assert static.identity.startswith("words@")
    assert np.linalg.norm(one) == pytest.approx(1.0) and one @ same == pytest.approx(1.0) and one @ other < 0.99


def test_encoding_leaves_the_number_of_threads_as_it_was(encoder):
    import torch

    before = torch.get_num_threads()
    encoder.encode(TEXTS * 3)
    assert torch.get_num_threads() == before


def test_identity_names_model_weights_and_precision(encoder):
    assert encoder.identity == "all-MiniLM-L6-v2@53aa5117"
    assert encoders.open_encoder("sentence-transformers/all-MiniLM-L6-v2").identity == encoder.identity
    assert encoders.open_encoder(FULL_MODEL, precision="bfloat16").identity == "all-MiniLM-L6-v2@53aa5117+bfloat16"


def test_a_folder_is_named_by_its_weights(tmp_path):
    for name, weights in (("one", b"a"), ("two", b"b")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "model.safetensors").write_bytes(weights)
    one, two = (encoders.open_encoder(str(tmp_path / name)).identity for name in ("one", "two"))
    assert one.startswith("one@")
    assert one.split("@")[1] != two.split("@")[1]


def test_weights_that_were_tampered_with_are_refused(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"evil")
    with pytest.raises(ConfigError, match="not the pinned file.*reinstall"):
        encoders.verify(tmp_path, {"model.safetensors": "53aa"})


def test_a_folder_without_weights_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="holds no weights"):
        encoders.open_encoder(str(tmp_path))


def test_a_hub_that_does_not_answer_is_given_up_in_seconds_with_what_to_do(tmp_path):
    program = "from drift.features.embedding import encoders as e; e._HUB_WAIT_S = 0.3; e.open_encoder('nobody/nothing')"
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hub = {"HF_ENDPOINT": f"http://127.0.0.1:{silent.getsockname()[1]}", "HF_HOME": str(tmp_path), "HF_HUB_OFFLINE": "0"}
        command = [sys.executable, "-c", program]
        run = subprocess.run(command, env=os.environ | hub, capture_output=True, text=True, timeout=120)
    assert re.search(r"ConfigError: embeddings.model nobody/nothing: .*hf download nobody/nothing --local-dir", run.stderr)


def test_batches_cover_every_row_once_within_the_budget():
    lengths = np.random.default_rng(0).integers(1, 257, 500)
    parts = list(batches(lengths, 2048))
    assert sorted(np.concatenate(parts)) == list(range(500))
    assert all(lengths[rows].max() * len(rows) <= 2048 for rows in parts)
    assert sum(lengths[rows].max() * len(rows) for rows in parts) < 1.1 * lengths.sum()


def test_a_row_longer_than_the_budget_is_a_batch_of_its_own():
    assert [rows.tolist() for rows in batches(np.array([10, 50]), 20)] == [[1], [0]]


def test_texts_are_cut_between_words():
    assert cut("one two three", 9) == "one two"
    assert cut("x" * 50, 9) == "x" * 50
    assert cut("short", 9) == "short"


# a hosted endpoint


def hosted(handler) -> HostedEncoder:
    client = httpx.Client(transport=httpx.MockTransport(handler))
    return HostedEncoder("https://example.com/v1", "small", client=client, wait_s=0.0)


def answer(request: httpx.Request) -> httpx.Response:
    texts = json.loads(request.content)["input"]
    rows = [{"index": i, "embedding": [1.0, float(len(t))]} for i, t in enumerate(texts)]
    return httpx.Response(200, json={"data": rows[::-1]})


def test_a_hosted_encoder_keeps_the_order_and_returns_unit_vectors():
    vectors = hosted(answer).encode(["a" * (i + 1) for i in range(300)])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert (np.diff(vectors[:, 1] / vectors[:, 0]) > 0.5).all()


def test_the_key_comes_from_the_environment_and_the_identity_has_none(monkeypatch):
    monkeypatch.setenv("DRIFT_EMBEDDINGS_KEY", "secret-key")
    seen = []
    encoder = hosted(lambda request: seen.append(request.headers["authorization"]) or answer(request))
    encoder.encode(["a"])
    assert seen == ["Bearer secret-key"]
    assert encoder.identity == "small@example.com"


def test_a_busy_service_is_asked_again():
    codes = [429, 503]
    encoder = hosted(lambda request: httpx.Response(codes.pop()) if codes else answer(request))
    assert encoder.encode(["a"]).shape == (1, 2)


def test_a_refused_key_is_not_retried():
    asked = []
    encoder = hosted(lambda request: asked.append(1) or httpx.Response(401))
    with pytest.raises(StoreError, match="401; check DRIFT_EMBEDDINGS_KEY") as caught:
        encoder.encode(["a"])
    assert not caught.value.retryable
    assert len(asked) == 1


@pytest.mark.parametrize("body", [{}, {"data": []}, {"data": [{"index": 0, "embedding": ["x"]}]}, []])
def test_an_answer_that_is_none_is_an_error(body):
    with pytest.raises(StoreError, match="example.com"):
        hosted(lambda request: httpx.Response(200, json=body)).encode(["a"])


def test_an_endpoint_must_be_a_url():
    with pytest.raises(ConfigError, match="embeddings.endpoint"):
        encoders.open_encoder("small", endpoint="example.com")
