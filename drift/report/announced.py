"""An event from outside in one line."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from drift.results.announced import Announced
from drift.text import wording
from drift.text.escape import plain


def line(each: Announced, zone: ZoneInfo) -> str:
    """`2026-11-29 14:00  deploy  billing-chat 2026.48 (endpoint = billing-chat; https://…)`."""
    place = wording.segment(each.dimension, each.value) if each.dimension else ""
    more = "; ".join(filter(None, (plain(place), plain(each.source))))
    return f"{each.at.astimezone(zone):%F %H:%M}  {each.kind}  {plain(each.what)}" + (f" ({more})" if more else "")
