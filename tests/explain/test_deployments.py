"""A deployment is a cause where its requests differ from the others, not because it happened."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from drift import profiles
from drift.config import Config
from drift.detect.statistics.panel import Panel
from drift.explain import deployments, events
from drift.explain.causes import judge
from drift.explain.deployments import Deployment
from drift.explain.scene import Moved, Scene
from drift.findings import Event, Finding
from drift.profiles.day import DayProfile

START = date(2026, 9, 1)
CONFIG = Config.of({})
PLACE = ("name", "chat")


def day(number: int, versions: dict[str, float], longer: dict[str, float] | None = None, everybody: float = 1.0) -> DayProfile:
    """800 requests to chat, by prompt version, whose answers are so many times as long as usual."""
    rng = np.random.default_rng(number)
    prompt = rng.choice(list(versions), 800, p=list(versions.values()))
    length = 400 * np.exp(0.4 * rng.standard_normal(800)) * everybody * np.array([(longer or {}).get(v, 1.0) for v in prompt])
    table = pa.table({
        "trace_id": [f"{number}-{i}" for i in range(800)], "name": np.full(800, "chat"),
        "prompt": np.char.add("chat@", prompt), "output_characters": length,
    })  # fmt: skip
    when = START + timedelta(days=number)
    return DayProfile(when, profiles.build(table, CONFIG, when))


def weighed(days: list[DayProfile], value: str, low: date | None = None) -> Deployment:
    panel = Panel(days)
    last = len(days) - 1
    lead = Finding(panel.days[last], "output_characters", *PLACE, "level", "night", "characters", "")
    found = [event for event in events.around(panel, PLACE, panel.days[-4], panel.days[last]) if event.value == value]
    return deployments.weigh(panel, lead, found[0], PLACE, range(last - 5), low or panel.days[last])


def test_side_by_side_the_requests_with_a_new_prompt_that_changed_nothing_are_as_the_others():
    before = [day(n, {"v1": 1.0}) for n in range(25)]
    known = weighed([*before, day(25, {"v1": 0.5, "v2": 0.5}, everybody=1.4)], "chat@v2")
    assert known.beside == pytest.approx(0, abs=0.25)


def test_side_by_side_a_prompt_that_did_it_carries_all_of_the_change():
    before = [day(n, {"v1": 1.0}) for n in range(25)]
    known = weighed([*before, day(25, {"v1": 0.5, "v2": 0.5}, longer={"v2": 1.8})], "chat@v2")
    assert known.beside == pytest.approx(1, abs=0.2)


def test_a_new_prompt_that_has_hardly_any_requests_yet_did_not_change_all_of_them():
    before = [day(n, {"v1": 1.0}) for n in range(25)]
    known = weighed([*before, day(25, {"v1": 0.9, "v2": 0.1}, everybody=1.4)], "chat@v2")
    assert known.beside == pytest.approx(0, abs=0.1)


def test_what_all_requests_had_on_a_day_before_the_change_can_have_begun_is_no_cause():
    before = [day(n, {"v1": 1.0}) for n in range(24)]
    rolled_out = [*before, day(24, {"v2": 1.0}), day(25, {"v2": 1.0}, everybody=1.4)]
    assert weighed(rolled_out, "chat@v2").ahead == START + timedelta(days=24)
    assert weighed(rolled_out, "chat@v2", low=START + timedelta(days=24)).ahead is None
    # late on the day before, few had it
    late = [*before, day(24, {"v1": 0.9, "v2": 0.1}), day(25, {"v2": 1.0}, everybody=1.4)]
    assert weighed(late, "chat@v2").ahead is None


def test_how_often_something_is_deployed_and_what_it_ordinarily_does_are_learnt():
    routine = [day(n, {f"v{n // 5}": 1.0}) for n in range(35)]
    known = weighed([*routine, day(35, {"v7": 1.0}, everybody=1.5)], "chat@v7")
    assert known.every == pytest.approx(5, abs=1) and known.beside is None and known.beyond > 5
    assert weighed([*[day(n, {"v1": 1.0}) for n in range(25)], day(25, {"v2": 1.0})], "chat@v2").every is None


NEW = Event("appeared", "prompt", "support@8", date(2026, 11, 18), 0.0, 1.0)


def verdict(known: Deployment, carried: float | None = 1.0):
    scene = Scene("output_tokens", {"output_tokens": Moved(8.0, 0.3, True)}, (NEW,), {NEW: carried})
    return judge(replace(scene, deployments={NEW: known}))


@pytest.mark.parametrize(
    ("cause", "confidence", "known"),
    [
        ("prompt_change", "likely", Deployment()),
        # with a new prompt every few days one is always near
        ("unclear", "", Deployment(every=3.0)),
        # nor what all had before it began
        ("silent_model_update", "possible", Deployment(ahead=START)),
        ("unclear", "", Deployment(every=7.0)),
        ("unclear", "", Deployment(every=20.0, beyond=0.9)),
        # what its requests show beside the others decides, however often there is one
        ("prompt_change", "likely", Deployment(every=3.0, beside=0.9)),
        # nor does it matter that it came, where the others changed alike
        ("silent_model_update", "possible", Deployment(beside=0.05)),
    ],
)
def test_its_nearness_counts_the_less_the_more_often_there_is_one(cause: str, confidence: str, known: Deployment):
    found = verdict(known)
    assert (found.cause, found.confidence) == (cause, confidence), found
