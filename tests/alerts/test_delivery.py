from __future__ import annotations

import json
import multiprocessing
import os
import signal
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa
from json_form import valid
from nights import day, dump, finding, story, write

from drift import alerts
from drift.alerts.requests import SinkError
from drift.alerts.sinks import Apprise, SlackBot, SlackWebhook, Webhook, configured
from drift.config import Config
from drift.errors import ConfigError
from drift.results import Results, frames, tables

# a fork of a process with threads may never end
_SPAWN = multiprocessing.get_context("spawn")


def no_wait(seconds: float) -> None:
    """Instead of sleeping."""


def test_a_night_is_told_once_however_often_it_is_run(results: Results, place):
    sink = SlackWebhook(place.url, sleep=no_wait)
    story(results, [0, 0.07])
    assert [d.status for d in alerts.deliver(results, [sink], day(1))] == ["sent"]
    before = dump(results)
    write(results, day(1), [finding(day(1))])
    assert alerts.deliver(results, [sink], day(1)) == []
    assert len(place.posts) == 1
    assert dump(results) == before


def test_an_incident_is_told_when_it_opens_worsens_and_closes_and_not_that_it_lasts(results: Results, place):
    sink = SlackWebhook(place.url, sleep=no_wait)
    for number, change in enumerate([0, 0.07, 0.07, 0.14, 0, 0, 0]):
        write(results, day(number), [finding(day(number), change=change)])
        alerts.deliver(results, [sink], day(number))
    told = frames.deliveries(results).sort_values("day")
    assert told["kind"].tolist() == ["opened", "lasting", "worse", "closed"]
    assert told["status"].tolist() == ["sent", "held", "sent", "sent"] and len(place.posts) == 3


def test_an_ordinary_night_is_told_only_if_asked_for(results: Results, place):
    sink = SlackWebhook(place.url, sleep=no_wait)
    story(results, [0, 0])
    alerts.deliver(results, [sink], day(0))
    assert place.posts == []
    alerts.deliver(results, [sink], day(1), all_clear=True)
    alerts.deliver(results, [sink], day(1), all_clear=True)
    assert [post["text"] for post in place.posts] == ["Mon 2 Nov 2026 was ordinary"]


def test_what_could_not_be_posted_is_pending_and_posted_by_the_next_night(results: Results, place):
    place.answers = [(503, {}, "down")] * 4
    sink = SlackWebhook(place.url, sleep=no_wait)
    story(results, [0.07])
    outcome = alerts.deliver(results, [sink], day(0))
    assert [(d.status, d.error) for d in outcome] == [("pending", "Slack answered 503: down")]
    assert frames.deliveries(results)["status"].tolist() == ["pending"]
    write(results, day(1), [finding(day(1))])
    assert [d.status for d in alerts.deliver(results, [sink], day(1))] == ["sent"]
    assert len(place.posts) == 1 and place.posts[0]["text"].startswith("Refusals rose 4-fold")


def test_an_unreachable_slack_leaves_the_tables_written_and_the_message_pending(results: Results):
    sink = SlackWebhook("http://127.0.0.1:1/hook", sleep=no_wait)
    story(results, [0.07])
    (outcome,) = alerts.deliver(results, [sink], day(0))
    assert outcome.status == "pending" and "cannot be reached" in outcome.error
    assert len(frames.findings(results)) == 1


def test_what_slack_refuses_is_failed_and_tried_by_the_next_run_once_it_is_mended(results: Results, place):
    place.answers = [(404, {}, "no_service")]
    story(results, [0.07])
    (outcome,) = alerts.deliver(results, [SlackWebhook(place.url, sleep=no_wait)], day(0))
    assert (outcome.status, outcome.error) == ("failed", "Slack answered 404: no_service")
    (outcome,) = alerts.deliver(results, [SlackWebhook(place.url, sleep=no_wait)], day(0))
    assert outcome.status == "sent" and frames.deliveries(results)["attempts"].tolist() == [2]


