"""Pairs of requests of one conversation: counted exactly, by segment, and additive over shards that hold whole conversations."""

from __future__ import annotations

from datetime import date
from itertools import permutations

import numpy as np
import pyarrow as pa
import pytest

from drift import profiles
from drift.config import Config

DAY = date(2026, 3, 2)


def day(n: int = 300, seed: int = 0) -> pa.Table:
    rng = np.random.default_rng(seed)
    latency = rng.lognormal(0, 1, n)
    latency[:7] = np.nan
    session = [f"s{seed}-{s}" if s else None for s in rng.integers(0, 4, n) * rng.integers(0, 20, n)]
    return pa.table(
        {
            "trace_id": [f"{seed}-{i}" for i in range(n)],
            "session_id": pa.array(session, pa.string()),
            "user": [f"u{seed}-{u}" for u in rng.integers(0, 40, n)],
            "name": rng.choice(["chat", "search"], n),
            "latency_s": latency,
            "refusal": (rng.random(n) < 0.3).astype(float),
            "finish_reason": rng.choice(["stop", "length"], n),
        }
    )


def by_hand(table: pa.Table, values: list, product, users: bool = False) -> tuple[float, float, float]:
    """Pairs, sums and products over the ordered pairs of one cluster, one by one."""
    both = zip(table["session_id"].to_pylist(), table["user"].to_pylist(), strict=True)
    key = [f"user {u}" if users or not s else s for s, u in both]
    together: dict[str, list] = {}
    for k, value in zip(key, values, strict=True):
        if value is not None:
            together.setdefault(k, []).append(value)
    pairs = [pair for members in together.values() for pair in permutations(members, 2)]
    first = sum(a for a, _ in pairs) if pairs and isinstance(pairs[0][0], float) else 0.0
    return len(pairs), first, float(sum(product(a, b) for a, b in pairs))


def row(profile: pa.Table, metric: str, value: str = "") -> dict:
    return next(r for r in profile.to_pylist() if r["metric"] == metric and r["value"] == value)


@pytest.mark.parametrize("value", ["", "chat"])
def test_the_pairs_are_those_of_one_conversation_or_else_of_one_user(value):
    table = day()
    profile = profiles.build(table, Config(), DAY)
    own = table if not value else table.filter(pa.array([n == value for n in table["name"].to_pylist()]))
    logs = [None if x != x else float(np.log(x)) for x in own["latency_s"].to_pylist()]
    for metric, values, product in (
        ("latency_s", logs, lambda a, b: a * b),
        ("refusal", own["refusal"].to_pylist(), lambda a, b: a * b),
        ("finish_reason", own["finish_reason"].to_pylist(), lambda a, b: a == b),
    ):
        found, (pairs, first, products) = row(profile, metric, value), by_hand(own, values, product, metric == "finish_reason")
        assert found["pairs"] == pairs
        assert found["pair_products"] == pytest.approx(products, rel=1e-5)
        if found["pair_sum"] is not None:
            assert found["pair_sum"] == pytest.approx(first)


def test_pairs_of_whole_conversations_add_up():
    parts = [day(seed=1), day(seed=2)]
    together = profiles.build(pa.concat_tables(parts), Config(), DAY)
    added = profiles.add([profiles.build(part, Config(), DAY) for part in parts])
    for name in ("pairs", "pair_sum", "pair_products"):
        assert row(added, "latency_s")[name] == pytest.approx(row(together, "latency_s")[name])


def test_a_request_of_nobody_is_a_stranger():
    table = day().drop_columns(["session_id", "user"])
    assert row(profiles.build(table, Config(), DAY), "latency_s")["pairs"] == 0


def test_a_profile_written_before_pairs_were_counted_adds_to_one_that_has_them():
    old, new = (profiles.build(day(seed=s), Config(), DAY) for s in (1, 2))
    added = profiles.add([old.drop_columns(["pairs", "pair_sum", "pair_products"]), new])
    assert row(added, "latency_s")["pairs"] == row(new, "latency_s")["pairs"]
    assert row(added, "latency_s")["n"] == row(old, "latency_s")["n"] + row(new, "latency_s")["n"]
