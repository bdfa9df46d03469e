from __future__ import annotations

from samples import NIGHT, PAGE, REFUSALS, rendered, samples
from test_slack import check_limits

from drift.results import sentence


def test_the_page_shows_the_messages_as_they_are_rendered():
    page = PAGE.read_text("utf-8")
    assert page.count("<!-- sample: ") == len(samples())
    assert rendered(page) == page, "run: python tests/alerts/samples.py"


def test_every_sample_keeps_slacks_limits():
    for name, message in samples().items():
        if name.startswith("slack"):
            check_limits(message)


def test_what_since_when_where_and_why_can_be_read_from_the_night_alone():
    text = str(samples()["slack-night"])
    for incident in NIGHT.incidents:
        assert sentence.what(incident) in text
    assert "*Since*" in text and "*Why* silent model update (likely)" in text and REFUSALS.exemplars[0].url in text
