"""The assembly: which columns, and what happens when a measurement fails."""

import logging

import numpy as np
import pyarrow as pa
import pytest
from example_traces import table, trace

from drift import features, metrics, traces
from drift.config import Config
from drift.errors import ConfigError
from drift.features import Context


def test_keys_and_dimensions_come_first_and_no_text_at_all():
    rows = table({"prompt_name": "faq", "prompt_version": "3", "user": "u", "session_id": "s", "metadata": {"tenant": "acme"}})
    found = features.extract(rows, Context(dimensions=("name", "metadata.tenant")))
    keys = ["trace_id", "timestamp", "name", "model", "prompt", "release", "metadata.tenant", "user", "session_id"]
    assert found.column_names[: len(keys)] == keys
    assert found["prompt"].to_pylist() == ["faq@3"]
    assert found["metadata.tenant"].to_pylist() == ["acme"]
    answer = rows["output"][0].as_py()
    assert not any(answer in str(value) for column in found.columns for value in column.to_pylist())


@pytest.mark.parametrize(
    ("prompt", "expected"), [(("faq", "3"), "faq@3"), (("faq", None), "faq"), ((None, "3"), "prompt@3"), ((None, None), None)]
)
def test_a_prompt_is_its_name_at_its_version(prompt, expected):
    found = features.extract(table({"prompt_name": prompt[0], "prompt_version": prompt[1]}), Context())
    assert found["prompt"].to_pylist() == [expected]


def test_a_dimensions_values_are_cut():
    found = features.extract(
        table({"name": "x" * 10_000, "metadata": {"k": "y" * 10_000}}), Context(dimensions=("metadata.k",))
    )
    assert [len(found[name][0].as_py()) for name in ("name", "metadata.k")] == [200, 200]


@pytest.mark.parametrize("name", ["nonsense", "output", "tags", "latency_s", "metadata.", "trace_id"])
def test_an_unknown_dimension_is_one_clear_line(name):
    with pytest.raises(ConfigError, match=f"segments.dimensions: unknown dimension '{name}'; allowed: prompt, "):
        features.context(Config.of({"segments": {"dimensions": [name]}, "embeddings": {"enabled": False}}))


def test_every_column_is_a_key_a_dimension_or_a_metric():
    rows = table({"scores": {"helpful": 1.0, "kind": "good"}})
    found = features.extract(rows, Context())
    # what a day counts is a sum over its traces, such as dollars in vain
    kinds = {"number": pa.float64(), "rate": pa.float64(), "label": pa.string(), "count": pa.float64()}
    for name in found.column_names[8:]:
        if name[0] != "_" and name not in ("user", "session_id"):
            metric = metrics.lookup(name)
            assert metric.kind == "vector" or found.schema.field(name).type == kinds[metric.kind], name


def test_batches_shards_and_the_whole_agree():
    rows = table(*({"output": f"answer {i} " * (i % 7)} for i in range(300)))
    whole = features.extract(rows, Context())
    parts = [features.extract(rows.slice(start, 77), Context()) for start in range(0, 300, 77)]
    assert pa.concat_tables(parts, promote_options="permissive").equals(whole)


def test_no_traces_have_the_columns_of_features():
    empty = features.empty(Config())
    assert empty.num_rows == 0
    assert {"trace_id", "output_characters", "error"} <= set(empty.column_names)
    assert features.finish(empty).num_rows == 0


def test_a_disabled_metric_or_concern_is_not_there():
    found = features.extract(table({}), Context(disabled=frozenset({"output_words", "language"})))
    assert "output_words" not in found.column_names
    assert "output_language" not in found.column_names
    assert "output_characters" in found.column_names


def test_a_failing_row_costs_that_row_and_that_concern_alone(monkeypatch, caplog):
    real = features.text.measure

    def measure(batch, context):
        if "poison" in batch.text("output"):
            raise ValueError("secret words of a trace")
        return real(batch, context)

    monkeypatch.setattr(features.text, "measure", measure)
    rows = table(*({"output": "poison" if i in (3, 250) else "fine"} for i in range(300)))
    context = Context()
    with caplog.at_level(logging.WARNING):
        found = features.extract(rows, context)
    unknown = [i for i, value in enumerate(found["output_words"].to_pylist()) if value is None]
    assert unknown == [3, 250]
    assert found["opening"].null_count == 0
    assert [i for i, value in enumerate(found["_failed.text"].to_pylist()) if value] == [3, 250]
    assert context.failures == {"text": 2}
    assert "2 of 300" in caplog.text and "secret" not in caplog.text


def test_a_broken_measurement_is_given_up_after_a_few_rows(monkeypatch):
    calls = []

    def measure(batch, context):
        calls.append(len(batch))
        raise RuntimeError

    monkeypatch.setattr(features.text, "measure", measure)
    context = Context()
    found = features.extract(table(*({} for _ in range(2_000))), context)
    assert "output_words" not in found.column_names
    assert context.failures == {"text": 2_000}
    assert len(calls) < 500


def test_numbers_that_are_not_finite_are_unknown(monkeypatch):
    monkeypatch.setattr(features.text, "measure", lambda batch, context: {"output_words": np.array([np.inf, 1.0, -np.inf])})
    found = features.extract(table({}, {}, {}), Context())
    assert found["output_words"].to_pylist() == [None, 1.0, None]


def test_the_context_is_the_configurations():
    config = Config.of(
        {"segments": {"dimensions": ["name"]}, "metrics": {"opening": {"enabled": False}}, "freshness": {"limit_days": 5}}
    )
    context = features.context(config, traces=200_000)
    assert context.dimensions == ("name",)
    assert context.disabled == {"opening"}
    assert context.stale_after_days == 5
    assert context.embed_share == pytest.approx(0.1)
    assert context.paired_share == pytest.approx(0.0125)
    assert context.pii_share == pytest.approx(0.0075)
    assert features.context(config, traces=100).embed_share == 1.0


def test_a_trace_of_nothing_but_its_id_is_measured():
    found = features.extract(traces.table([{"trace_id": "a"}, trace(1)]), Context())
    assert found["trace_id"].to_pylist() == ["a", "t1"]
    assert found["output_characters"].to_pylist()[0] is None
