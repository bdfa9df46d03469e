"""From a template and its data to one page that stands alone: styles, script and charting library inside, no other host asked.

Texts pass `plain` and jinja's escaping; the page's policy runs only the scripts whose hashes it names, so that nothing from a
trace can act even where a template forgets. Charts are drawn by uPlot (vendor/, MIT).
"""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, TypeGuard
from zoneinfo import ZoneInfo

import jinja2
from markupsafe import Markup

from drift import __version__
from drift.lake import Lake
from drift.text import escape, names, wording

_WIDTH, _HEIGHT = 100.0, 20.0
_STALE = timedelta(hours=36)


@dataclass(frozen=True)
class Spark:
    """An SVG path, and the points of the band under it (empty: none), in a box of 100 × 20."""

    line: str
    band: str = ""


def page(
    template: str, root: str | None, title: str, timezone: str, charts: Sequence[dict[str, Any]] = (), **data: Any
) -> bytes:
    """One page.

    root: the way to the report's folder from the page (`""`, `"../"`), None for a page that stands alone.
    charts: as `drift.report.series` makes them. as_of: the day that a page of many nights is as of; a reader is told when that is long ago.
    """
    as_of: date | None = data.pop("as_of", None)
    stale = {"as_of": as_of, "stale_after": _stale_after(as_of, timezone) if as_of else ""}
    known = {
        **stale,
        "root": root,
        "title": escape.plain(title, 400),
        "timezone": timezone,
        "charts": list(charts),
        **_assets(),
    }
    links = {"metric_link": lambda name, shown="": _metric_link(root, name, shown)}
    return _environment().get_template(template).render(**known, **links, **data).encode()


def _stale_after(day: date, timezone: str) -> str:
    """A day and a half after the day is over: the next night should have written the page again by then. ISO 8601."""
    over = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(timezone))
    return (over + _STALE).isoformat()


def metric_page(name: str) -> str:
    """The file name of a metric's page, without its ending; a name that came from a trace is never a file's."""
    from drift import metrics

    if name in metrics.CATALOGUE and name.isidentifier():
        return name
    return "m-" + hashlib.blake2b(name.encode("utf-8", "replace"), digest_size=6).hexdigest()


def sparkline(
    values: Sequence[float | None], low: Sequence[Any] | None = None, high: Sequence[Any] | None = None
) -> Spark | None:
    """A series as an SVG path, lowest to highest; None where it has no two values."""
    known = [value for value in values if _finite(value)]
    if len(known) < 2:
        return None
    lows = [*known, *(v for v in low or () if _finite(v))]
    highs = [*known, *(v for v in high or () if _finite(v))]
    bottom, span = min(lows), max(highs) - min(lows)

    def point(place: int, value: float) -> str:
        x = _WIDTH * place / (len(values) - 1)
        y = _HEIGHT * (1 - (value - bottom) / span) if span > 0 else _HEIGHT / 2
        return f"{x:.1f} {y:.1f}"

    pieces, pen = [], "M"
    for place, value in enumerate(values):
        if _finite(value):
            pieces.append(f"{pen}{point(place, value)}")
            pen = "L"
        else:
            pen = "M"
    band = ""
    if low is not None and high is not None:
        there = [place for place in range(len(values)) if _finite(low[place]) and _finite(high[place])]
        outline = [point(place, high[place]) for place in there] + [point(place, low[place]) for place in reversed(there)]
        band = " ".join(point.replace(" ", ",") for point in outline)
    return Spark("".join(pieces), band)


def _metric_link(root: str | None, name: str, shown: str = "") -> Markup | str:
    if root is None:
        return escape.plain(shown or name, 80)
    return Markup('<a href="{}metric/{}.html">{}</a>').format(root, metric_page(name), escape.plain(shown or name, 80))


def _finite(value: float | None) -> TypeGuard[float]:
    return value is not None and math.isfinite(value)


@cache
def _assets() -> dict[str, Any]:
    folder = files("drift.report")

    def read(*path: str) -> str:
        return folder.joinpath(*path).read_text("utf-8")

    plotting, script, tools = read("vendor", "uPlot.iife.min.js"), read("templates", "report.js"), read("templates", "page.js")
    digests = (base64.b64encode(hashlib.sha256(each.encode()).digest()).decode() for each in (plotting, script, tools))
    return {
        "styles": Markup(read("vendor", "uPlot.min.css") + read("templates", "report.css")),
        "plotting": Markup(plotting),
        "script": Markup(script),
        "tools": Markup(tools),
        "scripts": Markup(" ".join(f"'sha256-{digest}'" for digest in digests)),
        "version": __version__,
    }


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("drift.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"plain": escape.plain, "url": escape.url, "number": wording.number, "capital": names.sentence}
    environment.globals |= {
        "band": wording.band,
        "called": names.called,
        "count": wording.count,
        "difference": wording.difference,
        "interval": wording.interval,
        "meaning": wording.meaning,
        "segment": wording.segment,
        "since": wording.since,
        "sparkline": sparkline,
    }
    return environment


FOLDER = "report"


def write_page(lake: Lake, path: str, body: bytes) -> None:
    # a page that is as it was is not written again: an object store bills by the write
    whole = f"{FOLDER}/{path}"
    if lake.read_bytes(whole) != body:
        lake.write_bytes(whole, body)
