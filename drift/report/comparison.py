"""The page of a comparison, and its verdict in a few lines."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from typing import Any

from drift import metrics, stores
from drift.compare.gate import Gate, gate, junit, markdown, terms
from drift.compare.rows import Comparison
from drift.compare.verdict import Row, Verdict
from drift.config import Config
from drift.lake import Lake
from drift.report.rendering import FOLDER, page, write_page
from drift.text.escape import plain, url
from drift.text.wording import difference, interval, number, subject

_SEGMENTS = 40
_NAMED = 5
_LINES = 10
_SIDES = ("quality", "safety", "output", "input", "retrieval", "freshness", "system", "cost", "traffic")


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
    c = result.comparison

    def rows(verdict: Verdict) -> list[dict[str, Any]]:
        return [
            {**asdict(row), "failed": row in result.failed, "margin": terms(row, result.margin(row))}
            for row in c.with_verdict(verdict)
        ]

    return page(
        "comparison.html.jinja",
        root,
        f"{c.a} against {c.b}",
        config.timezone,
        a=c.a,
        b=c.b,
        note=c.note,
        worse=len({row.metric for row in result.failed}),
        changed=rows(Verdict.CHANGED),
        same=rows(Verdict.EQUIVALENT),
        undecided=rows(Verdict.UNDECIDED),
        pairs=[
            {
                "metric": pair.metric,
                "unit": _unit(pair.metric),
                "sides": [(v, t, url(trace_url(t))) for v, t in ((pair.value_a, pair.trace_a), (pair.value_b, pair.trace_b))],
            }
            for pair in c.pairs
        ],
    )


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
    what cannot be told.
    """
    c = result.comparison
    lines = [f"{c.a} against {c.b}" + (f" ({c.note})" if c.note else "")]
    changed = sorted(c.with_verdict(Verdict.CHANGED), key=lambda row: row not in result.failed)
    for row in changed[:_LINES]:
        mark = "worse" if row in result.failed else row.direction
        change = f"{number(row.value_a, row.unit)} → {number(row.value_b, row.unit)}"
        lines.append(f"{mark}: {subject(row.metric, row.statistic)} {change} ({interval(row.low, row.high, row.unit)})")
    if changed[_LINES:]:
        lines.append(f"and {len(changed) - _LINES} more changes")
    undecided = sorted(c.with_verdict(Verdict.UNDECIDED), key=lambda row: row.bound / row.matters)
    maybe, moved = _metrics(undecided), _metrics(changed)
    if same := [name for name in _metrics(c.with_verdict(Verdict.EQUIVALENT)) if name not in {*maybe, *moved}]:
        lines.append(f"no change larger than what matters: {_listed(same)}")
    if maybe:
        lines.append(f"not enough data to tell: {_listed(maybe)}")
    for row in undecided[:_NAMED]:
        span = f"between {difference(row.low, row.unit)} and {difference(row.high, row.unit)}"
        lines.append(f"{subject(row.metric, row.statistic)}: {span}")
    return lines


def _metrics(rows: Iterable[Row]) -> list[str]:
    return list(dict.fromkeys(row.metric for row in rows))


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:_LINES]) + (f" and {len(names) - _LINES} more" if names[_LINES:] else "")
