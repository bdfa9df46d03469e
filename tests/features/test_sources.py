"""The source that stopped refreshing is named, by the host of its documents or what their ids begin with."""

from __future__ import annotations

import pytest

from drift import features, traces
from drift.features import Context


def measured(*requests: list[tuple[str, str]]) -> list[dict]:
    rows = [
        {
            "trace_id": str(n),
            "timestamp": "2026-03-31T00:00:00Z",
            "documents": [{"id": id, "updated_at": f"2026-03-{day}T00:00:00Z"} for id, day in documents],
        }
        for n, documents in enumerate(requests)
    ]
    return features.extract(traces.table(rows), Context(stale_after_days=10)).to_pylist()


def test_age_and_stale_share_by_what_ids_begin_with_and_by_host():
    more = [[("handbook/9", "30"), ("https://wiki.acme.test/z", "30")]] * 30
    first = [("handbook/1", "30"), ("handbook/2", "29"), ("https://wiki.acme.test/a?b", "01")]
    rows = measured(first, [("handbook/3", "11"), ("handbook/1", "30")], *more)[:2]
    assert [row["document_age.handbook"] for row in rows] == [1.5, 10.5]
    assert [row["document_age.wiki.acme.test"] for row in rows] == [30.0, None]
    assert [row["stale.wiki.acme.test"] for row in rows] == [1.0, None] and [row["stale.handbook"] for row in rows] == [
        0.0,
        1.0,
    ]


@pytest.mark.parametrize("ids", [["a/1", "a/2"], ["1", "2"], [f"page {chr(97 + n)}/1" for n in range(20)], [None, "x"]])
def test_ids_that_say_nothing_of_a_source_make_no_metric(ids):
    row, *_ = measured(*[[(id, "30") for id in ids]] * 30)
    assert not [name for name in row if name.startswith(("document_age.", "stale."))]


def test_few_documents_do_not_tell_which_sources_there_are():
    row, *_ = measured(*[[("handbook/1", "30"), ("wiki/1", "30")]] * 10)
    assert "document_age.wiki" not in row
