"""A night in the terminal: the verdict first, then the incidents, then nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from io import StringIO

from rich.console import Console

from drift.findings import Exemplar
from drift.report import terminal
from drift.results.account import IncidentAccount, NightAccount
from drift.results.verdict import Counts, judge

DAY = date(2026, 11, 19)
ONE = IncidentAccount(
    id="0123456789ab",
    event="opened",
    silent=False,
    metric="refusal",
    dimension="name",
    value="chat",
    statistic="level",
    direction="worse",
    unit="share",
    value_from=0.021,
    value_to=0.09,
    low=0.061,
    high=0.077,
    opened=DAY,
    since=DAY,
    since_low=DAY,
    since_high=DAY,
    nights=1,
    provisional=False,
    cause="prompt_change",
    confidence="likely",
    why="Prompt “support@8” appeared.",
    exemplars=(Exemplar("t1", "https://traces.test/t1"),),
    series=(0.02, 0.09),
)
NIGHT = NightAccount(DAY, judge(Counts(new=1)), 1234, 567, 28, incidents=(ONE,))


def shown(account: NightAccount, width: int = 160) -> str:
    out = StringIO()
    Console(file=out, width=width, force_terminal=False, highlight=False).print(terminal.night(account))
    return out.getvalue()


def test_the_verdict_comes_first_and_says_how_much_was_looked_at():
    first = shown(NIGHT).splitlines()[0]
    assert first == "! Thu 19 Nov 2026 was not ordinary: 1 new incident  1,234 traces, 567 comparisons"


def test_an_incident_is_its_sentence_and_a_new_one_says_why_and_what_to_do():
    text = shown(NIGHT)
    said = "Refusals in chat rose 4-fold, 2.1 % → 9 %, since Thu 19 Nov; probably the change of prompt."
    assert text.splitlines()[1] == f"new     {said}  01234567"
    for part in (
        "95 % interval +6.1 to +7.7 points", "▁█", "https://traces.test/t1", "endpoint = chat", "Prompt “support@8” appeared.",
        "drift compare 2026-11-12..2026-11-18 2026-11-19",
    ):  # fmt: skip
        assert part in text, part
    lasting = shown(replace(NIGHT, incidents=(replace(ONE, event="lasting"),)))
    assert said in lasting and "why" not in lasting


def test_an_ordinary_night_is_one_line():
    ordinary = NightAccount(DAY, judge(Counts()), 1234, 567, 28)
    assert shown(ordinary) == "✓ Thu 19 Nov 2026 was ordinary  1,234 traces, 567 comparisons\n"


def test_what_people_asked_not_to_hear_of_is_not_shown():
    assert len(shown(replace(NIGHT, incidents=(replace(ONE, silent=True),))).splitlines()) == 1


def test_a_failed_night_says_why():
    assert "could not be compared: volume: 3 traces" in shown(NightAccount(DAY, judge(Counts(failed="volume: 3 traces"))))


def test_a_provisional_night_says_how_little_it_knows():
    assert "only 5 ordinary days to compare with" in shown(
        replace(NIGHT, baseline_days=5, incidents=(replace(ONE, provisional=True),))
    )


def test_hostile_text_is_text():
    hostile = "[red]x[/red] [link=http://evil]y[/link] \x1b[31mred \u202e :boom:"
    text = shown(replace(NIGHT, incidents=(replace(ONE, value=hostile, why=hostile, metric="score." + hostile),)), 1000)
    assert "[red]x[/red] [link=http://evil]y[/link]" in text and ":boom:" in text
    assert "\x1b" not in text and "\u202e" not in text
