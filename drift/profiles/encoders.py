"""Which encoder a day was measured with: what depends on it is never compared with what another gave."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from drift import metrics

# vectors stay in a profile, for their rows say which encoder they come from
_SILENT = pa.array(sorted(name for name in metrics.ENCODED if metrics.CATALOGUE[name].kind != "vector"), pa.string())


def encoders(profile: pa.Table) -> frozenset[str]:
    """The encoders of a profile's vectors; empty where it has none."""
    return frozenset(pc.unique(profile.column("encoder")).drop_null().to_pylist())


def comparable(profile: pa.Table, other: pa.Table) -> pa.Table:
    """The profile without the cosines and topics where its vectors and those of `other` come from different encoders."""
    mine, theirs = encoders(profile), encoders(other)
    if not mine or not theirs or mine == theirs:
        return profile
    return profile.filter(pc.invert(pc.is_in(profile.column("metric"), _SILENT)))
