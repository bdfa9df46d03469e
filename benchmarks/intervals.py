"""Shares and scores with their 95 % intervals, as lines of text, for what benchmarks print."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from drift.features.certificates import wilson


def f1(true: np.ndarray, said: np.ndarray) -> float:
    both = (true & said).sum()
    return 2 * both / max(true.sum() + said.sum(), 1)


def f1_interval(true: np.ndarray, said: np.ndarray, groups: Iterable | None = None) -> tuple[float, float]:
    """95 % interval of F1 by bootstrap; answers to one prompt are drawn together, as they are no independent rows."""
    codes = pd.factorize(np.asarray(list(groups), object))[0] if groups is not None else np.arange(len(true))
    n = codes.max() + 1
    both, all_true, all_said = (np.bincount(codes, values, n) for values in (true & said, true, said))
    draws = np.random.default_rng(0).integers(0, n, (1000, n))
    scores = 2 * both[draws].sum(1) / np.maximum(all_true[draws].sum(1) + all_said[draws].sum(1), 1)
    return tuple(np.quantile(scores, [0.025, 0.975]))


def line(name: str, true: np.ndarray, said: np.ndarray, groups: Iterable | None = None) -> str:
    """Precision, recall and F1."""
    both = int((true & said).sum())
    parts = [f"{name:46s} n {len(true):5d}"]
    for what, k, n in (("precision", both, int(said.sum())), ("recall", both, int(true.sum()))):
        low, high = wilson(k, n)
        parts.append(f"{what} {k / max(n, 1):.3f} [{low:.3f}, {high:.3f}]")
    low, high = f1_interval(true, said, groups)
    parts.append(f"F1 {f1(true, said):.3f} [{low:.3f}, {high:.3f}]")
    return "  ".join(parts)


def share(name: str, said: np.ndarray) -> str:
    """How many of the rows."""
    low, high = wilson(said.sum(), len(said))
    return f"{name:46s} n {len(said):5d}  found in {said.mean():.4f} [{low:.4f}, {high:.4f}]"
