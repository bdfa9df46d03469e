from __future__ import annotations

import math
import multiprocessing
import sqlite3
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from nights import day, dump, finding, level, story, write

from drift.errors import ConfigError, DriftError
from drift.findings import Exemplar, Explanation, Part
from drift.report.series import Past
from drift.results import DailyMetric, Results, ResultsError, Run, frames, migrate, tables
from drift.results.account import of_incident, tell
from drift.results.database import Database

NOTE = Explanation(
    "prompt_change",
    "likely",
    "support@v7 appeared",
    where=(Part("name", "chat", math.nan, 0.5),),
    exemplars=(Exemplar("t1", "https://x/t1", 0.9, "typical"),),
)


def test_the_same_night_again_changes_no_byte_of_the_file(tmp_path: Path):
    results = Results(f"sqlite:///{tmp_path}/drift.db")
    for number, change in enumerate([0, 0, 0.07, 0.07, 0]):
        write(
            results,
            day(number),
            [finding(day(number), change=change), finding(day(number), where="name=chat", change=change)],
            NOTE,
        )
    before = (tmp_path / "drift.db").read_bytes()
    for number, change in [(2, 0.07), (4, 0), (0, 0)]:
        write(
            results,
            day(number),
            [finding(day(number), where="name=chat", change=change), finding(day(number), change=change)],
            NOTE,
        )
    assert (tmp_path / "drift.db").read_bytes() == before


def test_a_corrected_older_night_leaves_what_an_undisturbed_history_leaves(tmp_path: Path):
    straight, corrected = Results(f"sqlite:///{tmp_path}/a.db"), Results(f"sqlite:///{tmp_path}/b.db")
    story(straight, [0, 0.07, 0.07, 0.07, 0, 0, 0])
    story(corrected, [0, 0, 0, 0.07, 0, 0.05, 0])
    write(corrected, day(5), [finding(day(5), change=0)])
    write(corrected, day(2), [finding(day(2))])
    write(corrected, day(1), [finding(day(1))])
    assert dump(corrected) == dump(straight)


def test_nights_in_any_order_leave_the_same_tables(tmp_path: Path):
    straight, shuffled = Results(f"sqlite:///{tmp_path}/a.db"), Results(f"sqlite:///{tmp_path}/b.db")
    changes = [0, 0.07, 0.07, 0, 0.12, 0, 0, 0.07]
    for number, change in enumerate(changes):
        write(straight, day(number), [finding(day(number), change=change)], NOTE)
    for number in (5, 1, 7, 0, 4, 2, 6, 3):
        write(shuffled, day(number), [finding(day(number), change=changes[number])], NOTE)
    # what was found on a night that was explained while its incident had another id is not there, everything else is
    for name in ("runs", "daily_metrics", "findings", "incidents"):
        unexplained = {"incidents": slice(0, -3)}.get(name, slice(None))
        assert [row[unexplained] for row in dump(shuffled)[name]] == [row[unexplained] for row in dump(straight)[name]]


def test_a_failed_run_leaves_a_row_and_the_tables_of_a_compared_day_as_they_were(results: Results):
    write(results, day(0), [finding(day(0))])
    before = dump(results)
    results.write_night(day(0), Run(failed=True, reason="unreachable"))
    assert dump(results) == before
    results.write_night(day(1), Run(failed=True, reason="unreachable"))
    assert frames.runs(results)["status"].tolist() == ["drift", "failed"]
    write(results, day(1), [])
    assert frames.runs(results)["status"].tolist() == ["drift", "known"]


def test_an_exception_while_explaining_leaves_the_tables_as_they_were(results: Results):
    write(results, day(0), [finding(day(0), change=0)])
    before = dump(results)

    def broken(incident, alarms):
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        results.write_night(day(1), Run(10), [level(finding(day(1)))], [finding(day(1))], broken)
    assert dump(results) == before


def test_values_that_no_database_can_hold_are_repaired(results: Results):
    hostile = "a\x00b\ud800" + "x" * 5000
    row = DailyMetric("refusal", "name", hostile, 10, 0, math.inf, "share", p50=math.nan)
    results.write_night(day(0), Run(), [row], [finding(day(0), value=hostile, dimension="name", z=math.nan)])
    stored = frames.daily_metrics(results, day(0)).iloc[0]
    assert stored["value"].startswith("a\N{REPLACEMENT CHARACTER}b?xxx") and len(stored["value"]) == 199
    assert math.isnan(stored["level"])
    assert frames.findings(results)["value"][0] == stored["value"]


def test_two_findings_of_one_key_are_both_kept(results: Results):
    write_both = [finding(day(0), test="rule", reason="a"), finding(day(0), test="rule", reason="b")]
    results.write_night(day(0), Run(), [], write_both)
    assert sorted(frames.findings(results)["reason"]) == ["a", "b"]


