"""Plain rules beside the statistics: `slow = "ttft_p95 > 2 s"` in `[rules]` of drift.toml.

A rule says what its writer says, whatever the day's ordinary variation and however few the traces:

    rule       = metric comparison limit ["where" dimension "=" value {"and" dimension "=" value}]
    metric     = name ["_p1" … "_p99" | "_mean"] | name ":" label
    comparison = ">" | ">=" | "<" | "<="
    limit      = number [unit] | [number ("×" | "x" | "*")] "baseline" [("+" | "-") number [unit]]
    unit       = "%" | "ms" | "s" | "min" | "h" | "d" | "USD" | the metric's own

Read by a grammar, never evaluated as code. Metrics are those of the catalogue (with a few other names, `ALIASES`) and scores
by `score.NAME`. Without a suffix the mean is meant; of a count, the day's total. Quantiles come from the profile's bins, so
those of a positive number are right to 2 %. Values with blanks are put in quotes: `where prompt = "support agent@3"`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NoReturn

from drift import metrics
from drift.detect.settings import Settings
from drift.errors import ConfigError
from drift.findings import label_of, share_of
from drift.metrics import Metric
from drift.profiles import CELL, CELL_SEPARATOR, OVERALL

ALIASES = {
    "index_age": "index_age_hours",
    "document_age": "document_age_days",
    "cost": "cost_usd",
    "cost_per_request": "cost_usd",
    "cost_per_session": "session_cost_usd",
    "cost_per_user": "user_cost_usd",
    "total_cost": "total_cost_usd",
    "cost_per_day": "total_cost_usd",
    "ttft": "ttft_s",
    "latency": "latency_s",
    "error_rate": "error",
    "errors": "error",
    "refusals": "refusal",
    "refusal_rate": "refusal",
    "timeout": "error_type:timeout",
    "tool_failures": "tool_failure",
    "tool_failure_rate": "tool_failure",
    "fallbacks": "fallback",
    "retries": "retried",
    "requests": "volume",
    "traces": "volume",
}
_SECONDS = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0, "hours": 3600.0, "d": 86400.0, "days": 86400.0}
_TIME_UNITS = {"s": 1.0, "hours": 3600.0, "days": 86400.0}
_MONEY = ("USD", "usd", "$")
_TIMES = (("sign", "×"), ("sign", "*"), ("word", "x"))
_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+(?:_\d{3})*(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+)
    |(?P<text>"[^"]*"|'[^']*')
    |(?P<compare>>=|<=|≥|≤|>|<)
    |(?P<sign>[×*+\-=:%$])
    |(?P<word>baseline\b|[^\W\d][\w.]*(?:-[\w.]+)*(?:/[\w.-]+)*))""",
    re.VERBOSE,
)
_SUFFIX = re.compile(r"_(p[1-9]\d?|mean)$")


@dataclass(frozen=True)
class Rule:
    """A rule as read. `factor` times the baseline plus `offset`; without `factor`, `offset` alone. In the metric's unit."""

    name: str
    text: str
    metric: Metric
    statistic: str  # mean, total, share:<label> or p<n>
    comparison: str
    factor: float | None
    offset: float
    where: tuple[tuple[str, str], ...] = ()

    @property
    def segment(self) -> tuple[str, str]:
        """The (dimension, value) that the finding carries."""
        if not self.where:
            return OVERALL, ""
        return self.where[0] if len(self.where) == 1 else (CELL, CELL_SEPARATOR.join(value for _, value in self.where))


def parse_all(settings: Settings) -> list[Rule]:
    """The rules of a configuration. Raises ConfigError for the first that cannot be read."""
    return [parse(name, text, settings.dimensions) for name, text in settings.rules.items()]


def parse(name: str, text: str, dimensions: Sequence[str] = ()) -> Rule:
    """Read one rule; `dimensions` are those that `where` may name.

    Raises ConfigError that names the rule, the part that is wrong and what is allowed there.
    """
    return _Reader(name, text, dimensions).rule()


