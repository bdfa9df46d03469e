"""Which share of an application's requests its traces are, where a span says it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drift.stores.usage import count

# a probability; of a number above 1 these names speak of sound
_SHARE = ("sampling.probability", "sampling_rate", "sampling.rate", "sample_rate")
# Honeycomb's: one trace in so many requests
_ONE_IN = ("SampleRate",)
_WRAPPERS = ("", "attributes.", "resource.", "resourceAttributes.")
_NAMES = tuple((wrapper + name, name in _ONE_IN) for name in (*_SHARE, *_ONE_IN) for wrapper in _WRAPPERS)
_SAID = frozenset(name for name, _ in _NAMES)
# of OpenTelemetry's threshold, 56 bits in hexadecimal
_DIGITS = 14


def of_metadata(given: Mapping[str, Any] | None) -> float | None:
    """The share in a span's attributes or metadata, in (0, 1]; None where nothing says it.

    >>> of_metadata({"SampleRate": 20}), of_metadata({"sampling_rate": "0.05"}), of_metadata({"sample_rate": 16000})
    (0.05, 0.05, None)
    """
    if not given or _SAID.isdisjoint(given):
        return None
    for name, one_in in _NAMES:
        said = count(given.get(name))
        if said and (one_in or said <= 1):
            return 1 / said if said > 1 else said
    return None


def of_trace_state(state: Any) -> float | None:
    """The share that OpenTelemetry's consistent sampling writes into `tracestate`: the threshold below which a trace is rejected.

    >>> of_trace_state("vendor=1,ot=th:8;rv:abc"), of_trace_state("ot=th:0"), of_trace_state("ot=rv:1")
    (0.5, 1.0, None)
    """
    if not isinstance(state, str):
        return None
    member = next((m.strip()[3:] for m in state.split(",") if m.strip().startswith("ot=")), "")
    threshold = next((p[3:] for p in member.split(";") if p.startswith("th:")), "")
    try:
        rejected = int(threshold.ljust(_DIGITS, "0")[:_DIGITS], 16) / 16**_DIGITS
    except ValueError:
        return None
    return 1 - rejected if threshold and 0 <= rejected < 1 else None
