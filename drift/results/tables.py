"""The summary tables (docs/tables.md describes them as an interface). No column of a night changes when it is run again.

A change here needs a migration in `drift/results/migrations/versions`; a test compares the two.
"""

from __future__ import annotations

from dataclasses import Field, fields
from typing import Any

import sqlalchemy as sa

from drift.findings import Finding

metadata = sa.MetaData(
    naming_convention={"pk": "pk_%(table_name)s", "ix": "ix_%(table_name)s_%(column_0_N_name)s"},
)

Number = sa.Double
_SHORT = sa.String(64)


def _key(name: str, kind: type[sa.types.TypeEngine[Any]] | sa.types.TypeEngine[Any] = sa.Text) -> sa.Column[Any]:
    return sa.Column(name, kind, primary_key=True)


def _filled(name: str, kind: type[sa.types.TypeEngine[Any]] | sa.types.TypeEngine[Any] = sa.Text) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


runs = sa.Table(
    "runs",
    metadata,
    _key("day", sa.Date),
    _filled("status", _SHORT),
    sa.Column("traces", sa.BigInteger),
    sa.Column("comparisons", sa.Integer),
    sa.Column("alarms", sa.Integer),
    sa.Column("baseline_days", sa.Integer),
    sa.Column("min_days", sa.Integer),
    _filled("reason"),
    _filled("config", _SHORT),
    _filled("version", _SHORT),
    sa.Column("remark", sa.Text),
)

daily_metrics = sa.Table(
    "daily_metrics",
    metadata,
    _key("day", sa.Date),
    _key("metric"),
    _key("dimension"),
    _key("value"),
    _filled("n", sa.BigInteger),
    _filled("missing", sa.BigInteger),
    sa.Column("level", Number),
    _filled("unit", _SHORT),
    sa.Column("p50", Number),
    sa.Column("p95", Number),
    sa.Column("p99", Number),
    sa.Column("expected", Number),
    sa.Column("low", Number),
    sa.Column("high", Number),
    sa.Column("z", Number),
    # a night writes its rows of a metric beside each other: by segment each would be a page of its own, as soon as there are some nights
    sa.Index("ix_daily_metrics_series", "metric", "day"),
)

_SIZED: dict[str, type[sa.types.TypeEngine[Any]] | sa.types.TypeEngine[Any]] = {
    "test": _SHORT,
    "unit": _SHORT,
    "direction": _SHORT,
    "n": sa.BigInteger,
}
_KINDS: dict[str, type[sa.types.TypeEngine[Any]]] = {
    "date": sa.Date,
    "date | None": sa.Date,
    "str": sa.Text,
    "float | None": Number,
    "bool": sa.Boolean,
    "int": sa.Integer,
}


def _of_finding(field: Field[Any]) -> sa.Column[Any]:
    """A field of `drift.findings.Finding` as a column; how many traces it has is not known of every finding."""
    annotated = str(field.type)
    return sa.Column(field.name, _SIZED.get(field.name, _KINDS[annotated]), nullable=annotated not in ("str", "bool"))


findings = sa.Table(
    "findings",
    metadata,
    _key("day", sa.Date),
    _key("id", _SHORT),
    *(_of_finding(field) for field in fields(Finding) if field.name != "day"),
    sa.Column("incident_id", _SHORT),
    sa.Index("ix_findings_series", "metric", "day"),
    sa.Index("ix_findings_alarm", "alarm", "day"),
)

incidents = sa.Table(
    "incidents",
    metadata,
    _key("id", _SHORT),
    _filled("state", _SHORT),
    _filled("metric"),
    _filled("dimension"),
    _filled("value"),
    _filled("statistic"),
    _filled("direction", _SHORT),
    _filled("opened", sa.Date),
    _filled("last_alarm", sa.Date),
    sa.Column("closed", sa.Date),
    sa.Column("since", sa.Date),
    sa.Column("since_low", sa.Date),
    sa.Column("since_high", sa.Date),
    sa.Column("value_from", Number),
    sa.Column("value_to", Number),
    sa.Column("low", Number),
    sa.Column("high", Number),
    _filled("unit", _SHORT),
    _filled("provisional", sa.Boolean),
    _filled("nights", sa.Integer),
    _filled("metrics"),
    _filled("acknowledged", sa.Boolean),
    sa.Column("muted_until", sa.Date),
    sa.Column("accepted", sa.Date),
    sa.Column("fixed", sa.Date),
    _filled("cause", _SHORT),
    _filled("confidence", _SHORT),
    _filled("summary"),
    sa.Index("ix_incidents_state", "state", "opened"),
)

