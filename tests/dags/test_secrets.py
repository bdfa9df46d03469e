"""Connections become the variables that stores and sinks read; what no connection says stays as it was."""

from __future__ import annotations

from dataclasses import dataclass

from drift.airflow.secrets import use_connections


@dataclass
class Given:
    conn_type: str = "http"
    host: str | None = None
    login: str | None = None
    password: str | None = None
    port: int | None = None
    schema: str | None = None


def _environ(before: dict[str, str] | None = None, **connections) -> dict[str, str]:
    environ = dict(before or {})
    use_connections(connections.get, environ)
    return environ


def test_without_connections_the_environment_stays():
    assert _environ({"LANGFUSE_SECRET_KEY": "sk"}) == {"LANGFUSE_SECRET_KEY": "sk"}


def test_langfuse():
    given = Given(host="langfuse.example.com", login="pk", password="sk", port=3000, schema="http")
    assert _environ({"LANGFUSE_SECRET_KEY": "old"}, langfuse_default=given) == {
        "LANGFUSE_PUBLIC_KEY": "pk",
        "LANGFUSE_SECRET_KEY": "sk",
        "LANGFUSE_HOST": "http://langfuse.example.com:3000",
    }
    assert _environ(langfuse_default=Given(host="https://cloud.langfuse.com"))["LANGFUSE_HOST"] == "https://cloud.langfuse.com"


def test_slack_webhook_in_halves_and_whole():
    halves = Given("slackwebhook", host="http://127.0.0.1:9009/services", password="T/B/X")
    assert _environ(slack_default=halves) == {"DRIFT_SLACK_WEBHOOK": "http://127.0.0.1:9009/services/T/B/X"}
    assert _environ(slack_default=Given("slackwebhook", password="T/B/X")) == {
        "DRIFT_SLACK_WEBHOOK": "https://hooks.slack.com/services/T/B/X"
    }
    whole = Given("slackwebhook", password="https://hooks.slack.com/services/T/B/X")
    assert _environ(slack_default=whole) == {"DRIFT_SLACK_WEBHOOK": "https://hooks.slack.com/services/T/B/X"}


def test_slack_bot():
    assert _environ(slack_default=Given("slack", password="xoxb-1")) == {"DRIFT_SLACK_TOKEN": "xoxb-1"}
