"""The page of a comparison: what is known of every metric, in units that people use, as wide as a phone."""

from __future__ import annotations

import re
import shutil

import numpy as np
import pandas as pd
import pytest

from drift.compare.gate import gate
from drift.compare.rows import compare_rows
from drift.config import Config
from drift.report.comparison import comparison_page, sentences

CONFIG = Config.of({"segments": {"dimensions": ["name"]}})
HOSTILE = '<img src=x onerror="alert(1)">'


def answers(seed, n=2000, refusals=0.03, length=1.0, centre=0):
    rng = np.random.default_rng(seed)
    name = np.where(rng.random(n) < 0.5, "chat", HOSTILE)
    return pd.DataFrame(
        {
            "name": name,
            "refusal": (rng.random(n) < np.where(name == "chat", refusals, 0.03)).astype(float),
            "output_characters": np.exp(rng.normal(6, 0.5, n)) * length,
            "pii": np.zeros(n),
            "documents": np.full(n, 4.0),
            "finish_reason": np.where(rng.random(n) < 0.1, HOSTILE, "a rather long reason " * 8),
            "output_embedding": list(rng.normal(np.eye(8)[centre] * 3, 1, (n, 8)).astype(np.float32)),
        }
    )


@pytest.fixture(scope="module")
def result():
    return gate(
        compare_rows(answers(1), answers(2, refusals=0.12, length=1.1, centre=1), CONFIG, names=("main", f"new {HOSTILE}"))
    )


@pytest.fixture(scope="module")
def html(result):
    return comparison_page(CONFIG, result, lambda trace: None).decode()


def test_the_page_begins_with_what_got_worse_and_draws_it_beyond_its_margin(html):
    assert html.index("1 metric got worse: refusals.") < html.index("What changed") < html.index("Where")
    changed = html[html.index("<h2>What changed") : html.index("<h2>Where")]
    assert changed.index("refusals") < changed.index("length of answers")
    assert re.search(r"[\d.]+ % → [\d.]+ % \(\d+ of 2,000 → \d+ of 2,000\)", changed)
    band = (
        float(re.search(r'<rect x="([\d.]+)"', changed)[1]),
        float(re.search(r'<rect x="[\d.]+" y="0" width="([\d.]+)"', changed)[1]),
    )
    low, high = map(float, re.search(r'class="span" d="M([\d.]+) 10H([\d.]+)"', changed).groups())
    assert sum(band) < low < high and band[0] + band[1] / 2 == pytest.approx(50)


def test_it_says_in_which_segment(html, result):
    where = html[html.index("<h2>Where") : html.index("<h2>What did not change")]
    chat = next(row for row in result.comparison.segments if (row.metric, row.value) == ("refusal", "chat"))
    other = next(row for row in result.comparison.segments if (row.metric, row.value) == ("refusal", HOSTILE))
    assert chat.verdict == "changed" and other.verdict != "changed" and "endpoint = chat" in where
    assert not {row for row in result.failed if row.dimension}


def test_what_never_varies_is_folded_and_no_distance_is_a_number(html, result):
    folded = html[html.index("the same throughout on both sides") :]
    assert (
        "answers with personal data: none of 2,000 and of 2,000" in folded
        and "documents found for a request: always 4 documents" in folded
    )
    assert "what answers say" in html and "times the smallest shift that matters" in html
    said = re.sub(r"(?s)<style>.*?</style>", "", html) + "\n".join(sentences(result))
    assert not re.search(r"cosine|χ²|_embedding", said)


def test_text_from_traces_is_text(html):
    assert "<img" not in html and "&lt;img" in html


@pytest.mark.slow
@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 390), ("light", 1280)])
def test_it_fits_a_phone_and_a_desktop(html, tmp_path, scheme, width):
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no Chromium here: apt-get install chromium")
    sync_api = pytest.importorskip("playwright.sync_api")
    (tmp_path / "page.html").write_text(html, "utf-8")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900}).new_page()
        page.goto((tmp_path / "page.html").as_uri())
        rows = page.locator(".forest tbody tr:visible").evaluate_all(
            "all => all.map(row => row.getBoundingClientRect().height)"
        )
        right = page.locator(".forest td:visible").evaluate_all(
            "all => Math.max(...all.map(e => e.getBoundingClientRect().right))"
        )
        assert page.evaluate("document.documentElement.scrollWidth") <= width and right <= width
        assert rows and sorted(rows)[len(rows) // 2] < (200 if width < 500 else 110)
        assert page.evaluate("document.documentElement.scrollHeight") < 400 + 260 * len(rows)
        browser.close()
