"""A comparison as a gate of a pull request: what got worse beyond its margin, as Markdown for people and JUnit XML for CI.

`gate` decides, `markdown` and `junit` write; nothing is read or sent here. Names of labels and segments come from traces and
are made harmless.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree

from drift.compare.verdict import Comparison, Row, Verdict
from drift.errors import ConfigError
from drift.metrics import Direction
from drift.text.escape import plain
from drift.text.wording import difference, interval, number, subject

EXIT_CODE = 3
_CONTROL = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]#!|~])")


@dataclass(frozen=True)
class Gate:
    """failed: rows that got worse by at least their margin. unproven: rows of which the data cannot tell. passed: the rest.

    margins: by metric, where they are not `matters`.
    """

    comparison: Comparison
    failed: tuple[Row, ...]
    unproven: tuple[Row, ...]
    passed: tuple[Row, ...]
    margins: Mapping[str, float]

    @property
    def exit_code(self) -> int:
        return EXIT_CODE if self.failed else 0

    def margin(self, row: Row) -> float:
        return self.margins.get(row.metric, row.matters)


def gate(comparison: Comparison, margins: Mapping[str, float] | None = None) -> Gate:
    """Judge a comparison of the present (a) with a candidate (b).

    A row fails where it changed for the worse by at least its margin. A metric without a worse direction (such as the length
    of an answer) fails only where `margins` names it, and then in both directions. Margins are in the terms of
    `Metric.matters`. Raises ConfigError where a margin names a metric that was not compared.
    """
    margins = dict(margins or {})
    compared = {row.metric for row in comparison.rows}
    for name, margin in margins.items():
        if name not in compared:
            raise ConfigError(f"margin for {name!r}: not compared; compared are {', '.join(sorted(compared))}")
        if not (math.isfinite(margin) and margin > 0):
            raise ConfigError(f"margin for {name!r}: must be a positive number (got {margin!r})")
    failed, unproven, passed = [], [], []
    for row in comparison.rows:
        margin = margins.get(row.metric, row.matters)
        bad = row.direction == Direction.WORSE or (row.metric in margins and row.direction == Direction.CHANGED)
        if bad and row.verdict == Verdict.CHANGED and abs(row.effect) >= margin:
            failed.append(row)
        elif row.verdict not in (Verdict.CHANGED, Verdict.EQUIVALENT) and _room(row, margin):
            unproven.append(row)
        else:
            passed.append(row)
    return Gate(comparison, tuple(failed), tuple(unproven), tuple(passed), margins)


def _room(row: Row, margin: float) -> bool:
    """Whether the interval leaves room for a worsening beyond the margin."""
    worse_up = (row.direction == Direction.WORSE) == (row.effect > 0)
    if row.direction == Direction.CHANGED:
        return max(-row.effect_low, row.effect_high) > margin
    return (row.effect_high if worse_up else -row.effect_low) > margin


def markdown(result: Gate) -> str:
    """A comment for a pull request: the verdict, what changed, what is unproven, and what is known to be unchanged."""
    c = result.comparison
    if result.failed:
        count = len({row.metric for row in result.failed})
        head = f"## drift: {count} metric{'s' * (count > 1)} got worse"
    else:
        head = "## drift: nothing got worse beyond its margin"
    lines = [head, "", f"Compared **{_md(c.a)}** with **{_md(c.b)}**" + (f" ({_md(c.note)})" if c.note else "") + ".", ""]
    changed = [row for row in c.rows if row.verdict == Verdict.CHANGED]
    if changed:
        lines += ["| | metric | from | to | change (95 %) | margin |", "|---|---|---|---|---|---|"]
        for row in changed:
            mark = "❌" if row in result.failed else "✅" if row.direction == Direction.BETTER else "•"
            lines.append(
                f"| {mark} | {_md(subject(row.metric, row.statistic))} | {_md(number(row.value_a, row.unit))} "
                f"| {_md(number(row.value_b, row.unit))} | {_md(_interval(row))} | {_md(terms(row, result.margin(row)))} |"
            )
        lines.append("")
    same = [row for row in c.rows if row.verdict == Verdict.EQUIVALENT]
    if same:
        lines += ["**Unchanged** (no change as large as the margin is consistent with the data): "]
        lines += [", ".join(_md(subject(row.metric, row.statistic)) for row in same) + ".", ""]
    if result.unproven:
        lines += ["**Not enough data to tell**: "]
        rooms = [f"{_md(subject(r.metric, r.statistic))} (up to {_md(terms(r, r.bound))})" for r in result.unproven]
        lines += [", ".join(rooms) + ".", ""]
    if c.pairs:
        lines += ["**Most changed pairs**: ", ""]
        lines += [f"- {_md(p.metric)}: `{_code(p.trace_a)}` → `{_code(p.trace_b)}`" for p in c.pairs]
        lines.append("")
    return "\n".join(lines)


def junit(result: Gate) -> str:
    """JUnit XML: one test case a row; a failure for what got worse, skipped for what the data cannot tell."""
    c = result.comparison
    suite = ElementTree.Element(
        "testsuite",
        name=_xml(f"drift: {c.a} against {c.b}"),
        tests=str(len(c.rows)),
        failures=str(len(result.failed)),
        skipped=str(len(result.unproven)),
        errors="0",
    )
    for row in c.rows:
        names = {"classname": _xml(f"drift.{row.metric}"), "name": _xml(subject(row.metric, row.statistic))}
        case = ElementTree.SubElement(suite, "testcase", names)
        text = _xml(
            f"{number(row.value_a, row.unit)} to {number(row.value_b, row.unit)}, change {_interval(row)}, "
            f"margin {terms(row, result.margin(row))}: {row.reason}"
        )
        if row in result.failed:
            ElementTree.SubElement(case, "failure", message=text, type=row.direction).text = text
        elif row in result.unproven:
            ElementTree.SubElement(case, "skipped", message=text)
        else:
            ElementTree.SubElement(case, "system-out").text = text
    root = ElementTree.Element("testsuites")
    root.append(suite)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True)


def _interval(row: Row) -> str:
    """The change with its interval, in points for a share."""
    return f"{difference(row.change, row.unit)} ({interval(row.low, row.high, row.unit)})"


def terms(row: Row, value: float) -> str:
    """A size in the terms of `matters`: points of a share, per cent of a positive number, else in the unit."""
    if row.unit == "share":
        return f"{100 * value:.2g} points"
    relative = row.value_a and abs(row.effect) and math.isclose(row.effect, row.change / row.value_a, rel_tol=1e-6)
    return f"{100 * value:.2g} %" if relative else f"{value:.2g} {row.unit}".strip()


def _md(text: str) -> str:
    """Text that Markdown shows as it is; tags become entities, and a mention is broken by a space of no width."""
    entities = plain(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARKDOWN.sub(r"\\\1", entities).replace("@", "@\u200b")


def _code(text: str) -> str:
    return plain(text, 80).replace("`", "")


def _xml(text: str) -> str:
    return _CONTROL.sub("", plain(text, 1000))
