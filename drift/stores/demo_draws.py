"""The random numbers of a day of the demo store, drawn before any incident is looked at, and who came with which request.

An incident therefore changes the traces it touches and no others. What makes one ordinary day differ from another is a
day effect a quantity, AR(1) over days, and the weekday.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np

from drift.stores import demo_texts as texts
from drift.stores import demo_vocabulary as words

BILLING, PRODUCT, ACTIONS = range(3)

_MIX = np.log([0.45, 0.35, 0.20])
_WEEKEND_MIX = np.array([-0.10, 0.05, 0.10])
_SMALL_MODEL_SHARE = np.array([0.65, 0.50, 0.60])
_TURNS = 1.7
_USERS = 6000
_HOURS = np.array([1, 1, 1, 1, 2, 3, 5, 8, 11, 13, 14, 13, 12, 13, 14, 14, 13, 11, 9, 7, 6, 5, 3, 2], float)

# what each column of Draws.u and Draws.z is for; the order fixes the traffic
_UNIFORM = (
    "refusal",
    "partial",
    "error",
    "kind",
    "empty",
    "cut",
    "found",
    "tool",
    "retry",
    "fallback",
    "rated",
    "liked",
    "judged",
    "resolved",
    "outcome",
    "odd",
    "leak",
    "german",
    "opening",
    "channel",
    "documents",
    "calls",
    "loop",
    "gap",
)
_NORMAL = ("length", "ttft", "speed", "tokens", "score", "judge", "tool")

_PHI = 0.4
# standard deviation of the day effects: on the log scale, on the logit for shares of feedback, as it is for the score
_EFFECTS = {
    "volume": 0.05,
    "mix": 0.05,
    "mix2": 0.05,
    "length": 0.012,
    "refusal": 0.05,
    "latency": 0.04,
    "ttft": 0.04,
    "score": 0.003,
    "error": 0.10,
    "feedback": 0.05,
    "tokens": 0.01,
}
_TOPIC_EFFECT = 0.06
_WEEKEND = {"volume": -0.35, "length": -0.03, "latency": -0.08, "ttft": -0.06, "refusal": 0.05}
_TOPICS = len(texts.BILLING_TOPICS) - 1


@lru_cache(maxsize=4096)
def _innovations(seed: int, ordinal: int) -> np.ndarray:
    return np.random.default_rng([seed, ordinal, 11]).standard_normal(
        len(_EFFECTS) + _TOPICS + len(texts.ACTION_TOPICS) + len(words.FEATURES)
    )


def day_effects(seed: int, day: date) -> tuple[dict[str, float], np.ndarray]:
    """(effects by quantity, effects of all topics), AR(1) with coefficient 0.4; a sum that ends where 0.4^k is nothing."""
    z = sum(_PHI**k * _innovations(seed, day.toordinal() - k) for k in range(14)) * np.sqrt(1 - _PHI**2)
    weekend = float(day.weekday() >= 5)
    effects = {key: sd * z[i] + weekend * _WEEKEND.get(key, 0.0) for i, (key, sd) in enumerate(_EFFECTS.items())}
    return effects, _TOPIC_EFFECT * z[len(_EFFECTS) :]


@dataclass
class Draws:
    """The random numbers of a day, one row a trace in order of time."""

    ordinal: int
    seconds: np.ndarray
    session: np.ndarray
    turn: np.ndarray
    user: np.ndarray
    endpoint: np.ndarray
    model: np.ndarray
    language: np.ndarray
    topic: np.ndarray
    feature: np.ndarray
    students: np.ndarray
    u: np.ndarray
    z: np.ndarray
    picks: list[list[int]]
    slots: list[dict[str, str]]
    ids: list[str]

    def uniform(self, use: str) -> np.ndarray:
        return self.u[:, _UNIFORM.index(use)]

    def normal(self, use: str) -> np.ndarray:
        return self.z[:, _NORMAL.index(use)]


def draw_day(seed: int, per_day: float, day: date, effects: dict[str, float], topics: np.ndarray) -> Draws:
    rng = np.random.default_rng([seed, day.toordinal(), 13])
    sessions = max(1, round(per_day / _TURNS * np.exp(effects["volume"])))
    turns = np.minimum(rng.geometric(1 / _TURNS, sessions), 8)
    user = np.floor(_USERS * rng.random(sessions) ** 2.2).astype(np.int64)
    weekend = float(day.weekday() >= 5)
    mix = _MIX + np.array([effects["mix"], effects["mix2"], 0.0]) + weekend * _WEEKEND_MIX
    endpoint = _pick(mix, rng.random(sessions))
    # a user keeps model and language, as in an A/B test by user
    share = (user * 2654435761 % 2**32) / 2**32
    model = (share >= _SMALL_MODEL_SHARE[endpoint]).astype(np.int64)
    tongue = (user * 40503 % 65536) / 65536
    language = np.where(tongue < 0.035, 1, np.where(tongue < 0.06, 2, 0))
    first_billing, rest = topics[:_TOPICS], topics[_TOPICS:]
    first_action, first_feature = rest[: len(texts.ACTION_TOPICS)], rest[len(texts.ACTION_TOPICS) :]
    u_topic, u_feature, u_student = rng.random(sessions), rng.random(sessions), rng.random(sessions)
    topic = np.where(
        endpoint == BILLING,
        _pick(-0.12 * np.arange(_TOPICS) + first_billing, u_topic),
        np.where(
            endpoint == ACTIONS,
            _pick(-0.15 * np.arange(len(texts.ACTION_TOPICS)) + first_action, u_topic),
            (u_topic * len(texts.KINDS)).astype(np.int64),
        ),
    )
    feature = _pick(-0.05 * np.arange(len(words.FEATURES)) + first_feature, u_feature)
    hours = np.interp(rng.random(sessions), np.concatenate([[0], np.cumsum(_HOURS) / _HOURS.sum()]), np.arange(25))

    row = np.repeat(np.arange(sessions), turns)
    n = len(row)
    turn = np.arange(n) - np.repeat(np.cumsum(turns) - turns, turns)
    seconds = np.minimum(hours[row] * 3600 + turn * 75 + rng.random(n) * 40, 86_390 + rng.random(n) * 9)
    order = np.argsort(seconds, kind="stable")
    row, turn, seconds = row[order], turn[order], seconds[order]
    hexadecimal = rng.bytes(16 * n).hex()
    return Draws(
        ordinal=day.toordinal(),
        seconds=seconds,
        session=row,
        turn=turn,
        user=user[row],
        endpoint=endpoint[row],
        model=model[row],
        language=language[row],
        topic=topic[row],
        feature=feature[row],
        students=u_student[row],
        u=rng.random((n, len(_UNIFORM))),
        z=rng.standard_normal((n, len(_NORMAL))),
        picks=rng.integers(0, 2**30, (n, 13)).tolist(),
        slots=texts.random_slots(rng, n),
        ids=[hexadecimal[32 * i : 32 * i + 32] for i in range(n)],
    )


def _pick(logits: np.ndarray, u: np.ndarray) -> np.ndarray:
    """Index drawn by inverse transform from softmax(logits)."""
    weights = np.cumsum(np.exp(logits))
    return np.minimum(np.searchsorted(weights / weights[-1], u, side="right"), len(weights) - 1)
