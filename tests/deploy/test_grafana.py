"""The Grafana dashboard: its file as Grafana imports it, and each of its queries on a real PostgreSQL, as Grafana sends them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
import yaml
from nights import day, finding
from place import Place

from drift import alerts
from drift.alerts.sinks import Webhook
from drift.findings import Exemplar, Explanation
from drift.metrics import CATALOGUE
from drift.results import DailyMetric, Results, Run, frames

REPO = Path(__file__).parents[2]
DASHBOARD = json.loads((REPO / "deploy" / "grafana" / "drift.json").read_text("utf-8"))
PANELS = {panel["title"]: panel for panel in DASHBOARD["panels"]}
VARIABLES = {variable["name"]: variable for variable in DASHBOARD["templating"]["list"]}
DOCS = (REPO / "docs" / "dashboards.md").read_text("utf-8")

LEVEL = "$metric against an ordinary day"
HOSTILE = """say "hi" \\" O'Brien'; DROP TABLE runs; -- $1 %s"""
LABEL = 'opening:"so", he said'


def _queries() -> dict[str, str]:
    """Every query of the dashboard, by panel and reference, variable or annotation."""
    out = {f"{title} {each['refId']}": each["rawSql"] for title, panel in PANELS.items() for each in panel["targets"]}
    out |= {name: variable["query"] for name, variable in VARIABLES.items() if variable["type"] == "query"}
    return out | {each["name"]: each["target"]["rawSql"] for each in DASHBOARD["annotations"]["list"]}


def _all(found: object, key: str) -> Iterator[object]:
    if isinstance(found, dict):
        yield from (value for name, value in found.items() if name == key)
        found = list(found.values())
    if isinstance(found, list):
        for each in found:
            yield from _all(each, key)


def test_each_panel_has_a_title_a_description_a_query_and_a_unit():
    for panel in DASHBOARD["panels"]:
        assert panel["title"] and panel["description"]
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        assert all(target["rawSql"].startswith("SELECT ") for target in panel["targets"]) and panel["targets"]
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])
    assert len(PANELS) == len(DASHBOARD["panels"]) == len({panel["id"] for panel in DASHBOARD["panels"]})


def test_panels_lie_on_the_grid_and_cover_no_other():
    taken = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert at["x"] + at["w"] <= 24 and not cells & taken, panel["title"]
        taken |= cells


def test_it_can_be_imported_anywhere():
    assert DASHBOARD["id"] is None
    sources = list(_all(DASHBOARD, "datasource"))
    assert sources and all(source == {"type": "grafana-postgresql-datasource", "uid": "${DS_DRIFT}"} for source in sources)
    assert VARIABLES["DS_DRIFT"]["type"] == "datasource"
    assert VARIABLES["DS_DRIFT"]["query"] == "grafana-postgresql-datasource"
    needed = {each["id"] for each in DASHBOARD["__requires"] if each["type"] == "panel"}
    assert needed == {panel["type"] for panel in DASHBOARD["panels"]}


def test_a_variable_reaches_a_query_only_quoted_and_only_known_macros_are_used():
    for name, query in _queries().items():
        rest = re.sub(r"\$\{(metric|dimension|value):sqlstring\}|\$__timeFilter\([\w:]+\)", "", query)
        assert "$" not in rest, name


def test_every_unit_of_the_catalogue_has_one_in_grafana():
    query = PANELS[LEVEL]["targets"][1]["rawSql"]
    named = set(re.findall(r"WHEN '([^']+)'", query))
    counted = {metric.unit for metric in CATALOGUE.values()} - named
    # what is left is shown as a suffix, which only suits what is counted
    assert all(re.fullmatch(r"[a-z]+(/s)?", unit) for unit in counted - {"cosine"}), counted


def test_the_files_for_provisioning_hold_no_secret_and_fit_the_dashboard():
    folder = REPO / "deploy" / "grafana" / "provisioning"
    (source,) = yaml.safe_load((folder / "datasources" / "drift.yaml").read_text())["datasources"]
    assert source["type"] == VARIABLES["DS_DRIFT"]["query"]
    variables = {source["url"], source["user"], source["secureJsonData"]["password"], source["jsonData"]["sslmode"]}
    assert all(re.fullmatch(r"\$DRIFT_DB_\w+", value) and value[1:] in DOCS for value in variables)
    (provider,) = yaml.safe_load((folder / "dashboards" / "drift.yaml").read_text())["providers"]
    assert provider["options"]["path"] in DOCS


