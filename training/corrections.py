"""Train the model of corrections: `python -m training.corrections DATA` writes drift/features/models/corrections.npz.

Material: turns of our own in twelve languages (corrections.toml), put together and written as people write; and ordinary
questions that correct nothing, of our own (`injection_ordinary`, `injection_languages`) and of CLINC150 (CC-BY-3.0), HaluEval (MIT) and
OASST (Apache-2.0). What it is good for is in docs/models/corrections.md.
"""

from __future__ import annotations

import random
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from drift.features import ngrams
from drift.features.corrections import READING
from training import short

MATERIAL = Path(__file__).with_name("corrections.toml")
# how much an ordinary question counts beside a turn of our own; log odds added to the model's
QUESTION = 0.5
SHIFT = 0.6
_TIMES = 10
_STORIES = 0.05


def synthetic(seed: int = 0) -> Iterator[tuple[str, int]]:
    """Turns of our own, and whether each is a correction."""
    chance = random.Random(seed)
    for language, sentences in tomllib.loads(MATERIAL.read_text()).items():
        for kind, label in (("corrections", 1), ("others", 0)):
            lines = sentences[kind].strip().split("\n")
            for line in lines:
                for _ in range(_TIMES if "{" in line else _TIMES // 2):
                    text = _written(line, lines, label, language, sentences, chance)
                    yield text, label
                    # in the middle of a text the same words are a story
                    if label and chance.random() < _STORIES:
                        yield f"{_filled(chance.choice(sentences['stories']), sentences, chance)} {text}", 0


def _written(line: str, lines: list[str], label: int, language: str, sentences: dict, chance: random.Random) -> str:
    """A sentence as a person may write it: with a word before it, other punctuation, or a second sentence behind it."""
    text = _filled(line, sentences, chance)
    if chance.random() < (0.35 if label else 0.08):
        text = chance.choice(sentences["lead"]) + text
    dense = language in short.DENSE
    text = short.ended(text, dense, chance)
    further = chance.random()
    if further < 0.12:
        text += ("" if dense else " ") + _filled(chance.choice(lines), sentences, chance)
    elif further < 0.24:
        # what is wrong, and behind a comma what is right
        text = (
            text.rstrip(".!。")
            + ("、" if language == "ja" else "，" if language == "zh" else ", ")
            + _filled(chance.choice(lines), sentences, chance)
        )
    return text


def _filled(line: str, sentences: dict, chance: random.Random) -> str:
    one, other = chance.sample(chance.choice(sentences["pairs"]).split("|"), 2)
    return line.replace("{x}", one).replace("{y}", other).replace("{p}", chance.choice(sentences["p"]))


def main(data: Path) -> None:
    texts, labels = zip(*synthetic(), strict=True)
    ordinary = short.questions(data)
    y = np.concatenate([labels, np.zeros(len(ordinary))])
    weight = np.concatenate([np.ones(len(texts)), np.full(len(ordinary), QUESTION)])
    model = short.fit("correction", short.design(READING, [*texts, *ordinary]), y, weight, SHIFT)
    print(ngrams.save("corrections", model))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "/work/shared/data"))
