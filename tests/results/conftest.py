from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from drift.results import Results


@pytest.fixture
def results(tmp_path: Path) -> Iterator[Results]:
    opened = Results(f"sqlite:///{tmp_path}/drift.db")
    yield opened
    opened.close()
