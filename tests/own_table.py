"""A table of requests as people have it, under column names of their own: ts, question, answer, model, route, cost, thumbs, took_ms."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Collection
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

MODELS, ROUTES = ("gpt-4o", "gpt-4o-mini"), ("billing", "returns")
_QUESTION = [
    "where",
    "is",
    "my",
    "order",
    "can",
    "i",
    "return",
    "the",
    "shoes",
    "why",
    "was",
    "it",
    "charged",
    "twice",
    "how",
    "long",
]
_ANSWER = [
    "the",
    "order",
    "was",
    "sent",
    "on",
    "monday",
    "and",
    "parcel",
    "is",
    "with",
    "carrier",
    "you",
    "can",
    "return",
    "it",
    "within",
]
REFUSAL = "I'm sorry, but I can't help with that request."

# a request before it is written: words is the length of its answer, refused whether it is a refusal; day counts from 0
Change = Callable[[int, dict[str, Any]], None]


def unchanged(day: int, request: dict[str, Any]) -> None:
    """Every day is like every other."""


def days(last: date, count: int) -> list[date]:
    return [last - timedelta(days=back) for back in reversed(range(count))]


def write(
    file: Path,
    last: date,
    count: int = 14,
    *,
    requests: int = 120,
    change: Change = unchanged,
    without: Collection[str] = (),
    empty: Collection[str] = (),
    models: Collection[str] = MODELS,
    routes: Collection[str] = ROUTES,
    seed: int = 1,
) -> list[dict[str, Any]]:
    """Write `count` days of so many requests, the last of them `last`. without: columns that the file does not have; empty: those without a value. Returns the rows."""
    draw = random.Random(seed)
    rows = []
    for number, day in enumerate(days(last, count)):
        for second in sorted(draw.randrange(86_400) for _ in range(requests)):
            request = {
                "model": draw.choice(list(models)),
                "route": draw.choice(list(routes)),
                "words": max(4, round(draw.lognormvariate(3.4, 0.3))),
                "refused": draw.random() < 0.03,
            }
            change(number, request)
            said = " ".join(draw.choices(_ANSWER, k=request["words"])).capitalize() + "."
            rows.append(
                {
                    "ts": (datetime.combine(day, time(), UTC) + timedelta(seconds=second)).isoformat(),
                    "question": " ".join(draw.choices(_QUESTION, k=draw.randint(5, 14))) + "?",
                    "answer": REFUSAL if request["refused"] else said,
                    "model": request["model"],
                    "route": request["route"],
                    "cost": f"{0.0001 + 0.00001 * request['words']:.6f}",
                    "thumbs": draw.choice(["up", "up", "up", "down", "", "", ""]),
                    "took_ms": round(draw.lognormvariate(7, 0.4)),
                }
            )
    for row in rows:
        row |= dict.fromkeys(empty, "")
    columns = [name for name in rows[0] if name not in without]
    with file.open("w", newline="", encoding="utf-8") as out:
        written = csv.DictWriter(out, columns, extrasaction="ignore")
        written.writeheader()
        written.writerows(rows)
    return rows
