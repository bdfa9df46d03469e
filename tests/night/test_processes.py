"""Work in processes on all cores: each knows what this one knows."""

from __future__ import annotations

import os

import pytest

from drift.night import processes


def _of_environment(name: str) -> str | None:
    return os.environ.get(name)


def test_a_process_has_the_environment_of_now_and_not_that_of_the_first(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(processes, "cores", lambda: 2)
    found = []
    for key in ("first", None, "third"):
        if key is None:
            monkeypatch.delenv("DRIFT_TEST_KEY")
        else:
            monkeypatch.setenv("DRIFT_TEST_KEY", key)
        with processes.workers(2) as each:
            found.append(list(each(_of_environment, ["DRIFT_TEST_KEY"] * 2)))
    assert found == [["first"] * 2, [None] * 2, ["third"] * 2]