@dataclass
class Viewer:
    """Somebody in front of the dashboard, with a data source whose user may only read."""

    url: str
    start: date = day(-1)
    end: date = day(9)
    chosen: dict[str, str] = field(default_factory=lambda: {"metric": "refusal", "dimension": "all", "value": "all"})

    def choose(self, **chosen: str) -> Viewer:
        return replace(self, chosen=self.chosen | chosen)

    def ask(self, query: str) -> list[dict]:
        """Variables first, as Grafana's page does (`sqlstring`), then macros, as its server does."""
        import psycopg
        from psycopg.rows import dict_row

        def quoted(found: re.Match) -> str:
            return "'" + self.chosen[found[1]].replace('"', '\\"').replace("'", "''") + "'"

        query = re.sub(r"\$\{(\w+):sqlstring\}", quoted, query)
        between = rf"\1 BETWEEN '{self.start}T00:00:00Z' AND '{self.end}T00:00:00Z'"
        query = re.sub(r"\$__timeFilter\(([^)]*)\)", between, query)
        with psycopg.connect(self.url, row_factory=dict_row) as connection:
            return connection.execute(query).fetchall()

    def sees(self, title: str, target: int = 0) -> list[dict]:
        return self.ask(PANELS[title]["targets"][target]["rawSql"])

    def options(self, variable: str) -> list[str]:
        rows = self.ask(VARIABLES[variable]["query"])
        assert all(len(row) == 1 for row in rows), "the one column is text and value at once"
        return [next(iter(row.values())) for row in rows]


def _metrics(number: int) -> list[DailyMetric]:
    refusal = DailyMetric(
        "refusal", "all", "", 1000, 0, 0.02 + number / 64, "share", expected=0.02, low=0.01, high=0.03, z=number
    )
    chat = replace(refusal, dimension="name", value="chat", n=600, level=0.09, z=9.5)
    cost = DailyMetric("total_cost_usd", "name", "chat", 600, 0, 1.5 + number, "USD")
    return [
        refusal,
        chat,
        replace(chat, value=HOSTILE, n=50, level=0.5, z=-4.5),
        cost,
        replace(cost, value="search", level=0.25),
        DailyMetric("cost_usd", "name", "chat", 600, 0, 0.002, "USD"),
        DailyMetric("latency_s", "all", "", 1000, 0, 2.5, "s", expected=2.6, low=2.2, high=2.9, z=-0.5),
        DailyMetric("output_tokens", "all", "", 1000, 0, 120.0, "tokens"),
        DailyMetric(LABEL, "all", "", 1000, 0, 0.125, "share", z=0.25),
    ]


