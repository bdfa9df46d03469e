"""Asking a golden set: of a model over HTTP, a command, a route, a function; stopped and gone on; within its budget."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.etree import ElementTree

import pytest
from judge.chat_server import Laws, Service, serving
from typer.testing import CliRunner

from drift.cli import app
from drift.config import Config
from drift.errors import ConfigError, DataError
from drift.golden import history
from drift.golden.run import run
from drift.golden.sets import read
from drift.judge.chat import Chat
from drift.judge.spending import Budget
from drift.lake import Lake
from drift.results.database import Database

DAY = date(2026, 11, 2)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    monkeypatch.setattr(Chat, "wait_s", 0.0)


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with a set of 30 questions and its drift.toml, which is written by `configured`."""
    monkeypatch.chdir(tmp_path)
    rows = [{"id": f"g{i}", "input": f"Question {i}?", "expected": f"Answer {i}.", "category": "ab"[i % 2]} for i in range(30)]
    (tmp_path / "set.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return tmp_path


def configured(folder, target: str = "endpoint", service: Service | None = None, **more) -> Config:
    golden = {"file": "set.jsonl", "target": target, "times": 3, "input_usd": 1.0, "output_usd": 1.0} | more
    if service is not None:
        golden |= {"model": "m-1", "endpoint": service.url}
    lines = [
        "[embeddings]",
        "enabled = false",
        # of a server on this machine it is how busy that is
        "[metrics.latency_s]",
        "enabled = false",
        "[golden.support]",
        *(f"{key} = {json.dumps(value)}" for key, value in golden.items()),
    ]
    (folder / "drift.toml").write_text("\n".join(lines))
    return Config.load(folder / "drift.toml")


def reply(prompt: str, rng) -> str:
    return f"Here is what I know about it: {prompt.split()[-1]} " + "more " * rng.randint(18, 22)


def test_a_model_is_asked_three_times_and_its_answers_are_measured(here):
    with serving(Laws(reply=reply)) as service:
        ran = run(configured(here, service=service), "support", DAY)
        assert len(service.asked) == 90
    rows = ran.table.to_pylist()
    assert (ran.answered, ran.examples, len(rows)) == (30, 30, 90)
    assert {row["category"] for row in rows} == {"a", "b"}
    assert all(row["output_tokens"] > 0 and row["cost_usd"] > 0 and row["model"] == "judge-1" for row in rows)
    assert all(0.8 < row["golden.agreement"] <= 1 for row in rows)
    # no text is kept
    assert "Here is what" not in str(rows)


def test_what_was_asked_before_is_not_asked_again(here):
    with serving(Laws(reply=reply)) as service:
        settings = configured(here, service=service, calls=50)
        first = run(settings, "support", DAY)
        assert len(service.asked) == 50
        assert 0 < first.answered < 30
        assert first.lost["the budget is used up"] == 30 - first.answered
        settings.golden["support"].calls = 500
        second = run(settings, "support", DAY)
    assert second.answered == 30
    assert len(service.asked) <= 90 + 3 * 8


def test_another_target_on_the_same_day_is_another_run(here):
    with serving(Laws(reply=reply)) as service:
        settings = configured(here, service=service)
        run(settings, "support", DAY)
        settings.golden["support"].system = "Be brief."
        again = run(settings, "support", DAY)
        assert len(service.asked) == 180
    assert again.table.num_rows == 90


@pytest.mark.parametrize("target", ["command", "function"])
def test_a_command_and_a_function_are_targets(here, target):
    (here / "application.py").write_text("def answer(question):\n    return {'output': question.upper(), 'cost_usd': 0.5}\n")
    (here / "upper.py").write_text("print(input().upper())")
    ran = run(
        configured(here, f"command {sys.executable} upper.py" if target == "command" else "application:answer", usd=100.0),
        "support",
        DAY,
    )
    assert ran.answered == 30
    assert {row["golden.agreement"] for row in ran.table.to_pylist()} == {1.0}


class _Route(BaseHTTPRequestHandler):
    """An application behind HTTP: the path says how it answers."""

    def log_message(self, *_: object) -> None: ...

    def do_POST(self) -> None:
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["input"]
        self.server.keys.add(self.headers.get("Authorization"))
        given: dict[str, tuple[str, object]] = {
            "/text": ("text/plain", question.upper()),
            "/json": ("application/json", {"output": question.upper(), "model": "m", "cost_usd": 0.25, "input_tokens": "many"}),
            "/null": ("application/json", {"output": None}),
            "/list": ("application/json", [1]),
        }
        kind, told = given.get(self.path.partition("?")[0], ("text/plain", ""))
        data = (told if isinstance(told, str) else json.dumps(told)).encode()
        self.send_response(200 if self.path.partition("?")[0] in given else 503)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@pytest.fixture
def route():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Route)
    server.keys = set()
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(("path", "cost"), [("text", None), ("json", 0.25)])
def test_a_route_is_a_target_and_its_address_is_in_no_log(here, route, caplog, monkeypatch, path, cost):
    caplog.set_level(logging.INFO)
    monkeypatch.setenv("DRIFT_GOLDEN_KEY", "k")
    target = f"http://127.0.0.1:{route.server_port}/{path}?token=hush"
    ran = run(configured(here, target, usd=100.0), "support", DAY)
    rows = ran.table.to_pylist()
    assert ran.answered == 30 and {row["golden.agreement"] for row in rows} == {1.0}
    assert {row["output_characters"] for row in rows} == {11.0, 12.0}
    assert {row["cost_usd"] for row in rows} == {cost} and {row["input_tokens"] for row in rows} == {None}
    assert route.keys == {"Bearer k"}
    assert "hush" not in caplog.text


