"""A new prompt, model or release is compared with what it replaced, and its coming alone changes nothing else."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pytest

from drift import profiles
from drift.config import Config
from drift.detect import night
from drift.detect.settings import Settings
from drift.findings import Finding
from drift.profiles.day import DayProfile

START = date(2026, 3, 2)
CONFIG = Config.of({"segments": {"dimensions": ["name", "model", "prompt"]}})
SETTINGS = Settings.of(CONFIG)


@lru_cache(maxsize=256)
def day(
    number: int, chat_prompt: str = "chat@1", search_model: str = "small", length: float = 1.0, share: float = 0.5
) -> DayProfile:
    """Chat answers briefly and refuses more than search; half of search is answered by a large model, at greater length."""
    rng = np.random.default_rng([11, number])
    n = 2000
    chat = rng.random(n) < share
    large = ~chat & (rng.random(n) < 0.5)
    level = np.where(chat, 5.0, np.where(large, 7.5, 6.5)) + np.where(chat, np.log(length), 0.0)
    features = pa.table(
        {
            "name": np.where(chat, "chat", "search"),
            "model": np.where(chat, "small", np.where(large, "large", search_model)),
            "prompt": np.where(chat, chat_prompt, "search@1"),
            "output_characters": np.exp(level + 0.4 * rng.standard_normal(n) + 0.02 * rng.standard_normal()),
            "steps": np.where(chat, 1.0, 2.0 + (rng.random(n) < 0.3)),
            "refusal": (rng.random(n) < np.where(chat, 0.10, 0.01)).astype(float),
            "finish_reason": np.where(rng.random(n) < np.where(chat, 0.0, 0.08), "length", "stop"),
        }
    )
    when = START + timedelta(days=number)
    return DayProfile(when, profiles.build(features, CONFIG, when))


def findings(**change) -> list[Finding]:
    return night([day(number) for number in range(28)], day(28, **change), SETTINGS)


def alarms(found: list[Finding]) -> set[str]:
    return {each.metric for each in found if each.alarm}


@pytest.mark.parametrize("change", [{"chat_prompt": "chat@2"}, {"search_model": "small-2"}, {"share": 0.65}], ids=str)
def test_another_prompt_or_model_or_mix_of_traffic_changes_nothing_but_the_mix(change):
    found = alarms(findings(**change))
    assert found and found <= {"name", "model", "prompt"}


def test_what_a_new_prompt_changes_is_a_change_of_the_whole_and_of_its_endpoint():
    found = findings(chat_prompt="chat@2", length=0.7)
    level = {
        (f.dimension, f.value): f
        for f in found
        if f.metric == "output_characters" and f.statistic == "level" and f.test == "night"
    }
    assert level["name", "chat"].alarm and level["name", "chat"].effect == pytest.approx(-0.3, abs=0.04)
    assert level["all", ""].alarm and level["all", ""].effect == pytest.approx(0.7**0.5 - 1, abs=0.03)
    assert alarms(found) <= {"output_characters", "prompt"}
