"""Whether the same tokens cost more than before: what tells a price from longer prompts, other models and other endpoints.

What a request costs is fitted by its tokens, of each model at each endpoint by itself, on ordinary requests; today's are held against
that. Source: Lawson & Hanson 1974, ch. 23 (least squares with no negative price).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa
from scipy.optimize import nnls

_COLUMNS = ("cost_usd", "input_tokens", "output_tokens")
_CELL = ("model", "name")
# requests of a cell on each side from which on it says something
_ENOUGH = 20


def change(before: pa.Table, today: pa.Table, within: float) -> float | None:
    """How much more the same tokens cost today, 0.15 being 15 % more; None where that is not known to `within` (two standard errors).

    before, today: features tables of the incident's place.
    """
    if not all(set(_COLUMNS) <= set(table.column_names) for table in (before, today)):
        return None
    usual, seen = _by_cell(before), _by_cell(today)
    steps, errors, sizes = [], [], []
    for cell in usual.keys() & seen.keys():
        (cost, tokens), (cost_now, tokens_now) = usual[cell], seen[cell]
        if min(len(cost), len(cost_now)) < _ENOUGH:
            continue
        # relative errors, for a request of a thousand tokens is no more to be believed than one of ten
        prices, _ = nnls(tokens / cost[:, None], np.ones(len(cost)))
        was, now = tokens @ prices, tokens_now @ prices
        if (was <= 0).any() or (now <= 0).any():
            continue
        left, left_now = np.log(cost / was), np.log(cost_now / now)
        steps.append(left_now.mean() - left.mean())
        errors.append(left.var() / len(left) + left_now.var() / len(left_now))
        sizes.append(len(cost_now))
    if not steps:
        return None
    weight = np.array(sizes) / sum(sizes)
    if 2 * float(np.sqrt((weight**2 * errors).sum())) > within:
        return None
    return float(np.expm1((weight * steps).sum()))


def _by_cell(table: pa.Table) -> Mapping[tuple[object, ...], tuple[np.ndarray, np.ndarray]]:
    """Cost (n,) and tokens (n, 2) of the requests of which all three are known, by model and endpoint."""
    numbers = np.column_stack([table.column(name).to_numpy(zero_copy_only=False).astype(float) for name in _COLUMNS])
    known = np.isfinite(numbers).all(1) & (numbers[:, 0] > 0) & (numbers[:, 1:].sum(1) > 0)
    rows: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for at, cell in enumerate(_cells(table)):
        if known[at]:
            rows[cell].append(at)
    return {cell: (numbers[at, 0], numbers[at, 1:]) for cell, at in rows.items()}


def _cells(table: pa.Table) -> Iterator[tuple[object, ...]]:
    columns = [table.column(name).to_pylist() for name in _CELL if name in table.column_names]
    return zip(*columns, strict=True) if columns else iter([()] * len(table))
