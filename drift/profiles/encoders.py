"""Which encoder and which judge a day was measured with: what depends on it is never compared with what another gave."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from drift import metrics

# vectors stay in a profile, for their rows say which encoder they come from
_SILENT = pa.array(sorted(name for name in metrics.ENCODED if metrics.CATALOGUE[name].kind != "vector"), pa.string())


def encoders(profile: pa.Table) -> frozenset[str]:
    """The encoders of a profile's vectors; empty where it has none."""
    vectors = profile.filter(pc.equal(profile.column("kind"), "vector"))
    return frozenset(pc.unique(vectors.column("encoder")).drop_null().to_pylist())


def judges(profile: pa.Table) -> dict[str, str]:
    """By metric, the judge whose scores a profile has."""
    scored = profile.filter(pc.starts_with(profile.column("metric"), "judge."))
    pairs = zip(scored["metric"].to_pylist(), scored["encoder"].to_pylist(), strict=True)
    return {metric: judge for metric, judge in pairs if judge is not None}


def comparable(profile: pa.Table, other: pa.Table) -> pa.Table:
    """The profile without the cosines and topics where its vectors and those of `other` come from different encoders, and without the
    scores of a judge that is not the other's."""
    mine, theirs = encoders(profile), encoders(other)
    if mine and theirs and mine != theirs:
        profile = profile.filter(pc.invert(pc.is_in(profile.column("metric"), _SILENT)))
    own, others = judges(profile), judges(other)
    foreign = [metric for metric, judge in own.items() if others.get(metric, judge) != judge]
    return profile.filter(pc.invert(pc.is_in(profile.column("metric"), pa.array(foreign, pa.string())))) if foreign else profile
