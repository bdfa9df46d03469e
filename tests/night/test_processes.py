"""Work in other processes: each knows what this one knows, and this one what went wrong there."""

from __future__ import annotations

import logging
import os
import signal

import pytest

from drift.errors import StoreError, UnforeseenError
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


def _work(what: str) -> str:
    if what == "logs":
        logging.getLogger("drift.stores").warning("page %s came twice", 7)
    if what == "refused":
        raise StoreError("the store refused the key")
    if what == "defect":
        raise KeyError("a secret")
    if what == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    return f"{what} done"


def test_what_is_done_beside_this_process_gives_its_results_and_its_log(caplog: pytest.LogCaptureFixture):
    with processes.beside(_work) as begin:
        assert begin("first")() == "first done"
        assert begin("logs")() == "logs done"
    assert [(record.name, record.getMessage()) for record in caplog.records] == [("drift.stores", "page 7 came twice")]


def test_what_is_raised_beside_this_process_is_raised_here_in_one_line_and_the_work_goes_on():
    with processes.beside(_work) as begin:
        with pytest.raises(StoreError) as refused:
            begin("refused")()
        assert str(refused.value) == "the store refused the key" and "in _work" in refused.value.__notes__[0]
        with pytest.raises(UnforeseenError) as defect:
            begin("defect")()
        assert "failed: KeyError" in str(defect.value) and "secret" not in str(defect.value)
        assert begin("next")() == "next done"


def test_a_process_that_is_killed_is_said():
    with processes.beside(_work) as begin, pytest.raises(UnforeseenError, match="was killed"):
        begin("killed")()


def test_work_that_nobody_waits_for_any_more_is_given_up():
    with processes.beside(_never) as begin:
        begin("forever")


def _never(_: str) -> None:
    signal.pause()
