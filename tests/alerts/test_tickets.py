"""One ticket an incident: opened under its key, added to when it grows, closed when it ends, whatever is run again or killed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from alerts.trackers import Tracker, tracking
from nights import day, finding, write

from drift import alerts
from drift.alerts.sinks import configured
from drift.config import Config
from drift.errors import ConfigError
from drift.results import Results, frames
from drift.results.incident import Action

SECRETS = {
    "DRIFT_GITHUB_TOKEN": "secret",
    "DRIFT_JIRA_TOKEN": "me@example.com:secret",
    "DRIFT_PAGERDUTY_KEY": "secret",
    "DRIFT_OPSGENIE_KEY": "secret",
}
WHERE = {"github": {"repository": "acme/shop"}, "jira": {"project": "OPS"}, "pagerduty": {}, "opsgenie": {}}
# opens, lasts, gets worse, lasts, and is over after two ordinary nights
STORY = [0, 0.07, 0.07, 0.14, 0.14, 0, 0, 0]


@pytest.fixture(params=["github", "jira", "pagerduty", "opsgenie"])
def tracker(request) -> Iterator[Tracker]:
    with tracking(request.param) as running:
        yield running


def sinks_of(tracker: Tracker, **more: Any) -> list:
    section = {"kind": tracker.kind, "url": tracker.url, **WHERE[tracker.kind], **more}
    return configured(Config.of({"tickets": [section]}), SECRETS, sleep=lambda seconds: None)


def night(results: Results, tracker: Tracker, number: int, hold: bool = False, **more: Any) -> list:
    write(results, day(number), [finding(day(number), change=STORY[number])])
    return alerts.deliver(results, sinks_of(tracker, **more), day(number), hold=hold)


def is_whole(tracker: Tracker) -> bool:
    """One closed ticket in which each thing was said once: that it is worse and, where closing says something, that it is over."""
    (ticket,) = tracker.tickets.values()
    said = 1 if tracker.kind == "pagerduty" else 2
    return ticket["state"] == "closed" and len(ticket["told"]) == said and len(set(map(str, ticket["told"]))) == said


def test_a_ticket_is_opened_added_to_when_it_is_worse_and_closed_when_it_is_over(results, tracker):
    states = []
    for number in range(len(STORY)):
        night(results, tracker, number)
        states.append([(t["state"], len(t["told"])) for t in tracker.tickets.values()])
    assert states[0] == [] and states[1] == states[2] == [("open", 0)] and states[3] == states[4] == [("open", 1)]
    assert is_whole(tracker)
    assert next(iter(tracker.tickets.values()))["title"].startswith("Refusals rose 4-fold")


def test_a_night_its_retry_and_a_backfill_leave_one_ticket(results, tracker):
    for number in range(len(STORY)):
        night(results, tracker, number)
        night(results, tracker, number)
        if number > 2:
            night(results, tracker, number - 2, hold=True)
    assert is_whole(tracker)


def test_killed_at_each_call_the_next_run_leaves_the_same(results, tracker, tmp_path):
    brief = (1, 3, 5, 6)
    for number in brief:
        night(results, tracker, number)
    for kill in range(1, len(tracker.calls) + 1):
        with tracking(tracker.kind) as other:
            again = Results(f"sqlite:///{tmp_path}/{kill}.db")
            other.kill = kill
            # what the last night could not say the next run does
            for number in (*brief, brief[-1]):
                night(again, other, number)
            again.close()
            assert is_whole(other), (kill, other.calls)


def test_a_fix_and_an_acknowledgement_end_it_like_any_other_end(results, tracker):
    for number in (0, 1):
        night(results, tracker, number)
    (incident,) = results.incidents()
    results.decide(incident.id, Action.ACK)
    results.decide(incident.id, Action.FIXED)
    alerts.deliver(results, sinks_of(tracker), day(1))
    (ticket,) = tracker.tickets.values()
    assert ticket["state"] == "closed"


def test_nights_that_failed_and_ordinary_ones_are_no_tickets(results, tracker):
    write(results, day(0), [finding(day(0), change=0)])
    alerts.deliver(results, sinks_of(tracker), day(0), all_clear=True, weekly=True)
    alerts.fail(results, sinks_of(tracker), day(1), "the store is away")
    assert tracker.tickets == {} and frames.deliveries(results).empty


@pytest.mark.parametrize(("where", "theirs"), [("search", 0), ("billing-chat", 1)])
def test_an_owners_ticket_is_of_what_is_theirs(results, tracker, where, theirs):
    section = {"kind": tracker.kind, "url": tracker.url, **WHERE[tracker.kind], "owner": "billing"}
    owners = [{"name": "billing", "endpoints": ["billing-*"]}]
    config = Config.of({"tickets": [section], "owners": owners})
    write(results, day(0), [finding(day(0), where=f"name={where}")])
    alerts.deliver(results, configured(config, SECRETS, sleep=lambda s: None), day(0), owners=config.owners)
    assert len(tracker.tickets) == theirs


def test_text_of_a_trace_mentions_nobody(results):
    with tracking("github") as tracker:
        write(results, day(0), [finding(day(0), where="name=@everyone ``` #1 <img src=x>")])
        alerts.deliver(results, sinks_of(tracker), day(0))
        (ticket,) = tracker.tickets.values()
        fence = ticket["body"].split("text\n")[0]
        assert set(fence) == {"`"} and len(fence) >= 4
        assert "@everyone" not in ticket["body"].rsplit(fence, 1)[1]


def test_a_secret_that_is_missing_and_a_place_that_is_not_named_are_said():
    with pytest.raises(ConfigError, match="DRIFT_GITHUB_TOKEN is not set"):
        configured(Config.of({"tickets": [{"kind": "github", "repository": "a/b"}]}), {})
    with pytest.raises(ConfigError, match="needs `repository`"):
        Config.of({"tickets": [{"kind": "github"}]})
