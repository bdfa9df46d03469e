"""Do users ask other things, or does the model answer the same things differently?

The part of an output's embedding that its input does not predict is a vector of its own; a day of it is tested as any other
(`vectors.vector_test`). When the audience changes, inputs and outputs move and this does not; when the model changes silently, it
moves and the inputs do not. Only inputs such as the baseline has are looked at: what would have been answered to others no
regression can know.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from drift.detect.vectors import VectorDay, VectorResult, vector_test

# leading input directions that predict the output, and how strongly their weights are drawn to 0
COMPONENTS = 64
_RIDGE = 10.0
_FOLDS = 4
# an input is such as the baseline has if one of so many of its other days' is as near as for this share of ordinary inputs; where
# inputs lie farther apart the regression is a guess, and another audience would pass for other answers
_REFERENCE, _KNOWN = 2000, 0.7


@dataclass(frozen=True)
class Pairs:
    """A day's embedded traces: inputs and outputs, unit vectors (n, d) in the same order, no NaN."""

    inputs: np.ndarray
    outputs: np.ndarray

    @classmethod
    def of(cls, inputs: np.ndarray, outputs: np.ndarray) -> Pairs:
        """The traces that have both."""
        known = np.isfinite(inputs).all(1) & np.isfinite(outputs).all(1)
        return cls(inputs[known], outputs[known])


def test_given_input(baseline: Sequence[Pairs], today: Pairs) -> VectorResult:
    """Whether today's answers differ from what the baseline's days (at least 8) would have answered to today's inputs.

    The prediction of every day is fitted without that day, so that baseline days and today are residuals of the same kind.
    """
    *baseline, today = _like_the_baseline(baseline, today)
    folds = np.arange(len(baseline)) % _FOLDS
    fits = [_Regression.fit([day for day, of in zip(baseline, folds, strict=True) if of != fold]) for fold in range(_FOLDS)]
    days = [_day(fits[fold].residuals(day)) for day, fold in zip(baseline, folds, strict=True)]
    return vector_test(days, _day(fits[0].residuals(today)))


def _like_the_baseline(baseline: Sequence[Pairs], today: Pairs) -> list[Pairs]:
    """The days without the traces whose input is far from all inputs of the baseline's other days, today last."""
    rng = np.random.default_rng(0)
    each = -(-_REFERENCE // len(baseline))
    reference = [day.inputs[rng.permutation(len(day.inputs))[:each]] for day in baseline]
    nearest = []
    for place, day in enumerate((*baseline, today)):
        others = np.concatenate([rows for of, rows in enumerate(reference) if of != place])
        nearest.append((day.inputs @ others.T).max(1, initial=-1.0))
    least = np.quantile(np.concatenate(nearest[:-1]), 1 - _KNOWN)
    return [
        Pairs(day.inputs[near >= least], day.outputs[near >= least])
        for day, near in zip((*baseline, today), nearest, strict=True)
    ]


@dataclass(frozen=True)
class _Regression:
    """Ridge regression of outputs on the leading directions of inputs."""

    mean_in: np.ndarray
    mean_out: np.ndarray
    directions: np.ndarray
    weights: np.ndarray

    @classmethod
    def fit(cls, days: Sequence[Pairs]) -> _Regression:
        x = np.concatenate([day.inputs for day in days]).astype(float)
        y = np.concatenate([day.outputs for day in days]).astype(float)
        mean_in, mean_out = x.mean(0), y.mean(0)
        x, y = x - mean_in, y - mean_out
        _, directions = np.linalg.eigh(x.T @ x)
        directions = directions[:, ::-1][:, : min(COMPONENTS, len(x) // 20)]
        scores = x @ directions
        ridge = _RIDGE * float((scores**2).sum(0).mean()) / max(len(x), 1)
        gram = scores.T @ scores + ridge * np.eye(scores.shape[1])
        return cls(mean_in, mean_out, directions, np.linalg.solve(gram, scores.T @ y))

    def residuals(self, day: Pairs) -> np.ndarray:
        return day.outputs - self.mean_out - (day.inputs - self.mean_in) @ self.directions @ self.weights


def _day(residuals: np.ndarray) -> VectorDay:
    # no Fourier features: their bandwidths are made for unit vectors
    return VectorDay(len(residuals), residuals.sum(0), residuals.T @ residuals)
