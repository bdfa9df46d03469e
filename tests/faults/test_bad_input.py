"""Bad input as users meet it: one clear line on stderr, a meaningful exit code, and the lake and the tables as they were."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from stores.langfuse_double import LangfuseDouble

from faults.traffic import CONFIG, NIGHTS, day, rows, write

LAST, NEXT = day(NIGHTS - 1), day(NIGHTS)


@pytest.fixture
def drift(drift):
    """There is a further day to run."""
    write(NEXT)
    return drift


def _stored() -> dict[str, bytes]:
    """Every file of the lake, and the tables as text, but for the times at which nights ended."""
    found = {str(path): path.read_bytes() for path in Path("drift-data/lake").rglob("*") if path.is_file()}
    with sqlite3.connect("drift-data/drift.db") as connection:
        return found | {"tables": "\n".join(line for line in connection.iterdump() if "heartbeats" not in line).encode()}


def _row(number: int = 5, **changes) -> list[dict]:
    made = rows(NEXT)
    made[number] |= changes
    return made


def _some(**changes) -> list[dict]:
    made = rows(NEXT)
    return [*made[:5], *(row | changes for row in made[5:15]), *made[15:]]


def _config(text: str) -> None:
    Path("drift.toml").write_text(CONFIG + text)


def _parquet(drop: str) -> None:
    Path("traces", f"{NEXT}.jsonl").unlink()
    pq.write_table(pa.Table.from_pylist(rows(NEXT)).drop_columns([drop]), f"traces/{NEXT}.parquet")


WRONG = {
    "no time column": (lambda: _parquet("timestamp"), "no column 'timestamp'"),
    "a mapped column is missing": (lambda: _mapped(), "no column 'answer'"),
    "broken lines": (lambda: write(NEXT, [*rows(NEXT), *['{"trace_id": "x", "outp'] * 9]), "line 61: not valid JSON"),
    "an array and more": (lambda: write(NEXT, ["[{}]", *rows(NEXT)]), "JSON array, and more after it"),
    "a time that is none": (lambda: write(NEXT, _some(timestamp="yesterday")), "line 6: column 'timestamp' holds no time"),
    "a time that is not a number": (lambda: write(NEXT, _some(timestamp=float("nan"))), "line 6"),
    "no Parquet": (lambda: Path("traces/x.parquet").write_text("hello"), "x.parquet: not readable as parquet"),
    "no files": (lambda: shutil.rmtree("traces"), "no such file or folder"),
    "a wrong rule": (lambda: _config('[rules]\nslow = "ttft_p95 > two"\n'), "rules.slow"),
    "a wrong metric": (lambda: _config("[metrics.refusals]\nmatters = 0.01\n"), "did you mean refusal"),
    "a wrong database": (lambda: _config('[results]\nurl = "mysql://u@h/x"\n'), "'mysql' is not supported"),
    "a database that is none": (lambda: _config('[results]\nurl = "sqlite:///drift.toml"\n'), "file is not a database"),
    "a database out of reach": (lambda: _config('[results]\nurl = "postgresql://u:hidden@127.0.0.1:1/x"\n'), "results.url"),
    "an unwritable lake": (lambda: _config('[lake]\nurl = "/proc/lake"\n'), "lake.url /proc/lake"),
    "a lake of no kind": (lambda: _config('[lake]\nurl = "foo://x"\n'), "lake.url foo://x"),
}  # fmt: skip


def _mapped() -> None:
    _config('[store.columns]\noutput = "answer"\n')
    _parquet("latency_s")


@pytest.mark.parametrize("wrong", WRONG)
def test_it_is_one_clear_line_and_nothing_is_changed(drift, wrong):
    prepare, says = WRONG[wrong]
    prepare()
    before = _stored()
    code, out, err = drift("run", "--day", NEXT)
    assert code == 1
    assert err.startswith("error: ") and err.count("\n") == 1
    assert says in err
    assert "hidden" not in err and out == ""
    assert _stored() == before


@pytest.mark.parametrize("wrong", ["a wrong rule", "a wrong metric"])
def test_the_doctor_says_so_before_any_night(drift, wrong):
    prepare, says = WRONG[wrong]
    prepare()
    code, out, _ = drift("doctor")
    assert code == 1
    assert "fail configuration" in out and says in out.replace("\n", " ")


def test_wrong_names_are_found_before_the_store_is_asked(drift):
    _config('[rules]\nslow = "ttft_p95 > two"\n')
    shutil.rmtree("traces")
    assert "rules.slow" in drift("run", "--day", NEXT)[2]
    assert "rules.slow" in drift("backfill", "--from", LAST, "--to", NEXT)[2]


@pytest.mark.parametrize(
    ("secret", "reachable", "says"),
    [
        ("", True, "LANGFUSE_SECRET_KEY is not set"),
        ("sk-hidden", True, "refused the key (401)"),
        ("sk-hidden", False, "cannot be reached"),
    ],
)
def test_a_langfuse_without_its_key_or_out_of_reach(drift, monkeypatch, secret, reachable, says):
    monkeypatch.setenv("LANGFUSE_PUBLIC_KEY", LangfuseDouble.public)
    monkeypatch.setenv("LANGFUSE_SECRET_KEY", secret)
    double = LangfuseDouble([])
    store = f'type = "langfuse"\npatience_seconds = 0\nhost = "{double.url if reachable else "http://127.0.0.1:1"}"'
    Path("drift.toml").write_text(CONFIG.replace('type = "files"\npath = "traces"', store))
    before = _stored()
    try:
        code, out, err = drift("run", "--day", NEXT)
    finally:
        double.close()
    assert code == 1 and out == ""
    assert says in err and err.count("\n") == 1
    assert "hidden" not in err
    assert _stored() == before


def test_a_dimension_that_does_not_exist_lists_those_that_do(drift):
    Path("drift.toml").write_text(CONFIG.replace('["name"]', '["tenant"]'))
    before = _stored()
    code, _, err = drift("run", "--day", NEXT)
    assert code == 1
    assert "unknown dimension 'tenant'; allowed: prompt" in err and err.count("\n") == 1
    assert _stored() == before


def test_a_day_without_traces_is_an_error_that_names_the_day(drift):
    Path(f"traces/{NEXT}.jsonl").unlink()
    code, out, err = drift("run", "--day", NEXT)
    assert code == 1 and out == ""
    assert err.startswith(f"error: {NEXT} could not be compared: 0 traces") and err.count("\n") == 1
    code, _, err = drift("backfill", "--from", NEXT, "--to", NEXT)
    assert code == 1
    assert err.strip().splitlines()[-1].startswith(f"error: {NEXT} could not be compared")
    write(NEXT + timedelta(days=1))
    assert drift("run", "--day", NEXT + timedelta(days=1))[0] == 0, "a hole in the past is no reason to fail"


def test_a_day_that_the_store_has_forgotten_stays_as_it_was_measured(drift):
    Path(f"traces/{LAST}.jsonl").unlink()
    before = _stored()
    code, out, err = drift("run", "--day", LAST)
    assert code == 1 and out == ""
    assert "had 60 when it was measured" in err and err.count("\n") == 1
    assert _stored().items() >= before.items()
    Path("drift.toml").write_text(CONFIG.replace("lookback_days = 0", "lookback_days = 1"))
    assert drift("run", "--day", NEXT)[0] == 0, "the night after it goes on"


def test_a_column_that_earlier_days_had_is_told_beside_the_verdict(drift):
    _parquet("output")
    code, out, err = drift("run", "--day", NEXT)
    assert code == 3 and "Length of answers stopped arriving" in out.replace("\n", "")
    assert err.startswith("warning: ") and "refusal" in err and err.count("\n") == 1


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf"), "fast", "x y " * 1_310_720, {"a": [[[]]]}])
def test_values_that_cannot_be_are_unknown_and_no_reason_to_fail(drift, value):
    write(NEXT, _row(latency_s=value, cost_usd=value, output=value if isinstance(value, str) else "Yes.", scores={"q": value}))
    code, out, err = drift("run", "--day", NEXT)
    # an answer of five megabytes may be news
    assert code in (0, 3) and err == ""
    assert "60 traces" in out


@pytest.mark.parametrize("harm", [lambda part: part.write_bytes(b"x"), Path.unlink], ids=["damaged", "missing"])
def test_a_file_of_the_lake_that_is_no_good_is_named_and_can_be_mended(drift, harm):
    (part,) = Path(f"drift-data/lake/profiles/day={LAST}").glob("*.parquet")
    harm(part)
    assert drift("run", "--day", NEXT)[0] == 0, "a day that is damaged is left out"
    assert f"{LAST}: made again" in drift("repair")[1]
    assert part.exists() and drift("run", "--day", NEXT)[0] == 0


def test_a_manifest_that_is_no_good_is_named_and_made_again(drift):
    Path(f"drift-data/lake/profiles/day={LAST}/_manifest.json").write_text('{"parts": [')
    assert drift("run", "--day", NEXT)[0] == 0
    assert f"{LAST}: made again" in drift("repair")[1]


def test_a_day_that_was_never_run_cannot_be_shown(drift):
    code, out, err = drift("show", "--day", "2020-01-01")
    assert (code, out) == (1, "")
    assert err == "error: 2020-01-01 was not run; run it with `drift run --day 2020-01-01`\n"


def test_times_without_a_zone_are_utc(drift):
    drift("run", "--day", NEXT)
    before = _stored()
    write(NEXT, [{**row, "timestamp": row["timestamp"].removesuffix("+00:00")} for row in rows(NEXT)])
    assert drift("run", "--day", NEXT)[0] == 0
    assert _stored() == before


@pytest.mark.parametrize("step", ["detect_day", "publish_day"])
def test_a_night_killed_before_any_step_is_run_again_as_if_nothing_had_been(drift, step):
    shutil.copytree("drift-data", "before")
    drift("run", "--day", NEXT)
    undisturbed = _stored()
    shutil.rmtree("drift-data")
    shutil.move("before", "drift-data")
    _interrupted(step)
    assert _stored() != undisturbed
    assert drift("run", "--day", NEXT)[0] == 0
    assert _stored() == undisturbed


def _interrupted(step: str) -> None:
    code = f"import os, signal; from drift import cli; from drift.night import run; run.{step} = lambda *a, **k: os.kill(os.getpid(), 9); cli.main()"
    done = subprocess.run([sys.executable, "-c", code, "run", "--day", str(NEXT)], check=False, capture_output=True)
    assert done.returncode == -signal.SIGKILL


def test_two_runs_of_a_night_at_once_leave_the_tables_of_one(drift):
    command = [sys.executable, "-c", "from drift import cli; cli.main()", "run", "--day", str(NEXT)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    for each in both:
        out, err = each.communicate(timeout=300)
        assert (each.returncode, err) == (0, ""), out
    at_once = _stored()
    drift("run", "--day", NEXT)
    assert _stored() == at_once
