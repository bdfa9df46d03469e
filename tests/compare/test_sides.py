"""A comparison asked for by hand: which days it needs, and what it says of a real upgrade and of a twin."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from drift import metrics, profiles
from drift.compare import sides
from drift.compare.sides import Experiment, Side, from_form
from drift.config import Config
from drift.errors import ConfigError, DataError
from drift.lake import Lake
from drift.night.profile import profile_day
from drift.night.pull import pull_shard
from drift.report.comparison import sentences, write

ALPACA = Path("/work/shared/data/alpaca_eval.parquet")
FORM = {"a_from": "2026-11-01", "a_to": "2026-11-03"}


def test_a_form_with_two_windows():
    a, b = from_form({**FORM, "b_from": "2026-11-08", "b_to": "2026-11-08", "dimension": None, "a_value": None})
    assert a == Side(date(2026, 11, 1), date(2026, 11, 3))
    assert b.name == "2026-11-08"
    assert len(a.days) == 3


def test_a_form_with_two_models_in_one_window():
    a, b = from_form({**FORM, "dimension": "model", "a_value": "old", "b_value": "new"})
    assert (a.start, a.end) == (b.start, b.end)
    assert a.name == "model=old, 2026-11-01 to 2026-11-03"


def test_a_form_with_two_files_or_two_experiments_and_what_it_leaves_empty(tmp_path):
    file = tmp_path / "a.jsonl"
    file.write_text("{}")
    empty = dict.fromkeys(("a_from", "a_to", "b_from", "b_to", "dimension", "a_value", "b_value"))
    assert from_form({**empty, "a_source": str(file), "b_source": "experiment:new prompt: 2"}) == (
        file,
        Experiment("new prompt: 2"),
    )


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({}, "both sides are"),
        ({"b_from": "2026-11-09"}, "b_to: 'None' is not a day"),
        ({"b_from": "2026-11-09", "b_to": "2026-11-08"}, "before it begins"),
        ({"dimension": "model", "a_value": "old"}, "belong together"),
        ({"a_from": "soon"}, "a_from: 'soon' is not a day"),
        ({"a_source": "experiment:a"}, "b_source: empty"),
        ({"b_source": "experiment:a"}, "a_source: empty"),
        ({"a_source": "experiment:a", "b_source": "experiment:a"}, "both sides are a"),
        ({"a_source": "experiment:a", "b_source": "gone.jsonl"}, "'gone.jsonl' is no day, no window and no file"),
        ({"a_source": "experiment:a", "b_source": "experiment:b", "dimension": "model"}, "no segment can be taken of it"),
    ],
)
def test_a_form_that_cannot_be_meant(more, problem):
    with pytest.raises(ConfigError, match=problem):
        from_form({**FORM, **more})


def _config(tmp_path, **store) -> Config:
    given = {"store": store, "embeddings": {"enabled": False}, "lake": {"url": str(tmp_path / "lake")}}
    return Config.of(given | {"results": {"url": f"sqlite:///{tmp_path}/drift.db"}})


def _pull(config: Config, days: list[date]) -> None:
    for day in days:
        profile_day(config, day, [pull_shard(config, day)])


def test_days_that_were_pulled_are_not_pulled_again(tmp_path):
    config = _config(tmp_path, type="demo", traces_per_day=30)
    a, b = from_form({**FORM, "b_from": "2026-11-02", "b_to": "2026-11-04"})
    _pull(config, [date(2026, 11, 2)])
    assert sides.missing_days(config, a, b) == [date(2026, 11, day) for day in (1, 3, 4)]


def test_a_dimension_that_is_not_followed_and_rows_that_are_gone(tmp_path):
    config = _config(tmp_path, type="demo", traces_per_day=30)
    _pull(config, [date(2026, 11, 2)])
    day = date(2026, 11, 2)
    with pytest.raises(ConfigError, match="segments.dimensions are name, model, prompt"):
        sides.compare_sides(config, Side(day, day, "release", "1"), Side(day, day, "release", "2"))
    with pytest.raises(DataError, match="no feature rows"):
        sides.compare_sides(config, Side(day, day), Side(date(2026, 1, 1), date(2026, 1, 1)), pairs=True)


def test_a_value_that_no_day_has_and_a_dimension_that_no_row_has(tmp_path):
    config, day = _config(tmp_path, type="demo", traces_per_day=30), date(2026, 11, 2)
    _pull(config, [day])
    with pytest.raises(DataError, match="no day has 'gpt-4o-typo'; these days have: .*gpt-4o-mini"):
        sides.compare_sides(config, Side(day, day, "model", "gpt-4o-mini"), Side(day, day, "model", "gpt-4o-typo"))
    with pytest.raises(ConfigError, match="dimension .modle.: no feature row has it; .* are name, model, prompt"):
        sides.compare_sides(config, Side(day, day, "modle", "a"), Side(day, day, "modle", "b"), pairs=True)


@pytest.mark.skipif(not ALPACA.exists(), reason="the shared data are not here")
def test_real_answers_in_two_files_as_people_give_them(tmp_path):
    """The same as below, with no day, no lake and no option but the files."""
    frame = pd.read_parquet(ALPACA)
    found = {}
    for a, b in (("gpt-3.5-turbo-0301", "gpt-3.5-turbo-0613"), ("vicuna-13b-v1.5", "vicuna-13b-v1.5-togetherai")):
        for model in (a, b):
            rows = frame.loc[frame["model"] == model, ["instruction", "output"]].rename(columns={"instruction": "input"})
            rows.to_json(tmp_path / f"{model}.jsonl", orient="records", lines=True)
        sources = {"a_source": str(tmp_path / f"{a}.jsonl"), "b_source": str(tmp_path / f"{b}.jsonl")}
        config = Config.of({"embeddings": {"enabled": False}})
        found[b] = sides.compare_any(config, *from_form(sources))
    upgraded, twin = found["gpt-3.5-turbo-0613"], found["vicuna-13b-v1.5-togetherai"]
    assert upgraded.row("output_characters").verdict == "changed" and "inputs matched" in upgraded.note
    assert twin.with_verdict("changed") == []
    assert twin.row("output_characters").bound < 0.05 and twin.row("refusal").bound < 0.02
    assert twin.with_verdict("equivalent")


@pytest.mark.skipif(not ALPACA.exists(), reason="the shared data are not here")
def test_real_answers_in_pairs_an_upgrade_and_a_twin(tmp_path):
    """gpt-3.5-turbo 0301 → 0613 answers at greater length; vicuna-13b-v1.5 on another host is the same model."""
    models = ["gpt-3.5-turbo-0301", "gpt-3.5-turbo-0613", "vicuna-13b-v1.5", "vicuna-13b-v1.5-togetherai"]
    frame = pd.read_parquet(ALPACA)
    days = [date(2026, 11, 1) + timedelta(days=n) for n in range(4)]
    for model, day in zip(models, days, strict=True):
        part = frame[frame["model"] == model].reset_index(drop=True)
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        part = part.assign(trace_id=f"{day}-" + part.index.astype(str), timestamp=noon)
        part.to_parquet(tmp_path / f"{day}.parquet")
    columns = {"input": "instruction", "output": "output", "model": "model", "trace_id": "trace_id", "timestamp": "timestamp"}
    config = _config(tmp_path, type="files", path=str(tmp_path / "*.parquet"), columns=columns)
    _pull(config, days)

    real = sides.compare_sides(config, Side(days[0], days[0]), Side(days[1], days[1]), pairs=True)
    row = real.row("output_characters")
    assert row.verdict == "changed"
    assert row.change > 200
    assert real.pairs
    result, page = write(config, real)
    said = "\n".join(sentences(result))
    assert re.search(r"length of answers .* → [\d,]+ characters \(\+\d+ to \+\d+ characters\)", said)
    shown = (tmp_path / "lake" / "report" / page).read_text()
    assert "The most changed pairs" in shown and real.pairs[0].trace_a in shown
    assert (tmp_path / "lake" / "report" / page.replace("html", "md")).read_text().startswith("## drift")

    twin = sides.compare_sides(config, Side(days[2], days[2]), Side(days[3], days[3]), pairs=True)
    assert twin.with_verdict("changed") == []
    assert twin.row("output_characters").bound < 0.1
    assert twin.with_verdict("equivalent")
    assert "no change larger than what matters" in "\n".join(sentences(write(config, twin)[0]))


def test_answers_embedded_by_two_encoders_are_compared_by_all_else(tmp_path):
    lake, config = Lake(str(tmp_path)), Config.of({"lake": {"url": str(tmp_path)}})
    for day, encoder, width in ((date(2026, 3, 1), "old@1", 8), (date(2026, 3, 2), "new@1", 4)):
        rng = np.random.default_rng(width)
        vectors = rng.standard_normal(60 * width).astype(np.float32)
        table = {
            "trace_id": [f"{day}-{i}" for i in range(60)],
            "_input_hash": [str(i) for i in range(60)],
            "output_words": rng.normal(100, 5, 60),
            "output_embedding": pa.FixedSizeListArray.from_arrays(pa.array(vectors), width),
            "answer_question_cosine": rng.random(60),
            "_encoder": [encoder] * 60,
        }
        lake.write("features", day, pa.table(table))
    compared = sides.compare_sides(config, *(Side(date(2026, 3, d), date(2026, 3, d)) for d in (1, 2)), pairs=True)
    assert {row.metric for row in compared.rows} == {"output_words"}
    assert "new@1, old@1" in compared.note


@pytest.mark.parametrize("days", [1, 3])
def test_what_two_versions_of_drift_measured_otherwise_is_not_compared_and_that_is_said(tmp_path, days):
    lake, config = Lake(str(tmp_path)), Config.of({"lake": {"url": str(tmp_path)}})
    for number in range(2 * days):
        day, rng = date(2026, 3, 1) + timedelta(days=number), np.random.default_rng(number)
        table = {
            "trace_id": [f"{day}-{i}" for i in range(200)],
            "output_words": rng.normal(100, 5, 200),
            "refusal": (rng.random(200) < (0.02 if number < days else 0.3)) * 1.0,
            **({} if number < days else {"_ruler": [metrics.RULER] * 200}),
        }
        lake.write("features", day, pa.table(table))
        facts = {"ok": True, "reason": "", "warned": [], "traces": 200}
        lake.write("profiles", day, profiles.build(pa.table(table), config, day), facts)
    windows = [
        Side(date(2026, 3, 1) + timedelta(days=first), date(2026, 3, days) + timedelta(days=first)) for first in (0, days)
    ]
    compared = sides.compare_sides(config, *windows)
    assert {row.metric for row in compared.rows} >= {"output_words"}
    assert "refusal" not in {row.metric for row in compared.rows}
    assert "two versions of drift measured it otherwise: refusals" in compared.note


def test_windows_that_overlap_are_refused_and_two_values_of_one_dimension_are_not(tmp_path):
    config = _config(tmp_path, type="demo", traces_per_day=30)
    first, second = Side(date(2026, 11, 1), date(2026, 11, 3)), Side(date(2026, 11, 3), date(2026, 11, 5))
    for a, b in ((first, second), (second, first), (first, replace(first, dimension="model", value="gpt-4o"))):
        for pairs in (False, True):
            with pytest.raises(ConfigError, match="overlap on .*the same traces would be on both sides"):
                sides.compare_any(config, a, b, pairs=pairs)
    replace(first, dimension="model", value="gpt-4o").apart_from(replace(second, dimension="model", value="gpt-5"))


def test_one_day_against_one_day_compares_traces_and_says_so(tmp_path):
    config, days = _config(tmp_path, type="demo", traces_per_day=60), [date(2026, 11, 2), date(2026, 11, 3)]
    _pull(config, days)
    found = sides.compare_any(config, *(Side(day, day) for day in days))
    assert {row.method for row in found.rows} == {"traces"} and "how much ordinary days differ is not" in found.note
    for path in (tmp_path / "lake" / "features").rglob("*"):
        path.unlink() if path.is_file() else None
    with pytest.raises(DataError, match="2026-11-02 against 2026-11-03: .* no longer stored; give two days or more"):
        sides.compare_any(config, *(Side(day, day) for day in days))


def _files(tmp_path, *sides_of_rows):
    paths = []
    for name, rows in zip("ab", sides_of_rows, strict=True):
        paths.append(tmp_path / f"{name}.jsonl")
        paths[-1].write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return paths


FILES = Config.of({"embeddings": {"enabled": False}})


def test_the_number_of_a_row_is_no_id(tmp_path):
    words = ["short", "a longer answer", "an answer of some more words"]
    a, b = ([{"output": words[(i + shift) % 3]} for i in range(60)] for shift in (0, 1))
    found = sides.compare_any(FILES, *_files(tmp_path, a, b))
    assert found.note == "" and {row.method for row in found.rows} == {"traces"}
    with pytest.raises(DataError, match="no input in common"):
        sides.compare_any(FILES, *_files(tmp_path, a, b), pairs=True)
    # a few ids that the file does give do not lend their neighbours one
    half = [{**row, "trace_id": f"t{i}"} if i % 3 else row for i, row in enumerate(a)]
    assert "40 inputs matched by trace_id" in sides.compare_any(FILES, *_files(tmp_path, half, half)).note


def test_pairs_of_rows_without_ids_are_named_by_their_rows(tmp_path):
    a, b = (
        [{"input": f"what is {i} times {i}", "output": "word " * (3 + more * (i == 4))} for i in range(20)] for more in (0, 9)
    )
    shown = sides.compare_any(FILES, *_files(tmp_path, a, b)).pairs[0]
    assert (shown.trace_a, shown.trace_b) == ("row 5", "row 5")


def test_inputs_of_the_same_words_are_different_inputs(tmp_path):
    asked = [f"does {x} follow from {y}" for x in "ABCDEF" for y in "ABCDEF" if x != y]
    rows = [{"input": text, "output": "Yes, it does."} for text in asked]
    found = sides.compare_any(FILES, *_files(tmp_path, rows, rows[::-1]), pairs=True)
    assert found.note == f"{len(asked)} inputs matched by the text of their inputs"


def test_ids_of_a_data_set_come_first_and_numbers_that_the_texts_contradict_do_not_count(tmp_path):
    a, b = (
        [{"prompt_id": f"p{i}", "input": f"prompt {version}: question {i}", "output": "Yes."} for i in range(30)]
        for version in "12"
    )
    assert sides.compare_any(FILES, *_files(tmp_path, a, b)).note == "30 inputs matched by prompt_id"
    a, b = ([{"trace_id": i, "input": f"question {(i + shift) % 30}", "output": "Yes."} for i in range(30)] for shift in (0, 7))
    assert sides.compare_any(FILES, *_files(tmp_path, a, b)).note == "30 inputs matched by the text of their inputs"


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([{"foo": 1, "bar": "x"}] * 50, "neither questions nor answers nor measures were read; its columns are foo, bar;"),
        ([{"input": "what is it", "answer": "it"}] * 50, "no answers were read, but there is answer;"),
        ([{"input": None, "output": None, "scores": {}}] * 50, "neither questions nor answers"),
    ],
)
def test_a_file_of_which_nothing_is_read_is_no_side(tmp_path, rows, problem):
    good = [{"input": f"what is it, {i}", "output": "it"} for i in range(50)]
    for files in (_files(tmp_path, rows, rows), _files(tmp_path, good, rows)):
        with pytest.raises(DataError, match=problem):
            sides.compare_any(FILES, *files)


def test_without_a_column_of_errors_nothing_is_said_of_errors(tmp_path):
    rows = [{"input": f"what is it, {i}", "output": "it"} for i in range(50)]
    found = sides.compare_any(FILES, *_files(tmp_path, rows, rows))
    assert not {"error", "error_type"} & {row.metric for row in found.rows}
    rows = [{**row, "error": None} for row in rows]
    assert "error" in {row.metric for row in sides.compare_any(FILES, *_files(tmp_path, rows, rows)).rows}
