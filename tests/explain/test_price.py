"""Whether the same tokens cost more: a price, and what only looks like one."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from drift.explain import price

PRICES = {"large": (2.5e-6, 10e-6), "mini": (0.15e-6, 0.6e-6)}


def day(seed: int, dearer: float = 1.0, longer: float = 1.0, large: float = 0.5, requests: int = 600) -> pa.Table:
    """Requests to two models at two endpoints; an agent's tokens are paid for once a step."""
    rng = np.random.default_rng(seed)
    model = np.where(rng.random(requests) < large, "large", "mini")
    name = rng.choice(["chat", "agent"], requests)
    steps = np.where(name == "agent", rng.integers(2, 6, requests), 1)
    tokens = np.column_stack([400 * np.exp(0.5 * rng.standard_normal(requests)) * longer for _ in PRICES])
    cost = dearer * steps * (tokens * np.array([PRICES[m] for m in model])).sum(1)
    return pa.table({
        "name": name, "model": model, "cost_usd": cost, "input_tokens": tokens[:, 0], "output_tokens": tokens[:, 1],
    })  # fmt: skip


def test_a_price_is_told_though_lengths_and_mix_moved_with_it():
    assert price.change(day(1), day(2, dearer=1.15, longer=1.3, large=0.7), within=0.08) == pytest.approx(0.15, abs=0.08)


@pytest.mark.parametrize("moved", [{"longer": 1.2}, {"large": 0.9}])
def test_longer_texts_and_a_dearer_model_are_no_price(moved: dict[str, float]):
    assert price.change(day(1), day(2, **moved), within=0.08) == pytest.approx(0.0, abs=0.08)


def test_what_few_requests_cannot_show_is_unknown():
    assert price.change(day(1), day(2, dearer=1.15, requests=60), within=0.02) is None
    assert price.change(day(1).drop_columns(["cost_usd"]), day(2), within=0.1) is None
    assert price.change(day(1), day(2).slice(0, 0), within=0.1) is None
