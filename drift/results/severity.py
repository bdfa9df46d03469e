"""Whether a change is worth a message: what is worse or unexplained is; the rest stands in the digest."""

from __future__ import annotations

from drift import metrics
from drift.features import certificates
from drift.findings import Direction
from drift.results.grouping import Group, StoredFinding
from drift.results.movement import SLOW_TESTS

# what users do and how many they are: that it moves slowly is how an application lives; so is what hardly tells good answers from bad ones
_GROWTH = frozenset({"traffic", "input", "cost"})


def worth_a_message(found: Group) -> bool:
    """Whether one of the alarms is for the worse, or is a change that nobody can call better or growth."""
    return any(_worth(alarm) for alarm in found.alarms)


def _worth(alarm: StoredFinding) -> bool:
    if alarm.direction == Direction.BETTER:
        return False
    return alarm.test not in SLOW_TESTS or _side(alarm.metric) not in _GROWTH and alarm.metric not in certificates.proxies()


def _side(name: str) -> str:
    try:
        return metrics.lookup(name).side
    except KeyError:
        return ""
