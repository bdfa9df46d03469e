"""What drift would see in traffic that one does not have yet."""

from __future__ import annotations

import pytest

from drift.config import Config
from drift.detect import power


@pytest.fixture(scope="module")
def few():
    return {row.metric: row for row in power.expected(200, 14, Config())}


def test_every_typical_metric_is_answered_within_a_week_by_less_than_in_a_night(few):
    assert list(few) == [each.metric for each in power.TYPICAL]
    for row in few.values():
        assert not row.blind_reason
        assert row.seven_nights < row.one_night


def test_ten_times_the_traffic_hears_less_than_half_of_the_refusals(few):
    many = {row.metric: row for row in power.expected(2000, 14, Config())}
    assert many["refusal"].one_night < 0.5 * few["refusal"].one_night
    assert many["latency_s"].one_night < few["latency_s"].one_night


def test_with_too_few_days_nothing_is_promised():
    for row in power.expected(200, 4, Config()):
        assert row.one_night is None
        assert row.blind_reason == "only 4 ordinary days to compare with"
