"""A certificate says what a signal was measured to be worth, and where that is too little for what an incident claims."""

from __future__ import annotations

import pytest

from drift import metrics
from drift.features import certificates
from drift.features.certificates import Certificate, Share, told


def certificate(finds: Share, false: Share) -> Certificate:
    return Certificate("refusals", finds, false, "answers", "others", "English", "any")


@pytest.mark.parametrize(("k", "n", "low", "high"), [(0, 20, 0.0, 0.1611), (81, 263, 0.2553, 0.3662), (5, 5, 0.5655, 1.0)])
def test_intervals_are_wilsons(k, n, low, high):
    # Newcombe (1998), table I, and its formula
    assert Share(k, n).interval == pytest.approx((low, high), abs=5e-4)


def test_every_certificate_is_of_a_metric_and_says_on_what_it_was_measured():
    assert {"refusal", "declined", "injection", "correction", "pii", "prompt_leak"} <= set(certificates.everything())
    for metric, each in certificates.everything().items():
        assert metrics.lookup(metric).kind == "rate"
        assert each.cases and each.others and each.languages and each.shortest
        assert each.finds.value > each.false.value


def test_an_incident_says_what_its_signal_finds():
    assert (
        certificate(Share(910, 1000), Share(4, 1000)).sentence
        == "measured: finds 91 % of refusals and takes 0.4 % of other texts for one"
    )
    assert told("refusal", 0.02, 0.09).startswith("measured: finds 96 % of refusals")
    assert told("pii.email_address", 0.0, 0.2) == told("pii", 0.0, 0.2) != ""
    assert told("latency_s", 1.0, 2.0) == ""


def test_a_signal_is_weak_for_a_change_that_other_texts_may_make():
    good = certificate(Share(910, 1000), Share(4, 1000))
    assert good.weak(0.02, 0.05) == "" and good.weak(0.05, 0.02) == ""
    assert "1 % of other texts" in good.weak(0.020, 0.027)


def test_a_signal_that_may_miss_half_is_weak_for_any_change():
    assert "miss half" in certificate(Share(6, 10), Share(0, 1000)).weak(0.0, 0.9)


def test_a_true_change_is_the_seen_one_divided_by_what_comes_through():
    # Rogan and Gladen (1978): (r + Sp − 1) / (Se + Sp − 1), on both days
    perfect, real = certificate(Share(1000, 1000), Share(0, 1000)), certificate(Share(800, 1000), Share(50, 1000))
    assert perfect.true_change(0.03, 0.02, 0.04) == pytest.approx((0.03, 0.02, 0.04))
    change, low, high = real.true_change(0.03, 0.02, 0.04)
    assert change == pytest.approx(((0.08 - 0.05) - (0.05 - 0.05)) / 0.75)
    assert low < 0.02 / 0.75 and high > 0.04 / 0.75


def test_groundedness_by_words_is_called_a_weak_instrument():
    assert told("groundedness", 0.8, 0.6).startswith("weak instrument: it counts words")
    assert "AUC of 0.6" in told("groundedness", 0.8, 0.6)
