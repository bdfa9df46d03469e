"""Fixtures of the stores' tests: a Langfuse double on localhost, and waits too short to notice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from langfuse_double import LangfuseDouble

from drift.stores import http
from drift.stores.langfuse import LangfuseOptions, LangfuseStore

RECORDED = Path("/work/shared/langfuse/recorded")
DAY = datetime(2026, 11, 19, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "FIRST_WAIT_S", 0.001)
    monkeypatch.setattr(http, "LONGEST_WAIT_S", 0.01)


@pytest.fixture
def recorded() -> Path:
    if not RECORDED.is_dir():
        pytest.skip("the recorded answers are not on this machine")
    return RECORDED


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., tuple[LangfuseDouble, LangfuseStore]]]:
    """serve(observations, scores, mode="v4", **options) → the running double and a store that reads it."""
    running: list[LangfuseDouble] = []

    def start(observations: list[dict], scores: list[dict] | None = None, mode: str = "v4", **options: object):
        double = LangfuseDouble(observations, scores, mode=mode)
        running.append(double)
        monkeypatch.delenv("LANGFUSE_BASE_URL", raising=False)
        monkeypatch.setenv("LANGFUSE_HOST", double.url)
        monkeypatch.setenv("LANGFUSE_PUBLIC_KEY", double.public)
        monkeypatch.setenv("LANGFUSE_SECRET_KEY", double.secret)
        return double, LangfuseStore(LangfuseOptions(**{"patience_seconds": 5, **options}), salt="salt")

    yield start
    for double in running:
        double.close()
