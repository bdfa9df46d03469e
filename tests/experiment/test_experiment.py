"""From an incident to a proved cause: recorded calls asked again over real HTTP, one thing exchanged at a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from json_form import valid
from judge.chat_server import Laws, Service, serving
from nights import finding, write
from typer.testing import CliRunner

from drift.cli import app
from drift.config import Config
from drift.golden.sets import read
from drift.judge.chat import Chat
from drift.lake import Lake
from drift.night.experiment import make, prepare_experiment
from drift.night.profile import profile_day
from drift.night.pull import pull_shard
from drift.results import Results

BEFORE, DAY = date(2026, 3, 2), date(2026, 3, 3)
N = 90
PROMPT, EDITED = "Answer in one sentence.", "Answer in one sentence. Be careful and decline when unsure."
REFUSAL = "I'm sorry, but I can't help with that request."
TOML = """[store]
type = "files"
path = "traces.jsonl"
[lake]
url = "lake"
[results]
url = "sqlite:///drift.db"
[embeddings]
enabled = false
[experiment]
endpoint = "{url}"
input_usd = 1.0
output_usd = 2.0
calls_an_arm = 80
{more}
"""


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    monkeypatch.setattr(Chat, "wait_s", 0.0)


def _line(on: date, i: int, prompt: str, refused: bool, temperature: float | None = 0.2) -> dict:
    at = datetime(on.year, on.month, on.day, tzinfo=UTC) + timedelta(minutes=10 * i)
    said = [{"role": "system", "content": prompt}, {"role": "user", "content": f"Where is parcel {i}?"}]
    known = {} if temperature is None else {"temperature": temperature}
    return {
        "trace_id": f"{on.day}-{i}",
        "timestamp": at.isoformat(),
        "name": "chat",
        "model": "m-1",
        "input": said,
        "output": REFUSAL if refused else f"Parcel {i} is on its way.",
        "metadata": known,
    }


def refused(i: int) -> bool:
    """By what is planted, every third."""
    return i % 3 == 0


def _place(folder: Path, service: Service, now_prompt: str = PROMPT, more: str = "", temperature: float | None = 0.2) -> Config:
    lines = [_line(BEFORE, i, PROMPT, i == 7, temperature) for i in range(N)]
    lines += [_line(DAY, i, now_prompt, refused(i), temperature) for i in range(N)]
    (folder / "traces.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    (folder / "drift.toml").write_text(TOML.format(url=service.url, more=more))
    config = Config.load(folder / "drift.toml")
    for on in (BEFORE, DAY):
        profile_day(config, on, [pull_shard(config, on)])
    results = Results.of(config)
    write(results, BEFORE, [finding(BEFORE, where="name=chat", change=0)])
    write(results, DAY, [finding(DAY, where="name=chat", change=0.31)])
    results.close()
    return config


def _id(config: Config) -> str:
    results = Results.of(config)
    try:
        return results.incidents()[0].id
    finally:
        results.close()


def _number(body: dict) -> int:
    return int(body["messages"][-1]["content"].split()[-1].rstrip("?"))


def updated(body: dict, _: object) -> str:
    """The service's model was changed: whoever asks."""
    return REFUSAL if refused(_number(body)) else f"Parcel {_number(body)} is on its way."


def edited(body: dict, _: object) -> str:
    """The service is as ever, and the edited prompt makes it refuse."""
    declines = "decline" in body["messages"][0]["content"]
    return REFUSAL if declines and refused(_number(body)) else f"Parcel {_number(body)} is on its way."


@pytest.fixture
def service() -> Iterator[Service]:
    with serving(Laws(reply_to=updated)) as running:
        yield running


@pytest.fixture
def drift(tmp_path, monkeypatch) -> Callable[..., tuple[int, str]]:
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str, given: str = "") -> tuple[int, str]:
        done = CliRunner().invoke(app, ["experiment", *arguments], input=given, env={"COLUMNS": "200", "DRIFT_SALT": "x"})
        bad = done.exception is not None and not isinstance(done.exception, SystemExit)
        return done.exit_code, str(done.exception) if bad else done.output

    return call


def test_a_silent_update_is_proved_on_the_same_calls_and_the_prompt_is_acquitted(tmp_path, drift, service):
    config = _place(tmp_path, service)
    code, said = drift(_id(config), "--yes")
    assert code == 0, said
    assert "proved: on the same 72 calls" in said and "with the model alone" in said
    assert "the prompt" in said and "not to blame" in said
    # 72 as they were, 8 of them again, 80 of the incident's own
    assert len(service.asked) == 160 and "160 calls to m-1" in said


def test_its_verdict_stands_on_the_incident_and_on_its_page(tmp_path, drift, service):
    config = _place(tmp_path, service)
    drift(_id(config), "--yes")
    told = {
        form: CliRunner()
        .invoke(app, ["incident", _id(config), "--no-texts", *form], env={"DRIFT_SALT": "x", "COLUMNS": "200"})
        .output
        for form in ((), ("--markdown",), ("--json",))
    }
    assert all("proved: on the same 72 calls" in each for each in told.values())
    assert json.loads(told["--json",])["experiment"]["causes"] == ["provider"]
    page = Lake(config.lake.url).read_bytes(f"report/incident/{_id(config)}.html").decode()
    assert "proved: on the same 72 calls" in page


def test_an_edited_prompt_is_proved_and_the_provider_is_acquitted(tmp_path, drift, service):
    service.laws.reply_to = edited
    config = _place(tmp_path, service, EDITED)
    code, said = drift(_id(config), "--yes", "--json")
    told = valid(said[said.index("{\n") :], "experiment")
    assert code == 0 and told["causes"] == ["prompt"]
    assert told["parts"]["provider"]["says"] == "not to blame"
    assert told["asked"] == {"as it was": 80, "prompt": 72, "now": 80}