@pytest.fixture(scope="module")
def viewer(postgresql: str) -> Iterator[Viewer]:
    """Seven nights, of which the fourth failed and the last two have an incident, with a message that nobody takes."""
    pytest.importorskip("psycopg")
    (make_reader,) = re.findall(r"^ +```sql\n(.*?)```", DOCS, flags=re.DOTALL | re.MULTILINE)
    admin = sa.create_engine(postgresql, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql("CREATE ROLE drift LOGIN")
        connection.exec_driver_sql("CREATE DATABASE drift OWNER drift")
        connection.exec_driver_sql("REVOKE CONNECT ON DATABASE drift FROM PUBLIC")
    at = sa.make_url(postgresql).set(database="drift")
    results = Results(at.set(username="drift").render_as_string(hide_password=False))
    place = Place()
    place.answers = [(404, {}, "no such place")] * 10
    note = Explanation(
        "silent_model_update", "likely", "The answers changed.", exemplars=(Exemplar("t1", "https://store.example/t1"),)
    )
    for number in range(7):
        if number == 3:
            results.write_night(day(3), Run(failed=True, reason="half of the traces are missing"))
            continue
        changed = 0.07 if number > 4 else 0.0
        found = [
            finding(day(number), where="name=chat", change=changed),
            finding(day(number), "model", change=changed, statistic="share:gpt-4o"),
        ]
        run = Run(3000 + number, 28)
        results.write_night(day(number), run, _metrics(number), found, lambda incident, alarms: note)
    alerts.deliver(results, [Webhook(place.url)], day(6))
    results.close()
    place.close()
    inside = sa.create_engine(at, isolation_level="AUTOCOMMIT")
    with inside.connect() as connection:
        connection.exec_driver_sql(make_reader)
    inside.dispose()
    reader = at.set(drivername="postgresql", username="grafana")
    yield Viewer(reader.render_as_string(hide_password=False))
    with admin.connect() as connection:
        connection.exec_driver_sql("DROP DATABASE drift WITH (FORCE)")
        connection.exec_driver_sql("DROP ROLE grafana")
        connection.exec_driver_sql("DROP ROLE drift")
    admin.dispose()


@pytest.mark.slow
def test_every_query_runs_whatever_is_chosen(viewer: Viewer):
    for metric in viewer.options("metric"):
        for dimension in viewer.choose(metric=metric).options("dimension"):
            for value in viewer.choose(metric=metric, dimension=dimension).options("value"):
                chosen = viewer.choose(metric=metric, dimension=dimension, value=value)
                for query in _queries().values():
                    chosen.ask(query)
                level = chosen.sees(LEVEL)
                assert len(level) == 6 and list(level[0]) == ["time", "level", "expected", "low", "high"]
                assert level[0]["time"] == datetime(2026, 11, 1)


@pytest.mark.slow
def test_what_can_be_chosen(viewer: Viewer):
    assert set(viewer.options("metric")) == {row.metric for row in _metrics(0)}
    assert viewer.options("dimension") == ["all", "name"]
    assert viewer.options("value") == ["all"]
    assert viewer.choose(dimension="name").options("value") == ["chat", HOSTILE], "busy ones first"
    for name in ("metric", "dimension", "value"):
        assert VARIABLES[name]["current"]["value"] in viewer.options(name)


@pytest.mark.slow
def test_the_verdicts(viewer: Viewer):
    verdicts = [row["verdict"] for row in viewer.sees("Verdict of the nights")]
    assert verdicts == ["ordinary", "ordinary", "ordinary", "failed", "ordinary", "drift", "known"]
    assert viewer.sees("Last night") == [{"night": "2026-11-07", "verdict": "known"}]
    mapped = PANELS["Verdict of the nights"]["fieldConfig"]["defaults"]["mappings"][0]["options"]
    assert set(mapped) == {"drift", "known", "ordinary", "no_baseline", "failed"}
    assert [row["traces"] for row in viewer.sees("Traces a day")] == [3000, 3001, 3002, None, 3004, 3005, 3006]


@pytest.mark.slow
def test_how_long_ago_the_last_night_is(viewer: Viewer):
    before = datetime.now(UTC).date()
    (row,) = viewer.sees("Since the last night")
    assert before - day(6) <= timedelta(row["days"]) <= datetime.now(UTC).date() - day(6)


@pytest.mark.slow
def test_what_is_open_since_when_and_why(viewer: Viewer):
    rows = {row["metric"]: row for row in viewer.sees("What is open, since when and why")}
    assert viewer.sees("Open incidents") == [{"open": len(rows)}]
    refusal = rows["refusal"]
    assert refusal["where"] == "name = chat" and refusal["since"] == "2026-11-06"
    assert (refusal["cause"], refusal["confidence"]) == ("silent model update", "likely")
    assert (refusal["direction"], refusal["nights"], refusal["handled"]) == ("worse", 2, "")
    assert refusal["trace"] == "https://store.example/t1"
    (mark,) = viewer.choose(metric="refusal").ask(_queries()["Incidents of the metric"])
    assert mark["time"] == datetime(2026, 11, 6) and refusal["incident"] in mark["text"]


@pytest.mark.slow
def test_a_level_with_its_band_and_its_unit(viewer: Viewer):
    last = viewer.sees(LEVEL)[-1]
    assert (last["level"], last["low"], last["expected"], last["high"]) == (0.11375, 0.01, 0.02, 0.03)
    assert viewer.sees(LEVEL, 1) == [{"unit": "percentunit"}]
    assert viewer.choose(metric="latency_s").sees(LEVEL, 1) == [{"unit": "s"}]
    assert viewer.choose(metric="total_cost_usd").sees(LEVEL, 1) == [{"unit": "currencyUSD"}]
    assert viewer.choose(metric="output_tokens").sees(LEVEL, 1) == [{"unit": "suffix:tokens"}]
    assert viewer.choose(metric=LABEL).sees(LEVEL)[0]["level"] == 0.125


@pytest.mark.slow
def test_a_hostile_segment_is_a_segment_like_another(viewer: Viewer):
    chosen = viewer.choose(dimension="name", value=HOSTILE)
    assert {row["level"] for row in chosen.sees(LEVEL)} == {0.5}
    assert viewer.choose(dimension="name", value="chat").sees(LEVEL)[0]["level"] == 0.09
    assert len(viewer.sees("Verdict of the nights")) == 7


@pytest.mark.slow
def test_how_far_each_metric_was(viewer: Viewer):
    rows = viewer.sees("How far each metric was from ordinary on the last night")
    assert [(row["metric"], row["z"]) for row in rows] == [("refusal", 6.0), ("latency_s", -0.5), (LABEL, 0.25)]
    before = replace(viewer, end=day(3)).sees("How far each metric was from ordinary on the last night")
    assert before[0]["z"] == 2.0, "the last night that was compared in the chosen range"


@pytest.mark.slow
def test_what_each_endpoint_costs(viewer: Viewer):
    rows = viewer.sees("Cost a day by endpoint")
    assert [(row["metric"], row["cost"]) for row in rows[-2:]] == [("chat", 7.5), ("search", 0.25)]


@pytest.mark.slow
def test_which_messages_did_not_get_through(viewer: Viewer):
    rows = viewer.sees("Messages that did not get through")
    assert rows and {row["status"] for row in rows} == {"failed"}
    assert all("404" in row["error"] and row["night"] == "2026-11-07" for row in rows)


@pytest.mark.slow
def test_the_range_of_time_is_kept_to(viewer: Viewer):
    short = replace(viewer, start=day(1), end=day(2))
    for title in ("Verdict of the nights", "Traces a day", LEVEL):
        assert [row["time"] for row in short.sees(title)] == [datetime(2026, 11, 2), datetime(2026, 11, 3)]
    assert {row["time"] for row in short.sees("Cost a day by endpoint")} == {datetime(2026, 11, 2), datetime(2026, 11, 3)}
    assert short.sees("Messages that did not get through") == []
    assert short.sees("Last night") == [{"night": "2026-11-03", "verdict": "ordinary"}]


@pytest.mark.slow
def test_its_user_reads_and_changes_nothing(viewer: Viewer):
    import psycopg

    for statement in ("DELETE FROM runs", "DROP TABLE runs", "UPDATE incidents SET state = 'closed'"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            viewer.ask(statement)


@pytest.mark.slow
def test_the_queries_of_the_page_run_on_postgresql(viewer: Viewer):
    queries = re.findall(r"^```sql\n(.*?)```", DOCS, flags=re.DOTALL | re.MULTILINE)
    assert len(queries) == 4
    assert all(viewer.ask(query) for query in queries)


def test_the_queries_of_the_page_run_on_sqlite(tmp_path: Path):
    results = Results(f"sqlite:///{tmp_path}/drift.db")
    for number in range(7):
        results.write_night(day(number), Run(10, 28), _metrics(number), [finding(day(number))])
    assert len(frames.runs(results)) == 7
    queries = re.findall(r"^```sql\n(.*?)```", DOCS, flags=re.DOTALL | re.MULTILINE)
    with results.database.reading() as connection:
        answers = [connection.exec_driver_sql(query).fetchall() for query in queries]
    results.close()
    # one night brings the news, and while it lasts the nights after it bring none
    assert answers[1] == [("2026-11", 7, 1, 0)]
    assert len(answers[0]) == 1 and answers[3][0][1] == 1