def test_news_older_than_a_week_stays_in_the_table(results: Results, place):
    place.answers = [(503, {}, "down")] * 4
    sink = SlackWebhook(place.url, sleep=no_wait)
    story(results, [0.07])
    alerts.deliver(results, [sink], day(0))
    write(results, day(9), [])
    assert alerts.deliver(results, [sink], day(9)) == []
    assert frames.deliveries(results)["status"].tolist() == ["pending"]


def test_a_rate_limit_is_kept_for_as_long_as_slack_says(place):
    waits: list[float] = []
    place.answers = [(429, {"Retry-After": "7"}, "rate_limited"), (500, {}, "")]
    SlackWebhook(place.url, sleep=waits.append).post({"text": "x", "blocks": []}, "")
    assert waits == [7.0, 2.0] and len(place.posts) == 1


def test_a_rate_limit_longer_than_a_minute_is_left_to_the_next_run(place):
    waits: list[float] = []
    place.answers = [(429, {"Retry-After": "3600"}, "rate_limited")]
    with pytest.raises(SinkError) as caught:
        SlackWebhook(place.url, sleep=waits.append).post({"text": "x", "blocks": []}, "")
    assert caught.value.retryable and waits == []


def test_a_backfill_is_held_and_a_later_run_of_its_days_says_nothing(results: Results, place):
    sink = SlackWebhook(place.url, sleep=no_wait)
    story(results, [0.07, 0.07])
    for number in (0, 1):
        alerts.deliver(results, [sink], day(number), hold=True)
    alerts.deliver(results, [sink], day(1))
    assert place.posts == [] and frames.deliveries(results)["status"].tolist() == ["held", "held"]


def test_a_backfill_posts_nothing_that_an_earlier_night_could_not(results: Results, place):
    sink = SlackWebhook(place.url, sleep=no_wait)
    place.answers = [(403, {}, "no_service")]
    story(results, [0.07])
    alerts.deliver(results, [sink], day(0))
    place.posts.clear()
    assert alerts.deliver(results, [sink], day(0), hold=True) == [] and place.posts == []
    assert frames.deliveries(results)["status"].tolist() == ["failed"]


def test_an_incident_of_a_backfill_is_told_in_full_by_the_first_night_that_speaks(results: Results, place):
    sink = SlackWebhook(place.url, sleep=no_wait)
    for number in range(4):
        write(results, day(number), [finding(day(number))])
        alerts.deliver(results, [sink], day(number), hold=number < 2)
    (full,) = (str(post["blocks"]) for post in place.posts)
    assert "*Since*" in full and "(lasting)" in full


def test_that_an_incident_of_a_night_is_over_is_no_message_of_its_own(results: Results, place):
    sink = SlackWebhook(place.url, sleep=no_wait)
    for number, change in enumerate([0.07, 0, 0]):
        write(results, day(number), [finding(day(number), change=change)])
        alerts.deliver(results, [sink], day(number))
    assert len(place.posts) == 1 and frames.deliveries(results).sort_values("day")["status"].tolist() == ["sent", "held"]


def test_that_an_incident_lasts_stands_in_the_message_about_another(results: Results, place):
    sink = SlackWebhook(place.url, sleep=no_wait)
    for number in range(3):
        other = [finding(day(number), "latency_s", "name=search", unit="s")] if number == 2 else []
        write(results, day(number), [finding(day(number)), *other])
        alerts.deliver(results, [sink], day(number))
    assert len(place.posts) == 2 and "(night 3" in str(place.posts[1]["blocks"])


def test_who_never_heard_that_it_opened_does_not_hear_that_it_closed(results: Results, place):
    sink = SlackWebhook(place.url, sleep=no_wait)
    for number, change in enumerate([0.07, 0, 0]):
        write(results, day(number), [finding(day(number), change=change)])
        alerts.deliver(results, [sink], day(number), hold=number < 2)
    assert place.posts == [] and frames.deliveries(results)["status"].tolist() == ["held", "held"]


def test_a_muted_incident_is_held_until_its_day(results: Results, place):
    sink = SlackWebhook(place.url, sleep=no_wait)
    story(results, [0.07])
    results.decide(frames.incidents(results)["id"][0], "mute", until=day(2))
    for number in (1, 2, 3):
        write(results, day(number), [finding(day(number))])
        alerts.deliver(results, [sink], day(number))
    assert frames.deliveries(results).sort_values("day")["status"].tolist() == ["held", "held", "sent"]
    assert len(place.posts) == 1


