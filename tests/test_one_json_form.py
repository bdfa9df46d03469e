"""Every command that prints results prints them as JSON too, all in one form."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from json_form import valid
from typer.testing import CliRunner

from drift.cli import app
from drift.text import json_form

FIRST, DAYS, CHANGED = date(2026, 3, 2), 11, 8
TOML = """[store]
type = "files"
path = "traces.jsonl"
[lake]
retention_days = 3650
[embeddings]
enabled = false
[judge]
rubrics = ["helpful"]
[golden.set]
file = "set.jsonl"
target = "command cat"
times = 1
"""
# what they print is a file, a demonstration, a folder or a protocol
NO_RESULTS = {"init", "demo", "dags", "mcp"}
# tried where there is a server that they ask: tests/experiment, tests/night/test_write_back.py, tests/judge
ELSEWHERE = {"experiment", "write-back"}
FIXED = FIRST + timedelta(days=CHANGED + 1)
DAY = FIRST + timedelta(days=CHANGED)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Eleven days of two prompts, 120 traces a day; on the ninth the one refuses most of its questions."""
    home = tmp_path_factory.mktemp("json")
    rng = random.Random(4)
    with open(home / "traces.jsonl", "w", encoding="utf-8") as file:
        for number in range(DAYS):
            for i in range(120):
                at = datetime.combine(FIRST + timedelta(days=number), datetime.min.time(), UTC) + timedelta(minutes=12 * i)
                refuses = rng.random() < (0.7 if number == CHANGED and i % 2 else 0.03)
                words = " ".join(rng.choice(["on", "its", "way", "tomorrow", "soon"]) for _ in range(rng.randint(4, 12)))
                row = {
                    "trace_id": f"{number}-{i}", "timestamp": at.isoformat(), "name": "chat", "user": f"u{i % 50}",
                    "session_id": f"s{number}-{i // 4}", "prompt_name": "p", "prompt_version": "34"[i % 2],
                    "input": f"Where is order {rng.randint(1, 99)}?", "latency_s": rng.lognormvariate(0, 0.3),
                    "output": "I'm sorry, but I can't help with that." if refuses else words,
                }  # fmt: skip
                file.write(json.dumps(row) + "\n")
    (home / "drift.toml").write_text(TOML)
    (home / "set.jsonl").write_text("\n".join(json.dumps({"input": f"Question {i}?"}) for i in range(12)))
    return home


@pytest.fixture
def drift(folder, monkeypatch) -> Callable[..., dict]:
    monkeypatch.chdir(folder)

    def call(*asked: str, kind: str, code: int = 0) -> dict:
        done = CliRunner().invoke(app, [*asked, "--json"], env={"DRIFT_SALT": "x", "COLUMNS": "80"})
        assert done.exit_code == code, (asked, done.output, done.exception)
        return valid(done.stdout, kind)

    return call


def _commands(group: Any, before: tuple[str, ...] = ()) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, each in group.commands.items():
        found |= _commands(each, (*before, name)) if hasattr(each, "commands") else {" ".join((*before, name)): each}
    return found


def test_every_command_that_prints_results_prints_json():
    known = _commands(typer.main.get_command(app))
    without = {name for name, each in known.items() if not any("--json" in option.opts for option in each.params)}
    assert without == NO_RESULTS


