"""How the judge and the truth are told in the terminal, and the file in which people label."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from datetime import date

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from drift.judge.labels import Offered
from drift.judge.window import Told
from drift.text import wording
from drift.text.escape import cell, plain
from drift.text.wording import count


def truth_table(first: date, last: date, found: Iterable[Told]) -> RenderableType:
    """What people would find, beside what the judge says, and the judge's own errors; rates in per cent. Values of a dimension stand below all
    traffic's line."""
    found = list(found)
    anchored = any(each.anchors for each in found)
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in (
        "rubric",
        "people would call bad",
        "the judge calls bad",
        "labels",
        "of what people call bad it finds",
        "of the rest it calls bad",
        *(["anchors judged as labelled"] if anchored else []),
    ):
        table.add_column(heading, justify="left" if heading == "rubric" else "right", overflow="fold")
    for each in found:
        judge = f"{wording.percent(each.judge, 1)}" if each.judge == each.judge else "not judged"
        if each.truth is None:
            said, labelled = "unknown: no labels", f"0 of {each.offered}"
        else:
            said = f"{wording.percent(each.truth.rate, 1)} ({wording.percent(each.truth.low, 1)} to {wording.percent(each.truth.high, 1)})"
            labelled = f"{each.truth.labels} of {each.offered}, worth {each.truth.worth:.0f}"
        errors = (
            (f"{wording.percent(each.errors.finds)}", f"{wording.percent(each.errors.false)}")
            if each.errors
            else ("unknown", "unknown")
        )
        right = f"{each.anchors[0]} of {each.anchors[1]}" if each.anchors else ""
        name = f"  {plain(each.value, 60)}" if each.value else plain(each.rubric, 60)
        table.add_row(name, said, judge, labelled, *errors, *([right] if anchored else []))
    return Group(Text(f"{first} to {last}", style="bold"), table)


def label_file(offered: Iterable[Offered], link: Callable[[str], str | None]) -> tuple[str, int]:
    """The offered traces as CSV, with an empty column `label`, and how many they are."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["day", "trace_id", "rubric", "label", "why", "link"])
    rows = 0
    for each in offered:
        writer.writerow([each.day, cell(each.trace_id), each.rubric, "", each.reason, cell(link(each.trace_id) or "")])
        rows += 1
    return text.getvalue(), rows


def offered_line(number: int, where: str) -> str:
    return (
        f"{count(number, 'trace')} to label: {where}; write good or bad into the column `label`"
        if number
        else "nothing to label"
    )
