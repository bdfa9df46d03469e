from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

from drift.alerts import formats, slack
from drift.findings import Exemplar
from drift.results.account import IncidentAccount, NightAccount
from drift.results.verdict import Counts, judge

DAY = date(2026, 11, 19)
HOSTILE = '<!channel> <script>alert(1)</script> =HYPERLINK("http://x") \x1b[31mred\x1b[0m \u202eevil @here & *b* `c`'

ONE = IncidentAccount(
    id="0123456789ab",
    event="opened",
    silent=False,
    metric="refusal",
    dimension="name",
    value="chat",
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
    also=("output_tokens",),
    mix_share=0.03,
    cause="prompt_change",
    confidence="likely",
    why="prompt support@v7 appeared on 18 Nov and carries 94 % of the change.",
    note={"where": [{"dimension": "model", "value": "gpt-4o", "share": 0.94}]},
    exemplars=(Exemplar("t1", "https://traces.test/t1?a=1&b=2"), Exemplar("t2")),
    series=(0.02, 0.021, None, 0.09),
    report_url="https://drift.test/incident/0123456789ab.html",
)
NIGHT = NightAccount(
    DAY, judge(Counts(new=1)), 12_345, 678, 28, incidents=(ONE,), report_url="https://drift.test/night/2026-11-19.html"
)


def check_limits(message: dict) -> None:
    """Slack's documented limits on what it takes."""
    assert 0 < len(message["blocks"]) <= 50
    assert len(message["text"]) <= 4000
    assert len(json.dumps(message, ensure_ascii=False)) <= 13_000
    for block in message["blocks"]:
        if block["type"] == "header":
            assert 0 < len(block["text"]["text"]) <= 150 and block["text"]["type"] == "plain_text"
        elif block["type"] == "section":
            assert 0 < len(block["text"]["text"]) <= 3000
        elif block["type"] == "context":
            assert 0 < len(block["elements"]) <= 10
            assert all(0 < len(element["text"]) <= 3000 for element in block["elements"])
        else:
            assert block == {"type": "divider"}


def test_what_lasts_and_was_not_told_before_is_no_change_of_the_day():
    lasting = replace(ONE, event="lasting", nights=5, untold=True)
    both = replace(NIGHT, said=judge(Counts(known=2)), incidents=(lasting, replace(lasting, id="b")))
    assert both.verdict.endswith("nothing new; 2 open")
    assert slack.night(both)["blocks"][0]["text"]["text"] == f"drift: {both.verdict}"
    one_more = replace(both, incidents=(*both.incidents, replace(ONE, id="c")))
    assert slack.night(one_more)["blocks"][0]["text"]["text"] == "drift: 1 change on 2026-11-19"


def test_a_new_incident_says_what_how_much_since_when_where_why_and_where_to_look():
    message = slack.night(NIGHT)
    check_limits(message)
    text = json.dumps(message, ensure_ascii=False)
    for part in (
        "2.1 % → 9 %",
        "95 % interval +6.1 to +7.7 points",
        "Wed 18 Nov 2026 (between 17 Nov and 19 Nov)",
        "endpoint = chat: model = gpt-4o (94 % of the change)",
        "prompt change (likely). prompt support@v7 appeared",
        "*Moved with it* length of answers in tokens",
        "*Next* Read what the prompt did to everything else: drift compare 2026-11-10..2026-11-16 ",
        "▁▁·█",
        "<https://traces.test/t1?a=1&amp;b=2|trace 1>",
        "`t2`",
        "<https://drift.test/incident/0123456789ab.html|report>",
        "drift ack 01234567 --by NAME --note",
    ):
        assert part in text, part
    said = "Refusals in chat rose 4-fold, 2.1 % → 9 %, since Wed 18 Nov; mostly gpt-4o; probably the change of prompt."
    assert message["blocks"][0]["text"]["text"] == message["text"] == said and f"*{said}*" in text


def test_lasting_and_closed_incidents_are_one_line_each():
    lasting, closed = replace(ONE, event="lasting", nights=3), replace(ONE, id="b" * 12, event="closed", closed=DAY, last=DAY)
    message = slack.night(replace(NIGHT, incidents=(lasting, closed)))
    check_limits(message)
    lines = [element["text"] for block in message["blocks"] if block["type"] == "context" for element in block["elements"]]
    assert "lasting: *Refusals in chat rose 4-fold, 2.1 % → 9 %, since Wed 18 Nov" in lines[0] and "(night 3)" in lines[0]
    assert "closed: *Refusals in chat rose 4-fold, 2.1 % → 9 %, from Wed 18 Nov to Thu 19 Nov, over now" in lines[1]
    assert all("\n" not in line for line in lines)