def test_each_command_prints_the_one_form(drift, folder):
    """In the order in which somebody would type them: nights, an incident, what is looked at and decided, what is thrown away."""
    drift("backfill", "--from", str(FIRST), "--to", str(DAY - timedelta(days=1)), kind="backfill")
    night = drift("run", "--day", str(DAY), kind="night", code=3)
    assert night["day"] == str(DAY) and night["status"] == "drift"
    (told,) = (each for each in night["incidents"] if each["metric"] == "refusal")
    known = told["incident"]
    assert told["segment"]["dimension"] in ("all", "name", "prompt") and told["before"] < 0.1 < told["after"]
    assert told["interval"][0] > 0 and told["since"] == str(DAY) and told["n"] >= 50
    for asked in (("accept",), ("unaccept",), ("ack",), ("unack",), ("mute", "--until", str(FIXED)), ("unack",)):
        done = drift(asked[0], known[:4], *asked[1:], kind="decision")
        assert done["incident"] == known and done["action"] == asked[0]
    for day in (FIXED, FIXED + timedelta(days=1)):
        drift("run", "--day", str(day), kind="night")

    assert drift("show", "--day", str(DAY), kind="night")["incidents"][0]["incident"] == known
    why = drift("show", "--day", str(DAY), "--why", "refusal", kind="why")
    assert {each["incident"] for each in why["comparisons"]} == {known, None}
    assert drift("incidents", "--all", kind="incidents")["incidents"][0]["incident"] == known
    one = drift("incident", known[:4], kind="incident")
    assert one["incident"] == known and one["before"] == told["before"] and one["pairs"]
    affected = drift("affected", known[:4], kind="affected")
    assert affected["incident"] == known and len(affected["traces"]) > 30
    assert drift("affected", known[:4], "--patterns", kind="patterns")["incident"] == known
    opened = drift("trace", affected["traces"][0]["trace_id"], kind="trace")
    assert datetime.fromisoformat(opened["row"]["timestamp"]).tzinfo is not None

    drift("event", "chat 2026.11", "--at", f"{DAY}T09:00", "--where", "endpoint=chat", kind="event")
    (event,) = drift("events", "--last", "730d", kind="events")["events"]
    assert event["segment"] == {"dimension": "name", "value": "chat"} and event["at"] == f"{DAY}T09:00:00+00:00"

    looked = drift("diagnose", "--from", str(FIRST), "--to", str(FIXED), "--yes", kind="diagnose")
    assert looked["nights"][0] == {"day": str(FIRST), "traces": 120}
    week = f"{FIRST}..{FIRST + timedelta(days=6)}", f"{FIRST + timedelta(days=7)}..{FIXED}"
    row = next(each for each in drift("compare", *week, kind="comparison")["rows"] if each["metric"] == "refusal")
    assert row["before"] < row["after"] and len(row["n"]) == 2 and row["segment"] == {"dimension": "all", "value": ""}
    between = "--since", f"{DAY}T00:00", "--until", f"{DAY}T23:00"
    since = "--since", f"{FIRST + timedelta(days=3)}T00:00", between[2], between[3]
    decided = drift("ab", "--a", "3", "--b", "4", *since, kind="ab", code=4)
    assert decided["answer"] == "not yet" and decided["watched"][0]["before"] < decided["watched"][0]["after"]
    drift("check", *between, kind="check", code=3)
    drift("digest", "--last", "7d", kind="digest")
    drift("ledger", kind="ledger")
    drift("backtest", "--set", "detect.budget=0.1", "--last", "3d", kind="backtest")
    drift("power", "--traces", "200", "--days", "8", kind="power")
    drift("doctor", kind="doctor")
    drift("doctor", "--nights", kind="nights", code=1)
    drift("repair", kind="repair")
    drift("measure", "traces.jsonl", "-o", "features.csv", kind="measure")

    drift("golden", "run", "set", "--day", str(FIRST), kind="golden-run")
    for day in (1, 2):
        ran = drift("golden", "run", "set", "--day", str(FIRST + timedelta(days=day)), kind="golden-run")
    assert ran["answered"] == 12 and ran["changes"][0]["before"] is not None
    drift("golden", "gate", "set", kind="golden-gate")
    assert drift("golden", "from-incident", known, "--to", "cases.jsonl", kind="golden-from-incident")["n"]
    assert drift("golden", "suggest", "--to", "cases.jsonl", kind="golden-suggest")["file"] == "cases.jsonl"
    drift("judge", "anchors", "--day", str(DAY), "--number", "5", kind="judge-anchors")
    drift("judge", "offer", kind="judge-offer")
    drift("judge", "truth", kind="judge-truth")

    assert drift("verdict", known[:4], "useful", kind="verdict")["incident"] == known
    fixed = drift("fixed", known[:4], "--since", str(FIXED), kind="fixed")
    assert fixed["incident"] == known and fixed["left"]["interval"]
    drift("forget", "--trace", "0-1", kind="forget")
    drift("remove-night", str(FIXED + timedelta(days=1)), "--yes", kind="remove-night")


def test_several_applications_at_once(drift, folder, monkeypatch):
    place = folder / "apps"
    place.mkdir()
    for name in ("one", "two"):
        text = TOML.replace("traces.jsonl", f"{folder}/traces.jsonl").replace("[lake]", f'[lake]\nurl = "{name}-lake"')
        (place / f"{name}.toml").write_text(f'{text}[results]\nurl = "sqlite:///{name}.db"\n')
    monkeypatch.setenv("DRIFT_CONFIG", str(place))
    ran = drift("run", "--day", str(FIRST), kind="applications")
    assert {name: night["status"] for name, night in ran["applications"].items()} == dict.fromkeys(
        ("one", "two"), "no_baseline"
    )
    assert drift("applications", kind="applications")["applications"] == ran["applications"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"cost": float("nan"), "why": "", "at": datetime(2026, 3, 2)}, {"cost": None, "why": None, "at": "2026-03-02T00:00:00+00:00"}),
        ({"low": 1, "high": None, "value_from": 2}, {"interval": [1, None], "before": 2}),
        ({"low": None, "high": None}, {"interval": None}),
        ({"dimension": "", "value": ""}, {"segment": {"dimension": "all", "value": ""}}),
        ({"incident_id": None, "row": {"output": "", "low": 1}}, {"incident": None, "row": {"output": "", "low": 1}}),
    ],
)  # fmt: skip
def test_what_the_form_makes_of_a_value(given, told):
    assert json_form.of("x", given) == {"kind": "x", "version": json_form.VERSION, **told}
