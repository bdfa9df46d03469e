"""The page of a comparison, and its verdict in a few lines."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any

from drift import metrics, stores
from drift.compare.gate import Gate, gate, junit, markdown, terms
from drift.compare.presenting import Group, asked_for, change, levels, listed, ordered, room, throughout, title
from drift.compare.rows import Comparison
from drift.compare.verdict import Row, Verdict
from drift.config import Config
from drift.lake import Lake
from drift.report.forest import Scale
from drift.report.rendering import FOLDER, page, write_page
from drift.text import wording
from drift.text.escape import plain, url
from drift.text.names import called
from drift.text.wording import interval

_NAMED = 5
_LINES = 10
# metrics of less weight are of parts of a request: a step, a tool, a model call
_WHOLE = 0.5
# whose segments are shown
_METRICS = 8
_MARKS = {Group.UNDECIDED: "cannot be told", Group.NOT_WORSE: "not worse", Group.SAME: "unchanged", Group.IDLE: "unchanged"}
_KINDS = (
    {Group.WORSE: "worse", Group.CHANGED: "moved"}
    | dict.fromkeys((Group.UNDECIDED, Group.NOT_WORSE, Group.IDLE), "open")
    | {Group.SAME: "same"}
)
_GROUPS = {Verdict.UNDECIDED: Group.UNDECIDED, Verdict.EQUIVALENT: Group.SAME}


def write_comparison(config: Config, lake: Lake, result: Gate, trace_url: Callable[[str], str | None]) -> str:
    """The page of a comparison; returns its path below the report's folder. trace_url: the link to a trace, if there is one.

    Sides that are compared in pairs and as a whole have a page each. What the index lists is a file of its own for each page, for
    several comparisons may be written at once.
    """
    names = plain(f"{result.comparison.a} against {result.comparison.b}{', in pairs' if result.comparison.paired else ''}")
    digest = hashlib.blake2b(names.encode(), digest_size=6).hexdigest()
    path = f"comparison/{digest}.html"
    write_page(lake, path, comparison_page(config, result, trace_url, "../"))
    lake.write_bytes(f"{FOLDER}/comparison/{digest}.json", json.dumps({"name": names}).encode())
    return path


def comparison_page(config: Config, result: Gate, trace_url: Callable[[str], str | None], root: str | None = None) -> bytes:
    """The page of a comparison; without `root` it stands alone and links to no other page."""
    c, groups = result.comparison, result.groups
    shown = [
        row for group in (Group.WORSE, Group.CHANGED, Group.UNDECIDED, Group.NOT_WORSE, Group.SAME) for row in groups[group]
    ]
    scale = Scale.of([(row, result.margin(row)) for row in shown])

    def rows(*wanted: Group) -> list[dict[str, Any]]:
        return [_drawn(row, group, result, scale) for group in wanted for row in groups[group]]

    undecided = rows(Group.UNDECIDED)
    return page(
        "comparison.html.jinja",
        root,
        f"{c.a} against {c.b}",
        config.timezone,
        a=c.a,
        b=c.b,
        note=c.note,
        verdict=_lead(result),
        stopped=result.exit_code != 0,
        band=scale.band,
        farthest=scale.farthest,
        changed=rows(Group.WORSE, Group.CHANGED),
        where=_where(result, scale),
        undecided=[row for row in undecided if row["first"]],
        undecided_rest=[row for row in undecided if not row["first"]],
        same=rows(Group.NOT_WORSE, Group.SAME),
        idle=[(title(row), throughout(row)) for row in groups[Group.IDLE]],
        lacking=[(side, [called(each) for each in names]) for side, names in zip((c.a, c.b), c.lacking, strict=True) if names],
        pairs=[
            {
                "metric": called(pair.metric),
                "unit": _unit(pair.metric),
                "sides": [(v, t, url(trace_url(t))) for v, t in ((pair.value_a, pair.trace_a), (pair.value_b, pair.trace_b))],
            }
            for pair in c.pairs
        ],
    )


def _lead(result: Gate) -> str:
    """The verdict as the page's first sentence, with what got worse by name."""
    worse = listed(result.groups[Group.WORSE])
    said = result.verdict + (f": {_listed(worse)}" if worse else "")
    return said[:1].upper() + said[1:]


