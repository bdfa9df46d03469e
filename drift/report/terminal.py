"""A night in the terminal: the verdict first, then the incidents, then nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from drift.findings import JUDGE_CHANGED, JUDGE_SET, Event, Visible
from drift.results import Incident, silence
from drift.results.account import IncidentAccount, NightAccount
from drift.results.digest import Digest
from drift.results.ledger import Ledger
from drift.results.verdict import Answer
from drift.text import wording
from drift.text.escape import plain

_COLOURS = {"opened": "bold red", "worse": "bold red", "better": "yellow", "lasting": "yellow", "closed": "green"}
_NAMES = {"opened": "new"}
_TONES = {
    Answer.DRIFT: "bold yellow",
    Answer.KNOWN: "yellow",
    Answer.ORDINARY: "bold green",
    Answer.NO_BASELINE: "bright_black",
    Answer.FAILED: "bold red",
    Answer.MISSING: "bold red",
}


def night(account: NightAccount) -> RenderableType:
    """What `drift run` and `drift show` print of a night."""
    shown = [incident for incident in account.incidents if not incident.silent and incident.event in _COLOURS]
    parts: list[RenderableType] = [_verdict(account, shown)]
    if account.remark:
        parts.append(Text(plain(account.remark, 500), style="yellow"))
    if account.silence and not any(incident.in_full for incident in shown):
        parts.append(Text(plain(account.silence, 1500), style="dim"))
    if shown:
        parts.append(_incidents(shown))
        parts.extend(_why(incident) for incident in shown if incident.event in ("opened", "worse"))
    if account.report_url:
        parts.append(Text(f"report: {plain(account.report_url, 500)}", style="dim"))
    return Group(*parts)


def digest(found: Digest) -> RenderableType:
    """What `drift digest` prints: decisions, what moved without being a message, new levels."""
    parts: list[RenderableType] = [Text(f"{found.first} to {found.last}", style="bold")]
    sections = (
        ("decided", [_event(event) for event in found.events]),
        ("moved", [_line(one) for one in found.moved]),
        ("new level by itself; drift reopen turns it back", [_line(one) for one in found.settled]),
    )
    for heading, lines in sections:
        if lines:
            parts += [Text(heading, style="dim"), *(Text(f"  {line}") for line in lines)]
    return Group(*parts, *([Text("nothing that is worth knowing")] if not found else []))


def _event(event: Event) -> str:
    if event.kind in (JUDGE_SET, JUDGE_CHANGED):
        turned = f" ({event.share_to:.0%} of its anchors turned)" if event.kind == JUDGE_CHANGED else ""
        who = f"{plain(event.dimension, 70)} {event.kind}: {plain(event.value, 120)}{turned}"
        return f"{event.day}  your judge changed: {who}; its scores are compared anew from here"
    shares = f"{event.share_from:.0%} → {event.share_to:.0%} of requests"
    return f"{event.day}  {plain(event.dimension, 40)} {plain(event.value, 80)} {event.kind} ({shares})"


def _line(one: IncidentAccount) -> str:
    much = f" ({one.how_much})" if one.how_much else ""
    return f"{one.opened}  {plain(one.what, 80)}, {plain(one.where, 80)}: {plain(one.change)}{plain(much, 80)}  {one.id[:8]}"


def _verdict(account: NightAccount, shown: list[IncidentAccount]) -> Text:
    text = Text(f"{account.answer.mark} {plain(account.verdict, 500)}", style=_TONES[account.answer])
    if account.traces is not None and account.answer.compared:
        compared = f", {wording.count(account.comparisons, 'comparison')}" if account.comparisons else ""
        text.append(f"  {wording.count(account.traces, 'trace')}{compared}", style="dim")
    if account.baseline_days is not None and any(incident.provisional for incident in shown):
        text.append(
            f"  provisional: only {wording.count(account.baseline_days, 'ordinary day')} to compare with", style="yellow"
        )
    return text


def _incidents(shown: list[IncidentAccount]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("", "what", "where", "from → to", "since", "why", "id"):
        table.add_column(heading, overflow="fold", no_wrap=heading in ("", "id"))
    for incident in shown:
        table.add_row(
            Text(_NAMES.get(incident.event, incident.event), style=_COLOURS[incident.event]),
            Text(plain(incident.what, 80)),
            Text(plain(incident.where, 80)),
            Text(plain(incident.change)),
            Text(f"{incident.since}"),
            Text(plain(incident.because, 60)),
            Text(incident.id[:8], style="dim"),
        )
    return table


def _why(incident: IncidentAccount) -> Text:
    lines = [f"{plain(incident.what, 80)}: {plain(incident.how_much)}".rstrip(": ")]
    if incident.carried_by:
        lines.append(plain(incident.carried_by, 400))
    if incident.why:
        lines.append(plain(incident.why, 600))
    if incident.series:
        lines.append(wording.sparkline(incident.series))
    links = [plain(exemplar.url or exemplar.trace_id, 300) for exemplar in incident.exemplars]
    lines += ["typical traces:", *links] if links else []
    return Text("\n  ".join(["", *lines]).lstrip("\n"), style="")


def ledger(found: Ledger, budget: float) -> RenderableType:
    """What `drift ledger` prints: nights that opened an incident beside the budget, then a line a metric."""
    share = f"{found.alarmed / found.nights:.1%}" if found.nights else "none"
    head = Text(
        f"{wording.count(found.nights, 'night')}, {found.alarmed} with a new incident: {share} (95 % interval {found.low:.1%} to "
        f"{found.high:.1%}; of ordinary nights the budget allows {budget:.1%})"
    )
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("metric", "incidents", "useful", "false", "expected", "not judged"):
        table.add_column(heading, justify="left" if heading == "metric" else "right")
    for line in found.lines:
        counts = (line.incidents, line.useful, line.false, line.expected, line.incidents - line.judged)
        table.add_row(Text(plain(line.metric, 80)), *map(str, counts))
    offers = [Text(plain(line.offer, 300), style="yellow") for line in found.lines if line.offer]
    return Group(head, *([table] if found.lines else []), *offers)


def backtest(
    nights: int, now: Sequence[Incident], then: Sequence[Incident], gone: Sequence[Incident], more: Sequence[Incident]
) -> RenderableType:
    """What `drift backtest` prints: how many incidents each setting opens, and which only one of them does."""
    head = Text(
        f"{wording.count(nights, 'night')}: {wording.count(len(now), 'incident')} with the settings as they are, "
        f"{len(then)} with the others"
    )
    parts: list[RenderableType] = [head]
    for title, some in (("only as they are", gone), ("only with the others", more)):
        parts += [Text(title, style="dim"), incidents(list(some))] if some else []
    return Group(*parts)


def power(rows: Sequence[Visible], traces: int, days: int) -> RenderableType:
    """What `drift power` prints: the smallest change that is told, by metric."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("what", "usual", "told in one night", "within seven", "smallest that matters"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    for row in rows:
        told = [silence.size(row, size) if size is not None else "none" for size in (row.one_night, row.seven_nights)]
        if row.blind_reason:
            told = [row.blind_reason, ""]
        table.add_row(row.metric, wording.number(row.level, row.unit), *told, silence.size(row, row.matters))
    head = Text(f"A typical application with {wording.count(traces, 'trace')} a day and {days} earlier days, chance 0.9:")
    foot = Text(
        "Its days differ by 3 to 4 % in latency, cost and length, its refusals by 12 %, its errors by 20 % of their share.",
        style="dim",
    )
    return Group(head, table, foot)


def incidents(found: list[Incident]) -> RenderableType:
    """The list that `drift incidents` prints: one line an incident, oldest first."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("id", "what", "where", "from → to", "opened", "nights", "state"):
        table.add_column(heading, overflow="fold", no_wrap=heading in ("id", "opened"))
    for each in found:
        state = "acknowledged" if each.acknowledged and each.state == "open" else each.state
        muted = f", muted until {each.muted_until}" if each.muted_until else ""
        change = wording.change(each.statistic, each.lead.value_from, each.lead.value_to, each.unit)
        table.add_row(
            Text(each.id[:8], style="dim"),
            Text(plain(wording.subject(each.metric, each.statistic), 80)),
            Text(plain(wording.segment(each.dimension, each.value), 80)),
            Text(change),
            Text(f"{each.opened}"),
            Text(f"{each.nights}"),
            Text(state + muted),
        )
    return table
