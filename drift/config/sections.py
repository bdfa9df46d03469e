"""The tables of drift.toml, a model each: keys, defaults, what is allowed, and what each key means."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

# the two encoders that come with drift: a table of tokens, and the transformer that it was distilled from
STATIC_MODEL, FULL_MODEL = "static-MiniLM-L6-v2", "all-MiniLM-L6-v2"
# traces that a night on two cores embeds in less than a minute, with the table and with a transformer
_SAMPLE, _SAMPLE_OF_A_TRANSFORMER = 20_000, 1_500


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid")


class StoreSection(BaseModel):
    """`type` names the store; the other keys are that store's own and are checked by it."""

    model_config = ConfigDict(extra="allow")
    type: str = Field(
        "demo", description="where traces come from: demo, files, langfuse, langfuse_export, mlflow, otlp, phoenix, sql, …"
    )


class PullSection(_Section):
    settle_minutes: int = Field(60, ge=0, description="wait this long after a day's end before it is pulled")
    lookback_days: int = Field(1, ge=0, le=14, description="earlier days pulled again, for rows that came late")
    shards: int = Field(1, ge=1, le=96, description="parts of a day that are pulled side by side, by tasks or by processes")
    sampling_rate: float = Field(
        1.0,
        gt=0,
        le=1,
        description="share of the requests that are traced, for traces that do not say it; volume and totals count so many more",
    )


class LakeSection(_Section):
    url: str = Field("drift-data/lake", description="a folder, or an object store such as s3://bucket/drift")
    retention_days: int = Field(30, ge=1, description="feature rows and vectors are kept this long; day profiles for ever")


class ResultsSection(_Section):
    url: str = Field("sqlite:///drift-data/drift.db", description="the database of the tables, as SQLAlchemy writes it")


class SegmentsSection(_Section):
    dimensions: list[str] = Field(
        ["name", "model", "prompt"], description="by what traffic is sliced: `metadata.<key>`, or a text column of the trace"
    )
    top: int = Field(20, ge=1, le=200, description="values of a dimension followed by themselves; the rest is `other`")
    min_traces: int = Field(50, ge=1, description="a segment with fewer traces in a day is not tested")


