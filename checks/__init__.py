"""What drift expects of a day's features and of the tables it publishes.

The expectations live once, in `drift.checks`: those of a day in `drift/checks/day.py`, those of a table in
`drift/checks/tables.py`. One more is one more line there.
"""

from drift.checks import check_day, check_tables

__all__ = ["check_day", "check_tables"]
