"""One message of each kind, as docs/alerts.md shows them. `python tests/alerts/samples.py` writes them into the page."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

from drift.alerts import formats, slack
from drift.alerts.sinks import Webhook
from drift.findings import Event, Exemplar
from drift.results.account import IncidentAccount, NightAccount
from drift.results.digest import Digest
from drift.results.ledger import Ledger
from drift.results.verdict import Answer, Counts, judge

PAGE = Path(__file__).parents[2] / "docs" / "alerts.md"
DAY = date(2026, 11, 19)

REFUSALS = IncidentAccount(
    id="a3f09c1be27d",
    event="opened",
    silent=False,
    metric="refusal",
    dimension="name",
    value="billing-chat",
    statistic="level",
    direction="worse",
    unit="share",
    value_from=0.021,
    value_to=0.09,
    low=0.061,
    high=0.077,
    opened=DAY,
    since=date(2026, 11, 18),
    since_low=date(2026, 11, 17),
    since_high=DAY,
    nights=1,
    provisional=False,
    also=("output_tokens", "session_abandoned"),
    mix_share=0.03,
    cause="silent_model_update",
    confidence="likely",
    why="The answers changed (refusal); no new model, prompt or release at that time; the questions did not change; "
    "only answers by gpt-4o-mini changed.",
    note={"where": [{"dimension": "model", "value": "gpt-4o-mini", "share": 0.97, "traffic": 0.55}]},
    sized={"requests": 2140},
    last=DAY,
    exemplars=(
        Exemplar("5f1c", "https://langfuse.example/project/p1/traces/5f1c", 1.0),
        Exemplar("9b20", "https://langfuse.example/project/p1/traces/9b20", 1.0),
    ),
    series=(0.021, 0.019, 0.022, 0.02, 0.021, None, 0.02, 0.055, 0.09),
    report_url="https://drift.example/incident/a3f09c1be27d.html",
)
INDEX = replace(
    REFUSALS,
    id="71c2d08e55aa",
    event="lasting",
    metric="index_age_hours",
    value="product-qa",
    unit="hours",
    value_from=14.0,
    value_to=86.0,
    low=70.0,
    high=74.0,
    opened=date(2026, 11, 16),
    since=date(2026, 11, 16),
    nights=4,
    also=(),
    cause="stale_index",
    why="The age of the index grew.",
    note={},
    sized={},
    tonight=86.0,
    report_url="https://drift.example/incident/71c2d08e55aa.html",
)
PRICE = replace(
    INDEX, id="0be4471d9c3f", event="closed", metric="cost_usd", unit="USD", dimension="model", value="gpt-4o", cause="price",
    value_from=0.012, value_to=0.0165, closed=DAY, last=date(2026, 11, 17),
)  # fmt: skip
WEEK = Digest(
    first=date(2026, 11, 9),
    last=date(2026, 11, 15),
    nights={Answer.ORDINARY: 5, Answer.KNOWN: 1, Answer.DRIFT: 1},
    opened=(replace(PRICE, event="opened", closed=None, opened=date(2026, 11, 12), since=date(2026, 11, 12)),),
    going=(),
    closed=(),
    events=(Event("appeared", "prompt", "support@8", date(2026, 11, 11), 0.0, 0.24),),
    announced=(),
    moved=(),
    settled=(),
    silenced=(),
    spent=61.2,
    spent_before=58.9,
    unseen=("blind: refusal in prompt = support@8 (only 5 ordinary days to compare with)",),
    record=Ledger(42, 3, 0.02, 0.19, ()),
)
SAID = judge(Counts(new=1, known=1, closed=1))
NIGHT = NightAccount(DAY, SAID, 12_345, 678, 28, (REFUSALS, INDEX, PRICE), "https://drift.example/night/2026-11-19.html")
QUIET = NightAccount(DAY, judge(Counts()), 12_345, 678, 28, report_url="https://drift.example/night/2026-11-19.html")
FAILED = NightAccount(DAY, judge(Counts(failed="volume: 312 traces where 11,900 to 13,100 were expected")))


def samples() -> dict[str, object]:
    """The content of each kind by the name that the page gives it."""
    title, body = formats.text(NIGHT)
    return {
        "slack-night": slack.night(NIGHT, "U012AB3CD"),
        "slack-thread": slack.incident(NIGHT, REFUSALS),
        "slack-update": slack.incident(NIGHT, replace(REFUSALS, event="lasting", nights=2)),
        "slack-clear": slack.night(QUIET),
        "slack-failed": slack.night(FAILED),
        "slack-digest": slack.digest([("", WEEK)]),
        "webhook": Webhook("https://example.org/drift").form(NIGHT),
        "apprise": {"title": title, "body": body},
    }


def rendered(page: str) -> str:
    """The page with the block after each `<!-- sample: name -->` replaced by that sample."""
    known = samples()

    def block(found: re.Match) -> str:
        text = json.dumps(known[found[1]], ensure_ascii=False, indent=2)
        return f"<!-- sample: {found[1]} -->\n```json\n{text}\n```"

    return re.sub(r"<!-- sample: ([\w-]+) -->\n```json\n.*?\n```", block, page, flags=re.DOTALL)


if __name__ == "__main__":
    PAGE.write_text(rendered(PAGE.read_text("utf-8")), "utf-8")