def test_a_failed_run_is_told_once_with_its_reason(results: Results, place):
    sink = SlackWebhook(place.url, sleep=no_wait)
    for _ in range(2):
        alerts.fail(results, [sink], day(0), "store: 401 wrong key")
    assert len(place.posts) == 1 and "could not be compared: store: 401 wrong key" in place.posts[0]["text"]


def test_a_failed_run_that_slack_could_not_be_told_of_is_told_by_the_next_run_with_its_reason(results: Results, place):
    place.answers = [(503, {}, "")] * 4
    sink = SlackWebhook(place.url, sleep=no_wait)
    alerts.fail(results, [sink], day(0), "store: 401 wrong key")
    write(results, day(1), [finding(day(1), change=0)])
    alerts.deliver(results, [sink], day(1))
    assert ["wrong key" in post["text"] for post in place.posts] == [True]


def test_a_day_that_succeeded_after_all_is_not_told_as_failed(results: Results, place):
    place.answers = [(503, {}, "")] * 4
    sink = SlackWebhook(place.url, sleep=no_wait)
    alerts.fail(results, [sink], day(0), "store: time-out")
    write(results, day(0), [finding(day(0), change=0)])
    alerts.deliver(results, [sink], day(0))
    assert place.posts == [] and frames.deliveries(results)["status"].tolist() == ["held"]


def test_with_a_bot_token_an_incident_is_a_thread(results: Results, place):
    sink = SlackBot("xoxb-1", "C012AB3CD", place.url, sleep=no_wait)
    for number, change in enumerate([0.07, 0.07, 0.14, 0, 0]):
        write(results, day(number), [finding(day(number), change=change)])
        alerts.deliver(results, [sink], day(number))
    first, *updates = place.posts
    assert first["channel"] == "C012AB3CD" and "thread_ts" not in first
    assert [post["thread_ts"] for post in updates] == ["17000.0000"] * 3
    assert [post["reply_broadcast"] for post in updates] == [False, True, False]
    assert place.headers[0]["Authorization"] == "Bearer xoxb-1"


def test_an_error_of_slacks_api_comes_with_status_200(results: Results, place):
    place.answers = [(200, {}, '{"ok": false, "error": "channel_not_found"}')]
    story(results, [0.07])
    (outcome,) = alerts.deliver(results, [SlackBot("xoxb-1", "C0", place.url, sleep=no_wait)], day(0))
    assert (outcome.status, outcome.error) == ("failed", "Slack answered 200: channel_not_found")


def test_the_webhook_takes_the_account_as_json(results: Results, place):
    story(results, [0, 0.07])
    alerts.deliver(results, [Webhook(place.url, sleep=no_wait)], day(1))
    (post,) = place.posts
    assert (post["kind"], post["day"], post["status"]) == ("night", "2026-11-02", "drift")
    (incident,) = post["incidents"]
    assert (incident["event"], incident["metric"], incident["unit"]) == ("opened", "refusal", "share")
    assert incident["after"] == pytest.approx(0.09) and valid(json.dumps(post))


def test_one_sink_that_fails_does_not_keep_the_others_from_posting(results: Results, place):
    class Broken:
        channel, threaded, keyed, owner = "broken", False, False, ""

        def form(self, account):
            return account

        def post(self, content, thread, key=""):
            raise ZeroDivisionError

    story(results, [0.07])
    outcomes = alerts.deliver(results, [Broken(), Webhook(place.url, sleep=no_wait)], day(0))
    assert [(d.status, d.error) for d in outcomes] == [("failed", "ZeroDivisionError"), ("sent", "")]


