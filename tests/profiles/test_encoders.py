"""What was measured with one encoder is not compared with what another gave."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa

from drift import profiles
from drift.config import Config


def _profile(encoder: str | None, width: int = 4) -> pa.Table:
    n = 60
    columns = {"trace_id": [str(i) for i in range(n)], "output_words": np.arange(n, dtype=float)}
    if encoder:
        x = np.random.default_rng(0).standard_normal((n, width)).astype(np.float32)
        columns |= {
            "input_embedding": pa.FixedSizeListArray.from_arrays(pa.array(x.ravel()), width),
            "answer_question_cosine": x[:, 0],
            "input_topic": ["one"] * n,
            "_encoder": [encoder] * n,
        }
    return profiles.build(pa.table(columns), Config.of({}), date(2026, 3, 1))


def _metrics(profile: pa.Table) -> set[str]:
    return set(profile.column("metric").to_pylist())


def test_of_a_day_of_another_encoder_cosines_and_topics_are_left_out_and_vectors_stay_to_say_so():
    today, before = _profile("new@1", 3), _profile("old@1")
    kept = profiles.comparable(before, today)
    assert _metrics(before) - _metrics(kept) == {"answer_question_cosine", "input_topic"}
    assert profiles.encoders(kept) == {"old@1"}


def test_a_day_of_the_same_encoder_or_of_none_stays_whole():
    today = _profile("new@1")
    for before, other in ((_profile("new@1"), today), (_profile(None), today), (today, _profile(None))):
        assert profiles.comparable(before, other).equals(before)
