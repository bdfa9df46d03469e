"""Three weeks of the demo with its silent model update, published with all their pages, once for every test that looks at them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from drift.config import Config
from drift.night import run

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 20)


def published(folder: Path, **store: object) -> Config:
    """The nights from FIRST to LAST in `folder`; its report is `folder/lake/report`."""
    config = Config.of(
        {
            "store": {"type": "demo", "traces_per_day": 1200, **store},
            "lake": {"url": str(folder / "lake")},
            "results": {"url": f"sqlite:///{folder}/drift.db"},
            "embeddings": {"enabled": False},
        }
    )
    for _ in run.backfill(config, FIRST, LAST):
        pass
    return config


def pages(config: Config) -> Iterator[tuple[str, str]]:
    """Every page's path below the report and its text."""
    root = Path(config.lake.url) / "report"
    for path in sorted(root.rglob("*.html")):
        yield str(path.relative_to(root)), path.read_text("utf-8")
