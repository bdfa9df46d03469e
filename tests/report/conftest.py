from __future__ import annotations

import pytest
from nights_with_pages import published

from drift.config import Config


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Config:
    """The demo's last three weeks with all their pages."""
    return published(tmp_path_factory.mktemp("site"))
