"""Make the README's pictures from the demo's report, in Debian's Chromium: `make demo && .venv/bin/python docs/pictures.py`."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from drift.config import Config
from drift.results import frames

HERE = Path(__file__).resolve().parent
DAY = "2026-11-16"


def main(folder: Path) -> None:
    config = Config.load(folder / "drift.toml")
    incident = frames.incidents(config.results.url).query("metric == 'refusal'")["id"].iloc[0]
    report = Path(config.lake.url) / "report"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1000, "height": 620}, device_scale_factor=1.5)
        for name, path in (("nights", "index.html"), ("incident", f"incident/{incident}.html")):
            page.goto((report / path).as_uri())
            page.screenshot(path=HERE / "img" / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "drift-data/demo"))
