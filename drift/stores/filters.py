"""Which traces of a store count: the options that every store of spans has."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from fnmatch import fnmatch
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class TraceFilters(BaseModel):
    model_config = ConfigDict(extra="forbid")

    environments: list[str] = Field([], description="only these environments, or patterns such as prod*")
    exclude_environments: list[str] = Field([], description="never these, unless environments names them")
    names: list[str] = Field([], description="only traces of these names or patterns")
    tags: list[str] = Field([], description="only traces with one of these tags or patterns")
    linger_minutes: float = Field(
        10, gt=0, le=600, description="a trace is over when nothing of it started for so long after its end"
    )

    @property
    def linger(self) -> timedelta:
        return timedelta(minutes=self.linger_minutes)

    def keeps_environment(self, environment: str | None) -> bool:
        """Whether traces of this environment count; one without a name is `default`."""
        name = environment or "default"
        return matches(name, self.environments) if self.environments else not matches(name, self.exclude_environments)

    def passes(self, row: Mapping[str, Any]) -> bool:
        """Whether a row of the trace table counts."""
        if not self.keeps_environment(row.get("environment")):
            return False
        if self.names and not matches(row.get("name") or "", self.names):
            return False
        return not self.tags or any(matches(tag, self.tags) for tag in row.get("tags") or [])


def matches(text: str, patterns: list[str] | tuple[str, ...]) -> bool:
    return any(fnmatch(text, pattern) for pattern in patterns)
