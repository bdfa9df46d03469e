"""Is today ordinary? Every metric of every segment against its own past, from profiles only.

No rows are read here, nothing is stored or sent: profiles in, findings out.
"""

from drift.detect.night import Judged, judge, night
from drift.detect.settings import Settings
from drift.findings import SCHEMA, Finding, Visible, from_table, to_table, visible_from_table, visible_to_table
from drift.profiles.day import DayProfile

__all__ = [
    "SCHEMA",
    "DayProfile",
    "Finding",
    "Judged",
    "Settings",
    "Visible",
    "from_table",
    "judge",
    "night",
    "to_table",
    "visible_from_table",
    "visible_to_table",
]
