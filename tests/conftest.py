"""What every test may use: a place for alerts, a PostgreSQL server, and no secrets from the machine that runs the tests."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from place import Place
from postgresql import postgresql, postgresql_url  # noqa: F401


@pytest.fixture(autouse=True)
def _no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith(("DRIFT_", "LANGFUSE_")):
            monkeypatch.delenv(name)


@pytest.fixture
def place() -> Iterator[Place]:
    server = Place()
    yield server
    server.close()