incident_days = sa.Table(
    "incident_days",
    metadata,
    _key("incident_id", _SHORT),
    _key("day", sa.Date),
    _filled("event", _SHORT),
    _filled("silent", sa.Boolean),
    sa.Column("value_from", Number),
    sa.Column("value_to", Number),
    sa.Column("low", Number),
    sa.Column("high", Number),
    sa.Column("z", Number),
    _filled("alarms", sa.Integer),
    _filled("explanation"),
    sa.Index("ix_incident_days_day", "day"),
)

exemplars = sa.Table(
    "exemplars",
    metadata,
    _key("incident_id", _SHORT),
    _key("day", sa.Date),
    _key("rank", sa.Integer),
    _filled("trace_id"),
    _filled("url"),
    sa.Column("measured", Number),
    _filled("reason"),
)

decisions = sa.Table(
    "decisions",
    metadata,
    _key("number", sa.Integer),
    _filled("incident_id", _SHORT),
    _filled("metric"),
    _filled("dimension"),
    _filled("value"),
    _filled("action", _SHORT),
    _filled("day", sa.Date),
    sa.Column("until", sa.Date),
    _filled("note"),
)

drill = sa.Table(
    "drill",
    metadata,
    _key("day", sa.Date),
    _key("metric"),
    _key("dimension"),
    _key("value"),
    _filled("statistic"),
    _filled("unit", _SHORT),
    _filled("n", sa.BigInteger),
    _filled("baseline_days", sa.Integer),
    sa.Column("level", Number),
    sa.Column("one_night", Number),
    sa.Column("seven_nights", Number),
    sa.Column("matters", Number),
    _filled("direction", _SHORT),
    _filled("blind_reason"),
)

verdicts = sa.Table(
    "verdicts",
    metadata,
    _key("incident_id", _SHORT),
    _filled("verdict", _SHORT),
    _filled("day", sa.Date),
    _filled("note"),
)

heartbeats = sa.Table(
    "heartbeats",
    metadata,
    _key("day", sa.Date),
    _filled("finished_at", sa.DateTime(timezone=True)),
    _filled("version", _SHORT),
)

audit = sa.Table(
    "audit",
    metadata,
    _key("number", sa.Integer),
    _filled("at", sa.DateTime(timezone=True)),
    _filled("who", sa.String(200)),
    _filled("action", _SHORT),
    _filled("subject", sa.String(200)),
    _filled("note"),
    sa.Index("ix_audit_subject", "subject", "at"),
)

judgements = sa.Table(
    "judgements",
    metadata,
    _key("day", sa.Date),
    _key("evaluator"),
    _key("item"),
    sa.Column("score", Number),
)

spending = sa.Table(
    "spending",
    metadata,
    _key("day", sa.Date),
    _key("purpose"),
    _filled("calls", sa.Integer),
    _filled("usd", Number),
)

labels = sa.Table(
    "labels",
    metadata,
    _key("day", sa.Date),
    _key("rubric"),
    _key("trace_id"),
    sa.Column("fails", Number),
    sa.Column("judged", Number),
    _filled("weight", Number),
    _filled("reason"),
)

events = sa.Table(
    "events",
    metadata,
    _key("id", _SHORT),
    _filled("at", sa.DateTime(timezone=True)),
    _filled("day", sa.Date),
    _filled("kind", _SHORT),
    _filled("what"),
    _filled("dimension"),
    _filled("value"),
    _filled("source"),
    sa.Index("ix_events_day", "day"),
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    _key("id", _SHORT),
    _filled("day", sa.Date),
    _filled("incident_id", _SHORT),
    _filled("kind", _SHORT),
    _filled("channel", _SHORT),
    _filled("status", _SHORT),
    _filled("attempts", sa.Integer),
    sa.Column("changed_at", sa.DateTime(timezone=True)),
    _filled("claim", _SHORT),
    _filled("message", _SHORT),
    _filled("receipt"),
    _filled("error"),
    _filled("note"),
    sa.Index("ix_deliveries_status", "status", "day"),
)
