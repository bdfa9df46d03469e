"""Scores that drift itself leaves in a store, and that are therefore none of the application's."""

from __future__ import annotations

# which incident a trace shows
INCIDENT = "drift.incident"


def is_own(name: str) -> bool:
    """Whether drift wrote a score of that name."""
    return name == INCIDENT
