"""Incidents: which there are, and what people say of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from drift.cli.command import ConfigPath, Json, day_of, out, print_json

commands = typer.Typer()


@commands.command()
def incidents(
    everything: Annotated[bool, typer.Option("--all", help="closed ones too")] = False,
    as_json: Json = False,
    config: ConfigPath = None,
) -> None:
    """The incidents that are open, with the ids that ack, mute and accept take; with --all those that reopen takes, too."""
    from drift.cli import answers
    from drift.config import Config
    from drift.report import terminal

    settings = Config.load(config)
    if as_json:
        print_json(*answers.incidents(settings, everything))
        return
    found = answers.listed(settings, everything)
    out.print(terminal.incidents(found) if found else "no open incident", highlight=False)


@commands.command()
def incident(
    incident: Annotated[str, typer.Argument(metavar="ID", help="an incident's id, or its beginning")],
    texts: Annotated[
        bool, typer.Option(help="also read three questions and answers of before and since from the store")
    ] = True,
    markdown: Annotated[bool, typer.Option("--markdown", help="as Markdown, to paste where it is talked about")] = False,
    as_json: Json = False,
    config: ConfigPath = None,
) -> None:
    """One incident on any morning: what, since when, how sure, where, the evidence, what to do next, and answers before and since."""
    from drift.cli import answers
    from drift.config import Config
    from drift.night.incident import open_incident
    from drift.report import incident as report

    found = open_incident(Config.load(config), incident, texts=texts)
    if as_json:
        print_json(*answers.of_opened(found))
        return
    pairs = [(_said(pair.before) if pair.before else None, _said(pair.after)) for pair in found.pairs]
    proof = str(found.proof or "")
    shown = (found.one, found.state, found.decisions, proof, pairs, found.unread)
    if markdown:
        print(report.markdown(*shown), end="")
    else:
        out.print(report.opened(*shown), highlight=False)


def _said(one) -> tuple[str | None, str | None, str, str]:
    return one.question, one.answer, str(one.day), one.trace_id


@commands.command()
def affected(
    incident: Annotated[str, typer.Argument(metavar="ID", help="an incident's id, or its beginning")],
    patterns: Annotated[
        bool,
        typer.Option(
            "--patterns", help="what they have more often than others of their nights, wrong in 5 % of cases at the most"
        ),
    ] = False,
    as_json: Json = False,
    config: ConfigPath = None,
) -> None:
    """All traces that show an incident, of the days whose rows are still stored: day, trace, value and link, a line each."""
    from drift.cli import answers
    from drift.config import Config
    from drift.text.escape import plain

    settings = Config.load(config)
    if patterns:
        _patterns(settings, _find(settings, incident).id, as_json)
        return
    kind, content = answers.affected(settings, incident)
    if as_json:
        print_json(kind, content)
        return
    found = content["traces"]
    for each in found:
        value = "" if each.value is None else f"{each.value:g}"
        print("\t".join((str(each.day), plain(each.trace_id, 200), value, plain(each.url, 500))))
    if not found:
        out.print("no stored trace of its days shows it", highlight=False)


def _find(settings, incident: str):
    """The incident whose id begins so. Raises DriftError where there is none, or more than one."""
    from drift.results import Results

    results = Results.of(settings)
    try:
        return results.find(incident)
    finally:
        results.close()


def _patterns(config, incident: str, as_json: bool) -> None:
    from drift.night.patterns import of_incident
    from drift.text import wording
    from drift.text.escape import plain

    found = of_incident(config, incident)
    if as_json:
        print_json("patterns", {"incident": incident, "patterns": found})
        return
    for each in found:
        print(
            f"{plain(each.trait, 120)}: {wording.percent(each.affected)} of the affected, {wording.percent(each.others)} of the others (p {each.p:.2g})"
        )
    if not found:
        out.print("nothing that the affected have more often than others is sure enough", highlight=False)


@commands.command("write-back")
def write_back(
    incident: Annotated[str, typer.Argument(metavar="ID", help="an incident's id, or its beginning")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="say what would be written, and write nothing")] = False,
    as_json: Json = False,
    config: ConfigPath = None,
) -> None:
    """Leave an incident in the trace store: dataset, scores, comments, queue entries, as `[write_back]` says; twice is once."""
    from drift.config import Config
    from drift.night.write_back import write_back as write

    left = write(Config.load(config), incident, dry_run=dry_run)
    if as_json:
        print_json("write-back", {"incident": left.incident, "dry_run": dry_run, "written": left.written})
        return
    said = ", ".join(f"{n:,} {what}" for what, n in left.written.items()) or "nothing"
    out.print(f"{left.incident[:8]}: {said}{' would be there' if dry_run else ''}", highlight=False)


Incident = Annotated[str, typer.Argument(metavar="ID", help="an incident's id, or its beginning")]
Because = Annotated[str, typer.Option("--note", help="why, for those who read it later")]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="who says so; it stands before the note")]


@commands.command()
def ack(incident: Incident, by: By = "", note: Because = "", as_json: Json = False, config: ConfigPath = None) -> None:
    """Say that somebody looks after an incident: it stays open and alerts only when it gets worse."""
    _decide(incident, "ack", None, by, note, as_json, config)


@commands.command()
def unack(incident: Incident, by: By = "", note: Because = "", as_json: Json = False, config: ConfigPath = None) -> None:
    """Turn back that an incident was acknowledged or muted: it is told as any other."""
    _decide(incident, "unack", None, by, note, as_json, config)


@commands.command()
def mute(
    incident: Incident,
    until: Annotated[date, typer.Option(parser=day_of, metavar="YYYY-MM-DD", help="the last silent day, within a year")],
    by: By = "",
    note: Because = "",
    as_json: Json = False,
    config: ConfigPath = None,
) -> None:
    """Hear nothing of an incident until a day."""
    _decide(incident, "mute", until, by, note, as_json, config)


@commands.command()
def accept(incident: Incident, by: By = "", note: Because = "", as_json: Json = False, config: ConfigPath = None) -> None:
    """Take an incident as the new normal: its series are compared with the days since it began."""
    _decide(incident, "accept", None, by, note, as_json, config)


@commands.command()
def unaccept(incident: Incident, by: By = "", note: Because = "", as_json: Json = False, config: ConfigPath = None) -> None:
    """Turn back that an incident was accepted: it is open again, against the days before it."""
    _decide(incident, "unaccept", None, by, note, as_json, config)


@commands.command()
def reopen(incident: Incident, by: By = "", note: Because = "", as_json: Json = False, config: ConfigPath = None) -> None:
    """Turn back that an incident settled: it is open again, against the days before it, and does not settle again."""
    _decide(incident, "reopen", None, by, note, as_json, config)


def _decide(incident: str, action: str, until: date | None, by: str, note: str, as_json: bool, config: Path | None) -> None:
    from drift.config import Config
    from drift.night.publish import write_decided
    from drift.results import Results
    from drift.results.account import of_incident
    from drift.results.incident import Action
    from drift.text.escape import plain

    settings = Config.load(config)
    results = Results.of(settings)
    try:
        decided = results.decide(incident, Action(action), until=until, note=": ".join(filter(None, (by, note))))
        sentence = of_incident(results, decided.id).sentence
    finally:
        results.close()
    write_decided(settings, decided.id)
    if as_json:
        said = {"action": action, "until": until, "sentence": plain(sentence, 700)}
        print_json("decision", {"incident": decided.id, **said})
        return
    out.print(f"{decided.id[:8]} {action}: {plain(sentence, 700)}", markup=False, highlight=False, soft_wrap=True)


@commands.command()
def fixed(
    incident: Incident,
    since: Annotated[
        date | None,
        typer.Option(parser=day_of, metavar="YYYY-MM-DD", help="the first day with the fix; default: after its last alarm"),
    ] = None,
    margin: Annotated[float, typer.Option(help="the part of the change that may be left")] = 0.5,
    note: Because = "",
    as_json: Json = False,
    config: ConfigPath = None,
) -> None:
    """Whether a fix is proved: the nights since are shown to be near the ordinary level. Ends the incident then; else exits 3."""
    from drift.compare.recovery import Fix
    from drift.config import Config
    from drift.night import fixed as fixes
    from drift.report.recovery import as_dict, sentence

    judged = fixes.judge(Config.load(config), incident, since, margin, note)
    told = judged.incident, judged.recovery, judged.since, judged.earlier
    if as_json:
        print_json("fixed", as_dict(*told))
    else:
        out.print(sentence(*told), markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(0 if judged.recovery.answer == Fix.PROVED else 3)


@commands.command()
def verdict(
    incident: Incident,
    said: Annotated[str, typer.Argument(metavar="useful|false|expected", help="what it was")],
    note: Because = "",
    as_json: Json = False,
    config: ConfigPath = None,
) -> None:
    """Say of an incident whether it was useful, false or expected; `drift ledger` sums it up."""
    from drift.config import Config
    from drift.results import Results, ledger

    results = Results(Config.load(config).results.url)
    try:
        found = ledger.judge(results, incident, said, note)
    finally:
        results.close()
    if as_json:
        print_json("verdict", {"incident": found, "verdict": said, "note": note})
        return
    out.print(f"{found[:8]}: {said}", markup=False, highlight=False)
