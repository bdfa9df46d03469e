"""What is stored, for `--json` of the commands and for an assistant that asks by MCP. Nothing is written here, and no text is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from drift.config import Config
from drift.errors import DataError

# what `drift.text.json_form.of` takes: kind and content
Answer = tuple[str, Mapping[str, Any]]


def night(config: Config, day: date) -> Answer:
    """`drift show`. Raises DataError where the day was not run."""
    from drift.alerts import formats

    return "night", formats.payload(account_of(config, day))


def account_of(config: Config, day: date) -> Any:
    """A night's account. Raises DataError where the day was not run."""
    from drift.results import Results
    from drift.results.account import tell
    from drift.results.verdict import Answer as Verdict

    results = Results(config.results.url)
    try:
        account = tell(results, day, config.report.url)
    finally:
        results.close()
    if account.answer is Verdict.MISSING:
        raise DataError(f"{day} was not run; run it with `drift run --day {day}`")
    return account


def verdicts(config: Config, last: int) -> Answer:
    """What each of the last nights was."""
    from drift.night.run import last_day
    from drift.results import Results

    end = last_day(config)
    results = Results.of(config)
    try:
        found = results.verdicts(end - timedelta(days=last - 1), end)
    finally:
        results.close()
    nights = [{"day": day, "status": str(said.answer), "verdict": said.words} for day, said in sorted(found.items())]
    return "verdicts", {"nights": nights}


def why(config: Config, day: date, metric: str) -> Answer:
    """`drift show --why METRIC`."""
    found = comparisons_of(config, day, metric).to_dict("records")
    return "why", {"day": day, "metric": metric, "comparisons": list(map(_comparison, found))}


def comparisons_of(config: Config, day: date, metric: str) -> Any:
    """A metric's comparisons of a night, as a frame. Raises DataError with the night's metrics where it has none of that name."""
    from drift.results import frames

    found = frames.findings(config.results.url, day, day)
    mine = found[found["metric"] == metric]
    if mine.empty:
        compared = ", ".join(sorted(found["metric"].unique())) or "none"
        raise DataError(f"{metric}: not compared on {day}; metrics of that night: {compared}")
    return mine


def _comparison(row: Mapping[str, Any]) -> dict[str, Any]:
    """A finding's row: a frame has its days as times, and an id of the comparison itself, which nothing takes."""
    told = {name: value.date() if isinstance(value, datetime) and value == value else value for name, value in row.items()}
    return {name: value for name, value in told.items() if name != "id"}


def incidents(config: Config, everything: bool) -> Answer:
    """`drift incidents`, with everything `--all`."""
    from drift.alerts import formats

    found = [{**formats.incident(told), "state": each.state} for each, told in listed(config, everything)]
    return "incidents", {"incidents": found}


def listed(config: Config, everything: bool) -> list[Any]:
    """The open incidents, or all, each with its account."""
    from drift.results import Results
    from drift.results.account import of_incident

    results = Results.of(config)
    try:
        chosen = [each for each in results.incidents() if everything or each.state == "open"]
        return [(each, of_incident(results, each.id)) for each in chosen]
    finally:
        results.close()


def incident(config: Config, identity: str) -> Answer:
    """`drift incident ID --no-texts`."""
    from drift.night.incident import open_incident

    return of_opened(open_incident(config, identity, texts=False))


def of_opened(found: Any) -> Answer:
    from drift.alerts import formats

    told = {**formats.incident(found.one), "state": found.state, "decisions": found.decisions, "experiment": found.proof}
    return "incident", {**told, "pairs": found.pairs, "unread": found.unread}


def affected(config: Config, identity: str) -> Answer:
    """`drift affected ID`."""
    from drift.night.affected import traces
    from drift.results import Results

    results = Results.of(config)
    try:
        whole = results.find(identity).id
    finally:
        results.close()
    return "affected", {"incident": whole, "traces": list(traces(config, whole))}


def comparison(config: Config, a: Any, b: Any) -> Answer:
    """`drift compare` of two sides (`drift.compare.sides`)."""
    from drift.compare import gate, sides

    return "comparison", gate.as_dict(gate.gate(sides.compare_any(config, a, b), {}))


def ledger(config: Config) -> Answer:
    """`drift ledger`."""
    from drift.results import Results
    from drift.results import ledger as record

    results = Results(config.results.url)
    try:
        return "ledger", {"budget": config.detect.budget, **asdict(record.read(results))}
    finally:
        results.close()