def test_hostile_text_comes_out_as_text():
    one = replace(
        ONE,
        metric=f"score.{HOSTILE}",
        value=HOSTILE,
        cause=HOSTILE,
        why=HOSTILE,
        also=(HOSTILE,),
        statistic=f"share:{HOSTILE}",
        note={"where": [{"dimension": HOSTILE, "value": HOSTILE, "share": 0.9}]},
        exemplars=(
            Exemplar(HOSTILE, HOSTILE),
            Exemplar("t", "https://x.test/>|<!channel>"),
            Exemplar("`<!here>`", "javascript:alert(1)"),
        ),
    )
    for event in ("opened", "lasting"):
        account = replace(NIGHT, said=judge(Counts(failed=HOSTILE)), incidents=(replace(one, event=event),))
        for message in (slack.night(account), slack.incident(account, account.incidents[0])):
            check_limits(message)
            text = json.dumps(message, ensure_ascii=False)
            for dangerous in ("<!", "<script", "\\u001b", "\u202e", "@here", "javascript:alert(1)|"):
                mrkdwn = [
                    e for b in message["blocks"] for e in [b.get("text"), *b.get("elements", [])] if e and e["type"] == "mrkdwn"
                ]
                assert not any(dangerous in element["text"] for element in mrkdwn), dangerous
            assert "&lt;!channel&gt;" in text
            assert all(element.get("verbatim") for element in mrkdwn)
    assert "\x1b" not in str(formats.payload(account)) and "\u202e" not in str(formats.text(account))


def test_the_header_is_plain_text_in_which_nothing_acts():
    message = slack.night(replace(NIGHT, incidents=(replace(ONE, value="<!channel>\nsecond line"),)))
    assert message["blocks"][0]["text"] == {
        "type": "plain_text",
        "text": "Refusals in <!channel> second line rose 4-fold, 2.1 % → 9 %, since Wed 18 Nov; mostly gpt-4o; probably the change of prompt.",
        "emoji": False,
    }


@pytest.mark.parametrize("number", [1, 5, 60])
def test_long_messages_are_cut_well(number: int):
    long = replace(ONE, why="& " * 5000, value="<" * 900, also=tuple(f"metric_{i}" for i in range(200)))
    account = replace(NIGHT, incidents=tuple(replace(long, id=f"{i:012d}") for i in range(number)))
    message = slack.night(account)
    check_limits(message)
    text = json.dumps(message, ensure_ascii=False)
    # no escape is cut in two
    assert "&am " not in text and "&l " not in text
    shown = text.count("drift ack")
    assert shown >= 1
    assert (f"… and {number - shown} more change" in text) == (shown < number)


def test_many_lasting_incidents_fit():
    account = replace(NIGHT, incidents=tuple(replace(ONE, id=f"{i:012d}", event="lasting") for i in range(300)))
    check_limits(slack.night(account))


def test_a_person_is_mentioned_for_what_is_new_and_only_by_an_id():
    assert "<@U012AB3CD>" in str(slack.night(NIGHT, "U012AB3CD"))
    assert "<!subteam^S012AB3CD>" in str(slack.night(NIGHT, "S012AB3CD"))
    assert "<!channel>" not in str(slack.night(NIGHT, "<!channel>"))
    lasting = replace(NIGHT, incidents=(replace(ONE, event="lasting"),))
    assert "<@U012AB3CD>" not in str(slack.night(lasting, "U012AB3CD"))


def test_a_failed_night_says_why_and_an_ordinary_one_that_it_was():
    failed = slack.night(NightAccount(DAY, judge(Counts(failed="volume: 3 traces where 12,000 were expected"))))
    check_limits(failed)
    assert "could not be compared: volume: 3 traces" in failed["blocks"][1]["text"]["text"]
    ordinary = slack.night(NightAccount(DAY, judge(Counts()), 12_000, 600))
    check_limits(ordinary)
    assert ordinary["blocks"][0]["text"]["text"] == "drift: Thu 19 Nov 2026 was ordinary"
