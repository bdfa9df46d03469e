"""Great Expectations: is the pulled day fit to compare, and are the tables fit to publish?

This room decides whether data can be trusted, never whether it is unusual. Great Expectations takes seconds to import, so it
is imported by the first check that runs. What is checked are counts and extremes: no value of a trace is kept in a result.
"""

from drift.checks.page import CheckReport, Outcome

__all__ = ["CheckReport", "Outcome", "check_day", "check_measured", "check_tables"]


def __getattr__(name: str):
    if name in ("check_day", "check_measured"):
        from drift.checks import day

        return getattr(day, name)
    if name == "check_tables":
        from drift.checks.tables import check_tables

        return check_tables
    raise AttributeError(name)
