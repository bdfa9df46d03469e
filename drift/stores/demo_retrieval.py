"""What the demo store's search finds: pages of the help centre, their scores, their age and the index they came from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from drift import traces
from drift.stores import demo_texts as texts
from drift.stores.demo_incident import Incident


@dataclass
class Retrieved:
    counts: np.ndarray
    column: pa.Array
    index_built_at: pa.Array


def documents(
    seed: int, draw, asking: np.ndarray, found: np.ndarray, shift: np.ndarray, incidents: list[Incident], until: date
) -> Retrieved:
    """Three to five pages a question that found any; none where nothing was found; null where the endpoint does not search."""
    pages = texts.help_centre(seed)
    n, kinds = len(found), len(texts.KINDS)
    counts = np.where(found, 3 + (draw.uniform("documents") * 3).astype(int), 0)
    row = np.repeat(np.arange(n), counts)
    rank = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    page = draw.feature[row] * kinds + (draw.topic[row] + rank * (1 + draw.session[row] % 2 * 4)) % kinds

    # the index is built each night at 02:10 UTC, unless its job has stopped
    built = np.full(n, draw.ordinal, float) - (draw.seconds < 7800)
    for incident in incidents:
        if "index_stopped" in incident.changes:
            built[:] = np.minimum(built, incident.first_day(until).toordinal() - 1)
    period = np.array([p.period for p in pages])[page]
    phase = np.array([p.phase for p in pages])[page]
    updated = built[row] - (built[row] - phase) % period - 1 + (10 + page % 9) / 24
    top = 0.79 + 0.075 * draw.normal("score") + shift
    score = np.clip(top[row] - rank * (0.035 + 0.03 * draw.uniform("gap")[row]), 0.02, 0.99)

    epoch = date(1970, 1, 1).toordinal()
    values = pa.StructArray.from_arrays(
        [
            pa.array([p.id for p in pages], pa.string()).take(pa.array(page)),
            pa.array(np.round(score, 4)),
            _stamp((updated - epoch) * 86400),
            pa.array([p.text for p in pages], pa.string()).take(pa.array(page)),
        ],
        fields=list(traces.DOCUMENT),
    )
    offsets = pa.array(np.concatenate([[0], np.cumsum(counts)]).astype(np.int32), mask=np.append(~asking, False))
    column = pa.ListArray.from_arrays(offsets, values, type=pa.list_(traces.DOCUMENT))
    moments = pa.array((((built - epoch) * 86400 + 7800) * 1e6).astype(np.int64), mask=~asking)
    return Retrieved(counts, column, moments.cast(pa.timestamp("us")).cast(traces.TIME))


def _stamp(seconds: np.ndarray) -> pa.Array:
    return pa.array((seconds * 1e6).astype(np.int64)).cast(pa.timestamp("us")).cast(traces.TIME)
