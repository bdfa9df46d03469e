"""A comparison as a gate of a pull request: what got worse beyond its margin, as Markdown for people, JUnit XML for CI and JSON.

`gate` decides, `markdown`, `junit` and `as_dict` tell it; nothing is read or sent here. Names of labels and segments come from traces and
are made harmless.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from xml.etree import ElementTree

from drift.compare.presenting import Group, Groups, asked_for, change, level, levels, ordered, room, throughout, title
from drift.compare.verdict import Comparison, Method, Row, Verdict
from drift.errors import ConfigError
from drift.findings import Direction
from drift.text.escape import plain
from drift.text.names import called
from drift.text.wording import count, number, segment

EXIT_CODE = 3
# with fewer traces (or inputs in common) on a side a candidate is not let through
FEWEST = 10
# segments that a comment names
_WHERE = 12
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
        return EXIT_CODE if self.failed or self.too_few else 0

    @property
    def too_few(self) -> str:
        """Why a side is too small to pass; empty where it is not. A gate that nothing could have stopped is none."""
        size = self.comparison.size
        if size is None or min(size) >= FEWEST:
            return ""
        matched = any(row.method == Method.PAIRS for row in self.comparison.rows)
        seen = (
            count(size[0], "input in common", "inputs in common")
            if matched
            else f"{count(size[0], 'trace')} against {size[1]:,}"
        )
        return f"{seen}; {FEWEST} are needed"

    @property
    def verdict(self) -> str:
        """The verdict in one line: what got worse, or why that cannot be told."""
        worse = len({row.metric for row in self.failed})
        if worse:
            return f"{count(worse, 'metric')} got worse"
        if self.too_few:
            return f"not passed, too few traces to tell: {self.too_few}"
        open_ = {row.metric for row in self.unproven if row.direction != Direction.CHANGED and not row.idle}
        said = "nothing got worse beyond its margin"
        return f"{said}, as far as the data tell ({count(len(open_), 'metric')} undecided)" if open_ else said

    @property
    def groups(self) -> Groups:
        return Groups.sort(self.comparison.rows, self.failed, self.unproven)

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
        elif row.verdict != Verdict.CHANGED and _room(row, margin):
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
    """A comment for a pull request: the verdict, then every metric in one group, in the order in which people ask for them."""
    c, groups = result.comparison, result.groups
    lines = [f"## drift: {result.verdict}", ""]
    lines += [f"Compared **{_md(c.a)}** with **{_md(c.b)}**" + (f" ({_md(c.note)})" if c.note else "") + ".", ""]
    changed = [*groups[Group.WORSE], *groups[Group.CHANGED]]
    if changed:
        lines += ["| | metric | from | to | change (95 %) | margin |", "|---|---|---|---|---|---|"]
        for row in changed:
            mark = "❌" if row in result.failed else "✅" if row.direction == Direction.BETTER else "•"
            cells = (
                title(row),
                level(row, 0),
                level(row, 1),
                change(row),
                "" if row.is_distance else terms(row, result.margin(row)),
            )
            lines.append(f"| {mark} | {' | '.join(map(_md, cells))} |")
        lines.append("")
    if where := [row for row in ordered(c.segments) if row.verdict == Verdict.CHANGED]:
        told = [_md(f"{title(row)} of {segment(row.dimension, row.value)} {levels(row)}") for row in where[:_WHERE]]
        lines += [f"**Where**{_rest(len(where))}: ", ", ".join(told) + ".", ""]
    for group, says in _SAYS.items():
        if groups[group]:
            told = [_md(f"{title(row)} ({more})" if (more := _more(row, group)) else title(row)) for row in groups[group]]
            lines += [f"**{group}**{says}: ", ", ".join(told) + ".", ""]
    for side, names in zip((c.a, c.b), c.lacking, strict=True):
        if names:
            lines += [
                f"**Not compared**, for {_md(side)} alone has it: ",
                ", ".join(_md(called(each)) for each in names) + ".",
                "",
            ]
    if c.pairs:
        lines += ["**Most changed pairs**: ", ""]
        lines += [f"- {_md(called(p.metric))}: `{_code(p.trace_a)}` → `{_code(p.trace_b)}`" for p in c.pairs]
        lines.append("")
    return "\n".join(lines)


def _rest(number: int) -> str:
    return f" ({number - _WHERE} more are not shown)" if number > _WHERE else ""


# the groups that are told in a line each, and what is said of them
_SAYS = {
    Group.UNDECIDED: "",
    Group.NOT_WORSE: "",
    Group.SAME: " (no change as large as the margin is consistent with the data)",
    Group.IDLE: "",
}


def _more(row: Row, group: Group) -> str:
    """What stands behind a row's name in its group's line."""
    if group == Group.UNDECIDED:
        if row.is_distance or not asked_for(row.metric):
            return f"up to {terms(row, row.bound)}"
        return f"{levels(row)}, {room(row)}"
    if group == Group.NOT_WORSE:
        return change(row)
    return throughout(row) if group == Group.IDLE else ""


def as_dict(result: Gate) -> dict[str, Any]:
    """The comparison for programs: the verdict, and every row with its group, in the order of `markdown`."""
    c = result.comparison
    grouped = [(group, row) for group, rows in result.groups.of.items() for row in rows]
    return {
        "a": c.a,
        "b": c.b,
        "note": c.note,
        "verdict": result.verdict,
        "passed": result.exit_code == 0,
        "n": c.size,
        "rows": [_as_dict(row) | {"group": group.name.lower(), "margin": result.margin(row)} for group, row in grouped],
        "segments": [_as_dict(row) for row in ordered(c.segments)],
        "only_a": c.lacking[0],
        "only_b": c.lacking[1],
        "pairs": [asdict(pair) for pair in c.pairs],
    }


def _as_dict(row: Row) -> dict[str, Any]:
    return {"title": title(row), **asdict(row)}


def junit(result: Gate) -> str:
    """JUnit XML: one test case a row; a failure for what got worse, skipped for what the data cannot tell."""
    c = result.comparison
    suite = ElementTree.Element(
        "testsuite",
        name=_xml(f"drift: {c.a} against {c.b}"),
        tests=str(len(c.rows) + bool(result.too_few)),
        failures=str(len(result.failed)),
        skipped=str(len(result.unproven)),
        errors=str(int(bool(result.too_few))),
    )
    if result.too_few:
        case = ElementTree.SubElement(suite, "testcase", {"classname": "drift", "name": "enough traces"})
        ElementTree.SubElement(case, "error", message=_xml(result.verdict))
    for row in ordered(c.rows):
        names = {"classname": _xml(f"drift.{row.metric}"), "name": _xml(title(row))}
        case = ElementTree.SubElement(suite, "testcase", names)
        text = _xml(
            "; ".join(filter(None, (levels(row), f"change {change(row)}, margin {terms(row, result.margin(row))}", row.reason)))
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


def terms(row: Row, value: float) -> str:
    """A size in the terms of `matters`: points of a share, per cent of a positive number, else in the unit."""
    if row.is_distance:
        return f"{value / row.matters:.2g} times the smallest shift that matters"
    if row.unit == "share":
        return f"{100 * value:.2g} points"
    relative = row.value_a and abs(row.effect) and math.isclose(row.effect, row.change / row.value_a, rel_tol=1e-6)
    return f"{100 * value:.2g} %" if relative else number(value, row.unit)


def _md(text: str) -> str:
    """Text that Markdown shows as it is; tags become entities, and a mention is broken by a space of no width."""
    entities = plain(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARKDOWN.sub(r"\\\1", entities).replace("@", "@\u200b")


def _code(text: str) -> str:
    return plain(text, 80).replace("`", "")


def _xml(text: str) -> str:
    return _CONTROL.sub("", plain(text, 1000))
