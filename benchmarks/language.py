"""How right the language of a text is, and how fast it is told.

    python -m benchmarks.language

Labelled texts: the strings of Airflow's interface in its translations (installed with Airflow; a string that is the same in
English is left out), English answers and questions from shared/data. Each is told as on a day of 2,000 English answers, so
that a guess at a short text holds only where it is English or many others are in its language too.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from drift.features import language
from drift.features.flat import Flat
from drift.features.tokens import tokens

DATA = Path(os.environ.get("DRIFT_BENCHMARK_DATA", "/work/shared/data"))
_PLACEHOLDER = re.compile(r"\{\{.*?\}\}|<.*?>|\$t\(.*?\)")


def interface() -> list[tuple[str, str]]:
    """Texts with the language they are written in."""
    import airflow

    folder = Path(airflow.__file__).parent / "ui/dist/i18n/locales"
    english = {text for file in (folder / "en").glob("*.json") for text in _strings(json.loads(file.read_text("utf-8")))}
    found = []
    for file in sorted(folder.glob("*/*.json")):
        code = file.parent.name.split("-")[0]
        for text in _strings(json.loads(file.read_text("utf-8"))):
            if code == "en" or text not in english:
                found.append((text, code))
    return list(dict.fromkeys(found))


def _strings(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        for value in node.values():
            yield from _strings(value)
    elif isinstance(node, str):
        yield _PLACEHOLDER.sub("", node).strip()


def report(title: str, rows: list[tuple[str, str]]) -> None:
    texts = [text for text, _ in rows]
    truth = np.array([code for _, code in rows], object)
    start = time.process_time()
    sure, guess = language.languages(pa.array(texts), tokens(Flat.of(pa.array(texts), 4_000)))
    day = {"input_language": [*sure, *["en"] * 2_000], "_input_language": [*guess, *[None] * 2_000]}
    table = pa.table({name: pa.array(codes, pa.string()) for name, codes in day.items()})
    settled = language.settle(table, language.spoken(language.counts(table)))
    found = np.array(settled["input_language"].to_pylist()[: len(texts)], object)
    taken = time.process_time() - start
    said = np.array([code is not None for code in found])
    short = language.plainly_english(tokens(Flat.of(pa.array(texts), 4_000)))
    print(
        f"{title:<44} n {len(rows):>6}  answered {said.mean():6.1%}  right of those {(found == truth)[said].mean():6.1%}"
        f"  by short cut {short.mean():6.1%}, wrong {(short & (truth != 'en')).sum()}  {len(rows) / taken:>9,.0f}/s"
    )


def main() -> None:
    strings = interface()
    print(f"interface strings in {len({code for _, code in strings})} languages")
    for least in (1, 20, 40):
        report(f"interface, {least} characters and more", [row for row in strings if len(row[0]) >= least])
    answers = pd.read_parquet(DATA / "alpaca_eval.parquet")
    report("answers (alpaca_eval, nearly all English)", [(text, "en") for text in answers.output.sample(6_000, random_state=1)])
    report("instructions (alpaca_eval)", [(text, "en") for text in answers.instruction.unique()])
    words = [text.split() for text in answers.output if text]
    draw = np.random.default_rng(1)
    cuts = [(w, int(draw.integers(0, max(1, len(w) - 5))), int(draw.integers(1, 6))) for w in words[:6_000]]
    report("1 to 5 words of an answer", [(" ".join(w[first : first + n]), "en") for w, first, n in cuts])
    queries = pd.read_parquet(DATA / "intent_queries.parquet").text
    report("queries to an assistant (clinc150)", [(text, "en") for text in queries.sample(4_000, random_state=1)])


if __name__ == "__main__":
    main()
