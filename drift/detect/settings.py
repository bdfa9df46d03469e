"""What detecting needs to know of drift.toml, and no more of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from drift.config import Config
from drift.metrics import Metric


@dataclass(frozen=True)
class Settings:
    """The keys of drift.toml by which a night is judged.

    budget: share of ordinary nights that may open an incident. days, min_days, exclude: how many days a day is compared with, with how
    few of them findings are provisional, and which days never are. min_traces: of a segment, to be compared. dimensions: by which
    traffic is sliced. rules: by name. matters, weights, disabled: of the metrics that say so, by name.
    """

    budget: float
    days: int
    min_days: int
    exclude: frozenset[date]
    min_traces: int
    dimensions: tuple[str, ...]
    rules: Mapping[str, str] = field(default_factory=dict)
    matters: Mapping[str, float] = field(default_factory=dict)
    weights: Mapping[str, float] = field(default_factory=dict)
    disabled: frozenset[str] = frozenset()

    @classmethod
    def of(cls, config: Config) -> Settings:
        """Those of a configuration."""
        given = config.metrics
        return cls(
            budget=config.detect.budget,
            days=config.baseline.days,
            min_days=config.baseline.min_days,
            exclude=frozenset(config.baseline.exclude),
            min_traces=config.segments.min_traces,
            dimensions=tuple(config.segments.dimensions),
            rules=dict(config.rules),
            matters={name: section.matters for name, section in given.items() if section.matters is not None},
            weights={name: section.weight for name, section in given.items() if section.weight is not None},
            disabled=frozenset(name for name, section in given.items() if not section.enabled),
        )

    def smallest(self, metric: Metric) -> float:
        """The smallest change of the metric that matters, the catalogue's where nothing else is said."""
        return self.matters.get(metric.name, metric.matters)

    def weight(self, metric: Metric) -> float:
        """The metric's weight in the budget, the catalogue's where nothing else is said."""
        return self.weights.get(metric.name, metric.weight)