def test_a_parameter_that_nobody_recorded_leaves_the_provider_in_doubt_only(tmp_path, drift, service):
    config = _place(tmp_path, service, temperature=None)
    _, said = drift(_id(config), "--yes")
    assert "or a parameter that the store does not say" in said


def test_what_is_over_today_accuses_nobody(tmp_path, drift, service):
    service.laws.reply_to = lambda body, _: f"Parcel {_number(body)} is on its way."
    config = _place(tmp_path, service)
    code, said = drift(_id(config), "--yes")
    assert code == 0 and "over, or chance" in said


def test_calls_go_as_they_were_with_their_parameters_and_nothing_beside(tmp_path, drift, service):
    bodies: list[dict] = []
    service.laws.reply_to = lambda body, rng: (bodies.append(body), updated(body, rng))[1]
    config = _place(tmp_path, service)
    drift(_id(config), "--yes")
    assert all(body["temperature"] == 0.2 and body["model"] == "m-1" for body in bodies)
    assert {body["messages"][0]["content"] for body in bodies} == {PROMPT}
    assert all(set(body) <= {"model", "messages", "temperature", "max_tokens"} for body in bodies)


def test_a_dry_run_says_calls_price_and_host_and_asks_nothing(tmp_path, drift, service):
    config = _place(tmp_path, service)
    code, said = drift(_id(config), "--dry-run")
    assert code == 0 and service.asked == []
    assert "160 calls to m-1 at 127.0.0.1" in said and "about $" in said and "no tool is run" in said


def test_nothing_is_asked_without_a_yes(tmp_path, drift, service):
    config = _place(tmp_path, service)
    code, _ = drift(_id(config), given="n\n")
    assert code == 1 and service.asked == []


def test_a_budget_that_does_not_reach_is_said_before_anything_is_spent(tmp_path, drift, service):
    config = _place(tmp_path, service, more="calls = 100")
    code, said = drift(_id(config), "--yes")
    assert code == 1 and "takes 160 calls" in said and service.asked == []


def test_texts_that_may_not_leave_do_not(tmp_path, drift, service):
    config = _place(tmp_path, service, more="[privacy]\ntexts_leave = false")
    code, said = drift(_id(config), "--yes")
    assert code == 1 and "texts_leave is false" in said and service.asked == []


def test_a_call_that_the_redaction_hook_hides_a_part_of_is_not_sent(tmp_path, drift, service, monkeypatch):
    (tmp_path / "hiding_parcels.py").write_text("def hide(text):\n    return text.replace('parcel 5', 'parcel X')\n")
    monkeypatch.syspath_prepend(tmp_path)
    config = _place(tmp_path, service, more='[privacy]\nredact = "hiding_parcels:hide"')
    _, said = drift(_id(config), "--yes")
    assert "the redaction hook hides a part of them" in said
    assert service.asked and not any("parcel 5" in prompt for prompt in service.asked)


class Killed(BaseException):
    pass


def test_a_killed_experiment_goes_on_where_it_was_and_asks_nothing_twice(tmp_path, service, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DRIFT_SALT", "x")
    config = _place(tmp_path, service, more="parallel = 1")
    prepared = prepare_experiment(config, _id(config))

    def stop(done: int, of: int) -> None:
        if done >= of / 2:
            raise Killed

    with pytest.raises(Killed):
        make(prepared, stop)
    before = len(service.asked)
    outcome = make(prepare_experiment(config, _id(config)))
    assert 0 < before < 160 and len(service.asked) == 160
    assert outcome.verdict.causes == ("provider",)


def test_no_text_of_an_experiment_is_stored(tmp_path, drift, service):
    config = _place(tmp_path, service)
    drift(_id(config), "--yes")
    assert Lake(config.lake.url).read_bytes(f"experiments/{_id(config)}.json")
    stored = b"".join(p.read_bytes() for p in tmp_path.rglob("*") if p.is_file() and p.name != "traces.jsonl")
    assert b"on its way" not in stored and b"Where is parcel" not in stored


def test_retries_stay_within_the_budget(tmp_path, drift, service):
    service.laws.faults = {"500": 0.3}
    config = _place(tmp_path, service, more="calls = 165")
    code, said = drift(_id(config), "--yes")
    assert len(service.asked) <= 165
    assert "the budget is used up" in said and code in (0, 3)


def test_an_incident_of_what_is_asked_is_no_experiment(tmp_path, drift, service):
    config = _place(tmp_path, service)
    results = Results.of(config)
    write(results, DAY + timedelta(days=1), [finding(DAY + timedelta(days=1), metric="input_characters", where="name=other")])
    other = next(each.id for each in results.incidents() if each.metric == "input_characters")
    results.close()
    code, said = drift(other, "--yes")
    assert code == 1 and "asking a model again cannot show" in said


def test_an_incidents_questions_become_a_golden_set_once(tmp_path, drift, service):
    config = _place(tmp_path, service)
    asked = ["golden", "from-incident", _id(config), "--to", "cases.jsonl", "--most", "20"]
    first, second = (CliRunner().invoke(app, asked, env={"DRIFT_SALT": "x"}) for _ in range(2))
    assert "20 new questions" in first.output, first.exception
    assert "10 new questions" in second.output
    examples = read("cases.jsonl")
    assert {example.input for example in examples} == {f"Where is parcel {i}?" for i in range(N) if refused(i)}
    assert {example.fields["category"] for example in examples} == {"incident"}
