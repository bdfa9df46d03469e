"""Make the README's pictures from the demo's report, in Debian's Chromium: `make pictures`. Each says in its file what it shows."""

from __future__ import annotations

import shutil
import sys
from io import BytesIO
from pathlib import Path

from PIL import Image
from PIL.PngImagePlugin import PngInfo
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
        page = browser.new_page(viewport={"width": 1000, "height": 760}, device_scale_factor=1.5)
        for name, path in (("nights", "index.html"), ("incident", f"incident/{incident}.html")):
            page.goto((report / path).as_uri())
            picture = Image.open(BytesIO(page.screenshot()))
            told = PngInfo()
            # iTXt: a test reads whether the words on it are still those of the README
            told.add_itxt("shows", page.get_by_role("heading", level=1).inner_text())
            picture.save(HERE / "img" / f"{name}.png", pnginfo=told, optimize=True)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "drift-data/demo"))
