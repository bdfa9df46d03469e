"""What came of the checks: outcomes in plain words, and the page that shows them.

The page is ours and not Great Expectations' Data Docs, which load scripts from other hosts when they are opened.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import jinja2


class Severity(StrEnum):
    """What a failed expectation means: the day is not compared, nothing but its size is, or its metrics are doubtful."""

    CRITICAL = "critical"
    SIZE = "size"
    WARNING = "warning"


@dataclass(frozen=True)
class Outcome:
    """One expectation after it was tried.

    says: what is expected, in plain words. found: what was seen, with numbers; of a metric's extremes and shares, never a
    trace's text. metrics: which metrics a failure makes doubtful.
    """

    expectation: str
    about: str
    severity: Severity
    passed: bool
    says: str
    found: str
    metrics: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        return f"{self.found} ({self.expectation} on {self.about}: {self.says})"


@dataclass(frozen=True)
class CheckReport:
    """The outcomes of one subject: a day or the tables of a night."""

    subject: str
    outcomes: tuple[Outcome, ...]

    @property
    def passed(self) -> bool:
        """No critical expectation failed."""
        return not self.failures

    @property
    def failures(self) -> list[str]:
        """One line a failed critical expectation: what was seen, and the expectation's name."""
        return [outcome.line for outcome in self.outcomes if outcome.severity == Severity.CRITICAL and not outcome.passed]

    @property
    def too_few(self) -> str:
        """How far the day's size is below what such days had, where it was not pulled whole or the traffic is another one."""
        return "; ".join(outcome.found for outcome in self.outcomes if outcome.severity == Severity.SIZE and not outcome.passed)

    @property
    def warned(self) -> list[Outcome]:
        """The failed expectations that are not critical."""
        return [outcome for outcome in self.outcomes if outcome.severity == Severity.WARNING and not outcome.passed]

    @property
    def warnings(self) -> dict[str, str]:
        """Metric to the reason why its numbers of this day are doubtful."""
        return {metric: outcome.found for outcome in self.warned for metric in outcome.metrics}

    @cached_property
    def page(self) -> bytes:
        """The report as one HTML page that asks no other host for anything."""
        return _PAGE.render(report=self).encode()


_PAGE = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(
    """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Checks of {{ report.subject }}</title>
<style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; padding: .5rem 0; }
th, td { text-align: left; vertical-align: top; padding: .4rem .8rem .4rem 0; border-bottom: 1px solid #8885; }
.bad { font-weight: 600; }
code { font-size: .85em; overflow-wrap: anywhere; }
</style>
</head>
<body>
<main>
<h1>Checks of {{ report.subject }}</h1>
<p>{% if report.passed %}Fit to use{% else %}Not fit to use: {{ report.failures | length }} critical
expectation{{ "s" if report.failures | length != 1 }} failed{% endif %}, {{ report.warned | length }}
warning{{ "s" if report.warned | length != 1 }}, {{ report.outcomes | length }} expectations tried.</p>
<table>
<caption>Every expectation, the failed ones first</caption>
<thead><tr>
<th scope="col">Outcome</th><th scope="col">About</th><th scope="col">Expected</th><th scope="col">Seen</th>
</tr></thead>
<tbody>
{% for outcome in report.outcomes | sort(attribute="passed") %}
<tr>
<td{% if not outcome.passed %} class="bad"{% endif %}>{{ "passed" if outcome.passed else "failed, " ~ outcome.severity }}</td>
<td>{{ outcome.about }}</td>
<td>{{ outcome.says }}<br><code>{{ outcome.expectation }}</code></td>
<td>{{ outcome.found }}</td>
</tr>
{% endfor %}
</tbody>
</table>
</main>
</body>
</html>
"""
)
