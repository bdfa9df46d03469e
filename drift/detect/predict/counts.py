"""Tails of a statistic's count under what the model predicts for it, where counts are small."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.special import gammaln

from drift.detect.predict import random_effects
from drift.detect.statistics import arcsine
from drift.detect.statistics.statistic import Statistic


def tails(
    statistic: Statistic, verdicts: random_effects.Verdicts, s: int, column: int, days: int, normal: tuple[float, float]
) -> tuple[float, float]:
    """One-sided p-values (upper, lower) of the count of the last `days` together, by the beta-binomial; `normal`, those of the
    normal on the arcsine scale, where counts are large. column: the question of `verdicts` about these days; s: its row."""
    asked = np.arange(len(statistic.n)) >= len(statistic.n) - days
    found = _predicted(statistic, verdicts, s, column, asked)
    if not found:
        return normal
    known = (statistic.n > 0) & asked
    events, size, _ = statistic.counts()
    k, n = int(round(events[known].sum())), int(round(size[known].sum()))
    up = down = 0.0
    for p, latent in found:
        upper, lower = beta_binomial_tails(k, n, p, latent)
        up, down = up + upper / random_effects.GROUPS, down + lower / random_effects.GROUPS
    return min(up, 1.0), min(down, 1.0)


def limit(
    statistic: Statistic, verdicts: random_effects.Verdicts, s: int, column: int, days: int, sign: int, p: float
) -> tuple[int, int] | None:
    """The count of the last `days` together from which on (sign 1), or down to which (sign −1), its exact tail is at most p, and of
    how many traces. None where counts are too large for the exact tail; −1 or n + 1 where no count is that unlikely."""
    asked = np.arange(len(statistic.n)) >= len(statistic.n) - days
    found = _predicted(statistic, verdicts, s, column, asked)
    if not found:
        return None
    _, size, _ = statistic.counts()
    n = int(round(size[asked & (statistic.n > 0)].sum()))
    tail = np.mean([_all_tails(n, share, latent, sign) for share, latent in found], axis=0)
    unlikely = np.flatnonzero(tail <= p)
    if not len(unlikely):
        return (n + 1 if sign > 0 else -1), n
    return int(unlikely[0] if sign > 0 else unlikely[-1]), n


def _predicted(
    statistic: Statistic, verdicts: random_effects.Verdicts, s: int, column: int, asked: np.ndarray
) -> list[tuple[float, float]]:
    """Mean share and variance on the arcsine scale that are predicted of the asked days, in groups; empty where counts are large or
    unknown."""
    known = statistic.n > 0
    history, asked = known & ~asked, known & asked
    events, sizes, expected = statistic.counts()
    size = sizes[asked]
    traces = float(size.sum())
    k, n = int(round(float(events[asked].sum()))), int(round(traces))
    past_sizes = sizes[history]
    pooled_k, pooled_n = events[history].sum(), past_sizes.sum()
    if not pooled_n or not n:
        return []
    usual = float((expected[asked] * size).sum() / traces)
    if min(max(k, usual * n), max(n - k, (1 - usual) * n)) > LARGE:
        return []
    raw = float((statistic.raw[asked] * size).sum() / traces)
    per_day = pooled_n / len(past_sizes)
    # the binomial's traces are strangers; what those of one conversation have in common spreads the share beside the day's effect
    together = max(statistic.variance * (1 / float(statistic.n[asked].sum()) - 1 / traces), 0.0)
    rate = (pooled_k + 0.5) / (pooled_n + 1)
    change, latent = _predictions(statistic, verdicts, s, column, asked)
    if min(rate, 1 - rate) * per_day < 8:
        # the arcsine of counts near 0 is biased; the pooled count is not
        mean = float((expected[history] * past_sizes).sum() / pooled_n)
        pooled = rate * usual / max(mean, 1e-300) if rate < 0.5 else 1 - (1 - rate) * (1 - usual) / max(1 - mean, 1e-300)
        share = [pooled] * len(latent)
    else:
        share = arcsine.share(raw - change).tolist()
    return [(min(max(p, 0.0), 1.0), own + together) for p, own in zip(share, latent, strict=True)]


def _predictions(
    statistic: Statistic, verdicts: random_effects.Verdicts, s: int, column: int, asked: np.ndarray
) -> tuple[np.ndarray, list[float]]:
    """Change and variance without sampling error of the prediction, in groups from certain to uncertain. That of several days is
    as much more certain than today's as its standard error says."""
    latent = verdicts.group_latent[s].tolist()
    if column == random_effects.TODAY:
        return verdicts.group_change[s], latent
    today, several = (
        max(float(verdicts.error[s, c]) ** 2 - statistic.variance / float(statistic.n[days].sum()), 1e-12)
        for c, days in ((random_effects.TODAY, -1), (column, asked))
    )
    return np.full(len(latent), verdicts.change[s, column]), [own * min(several / today, 1.0) for own in latent]


# beyond this many expected or seen events the arcsine's normal is as good
LARGE = 300


def beta_binomial_tails(k: int, n: int, p: float, variance: float) -> tuple[float, float]:
    """Mid-p values (upper, lower) of seeing k of n when the day's share is Beta with mean p and, on the arcsine scale,
    variance `variance`: that Beta has concentration 1/(4·variance) − 1, whatever p is."""
    if p > 0.5:
        lower, upper = beta_binomial_tails(n - k, n, 1.0 - p, variance)
        return upper, lower
    mass = _mass(n, p, variance, k)
    half = 0.5 * mass[k]
    lower = mass[:k].sum() + half
    return max(mass[k + 1 :].sum() + half, 1e-300), max(lower, 1e-300)


def _mass(n: int, p: float, variance: float, k: int = 0) -> np.ndarray:
    """Beta-binomial probabilities of 0, 1, … events, as far as they are worth adding up and beyond k; p at most one half."""
    concentration = max(1.0 / (4.0 * max(variance, 1e-12)) - 1.0, 1.0)
    p = min(max(p, 1e-12), 1 - 1e-12)
    a, b = p * concentration, (1.0 - p) * concentration
    reach = int(min(n, max(k, p * n) + 60 + 12 * np.sqrt(n * p * (1 + n / concentration)) + 4 * k))
    i = np.arange(reach + 1)
    factorial = _log_factorials(1 << n.bit_length())
    ways = factorial[n] - factorial[: reach + 1] - factorial[n - reach : n + 1][::-1]
    return np.exp(ways + gammaln(i + a) + gammaln(n - i + b) - gammaln(n + a + b) + gammaln(a + b) - gammaln(a) - gammaln(b))


@lru_cache(maxsize=24)
def _log_factorials(many: int) -> np.ndarray:
    """log i! of 0 … many; asked for few sizes, so that they are few to keep."""
    return gammaln(np.arange(many + 1) + 1)


def _all_tails(n: int, p: float, variance: float, sign: int) -> np.ndarray:
    """Mid-p values of every count 0 … n, (n + 1,): of as many or more (sign 1), of as many or fewer (sign −1)."""
    if p > 0.5:
        return _all_tails(n, 1.0 - p, variance, -sign)[::-1]
    mass = np.zeros(n + 1)
    some = _mass(n, p, variance)
    mass[: len(some)] = some
    ordered = mass if sign < 0 else mass[::-1]
    tail = np.cumsum(ordered) - 0.5 * ordered
    return tail if sign < 0 else tail[::-1]
