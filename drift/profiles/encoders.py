"""Which encoder, which judge and which of drift's own rulers a day was measured with: what depends on it is never compared with what
another gave."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from drift import metrics

# vectors stay in a profile, for their rows say which encoder they come from
_SILENT = pa.array(sorted(name for name in metrics.ENCODED if metrics.CATALOGUE[name].kind != "vector"), pa.string())
_RULED = pa.array(sorted(metrics.RULED_ANEW), pa.string())


def encoders(profile: pa.Table) -> frozenset[str]:
    """The encoders of a profile's vectors; empty where it has none."""
    vectors = profile.filter(pc.equal(profile.column("kind"), "vector"))
    return frozenset(pc.unique(vectors.column("encoder")).drop_null().to_pylist())


def judges(profile: pa.Table) -> dict[str, str]:
    """By metric, the judge whose scores a profile has."""
    scored = profile.filter(pc.starts_with(profile.column("metric"), "judge."))
    pairs = zip(scored["metric"].to_pylist(), scored["encoder"].to_pylist(), strict=True)
    return {metric: judge for metric, judge in pairs if judge is not None}


def versions(profile: pa.Table) -> dict[str, str]:
    """By metric of those that drift once measured otherwise, the version by which the profile's days were measured."""
    ruled = profile.filter(pc.is_in(profile.column("metric"), _RULED))
    pairs = zip(ruled["metric"].to_pylist(), ruled["encoder"].to_pylist(), strict=True)
    return {metric: version or "1" for metric, version in pairs}


def remeasured(profile: pa.Table, other: pa.Table) -> list[str]:
    """The metrics that both have, and that another version of drift measured in `other`."""
    own, others = versions(profile), versions(other)
    return sorted(metric for metric, version in own.items() if others.get(metric, version) != version)


def of_this_version(profile: pa.Table) -> bool:
    """Whether this version of drift measures traces as the one did that made the profile, as far as the profile can say."""
    return all(version == str(metrics.version(metric, metrics.RULER)) for metric, version in versions(profile).items())


def comparable(profile: pa.Table, other: pa.Table) -> pa.Table:
    """The profile without the cosines and topics where its vectors and those of `other` come from different encoders, without the
    scores of a judge that is not the other's, and without what another version of drift measured."""
    mine, theirs = encoders(profile), encoders(other)
    if mine and theirs and mine != theirs:
        profile = profile.filter(pc.invert(pc.is_in(profile.column("metric"), _SILENT)))
    own, others = judges(profile), judges(other)
    foreign = [metric for metric, judge in own.items() if others.get(metric, judge) != judge] + remeasured(profile, other)
    return profile.filter(pc.invert(pc.is_in(profile.column("metric"), pa.array(foreign, pa.string())))) if foreign else profile
