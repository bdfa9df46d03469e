"""A day in fixed size: how many, how much and how spread, for every metric in every segment.

Counts, not rows: profiles add (shards to a day, days to a window), and no comparison reads rows again. What is done with
a profile is the business of `drift.detect`.
"""

from drift.profiles.add import add
from drift.profiles.build import CELL, CELL_SEPARATOR, OTHER, OVERALL, SCHEMA, UNKNOWN, build
from drift.profiles.encoders import comparable, encoders, remeasured

__all__ = [
    "CELL",
    "CELL_SEPARATOR",
    "OTHER",
    "OVERALL",
    "SCHEMA",
    "UNKNOWN",
    "add",
    "build",
    "comparable",
    "encoders",
    "remeasured",
]
