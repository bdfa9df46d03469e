"""A store that puts an id into the name of a score: the busy names are followed, the rest costs nothing, and a word says so."""

from __future__ import annotations

import sqlite3

from faults.traffic import NIGHTS, day, rows, write


def test_of_thousands_of_score_names_the_busiest_are_followed(drift, caplog):
    for number in (NIGHTS, NIGHTS + 1):
        made = rows(day(number), 72)
        for i, row in enumerate(made):
            row["scores"] |= {f"run {number} {i} {j}": 1 for j in range(45)}
        write(day(number), made)
        code, _, _ = drift("run", "--day", day(number))
        assert code == 0
    assert "the 50 that most traces have are followed" in caplog.text
    with sqlite3.connect("drift-data/drift.db") as tables:
        names = tables.execute("SELECT metric, count(*) FROM daily_metrics WHERE metric LIKE 'score%' GROUP BY 1").fetchall()
        ((findings,),) = tables.execute("SELECT count(*) FROM findings WHERE metric LIKE 'score.run%'").fetchall()
    assert len(names) <= 100 and dict(names)["score.helpful"] >= NIGHTS + 2
    assert findings <= 200
