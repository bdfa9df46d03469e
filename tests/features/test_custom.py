"""Metrics of a user's own, as docs/custom_metrics.md shows them."""

import re
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from example_traces import batch, table

from drift import features, metric, metrics, profiles
from drift.config import Config
from drift.errors import ConfigError
from drift.features import Context, custom
from drift.results.daily import daily_metrics

DOCS = Path(__file__).parents[2] / "docs" / "custom_metrics.md"


@pytest.fixture(autouse=True)
def _forget(monkeypatch):
    monkeypatch.setattr(metrics, "CATALOGUE", dict(metrics.CATALOGUE))
    monkeypatch.setattr(custom, "_measures", {})
    monkeypatch.setattr(custom, "_warned", set())


def measured(name: str, *rows: dict, context: Context | None = None) -> list:
    context = context or Context()
    measure = dict(custom.load([__name__]))[name]
    return list(measure(batch(*rows), context)[name])


def test_a_function_of_fields_is_called_once_a_trace():
    @metric(kind="rate", side="output", worse="up", matters=0.01)
    def mentions_acme(output: str | None) -> bool | None:
        """Answers that mention Acme."""
        return None if output is None else "acme" in output.lower()

    values = measured("mentions_acme", {"output": "ACME is fine"}, {"output": "no"}, {"output": None})
    assert np.array_equal(values, [1, 0, np.nan], equal_nan=True)
    entry = metrics.lookup("mentions_acme")
    assert (entry.kind, entry.worse, entry.matters, entry.doc) == ("rate", "up", 0.01, "Answers that mention Acme.")


def test_numbers_and_labels():
    @metric(kind="number")
    def words_per_line(output):
        return len(output.split()) / len(output.splitlines())

    @metric(kind="label")
    def tier(metadata, tags):
        return dict(metadata).get("tier")

    assert measured("words_per_line", {"output": "a b\nc d"}) == [2]
    assert measured("tier", {"metadata": {"tier": "gold"}}, {"metadata": {}}) == ["gold", None]


def test_a_function_of_a_batch_is_called_once_a_batch():
    calls = []

    @metric(kind="number", name="input_share")
    def shares(batch):
        calls.append(len(batch))
        return batch.numbers("input_tokens") / (batch.numbers("input_tokens") + batch.numbers("output_tokens"))

    values = measured("input_share", {"input_tokens": 3, "output_tokens": 1}, {})
    assert np.array_equal(values, [0.75, np.nan], equal_nan=True)
    assert calls == [2]


def test_a_scale_that_flattens_the_values_is_told_once(caplog):
    @metric(kind="number")
    def ratio(input_tokens):
        return input_tokens / 100

    @metric(kind="number", scale="bounded")
    def percent(input_tokens):
        return input_tokens

    @metric(kind="number")
    def tokens(input_tokens):
        return input_tokens

    rows = [{"input_tokens": n} for n in (0, 20, 30, 40)]
    for _ in range(2):
        for name in ("ratio", "percent", "tokens"):
            measured(name, *rows)
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 2 and "ratio" in told[0] and "floor" in told[0] and "percent" in told[1] and "low=" in told[1]


def test_a_mistake_costs_its_rows_one_log_line_and_no_text(caplog):
    @metric(kind="number")
    def ratio(output):
        return 1 / (len(output) - 3)

    context = Context()
    values = measured("ratio", {"output": "abc"}, {"output": "abcd"}, {"output": None}, context=context)
    assert np.array_equal(values, [np.nan, 1, np.nan], equal_nan=True)
    assert context.failures == {"ratio": 2}
    assert len(caplog.records) == 1 and "2 of 3" in caplog.text and "abc" not in caplog.text


def test_what_is_not_a_number_is_unknown():
    @metric(kind="number")
    def odd(output):
        return {"a": "text", "b": float("inf"), "c": [1], "d": 10**400}.get(output, 1)

    found = features.extract(table(*({"output": o} for o in "abcde")), Context(custom=custom.load([__name__])))
    assert found["odd"].to_pylist() == [None, None, None, None, 1]


def test_a_batch_function_of_the_wrong_length_loses_its_metric_only():
    @metric(kind="number")
    def short(batch):
        return [1]

    context = Context(custom=custom.load([__name__]))
    found = features.extract(table({}, {}, {}), context)
    assert found["short"].to_pylist() == [None, None, None]
    assert context.failures == {"short": 3}
    assert found["output_characters"].null_count == 0


def test_labels_are_few_and_short():
    @metric(kind="label")
    def first(output):
        return output

    context = Context(custom=custom.load([__name__]))
    found = features.extract(table(*({"output": f"{i} " + "x" * 100} for i in range(300))), context)
    labels = set(found["first"].to_pylist())
    assert len(labels) == 51 and "other" in labels and max(map(len, labels)) <= 60


@pytest.mark.parametrize(
    ("arguments", "function", "problem"),
    [
        ({"kind": "rate"}, lambda anything: 1, "not a field of a trace"),
        ({"kind": "vector"}, lambda output: 1, "kind is 'vector'"),
        ({"kind": "rate", "name": "refusal"}, lambda output: 1, "the name is taken"),
        ({"kind": "rate", "name": "Bad name"}, lambda output: 1, "lower case"),
        ({"kind": "rate"}, lambda: 1, "takes no argument"),
    ],
)
def test_what_cannot_be_a_metric_is_said_at_once(arguments, function, problem):
    function.__name__ = "mine"
    with pytest.raises(ConfigError, match=problem):
        metric(**arguments)(function)


def test_a_module_that_cannot_be_imported_is_one_clear_line(tmp_path, monkeypatch):
    (tmp_path / "broken_metrics.py").write_text("import nothing_of_this_name")
    monkeypatch.chdir(tmp_path)
    for module in ("no_such_module_at_all", "broken_metrics"):
        with pytest.raises(ConfigError, match=f"custom.modules: '{module}' could not be imported: ModuleNotFoundError"):
            custom.load([module])


def test_the_example_of_the_documentation_runs(tmp_path, monkeypatch):
    code, settings = re.findall(r"```(?:python|toml)\n(.*?)```", DOCS.read_text(), re.DOTALL)[:2]
    (tmp_path / "my_metrics.py").write_text(code)
    (tmp_path / "drift.toml").write_text(settings)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "my_metrics", raising=False)
    monkeypatch.setenv("DRIFT_EMBEDDINGS__ENABLED", "false")
    config = Config.load(tmp_path / "drift.toml")
    rows = table({"output": "Try Globex instead."}, {"output": "Here you are."}, {"output": None})
    found = features.extract(rows, features.context(config))
    assert found["mentions_competitor"].to_pylist() == [1, 0, None]
    assert metrics.lookup("mentions_competitor").kind == "rate"
    assert pa.types.is_floating(found.schema.field("mentions_competitor").type)


def test_a_day_of_a_metric_whose_module_is_gone_is_published_without_it():
    table = pa.table({"output_characters": [4.0, 5.0], "own": [1.0, 2.0]})
    own = metrics.register(metrics.Metric("own", "number", "output", "lines", "Lines of the answer."))
    profile = profiles.build(table, Config.of({}), date(2026, 3, 2))
    assert "own" in {row.metric for row in daily_metrics(profile, ())}
    del metrics.CATALOGUE[own.name]
    assert {row.metric for row in daily_metrics(profile, ())} == {"output_characters", "volume"}
