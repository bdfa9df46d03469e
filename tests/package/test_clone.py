"""An editable install, started where the clone lies, imports the package and not the folder of its name."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import yaml

REPO = Path(__file__).parents[2]


def test_reading_works_in_the_folder_that_holds_the_clone(tmp_path):
    (tmp_path / "drift").symlink_to(REPO)
    code = "import drift; print(drift.read.use.__module__, drift.__file__)"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    module, file = done.stdout.split()
    assert module.startswith("drift.")
    assert Path(file).name == "__init__.py"


def test_github_runs_what_ci_runs_on_the_oldest_and_the_newest_python():
    workflow = yaml.safe_load((REPO / ".github/workflows/ci.yml").read_text())
    (job,) = workflow["jobs"].values()
    assert job["strategy"]["matrix"]["python"] == ["3.11", "3.13"]
    assert "bash .ci/run" in [step.get("run") for step in job["steps"]]
    assert job["env"]["PYTHON"].startswith("python")
    # where an index answers, what is known of the packages of the lock that has them all
    assert any("pip_audit" in step.get("run", "") and "-r requirements-all.lock" in step["run"] for step in job["steps"])


def test_the_workflow_is_valid_by_the_schema_of_github():
    command = [
        sys.executable,
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        "vendor.github-workflows",
        ".github/workflows/ci.yml",
    ]
    done = subprocess.run(command, cwd=REPO, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
