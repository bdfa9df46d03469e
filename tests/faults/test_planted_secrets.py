"""Secrets that are planted everywhere a night takes one are in nothing that it leaves behind, whether it goes well or not."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from drift.alerts import requests, sinks
from drift.config import SECRETS, Config
from faults.traffic import CONFIG, NIGHTS, day, rows, write

MARK = "planted7secret"


@pytest.fixture
def planted(drift, place, monkeypatch, caplog):
    """Every secret of a night: where the place of an address matters, one that refuses."""
    caplog.set_level(logging.DEBUG)
    given = {
        "DRIFT_SALT": f"{MARK}-salt",
        "DRIFT_SLACK_WEBHOOK": f"{place.url}/{MARK}-slack",
        "DRIFT_WEBHOOK_URL": f"http://user:{MARK}-password@127.0.0.1:1/{MARK}-webhook?key={MARK}",
        "DRIFT_HEARTBEAT_URL": f"http://127.0.0.1:1/{MARK}-beat",
        "DRIFT_EMBEDDINGS_KEY": f"{MARK}-embeddings",
        "DRIFT_JUDGE_KEY": f"{MARK}-judge",
        "DRIFT_GOLDEN_KEY": f"{MARK}-golden",
        "DRIFT_EXPERIMENT_KEY": f"{MARK}-experiment",
        "DRIFT_GITHUB_TOKEN": f"{MARK}-github",
        "DRIFT_JIRA_TOKEN": f"ada@example.com:{MARK}-jira",
        "DRIFT_PAGERDUTY_KEY": f"{MARK}-pagerduty",
        "DRIFT_OPSGENIE_KEY": f"{MARK}-opsgenie",
        "LANGFUSE_SECRET_KEY": f"{MARK}-langfuse",
        "TRACES_DATABASE_URL": f"postgresql+psycopg://u:{MARK}-traces@127.0.0.1:1/x",
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://u:{MARK}-otel@127.0.0.1:1",
        "OTEL_EXPORTER_OTLP_HEADERS": f"authorization={MARK}-header",
    }
    assert set(SECRETS) - given.keys() == {"DRIFT_SLACK_TOKEN", "DRIFT_APPRISE_URLS"}, "a new secret is to be planted here"
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(requests, "ATTEMPTS", 1)
    # a text of a trace is none of these either
    write(day(NIGHTS), rows(day(NIGHTS), scores=None, input=f"my password is {MARK}-text"))
    return drift


def left_behind(shown: tuple[int, str, str], log: str) -> str:
    stored = b"".join(path.read_bytes() for path in Path("drift-data").rglob("*") if path.is_file())
    return stored.decode("latin-1") + shown[1] + shown[2] + log


def test_after_a_night_with_news(planted, place, caplog):
    shown = planted("run", "--day", day(NIGHTS))
    assert shown[0] == 3, shown
    assert place.posts and MARK not in str(place.posts)
    assert MARK not in left_behind(shown, caplog.text)


@pytest.mark.parametrize(
    "store",
    [
        'type = "sql"\nquery = "SELECT 1 WHERE :start < :end"',
        'type = "langfuse"\npatience_seconds = 0\nhost = "http://127.0.0.1:1"',
    ],
    ids=["sql", "langfuse"],
)
def test_after_a_night_whose_store_is_out_of_reach(planted, monkeypatch, caplog, store):
    monkeypatch.setenv("LANGFUSE_PUBLIC_KEY", "pk")
    Path("drift.toml").write_text(CONFIG.replace('type = "files"\npath = "traces"', store))
    shown = planted("run", "--day", day(NIGHTS))
    assert shown[0] == 1
    assert MARK not in left_behind(shown, caplog.text)


def test_after_a_night_whose_database_is_out_of_reach(planted, caplog):
    Path("drift.toml").write_text(CONFIG + f'[results]\nurl = "postgresql://u:{MARK}@127.0.0.1:1/x"\n')
    shown = planted("run", "--day", day(NIGHTS))
    assert shown[0] == 1
    assert MARK not in left_behind(shown, caplog.text)


def test_after_a_night_whose_events_are_out_of_reach(planted, monkeypatch, caplog):
    monkeypatch.setenv("DRIFT_EVENTS__URL", f"postgresql+psycopg://u:{MARK}-events@127.0.0.1:1/x")
    Path("drift.toml").write_text(CONFIG + '[events]\nquery = "SELECT 1"\n')
    shown = planted("run", "--day", day(NIGHTS))
    assert shown[0] == 3 and "events.query: the database refused it" in caplog.text
    assert MARK not in left_behind(shown, caplog.text)


def test_in_what_doctor_says(planted, caplog):
    shown = planted("doctor")
    assert MARK not in left_behind(shown, caplog.text)


def test_in_the_stack_of_a_defect(planted, monkeypatch, capsys):
    """A defect's exception may hold anything: what is told of it is its type and place."""
    from drift.night import run

    def broken(*_: object, **__: object) -> None:
        raise ValueError(f"{MARK}-inside")

    monkeypatch.setattr(run, "profile_day", broken)
    code, shown, told = planted("run", "--day", day(NIGHTS))
    assert code == 1 and "ValueError" in told and MARK not in shown + told


def test_a_place_that_redirects_elsewhere_is_sent_nothing_there(place, results):
    from place import Place

    other = Place()
    place.answers = [(307, {"Location": other.url}, "")] * 4
    with pytest.raises(sinks.SinkError, match="answered 307"):
        sinks.Webhook(place.url, sleep=lambda seconds: None).post({"a": 1}, "")
    assert not other.posts
    other.close()


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "ftp://x", "gopher://x", "unix:/run/docker.sock", "//x", "javascript:1"]
)
def test_a_place_is_asked_over_http_alone(address):
    for name in ("DRIFT_WEBHOOK_URL", "DRIFT_SLACK_WEBHOOK"):
        with pytest.raises(Exception, match=f"{name}: not an http"):
            sinks.configured(Config.of({}), {name: address})


def test_nothing_that_drift_reads_again_is_pickled():
    """What is read from a lake that others may write to must not be code."""
    package = Path(sinks.__file__).parents[1]
    for file in package.rglob("*.py"):
        text = file.read_text("utf-8")
        assert "pickle.load" not in text and "allow_pickle=True" not in text and "yaml.load(" not in text, file
