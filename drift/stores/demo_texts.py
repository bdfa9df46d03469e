"""Questions, help pages and answers of the demo store, put together from `demo_vocabulary`.

Every function is pure: the random picks of a trace come in as integers, so a trace's text depends on nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from drift.stores import demo_vocabulary as words

BILLING_TOPICS = (*words.BILLING, "students")
ACTION_TOPICS = tuple(words.ACTIONS)
KINDS = tuple(words.PAGES)
_BILLING = {**words.BILLING, "students": words.STUDENTS}
_STRIDES = (1, 3, 7, 9, 11, 13, 17, 19)
_FACTS = 5


@dataclass(frozen=True)
class Page:
    """A page of the help centre. It is rewritten every `period` days, `phase` days after a multiple of it."""

    id: str
    facts: tuple[str, ...]
    period: int
    phase: int

    @property
    def text(self) -> str:
        return " ".join(self.facts)


@lru_cache(maxsize=8)
def help_centre(seed: int) -> tuple[Page, ...]:
    """One page a feature and kind, in the order feature × kind; the same for one seed for ever."""
    rng = np.random.default_rng([seed, 0, 71])
    pages = []
    for feature in words.FEATURES:
        for kind in KINDS:
            slots = random_slots(rng, 1)[0] | feature_slots(feature)
            facts = rng.permutation(np.array(words.PAGES[kind][1], object))[:_FACTS]
            period = int(rng.integers(4, 46))
            pages.append(
                Page(
                    f"{feature}/{kind}".replace(" ", "-"),
                    tuple(fact.format_map(slots) for fact in facts),
                    period,
                    int(rng.integers(0, period)),
                )
            )
    return tuple(pages)


def feature_slots(feature: str) -> dict[str, str]:
    return {"feature": feature, "Feature": feature[0].upper() + feature[1:]}


def random_slots(rng: np.random.Generator, n: int) -> list[dict[str, str]]:
    """What the slots of n traces' templates are filled with."""
    columns = []
    for choices in words.SLOTS.values():
        columns.append([choices[i] for i in rng.integers(0, len(choices), n).tolist()])
    keys = (*words.SLOTS, "feature", "Feature", "email", "area", "digits", "subject")
    features = [words.FEATURES[i] for i in rng.integers(0, len(words.FEATURES), n).tolist()]
    columns += [features, [f[0].upper() + f[1:] for f in features]]
    people, domains = rng.integers(0, len(words.NAMES), n).tolist(), rng.integers(0, len(words.DOMAINS), n).tolist()
    columns.append([f"{words.NAMES[p]}@{words.DOMAINS[d]}" for p, d in zip(people, domains, strict=True)])
    columns.append([str(a) for a in rng.integers(201, 990, n).tolist()])
    columns.append([f"{d:03d}" for d in rng.integers(100, 200, n).tolist()])
    columns.append(["this"] * n)
    return [dict(zip(keys, row, strict=True)) for row in zip(*columns, strict=True)]


def question(endpoint: str, topic: int, page: Page | None, language: str, slots: dict[str, str], picks: list[int]) -> str:
    """What the user writes, before corrections and the like."""
    if language != "en":
        return _choose(words.LANGUAGES[language][0], picks[0]).format_map(slots)
    asked: Sequence[str]
    if page is not None:
        asked = words.PAGES[KINDS[topic]][0]
    elif endpoint == "billing-chat":
        asked = _BILLING[BILLING_TOPICS[topic]][0]
    else:
        asked = words.ACTIONS[ACTION_TOPICS[topic]][1]
    text = f"{_choose(words.LEADS, picks[1])}{_choose(asked, picks[0])}{_choose(words.TAILS, picks[2])}".format_map(slots)
    return text[:1].upper() + text[1:] if picks[3] % 3 else text


def facts(endpoint: str, topic: int, page: Page | None) -> tuple[str, ...]:
    """The sentences an answer on this topic is made of."""
    if page is not None:
        return page.facts
    if endpoint == "billing-chat":
        return _BILLING[BILLING_TOPICS[topic]][1]
    return words.ACTIONS[ACTION_TOPICS[topic]][2]


def answer(
    own: tuple[str, ...],
    target: float,
    slots: dict[str, str],
    picks: list[int],
    *,
    opening: str | None = None,
    general: tuple[str, ...] = words.GENERAL,
) -> str:
    """An answer of about `target` characters: an opening, the topic's own sentences from a random one on, then general ones."""
    parts = [_choose(words.OPENINGS, picks[4]) if opening is None else opening]
    size, start, count = len(parts[0]), picks[5], len(own)
    for i in range(count):
        sentence = own[(start + i) % count]
        parts.append(sentence + " ")
        size += len(sentence)
        if size > target:
            break
    else:
        stride, offset = _STRIDES[picks[6] % len(_STRIDES)], picks[7]
        for i in range(len(general)):
            if size > target:
                break
            sentence = general[(offset + i * stride) % len(general)]
            parts.append(sentence + " ")
            size += len(sentence)
    text = "".join(parts).rstrip() + _choose(words.CLOSINGS, picks[8])
    return text.format_map(slots) if "{" in text else text


def foreign_answer(language: str, target: float, slots: dict[str, str], picks: list[int]) -> str:
    """An answer in German (`de`), Spanish (`es`) or Japanese (`ja`) of about `target` characters."""
    sentences = words.LANGUAGES[language][1]
    start = picks[5] % len(sentences)
    own = sentences[start:] + sentences[:start]
    parts, size = [], 0
    for sentence in own:
        parts.append(sentence)
        size += len(sentence)
        if size > target:
            break
    return ("" if language == "ja" else " ").join(parts).format_map(slots)


def refusal(subject: str, slots: dict[str, str], picks: list[int]) -> str:
    text = _choose(words.REFUSALS, picks[9]) + _choose(words.REFUSAL_TAILS, picks[10])
    return text.format_map(slots | {"subject": subject})


def partial_refusal(text: str, picks: list[int]) -> str:
    return text + _choose(words.PARTIAL, picks[9])


def not_found(slots: dict[str, str], picks: list[int]) -> str:
    return f"{_choose(words.NOT_FOUND, picks[9])} {_choose(words.GENERAL, picks[10])}".format_map(slots)


def tool_failed(slots: dict[str, str], picks: list[int]) -> str:
    return f"{_choose(words.TOOL_FAILED, picks[9])} {_choose(words.GENERAL, picks[10])}".format_map(slots)


def correction(text: str, picks: list[int]) -> str:
    return _choose(words.CORRECTIONS, picks[11]).replace("{question}", text)


def injection(picks: list[int]) -> str:
    return _choose(words.INJECTIONS, picks[11])


def leak(text: str, slots: dict[str, str], picks: list[int]) -> str:
    return text + _choose(words.LEAKS, picks[12]).format_map(slots)


def new_opening(picks: list[int]) -> str:
    return _choose(words.NEW_OPENINGS, picks[4])


def _choose(choices: tuple[str, ...], pick: int) -> str:
    return choices[pick % len(choices)]
