"""The workflow in docs/compare.md is one that GitHub accepts, and its command stops a worsening and lets an equal pass."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

REPO = Path(__file__).parents[2]
WORKFLOW = re.search(r"```yaml\n(name: drift gate\n.*?)```", (REPO / "docs" / "compare.md").read_text(), re.DOTALL).group(1)


def test_it_is_valid_by_the_schema_of_github_workflows(tmp_path):
    pytest.importorskip("check_jsonschema")
    (tmp_path / "gate.yml").write_text(WORKFLOW)
    command = [
        sys.executable,
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        "vendor.github-workflows",
        str(tmp_path / "gate.yml"),
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("refused", "code"), [(0, 0), (30, 3)])
def test_its_command_stops_a_worsening(tmp_path, refused, code):
    job = yaml.safe_load(WORKFLOW)["jobs"]["gate"]
    command = next(step["run"] for step in job["steps"] if step.get("name") == "Compare")
    program, *rest = shlex.split(command)
    assert program == "drift"
    (tmp_path / "golden").mkdir()
    for file, no in (("golden/baseline.jsonl", 0), ("candidate.jsonl", refused)):
        answers = ["I'm sorry, but I can't help with that." if n < no else f"It is {2 * n}, of course." for n in range(200)]
        rows = [{"input": f"What is {n} and {n}?", "output": answer} for n, answer in enumerate(answers)]
        (tmp_path / file).write_text("\n".join(map(json.dumps, rows)))
    run = [sys.executable, "-c", "from drift.cli import main; main()", *rest]
    env = {key: value for key, value in os.environ.items() if not key.startswith("DRIFT_")} | job["env"]
    done = subprocess.run(run, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == code, done.stdout + done.stderr
    assert (tmp_path / "verdict.md").read_text().startswith("## drift: ")
    failures = int(ElementTree.parse(tmp_path / "verdict.xml").getroot()[0].get("failures"))
    assert (failures > 0) == (code == 3)
    assert b"refusal" in (tmp_path / "verdict.html").read_bytes()
