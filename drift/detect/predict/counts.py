"""Tails of a statistic's count under what the model predicts for it, where counts are small."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.special import gammaln

from drift.detect.predict import random_effects
from drift.detect.statistics.statistic import Statistic
from drift.detect.statistics.statistics import arcsine


def tails(
    statistic: Statistic, verdicts: random_effects.Verdicts, s: int, column: int, days: int, normal: tuple[float, float]
) -> tuple[float, float]:
    """One-sided p-values (upper, lower) of the count of the last `days` together, by the beta-binomial; `normal`, those of the
    normal on the arcsine scale, where counts are large. column: the question of `verdicts` about these days; s: its row."""
    asked = np.arange(len(statistic.n)) >= len(statistic.n) - days
    history, asked = (statistic.n > 0) & ~asked, (statistic.n > 0) & asked
    size = statistic.size[asked]
    k, n = int(round(statistic.events[asked].sum())), int(round(size.sum()))
    pooled_k, pooled_n = statistic.events[history].sum(), statistic.size[history].sum()
    if not pooled_n or not n:
        return normal
    usual, raw = (float(np.average(x[asked], weights=size)) for x in (statistic.expected, statistic.raw))
    if min(max(k, usual * n), max(n - k, (1 - usual) * n)) > LARGE:
        return normal
    per_day = pooled_n / history.sum()
    up = down = 0.0
    for change, latent in _predictions(statistic, verdicts, s, column, asked):
        p = float(arcsine.share(raw - change))
        rate = (pooled_k + 0.5) / (pooled_n + 1)
        if min(rate, 1 - rate) * per_day < 8:
            # the arcsine of counts near 0 is biased; the pooled count is not
            mean = float(np.average(statistic.expected[history], weights=statistic.size[history]))
            p = rate * usual / max(mean, 1e-300) if rate < 0.5 else 1 - (1 - rate) * (1 - usual) / max(1 - mean, 1e-300)
        upper, lower = beta_binomial_tails(k, n, min(max(p, 0.0), 1.0), float(latent))
        up, down = up + upper / random_effects.GROUPS, down + lower / random_effects.GROUPS
    return min(up, 1.0), min(down, 1.0)


def _predictions(
    statistic: Statistic, verdicts: random_effects.Verdicts, s: int, column: int, asked: np.ndarray
) -> Iterator[tuple[float, float]]:
    """Change and variance without sampling error of the prediction, in groups from certain to uncertain. That of several days is
    as much more certain than today's as its standard error says."""
    if column == random_effects.TODAY:
        yield from zip(verdicts.group_change[s], verdicts.group_latent[s], strict=True)
        return
    today, several = (
        max(float(verdicts.error[s, c]) ** 2 - statistic.variance / float(statistic.n[days].sum()), 1e-12)
        for c, days in ((random_effects.TODAY, -1), (column, asked))
    )
    for latent in verdicts.group_latent[s]:
        yield float(verdicts.change[s, column]), float(latent) * min(several / today, 1.0)


# beyond this many expected or seen events the arcsine's normal is as good
LARGE = 300


def beta_binomial_tails(k: int, n: int, p: float, variance: float) -> tuple[float, float]:
    """Mid-p values (upper, lower) of seeing k of n when the day's share is Beta with mean p and, on the arcsine scale,
    variance `variance`: that Beta has concentration 1/(4·variance) − 1, whatever p is."""
    if p > 0.5:
        lower, upper = beta_binomial_tails(n - k, n, 1.0 - p, variance)
        return upper, lower
    concentration = max(1.0 / (4.0 * max(variance, 1e-12)) - 1.0, 1.0)
    p = min(max(p, 1e-12), 1 - 1e-12)
    a, b = p * concentration, (1.0 - p) * concentration
    reach = int(min(n, max(k, p * n) + 60 + 12 * np.sqrt(n * p * (1 + n / concentration)) + 4 * k))
    i = np.arange(reach + 1)
    log = (
        gammaln(n + 1) - gammaln(i + 1) - gammaln(n - i + 1)
        + gammaln(i + a) + gammaln(n - i + b) - gammaln(n + a + b)
        + gammaln(a + b) - gammaln(a) - gammaln(b)
    )  # fmt: skip
    mass = np.exp(log)
    half = 0.5 * mass[k]
    lower = mass[:k].sum() + half
    return max(mass[k + 1 :].sum() + half, 1e-300), max(lower, 1e-300)
