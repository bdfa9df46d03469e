"""The summary tables in a SQL database, and incidents: what a night leaves behind for people, dashboards and notebooks.

Nothing is measured or compared here, and nothing is sent: `drift.alerts` reads what this room wrote.
"""

from drift.results.database import ResultsError
from drift.results.incident import Incident, IncidentDay
from drift.results.rows import DailyMetric, Run
from drift.results.write import Results

__all__ = ["DailyMetric", "Incident", "IncidentDay", "Results", "ResultsError", "Run"]
