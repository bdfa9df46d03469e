"""`drift trace ID`: what one needs when a user reports one answer."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from drift.config import Config
from drift.errors import DataError
from drift.night.profile import profile_day
from drift.night.pull import pull_shard
from drift.night.trace import open_trace
from drift.report.trace import opened

MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def config(tmp_path_factory) -> Config:
    """A day of two endpoints; one trace of `slow` took far longer than the others, one has hostile text."""
    folder = tmp_path_factory.mktemp("trace")
    lines = []
    for i in range(120):
        name = "slow" if i % 2 else "fast"
        line = {"trace_id": f"t{i}", "timestamp": (MIDNIGHT + timedelta(minutes=i)).isoformat(), "name": name}
        lines.append(
            line | {"input": f"Where is order {i}?", "output": "It is on its way.", "latency_s": 1 + i / 100 + 9 * (i % 2)}
        )
    lines[7]["latency_s"] = 60.0
    lines[9]["output"] = "\x1b[31mred\x1b[0m \u202eevil"
    (folder / "traces.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    settings = Config.of(
        {
            "store": {"type": "files", "path": f"{folder}/traces.jsonl"},
            "lake": {"url": f"{folder}/lake"},
            "results": {"url": f"sqlite:///{folder}/drift.db"},
            "embeddings": {"enabled": False},
        }
    )
    profile_day(settings, MIDNIGHT.date(), [pull_shard(settings, MIDNIGHT.date())])
    return settings


def shown(config: Config, trace_id: str) -> str:
    from rich.console import Console

    found = open_trace(config, trace_id)
    out = Console(width=120, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    out.print(opened(found.row, found.url, found.among, [(p.metric, p.value, p.below, p.usual) for p in found.places]))
    return out.export_text()


def test_a_slow_request_is_slow_among_its_own_endpoint(config):
    place = {p.metric.name: p for p in open_trace(config, "t7").places}["latency_s"]
    assert place.below == 1.0
    assert place.usual == pytest.approx(10.6, abs=0.1)
    assert place.n == 59
    text = shown(config, "t7")
    assert "Where is order 7?" in text
    assert "59 requests of slow" in text
    latency = next(line for line in text.splitlines() if line.startswith("latency_s"))
    assert "more than 100 %" in latency
    assert text.index("latency_s") < text.index("output_characters")


def test_what_everybody_has_is_like_most(config):
    places = {p.metric.name: p for p in open_trace(config, "t20").places}
    assert places["output_characters"].below == pytest.approx(0.5, abs=0.02)


def test_text_of_the_trace_does_not_act_on_the_terminal(config):
    text = shown(config, "t9")
    assert "red" in text
    assert "\x1b[31m" not in text
    assert "\u202e" not in text


def test_a_trace_that_nobody_knows_is_one_line_that_says_what_to_do(config):
    with pytest.raises(DataError, match="--day"):
        open_trace(config, "nothing")
    with pytest.raises(DataError, match="has no such trace on 2026-03-02"):
        open_trace(config, "nothing", MIDNIGHT.date())
