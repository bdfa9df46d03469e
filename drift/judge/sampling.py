"""Which requests are judged: by the hash of the trace's id, so that shards, reruns and machines choose the same.

Each endpoint has a share of its own, so that rare ones have enough; a judged request stands for one over that share.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from drift.config.sections import JudgeSection

_UNKNOWN = ""


@dataclass(frozen=True)
class Shares:
    """The share of each endpoint's requests that is judged; `rest`: of an endpoint that was not there before."""

    of: Mapping[str, float]
    rest: float

    def of_endpoint(self, name: str | None) -> float:
        return self.of.get(name or _UNKNOWN, self.rest)


def shares(section: JudgeSection, sizes: Mapping[str, int], anchors: int, size: int | None = None) -> Shares:
    """sizes: requests a day of each endpoint, as far as they are known from the day before, and without such a day `size` of them together, None
    where that is not known; anchors: judged before any request.

    Where the calls of the night would not reach for all of them, every share is smaller in proportion: a sample that ends where the
    money does is none.
    """
    wanted = {
        name: min(1.0, max(section.share, section.least / size))
        for name, size in sizes.items()
        if size and asked(section, name)
    }
    judged = sum(wanted[name] * sizes[name] for name in wanted) if sizes else section.share * (size or 0)
    calls = len(section.rubrics) * judged
    left = max(0, section.calls - len(section.rubrics) * anchors)
    factor = min(1.0, left / calls) if calls else 1.0
    return Shares({name: share * factor for name, share in wanted.items()}, section.share * factor)


def chosen(traces: pa.Table, section: JudgeSection, shares: Shares) -> tuple[pa.Table, list[float]]:
    """The traces of the table that are judged, and how many requests each stands for. One without an answer is not judged."""
    rows, weights = [], []
    columns = (traces[name].to_pylist() for name in ("trace_id", "name", "output"))
    for row, (trace_id, name, output) in enumerate(zip(*columns, strict=True)):
        share = shares.of_endpoint(name) if output and asked(section, name or _UNKNOWN) else 0.0
        if chance(trace_id) < share:
            rows.append(row)
            weights.append(1 / share)
    return traces.take(pa.array(rows, pa.int64())), weights


def chance(trace_id: str) -> float:
    """The trace's number in [0, 1)."""
    digest = hashlib.blake2b(str(trace_id).encode(errors="surrogatepass"), digest_size=8, person=b"drift.judge").digest()
    return int.from_bytes(digest, "big") / 2**64


def sizes_of(profile: pa.Table | None) -> dict[str, int]:
    """Requests of each endpoint in a day's profile."""
    if profile is None:
        return {}
    rows = pc.and_(pc.equal(profile["dimension"], "name"), pc.equal(profile["metric"], "volume"))
    found = profile.filter(rows)
    return {name: int(total) for name, total in zip(found["value"].to_pylist(), found["total"].to_pylist(), strict=True)}


def asked(section: JudgeSection, name: str) -> bool:
    """Whether the endpoint is one that is judged."""
    return (not section.names or name in section.names) and name not in section.exclude_names
