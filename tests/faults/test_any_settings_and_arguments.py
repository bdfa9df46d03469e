"""Any bytes as drift.toml, any words on the command line: it works, or one clear line and an exit code that means something."""

from __future__ import annotations

import contextlib
import re
import sys
from datetime import date, datetime
from io import StringIO
from typing import Any
from unittest import mock

import pytest
import typer
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from drift import cli
from drift.config import Config
from drift.errors import ConfigError, DriftError
from drift.night import preflight, start

EXITS = {0, 1, 2, 3, 4}
FEW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
NASTY = [
    "", "x", "-1", "0", "1", "nan", "inf", "1e999", "2026-11-20", "0001-01-01", "9999-12-31", "2026-02-31", "２０２６-11-20",
    "2026-11-20..2026-11-10", "2026-11-20T25:00", "0001-01-01T00:00+14:00", "9999-12-31T23:59-14:00", "2h", "9" * 30 + "h", "²h", "h",
    "30d", "731d", "/", "/dev/null", ".", "..", "drift.toml", "a=b", "=", "refusal=nan", "detect.budget=nan", "detect.budget", "store.path=x",
    "🙂", "\ud800", "a" * 5000, "{", "[bold]", "[/]", "--", "-", "%s", "{0}", "useful", "experiment:", "http://[::1", "s3://", "a\nb", "\x1b[31m",
]  # fmt: skip
# a made-up month takes minutes, a night seconds, and an assistant is served as long as it asks: what they are given is read as everybody's
LONG = {"demo", "run", "backfill", "diagnose", "mcp"}


def _sections(model: type[BaseModel], path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = []
    for name, field in model.model_fields.items():
        inner = field.annotation
        nested = isinstance(inner, type) and issubclass(inner, BaseModel)
        found += _sections(inner, (*path, name)) if nested else [(*path, name)]
    return found


KEYS = [
    *_sections(Config),
    ("store", "path"),
    ("store", "columns"),
    ("metrics", "refusal", "matters"),
    ("golden", "x", "file"),
    ("rules", "x"),
]
values = st.recursive(
    st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.sampled_from(NASTY) | st.dates() | st.datetimes() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "path", "x", "", "type"]) | st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


def _one_line(said: str) -> None:
    assert said and "\n" not in said and "Traceback" not in said and not said.startswith("failed: "), said


def _read(given: dict[str, Any]) -> None:
    """As a night does with a file: read it, then look for what its names stand for."""
    try:
        config = Config.of(given)
    except ConfigError as error:
        _one_line(str(error))
        return
    try:
        preflight.names(config)
    except DriftError as error:
        _one_line(str(error))


@FEW
@given(st.binary(max_size=200))
@example(b"\xff\xfe[\x00")
@example(b"[store]\ntype = '\x00'\n")
@example(b"a = " + b"[" * 3000)
@example(b"timezone = '../../etc/passwd'\n")
def test_any_bytes_are_a_file_or_one_clear_line(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes(content)
    try:
        Config.load(path)
    except ConfigError as error:
        _one_line(str(error))


@FEW
@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=3))
def test_a_real_file_with_a_few_wrong_bytes_is_one_or_one_clear_line(tmp_path_factory, place, wrong):
    whole = start.for_store("demo").encode()
    place %= len(whole)
    test_any_bytes_are_a_file_or_one_clear_line.hypothesis.inner_test(
        tmp_path_factory, whole[:place] + wrong + whole[place + len(wrong) :]
    )


@FEW
@given(st.dictionaries(st.sampled_from(KEYS), values, min_size=1, max_size=3))
def test_any_value_of_any_key_is_taken_or_one_clear_line(keys):
    given: dict[str, Any] = {}
    for path, value in keys.items():
        section = given
        for name in path[:-1]:
            section = section.setdefault(name, {}) if isinstance(section.get(name, {}), dict) else {}
        section[path[-1]] = value
    _read(given)


def _commands(group: Any, before: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any]]:
    found = []
    for name, each in group.commands.items():
        found += _commands(each, (*before, name)) if hasattr(each, "commands") else [((*before, name), each)]
    return found


COMMANDS = [each for each in _commands(typer.main.get_command(cli.app)) if each[0][0] not in LONG]
words = st.sampled_from(NASTY) | st.text(max_size=8)


@st.composite
def lines(draw) -> list[str]:
    name, command = draw(st.sampled_from(COMMANDS))
    line = list(name)
    for each in command.params:
        if each.name in ("help", "config"):
            continue
        if each.param_type_name == "argument":
            line += [draw(words)] if each.required or draw(st.booleans()) else []
        elif each.required or draw(st.integers(0, 3)) == 0:
            line.append(draw(st.sampled_from([*each.opts, *each.secondary_opts])))
            line += [] if each.is_flag else [draw(words)]
    return line


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("any")
    (folder / "drift.toml").write_text('[store]\ntype = "demo"\ntraces_per_day = 5\n[embeddings]\nenabled = false\n')
    return folder


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(lines())
@example(["doctor", "--nights"])
@example(["check", "--since", "9" * 30 + "h"])
@example(["trace", "1", "--day", "9999-12-31"])
@example(["ab", "--a", "1", "--b", "2", "--since", "9999-12-31"])
@example(["reopen", "\ud800", "--note", "0"])
@example(["golden", "gate", "a" * 5000])
@example(["verdict", "a", "[/]"])
def test_any_words_are_understood_or_one_clear_line(home, line):
    out, err = StringIO(), StringIO()
    with (
        contextlib.chdir(home),
        mock.patch.object(sys, "argv", ["drift", *line]),
        mock.patch.object(sys, "stdin", StringIO("n\n")),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            cli.main()
            code = 0
        except SystemExit as end:
            code = end.code or 0
    said = err.getvalue()
    assert code in EXITS, (line, code)
    assert "Traceback" not in said + out.getvalue(), line
    # a defect is told by its type alone; wrong usage names the option
    assert not re.search(r"error: failed: ", said), (line, said)
    if told := [each for each in said.splitlines() if each.startswith("error: ")]:
        assert len(told) == 1 and len(told[0]) < 2100, (line, told)
    if code in (1, 2) and not out.getvalue():
        assert said.strip(), line


@pytest.mark.parametrize(("given", "whole"), [("0001-01-01", date.min), ("9999-12-31", date.max)])
def test_a_day_beyond_any_calendar_is_wrong_usage(given, whole):
    from drift.cli.command import day_of, moment_of

    assert date.fromisoformat(given) == whole and datetime.fromisoformat(given)
    for read in (day_of, moment_of):
        with pytest.raises(typer.BadParameter, match=given):
            read(given)