class _Reader:
    """Recursive descent over the tokens of one rule."""

    def __init__(self, name: str, text: str, dimensions: Sequence[str]):
        self.name, self.text, self.dimensions = name, text, dimensions
        self.tokens = list(self._split())
        self.at = 0

    def _split(self) -> Iterator[tuple[str, str]]:
        place = 0
        while self.text[place:].strip():
            match = _TOKEN.match(self.text, place)
            if match is None:
                example = "a rule looks like `ttft_p95 > 2 s` or `refusal > 1.5 × baseline`"
                self._wrong(f"{self.text[place:].split()[0]!r} cannot be read", example)
            kind = match.lastgroup or ""
            yield kind, match.group(kind)
            place = match.end()

    def _wrong(self, what: str, allowed: str) -> NoReturn:
        raise ConfigError(f"rules.{self.name}: {self.text!r}: {what}; {allowed}")

    def _peek(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")

    def _next(self) -> tuple[str, str]:
        token = self._peek()
        self.at += 1
        return token

    def _shown(self) -> str:
        kind, value = self._peek()
        return "the end" if kind == "end" else repr(value)

    def rule(self) -> Rule:
        metric, statistic = self._metric()
        kind, comparison = self._next()
        if kind != "compare":
            self.at -= 1
            self._wrong(f"a comparison is expected in place of {self._shown()}", "one of > >= < <=")
        factor, offset = self._limit(metric, statistic)
        where = self._where()
        if self._peek()[0] != "end":
            self._wrong(f"{self._shown()} is not expected here", "after the limit a rule ends or goes on with `where`")
        comparison = {"≥": ">=", "≤": "<="}.get(comparison, comparison)
        return Rule(self.name, self.text, metric, statistic, comparison, factor, offset, where)

    def _metric(self) -> tuple[Metric, str]:
        kind, word = self._next()
        if kind not in ("word", "text"):
            self.at -= 1
            self._wrong(f"a rule begins with a metric, not with {self._shown()}", "such as refusal or ttft_p95")
        word = word.strip("\"'")
        label = ""
        if self._peek() == ("sign", ":"):
            self._next()
            label = self._value("a label")
        base, suffix = word, ""
        if found := _SUFFIX.search(word):
            base, suffix = word[: found.start()], found.group(1)
        base = ALIASES.get(base, base)
        if ":" in base:
            base, _, label = base.partition(":")
        metric = metrics.find(base)
        if metric is None:
            close = get_close_matches(base, [*metrics.CATALOGUE, *ALIASES], 3, 0.6)
            hint = f"did you mean {', '.join(close)}?" if close else "docs/metrics.md lists them; a score is `score.NAME`"
            self._wrong(f"there is no metric {word!r}", hint)
        return metric, self._statistic(metric, suffix, label)

    def _statistic(self, metric: Metric, suffix: str, label: str) -> str:
        if metric.kind == "vector":
            self._wrong(f"{metric.name} is a vector", "rules are for numbers, rates, labels and counts")
        if metric.kind == "label":
            if not label or suffix:
                self._wrong(f"{metric.name} has labels", f"name one, as in `{metric.name}:other > 5 %`")
            return share_of(label)
        if label:
            self._wrong(f"{metric.name} has no labels", "write the metric's name alone")
        if suffix.startswith("p") and metric.kind != "number":
            self._wrong(f"{metric.name} is a {metric.kind} and has no {suffix}", "quantiles are for numbers")
        return "total" if metric.kind == "count" else suffix or "mean"

    def _limit(self, metric: Metric, statistic: str) -> tuple[float | None, float]:
        factor = None
        if self._peek() == ("word", "baseline"):
            self._next()
            factor = 1.0
            if self._times():
                factor = self._number()
        else:
            ahead = [token for token in self.tokens[self.at :][:3] if token not in _TIMES]
            if len(ahead) < 2 or ahead[0][0] != "number" or ahead[1] != ("word", "baseline"):
                return None, self._quantity(metric, statistic)
            factor = self._number()
            self._times()
            self._next()
        offset = 0.0
        if self._peek() in (("sign", "+"), ("sign", "-")):
            sign = 1.0 if self._next()[1] == "+" else -1.0
            offset = sign * self._quantity(metric, statistic)
        return factor, offset

    def _times(self) -> bool:
        if self._peek() in _TIMES:
            self._next()
            return True
        return False

    def _number(self) -> float:
        kind, value = self._peek()
        if kind != "number":
            what = f"a number or `baseline` is expected in place of {self._shown()}"
            self._wrong(what, "such as 2 s, 5 %, 0.05 or 1.5 × baseline")
        self._next()
        return float(value.replace("_", ""))

    def _quantity(self, metric: Metric, statistic: str) -> float:
        sign, money = 1.0, False
        if self._peek() == ("sign", "-"):
            self._next()
            sign = -1.0
        if self._peek() == ("sign", "$"):
            self._next()
            money = True
        number = sign * self._number()
        kind, unit = self._peek()
        given = unit if (kind == "sign" and unit in "%$") or (kind == "word" and unit not in ("where", "x")) else ""
        if given:
            self._next()
        return self._converted(number, "$" if money else given, metric, statistic)

    def _converted(self, number: float, given: str, metric: Metric, statistic: str) -> float:
        share = metric.unit in ("share", "0–1") or label_of(statistic) is not None
        if share:
            if given not in ("", "%"):
                self._wrong(f"{given!r} is no unit of {metric.name}", "a share is written as 2 % or 0.02")
            value = number / 100 if given == "%" else number
            if abs(value) > 1:
                remedy = "a share is at most 100 %" if given else f"write {number:g} % or a number from 0 to 1"
                self._wrong(f"{number:g}{' %' if given else ''} is no share", remedy)
            return value
        if metric.unit in _TIME_UNITS:
            allowed = ", ".join(("ms", "s", "min", "h", "d"))
            if given and given not in _SECONDS:
                self._wrong(f"{given!r} is no unit of {metric.name}", f"use one of {allowed}")
            return number * _SECONDS[given] / _TIME_UNITS[metric.unit] if given else number
        own = _MONEY if metric.unit == "USD" else (metric.unit, metric.unit.rstrip("s"))
        if given and given not in own:
            remedy = f"use {metric.unit} or no unit" if metric.unit else "use no unit"
            self._wrong(f"{given!r} is no unit of {metric.name}", remedy)
        return number

    def _where(self) -> tuple[tuple[str, str], ...]:
        if self._peek() != ("word", "where"):
            return ()
        found: list[tuple[str, str]] = []
        while self._next()[1] in ("where", "and"):
            kind, dimension = self._next()
            if kind != "word" or dimension not in self.dimensions or dimension in dict(found):
                allowed = ", ".join(self.dimensions) or "none"
                self._wrong(f"{dimension!r} is no dimension that `where` can use", f"segments.dimensions has: {allowed}")
            if self._next() != ("sign", "="):
                self.at -= 1
                self._wrong(f"`=` is expected in place of {self._shown()}", f"as in `where {dimension} = value`")
            found.append((dimension, self._value(f"a value of {dimension}")))
            if self._peek() != ("word", "and"):
                break
        return tuple(sorted(found, key=lambda pair: list(self.dimensions).index(pair[0])))

    def _value(self, what: str) -> str:
        """A quoted text, or everything up to the next blank, comparison or end."""
        kind, value = self._next()
        if kind not in ("text", "word", "number"):
            self.at -= 1
            self._wrong(f"{what} is expected in place of {self._shown()}", 'put a value with blanks or signs in "quotes"')
        return value.strip("\"'") if kind == "text" else value
