"""A night's account as Slack's Block Kit, within Slack's limits and with nothing from a trace that Slack would act on.

Limits: 50 blocks a message, 3,000 characters a section, 150 a header, 10 elements a context block; and about 13,000
characters a message in all, which Slack does not document but enforces (slackapi/bolt-js#2509).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from drift.results import sentence, week
from drift.results.account import IncidentAccount, NightAccount
from drift.results.week import Weeks
from drift.text import names, wording
from drift.text.escape import plain, slack, url

Block = dict[str, Any]

BLOCKS, SECTION, HEADER, MESSAGE = 50, 3000, 150, 12_000
_MARKS = {"opened": "🔴", "worse": "🔺", "better": "🔽", "lasting": "🟠", "closed": "🟢"}
_USER, _GROUP = re.compile(r"[UW][A-Z0-9]{2,}"), re.compile(r"S[A-Z0-9]{2,}")


def night(account: NightAccount, mention: str = "") -> dict[str, Any]:
    """One message for a night with incidents, an ordinary one, or one that failed."""
    told = [incident for incident in account.incidents if not incident.silent]
    urgent = not account.answer.compared or any(incident.in_full for incident in told)
    quiet = slack(account.silence, 1000) if not any(incident.in_full for incident in told) else ""
    opening = [slack(account.verdict, 1500), quiet, slack(account.remark, 500), _mention(mention) if urgent else ""]
    blocks = [_header(_title(account)), _section(opening)]
    bodies = [_incident(incident) for incident in told if incident.in_full]
    short = [_line(incident) for incident in told if not incident.in_full]
    if short:
        bodies.append(_lines(short))
    return _message(push(account), blocks, bodies, [_footer(account)])


def incident(account: NightAccount, one: IncidentAccount, mention: str = "") -> dict[str, Any]:
    """One message for one incident, the beginning of its thread or an update in it."""
    if not one.in_full:
        return _message(_headline(one), [], [_lines([_line(one)])], [])
    opening = [slack(account.remark, 500), _mention(mention)]
    blocks = [_section(opening)] if any(opening) else []
    return _message(_headline(one), blocks, [_incident(one)], [_footer(account)])


def digest(weeks: Weeks) -> dict[str, Any]:
    """A week in one message, of one application or of several by their names."""
    title = week.title(weeks[0][1])
    bodies: list[list[Block] | Block] = []
    for name, found in weeks:
        bodies.append(_section([f"*{slack(name, 80)}*" if name else "", slack(week.nights(found), 400)]))
        bodies += [
            _section([f"*{slack(heading)}*", *(f"• {slack(line, 700)}" for line in lines)])
            for heading, lines in week.sections(found)
        ]
    return _message(title, [_header(f"drift: {title}")], bodies, [])


def push(account: NightAccount) -> str:
    """What a phone shows of a night, and mail as its subject: the sentence of the one new incident, else the verdict."""
    new = _new(account)
    return _headline(new[0]) if len(new) == 1 and account.answer.compared else plain(account.verdict, 300)


def _new(account: NightAccount) -> list[IncidentAccount]:
    return [one for one in account.incidents if one.in_full and not one.silent]


def _title(account: NightAccount) -> str:
    if not account.answer.compared:
        return f"drift: {account.day} could not be compared"
    new = _new(account)
    if len(new) == 1:
        return _headline(new[0])
    # one that is told in full only because nobody heard of it before did not change that day
    if changed := sum(one.event in ("opened", "worse") for one in new):
        return f"drift: {wording.count(changed, 'change')} on {account.day}"
    return f"drift: {account.verdict}"


def _headline(one: IncidentAccount) -> str:
    return sentence.of(one, HEADER)


def _incident(one: IncidentAccount) -> list[Block]:
    mark, state = _MARKS[one.event], "" if one.event == "opened" else f" ({one.event})"
    lines = [
        f"{mark} *{slack(one.sentence, 700)}*{state}",
        f"*Since* {slack(wording.since(one.since, one.since_low, one.since_high))}",
        f"*How sure* {slack(one.how_sure, 400)}" if one.how_sure else "",
        f"*Where* {slack(_where(one), 600)}",
        f"*Why* {slack(_why(one), 1200)}",
        f"*Next* {slack(one.next_step, 400)}",
        f"*Moved with it* {slack(names.listed(one.also), 300)}" if one.also else "",
        f"{wording.sparkline(one.series)}  {len(one.series)} days" if len(one.series) > 1 else "",
    ]
    return [_section(lines), _context([_links(one)])]


def _where(one: IncidentAccount) -> str:
    return f"{one.where}: {one.carried_by}" if one.carried_by else one.where


def _why(one: IncidentAccount) -> str:
    return f"{one.because}. {one.why}" if one.why else one.because


def _line(one: IncidentAccount) -> str:
    lasts = (
        f" (night {one.nights}{f', {slack(one.this_night)} tonight' if one.this_night else ''})"
        if one.event in ("lasting", "better")
        else ""
    )
    command = _id(one) if one.event != "closed" else ""
    head = f"{_MARKS[one.event]} {one.event}: *{slack(one.sentence, 700)}*{lasts}"
    return " · ".join(part for part in (head, _link(one.report_url, "details"), command) if part)


def _links(one: IncidentAccount) -> str:
    traces = [
        _link(exemplar.url, f"trace {i}") or f"`{slack(exemplar.trace_id, 64)}`" for i, exemplar in enumerate(one.exemplars, 1)
    ]
    parts = [f"Traces: {' '.join(traces)}" if traces else "", _link(one.report_url, "report"), _id(one)]
    return " · ".join(part for part in parts if part)


def _id(one: IncidentAccount) -> str:
    return f"`{one.acknowledge}`"


def _footer(account: NightAccount) -> list[Block]:
    size = []
    if account.answer.compared and account.traces is not None:
        size = [wording.count(account.traces, "trace")]
        size += [wording.count(account.comparisons, "comparison")] if account.comparisons else []
    parts = [*size, _link(account.report_url, "the night's report")]
    text = " · ".join(part for part in parts if part)
    return [_context([text])] if text else []


def _message(notice: str, head: list[Block], bodies: Sequence[list[Block] | Block], foot: list[list[Block]]) -> dict[str, Any]:
    """The blocks with as many bodies as fit; the rest is counted."""
    tail = [block for blocks in foot for block in blocks]
    groups = [body if isinstance(body, list) else [body] for body in bodies]
    blocks = list(head)
    for position, group in enumerate(groups):
        room = MESSAGE - _size(blocks + tail) - 200
        if len(blocks) + len(group) + 1 + len(tail) + 1 > BLOCKS or _size(group) > room:
            left = len(groups) - position
            blocks.append(_context([f"… and {wording.count(left, 'more change')}: `drift incidents` lists them"]))
            break
        if position and groups[position][0]["type"] == "section":
            blocks.append({"type": "divider"})
        blocks.extend(group)
    # the notification's text is mrkdwn too
    return {"text": slack(notice, 300), "blocks": blocks + tail, "unfurl_links": False, "unfurl_media": False}


def _size(blocks: Iterable[Block]) -> int:
    return sum(len(str(block)) for block in blocks)


def _header(text: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": plain(text, HEADER), "emoji": False}}


def _section(lines: list[str]) -> Block:
    kept: list[str] = []
    for line in filter(None, lines):
        # whole lines are left out rather than an escape or a link cut in two
        if len("\n".join([*kept, line])) > SECTION - 2:
            kept.append("…")
            break
        kept.append(line)
    return {"type": "section", "text": {"type": "mrkdwn", "text": "\n".join(kept), "verbatim": True}}


def _lines(lines: list[str]) -> list[Block]:
    return [_context(lines[start : start + 10]) for start in range(0, len(lines), 10)]


def _context(texts: list[str]) -> Block:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text, "verbatim": True} for text in texts]}


def _link(target: str, label: str) -> str:
    safe = url(target).replace("&", "&amp;")
    return f"<{safe}|{slack(label, 80)}>" if safe else ""


def _mention(mention: str) -> str:
    if _USER.fullmatch(mention):
        return f"<@{mention}>"
    return f"<!subteam^{mention}>" if _GROUP.fullmatch(mention) else ""
