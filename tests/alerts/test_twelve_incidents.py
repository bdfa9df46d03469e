"""Ninety nights of the demo with an incident of every cause: what somebody knows who reads nothing but Slack."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date, timedelta

import pytest

from drift import stores
from drift.config import Config
from drift.findings import CAUSES
from drift.night import run
from drift.text import names, wording

# of another audience only embeddings tell; they take most of a night, so they are made for its month alone
EMBEDDED = timedelta(days=28)
# the week in one message
_WEEK = re.compile(r"\w{3} \d+ \w{3} \d{4} to ")


def _texts(post: dict) -> list[str]:
    """The sections of a message, one an incident."""
    return [
        block["text"]["text"] for block in post["blocks"] if block["type"] == "section" and "*Since*" in block["text"]["text"]
    ]


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_each_message_says_what_since_when_where_and_why(tmp_path, place, monkeypatch):
    monkeypatch.setenv("DRIFT_SLACK_WEBHOOK", place.url)
    config = Config.of(
        {
            "store": {"type": "demo", "scenario": "twelve"},
            "lake": {"url": f"{tmp_path}/lake"},
            "results": {"url": f"sqlite:///{tmp_path}/drift.db"},
            "embeddings": {"enabled": False},
            "report": {"enabled": False},
        }
    )
    store = stores.open_store(config)
    said: dict[date, list[str]] = defaultdict(list)
    embedding = config.model_copy(update={"embeddings": config.embeddings.model_copy(update={"enabled": True})})
    audience = next(planted for planted in store.planted if planted.cause == "audience")
    day = store.first_day
    while day <= store.options.until:
        before = len(place.posts)
        month = audience.first_day - EMBEDDED <= day <= audience.last_day
        run.run_day(embedding if month else config, day)
        said[day] = [text for post in place.posts[before:] for text in _texts(post)]
        assert sum(not _WEEK.match(post["text"]) for post in place.posts[before:]) <= 1, (
            "one message a night, beside the week's"
        )
        day += timedelta(days=1)
    untold, unanswered = [], []
    for planted in store.planted:
        nights = [planted.first_day + timedelta(days=n) for n in range((planted.last_day - planted.first_day).days + 1)]
        texts = [text for night in nights for text in said[night]]
        if not texts:
            untold.append(planted.name)
        elif not any(_answers(text, planted) for text in texts):
            unanswered.append((planted.name, texts))
    assert unanswered == []
    assert untold == []
    quiet = [d for d in said if not any(p.first_day <= d <= p.last_day + timedelta(days=1) for p in store.planted)]
    # a budget of 1 % lets one night in a hundred speak for nothing
    assert sum(bool(said[d]) for d in quiet) <= 2, {d.isoformat(): said[d] for d in quiet if said[d]}


def _answers(text: str, planted) -> bool:
    """What (one of its metrics, from → to), since when, where and why, as it was planted."""
    first = text.splitlines()[0]
    # a label metric is told by the label: answers in “de”
    told = {
        name
        for metric in {planted.metric, *planted.also}
        for name in (names.called(metric), names.labelled(metric, "").rstrip("”"))
    }
    what = any(name.lower() in first.lower() for name in told)
    since = any(wording.day(planted.first_day + timedelta(days=n)) in text for n in (-1, 0, 1))
    where = planted.value in text.split("*Where*")[1].split("*Why*")[0]
    why = CAUSES[planted.cause] in text.split("*Why*")[1].splitlines()[0]
    return what and "→" in first and since and where and why
