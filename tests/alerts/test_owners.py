"""Owners are told of what is theirs, on their own channel; the week is told once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from nights import day, finding, write

from drift import alerts
from drift.alerts.owners import owner_of
from drift.alerts.sinks import SlackWebhook, configured
from drift.config import Config
from drift.config.sections import OwnerSection
from drift.results import Results, frames

BILLING = OwnerSection(name="billing", endpoints=["billing-*"])
MONEY = OwnerSection(name="money", metrics=["cost_usd", "score.*"])
PAYMENTS = OwnerSection(name="payments", teams=["payments"])


@pytest.fixture
def sinks(place) -> list[SlackWebhook]:
    def no_wait(_: float) -> None:
        return None

    return [
        SlackWebhook(f"{place.url}/all", sleep=no_wait),
        SlackWebhook(f"{place.url}/billing", sleep=no_wait, owner="billing"),
    ]


def test_an_incident_of_an_owners_endpoint_is_told_to_them_and_not_to_everybody(results: Results, sinks):
    for number, found in (
        (0, finding(day(0), where="name=billing-chat")),
        (9, finding(day(9), "latency_s", "name=search", unit="s")),
    ):
        write(results, day(number), [found])
        alerts.deliver(results, sinks, day(number), owners=[BILLING])
    told = frames.deliveries(results).merge(frames.incidents(results), left_on="incident_id", right_on="id")
    assert dict(zip(told["metric"], told["channel"], strict=True)) == {
        "refusal": sinks[1].channel,
        "latency_s": sinks[0].channel,
    }


def test_what_an_owner_has_no_channel_for_is_told_to_everybody(results: Results, sinks):
    write(results, day(0), [finding(day(0), where="name=billing-chat")])
    alerts.deliver(results, sinks[:1], day(0), owners=[BILLING])
    assert frames.deliveries(results)["channel"].tolist() == [sinks[0].channel]


def test_nights_that_failed_and_the_week_are_told_where_no_owner_is(results: Results, sinks, place):
    alerts.fail(results, sinks, day(0), "store: 401")
    assert len(place.posts) == 1


def test_an_owner_is_found_by_metric_endpoint_team_and_by_where_the_change_is():
    from test_slack import ONE

    from drift.results.account import IncidentAccount

    def of(**changes) -> str | None:
        one: IncidentAccount = ONE.__class__(**{**vars(ONE), "note": {}, **changes})
        found = owner_of(one, [BILLING, MONEY, PAYMENTS])
        return found.name if found else None

    assert of(dimension="name", value="billing-chat") == "billing"
    assert of(metric="score.helpful") == "money"
    assert of(dimension="metadata.team", value="payments") == "payments"
    assert of(dimension="all", value="") is None
    where = [{"dimension": "name", "value": "billing-chat", "share": 0.9, "traffic": 0.2}]
    assert of(dimension="all", value="", note={"where": where}) == "billing"


def test_an_owners_webhook_is_a_secret_of_the_environment():
    config = Config.of({"owners": [{"name": "billing", "endpoints": ["billing-*"]}]})
    found = configured(config, {"DRIFT_SLACK_WEBHOOK": "https://a.test/1", "DRIFT_SLACK_WEBHOOK__BILLING": "https://a.test/2"})
    assert [sink.owner for sink in found] == ["", "billing"]


def test_the_week_is_told_once_after_its_sunday_however_often_the_night_is_run(results: Results, sinks, place):
    # day(0) is Sunday 1 November
    for number in range(1, 12):
        write(results, day(number), [finding(day(number), change=0.07 if number == 4 else 0)])
        for _ in range(2):
            alerts.deliver(results, sinks, day(number), weekly=True)
    weeks = [post for post in place.posts if "to Sun 8 Nov 2026" in post["text"]]
    assert len(weeks) == 1 and weeks[0]["text"] == "Mon 2 Nov 2026 to Sun 8 Nov 2026"
    said = str(weeks[0]["blocks"])
    assert "7 nights: " in said and "Refusals rose 4-fold" in said and "opened an incident" in said
    # an earlier night that is run again is not the last, and asks for no week
    alerts.deliver(results, sinks, day(3), weekly=True)
    kinds = frames.deliveries(results)
    assert (kinds["kind"] == "digest").sum() == 1


def test_the_week_of_a_night_that_never_ran_is_told_by_the_next_one(results: Results, sinks, place):
    for number in (2, 3, 10):
        write(results, day(number), [finding(day(number), change=0)])
        alerts.deliver(results, sinks, day(number), weekly=True)
    (week,) = place.posts
    assert "5 never ran" in str(week["blocks"]) and str(day(0) + timedelta(days=4)) in str(week["blocks"])
