"""The public API of notebooks: what it gives, what it says when it cannot, and that what a trace says stays text."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from nights import day, finding

import drift
from drift.config import Config
from drift.errors import ConfigError, DataError
from drift.lake import Lake
from drift.night import run
from drift.notebook import figures, read
from drift.results import Results, Run
from drift.stores import open_store

FIRST, LAST = date(2026, 10, 27), date(2026, 11, 13)
CHANGED = date(2026, 11, 11)
HOSTILE = "$\\frac{<script>alert(1)</script>$ \u202e"


def nights(folder: Path, first: date, last: date, **store: object) -> Config:
    given = {"store": store, "embeddings": {"enabled": False}, "report": {"enabled": False}}
    config = Config.of(given | {"lake": {"url": str(folder / "lake")}, "results": {"url": f"sqlite:///{folder}/drift.db"}})
    list(run.backfill(config, first, last))
    return config


@pytest.fixture(scope="module")
def config(tmp_path_factory) -> Config:
    """Eighteen nights of the demo: an index that is stale from the 3rd on, and a new prompt of account-actions from the 11th."""
    return nights(tmp_path_factory.mktemp("read"), FIRST, LAST, type="demo", traces_per_day=400)


@pytest.fixture(autouse=True)
def in_use(config):
    read.use(config)
    yield
    read.use(None)


def of_the_prompt() -> read.IncidentRecord:
    found = read.incidents()
    return read.incident(found[found["value"] == "account-actions"]["id"].iloc[0])


def png(figure: figures.Figure) -> bytes:
    return figure._repr_png_()


def test_importing_drift_imports_nothing_heavy():
    code = "import sys, drift; sys.exit(any(name in sys.modules for name in ('pandas', 'numpy', 'matplotlib', 'sqlalchemy')))"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
    assert drift.read is read and drift.figures is figures


def test_the_configuration_is_the_one_that_the_command_line_finds(config, tmp_path, monkeypatch):
    read.use(None)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DRIFT_CONFIG", raising=False)
    with pytest.raises(ConfigError, match="drift.toml: no such file; write one with `drift init`"):
        read.runs()
    file = tmp_path / "elsewhere.toml"
    file.write_text(f'[lake]\nurl = "{config.lake.url}"\n[results]\nurl = "{config.results.url}"\n', "utf-8")
    monkeypatch.setenv("DRIFT_CONFIG", str(file))
    assert len(read.runs()) == (LAST - FIRST).days + 1
    monkeypatch.delenv("DRIFT_CONFIG")
    read.use(file)
    assert read.runs("2026-11-12")["day"].tolist() == [pd.Timestamp(2026, 11, 12), pd.Timestamp(2026, 11, 13)]


def test_findings_by_metric_segment_and_span():
    one = read.findings("2026-11-11", "2026-11-11", metric="input_tokens", segment="endpoint = account-actions")
    assert set(one["day"]) == {pd.Timestamp(CHANGED)} and set(one["value"]) == {"account-actions"}
    assert one["alarm"].any()
    alarms = read.findings(alarms_only=True)
    assert len(alarms) and alarms["alarm"].all() and "input_tokens" in set(alarms["metric"])
    label = read.findings(metric="model:gpt-4o", segment=read.ALL)
    assert set(label["statistic"]) == {"share:gpt-4o"}


def test_a_series_in_a_segment_of_a_label_and_of_all_labels():
    series = read.series("input_tokens", "name=account-actions", start=CHANGED - timedelta(days=3))
    assert series["day"].tolist() == [pd.Timestamp(2026, 11, day) for day in range(8, 14)]
    assert series["level"].iloc[-3:].min() > 1.2 * series["level"].iloc[:3].max()
    assert (series["low"] <= series["expected"]).all() and (series["expected"] <= series["high"]).all()
    assert read.series("input_tokens", "endpoint = account-actions", start="2026-11-08").equals(series)
    both = read.series("model", end=FIRST)
    assert both["metric"].tolist() == ["model:gpt-4o", "model:gpt-4o-mini"] and both["level"].sum() == pytest.approx(1)
    assert len(read.series("model:gpt-4o")) == (LAST - FIRST).days + 1
    assert set(read.daily_metrics("2026-11-08")["day"]) == {pd.Timestamp(2026, 11, 8)}


def test_the_calendar_has_each_night_at_its_weekday():
    calendar = read.calendar()
    assert list(calendar.columns) == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    cells = [cell for cell in calendar.to_numpy().ravel() if cell]
    assert len(cells) == 61 and "11 !" in calendar["Wed"].tolist() and "28 ○" in calendar["Wed"].tolist()
    assert "15 ·" in calendar["Sun"].tolist()


def test_an_incident_says_how_much_since_when_where_and_why():
    one = of_the_prompt()
    text = repr(one)
    assert " in account-actions " in text.splitlines()[0] and "since Wed 11 Nov 2026" in text and "why: prompt change" in text
    assert one.segment == "name=account-actions" and one.metric == one.account.metric and one.state == "open"
    assert one.nights["day"].min() == pd.Timestamp(CHANGED)
    assert set(one.findings["metric"]) == {one.metric, *one.account.also}
    assert one.where["share"].between(0, 1.5).all() and isinstance(one.why["evidence"], list)
    assert read.incident(one.id[:8]).id == one.id
    assert read.incident().id == read.incidents()["id"].iloc[-1]
    assert png(figures.incident(one.id)) == png(figures.incident(one.id))


def test_traces_are_opened_in_their_store_and_kept_nowhere(config):
    one = of_the_prompt()
    latest = one.exemplars[one.exemplars["day"] == one.exemplars["day"].max()]
    before = {path: path.stat().st_mtime_ns for path in Path(config.lake.url).rglob("*")}
    found = read.traces(latest["trace_id"])
    assert found["trace_id"].tolist() == latest["trace_id"].tolist()
    start, end = config.window(latest["day"].iloc[0].date())
    whole = pd.concat(batch.to_pandas() for batch in open_store(config).pull(start, end)).set_index("trace_id")
    assert found["output"].tolist() == whole.loc[found["trace_id"], "output"].tolist()
    assert set(found["name"]) == {"account-actions"}
    assert before == {path: path.stat().st_mtime_ns for path in Path(config.lake.url).rglob("*")}


def test_the_store_is_asked_for_the_minutes_of_traces_and_for_the_day_where_nothing_else_is_known(config, monkeypatch):
    store = open_store(config)
    asked = []
    pull = type(store).pull
    monkeypatch.setattr(type(store), "pull", lambda self, start, end: asked.append(end - start) or pull(self, start, end))
    some = Lake(config.lake.url).read("features", LAST)["trace_id"].to_pylist()[0]
    assert read.traces(some, day=LAST)["trace_id"].tolist() == [some]
    assert asked == [timedelta(minutes=1)]
    found = read.traces([some, "gone"], day=LAST)
    assert asked[1:] == [timedelta(days=1)]
    assert found["output"].notna().tolist() == [True, False] and found["trace_id"].tolist() == [some, "gone"]


def test_a_comparison_says_which_days_it_lacks():
    compared = read.compare("2026-10-24..2026-11-10", f"{CHANGED}..{LAST}", segment="name=account-actions")
    assert "worse: prompt tokens of a request" in repr(compared)
    assert "(15 days against 3" in repr(
        compared
    ) and "not run, or not fit to compare: 2026-10-24, 2026-10-25, 2026-10-26" in repr(compared)
    frame = compared.frame.set_index("what")
    assert frame.loc["input_tokens", "verdict"] == "changed" and frame.loc["input_tokens", "failed"]
    assert (frame["replicates_a"].max(), frame["replicates_b"].max()) == (15, 3)
    assert "| ❌ | prompt tokens of a request |" in compared.markdown and "2026-10-24" in compared.markdown
    assert compared.pairs.empty and list(compared.pairs.columns)[0] == "metric"
    assert len(png(figures.comparison(compared))) > 10_000


def test_two_models_on_the_same_days_and_a_margin_of_ones_own():
    window = f"{FIRST}..{LAST}"
    compared = read.compare(window, window, segment=("model=gpt-4o-mini", "model=gpt-4o"), margins={"cost_usd": 1000.0})
    assert repr(compared).startswith("model=gpt-4o-mini, 2026-10-27 to 2026-11-13 against model=gpt-4o, ")
    row = compared.frame.set_index("what").loc["cost_usd"]
    assert row["verdict"] == "changed" and not row["failed"]


def test_two_files_need_no_configuration(tmp_path, monkeypatch):
    read.use(None)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DRIFT_CONFIG", raising=False)
    monkeypatch.setenv("DRIFT_EMBEDDINGS__ENABLED", "false")
    for name, answer in (("a", "Yes, of course."), ("b", "I am sorry, but I cannot help with that.")):
        rows = [trace(CHANGED, n, output=answer) for n in range(60)]
        Path(f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    assert "worse: refusals 0 % → 100 %" in repr(read.compare("a.jsonl", Path("b.jsonl")))
    with pytest.raises(ConfigError, match="a.jsonl: no segment can be taken of it"):
        read.compare("a.jsonl", "b.jsonl", segment="name=chat")


@pytest.mark.parametrize(
    ("ask", "problem"),
    [
        (lambda: read.series("refusl"), r"^metric 'refusl': not measured; did you mean refusal\b.*\? there are .*cost_usd"),
        (lambda: read.findings(metric="zzz"), "^metric 'zzz': not measured; there are "),
        (lambda: read.series("refusal", "billing-chat"), "^segment 'billing-chat': write 'all traffic' or one of name=…, model=…, prompt=…$"),
        (lambda: read.series("refusal", "name=sales"), "^refusal: not measured in 'name=sales'; measured in all traffic, .*name=billing-chat"),
        (lambda: read.findings("2026-11-19"), "^no day from 2026-11-19 on was run; there are nights from 2026-10-27 to 2026-11-13$"),
        (lambda: read.daily_metrics("2026-10-01"), "^2026-10-01 was not run; there are nights from 2026-10-27 to 2026-11-13$"),
        (lambda: read.runs("yesterday"), "^'yesterday' is not a day; write YYYY-MM-DD$"),
        (lambda: read.incident("zzz"), "^'zzz': no incident of that id; there are "),
        (lambda: read.incident(""), r"^'': \d+ incidents of that id; there are "),
        (lambda: read.incidents("closd"), "^state 'closd' is none of open, closed, accepted, settled$"),
        (lambda: read.traces("t-1"), "^t-1: no incident's exemplar; say of which day it is with day=…$"),
        (lambda: read.traces("t-1", day=LAST), "^none of the 1 traces is in the store 'demo' on 2026-11-13$"),
        (lambda: read.compare("2026-11-08", "last week"), "^'last week' is no day, no window and no file that is there; write"),
        (lambda: read.compare("2026-10-01", "2026-11-08"), "^2026-10-01: no day that is fit to compare"),
        (lambda: figures.series("model"), "^model: nothing to draw; name a label of it: model:gpt-4o-mini, model:gpt-4o$"),
        (lambda: figures.distribution("refusal"), "^refusal: no distribution in 'all traffic' on 2026-10-27 to 2026-11-12 and on 2026-11-13$"),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_is_one_clear_line(ask, problem):
    with pytest.raises((DataError, ConfigError), match=problem) as error:
        ask()
    assert "\n" not in str(error.value)


def test_a_database_without_nights_says_so(tmp_path):
    read.use(Config.of({"results": {"url": f"sqlite:///{tmp_path}/new.db"}}))
    with pytest.raises(DataError, match="no day was run yet into sqlite:///.*new.db; run one with `drift run`"):
        read.runs()
    with pytest.raises(DataError, match="there is no incident"):
        read.incident()


def trace(day: date, number: int, **fields: object) -> dict:
    when = datetime(day.year, day.month, day.day, 12, tzinfo=UTC) + timedelta(seconds=number)
    given = {
        "trace_id": f"{day}-{number}",
        "timestamp": when.isoformat(),
        "input": f"How is number {number}?",
        "output": "Well.",
    }
    return given | {"name": "chat", "model": "m", "latency_s": 1 + number / 100} | fields


def test_what_a_trace_says_is_neither_html_nor_a_formula(tmp_path):
    days = [FIRST + timedelta(days=n) for n in range(4)]
    rows = [
        trace(day, n, name=HOSTILE, prompt_name=HOSTILE, model=HOSTILE, output=f"{HOSTILE} {n}")
        for day in days
        for n in range(60)
    ]
    (tmp_path / "traces.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    read.use(nights(tmp_path, days[0], days[-1], type="files", path=str(tmp_path / "traces.jsonl")))
    segment = f"name={HOSTILE.strip()}"
    for frame in (read.series("latency_s", segment), read.traces(f"{FIRST}-1", day=FIRST), read.series("model")):
        html = frame._repr_html_()
        assert "<script" not in html and "&lt;script&gt;" in html and "tex2jax_ignore" in html
    compared = read.compare(f"{days[0]}..{days[1]}", f"{days[2]}..{days[3]}", segment=segment)
    assert "<script" not in compared.markdown and "\u202e" not in repr(compared)
    # matplotlib would fail on what is no formula
    shown = [figures.series("latency_s", segment), figures.distribution("latency_s", segment), figures.distribution("model")]
    for figure in [*shown, figures.comparison(compared)]:
        assert png(figure)
    assert "\\frac" in shown[0].axes[0].get_title(loc="left") and "\u202e" not in shown[0].axes[0].get_title(loc="left")


def test_the_meaning_of_a_text_has_its_distance_as_its_level(tmp_path):
    config = Config.of({"results": {"url": f"sqlite:///{tmp_path}/drift.db"}})
    results = Results(config.results.url)
    for n, (statistic, shift) in enumerate([("vector", None), ("axis", 0.004), ("energy", 0.02)]):
        found = finding(day(n), "input_embedding", statistic=statistic, value_to=shift, unit="cosine")
        results.write_night(day(n), Run(10, 1), (), [found])
    results.close()
    read.use(config)
    assert read.series("input_embedding")["level"].tolist() == [0.004, 0.02]
