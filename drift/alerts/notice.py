"""A few plain lines to every sink, outside of a night: the outcome of a comparison. Nothing is written down or repeated."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from drift.alerts.sinks import Apprise, Sink, SinkError, Webhook
from drift.text import plain, slack

log = logging.getLogger(__name__)

_SLACK_TEXT = 2900


def notify(sinks: Sequence[Sink], title: str, lines: Sequence[str]) -> list[str]:
    """Post title and lines as plain text. Returns a line for each sink that refused; never raises for one."""
    title, body = plain(title, 140), "\n".join(plain(line, 400) for line in lines)
    failed = []
    for sink in sinks:
        try:
            sink.post(_content(sink, title, body), "")
        except SinkError as error:
            log.warning("%s: %s", sink.channel, error)
            failed.append(f"{sink.channel}: {error}")
    return failed


def _content(sink: Sink, title: str, body: str):
    if isinstance(sink, Apprise):
        return title, body
    if isinstance(sink, Webhook):
        return {"kind": "notice", "title": title, "text": body}
    text = {"type": "plain_text", "text": body[:_SLACK_TEXT], "emoji": False}
    header = {"type": "header", "text": {"type": "plain_text", "text": title, "emoji": False}}
    # `text` is what a phone's notification shows; Slack reads markup in it
    return {"text": slack(title), "blocks": [header, {"type": "section", "text": text}]}
