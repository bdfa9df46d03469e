"""A night in the terminal: the verdict first, then the incidents, then nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from drift.findings import Visible
from drift.results import Incident, silence, week
from drift.results.account import IncidentAccount, NightAccount
from drift.results.digest import Digest
from drift.results.ledger import Ledger
from drift.results.verdict import Answer
from drift.text import names, wording
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
        parts.append(Text(plain(account.remark, 1500), style="yellow"))
    if account.silence and not any(incident.in_full for incident in shown):
        parts.append(Text(plain(account.silence, 1500), style="dim"))
    for incident in shown:
        parts.append(_headline(incident))
        if incident.in_full:
            parts.append(facts(incident))
    if account.report_url:
        parts.append(Text(f"report: {plain(account.report_url, 500)}", style="dim"))
    return Group(*parts)


def digest(found: Digest) -> RenderableType:
    """What `drift digest` prints of some days: nights, incidents, decisions, slow changes, money, what was not seen, the record."""
    parts: list[RenderableType] = [Text(week.title(found), style="bold"), Text(week.nights(found))]
    for heading, lines in week.sections(found):
        parts += [Text(heading, style="dim"), *(Text(f"  {plain(line, 900)}") for line in lines)]
    return Group(*parts)


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


def _headline(incident: IncidentAccount) -> Text:
    text = Text(f"{_NAMES.get(incident.event, incident.event):8}", style=_COLOURS[incident.event])
    text.append(plain(incident.sentence, 700), style="bold" if incident.in_full else "")
    text.append(f"  {incident.id[:8]}", style="dim")
    return text


def facts(incident: IncidentAccount, next_step: str = "") -> RenderableType:
    """Beneath an incident's sentence: since when, how sure, where, why, what to do, and traces that show it. next_step: another than its own."""
    lines = (
        ("since", wording.since(incident.since, incident.since_low, incident.since_high)),
        ("how sure", incident.how_sure),
        ("where", f"{incident.where}: {incident.carried_by}" if incident.carried_by else incident.where),
        ("why", f"{incident.because}. {incident.why}" if incident.why else incident.because),
        ("next", next_step or incident.next_step),
        ("before", incident.before),
        ("then", "\n".join(incident.announced)),
        ("with it", names.listed(incident.also)),
        ("", wording.sparkline(incident.series)),
        ("traces", "\n".join(exemplar.url or exemplar.trace_id for exemplar in incident.exemplars)),
    )
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in lines:
        if value:
            table.add_row(f"        {name}", Text("\n".join(plain(line, 1500) for line in value.split("\n"))))
    return table


def ledger(found: Ledger, budget: float) -> RenderableType:
    """What `drift ledger` prints: nights that opened an incident beside the budget, then a line a metric."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("metric", "incidents", "useful", "false", "expected", "not judged"):
        table.add_column(heading, justify="left" if heading == "metric" else "right")
    for line in found.lines:
        counts = (line.incidents, line.useful, line.false, line.expected, line.incidents - line.judged)
        table.add_row(Text(plain(line.metric, 80)), *map(str, counts))
    return Group(Text(_record(found, budget)), *([table] if found.lines else []), *_offers(found))


def _record(found: Ledger, budget: float) -> str:
    share = f"{wording.percent(found.alarmed / found.nights, 1)}" if found.nights else "none"
    return (
        f"{wording.count(found.nights, 'night')}, {found.alarmed} with a new incident: {share} (95 % interval {wording.percent(found.low, 1)} to "
        f"{wording.percent(found.high, 1)}; of ordinary nights the budget allows {wording.percent(budget, 1)})"
    )


def _offers(found: Ledger) -> list[Text]:
    return [Text(plain(line.offer, 300), style="yellow") for line in found.lines if line.offer]


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
        parts += [Text(title, style="dim"), *(Text(f"  {_opened(each)}") for each in some)] if some else []
    return Group(*parts)


def _opened(each: Incident) -> str:
    what, where = (
        plain(wording.titled(each.metric, each.statistic), 80),
        plain(wording.segment(each.dimension, each.value), 80),
    )
    change = wording.change(each.statistic, each.told_as.value_from, each.told_as.value_to, each.unit)
    return f"{each.opened}  {what}, {where}: {change}, {wording.count(each.nights, 'night')}"


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


def incidents(found: Sequence[tuple[Incident, IncidentAccount]]) -> RenderableType:
    """The list that `drift incidents` prints, oldest first."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("id", "what", "opened", "nights", "state"):
        table.add_column(
            heading, overflow="fold", no_wrap=heading in ("id", "opened"), justify="right" if heading == "nights" else "left"
        )
    for each, told in found:
        state = "acknowledged" if each.acknowledged and each.state == "open" else each.state
        muted = f", muted until {each.muted_until}" if each.muted_until else ""
        table.add_row(
            Text(each.id[:8], style="dim"),
            Text(plain(told.sentence, 700)),
            Text(f"{each.opened}"),
            Text(f"{each.nights}"),
            Text(state + muted),
        )
    return table
