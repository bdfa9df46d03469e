"""The rate that people would find, from a few of their labels and a judge's many.

The judge says of many traces whether they fail, people of a few. The estimate is the labels' own rate, corrected by how far the judge's
share on the labelled traces is from its share on all that were judged: prediction-powered inference with the most useful λ
(Angelopoulos, Bates, Fannjiang, Jordan and Zrnic 2023, https://doi.org/10.1126/science.adi6000; λ: Angelopoulos, Duchi and Zrnic 2023,
"PPI++", arXiv:2311.01453), which for yes and no is double sampling (Tenenbein 1970, https://doi.org/10.1080/01621459.1970.10481170).

The interval is a score interval, as Wilson's is of a rate: it holds the rates p at which the estimate would not be surprising, with the
estimate, λ and the variance that belong to p. For twenty labels that matters: with the variance of the twenty themselves it covers less
than it says. Where the judge is worth nothing it is Wilson's interval.

Only labels of the same days move the estimate. Those of the days before say how far to trust the judge, which is λ and the variance: a
judge that is no longer as it was makes the interval wider or narrower than it should be, but the estimate stays right.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

_Z = float(stats.norm.ppf(0.975))
# rates at which the estimate is asked; between them the ends of the interval are interpolated
_GRID = np.linspace(1e-6, 1 - 1e-6, 1001)
# labels' worth of belief that the judge says "fails" of what fails as often as of anything
_PRIOR = 1.0


@dataclass(frozen=True)
class Labels:
    """What people said, and the judge of the same traces; arrays of shape (n,).

    fails: 1 where people say that the trace fails, 0 where not. judged: the judge's verdict, as 1 or 0; NaN where it gave none.
    weight: how many traces of the traffic each stands for, up to a factor: one over its chance to be offered.
    """

    fails: np.ndarray
    judged: np.ndarray
    weight: np.ndarray

    @classmethod
    def of(cls, fails: np.ndarray, judged: np.ndarray | None = None, weight: np.ndarray | None = None) -> Labels:
        """Labels of traces that were chosen with equal chances where no weight is given, without a judge where none is."""
        y = np.asarray(fails, float)
        return cls(
            y,
            np.full(len(y), np.nan) if judged is None else np.asarray(judged, float),
            np.ones(len(y)) if weight is None else np.asarray(weight, float),
        )

    def __len__(self) -> int:
        return len(self.fails)

    def beside_judge(self) -> Labels:
        """Those that the judge has a verdict of."""
        there = np.isfinite(self.judged)
        return Labels(self.fails[there], self.judged[there], self.weight[there])


NONE = Labels.of(np.zeros(0))


@dataclass(frozen=True)
class JudgeErrors:
    """How often the judge says "fails" of what people say fails (`finds`), and of what they do not (`false`); of n labels."""

    finds: float
    false: float
    n: int


@dataclass(frozen=True)
class Truth:
    """The rate that people would find, its 95 % interval, and of how many labels and verdicts.

    worth: the number of labels of a plain random sample, without a judge, that would tell as much.
    """

    rate: float
    low: float
    high: float
    labels: int
    judged: int
    worth: float


def errors(labels: Labels) -> JudgeErrors | None:
    """The judge's own errors, None where there are no labels beside its verdicts.

    Each rate is drawn towards the judge's overall share by one label's worth, so that a few labels do not make a perfect judge.
    """
    known = labels.beside_judge()
    if not len(known):
        return None
    y, f, w = known.fails, known.judged, known.weight / known.weight.mean()
    share = (np.sum(w * f) + 0.5) / (len(known) + 1)
    finds = (np.sum(w * f * y) + _PRIOR * share) / (np.sum(w * y) + _PRIOR)
    false = (np.sum(w * f * (1 - y)) + _PRIOR * share) / (np.sum(w * (1 - y)) + _PRIOR)
    return JudgeErrors(float(finds), float(false), len(known))


def truth(labels: Labels, verdicts: np.ndarray, weight: np.ndarray | None = None, earlier: Labels = NONE) -> Truth | None:
    """The rate that people would find among the traces that were judged, None without labels.

    verdicts: the judge's, 1 fails or 0, shape (N,), of every judged trace of the same days, the labelled ones among them; weight: how many
    traces each stands for, up to a factor. earlier: labels of the days before. Verdicts that are NaN are none; where the judge gave
    none of the labelled traces, the labels are left alone.
    """
    known = np.isfinite(verdicts)
    f_all = np.asarray(verdicts, float)[known]
    v = np.ones(len(f_all)) if weight is None else np.asarray(weight, float)[known]
    beside = labels.beside_judge()
    trust = errors(_joined(earlier, labels)) if len(beside) == len(labels) and len(f_all) else None
    if not len(labels):
        return None
    w = labels.weight / labels.weight.sum()
    if trust is None:
        t, var = _alone(labels.fails, w)
        n_judged = 0
    else:
        t, var = _beside(beside, w, f_all, v / v.sum(), trust)
        n_judged = len(f_all)
    low, rate, high = (_crossing(t, at) for at in (_Z, 0.0, -_Z))
    middle = (low + high) / 2
    worth = middle * (1 - middle) / float(np.interp(middle, _GRID, var))
    return Truth(rate, low, high, len(labels), n_judged, worth)


def _joined(one: Labels, other: Labels) -> Labels:
    """Both, each with weights of mean 1."""
    parts = [part for part in (one, other) if len(part)]
    if not parts:
        return NONE
    return Labels(
        np.concatenate([part.fails for part in parts]),
        np.concatenate([part.judged for part in parts]),
        np.concatenate([part.weight / part.weight.mean() for part in parts]),
    )


def _alone(y: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distance of the labels' rate from each p of the grid in its standard deviations, and the variance at p."""
    var = _GRID * (1 - _GRID) * np.sum(w**2)
    return (np.sum(w * y) - _GRID) / np.sqrt(var), var


