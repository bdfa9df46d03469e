"""The pages of the report: what they say, that they stand alone, and that nothing from a trace acts in them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from nights import finding, level
from nights_with_pages import FIRST, LAST, pages

from drift.findings import Event, Exemplar, Explanation, Part
from drift.lake import Lake
from drift.night import run
from drift.night.publish import write_report
from drift.report import rendering
from drift.report import site as report
from drift.results import DailyMetric, Results, Run, frames
from drift.text import wording

HOSTILE = '<script>alert(1)</script>"\'<!channel>=HYPERLINK("http://x")\x1b[31m\u202e'
# the demo's 20 days hold the prompt change of 11 November and the silent model update of 16 November
UPDATE = date(2026, 11, 16)


def _page(config, path: str) -> str:
    return (Path(config.lake.url) / "report" / path).read_text("utf-8")


def test_every_night_every_metric_and_every_incident_has_a_page(site):
    there = {path for path, _ in pages(site)}
    nights = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    assert {f"night/{day}.html" for day in nights} <= there
    incidents = frames.incidents(site.results.url)
    assert len(incidents) and {f"incident/{each}.html" for each in incidents["id"]} <= there
    assert {"index.html", "costs.html", "metric/refusal.html", "metric/latency_s.html", "metric/model.html"} <= there


def test_a_night_says_what_where_since_when_how_much_and_why(site):
    text = _page(site, f"night/{UPDATE}.html")
    assert "was not ordinary: 1 new" in text
    for said in (
        "Refusals in billing-chat ",
        "Mon 16 Nov 2026",
        "95 % interval",
        "silent model update",
        "model = gpt-4o-mini",
    ):
        assert said in text
    assert "nothing to compare with yet (1 of 7 days)" in _page(site, "night/2026-11-02.html")


def test_the_index_has_a_calendar_of_verdicts_and_the_incidents(site):
    text = _page(site, "index.html")
    assert f'href="night/{UPDATE}.html" aria-label="Mon 16 Nov 2026 was not ordinary: 1 new incident' in text
    assert 'href="night/2026-11-02.html" aria-label="Mon 2 Nov 2026: nothing to compare with yet (1 of 7 days)"' in text
    assert "a silent update of the model" in text


def test_an_incident_has_its_series_with_band_change_point_and_evidence(site):
    incident = frames.incidents(site.results.url).query("metric == 'refusal'").iloc[0]
    text = _page(site, f"incident/{incident['id']}.html")
    (chart, *_) = _charts(text)
    days = [date(1970, 1, 1) + timedelta(days=x) for x in chart["x"]]
    place = days.index(UPDATE)
    assert days[0] == FIRST and days[-1] == LAST
    assert chart["y"][place] > chart["high"][place] > chart["expected"][place] > chart["low"][place] >= 0
    assert place in chart["alarms"] and days.index(date(2026, 11, 2)) not in chart["alarms"]
    assert date(1970, 1, 1) + timedelta(days=chart["since"][0]) == UPDATE
    assert "no new model, prompt or release at that time" in text
    assert f"drift ack {incident['id'][:8]}" in text


def test_a_metric_shows_each_segment_and_todays_distribution_over_the_baselines(site):
    text = _page(site, "metric/output_characters.html")
    for segment in ("all traffic", "endpoint = billing-chat", "model = gpt-4o"):
        assert f">{segment}</option>" in text
    spread = next(chart for chart in _charts(text) if chart["kind"] == "distribution")
    assert sum(spread["now"]) == pytest.approx(1, abs=0.01) and sum(spread["usual"]) == pytest.approx(1, abs=0.01)
    assert spread["edges"] == sorted(spread["edges"]) and spread["edges"][0] > 0


def test_costs_by_endpoint_model_prompt_and_user_add_up(site):
    text = _page(site, "costs.html")
    for name in ("By endpoint", "By model", "By prompt", "By user"):
        assert f">{name}</h2>" in text
    rows = frames.daily_metrics(site.results.url, LAST).query("metric == 'total_cost_usd'")
    whole = rows.query("dimension == 'all'")["level"].item()
    assert rows.query("dimension == 'name'")["level"].sum() == pytest.approx(whole)
    assert wording.number(whole, "USD") in text


def test_pages_ask_no_other_host_are_small_and_run_only_the_scripts_they_name(site):
    for path, text in pages(site):
        assert len(text.encode()) < 300_000, path
        assert not re.search(r'(src|href)="(https?:)?//', text), path
        policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)[1]
        assert policy.startswith("default-src 'none'") and "'unsafe-inline'" not in policy.split("script-src")[1]
        assert not re.search(r"<[^>]+ on[a-z]+=", text.split("<script")[0]), path


def test_links_between_pages_lead_somewhere(site):
    root = Path(site.lake.url) / "report"
    for path, text in pages(site):
        for target in re.findall(r'<a [^>]*href="([^"#]+)', text):
            assert ((root / path).parent / target).resolve().exists(), f"{path} → {target}"


def test_the_same_night_again_changes_no_byte_of_a_page(site):
    before = dict(pages(site))
    run.run_day(site, LAST)
    assert dict(pages(site)) == before


def test_hostile_text_is_text(tmp_path):
    results = Results(f"sqlite:///{tmp_path}/drift.db")
    lake = Lake(str(tmp_path / "lake"))
    note = Explanation(
        "unclear", "", HOSTILE, (Part("name", HOSTILE, 0.9, 0.5),), (Event("appeared", "model", HOSTILE, UPDATE, 0.0, 0.5),),
        (HOSTILE,), (HOSTILE,), exemplars=(Exemplar(HOSTILE, "javascript:alert(1)", 0.5, HOSTILE),),
    )  # fmt: skip
    for number in range(3):
        day = UPDATE + timedelta(days=number)
        found = [replace(finding(day, "score." + HOSTILE, f"name={HOSTILE}"), reason=HOSTILE)]
        results.write_night(day, Run(10, 1), map(level, found), found, lambda incident, alarms: note)
    config = published_config(tmp_path)
    report.write_night(config, lake, results, day)
    report.write_overview(config, lake, results, day, _empty_panel(day), day)
    results.close()
    found = list(Path(lake.url).rglob("*.html"))
    assert {path.parent.name for path in found} == {"report", "night", "metric", "incident"}
    for path in found:
        text = path.read_text("utf-8")
        assert not re.search(r"[<>\"'=;()]", path.name)
        visible = re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL)
        for acting in ("<script>alert", "javascript:", "\x1b", "\u202e", "<!channel>"):
            assert acting not in visible, (path, acting)


def test_an_incident_links_to_the_stores_list_of_its_segments_traces(site, monkeypatch):
    incident = frames.incidents(site.results.url).query("metric == 'refusal'").iloc[0]
    with monkeypatch.context() as patched:
        patched.setattr(
            "drift.stores.lists", lambda config: lambda dimension, value, days: f"https://store.test/{dimension}?a=1&b={value}"
        )
        write_report(site, FIRST)
        shown = _page(site, f"incident/{incident['id']}.html")
    assert 'href="https://store.test/name?a=1&amp;b=billing-chat"' in shown
    write_report(site, FIRST)
    assert "store.test" not in _page(site, f"incident/{incident['id']}.html")


def test_a_metrics_file_name_is_never_text_from_a_trace():
    assert rendering.metric_page("refusal") == "refusal"
    for name in ("score.../../etc/passwd", "score." + HOSTILE, "score.ok"):
        assert re.fullmatch(r"m-[0-9a-f]{12}", rendering.metric_page(name))


def test_a_page_that_cannot_be_made_stops_neither_tables_nor_alerts(tmp_path, monkeypatch, caplog):
    config = published_config(tmp_path)
    monkeypatch.setattr(report, "write_night", lambda *_: 1 / 0)
    night = run.run_day(config, FIRST)
    assert night.answer == "no_baseline" and len(frames.runs(config.results.url)) == 1
    assert "the report of 2026-11-01 could not be written" in caplog.text


def published_config(folder: Path):
    from drift.config import Config

    given = {"store": {"type": "demo", "traces_per_day": 200}, "embeddings": {"enabled": False}}
    return Config.of({**given, "lake": {"url": f"{folder}/lake"}, "results": {"url": f"sqlite:///{folder}/drift.db"}})


def _empty_panel(day: date):
    from drift.detect.statistics.panel import Panel
    from drift.profiles import SCHEMA
    from drift.profiles.day import DayProfile

    return Panel([DayProfile(day, SCHEMA.empty_table())])


def _charts(text: str) -> list[dict]:
    return json.loads(re.search(r'<script type="application/json" id="charts">(.*?)</script>', text, re.DOTALL)[1])


def test_the_meaning_of_a_text_has_a_page_with_how_far_it_moved_by_day(tmp_path):
    config = published_config(tmp_path)
    lake, results = Lake(config.lake.url), Results(f"sqlite:///{tmp_path}/drift.db")
    for n, (statistic, shift) in enumerate([("vector", None), ("axis", 0.004), ("energy", 0.02)]):
        day = FIRST + timedelta(days=n)
        found = [
            replace(finding(day, "input_embedding", change=shift or 0.0), statistic=statistic, value_to=shift, unit="cosine")
        ]
        results.write_night(day, Run(10, 1), (), found)
        report.write_night(config, lake, results, day)
    report.write_overview(config, lake, results, day, _empty_panel(day), day)
    results.close()
    (drawn,) = re.findall(r'"y": ?\[[^]]*\]', _page(config, "metric/input_embedding.html"))
    # in spreads of ordinary days, for a distance in meaning says nothing to anybody
    assert json.loads(f"{{{drawn}}}")["y"] == [None, 0.8, 4.0]


def test_a_slower_night_shows_where_the_time_of_a_typical_request_goes(tmp_path):
    config = published_config(tmp_path)
    lake, results = Lake(config.lake.url), Results(f"sqlite:///{tmp_path}/drift.db")
    for n in range(10):
        day, slower = FIRST + timedelta(days=n), n == 9
        seconds = {"step_s.search": 0.9 if slower else 0.3, "call_s.answer": 2.0, f"step_s.{HOSTILE}": 1.0}
        medians = [replace(DailyMetric(name, "all", "", 100, 0, 1.0, "s"), p50=took) for name, took in seconds.items()]
        path = DailyMetric("step_path:search → answer", "all", "", 100, 0, 0.8, "share")
        found = [finding(day, "latency_s", change=0.6 if slower else 0.0, unit="s")]
        latency = replace(level(found[0]), p50=3.0, p95=6.5, p99=9.25)
        results.write_night(day, Run(100, 28), [path, latency, *medians], found)
    report.write_night(config, lake, results, day)
    report.write_overview(config, lake, results, day, _empty_panel(day), day)
    results.close()
    for page in (_page(config, f"night/{day}.html"), *(p.read_text("utf-8") for p in Path(lake.url).rglob("incident/*.html"))):
        (table,) = re.findall(r'<table class="fall">.*?</table>', page, re.DOTALL)
        assert re.findall(r'<th scope="row">([^<]+)', table) == ["search", "answer"]
        # of 2.9 s: the search from its beginning, and the answer after it, then and now
        assert re.findall(r'<rect class="(\w+)" x="([\d.]+)" y="\d+" width="([\d.]+)"', table) == [
            ("then", "0.00", "10.34"), ("now", "0.00", "31.03"), ("then", "10.34", "68.97"), ("now", "31.03", "68.97")]  # fmt: skip
        assert "style=" not in table
    assert re.search(
        r">p50</th>.*>p95</th>.*>p99</th>.*<td class=\"n\">9.25</td>", _page(config, "metric/latency_s.html"), re.DOTALL
    )