def test_frames_have_days_numbers_and_the_order_of_their_keys(results: Results):
    story(results, [0, 0.07, 0.07])
    series = frames.series(results, "refusal")
    assert series["day"].dt.date.tolist() == [day(0), day(1), day(2)]
    assert series["level"].round(3).tolist() == [0.02, 0.09, 0.09]
    assert frames.series(results, "refusal", "name", "chat").empty
    incident = frames.incidents(results).iloc[0]
    assert frames.findings(results, incident=incident["id"])["day"].dt.date.tolist() == [day(1), day(2)]
    assert frames.findings(results, start=day(2), alarms_only=True)["day"].dt.date.tolist() == [day(2)]
    assert frames.incident_days(results, incident["id"])["event"].tolist() == ["opened", "lasting"]


def test_exemplars_and_explanations_are_kept_by_night(results: Results):
    write(results, day(0), [finding(day(0))], NOTE)
    write(results, day(1), [finding(day(1))], Explanation("unclear", "", "nothing else changed"))
    assert frames.incident_days(results)["explanation"].str.contains("nothing else changed").tolist() == [False, True]
    assert frames.exemplars(results)["trace_id"].tolist() == ["t1"]


def test_of_the_nights_explanations_the_latest_that_names_a_cause_is_told(results: Results):
    notes = [Explanation("unclear", "", "first"), NOTE, Explanation("unclear", "", "fading")]
    told = []
    for number, note in enumerate(notes):
        write(results, day(number), [finding(day(number))], note)
        incident = frames.incidents(results).iloc[0]
        assert of_incident(results, incident["id"]).cause == incident["cause"] == tell(results, day(number)).incidents[0].cause
        told.append(incident["cause"])
    assert told == ["unclear", "prompt_change", "prompt_change"]


def test_a_change_of_meaning_that_is_still_clearly_off_lasts_whichever_of_its_statistics_says_so(results: Results):
    write(results, day(0), [finding(day(0), "input_embedding", change=0.02, statistic="axis")])
    for number in (1, 2):
        off = finding(day(number), "input_embedding", change=0.02, statistic="energy", z=3.0, alarm=False)
        write(results, day(number), [off])
    (incident,) = results.incidents()
    assert [line.event for line in incident.days] == ["opened", "lasting", "lasting"]


def test_a_decision_on_an_unknown_or_ambiguous_incident_is_one_clear_line(results: Results):
    story(results, [0.07])
    with pytest.raises(DriftError, match="no incident 'zzz'; `drift incidents` lists them"):
        results.decide("zzz", "ack")
    with pytest.raises(DriftError, match="mute needs the last silent day"):
        results.decide(frames.incidents(results)["id"][0], "mute")


def test_a_decision_that_could_have_no_effect_is_one_clear_line(results: Results):
    story(results, [0.07, 0.07])
    (incident,) = results.incidents()
    with pytest.raises(
        DriftError, match="^mute until 2026-11-02 silences no night: the last one is 2026-11-02; name a later day$"
    ):
        results.decide(incident.id, "mute", until=day(1))
    story(results, [0.07, 0.07, 0, 0])
    with pytest.raises(DriftError, match=f"^incident {incident.id[:8]} closed on 2026-11-04; there is nothing left to accept$"):
        results.decide(incident.id, "accept")
    assert frames.decisions(results).empty


def test_the_migrations_make_exactly_the_declared_tables(results: Results):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with results.database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), tables.metadata) == []
        assert migrate.current(connection) == migrate.revisions()[-1]


def test_tables_of_a_newer_drift_are_refused(tmp_path: Path):
    Results(f"sqlite:///{tmp_path}/drift.db").incidents()
    with sqlite3.connect(tmp_path / "drift.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DriftError, match="revision 9999, which this drift does not know; install a newer drift"):
        Results(f"sqlite:///{tmp_path}/drift.db").incidents()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("nonsense", "results.url: not a database URL"),
        ("mysql://u@h/d", "results.url: 'mysql' is not supported"),
        ("sqlite:////proc/nothing/drift.db", "results.url sqlite:////proc/nothing/drift.db: "),
    ],
)
def test_a_wrong_url_is_one_clear_line(url: str, message: str):
    with pytest.raises(ConfigError, match=message):
        Results(url)


def test_a_file_that_is_no_database_is_one_clear_line(tmp_path: Path):
    (tmp_path / "drift.db").write_text("this is not a database, it is a text of some length " * 40)
    with pytest.raises(ResultsError, match="file is not a database"):
        Results(f"sqlite:///{tmp_path}/drift.db").incidents()


def test_a_password_is_in_no_message():
    results = Results("postgresql://drift:secret@127.0.0.1:1/drift")
    with pytest.raises(ResultsError) as caught:
        results.incidents()
    assert "secret" not in str(caught.value) and "\n" not in str(caught.value)


def test_many_processes_may_use_a_new_database_at_once(tmp_path: Path):
    _at_once(f"sqlite:///{tmp_path}/drift.db")


@pytest.mark.slow
def test_many_processes_may_use_a_new_postgresql_database_at_once(postgresql_url: str):
    _at_once(postgresql_url)


