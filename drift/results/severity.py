"""Whether a change is worth a message: what is worse or unexplained is; the rest stands in the digest."""

from __future__ import annotations

from drift import metrics
from drift.features import certificates
from drift.findings import Direction
from drift.results.grouping import Group, StoredFinding
from drift.results.movement import SLOW_TESTS

# what users do and how many they are: that it moves slowly is how an application lives
_GROWTH = frozenset({"traffic", "input", "cost"})


def worth_a_message(found: Group) -> bool:
    """Whether one of the alarms is for the worse, or is a change that nobody can call better or growth."""
    return any(_worth(alarm) for alarm in found.alarms)


def _worth(alarm: StoredFinding) -> bool:
    if alarm.direction == Direction.BETTER:
        return False
    return alarm.test not in SLOW_TESTS or not _is_how_it_lives(alarm.metric)


def _is_how_it_lives(name: str) -> bool:
    """Whether that a metric moves slowly is no news: growth, and what only stands for something that people feel."""
    metric = metrics.find(name)
    return metric is not None and (metric.side in _GROWTH or metric.unit == "cosine" or name in certificates.proxies())
