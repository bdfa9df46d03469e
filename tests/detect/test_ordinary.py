"""The model that all who ask of ordinary days share: its likelihood by the textbook, its prior, and what it leaves out."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from drift.detect.lasting import change_point
from drift.detect.predict import ordinary
from drift.detect.predict.ordinary import INDEPENDENT, RATIO, USUAL, Prior, Series, courses, covariances, last_days, solve
from drift.detect.predict.random_effects import ask
from drift.detect.predict.shared_prior import shared_prior

DAYS = [date(2026, 1, 5) + timedelta(days=k) for k in range(29)]


def one(seed: int = 0, phi: float = 0.0) -> Series:
    rng = np.random.default_rng(seed)
    u = rng.standard_normal(29)
    for t in range(1, 29):
        u[t] = phi * u[t - 1] + np.sqrt(1 - phi**2) * u[t]
    n = np.where([day.weekday() >= 5 for day in DAYS], 700.0, 1000.0)
    return Series.alone(u / 30 + rng.standard_normal(29) / np.sqrt(n), 1 / n)


def reml(y: np.ndarray, v: np.ndarray, x: np.ndarray) -> float:
    """Restricted log likelihood, but for a constant: Patterson & Thompson 1971."""
    inverse = np.linalg.inv(v)
    inner = x.T @ inverse @ x
    p = inverse - inverse @ x @ np.linalg.solve(inner, x.T @ inverse)
    return -0.5 * (np.linalg.slogdet(v)[1] + np.linalg.slogdet(inner)[1] + y @ p @ y)


def test_the_likelihood_is_the_textbooks():
    series, shape = one(), covariances(DAYS)[8]
    (course,) = courses(series)
    ((log,),) = solve(shape[None], course, last_days(29, [1])).likelihood()
    n = series.n[0]
    direct = [reml(series.y[0], r**2 * shape / n.mean() + np.diag(1 / n), np.ones((29, 1))) for r in RATIO[[5, 20, 30]]]
    np.testing.assert_allclose(np.diff(log[[5, 20, 30]]), np.diff(direct), rtol=1e-6)


def test_the_first_changed_day_is_as_likely_as_a_step_of_a_normal_size_makes_it(monkeypatch: pytest.MonkeyPatch):
    """With all but the size of the step known, the posterior is that of normal likelihoods with the step in the covariance."""
    series, shape, ratio = one(3), covariances(DAYS)[6], RATIO[28]
    series.y[0, 20:] += 0.12
    for where in (ordinary, change_point):
        monkeypatch.setattr(where, "RATIO", np.array([ratio, ratio]))
    monkeypatch.setattr(change_point, "covariances", lambda days: shape[None])
    found = change_point.locate(series, DAYS, Prior(np.ones(1)))
    n = series.n[0]
    v = ratio**2 * shape / n.mean() + np.diag(1 / n)
    log = np.full((len(change_point._SIZES), 29), -np.inf)
    for c in range(1, 29):
        step = (np.arange(29) >= c).astype(float)
        for g, size in enumerate(change_point._SIZES):
            spread = size**2 * (ratio**2 + 1) / n.mean()
            log[g, c] = reml(series.y[0], v + spread * np.outer(step, step), np.ones((29, 1)))
    weight = np.exp(log - log.max()).sum(0)
    np.testing.assert_allclose(found.probability, weight / weight.sum(), atol=1e-6)
    assert found.index == 20


def test_what_cannot_be_is_neither_asked_nor_learnt():
    series = one(1, phi=0.6)
    learnt = shared_prior(series, DAYS, usual=INDEPENDENT)
    assert learnt.possible.tolist() == [0] and USUAL.joint.sum() == pytest.approx(1)
    by_chance = [date(2026, 1, 5) + timedelta(days=int(k)) for k in np.random.default_rng(0).permutation(400)[:29]]
    here, there = (ask(series, days, last_days(29, [1]), learnt) for days in (DAYS, by_chance))
    np.testing.assert_allclose(here.z, there.z)


def test_a_prior_adds_up_to_one_for_every_series():
    prior = shared_prior(one(2), DAYS)
    assert np.exp(prior.log(one(2))).sum((1, 2)) == pytest.approx(1, abs=1e-6)