@pytest.mark.slow
def test_a_night_that_could_not_give_its_turn_back_keeps_no_later_one_waiting(postgresql_url: str, monkeypatch):
    database = Database(postgresql_url)
    with database.reading():
        pass
    execute = sa.Connection.execute

    def gone(self, statement, *rest, **more):
        if "pg_advisory_unlock" in str(statement):
            raise sa.exc.OperationalError(str(statement), {}, Exception("server closed the connection"))
        return execute(self, statement, *rest, **more)

    monkeypatch.setattr(sa.Connection, "execute", gone)
    with pytest.raises(ResultsError), database.night_lock() as free:
        assert free
    monkeypatch.undo()
    # another process asks
    other = sa.create_engine(database._engine.url)
    with other.connect() as connection:
        held = connection.execute(sa.text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")).scalar()
    other.dispose()
    assert held == 0


@pytest.mark.slow
def test_postgresql_and_sqlite_hold_the_same_tables(postgresql_url: str, results: Results):
    there = Results(postgresql_url)
    for each in (results, there):
        for number, change in enumerate([0, 0.07, 0.12, 0.07, 0, 0, 0.07]):
            write(
                each,
                day(number),
                [finding(day(number), change=change), finding(day(number), where="name=chat\x00", change=change)],
                NOTE,
            )
        each.decide(each.incidents()[-1].id, "mute", until=date(2026, 12, 1))
    assert dump(there) == dump(results)
    before = dump(there)
    write(there, day(2), [finding(day(2), change=0.12), finding(day(2), where="name=chat\x00", change=0.12)], NOTE)
    assert dump(there) == before
    with there.database.reading() as connection:
        from alembic.autogenerate import compare_metadata
        from alembic.migration import MigrationContext

        assert compare_metadata(MigrationContext.configure(connection), tables.metadata) == []
    with there.database.reading() as connection, pytest.raises(sa.exc.DBAPIError):
        connection.execute(tables.runs.delete())
    there.close()


def _at_once(url: str) -> None:
    # a fork of a process with threads may never end
    with ProcessPoolExecutor(4, multiprocessing.get_context("spawn")) as pool:
        list(pool.map(_write_one, [(url, number) for number in (0, 0, 1, 1, 2, 2)]))
    results = Results(url)
    assert frames.runs(results)["day"].dt.date.tolist() == [day(0), day(1), day(2)]
    assert frames.incident_days(results)["event"].tolist() == ["opened", "lasting", "lasting"]
    results.close()


def _write_one(job: tuple[str, int]) -> None:
    url, number = job
    results = Results(url)
    write(results, day(number), [finding(day(number))])
    results.close()


def test_an_incident_is_of_the_segment_that_alone_has_the_metric_whatever_later_nights_find(results: Results):
    """Its id stands in messages, so nothing that a later night finds may change it."""
    old = [finding(day(0), "index_age_hours", where) for where in ("", "name=qa")]
    rest = [finding(day(0), "latency_s", where, 0) for where in ("", "name=qa", "name=chat")]
    write(results, day(0), [*old, *rest])
    (told,) = results.incidents()
    assert (told.dimension, told.value) == ("name", "qa")
    write(results, day(1), [finding(day(1), "latency_s", "name=chat")])
    assert results.incidents()[0].id == told.id


def test_what_later_nights_find_changes_no_incident_that_people_were_told_of(results: Results):
    random = np.random.default_rng(5)
    places = ["", "name=chat", "name=qa", "model=a", "model=b"]
    told = {}
    for number in range(12):
        night = []
        for metric in ("refusal", "output_characters", "latency_s", "index_age_hours"):
            for where in places:
                change = float(random.choice([0.0, 0.03, 0.07], p=[0.5, 0.3, 0.2]))
                night.append(finding(day(number), metric, where, change, alarm=change > 0.05))
        write(results, day(number), night)
        told[number] = [(each.id, each.state) for each in results.incidents()]
    assert any(told.values())
    for number, incidents in told.items():
        assert [(each.id, each.state) for each in results.incidents(before=day(number + 1))] == incidents


def test_a_night_and_its_pages_derive_the_incidents_once(results, monkeypatch):
    story(results, [0.0, 0.07])
    asked = []
    replay = Results._replay
    monkeypatch.setattr(Results, "_replay", lambda *given: asked.append(given) or replay(*given))
    write(results, day(2), [finding(day(2))])
    past = Past.read(results, day(2))
    assert len(asked) == 1 and len(past.incidents) == 1
    assert [line.day for line in past.incidents[0].days] == [day(1), day(2)]
    assert [each.opened for each in results.incidents(before=day(2))] == [day(1)]
    results.decide(past.incidents[0].id, "ack")
    assert results.incidents()[0].acknowledged


def test_a_write_that_fails_leaves_what_was_derived_before(results):
    story(results, [0.07])

    def broken(*_):
        raise RuntimeError("the explanation")

    with pytest.raises(RuntimeError):
        results.write_night(day(1), Run(3000, 28), (), [finding(day(1))], broken)
    assert [len(each.days) for each in results.incidents()] == [1]


def test_the_days_of_a_report_are_counted_once(results):
    story(results, [0.0, 0.07, 0.07])
    past = Past.read(results, day(2))
    assert past.days == [day(0), day(1), day(2)] and past.days is past.days