def _beside(
    labels: Labels, w: np.ndarray, f_all: np.ndarray, v: np.ndarray, trust: JudgeErrors
) -> tuple[np.ndarray, np.ndarray]:
    """The same with a judge. Where the rate is p, the judge says f of the share s_f(p), and of that the share m_f(p) fails (Bayes). The
    estimate is Σ w (y − m_f) + Σ v m_f, its variance Σ_f a_f s_f m_f (1 − m_f) + Σ v² var(m_f), with a_f the mean weight of a label."""
    p = _GRID
    says = trust.false + p * (trust.finds - trust.false)
    s = np.array([1 - says, says])
    m = np.array([p * (1 - trust.finds), p * trust.finds]) / s
    slope = m[1] - m[0]
    estimate = np.sum(w * labels.fails) - slope * (np.sum(w * labels.judged) - np.sum(v * f_all))
    var = np.sum(v**2) * slope**2 * says * (1 - says)
    for f in (0, 1):
        own = w[labels.judged == f]
        var += (np.sum(own**2) / np.sum(own) if len(own) else np.sum(w**2)) * s[f] * m[f] * (1 - m[f])
    return (estimate - p) / np.sqrt(var), var


def _crossing(t: np.ndarray, at: float) -> float:
    """The rate at which `t`, which falls from rate 0 to 1, is `at`: the outermost one for an end of the interval."""
    above = t > at
    if at > 0:
        i = int(np.argmin(above)) if not above.all() else len(t)
    else:
        i = len(t) - int(np.argmax(above[::-1])) if above.any() else 0
    if i == 0:
        return 0.0
    if i == len(t):
        return 1.0
    step = (t[i - 1] - at) / (t[i - 1] - t[i])
    return float(_GRID[i - 1] + step * (_GRID[i] - _GRID[i - 1]))
