"""An incident's one sentence: what a person reads first, in a person's units."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from drift import metrics
from drift.findings import spend_in
from drift.results import next_step, sentence
from drift.results.account import IncidentAccount
from drift.text import names, wording

MONDAY = date(2026, 11, 16)
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
    value_from=0.05,
    value_to=0.1,
    low=0.03,
    high=0.07,
    opened=MONDAY,
    since=MONDAY,
    since_low=MONDAY,
    since_high=MONDAY,
    nights=1,
    provisional=False,
    cause="silent_model_update",
    confidence="likely",
    note={"where": [{"dimension": "model", "value": "gpt-4o-mini", "share": 0.97, "traffic": 0.5}]},
    sized={"requests": 1200},
    last=MONDAY,
)
PLAIN = replace(REFUSALS, dimension="all", value="", note={}, cause="unclear", confidence="", sized={})


def test_the_sentence_of_the_issue():
    assert sentence.of(REFUSALS) == (
        "Refusals in billing-chat doubled, 5 % → 10 %, since Mon 16 Nov; only gpt-4o-mini; about 60 more a day; "
        "probably a silent update of the model."
    )


@pytest.mark.parametrize(
    ("one", "begins"),
    [
        (
            replace(
                PLAIN, metric="cost_usd", unit="USD", value_from=0.008, value_to=0.01,
                sized={"requests": 1000, "mean_from": 0.012, "mean_to": 0.015},
            ),
            "Cost of a request rose by 25 %, $0.012 → $0.015, since Mon 16 Nov; about $3 more a day;",
        ),
        (
            replace(
                PLAIN, metric="cost_usd", unit="χ²/df", statistic="shape", value_from=1.0, value_to=9.0,
                sized={"moved": {"low": 0.0005, "high": 0.001, "share_from": 0.12, "share_to": 0.31, "label": ""}},
            ),
            "Cost of a request changed: more requests between $0.0005 and $0.001 (12 % → 31 % of them), since",
        ),
        (
            replace(
                PLAIN, metric="input_embedding", unit="cosine", statistic="energy", value_from=0.0, value_to=0.02,
                sized={"moved": {"label": "refund card", "share_from": 0.08, "share_to": 0.2, "low": None, "high": None}},
            ),
            "What users ask changed, more about “refund card” (8 % → 20 %), since",
        ),
        (
            replace(PLAIN, metric="answer_question_cosine", unit="cosine", value_from=0.62, value_to=0.55),
            "Closeness of answers and questions in meaning fell, since",
        ),
        (
            replace(PLAIN, metric="latency_s", statistic="tail", unit="s", value_from=1.2, value_to=2.2),
            "P95 of time to the whole answer rose by 83 %, 1.2 → 2.2 s, since",
        ),
        (
            replace(PLAIN, metric="output_language", statistic="share:de", value_from=0.0, value_to=0.07),
            "Answers in “de” rose, 0 % → 7 %, since",
        ),
        (
            replace(PLAIN, metric="ttft_s", statistic="rule:slow", unit="s", value_from=2.0, value_to=2.4),
            "Rule “slow” on time to the first token was broken: 2.4 s, limit 2 s, since",
        ),
        (
            replace(PLAIN, metric="score.helpful", statistic="known", value_from=0.98, value_to=0.0),
            "Score “helpful” stopped arriving, 98 % → 0 % of the requests have a value, since",
        ),
        (replace(PLAIN, metric="volume", unit="traces", value_from=1000.0, value_to=1500.0), "Requests rose by 50 %, 1,000 → 1,500 a day"),
        (replace(PLAIN, value_from=0.1, value_to=0.05), "Refusals halved, 10 % → 5 %"),
        (replace(PLAIN, dimension="metadata.team", value="b2b"), "Refusals where team is b2b doubled"),
    ],
)  # fmt: skip
def test_every_kind_of_change_is_told_in_a_persons_units(one, begins):
    said = sentence.of(one)
    assert said.startswith(begins), said
    assert "χ²" not in said and "cosine" not in said and said.endswith("; cause unknown.")


def test_what_has_no_unit_that_a_person_knows_has_none_anywhere():
    shape = replace(PLAIN, metric="cost_usd", unit="χ²/df", statistic="shape", value_from=1.0, value_to=9.0)
    meaning = replace(PLAIN, metric="input_embedding", unit="cosine", statistic="energy", value_from=0.0, value_to=0.02)
    for one in (shape, meaning):
        assert one.change == "changed" and one.how_much == ""


def test_it_is_cut_to_the_room_there_is_by_what_says_least():
    whole = sentence.of(REFUSALS)
    assert sentence.of(REFUSALS, len(whole)) == whole
    assert sentence.of(REFUSALS, 140).endswith("; only gpt-4o-mini; probably a silent update of the model.")
    assert sentence.of(REFUSALS, 80) == "Refusals in billing-chat doubled, 5 % → 10 %, since Mon 16 Nov."
    assert len(sentence.of(REFUSALS, 40)) <= 40


def test_a_place_that_has_as_much_of_the_traffic_as_of_the_change_is_not_named():
    everywhere = replace(REFUSALS, note={"where": [{"dimension": "model", "value": "gpt-4o", "share": 0.97, "traffic": 0.95}]})
    assert sentence.only(everywhere) == ""


def test_where_a_change_is_names_no_place_that_has_as_much_of_the_traffic():
    even = [{"dimension": "model", "value": name, "share": 0.5, "traffic": 0.5} for name in ("a", "b")]
    assert replace(PLAIN, note={"where": even}).carried_by == ""
    told = [*even, {"dimension": "prompt", "value": "p@2", "share": 0.9, "traffic": 0.4}]
    assert replace(PLAIN, note={"where": told}).carried_by == "prompt = p@2 (90 % of the change)"


@pytest.mark.parametrize(("value", "said"), [(6.2e-7, "$0.00000062"), (-9.99e-7, "−$0.000001"), (0.0000107, "$0.0000107")])
def test_a_small_price_has_no_exponent(value, said):
    assert wording.number(value, "USD") == said


def test_a_deployment_is_named():
    events = [{"dimension": "prompt", "value": "support@8", "kind": "appeared"}]
    assert sentence.because(replace(PLAIN, cause="prompt_change", confidence="possible", note={"events": events})) == (
        "possibly the new prompt support@8"
    )


def test_what_is_over_says_from_when_to_when():
    over = replace(PLAIN, event="closed", closed=date(2026, 11, 20), last=date(2026, 11, 18))
    assert "from Mon 16 Nov to Wed 18 Nov, over now" in sentence.of(over)


def test_every_cause_has_one_next_step_and_every_metric_a_name_that_a_person_would_say():
    steps = {cause: next_step.of(replace(REFUSALS, cause=cause)) for cause in (*sentence.CAUSES, "unclear")}
    assert all(steps.values()) and len(set(steps.values())) == len(steps)
    assert steps["silent_model_update"].startswith("Pin gpt-4o-mini to a dated version")
    assert "drift compare 2026-11-09..2026-11-15 2026-11-16" in steps["silent_model_update"]
    assert not [name for name in metrics.SHIPPED if "_" in names.called(name)]


def test_a_limit_of_spending_is_told_in_dollars_and_without_a_cause():
    month = replace(
        REFUSALS, metric="total_cost_usd", statistic=spend_in(date(2026, 11, 20), "all="), unit="USD", value_from=1200.0, value_to=1350.0,
        low=0.0, high=300.0, dimension="all", value="",
    )  # fmt: skip
    assert sentence.of(month).startswith(
        "Cost of November 2026 will come to about $1,350 ($1,200 to $1,500), beyond the limit of $1,200, since"
    )
    assert "cause" not in sentence.of(month) and "page of costs" in next_step.of(month)
    day = replace(month, statistic=spend_in(None, "user=ab12"), dimension="user", value="ab12", value_from=5.0, value_to=7.5)
    assert sentence.what(day) == "Cost of the day of user ab12 was $7.50, beyond the limit of $5"


def test_the_step_that_grew_and_the_tool_that_fails_are_in_the_sentence():
    slow = replace(
        REFUSALS, metric="latency_s", unit="s", cause="slower_step", confidence="likely", note={"named": "step_s.search"}
    )
    assert sentence.of(slow).endswith("; probably more time in step “search”.")
    failing = replace(slow, cause="tool_failure", confidence="possible", note={"named": "tool_failure.track"})
    assert sentence.of(failing).endswith("; possibly the failing tool “track”.")
    for cause, named, told in (
        ("step_failure", "failed_step.vectors", "the failing step “vectors”"),
        ("tool_results", "tool_empty.track", "tool “track”, which gives nothing back"),
        ("tool_results", "tool_shape.track", "tool “track”, which gives something else back"),
        ("broken_index", "found_nothing.vectors", "a broken index behind “vectors”"),
    ):
        assert sentence.of(replace(failing, cause=cause, note={"named": named})).endswith(f"; possibly {told}.")
    # an explanation from before steps had names
    assert sentence.of(replace(slow, note={})).endswith("; probably a slower step.")


def test_the_source_that_is_no_longer_updated_is_named():
    old = replace(
        REFUSALS,
        metric="document_age_days",
        unit="days",
        cause="stale_index",
        confidence="likely",
        note={"named": "document_age.wiki"},
    )
    assert sentence.of(old).endswith("; probably “wiki”, which is no longer updated.")