class EmbeddingsSection(_Section):
    enabled: bool = Field(True, description="false: nothing is embedded; topics and meaning are not followed")
    model: str = Field(
        STATIC_MODEL,
        description=f"the encoder; or {FULL_MODEL}, or a sentence-transformers model: a local path or a name on the hub",
    )
    endpoint: str = Field("", description="URL of an OpenAI-compatible /embeddings service that is asked for `model` instead")
    precision: Literal["float32", "bfloat16"] = Field(
        "float32", description="of a transformer; bfloat16 is faster where the CPU has it; all machines must then agree"
    )
    sample: int = Field(
        _SAMPLE,
        ge=0,
        description=f"traces embedded a day, chosen by a hash of trace_id; {_SAMPLE_OF_A_TRANSFORMER} where `model` is another",
    )

    @model_validator(mode="before")
    @classmethod
    def _what_suits_the_encoder(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        # no service has the table
        model = given.get("model") or (FULL_MODEL if given.get("endpoint") else STATIC_MODEL)
        return {"model": model, "sample": _SAMPLE if model == STATIC_MODEL else _SAMPLE_OF_A_TRANSFORMER} | given


class BaselineSection(_Section):
    days: int = Field(28, ge=2, le=365, description="a day is compared with so many days before it")
    min_days: int = Field(7, ge=2, description="with fewer ordinary days findings are provisional")
    exclude: list[date] = Field([], description="days that are never compared with, such as holidays")
    settle_nights: int = Field(
        14, ge=3, le=90, description="nights at a level after which it is the new level, and its incident ends"
    )


class AnnouncedSection(_Section):
    name: str = Field(min_length=1, description="what it is; days of one name are alike, be they a year apart")
    first: date = Field(description="its first day")
    last: date | None = Field(None, description="its last day; by default the first")

    @model_validator(mode="after")
    def _in_order(self) -> AnnouncedSection:
        if self.last is not None and self.last < self.first:
            raise ValueError("the last day is before the first")
        return self


class CalendarSection(_Section):
    country: str = Field("", description="whose public holidays are no ordinary days, such as DE; needs `nightdrift[calendar]`")
    subdivision: str = Field("", description="with a state's own holidays, such as BY")
    month_end_days: int = Field(0, ge=0, le=7, description="so many last days of a month are compared with other months' ends")
    events: list[AnnouncedSection] = Field(
        [],
        description="what is known to move the traffic, such as a launch or a sale: `[[calendar.events]]` with `name`, `first` day and, "
        "if it is another, `last`; days of one name are alike",
    )


class DetectSection(_Section):
    budget: float = Field(0.015, gt=0, lt=1, description="share of ordinary nights that may open an incident, of whatever kind")


class MetricSection(_Section):
    enabled: bool = Field(True, description="false: it is not measured")
    matters: float | None = Field(None, gt=0, description="smallest change that matters, in the metric's own terms")
    weight: float | None = Field(None, gt=0, le=100, description="its part of the budget, beside the others' 1")


class FormatSection(_Section):
    json_endpoints: list[str] = Field([], description="endpoints (trace names) that must answer in JSON, beside those learnt")


class QualitySection(_Section):
    completion_scores: list[str] = Field(
        ["task_completed", "task_success", "task_completion", "goal_completed", "resolution", "resolved"],
        description="scores that say whether a task was completed; of several the first counts",
    )


class FreshnessSection(_Section):
    limit_days: float = Field(30, gt=0, description="a document older than this counts as stale")
    metadata_key: str = Field("", description="trace metadata that holds the date of the knowledge, for documents without one")
    sources: list[str] = Field(
        [],
        description="where documents come from, each followed by itself: hosts of their addresses, or what their ids begin with",
    )
    index: str = Field("", description="file, folder or URL whose last change is the index's age, for traces that do not say")


class SafetySection(_Section):
    pii_types: list[str] = Field([], description="further types of Presidio, such as CRYPTO or UK_NHS, measured on the sample")
    names: str = Field(
        "", description="a spaCy pipeline that finds persons' names (en_core_web_sm, …), followed as `pii.person`; empty: none"
    )
    own: list[str] = Field(
        [], description="the company's own addresses, @domains, telephone numbers and IBANs: no personal data"
    )
    patterns: dict[str, str] = Field(
        {},
        description="personal data of your own: a name, and the pattern (RE2) that it has in an answer; followed as `pii.<name>`",
    )
    harmful_patterns: list[str] = Field([], description="known harmful texts; how similar answers are to them is then followed")


class ServiceSection(_Section):
    """A chat model that is paid for, and what may be spent on it."""

    provider: Literal["openai", "anthropic"] = Field(
        "openai", description="whose client asks: openai for whatever speaks that chat API, at `endpoint`"
    )
    model: str = Field("", description="the model, as its service names it; of the judge empty: people's labels stand alone")
    endpoint: str = Field("", description="the base URL of the service; empty: the provider's own")
    calls: int = Field(1000, ge=0, description="calls a day at the most, retries among them")
    usd: float = Field(5.0, ge=0, description="dollars a day at the most")
    input_usd: float | None = Field(None, ge=0, description="price of a million input tokens, where the price list has none")
    output_usd: float | None = Field(None, ge=0, description="the same of output tokens")
    parallel: int = Field(8, ge=1, le=64, description="calls at once")
    timeout_s: float = Field(60, gt=0, description="seconds after which a call is given up")


class JudgeSection(ServiceSection):
    rubrics: list[str] = Field(
        [],
        description="what a model is asked about a share of the answers: helpful, accurate, grounded, concise, coherent, tone, completed, right_tool, refused, or names of `own`; none: no judge",
    )
    sessions: list[str] = Field(
        [],
        description="what a model is asked about a share of the sessions once they are over: completed, helpful, coherent, tone, or names of `own`",
    )
    own: dict[str, str] = Field({}, description="rubrics of your own: a name, and a sentence that is true of a good answer")
    scale: list[str] = Field([], description="rubrics that are answered from 1 to 5 instead of yes or no; 1 and 2 fail")
    share: float = Field(0.05, gt=0, le=1, description="share of the requests that are judged, chosen by a hash of trace_id")
    least: int = Field(20, ge=0, description="requests judged a day of each endpoint at the least, where it has them")
    names: list[str] = Field([], description="endpoints (trace names) that are judged; none: all")
    exclude_names: list[str] = Field([], description="endpoints that are not judged")
    anchors: str = Field("", description="a file of inputs, answers and known labels that is judged again each night")
    labels: str = Field("", description="a file of people's labels (CSV: trace_id, rubric, label), beside the store's scores")
    label_score: str = Field(
        "label-{rubric}", description="the score in the store that holds people's labels; `{rubric}` is the rubric's name"
    )
    offered: int = Field(20, ge=0, le=500, description="traces offered for a human label a night and rubric")

    @model_validator(mode="after")
    def _scales_are_rubrics(self) -> JudgeSection:
        if missing := [name for name in self.scale if name not in (*self.rubrics, *self.sessions)]:
            raise ValueError(f"judge.scale: {missing[0]!r} is none of judge.rubrics or judge.sessions")
        return self


# golden sets that come with drift, by what `file` calls them
SHIPPED_SETS = ("attacks",)


class GoldenSection(ServiceSection):
    file: str = Field(
        description="the set: JSON lines or CSV with `input`, and what is expected; attacks: the forty that come with drift; langfuse://NAME: a dataset"
    )
    target: str = Field(
        "endpoint", description="who is asked: endpoint (the model), `command PROGRAM …`, a URL, or module:function"
    )
    system: str = Field("", description="the system prompt of an endpoint")
    parameters: dict[str, Any] = Field({}, description="further parameters of an endpoint, such as temperature")
    max_tokens: int = Field(1000, ge=1, description="the longest answer of an endpoint")
    times: int = Field(3, ge=1, le=20, description="how often each question is asked")
    every: Literal["night", "week"] = Field(
        "night", description="how often the DAG `golden_set` asks it: each night, or once a week"
    )
    budget: float = Field(0.01, gt=0, lt=1, description="share of unchanged runs of this set that may be called changed")


class ExperimentSection(ServiceSection):
    model: str = Field("", description="the model that is asked; empty: the one that was asked at the time")
    calls: int = Field(4000, ge=0, description="calls of one experiment a day at the most, retries among them")
    usd: float = Field(20.0, ge=0, description="dollars of one experiment a day at the most")
    calls_an_arm: int = Field(400, ge=50, le=400, description="calls of one arm: as it was, or with one thing exchanged")
    parameters: dict[str, Any] = Field(
        {}, description="what calls are asked with where the store does not say it: temperature, …"
    )
    max_tokens: int = Field(1000, ge=1, description="the longest answer, where the call does not say")
    each_night: int = Field(
        0,
        ge=0,
        le=100,
        description="calls of an endpoint (of five at the most) that are asked again after each quiet night, so that a change of the provider is known early; 0: none",
    )

    @field_validator("each_night")
    @classmethod
    def _tells_something(cls, value: int) -> int:
        if 0 < value < 10:
            raise ValueError("ten at least, or 0 for none: fewer tell nothing")
        return value


class EventsSection(_Section):
    """What happened outside the traces, read before each night; `drift event --gather` reads it now."""

    files: list[str] = Field(
        [], description="JSON lines of events, or GitHub's deployments or releases as exported (.json); files or folders"
    )
    url: str = Field("", description="a database of events, as an SQLAlchemy URL; with a password as DRIFT_EVENTS__URL")
    query: str = Field("", description="SQL whose rows are events: columns what, at and, where there are, kind, where, source")
    langfuse_label: str = Field(
        "", description="the label of Langfuse's prompts, such as production, whose move to another version is an event"
    )

    @model_validator(mode="after")
    def _query_has_a_database(self) -> EventsSection:
        if bool(self.query) != bool(self.url):
            raise ValueError("events.query and events.url belong together")
        return self


class WriteBackSection(_Section):
    """What `drift write-back` leaves of an incident in the trace store: Langfuse, Phoenix (dataset, score, comment) or MLflow (score). Each is
    switched on by itself."""

    dataset: bool = Field(False, description="a dataset `drift-incident-ID` of its traces and their ordinary neighbours")
    score: bool = Field(
        False,
        description="a score `drift.incident` (Phoenix: an annotation, MLflow: an assessment) on every affected trace; drift does not read it back",
    )
    comment: bool = Field(False, description="a comment (Phoenix: a note) with the report's link on the exemplars")
    queue: str = Field("", description="Langfuse's annotation queue that the exemplars are put into; empty: none")


class SpendLimit(_Section):
    """What one part of the traffic may cost, or each of its parts."""

    of: str = Field(
        pattern=r"^(endpoint|model|prompt|user|[a-z_]+|metadata\..+)(=.*)?$",
        description="whose: `endpoint=billing-chat`, or of each `endpoint`, `user` (its hash) or `metadata.team`; a dimension of `segments`, or user",
    )
    day: float | None = Field(None, gt=0, description="dollars a day")
    month: float | None = Field(None, gt=0, description="dollars a calendar month")

    @property
    def dimension(self) -> str:
        """As segments call it."""
        named = self.of.partition("=")[0]
        return "name" if named == "endpoint" else named

    @property
    def value(self) -> str:
        """Empty where each value of the dimension has the limit."""
        return self.of.partition("=")[2]


class SpendSection(_Section):
    """What may be spent: beyond a day's limit, or where a month's forecast is beyond its own, an incident says so once."""

    day: float | None = Field(None, gt=0, description="dollars a day, of all traffic")
    month: float | None = Field(None, gt=0, description="dollars a calendar month, of all traffic")
    request: float | None = Field(
        None, gt=0, description="dollars that a request may cost: those beyond it are followed as `over_ceiling`"
    )
    limits: list[SpendLimit] = Field([], description="`[[spend.limits]]`: of an endpoint, a user or a `metadata.<key>`")

    @property
    def every(self) -> list[SpendLimit]:
        """All limits, that of all traffic among them."""
        whole = [SpendLimit(of="all", day=self.day, month=self.month)] if self.day or self.month else []
        return [*whole, *self.limits]


class PrivacySection(_Section):
    texts_leave: bool = Field(
        True,
        description="false: nothing that would send texts elsewhere runs: no judge, golden set, experiment, hosted encoder, label queue or writing back",
    )
    redact: str = Field(
        "", description="`module:function` of your own that takes a text of a trace and returns what may be read of it"
    )

    @field_validator("redact")
    @classmethod
    def _names_a_function(cls, value: str) -> str:
        module, colon, name = value.partition(":")
        if value and not (colon and name.isidentifier() and all(part.isidentifier() for part in module.split("."))):
            raise ValueError("write it as module:function")
        return value


class AlertsSection(_Section):
    slack: bool = Field(True, description="post to Slack when DRIFT_SLACK_WEBHOOK or DRIFT_SLACK_TOKEN is set")
    slack_channel: str = Field("", description="with DRIFT_SLACK_TOKEN: the channel's id, such as C012AB3CD")
    slack_api: str = Field("https://slack.com/api", description="another address for GovSlack or a proxy")
    all_clear: bool = Field(False, description="also say when a night was ordinary")
    otel: bool = Field(False, description="export each night as OpenTelemetry gauges to OTEL_EXPORTER_OTLP_ENDPOINT")
    mention: str = Field("", description="a Slack user or group id to mention, such as U012AB3CD")
    digest: bool = Field(True, description="once a week, after Sunday's night: what is worth knowing and was no message")


class OwnerSection(_Section):
    """Who is told of a part of the application instead of everybody: what is theirs by endpoint, metric or team."""

    name: str = Field(pattern=r"^[A-Za-z0-9_]+$", description="names them; their webhook is `DRIFT_SLACK_WEBHOOK__NAME`")
    endpoints: list[str] = Field([], description="endpoints (trace names) that are theirs; * stands for anything")
    metrics: list[str] = Field([], description="metrics that are theirs, such as cost_usd or score.*")
    teams: list[str] = Field([], description="values of `metadata.team` that are theirs, where traffic is sliced by it")
    slack_channel: str = Field("", description="with DRIFT_SLACK_TOKEN: their channel's id")


class TicketSection(_Section):
    """Where an incident is a ticket or a page, opened under its key, added to, and closed when it ends."""

    kind: Literal["github", "jira", "pagerduty", "opsgenie"] = Field(
        description="its secret: DRIFT_GITHUB_TOKEN, DRIFT_JIRA_TOKEN (mail:token), DRIFT_PAGERDUTY_KEY, DRIFT_OPSGENIE_KEY, with __OWNER an owner's own"
    )
    repository: str = Field("", pattern=r"^([\w.-]+/[\w.-]+)?$", description="of GitHub: owner/name")
    project: str = Field("", pattern=r"^[A-Za-z0-9_]*$", description="of Jira: the project's key")
    issue_type: str = Field("Bug", description="of Jira")
    url: str = Field(
        "",
        description="the API's address; of Jira your site, such as https://acme.atlassian.net; else where it is another than the usual",
    )
    labels: list[str] = Field([], description="further labels or tags")
    owner: str = Field("", description="an [[owners]] name: only what is theirs; empty: everything")

    @model_validator(mode="after")
    def _says_where(self) -> TicketSection:
        if self.kind == "github" and not self.repository:
            raise ValueError("a ticket of github needs `repository`")
        if self.kind == "jira" and not (self.project and self.url):
            raise ValueError("a ticket of jira needs `project` and `url`")
        return self


class ReportSection(_Section):
    enabled: bool = Field(True, description="false: no pages are written")
    url: str = Field("", description="where the report's folder is served; links in alerts start with it")


class CustomSection(_Section):
    modules: list[str] = Field([], description="Python modules that define metrics of your own")
