from __future__ import annotations

from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.text import Text

from drift.text.escape import cell, plain, slack, url


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("a\r\nb\tc", "a b c"),
        ("abc\u202edef", "abc\ufffddef"),
        ("zero\u200bwidth\u2066", "zero\ufffdwidth\ufffd"),
        ("\ud800", "\ufffd"),
        ("a\x00b", "a\ufffdb"),
        (None, ""),
        ("x" * 300, "x" * 199 + "…"),
        ("中文 العربية 👩‍💻", "中文 العربية 👩‍💻"),
    ],
)
def test_plain_text_shows_what_was_hidden_and_keeps_every_script(hostile: object, shown: str):
    assert plain(hostile) == shown


def test_slack_text_mentions_nobody_and_links_nowhere():
    assert slack("<!channel> & <http://x|y>") == "&lt;!channel&gt; &amp; &lt;http://x|y&gt;"
    assert "@here" not in slack("@here @channel @Everyone") and "@Everyone" not in slack("@Everyone")


@pytest.mark.parametrize(
    "text", ['=HYPERLINK("http://x")', "+1", "-1+cmd|' /C calc'!A0", "@SUM(1)", "\t=1", "\x1b[0m=1", " =1"]
)
def test_a_spreadsheet_takes_a_formula_as_text(text: str):
    assert str(cell(text)).startswith("'")


def test_a_spreadsheet_cell_that_is_no_formula_stays_as_it_is():
    assert (cell("chat"), cell(-1.5), cell(None), cell("a=b")) == ("chat", -1.5, None, "a=b")


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "//x", "https://", "", None, "http://" + "x" * 3000]
)
def test_only_a_web_address_is_a_link(link: object):
    assert url(link) == ""


def test_nothing_in_a_link_can_end_it():
    assert url('https://x.test/a b|c>"<\u202e?q=1&r=%20') == "https://x.test/a%20b%7Cc%3E%22%3C%E2%80%AE?q=1&r=%20"


@given(st.text())
def test_any_text_is_harmless_everywhere(text: str):
    shown = plain(text)
    assert len(shown) <= 200 and "\n" not in shown and "\x1b" not in shown
    assert not set(slack(text)) & set("<>`*")
    assert str(cell(text))[:1] not in tuple("=+-@")
    out = StringIO()
    Console(file=out, force_terminal=True, width=500, highlight=False).print(Text(shown))
    assert "\x1b" not in out.getvalue()