@pytest.mark.parametrize(("path", "said"), [("null", "unreadable"), ("list", "unreadable"), ("away", "503")])
def test_a_route_that_gives_no_answer_is_said(here, route, path, said):
    ran = run(configured(here, f"http://127.0.0.1:{route.server_port}/{path}"), "support", DAY)
    assert (ran.answered, ran.lost) == (0, {said: 30})


def test_dollars_that_a_target_says_are_within_the_budget(here):
    (here / "dear_application.py").write_text("def answer(question):\n    return {'output': question, 'cost_usd': 0.3}\n")
    ran = run(configured(here, "dear_application:answer", usd=2.0, times=1), "support", DAY)
    assert (ran.answered, ran.lost) == (6, {"the budget is used up": 24})
    calls, usd = Budget(Database(Config.load(here / "drift.toml").results.url), DAY, "golden:support", 0, 0).spent()
    assert (calls, usd) == (6, pytest.approx(1.8))


def test_a_model_is_asked_with_its_system_prompt_and_parameters(here):
    bodies = []

    def reply_to(body: dict, rng) -> str:
        bodies.append(body)
        return "Yes."

    with serving(Laws(reply_to=reply_to)) as service:
        settings = configured(here, service=service, system="Be brief.", max_tokens=77, times=1)
        settings.golden["support"].parameters = {"temperature": 0.7, "seed": 3}
        run(settings, "support", DAY)
    assert len(bodies) == 30
    for body in bodies:
        assert [message["role"] for message in body["messages"]] == ["system", "user"]
        assert body["messages"][0]["content"] == "Be brief."
        assert (body["model"], body["temperature"], body["seed"], body["max_tokens"]) == ("m-1", 0.7, 3, 77)


