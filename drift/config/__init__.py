"""drift.toml as one model: defaults, then the file, then DRIFT_… variables. Secrets are read from the environment only.

A nested key is a variable with two underscores: `store.type` is `DRIFT_STORE__TYPE`.
"""

from __future__ import annotations

import os
import tomllib
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from drift.config.secrets import SECRETS, is_secret_file, secrets_of_files
from drift.config.sections import (
    SHIPPED_SETS,
    AlertsSection,
    BaselineSection,
    CalendarSection,
    CustomSection,
    DetectSection,
    EmbeddingsSection,
    EventsSection,
    ExperimentSection,
    FormatSection,
    FreshnessSection,
    GoldenSection,
    JudgeSection,
    LakeSection,
    MetricSection,
    OwnerSection,
    PrivacySection,
    PullSection,
    QualitySection,
    ReportSection,
    ResultsSection,
    SafetySection,
    SegmentsSection,
    SpendSection,
    StoreSection,
    TicketSection,
    WriteBackSection,
)
from drift.errors import ConfigError

CONFIG_PATH = "DRIFT_CONFIG"
# who acts, in the audit table, where that is not the account on this machine
ACTOR = "DRIFT_ACTOR"


class Config(BaseSettings):
    """The whole configuration; `Config.load` is the way to get one."""

    model_config = SettingsConfigDict(
        env_prefix="DRIFT_", env_nested_delimiter="__", extra="forbid", nested_model_default_partial_update=True
    )

    timezone: str = Field("UTC", description="where a day begins and ends, such as Europe/Berlin")
    store: StoreSection = StoreSection()
    pull: PullSection = PullSection()
    lake: LakeSection = LakeSection()
    results: ResultsSection = ResultsSection()
    segments: SegmentsSection = SegmentsSection()
    # made anew: a default that is an instance would give its sample to a section that names another model
    embeddings: EmbeddingsSection = Field(default_factory=EmbeddingsSection)
    baseline: BaselineSection = BaselineSection()
    calendar: CalendarSection = CalendarSection()
    detect: DetectSection = DetectSection()
    metrics: dict[str, MetricSection] = {}
    rules: dict[str, str] = {}
    format: FormatSection = FormatSection()
    quality: QualitySection = QualitySection()
    freshness: FreshnessSection = FreshnessSection()
    safety: SafetySection = SafetySection()
    judge: JudgeSection = JudgeSection()
    golden: dict[str, GoldenSection] = {}
    events: EventsSection = EventsSection()
    experiment: ExperimentSection = ExperimentSection()
    write_back: WriteBackSection = WriteBackSection()
    spend: SpendSection = SpendSection()
    privacy: PrivacySection = PrivacySection()
    alerts: AlertsSection = AlertsSection()
    owners: list[OwnerSection] = []
    tickets: list[TicketSection] = []
    report: ReportSection = ReportSection()
    custom: CustomSection = CustomSection()

    @model_validator(mode="after")
    def _limits_what_is_followed(self) -> Config:
        known = {*self.segments.dimensions, "user", "all"}
        if missing := [each.of for each in self.spend.limits if each.dimension not in known]:
            raise ValueError(
                f"spend.limits: {missing[0]!r} is no dimension of the traffic; add it to segments.dimensions, or use one of "
                f"{', '.join(sorted(known - {'all'}))}"
            )
        return self

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except Exception:
            raise ValueError("not a time zone; use a name such as UTC or Europe/Berlin") from None
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        # what the file says arrives as init arguments, so the environment must come first
        return env_settings, init_settings

    @classmethod
    def load(cls, path: str | os.PathLike[str] | None = None) -> Config:
        """The configuration of `path` (default: $DRIFT_CONFIG, else drift.toml here) under the environment.

        Relative folders and SQLite files are taken from the file's own folder, so a night is the same from any working
        directory. Raises ConfigError with one line that names the key, the value and what is allowed.
        """
        file = Path(path or os.environ.get(CONFIG_PATH) or "drift.toml")
        if file.is_dir():
            raise ConfigError(f"{file}: a folder; name one of the applications in it, such as --config {file}/NAME.toml")
        if not file.is_file():
            raise ConfigError(f"{file}: no such file; write one with `drift init`")
        try:
            given = tomllib.loads(file.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigError(f"{file}: not valid TOML: {error}") from None
        except RecursionError:
            raise ConfigError(f"{file}: not valid TOML: nested too deep") from None
        return cls.of(given, root=file.resolve().parent)

    @classmethod
    def find(cls, path: str | os.PathLike[str] | None = None) -> Config:
        """As `load`; where there is no file, the defaults: for what can be asked before anything is set up."""
        named = path or os.environ.get(CONFIG_PATH)
        return cls.load(named) if named or Path("drift.toml").exists() else cls.of({})

    @classmethod
    def of(cls, given: dict[str, Any], root: Path | None = None) -> Config:
        """A configuration from plain values, as `load` reads them. Raises ConfigError."""
        secrets_of_files()
        _reject_unknown_variables(cls)
        try:
            config = cls(**given)
        except ValidationError as error:
            raise ConfigError(problem_line(error, cls)) from None
        root = root or Path.cwd()
        config.lake.url = _from_root(config.lake.url, root)
        if config.results.url.startswith("sqlite:///"):
            config.results.url = "sqlite:///" + _from_root(config.results.url.removeprefix("sqlite:///"), root)
        for golden in config.golden.values():
            if golden.file not in SHIPPED_SETS:
                golden.file = _from_root(golden.file, root)
        config.events.files = [_from_root(path, root) for path in config.events.files]
        for name in ("anchors", "labels"):
            setattr(config.judge, name, _from_root(getattr(config.judge, name), root))
        # a store of files has a path; what the other keys mean is the store's business
        options = config.store.model_extra or {}
        if isinstance(path := options.get("path"), str):
            options["path"] = _from_root(path, root)
        return config

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def window(self, day: date) -> tuple[datetime, datetime]:
        """The day in the configured zone as [start, end) in UTC; 23 to 25 hours long where clocks change."""
        utc = ZoneInfo("UTC")
        start = datetime.combine(day, time(), self.zone)
        end = datetime.combine(day + timedelta(days=1), time(), self.zone)
        return start.astimezone(utc), end.astimezone(utc)

    def utc(self, moment: datetime) -> datetime:
        """A moment that a person named, in UTC: without a zone it is one of the configured zone."""
        return (moment if moment.tzinfo else moment.replace(tzinfo=self.zone)).astimezone(UTC)

    def is_over(self, day: date, now: datetime | None = None) -> bool:
        """Whether the day has ended in the configured zone; of the demo each has, for its days are made up whole."""
        return self.store.type == "demo" or self.window(day)[1] <= (now or datetime.now(UTC))


def applications(path: str | os.PathLike[str] | None = None) -> dict[str, Path]:
    """The files of a folder of applications by name, in order, where `path`, or $DRIFT_CONFIG, names a folder; else none. Reads no file."""
    named = path or os.environ.get(CONFIG_PATH)
    if not named or not Path(named).is_dir():
        return {}
    return {file.stem: file for file in sorted(Path(named).glob("*.toml"))}


def problem_line(error: ValidationError, model: type[BaseModel], section: str = "") -> str:
    """The first problem of a validation as one line: the key, what was given, what is allowed."""
    problem = error.errors(include_url=False)[0]
    key = ".".join([section, *map(str, problem["loc"])]).strip(".")
    if problem["type"] == "extra_forbidden":
        return f"{key}: unknown key; allowed here: {', '.join(_keys_at(model, problem['loc'][:-1]))}"
    if problem["type"] == "missing":
        return f"{key}: missing; set it in drift.toml or as DRIFT_{key.upper().replace('.', '__')}"
    message = problem["msg"].removeprefix("Value error, ")
    return f"{key}: {message[:1].lower()}{message[1:]} (got {problem['input']!r:.80})"


def _keys_at(model: type[BaseModel], path: tuple[int | str, ...]) -> list[str]:
    for step in path:
        field = model.model_fields.get(str(step))
        if field is None or not isinstance(field.annotation, type) or not issubclass(field.annotation, BaseModel):
            return sorted((GoldenSection if path[0] == "golden" else MetricSection).model_fields)
        model = field.annotation
    return sorted(model.model_fields)


def _reject_unknown_variables(model: type[BaseSettings]) -> None:
    known = {f"DRIFT_{name.upper()}" for name in model.model_fields} | {*SECRETS, CONFIG_PATH, ACTOR}
    for name in os.environ:
        if name.startswith("DRIFT_") and name.split("__")[0] not in known and not is_secret_file(name):
            allowed = ", ".join(sorted(known))
            raise ConfigError(f"{name}: unknown environment variable; it must begin with one of {allowed}")


def _from_root(path: str, root: Path) -> str:
    if "://" in path or path in ("", ":memory:"):
        return path
    return str((root / path).resolve())