def _drawn(row: Row, group: Group, result: Gate, scale: Scale) -> dict[str, Any]:
    """What the page shows of a row."""
    margin = result.margin(row)
    mark = "worse" if group == Group.WORSE else str(row.direction) if group == Group.CHANGED else _MARKS[group]
    return {
        "metric": row.metric,
        "title": wording.segment(row.dimension, row.value) if row.dimension else title(row),
        "levels": levels(row),
        "change": change(row),
        "margin": "" if row.is_distance else terms(row, margin),
        "mark": mark,
        "kind": "worse" if mark == "worse" else "better" if mark == "better" else _KINDS[group],
        "first": asked_for(row.metric),
        "strip": scale.strip(row, margin),
    }


def _where(result: Gate, scale: Scale) -> list[tuple[str, list[dict[str, Any]]]]:
    """By metric, the segments of each that changed as a whole or in one of them."""
    within = result.comparison.segments
    moved = {row.metric for row in (*result.comparison.rows, *within) if row.verdict == Verdict.CHANGED}
    out = []
    for metric in dict.fromkeys(row.metric for row in ordered(within) if row.metric in moved):
        # an endpoint and its only prompt are one and the same traffic
        apart = {(row.value_a, row.value_b, row.change): row for row in reversed(within) if row.metric == metric}
        rows = sorted(apart.values(), key=lambda row: (row.dimension, -abs(row.effect), row.value))
        groups = [Group.CHANGED if row.verdict == Verdict.CHANGED else _GROUPS[row.verdict] for row in rows]
        out.append((called(metric), [_drawn(row, group, result, scale) for row, group in zip(rows, groups, strict=True)]))
    return out[:_METRICS]


def comparisons(lake: Lake) -> dict[str, str]:
    """What the comparisons that have a page are called, by the digest that is the page's name."""
    folder = f"{FOLDER}/comparison"
    known = {
        name.removesuffix(".json"): lake.read_bytes(f"{folder}/{name}") for name in lake.files(folder) if name.endswith(".json")
    }
    return {digest: json.loads(text)["name"] for digest, text in known.items() if text}


def _unit(name: str) -> str:
    known = metrics.find(name)
    return known.unit if known else ""


def write(config: Config, comparison: Comparison) -> tuple[Gate, str]:
    """Write the comparison as a page of the report, and as Markdown and JUnit XML beside it. Returns its verdict and the page's
    path below the report's folder.
    """
    result = gate(comparison)
    lake = Lake(config.lake.url)
    page = write_comparison(config, lake, result, stores.links(config))
    for ending, text in (("md", markdown(result)), ("xml", junit(result))):
        lake.write_bytes(f"{FOLDER}/{page.removesuffix('html')}{ending}", text.encode())
    return result, page


def sentences(result: Gate) -> list[str]:
    """The verdict in a few lines for a message: what got worse, what changed and by how much (95 % intervals), what did not,
    what cannot be told. What people ask for first stands first.
    """
    c, groups = result.comparison, result.groups
    lines = [f"{c.a} against {c.b}" + (f" ({c.note})" if c.note else "")]
    if result.too_few:
        lines.append(result.verdict)
    worse, changed = groups[Group.WORSE], groups[Group.CHANGED]
    # what single steps show stands behind what the whole request does
    whole_first = sorted([*worse, *changed], key=lambda row: metrics.lookup(row.metric).weight < _WHOLE)
    for row in whole_first[:_LINES]:
        mark = "worse" if row in worse else row.direction
        told = change(row) if row.is_distance else f"{levels(row)} ({interval(row.low, row.high, row.unit)})"
        lines.append(f"{mark}: {title(row)} {told}")
    if more := len(worse) + len(changed) - _LINES:
        lines += [f"and {more} more changes"] if more > 0 else []
    undecided = groups[Group.UNDECIDED]
    moved = {*listed(worse), *listed(changed)}
    maybe = [name for name in listed(undecided) if name not in moved]
    if same := [name for name in listed(groups[Group.SAME]) if name not in {*maybe, *moved}]:
        lines.append(f"no change larger than what matters: {_listed(same)}")
    if fine := [name for name in listed(groups[Group.NOT_WORSE]) if name not in {*maybe, *moved, *same}]:
        lines.append(f"not worse, whether better is open: {_listed(fine)}")
    if maybe:
        lines.append(f"not enough data to tell: {_listed(maybe)}")
    lines += [f"{title(row)}: {room(row)}" for row in undecided[:_NAMED]]
    for side, names in zip((c.a, c.b), c.lacking, strict=True):
        if names:
            lines.append(f"not compared, for {side} alone has it: {_listed([called(each) for each in names])}")
    return lines


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:_LINES]) + (f" and {len(names) - _LINES} more" if names[_LINES:] else "")
