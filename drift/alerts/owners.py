"""Whose an incident is: the first owner of drift.toml that its metric, endpoint or team belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from drift.config.sections import OwnerSection
from drift.results.account import IncidentAccount

# a segment with so much of the change is where it is
_ITS_PLACE = 0.8
_TEAM = "metadata.team"


def owner_of(one: IncidentAccount, owners: Sequence[OwnerSection]) -> OwnerSection | None:
    """The owner who is told; None where it is nobody's in particular."""
    places = {(one.dimension, one.value)}
    places |= {
        (str(part.get("dimension")), str(part.get("value")))
        for part in one.note.get("where", [])
        if isinstance(part.get("share"), float) and part["share"] >= _ITS_PLACE
    }
    for owner in owners:
        theirs = [("name", pattern) for pattern in owner.endpoints] + [(_TEAM, pattern) for pattern in owner.teams]
        if any(fnmatchcase(one.metric, pattern) for pattern in owner.metrics):
            return owner
        if any(dimension == of and fnmatchcase(value, pattern) for dimension, value in places for of, pattern in theirs):
            return owner
    return None
