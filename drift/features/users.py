"""What a day's users cost and ask: gathered part by part, put together by user, for a user's requests are all over the day."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drift import exact
from drift.traces import used_tokens

# of exact sums (`drift.exact`) in USD: up to 8 million of them
_STEP = 2.0**-30
METRICS = ("user_cost_usd", "user_requests")
_ORDER = ("user", "timestamp", "trace_id")


def gather(part: pa.Table, kept: Sequence[str]) -> pa.Table:
    """One row a user of a part of the day: requests, cost, and of its last request the columns `kept`, as far as there are any."""
    codes, users = _users(part)
    n = len(users)
    cost = _costs(part)
    priced = np.isfinite(cost) & (codes >= 0)
    coarse, fine = exact.sums(codes[priced], cost[priced], n, _STEP)
    unpriced = np.isnan(cost) & used_tokens(part) & (codes >= 0)
    times = part.column("timestamp").cast(pa.int64()).fill_null(0).to_numpy()
    last = last_rows(codes, times)
    own = [name for name in kept if name in part.column_names]
    return pa.table(
        {
            "user": users.take(pa.array(codes[last])),
            "requests": np.bincount(codes[codes >= 0], minlength=n)[codes[last]],
            "priced": np.bincount(codes[priced], minlength=n)[codes[last]],
            "unpriced": np.bincount(codes[unpriced], minlength=n)[codes[last]],
            "cost": coarse[codes[last]],
            "cost_fine": fine[codes[last]],
            "timestamp": times[last],
            "trace_id": part.column("trace_id").take(pa.array(last)),
            **{name: part.column(name).take(pa.array(last)) for name in own},
        }
    )


def together(parts: Sequence[pa.Table], kept: Sequence[str]) -> pa.Table:
    """Of what was gathered of some users in all parts: one row a user, `user_cost_usd`, `user_requests` and the columns `kept` of its
    last request.

    What a user cost is unknown where nothing of it is known, and where a request that used tokens has no price.
    """
    rows = pa.concat_tables(parts)
    rows = rows.take(pc.sort_indices(rows, [(name, "ascending") for name in _ORDER]))
    codes, users = _users(rows)
    n = len(users)
    summed = {
        name: np.bincount(codes, _numbers(rows, name), n) for name in ("requests", "priced", "unpriced", "cost", "cost_fine")
    }
    known = (summed["priced"] > 0) & (summed["unpriced"] == 0)
    cost = np.where(known, summed["cost"] + summed["cost_fine"], np.nan)
    last = last_rows(codes, np.arange(len(codes)))
    out = rows.take(pa.array(last)).select([name for name in kept if name in rows.column_names])
    for name, values in zip(METRICS, (cost, summed["requests"]), strict=True):
        out = out.append_column(name, pa.array(values[codes[last]], pa.float64(), from_pandas=True))
    return out


def last_rows(groups: np.ndarray, times: np.ndarray) -> np.ndarray:
    """The row of each group's last trace; groups below 0 have none."""
    order = np.lexsort((np.arange(len(groups)), times, groups))
    ordered = groups[order]
    last = np.append(ordered[1:] != ordered[:-1], True) if len(order) else np.zeros(0, bool)
    return order[last & (ordered >= 0)]


def _users(table: pa.Table) -> tuple[np.ndarray, pa.Array]:
    """Users as integers from 0, -1 where null or absent, and their names."""
    if "user" not in table.column_names:
        return np.full(table.num_rows, -1), pa.array([], pa.string())
    encoded = table.column("user").combine_chunks().dictionary_encode()
    return encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64), encoded.dictionary


def _costs(table: pa.Table) -> np.ndarray:
    if "cost_usd" not in table.column_names:
        return np.full(table.num_rows, np.nan)
    return _numbers(table, "cost_usd")


def _numbers(table: pa.Table, name: str) -> np.ndarray:
    return table.column(name).cast(pa.float64()).to_numpy(zero_copy_only=False).astype(float)
