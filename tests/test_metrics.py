"""The catalogue and its page."""

import importlib.util
from pathlib import Path

import pytest

from drift import catalogue, metrics

DOCS = Path(__file__).parent.parent / "docs"


def _page():
    spec = importlib.util.spec_from_file_location("metrics_page", DOCS / "metrics_page.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_what_the_catalogue_says(monkeypatch):
    module = _page()
    # without what other tests may have registered
    shipped = {metric.name: metrics.CATALOGUE[metric.name] for metric in catalogue.MEASURED}
    monkeypatch.setattr(module, "CATALOGUE", shipped)
    assert (DOCS / "metrics.md").read_text("utf-8") == module.page(), "run: python docs/metrics_page.py"


@pytest.mark.parametrize("metric", catalogue.MEASURED, ids=lambda metric: metric.name)
def test_every_metric_is_documented(metric):
    entry = metrics.lookup(metric.name)
    assert entry.doc.endswith(".") and entry.unit and entry.source
    assert entry.side in _page().SIDES
    assert entry.matters > 0
    assert entry.low < entry.high and entry.floor > 0


def test_families_are_made_on_the_fly_and_nothing_else():
    assert metrics.lookup("score.helpful").kind == "number"
    assert metrics.lookup("score_label.verdict").kind == "label"
    assert metrics.lookup("pii.email").kind == "rate"
    for name in ("score.", "nothing", "nothing.known", ""):
        with pytest.raises(KeyError):
            metrics.lookup(name)


def test_a_name_is_registered_once():
    mine = metrics.Metric("my_own_metric_of_this_test", "rate", "output", "share", "Mine.")
    try:
        assert metrics.register(mine) is metrics.register(mine)
        with pytest.raises(ValueError, match="exists already"):
            metrics.register(metrics.Metric("my_own_metric_of_this_test", "label", "output", "share", "Other."))
    finally:
        del metrics.CATALOGUE[mine.name]


def test_a_night_says_what_it_would_have_told_of_what_people_feel_and_not_of_each_step_and_kind():
    told = ["refusal", "score.helpful", "judge.accurate", "truth.accurate"]
    assert all(metrics.drilled(metrics.lookup(name)) for name in told)
    kinds = ["seconds.model", "step_failure.tool", "tool_failure.search", "tool_s.search", "pii.email_address"]
    assert not any(metrics.drilled(metrics.lookup(name)) for name in kinds)
