"""A night's account as plain text (mail and whatever else Apprise reaches) and as JSON (a webhook of one's own)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from drift.alerts import slack
from drift.results import week
from drift.results.account import IncidentAccount, NightAccount
from drift.results.digest import Digest
from drift.results.week import Weeks
from drift.text import names, wording
from drift.text.escape import plain, url


def text(account: NightAccount) -> tuple[str, str]:
    """Title and body, the body one paragraph an incident."""
    told = [incident for incident in account.incidents if not incident.silent]
    paragraphs = [paragraph(incident) for incident in told]
    parts = [plain(account.verdict, 1500), plain(account.remark, 1500), *paragraphs, url(account.report_url)]
    return plain(f"drift: {slack.push(account)}", 150), "\n\n".join(filter(None, parts))


def payload(account: NightAccount) -> dict[str, Any]:
    """The account for `drift.text.json_form`. Texts are plain, numbers in `unit`."""
    return {
        "day": account.day,
        "status": account.answer,
        "verdict": plain(account.verdict, 1500),
        "remark": plain(account.remark, 1500),
        "traces": account.traces,
        "comparisons": account.comparisons,
        "report_url": url(account.report_url),
        "incidents": [incident(one) for one in account.incidents if not one.silent],
    }


def digest(found: Digest) -> dict[str, Any]:
    """A week for `drift.text.json_form`."""
    lists = ("opened", "going", "closed", "moved", "settled", "silenced")
    return {
        "first": found.first,
        "last": found.last,
        "nights": found.nights,
        "decided": [{**asdict(event), "value": plain(event.value)} for event in found.events],
        "happened": [plain(each.words, 300) for each in found.announced],
        **{name: [incident(one) for one in getattr(found, name)] for name in lists},
        "dollars_a_day": found.spent,
        "dollars_a_day_before": found.spent_before,
        "unseen": [plain(line, 300) for line in found.unseen],
        "record": {name: getattr(found.record, name) for name in ("nights", "alarmed", "low", "high")},
    }


def digest_text(weeks: Weeks) -> tuple[str, str]:
    """A week as title and body."""
    blocks = []
    for name, found in weeks:
        blocks += [plain(name, 80), week.nights(found)] if name else [week.nights(found)]
        blocks += [
            "\n".join([heading, *(f"- {plain(line, 900)}" for line in lines)]) for heading, lines in week.sections(found)
        ]
    return f"drift: {week.title(weeks[0][1])}", "\n\n".join(blocks)


def incident(one: IncidentAccount) -> dict[str, Any]:
    """One incident, as `payload` has it."""
    return {
        "incident": one.id,
        "event": one.event,
        "sentence": plain(one.sentence, 700),
        "next_step": plain(one.next_step, 400),
        "what": plain(one.what),
        "metric": plain(one.metric),
        "statistic": plain(one.statistic),
        "dimension": plain(one.dimension),
        "value": plain(one.value),
        "direction": one.direction,
        "unit": plain(one.unit),
        "value_from": one.value_from,
        "value_to": one.value_to,
        "low": one.low,
        "high": one.high,
        "n": one.sized.get("requests"),
        "since": one.since,
        "since_low": one.since_low,
        "since_high": one.since_high,
        "opened": one.opened,
        "closed": one.closed,
        "nights": one.nights,
        "provisional": one.provisional,
        "mix_share": one.mix_share,
        "moved_with_it": [plain(name) for name in one.also],
        "how_sure": plain(one.how_sure, 400),
        "cause": plain(one.cause),
        "confidence": plain(one.confidence),
        "why": plain(one.why, 1500),
        "where": [
            {
                "dimension": plain(part.get("dimension")),
                "value": plain(part.get("value")),
                "share": part.get("share"),
                "traffic": part.get("traffic"),
            }
            for part in one.note.get("where", [])
        ],
        "traces": [{"trace_id": plain(exemplar.trace_id), "url": url(exemplar.url)} for exemplar in one.exemplars],
        "report_url": url(one.report_url),
    }


def paragraph(one: IncidentAccount) -> str:
    """One incident in a few lines of plain text."""
    lines = [
        f"{one.event}: {one.sentence}",
        f"since {wording.since(one.since, one.since_low, one.since_high)}, night {one.nights}",
        f"how sure: {one.how_sure}" if one.how_sure else "",
        f"why: {one.because}. {one.why}".rstrip(),
        f"where: {one.carried_by}" if one.carried_by else "",
        f"moved with it: {names.listed(one.also)}" if one.also else "",
        f"next: {one.next_step}",
        one.acknowledge if one.event != "closed" else "",
        *(exemplar.url or exemplar.trace_id for exemplar in one.exemplars),
        one.report_url,
    ]
    return "\n".join(plain(line, 1500) for line in lines if line)
