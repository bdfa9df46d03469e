"""`drift mcp` through the SDK's own client over stdio: what the commands give with --json, and nothing is changed."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from nights import day, dump, finding, write
from typer.testing import CliRunner

from drift import profiles, traces
from drift.cli import app
from drift.config import Config
from drift.lake import Lake
from drift.results import Results

mcp = pytest.importorskip("mcp")
LAST, BROKEN = 16, 14


@pytest.fixture(scope="module")
def config(tmp_path_factory) -> Config:
    """Refusals of 2 %, then three nights of 9 % in chat, in the tables and the lake as a run would have left them."""
    folder = tmp_path_factory.mktemp("mcp")
    (folder / "drift.toml").write_text(
        '[store]\ntype = "demo"\n[lake]\nurl = "lake"\n[results]\nurl = "sqlite:///drift.db"\n[embeddings]\nenabled = false\n'
    )
    settings = Config.load(folder / "drift.toml")
    lake, results = Lake(settings.lake.url), Results.of(settings)
    for number in range(LAST + 1):
        rng = np.random.default_rng(number)
        at = [datetime(2026, 11, 1, tzinfo=UTC) + timedelta(days=number, seconds=60 * i) for i in range(400)]
        rows = {
            "trace_id": [f"{number}-{i}" for i in range(400)],
            "timestamp": pa.array(at, traces.TIME),
            "name": ["chat"] * 400,
            "refusal": (rng.random(400) < (0.09 if number >= BROKEN else 0.02)) * 1.0,
        }
        facts = {"ok": True, "reason": "", "warned": [], "traces": 400}
        lake.write("features", day(number), pa.table(rows), {})
        lake.write("profiles", day(number), profiles.build(pa.table(rows), settings, day(number)), facts)
        write(results, day(number), [finding(day(number), where="name=chat", change=0.07 if number >= BROKEN else 0)])
    results.close()
    return settings


def _file(config: Config) -> Path:
    return Path(config.lake.url).parent / "drift.toml"


def _id(config: Config) -> str:
    results = Results.of(config)
    try:
        return results.incidents()[0].id
    finally:
        results.close()


def _asked(config: Config, *calls: tuple[str, dict]) -> list:
    """The results of tools, asked in one session of `drift mcp`; without a call the tools themselves."""
    command = ["-m", "drift", "mcp", "--config", str(_file(config))]
    # as an assistant starts it: the SDK's client passes little of the environment on
    env = {name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}
    given = mcp.StdioServerParameters(command=sys.executable, args=command, env=env)

    async def session() -> list:
        async with mcp.Client(given) as client:
            if not calls:
                return (await client.list_tools()).tools
            return [await client.call_tool(name, arguments) for name, arguments in calls]

    return asyncio.run(session())


def _json_of(config: Config, *command: str) -> dict:
    done = CliRunner().invoke(app, [*command, "--json", "--config", str(_file(config))])
    assert done.exit_code == 0, done.output
    return json.loads(done.output)


def _lines(given: dict) -> list[str]:
    """Its JSON by lines, numbers to nine places: the last bits are not the same in every process."""
    rounded = json.loads(json.dumps(given), parse_float=lambda text: round(float(text), 9))
    return json.dumps(rounded, indent=1, sort_keys=True).splitlines()


def test_every_tool_gives_the_json_of_its_command(config):
    identity = _id(config)
    before, after = f"{day(0)}..{day(BROKEN - 1)}", f"{day(BROKEN)}..{day(LAST)}"
    pairs = [
        (("night", {}), ("show",)),
        (("night", {"day": str(day(BROKEN))}), ("show", "--day", str(day(BROKEN)))),
        (("incidents", {}), ("incidents",)),
        (("incidents", {"closed_too": True}), ("incidents", "--all")),
        (("incident", {"id": identity[:8]}), ("incident", identity[:8], "--no-texts")),
        (("affected", {"id": identity}), ("affected", identity)),
        (("metric", {"name": "refusal"}), ("show", "--why", "refusal")),
        (("compare", {"a": before, "b": after}), ("compare", before, after)),
        (("ledger", {}), ("ledger",)),
    ]
    given = _asked(config, *(call for call, _ in pairs))
    for (call, command), result in zip(pairs, given, strict=True):
        assert not result.is_error, (call, result.content)
        assert _lines(result.structured_content) == _lines(_json_of(config, *command)), call
        assert json.loads(result.content[0].text) == result.structured_content


def test_the_nights_are_told_one_by_one(config):
    (result,) = _asked(config, ("nights", {"last": 5}))
    found = result.structured_content
    assert [each["day"] for each in found["nights"]] == [str(day(n)) for n in range(LAST - 4, LAST + 1)]
    assert "1 new incident" in found["nights"][BROKEN - (LAST - 4)]["verdict"]


def test_what_cannot_be_answered_is_one_line_and_no_file_is_opened(config, tmp_path):
    (tmp_path / "secret.jsonl").write_text('{"input": "my password"}')
    calls = [
        ("incident", {"id": "ffff"}),
        ("night", {"day": "yesterday"}),
        ("metric", {"name": "no_such"}),
        ("compare", {"a": str(tmp_path / "secret.jsonl"), "b": str(day(LAST))}),
        ("compare", {"a": "experiment:x", "b": str(day(LAST))}),
    ]
    results = _asked(config, *calls)
    said = [result.content[0].text for result in results]
    assert all(result.is_error for result in results)
    assert "no incident" in said[0] and "is not a day" in said[1] and "metrics of that night: refusal" in said[2]
    assert all("is not a day" in line and "password" not in line for line in said[3:])


def test_it_changes_nothing_and_says_so(config):
    def state() -> tuple:
        results = Results.of(config)
        try:
            tables = dump(results)
        finally:
            results.close()
        lake = {path: path.read_bytes() for path in sorted(Path(config.lake.url).rglob("*")) if path.is_file()}
        return tables, lake

    tools = _asked(config)
    assert all(tool.annotations.read_only_hint and tool.description for tool in tools)
    before, identity = state(), _id(config)
    window = {"a": str(day(0)), "b": str(day(LAST))}
    asked = {"incident": {"id": identity}, "affected": {"id": identity}, "metric": {"name": "refusal"}, "compare": window}
    _asked(config, *((tool.name, asked.get(tool.name, {})) for tool in tools))
    assert state() == before
