"""Each message once: what is to be told is written down, claimed just before it is posted, and marked after (`outbox`).

What may have arrived is never posted again; the channel's next message says so instead.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from drift.alerts import outbox
from drift.alerts.outbox import Notice, Status
from drift.alerts.owners import owner_of
from drift.alerts.requests import SinkError
from drift.alerts.sinks import Sink
from drift.alerts.tickets import ENDED, told
from drift.config.sections import OwnerSection
from drift.results import tables
from drift.results.account import TOLD, NightAccount, is_news, of_incident, tell
from drift.results.digest import digest
from drift.results.incident import IncidentEvent
from drift.results.tables import deliveries as table
from drift.results.verdict import Answer, Counts, judge
from drift.results.write import Results
from drift.text.escape import plain

log = logging.getLogger(__name__)

# from the first day of a week to its last
_WEEK = timedelta(days=6)


# a ticket is of an incident, and its end is told whether or not a message would be
_NO_TICKETS = (Notice.FAILED, Notice.CLEAR, IncidentEvent.CLOSED)


@dataclass(frozen=True)
class Delivery:
    """What became of one message: its channel and day, a status of `deliveries`, and what was wrong."""

    channel: str
    day: date
    status: Status
    error: str = ""


def deliver(
    results: Results,
    sinks: Sequence[Sink],
    day: date,
    *,
    report_url: str = "",
    all_clear: bool = False,
    hold: bool = False,
    later: bool = False,
    owners: Sequence[OwnerSection] = (),
    weekly: bool = False,
) -> list[Delivery]:
    """Post what is to be told about `day`, and what earlier days could not post, to every sink; each once.

    all_clear: an ordinary night is told too. owners: who is told of what is theirs instead of everybody. weekly: the digest of the week
    that the last Sunday ended is due. hold: write down what would be told and post nothing (a backfill). later: write down what is to be
    told, which a later night posts with its own.
    Returns the messages tried or lost this time; a sink that fails never raises.
    """
    account = tell(results, day, report_url)
    _write_down(results, sinks, account, all_clear, hold, owners)
    if weekly:
        _write_down_digest(results, sinks, day, hold)
    if hold or later:
        return []
    for sink in sinks:
        if sink.keyed:
            _write_down_ends(results, sink, day)
    done = []
    for sink in sinks:
        done += _lost(results, sink)
        for earlier in outbox.unsent_days(results, sink, day):
            done += _send(results, sink, earlier, report_url)
    return _logged(done)


def deliver_week(applications: Sequence[tuple[str, Results]], sinks: Sequence[Sink], day: date) -> list[Delivery]:
    """Post once the digest of several applications, each by its name, of the week that the last Sunday up to `day` ended.

    It is written down in the tables of the first. A week in which none of them ran is not told.
    """
    end = _week_end(day)
    home = applications[0][1]
    if not any(_ran(results, end) for _, results in applications):
        return []
    common = [sink for sink in sinks if not sink.owner and not sink.keyed]
    outbox.write_down(home, [outbox.row_of(sink, end, "", Notice.DIGESTS, held=False) for sink in common])
    done = []
    for sink in common:
        done += _lost(home, sink)
        with home.database.reading() as connection:
            where = (
                table.c.channel == sink.channel,
                table.c.kind == Notice.DIGESTS,
                table.c.day == end,
                table.c.status.in_(outbox.OPEN),
            )
            ids = list(connection.execute(sa.select(table.c.id).where(*where)).scalars())
        if ids:
            weeks = [(name, digest(results, end - _WEEK, end)) for name, results in applications]
            done += _posted(home, sink, end, ids, sink.form_digest(weeks), "")
    return _logged(done)


def fail(results: Results, sinks: Sequence[Sink], day: date, reason: str, *, report_url: str = "") -> list[Delivery]:
    """Post once that the run of `day` failed and why."""
    account = NightAccount(day, judge(Counts(failed=plain(reason, 500))))
    _write_down(results, sinks, account, all_clear=False, hold=False)
    return _logged([outcome for sink in sinks for outcome in _send(results, sink, day, report_url)])


def _logged(outcomes: list[Delivery]) -> list[Delivery]:
    for outcome in outcomes:
        if outcome.status != Status.SENT:
            log.warning("alert about %s to %s is %s: %s", outcome.day, outcome.channel, outcome.status, outcome.error)
    return outcomes


def _write_down(
    results: Results,
    sinks: Sequence[Sink],
    account: NightAccount,
    all_clear: bool,
    hold: bool,
    owners: Sequence[OwnerSection] = (),
) -> None:
    news = [(one.id, one.event, one.silent) for one in account.incidents if one.event in TOLD]
    if account.answer is Answer.FAILED:
        news = [("", Notice.FAILED, False)]
    elif account.answer.compared and not any(not silent for _, _, silent in news) and all_clear:
        news.append(("", Notice.CLEAR, False))
    known = {sink.channel: _known_already(results, sink, account) for sink in sinks}
    there = {sink.owner for sink in sinks}
    whose = {one.id: owner.name for one in account.incidents if (owner := owner_of(one, owners)) and owner.name in there}
    rows = [
        outbox.row_of(
            sink,
            account.day,
            incident_id,
            kind,
            held=hold or silent or (incident_id, kind) in known[sink.channel],
            note=account.said.reason if kind == Notice.FAILED else "",
        )
        for sink in sinks
        for incident_id, kind, silent in news
        if (sink.owner is None or sink.owner == whose.get(incident_id, "")) and not (sink.keyed and kind in _NO_TICKETS)
    ]
    outbox.write_down(results, rows)


def _write_down_digest(results: Results, sinks: Sequence[Sink], day: date, hold: bool) -> None:
    """That the digest of the week that ended with the last Sunday is to be told, where `day` is the last night and that week has one."""
    runs = tables.runs
    end = _week_end(day)
    with results.database.reading() as connection:
        last = connection.execute(sa.select(sa.func.max(runs.c.day))).scalar()
    if last == day and _ran(results, end):
        outbox.write_down(
            results,
            [outbox.row_of(sink, end, "", Notice.DIGEST, held=hold) for sink in sinks if not sink.owner and not sink.keyed],
        )


def _write_down_ends(results: Results, sink: Sink, day: date) -> None:
    """That incidents which have a ticket there are over, in whichever way, once each time that one ends."""
    heard = outbox.heard_of(results, sink, Status.SENT)
    over = [one for one in results.incidents() if one.id in heard and one.state != "open"]
    rows = []
    for one in over:
        ended = one.closed or one.new_normal or one.last_alarm
        row = outbox.row_of(sink, day, one.id, ENDED, held=False)
        rows.append(row | {"id": outbox.delivery_id(one.id, ended, ENDED, sink.channel)})
    outbox.write_down(results, rows)


def _post_ends(results: Results, sink: Sink, rows: list[sa.Row], report_url: str) -> list[Delivery]:
    still = {one.id for one in results.incidents() if one.state != "open"}
    posted = []
    for row in rows:
        if row.incident_id not in still:
            outbox.mark(results, [row.id], status=Status.HELD, error="no longer news when it could be posted")
            continue
        content = told(of_incident(results, row.incident_id, report_url), ENDED, row.day.isoformat())
        posted += _posted(results, sink, row.day, [row.id], content, outbox.thread_of(results, sink, row.incident_id))
    return posted


def _week_end(day: date) -> date:
    """The last Sunday up to `day`."""
    return day - timedelta(days=(day.weekday() + 1) % 7)


def _ran(results: Results, end: date) -> bool:
    """Whether any night of the week that ends so was run."""
    runs = tables.runs
    with results.database.reading() as connection:
        return bool(connection.execute(sa.select(sa.func.count()).where(runs.c.day.between(end - _WEEK, end))).scalar())


def _known_already(results: Results, sink: Sink, account: NightAccount) -> set[tuple[str, str]]:
    """What need not be told: one message a change. That an incident lasts, or that a brief one is over, is told to who never heard of it,
    beside what is new, or in its own thread, and never for itself."""
    told = [one for one in account.incidents if one.event in TOLD]
    if sink.threaded or any(is_news(one.event, one.nights) and not one.silent for one in told):
        return set()
    heard = outbox.heard_of(results, sink, Status.SENT, *outbox.OPEN, Status.SENDING)
    return {(one.id, one.event) for one in told if one.id in heard}


def _lost(results: Results, sink: Sink) -> list[Delivery]:
    """Mark as unknown what a process that is no more had claimed."""
    mine = sa.and_(table.c.channel == sink.channel, table.c.status == Status.SENDING)
    with results.database.reading() as connection:
        gone = [row for row in connection.execute(sa.select(table).where(mine)) if outbox.is_gone(row.claim, row.changed_at)]
    if not gone:
        return []
    if sink.keyed:
        # whether it arrived is seen when it is posted again
        outbox.mark(results, [row.id for row in gone], status=Status.PENDING, claim="")
        return []
    error = "the process ended while this was being posted; it may have arrived"
    with results.database.writing() as connection:
        for row in gone:
            changed = table.update().where(table.c.id == row.id, table.c.claim == row.claim, table.c.status == Status.SENDING)
            connection.execute(changed.values(status=Status.UNKNOWN, error=error))
    return [Delivery(sink.channel, day, Status.UNKNOWN, error) for day in sorted({row.day for row in gone})]


def _send(results: Results, sink: Sink, day: date, report_url: str) -> list[Delivery]:
    with results.database.reading() as connection:
        where = (table.c.channel == sink.channel, table.c.day == day, table.c.status.in_(outbox.OPEN))
        rows = connection.execute(sa.select(table).where(*where).order_by(table.c.id)).all()
    account = tell(results, day, report_url)
    failed = next((row for row in rows if row.kind == Notice.FAILED), None)
    if failed is not None and not account.answer.compared:
        account = replace(account, said=judge(Counts(failed=account.said.reason or failed.note)))
    heard = outbox.heard_of(results, sink, Status.SENT, Status.UNKNOWN)
    account = replace(account, incidents=tuple(replace(one, untold=one.id not in heard) for one in account.incidents))
    # of several applications' week the rows are posted by `deliver_week`
    night = [row for row in rows if row.kind not in (Notice.DIGEST, Notice.DIGESTS, ENDED)]
    true = [row for row in night if _is_true(row, account)]
    outbox.mark(
        results,
        [row.id for row in night if row not in true],
        status=Status.HELD,
        error="no longer news when it could be posted",
    )
    order = {one.id: position for position, one in enumerate(account.incidents)}
    true.sort(key=lambda row: order.get(row.incident_id, -1))
    done = [outcome for batch in _messages(sink, true) for outcome in _post(results, sink, account, batch)]
    done += _post_ends(results, sink, [row for row in rows if row.kind == ENDED], report_url)
    return [*done, *_post_digests(results, sink, [row for row in rows if row.kind == Notice.DIGEST])]


def _messages(sink: Sink, rows: list[sa.Row]) -> list[list[sa.Row]]:
    """The rows of each message. What was tried stays together, and apart from what is new: a receiver that took the first try drops the
    second whole."""
    if sink.threaded:
        return [[row] for row in rows]
    together: dict[str, list[sa.Row]] = {}
    for row in rows:
        together.setdefault(row.message, []).append(row)
    return list(together.values())


def _post_digests(results: Results, sink: Sink, rows: list[sa.Row]) -> list[Delivery]:
    """A week is a message of its own, and told as it is when it is posted."""
    posted = []
    for row in rows:
        found = digest(results, row.day - _WEEK, row.day)
        posted += _posted(results, sink, row.day, [row.id], sink.form_digest([("", found)]), "")
    return posted


def _post(results: Results, sink: Sink, account: NightAccount, rows: list[sa.Row]) -> list[Delivery]:
    told = {row.incident_id for row in rows}
    lost = outbox.unmentioned(results, sink)
    shown = replace(
        account,
        incidents=tuple(one for one in account.incidents if one.id in told),
        remark=" ".join(filter(None, (account.remark, _remark(lost)))),
    )
    content = sink.form(shown)
    thread = outbox.thread_of(results, sink, rows[0].incident_id) if sink.threaded else ""
    done = _posted(results, sink, account.day, [row.id for row in rows], content, thread)
    if any(outcome.status == Status.SENT for outcome in done):
        outbox.mark(results, [row.id for row in lost], receipt="mentioned")
    return done


def _posted(results: Results, sink: Sink, day: date, ids: list[str], content: Any, thread: str) -> list[Delivery]:
    """Claim the rows, post their message and write down what came of it; nothing where another process has one of them."""
    message = outbox.claim_all(results, ids, outbox.claimant())
    if not message:
        return []
    try:
        receipt = sink.post(content, thread, message)
    except SinkError as error:
        again = error.retryable or error.unknown and sink.keyed
        status = Status.PENDING if again else Status.UNKNOWN if error.unknown else Status.FAILED
        outbox.mark(results, ids, status=status, error=plain(error, 300), claim="")
        return [Delivery(sink.channel, day, status, plain(error, 300))]
    except Exception as error:
        # a sink's own defect must neither stop the night nor hide
        log.exception("posting to %s", sink.channel)
        outbox.mark(results, ids, status=Status.FAILED, error=type(error).__name__, claim="")
        return [Delivery(sink.channel, day, Status.FAILED, type(error).__name__)]
    outbox.mark(results, ids, status=Status.SENT, receipt=receipt, error="", claim="")
    return [Delivery(sink.channel, day, Status.SENT)]


def _is_true(row: sa.Row, account: NightAccount) -> bool:
    if row.kind == Notice.FAILED:
        return account.answer is Answer.FAILED
    if row.kind == Notice.CLEAR:
        return account.answer.compared and all(one.silent or one.event not in TOLD for one in account.incidents)
    one = next((one for one in account.incidents if one.id == row.incident_id), None)
    # who never heard that it opened need not hear that it closed
    return (
        one is not None and one.event == row.kind and not one.silent and not (one.untold and one.event == IncidentEvent.CLOSED)
    )


def _remark(lost: list[sa.Row]) -> str:
    days = sorted({row.day.isoformat() for row in lost})
    return (
        f"A message about {', '.join(days)} may not have arrived: its process ended, or the receiver did not answer, while it was being posted."
        if days
        else ""
    )
