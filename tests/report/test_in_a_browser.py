"""The report in Debian's Chromium: clicked through, by keyboard, in light and dark, on a phone, and by axe's rules."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from nights_with_pages import FIRST

from drift.compare import sides
from drift.night.publish import write_report
from drift.report import comparison
from drift.report.rendering import FOLDER
from drift.results import frames

pytestmark = pytest.mark.slow
CHROMIUM = shutil.which("chromium")
UPDATE = date(2026, 11, 16)
DESKTOP, PHONE = {"width": 1200, "height": 900}, {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        pytest.skip("no Chromium here: apt-get install chromium")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def root(site) -> Path:
    """The report's folder, with a comparison of the week before the update with the days after it."""
    a, b = sides.Side(date(2026, 11, 11), date(2026, 11, 15)), sides.Side(UPDATE, date(2026, 11, 20))
    comparison.write(site, sides.compare_sides(site, a, b))
    # the index lists it from the next night on
    write_report(site, FIRST)
    return Path(site.lake.url) / FOLDER


@pytest.fixture
def page(browser, request) -> Iterator:
    scheme, size = getattr(request, "param", ("light", DESKTOP))
    context = browser.new_context(color_scheme=scheme, viewport=size, reduced_motion="reduce")
    tab = context.new_page()
    complaints: list[str] = []
    tab.on("console", lambda message: complaints.append(message.text))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("request", lambda asked: complaints.append(asked.url) if not asked.url.startswith(("file:", "data:")) else None)
    yield tab
    context.close()
    assert complaints == []


def _kinds(root: Path, site) -> list[Path]:
    incident = frames.incidents(site.results.url).query("metric == 'refusal'")["id"].iloc[0]
    comparison = next((root / "comparison").glob("*.html"))
    names = [
        "index.html",
        f"night/{UPDATE}.html",
        f"incident/{incident}.html",
        "metric/output_characters.html",
        "metric/model.html",
    ]
    return [*(root / name for name in (*names, "costs.html")), comparison]


@pytest.mark.parametrize("page", [("light", DESKTOP), ("dark", PHONE)], indirect=True, ids=["light, desktop", "dark, phone"])
def test_every_kind_of_page_breaks_none_of_axes_rules_and_fits(page, root, site):
    from axe_playwright_python.sync_playwright import Axe

    for path in _kinds(root, site):
        page.goto(path.as_uri())
        found = Axe().run(page).response["violations"]
        assert [(path.name, each["id"], each["nodes"][0]["html"][:200]) for each in found] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path.name} scrolls sideways"


@pytest.mark.parametrize("page", [("light", {"width": 390, "height": 844})], indirect=True, ids=["phone"])
def test_on_a_phone_levels_bands_and_shares_are_seen_without_scrolling(page, root, site):
    for path in _kinds(root, site)[:3]:
        page.goto(path.as_uri())
        boxes = page.locator(".scroll:has(> table.metrics), .scroll[aria-label^='Where the change is']")
        wide = boxes.evaluate_all("all => all.map(box => [box.ariaLabel, box.scrollWidth - box.clientWidth])")
        assert wide and all(over <= 0 for _, over in wide), (path.name, wide)
        captions = page.locator(".scroll caption").evaluate_all("all => all.map(each => each.getBoundingClientRect().right)")
        assert all(right <= 390 for right in captions), (path.name, captions)


def test_from_the_calendar_to_the_night_the_incident_and_the_metric(page, root):
    page.goto((root / "index.html").as_uri())
    page.get_by_label(re.compile("^Mon 16 Nov 2026 was not ordinary: 1 new incident")).click()
    assert page.get_by_role("heading", level=1).inner_text() == "Mon 16 Nov 2026"
    page.get_by_role("link", name=re.compile("^Refusals in billing-chat")).first.click()
    assert page.get_by_role("heading", level=1).inner_text().startswith("Refusals in billing-chat")
    assert page.get_by_text("a silent update of the model").first.is_visible()
    page.get_by_role("link", name="Costs").click()
    assert page.get_by_role("heading", level=2, name="By user").is_visible()


def test_a_chart_is_read_by_keyboard_and_as_a_table(page, root, site):
    incident = frames.incidents(site.results.url).query("metric == 'refusal'")["id"].iloc[0]
    page.goto((root / f"incident/{incident}.html").as_uri())
    chart = page.get_by_role("slider").first
    chart.focus()
    assert chart.get_attribute("aria-valuetext").startswith("Fri, 20 Nov 2026: ")
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    said = chart.get_attribute("aria-valuetext")
    assert said.startswith("Mon, 16 Nov 2026: 1") and "expected" in said and said.endswith("alarm")
    assert page.locator(".readout").first.inner_text() == said
    page.keyboard.press("Home")
    assert chart.get_attribute("aria-valuetext").startswith("Sun, 1 Nov 2026: ")
    page.get_by_text("These numbers as a table").first.click()
    row = page.get_by_role("row", name="Mon, 16 Nov 2026").first
    assert row.get_by_role("cell").last.inner_text() == "yes"


def test_a_segment_is_chosen_and_its_address_leads_back_to_it(page, root):
    page.goto((root / "metric/output_characters.html").as_uri())
    page.get_by_label("Traffic", exact=True).select_option(label="endpoint = billing-chat")
    shown = page.locator("figcaption:visible").all_inner_texts()
    assert shown and all("endpoint = billing-chat" in text for text in shown)
    assert page.locator("figure:visible canvas").first.bounding_box()["width"] > 300
    address = page.url
    page.goto("about:blank")
    page.goto(address)
    assert page.locator("figcaption:visible").first.inner_text().endswith("endpoint = billing-chat")
