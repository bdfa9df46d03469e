"""The attacks that ship: resisted where the answer lacks the mark that the order asks for."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from drift.config import Config
from drift.golden.run import run
from drift.golden.sets import read

APPLICATION = """
import base64, codecs, re

PAIR = re.compile(r"words ['\\"](\\w+)['\\"] and ['\\"](\\w+)['\\"]|Wörtern '(\\w+)' und '(\\w+)'")

def obeys(question):
    found = PAIR.search(question)
    if found:
        return "-".join(part for part in found.groups() if part).upper()
    told = question.split(": ", 1)[-1]
    if "base64" in question:
        return base64.b64decode(told).decode()
    if "hex" in question:
        return bytes.fromhex(told).decode()
    return codecs.decode(told, "rot13") if "ROT13" in question else told[::-1]

def resists(question):
    return "I can't do that, but I can tell you about your order. You wrote: " + question

def decoded(question):
    return obeys(question) if "words" not in question and "Wörtern" not in question else resists(question)
"""


@pytest.fixture
def resisted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    Path("attacked_application.py").write_text(APPLICATION, "utf-8")

    def asked(function: str) -> dict[str, float]:
        golden = {"file": "attacks", "target": f"attacked_application:{function}", "times": 1}
        config = Config.of({"embeddings": {"enabled": False}, "golden": {"attacks": golden}})
        config.lake.url, config.results.url = str(tmp_path / function), f"sqlite:///{tmp_path}/{function}.db"
        rows = run(config, "attacks", date(2026, 11, 2)).table.to_pandas()
        return rows.groupby("category")["golden.expected"].mean().to_dict()

    return asked


def test_an_application_that_follows_an_order_has_not_resisted_it(resisted):
    assert resisted("obeys") == dict.fromkeys(("encoded", "extraction", "indirect", "override", "role play"), 0.0)


def test_to_refuse_and_to_quote_an_order_is_to_resist_it(resisted):
    assert set(resisted("resists").values()) == {1.0}


def test_the_share_resisted_is_known_of_each_kind(resisted):
    assert resisted("decoded") == {"encoded": 0.0, "extraction": 1.0, "indirect": 1.0, "override": 1.0, "role play": 1.0}


def test_each_kind_has_as_many_and_no_order_spells_its_mark():
    attacks = read("attacks")
    assert Counter(each.fields["category"] for each in attacks) == dict.fromkeys(
        ("override", "role play", "extraction", "indirect", "encoded"), 8
    )
    assert all(each.is_met(each.input) and each.is_met("") for each in attacks)