def test_a_run_killed_while_posting_posts_nothing_twice_and_says_so_with_the_next_message(results: Results, place, tmp_path):
    story(results, [0.07])
    url = f"sqlite:///{tmp_path}/drift.db"
    process = _SPAWN.Process(target=_killed_while_posting, args=(url, place.url))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL and len(place.posts) == 1
    sink = SlackWebhook(place.url, sleep=no_wait)
    (outcome,) = alerts.deliver(results, [sink], day(0))
    assert outcome.status == "unknown" and len(place.posts) == 1
    write(results, day(1), [finding(day(1))])
    alerts.deliver(results, [sink], day(1))
    write(results, day(2), [finding(day(2), change=0.14)])
    alerts.deliver(results, [sink], day(2))
    said = [str(post).count("A message about 2026-11-01 may not have arrived") for post in place.posts]
    assert said == [0, 1, 0]


def test_a_message_that_another_process_is_posting_is_left_to_it(results: Results, place):
    story(results, [0.07])
    sink = SlackWebhook(place.url, sleep=no_wait)
    alerts.deliver(results, [sink], day(0), hold=True)
    with results.database.writing() as connection:
        claim = f"elsewhere:{os.getpid()}:1"
        now = sa.func.current_timestamp()
        connection.execute(tables.deliveries.update().values(status="sending", claim=claim, changed_at=now))
    assert alerts.deliver(results, [sink], day(0)) == [] and place.posts == []


def test_two_runs_at_once_post_one_message(results: Results, place, tmp_path):
    story(results, [0.07])
    url = f"sqlite:///{tmp_path}/drift.db"
    with ProcessPoolExecutor(3, _SPAWN) as pool:
        list(pool.map(_deliver, [url] * 3, [place.url] * 3))
    assert len(place.posts) == 1


def test_the_environment_says_which_sinks_there_are():
    config = Config.of({"alerts": {"slack_channel": "C0"}})
    secrets = {"DRIFT_SLACK_WEBHOOK": "https://hooks.slack.test/x", "DRIFT_WEBHOOK_URL": "https://x.test"}
    assert [type(sink) for sink in configured(config, {})] == []
    assert [type(sink) for sink in configured(config, secrets)] == [SlackWebhook, Webhook]
    assert [type(sink) for sink in configured(config, {**secrets, "DRIFT_SLACK_TOKEN": "xoxb"})] == [SlackBot, Webhook]
    assert "hooks.slack" not in configured(config, secrets)[0].channel
    off = Config.of({"alerts": {"slack": False}})
    assert [type(sink) for sink in configured(off, secrets)] == [Webhook]


@pytest.mark.parametrize(
    ("secrets", "message"),
    [
        ({"DRIFT_SLACK_WEBHOOK": "hooks.slack.com/secret"}, "DRIFT_SLACK_WEBHOOK: not an http\\(s\\) address"),
        ({"DRIFT_SLACK_TOKEN": "xoxb"}, "alerts.slack_channel: missing"),
        ({"DRIFT_APPRISE_URLS": "nonsense"}, "DRIFT_APPRISE_URLS: address 1"),
    ],
)
def test_a_wrong_setting_is_one_clear_line_without_the_secret(secrets: dict[str, str], message: str):
    pytest.importorskip("apprise")
    with pytest.raises(ConfigError, match=message) as caught:
        configured(Config.of({}), secrets)
    assert "secret" not in str(caught.value) and "xoxb" not in str(caught.value)


def test_apprise_that_is_not_installed_names_the_command(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(__import__("sys").modules, "apprise", None)
    with pytest.raises(ConfigError, match="pip install 'nightdrift\\[apprise\\]'"):
        Apprise("json://localhost")


def test_apprise_posts_title_and_body(results: Results, place):
    pytest.importorskip("apprise")
    story(results, [0.07])
    alerts.deliver(results, [Apprise(place.url.replace("http://", "json://"))], day(0))
    (post,) = place.posts
    assert post["title"] == "drift: Refusals rose 4-fold, 2 % → 9 %, since Sun 1 Nov; cause unknown."
    assert "opened: Refusals rose 4-fold, 2 % → 9 %" in post["message"]


def _killed_while_posting(url: str, address: str) -> None:
    class Killed(SlackWebhook):
        def post(self, content, thread, key=""):
            super().post(content, thread)
            os.kill(os.getpid(), signal.SIGKILL)

    alerts.deliver(Results(url), [Killed(address)], day(0))


def _deliver(url: str, address: str) -> None:
    alerts.deliver(Results(url), [SlackWebhook(address)], day(0) + timedelta())
