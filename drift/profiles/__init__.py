"""A day in fixed size: how many, how much and how spread, for every metric in every segment.

Counts, not rows: profiles add (shards to a day, days to a window), and no comparison reads rows again. What is done with
a profile is the business of `drift.detect`.
"""

from drift.profiles.add import add, add_parts, close, in_order, of_a_few
from drift.profiles.bridge import compared_with
from drift.profiles.build import ENCODER, MeasuredBy, build, by_minute, part, users_of
from drift.profiles.encoders import comparable, encoders, of_this_version, remeasured, versions
from drift.profiles.minutes import Minutes
from drift.profiles.rows import SCHEMA
from drift.profiles.split import CELL, CELL_SEPARATOR, OTHER, OVERALL, UNKNOWN, Counted, Layout

__all__ = [
    "CELL",
    "CELL_SEPARATOR",
    "ENCODER",
    "OTHER",
    "OVERALL",
    "SCHEMA",
    "UNKNOWN",
    "Counted",
    "Layout",
    "MeasuredBy",
    "Minutes",
    "add",
    "add_parts",
    "build",
    "by_minute",
    "close",
    "comparable",
    "compared_with",
    "encoders",
    "in_order",
    "of_a_few",
    "of_this_version",
    "part",
    "remeasured",
    "users_of",
    "versions",
]
