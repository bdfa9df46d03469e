"""What can be had of heavy-tailed days: an ideal detector that knows everything but how wide and how heavy-tailed days are.

    python benchmarks/tails.py        # a minute

Ten metrics, 28 ordinary days, then a night. The detector knows the levels, the sampling errors and each metric's share λ of day
effects (as drift estimates it on the peers' harness at 5,000 traces a day); days are independent. What it does not know it averages
over the posterior that the 280 days leave: each metric's width, log-normal around its guess by SPREAD, and whether day effects are
normal or t(4), believed to be t(4) by the prior in the first column. So the table bounds what any detector can do within a budget of
1 %: more false alarms on t(4) days, or less power on normal ones. The oracle knows that days are normal, and the widths.

No test: nothing here runs in CI.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from scipy.special import logsumexp, ndtri

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from drift.detect.predict.calibration import Tail

SHARE = np.array([0.94, 0.90, 0.86, 0.84, 0.82, 0.80, 0.75, 0.65, 0.55, 0.40])
BUDGET, DAYS, NIGHTS = 0.01, 28, 4000
ORACLE = (0.5, 0.65, 0.8, 0.95)
PRIORS = (0.0, 0.04, 0.1, 0.25, 0.5)
SPREADS = (0.0, 0.25)
NORMAL, HEAVY = np.inf, 4.0
# what is asked of a density or a tail is looked up here
FAR = np.linspace(0.0, 60.0, 12_001)


class Day:
    """z of an ordinary day of each metric, of unit variance: √λ times a t of `degrees`, and sampling error."""

    def __init__(self, degrees: float):
        self._degrees = degrees
        self._upper = [Tail(((1.0, 1.0, degrees),)).upper(FAR, share) for share in SHARE]
        self._density = [-np.gradient(upper, FAR) for upper in self._upper]

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        shape, degrees = (*shape, len(SHARE)), self._degrees
        effect = (
            rng.standard_normal(shape)
            if degrees == NORMAL
            else rng.standard_t(degrees, shape) / np.sqrt(degrees / (degrees - 2))
        )
        return np.sqrt(SHARE) * effect + np.sqrt(1 - SHARE) * rng.standard_normal(shape)

    def log_density(self, z: np.ndarray) -> np.ndarray:
        """(…, metrics)."""
        return np.log(self._look_up(z, self._density) + 1e-300)

    def two_sided(self, z: np.ndarray) -> np.ndarray:
        """p-values, (…, metrics)."""
        return 2 * self._look_up(z, self._upper)

    def _look_up(self, z: np.ndarray, tables: list[np.ndarray]) -> np.ndarray:
        return np.stack([np.interp(np.abs(z[..., j]), FAR, table) for j, table in enumerate(tables)], axis=-1)


def main() -> None:
    rng, limit = np.random.default_rng(7), BUDGET / len(SHARE)
    needed = ndtri(1 - limit / 2) + ndtri(np.array(ORACLE))
    believed = {degrees: Day(degrees) for degrees in (NORMAL, HEAVY)}
    head = " | ".join(f"power where the oracle's is {power:g}" for power in ORACLE)
    print(f"| widths | prior of t(4) | any alarm, normal days | any alarm, t(4) days | {head} |\n|{'---|' * (4 + len(ORACLE))}")
    for spread in SPREADS:
        steps = np.linspace(-2.5, 2.5, 21) if spread else np.zeros(1)
        widths, prior = np.exp(spread * steps), -0.5 * steps**2
        prior -= logsumexp(prior)
        nights = {true: _nights(rng, day, believed, spread, widths, prior) for true, day in believed.items()}
        for heavy in PRIORS:
            alarms = [(_p(*nights[true], believed, widths, heavy) <= limit).any(1).mean() for true in (NORMAL, HEAVY)]
            today, own, seen = nights[NORMAL]
            powers = [(_p(today + shift * own, own, seen, believed, widths, heavy)[:, 1] <= limit).mean() for shift in needed]
            named = "known" if not spread else f"± {spread:g}"
            print(f"| {named} | {heavy:g} | " + " | ".join(f"{value:.3f}" for value in (*alarms, *powers)) + " |")


def _nights(rng, day: Day, believed: dict[float, Day], spread: float, widths: np.ndarray, prior: np.ndarray):
    """Today's values (nights, metrics), the true widths, and log likelihood × prior of the days before, by belief (…, widths)."""
    own = np.exp(spread * rng.standard_normal((NIGHTS, len(SHARE))))
    past, today = day.draw(rng, (NIGHTS, DAYS)) * own[:, None], day.draw(rng, (NIGHTS,)) * own
    seen = {
        degrees: np.stack([each.log_density(past / w).sum(1) - DAYS * np.log(w) for w in widths], axis=-1) + prior
        for degrees, each in believed.items()
    }
    return today, own, seen


def _p(today, own, seen, believed: dict[float, Day], widths: np.ndarray, heavy: float) -> np.ndarray:
    """p-values (nights, metrics), averaged over what the days before leave possible."""
    evidence = {degrees: logsumexp(log, axis=-1) for degrees, log in seen.items()}
    factor = (evidence[HEAVY] - evidence[NORMAL]).sum(1)
    with np.errstate(divide="ignore", over="ignore"):
        weight = 1 / (1 + (1 - heavy) / heavy * np.exp(-factor)) if heavy else np.zeros(len(today))
    total = np.zeros(today.shape)
    for degrees, of_belief in ((NORMAL, 1 - weight), (HEAVY, weight)):
        of_width = np.exp(seen[degrees] - evidence[degrees][..., None])
        p = sum(of_width[..., i] * believed[degrees].two_sided(today / w) for i, w in enumerate(widths))
        total += of_belief[:, None] * p
    return total


if __name__ == "__main__":
    main()
