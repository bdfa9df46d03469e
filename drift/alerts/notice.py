"""A few plain lines to every sink, outside of a night: the outcome of a comparison. Nothing is written down or repeated."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from drift.alerts.requests import SinkError
from drift.alerts.sinks import Apprise, Sink, Webhook
from drift.text.escape import plain, slack, url

log = logging.getLogger(__name__)

_SLACK_TEXT = 2900


def notify(sinks: Sequence[Sink], title: str, lines: Sequence[str], page: str = "") -> list[str]:
    """Post title and lines as plain text, and the address of a page. Returns a line for each sink that refused; never raises
    for one.
    """
    title, body, page = plain(title, 140), "\n".join(plain(line, 400) for line in lines), url(page)
    failed = []
    for sink in (each for each in sinks if not each.keyed):
        try:
            sink.post(_content(sink, title, body, page), "")
        except SinkError as error:
            log.warning("%s: %s", sink.channel, error)
            failed.append(f"{sink.channel}: {error}")
    return failed


def _content(sink: Sink, title: str, body: str, page: str) -> Any:
    if isinstance(sink, Apprise):
        return title, f"{body}\n\n{page}" if page else body
    if isinstance(sink, Webhook):
        return {"kind": "notice", "title": title, "text": body, "report_url": page}
    text = {"type": "plain_text", "text": body[:_SLACK_TEXT], "emoji": False}
    header: dict[str, Any] = {"type": "header", "text": {"type": "plain_text", "text": title, "emoji": False}}
    blocks = [header, {"type": "section", "text": text}]
    if page:
        link = {"type": "mrkdwn", "text": f"<{page.replace('&', '&amp;')}|the whole comparison>", "verbatim": True}
        blocks.append({"type": "context", "elements": [link]})
    # `text` is what a phone's notification shows; Slack reads markup in it
    return {"text": slack(title), "blocks": blocks}