@pytest.mark.slow
def test_two_runs_at_once_and_one_that_is_killed_stay_within_the_budget(here):
    """Two processes ask the same set at the same time, the first is killed in the middle, a third goes on."""
    with serving(Laws(reply=reply)) as service:
        configured(here, service=service, calls=60, parallel=4)
        Database(Config.load(here / "drift.toml").results.url).check()
        reached = threading.Event()

        def counting(prompt: str, rng) -> str:
            if len(service.asked) >= 20:
                reached.set()
            return reply(prompt, rng)

        service.laws.reply = counting
        asking = [sys.executable, "-m", "drift", "golden", "run", "support", "--day", "2026-11-02"]
        env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        first, second = (subprocess.Popen(asking, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in "ab")
        assert reached.wait(240)
        first.kill()
        first.wait(240)
        assert second.wait(240) == 1
        third = subprocess.run(asking, env=env, capture_output=True, text=True, timeout=240)
        calls, _ = Budget(Database(Config.load(here / "drift.toml").results.url), DAY, "golden:support", 0, 0).spent()
    assert "the budget is used up" in third.stdout
    assert 20 <= len(service.asked) <= calls == 60


def test_a_target_that_fails_is_said_and_its_examples_are_missing(here):
    (here / "broken.py").write_text("def answer(question):\n    return 1 / (len(question) - 11)\n")
    configured(here, "broken:answer")
    done = CliRunner().invoke(app, ["golden", "run", "support", "--day", "2026-11-02"])
    assert done.exit_code == 1
    assert "TypeError" in done.output


def test_expectations(tmp_path):
    file = tmp_path / "set.jsonl"
    rows = [
        {"input": "q", "expected": "Yes", "exact": True},
        {"input": "q", "regex": r"\b\d{4}\b"},
        {"input": "q", "json": {"status": "open"}},
        {"input": "q", "expected": "only a reference"},
    ]
    file.write_text("\n".join(map(json.dumps, rows)))
    exact, regex, fields, reference = read(str(file))
    assert exact.is_met(" Yes\n") and not exact.is_met("Yes!")
    assert regex.is_met("in 2026") and not regex.is_met("in 26")
    assert (
        fields.is_met('Sure: {"status": "open", "n": 1}')
        and not fields.is_met('{"status": "shut"}')
        and not fields.is_met("open")
    )
    assert not reference.is_checked


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"input": "a"}\n{', "line 2: not JSON"),
        ('{"question": "a"}', "example 1: no `input`"),
        ('{"input": "a", "regex": "("}', "example 1: regex"),
        ('{"input": "a", "id": 1}\n{"input": "b", "id": 1}', "the id '1' is there twice"),
        ("", "no examples"),
    ],
)
def test_a_set_that_cannot_be_read_says_where(tmp_path, text, said):
    file = tmp_path / "set.jsonl"
    file.write_text(text)
    with pytest.raises(DataError, match=said):
        read(str(file))


def test_a_target_that_is_none_says_what_is(here):
    with pytest.raises(ConfigError, match="write endpoint, command PROGRAM"):
        run(configured(here, "nonsense"), "support", DAY)
    with pytest.raises(ConfigError, match=r"has no \[golden.other\]; there are support"):
        run(configured(here), "other", DAY)
    forbidden = configured(here)
    forbidden.privacy.texts_leave = False
    with pytest.raises(ConfigError, match="texts_leave"):
        run(forbidden, "support", DAY)


def test_a_silent_update_is_told_and_stops_the_gate(here):
    """Four nights of one model; on the fifth the provider answers in half the words and refuses a third, under the same name."""

    def updated(prompt: str, rng) -> str:
        return (
            "I'm sorry, but I can't help with that." if rng.random() < 0.33 else "It depends. " + "more " * rng.randint(8, 11)
        )

    with serving(Laws(reply=reply)) as service:
        settings = configured(here, service=service)
        for n in range(4):
            run(settings, "support", DAY + timedelta(days=n))
        quiet = CliRunner().invoke(app, ["golden", "run", "support", "--day", "2026-11-05"])
        assert quiet.exit_code == 0, quiet.output
        assert "nothing changed (provisional: 3 runs before" in " ".join(quiet.output.split())
        service.laws.reply = updated
        loud = CliRunner().invoke(app, ["golden", "run", "support", "--day", "2026-11-06"])
    assert loud.exit_code == 3, loud.output
    assert "output_characters" in loud.output
    junit, markdown = here / "out" / "junit.xml", here / "out" / "gate.md"
    stopped = CliRunner().invoke(app, ["golden", "gate", "support", "--markdown", str(markdown), "--junit", str(junit)])
    assert stopped.exit_code == 3, stopped.output
    assert "is stopped in 9 of 10" in stopped.output
    assert ElementTree.parse(junit).getroot().find("testsuite").get("failures") != "0"
    assert "refusal" in markdown.read_text()
    passed = CliRunner().invoke(app, ["golden", "gate", "support", "--day", "2026-11-05"])
    assert passed.exit_code == 0, passed.output
    assert history.days(settings, "support")[-1] == date(2026, 11, 6)
    assert Lake(settings.lake.url).days("features") == []
