"""Is today ordinary? Every metric of every segment against its own past, from profiles only.

No rows are read here, nothing is stored or sent: profiles in, findings out.
"""

from drift.detect.night import night
from drift.findings import SCHEMA, Finding, from_table, to_table
from drift.profiles.day import DayProfile

__all__ = ["SCHEMA", "DayProfile", "Finding", "from_table", "night", "to_table"]
