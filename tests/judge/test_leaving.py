"""Which texts go to which host is said, of all that drift.toml lets go."""

from __future__ import annotations

from drift.config import Config
from drift.judge import leaving


def test_every_host_that_texts_go_to_is_named_with_what_goes_there():
    config = Config.of(
        {
            "judge": {"rubrics": ["helpful"], "model": "m", "endpoint": "https://judge.example.com/v1?key=hush"},
            "embeddings": {"endpoint": "https://vectors.example.com/v1"},
            "golden": {
                "a": {"file": "a.jsonl", "provider": "anthropic", "model": "m"},
                "b": {"file": "b.jsonl", "target": "https://shop.example.com/ask"},
                "c": {"file": "c.jsonl", "target": "command ./here"},
            },
            "experiment": {"endpoint": "https://lab.example.com"},
            "write_back": {"dataset": True},
        }
    )
    said = leaving.told(config)
    for host in ("judge", "vectors", "shop", "lab"):
        assert f"{host}.example.com" in said
    assert "where somebody writes it back, to the store that they are from" in said
    assert "questions of the golden set a to api.anthropic.com" in said
    assert "golden set c" not in said and "hush" not in said


def test_no_text_leaves_unless_it_is_written_in_the_configuration():
    assert leaving.told(Config.of({})) == "none leave this machine"
    shut = {"judge": {"rubrics": ["helpful"], "model": "m"}, "privacy": {"texts_leave": False}}
    assert leaving.told(Config.of(shut)) == "none leave (privacy.texts_leave = false)"
