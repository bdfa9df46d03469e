"""A second opinion on an alarm: can a classifier tell today's traces from the baseline's, and by what?

Not a test of every night: it reads rows, and a classifier can tell any two days apart when there is enough traffic. So
today's accuracy is held against what the same classifier reaches on ordinary days. Sources: Lopez-Paz & Oquab 2017
(classifier two-sample tests); Hanley & McNeil 1982 (AUC).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

_DAYS = 8
_ROWS = 1000
_FOLDS = 5


@dataclass(frozen=True)
class Separation:
    """auc: of today against the baseline, cross-validated; usual: the same of ordinary days, mean. p: that an ordinary day
    is told apart as well as today. traces: rows of today that are most unlike the baseline, most unlike first.

    labels: (column, label, share among those rows, share in the baseline), the largest differences first.
    """

    auc: float
    usual: float
    p: float
    traces: np.ndarray
    labels: tuple[tuple[str, str, float, float], ...]


def separate(
    baseline: Sequence[np.ndarray],
    today: np.ndarray,
    columns: Mapping[str, tuple[np.ndarray, np.ndarray]] | None = None,
    *,
    seed: int = 0,
) -> Separation:
    """Tell today's unit vectors (n, d) from those of the baseline's days (at least 4).

    columns: by name, labels of the baseline's rows (all days, in order) and of today's, to say what separates them.
    """
    rng = np.random.default_rng(seed)
    asked = rng.permutation(len(baseline))[:_DAYS]
    usual = np.array([_auc(_others(baseline, i, rng), _some(baseline[i], rng), seed)[0] for i in asked])
    rest, own = _others(baseline, None, rng), np.arange(len(today))
    if len(own) > _ROWS:
        own = rng.permutation(len(today))[:_ROWS]
    auc, scores = _auc(rest, today[own], seed)
    spread = max(float(usual.std(ddof=1)), _auc_error(auc, len(rest), len(own)) / 2)
    p = float(stats.t.sf((auc - usual.mean()) / (spread * np.sqrt(1 + 1 / len(usual))), len(usual) - 1))
    ranked = own[np.argsort(-scores, kind="stable")]
    return Separation(auc, float(usual.mean()), p, ranked, _labels(columns or {}, ranked[: max(10, len(ranked) // 10)]))


def _some(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return x if len(x) <= _ROWS else x[rng.permutation(len(x))[:_ROWS]]


def _others(days: Sequence[np.ndarray], left_out: int | None, rng: np.random.Generator) -> np.ndarray:
    each = -(-2 * _ROWS // len(days))
    return np.concatenate([x[rng.permutation(len(x))[:each]] for i, x in enumerate(days) if i != left_out])


def _auc(before: np.ndarray, after: np.ndarray, seed: int) -> tuple[float, np.ndarray]:
    """Cross-validated AUC and the scores of the rows of `after`."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    x = np.concatenate([before, after])
    y = np.concatenate([np.zeros(len(before)), np.ones(len(after))])
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=seed)
    model = LogisticRegression(C=1.0, class_weight="balanced", max_iter=200)
    score = cross_val_predict(model, x, y, cv=folds, method="decision_function")
    return float(roc_auc_score(y, score)), score[len(before) :]


def _auc_error(auc: float, a: int, b: int) -> float:
    q1, q2 = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    return float(np.sqrt((auc * (1 - auc) + (b - 1) * (q1 - auc**2) + (a - 1) * (q2 - auc**2)) / (a * b)))


def _labels(columns: Mapping[str, tuple[np.ndarray, np.ndarray]], rows: np.ndarray) -> tuple:
    found = []
    for name, (before, after) in columns.items():
        old, new = (np.array(["" if v is None else str(v) for v in values]) for values in (before, after[rows]))
        for label in set(new) - {""}:
            found.append((name, str(label), float((new == label).mean()), float((old == label).mean())))
    return tuple(sorted(found, key=lambda f: f[3] - f[2])[:5])
