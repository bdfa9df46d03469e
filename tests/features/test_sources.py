"""The source that stopped refreshing is named, by the host of its documents or what their ids begin with."""

from __future__ import annotations

from drift import features, traces
from drift.features import Context


def measured(sources: tuple[str, ...], *requests: list[tuple[str | None, str]]) -> list[dict]:
    rows = [
        {
            "trace_id": str(n),
            "timestamp": "2026-03-31T00:00:00Z",
            "documents": [{"id": id, "updated_at": f"2026-03-{day}T00:00:00Z"} for id, day in documents],
        }
        for n, documents in enumerate(requests)
    ]
    return features.extract(traces.table(rows), Context(stale_after_days=10, document_sources=sources)).to_pylist()


def test_age_and_stale_share_by_what_ids_begin_with_and_by_host():
    first = [("handbook/1", "30"), ("handbook/2", "29"), ("https://wiki.acme.test/a?b", "01"), (None, "30"), ("faq/3", "02")]
    rows = measured(("handbook", "wiki.acme.test"), first, [("handbook/3", "11"), ("handbook/1", "30")])
    assert [row["document_age.handbook"] for row in rows] == [1.5, 10.5]
    assert [row["document_age.wiki.acme.test"] for row in rows] == [30.0, None]
    assert [row["stale.wiki.acme.test"] for row in rows] == [1.0, None]
    assert [row["stale.handbook"] for row in rows] == [0.0, 1.0]


def test_a_source_that_nobody_named_makes_no_metric():
    (row,) = measured(("handbook",), [("wiki/1", "30"), ("1", "30")])
    assert not [name for name in row if name.startswith(("document_age.wiki", "stale.wiki"))]
    (row,) = measured((), [("handbook/1", "30")])
    assert not [name for name in row if name.startswith("document_age.") and name != "document_age_days"]
