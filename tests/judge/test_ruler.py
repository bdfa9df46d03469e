"""Is it the application, or the judge? The same anchors, night after night, tell."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from drift import profiles
from drift.config import Config
from drift.judge import judgements
from drift.results.account import tell
from drift.results.database import Database
from drift.results.rows import Run
from drift.results.ruler import ANCHOR, against, current, epochs
from drift.results.write import Results

FIRST = date(2026, 10, 1)
FAITHBENCH = Path("/work/shared/data/faithbench.parquet")


def nights(rng, good: np.ndarray, n: int, wavers: float = 0.0) -> list[dict[str, float]]:
    """A judge that says of each anchor what `good` has, and the opposite in one of so many."""
    out = []
    for _ in range(n):
        flips = rng.random(len(good)) < wavers
        out.append({f"a{i}": float(value) for i, value in enumerate(np.where(flips, 1 - good, good))})
    return out


@pytest.mark.parametrize("wavers", [0.0, 0.02, 0.1])
@pytest.mark.parametrize("past", [3, 14])
def test_a_steady_judge_is_hardly_ever_called_another(wavers, past):
    rng = np.random.default_rng(1)
    called = 0
    for _ in range(300):
        good = (rng.random(60) < 0.7).astype(float)
        *before, today = nights(rng, good, past + 1, wavers)
        called += against(before, today)[2] <= 0.002
    assert called <= 300 / 60


@pytest.mark.skipif(not FAITHBENCH.exists(), reason="the shared data are not here")
@pytest.mark.parametrize("column", ["gpt_4o", "trueteacher", "gpt_3_5_turbo"])
def test_a_real_judge_exchanged_for_another_is_seen_on_the_first_night(column):
    """Columns of FaithBench: real judges' answers to the same items, 60 of which are anchors."""
    items = pd.read_parquet(FAITHBENCH)
    rng = np.random.default_rng(2)
    seen = 0
    for _ in range(50):
        rows = rng.choice(len(items), 60, False)
        before, after = (items[name].to_numpy(float)[rows] for name in ("gpt_4_turbo", column))
        past = nights(rng, before, 14, 0.01)
        seen += against(past, nights(rng, after, 1, 0.01)[0])[2] <= 0.002
    assert seen >= 45


def test_a_judge_of_two_nights_is_not_known_yet():
    rng = np.random.default_rng(3)
    past = nights(rng, np.ones(60), 2)
    assert against(past, nights(rng, np.zeros(60), 1)[0]) == (0, 0, 1.0)


def test_epochs_begin_where_the_judge_changes_and_the_night_says_so(tmp_path):
    rng = np.random.default_rng(4)
    results = Results(f"sqlite:///{tmp_path / 'drift.db'}")
    good = (rng.random(60) < 0.8).astype(float)
    other = np.where(rng.random(60) < 0.3, 1 - good, good)
    told = [("helpful/m@h/1", good)] * 8 + [("helpful/m@h/1", other)] * 6 + [("helpful/m2@h/1", other)] * 3
    for i, (evaluator, means) in enumerate(told):
        day = FIRST + timedelta(days=i)
        results.write_night(day, Run(traces=10, baseline_days=0, min_days=7, failed=False, reason="", config="", version=""))
        (scores,) = nights(rng, means, 1, 0.01)
        judgements.write(results.database, day, evaluator, {ANCHOR + item: score for item, score in scores.items()})
    with results.database.reading() as connection:
        found = epochs(connection, FIRST + timedelta(days=16))
    assert [(each.start, each.evaluator) for each in found["helpful"]] == [
        (FIRST, "helpful/m@h/1"),
        (FIRST + timedelta(days=8), "helpful/m@h/1"),
        (FIRST + timedelta(days=14), "helpful/m2@h/1"),
    ]
    # nights before anyone chose anchors stay comparable, those before a silent change do not
    changed = f"helpful/m@h/1 since {FIRST + timedelta(days=8)}"
    assert [each.identity for each in found["helpful"]] == ["helpful/m@h/1", changed, "helpful/m2@h/1"]
    assert current(found, "helpful", "helpful/m@h/1", FIRST + timedelta(days=9)).start == FIRST + timedelta(days=8)
    remarks = {day: tell(results, day).remark for day in (FIRST + timedelta(days=n) for n in range(17))}
    assert "Your judge changed: by the rubric helpful" in remarks[FIRST + timedelta(days=8)]
    assert "another model or another prompt" in remarks[FIRST + timedelta(days=14)]
    assert [day for day, remark in remarks.items() if "judge" in remark] == [
        FIRST + timedelta(days=8),
        FIRST + timedelta(days=14),
    ]
    results.close()


def test_a_score_that_is_there_stays(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'drift.db'}")
    judgements.write(database, FIRST, "e", {"t": 1.0, "u": None})
    judgements.write(database, FIRST, "e", {"t": 0.0, "v": 0.0})
    assert judgements.read(database, FIRST, "e", ["t", "u", "v", "w"]) == {"t": 1.0, "u": None, "v": 0.0}
    database.close()


def test_scores_of_two_judges_are_never_compared():
    config = Config.of({"segments": {"dimensions": []}})

    def profile(judge: str) -> pa.Table:
        scores = pa.array([1.0, 0.0, None])
        table = pa.table({"trace_id": ["a", "b", "c"], "judge.helpful": scores, "_judge.helpful": [judge] * 3})
        return profiles.build(table, config, FIRST)

    one, same, other = profile("m since 2026-10-01"), profile("m since 2026-10-01"), profile("m since 2026-10-09")
    assert "judge.helpful" in profiles.comparable(one, same)["metric"].to_pylist()
    assert "judge.helpful" not in profiles.comparable(one, other)["metric"].to_pylist()
    # of other metrics nothing is lost
    assert set(profiles.comparable(one, other)["metric"].to_pylist()) == set(one["metric"].to_pylist()) - {"judge.helpful"}
