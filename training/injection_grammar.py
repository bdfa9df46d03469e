"""Inputs put together from the project's own sentences: attacks, and ordinary inputs that look like them."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence

import pandas as pd

from training import injection_attacks as attacks
from training import injection_mails as mails
from training import injection_ordinary as ordinary
from training.injection_languages import LANGUAGES

Slots = dict[str, tuple[str, ...]]
Row = tuple[str, int, str]

_SLOT = re.compile(r"\{(\w+)\}")
_DEPTH = 3
# how often each sentence is filled anew; the number of long role prompts of either kind and of documents of either kind
_TIMES = 8
_LONG = 900
_DOCUMENTS = 900
_MAILS = 1500
# of how many mails one is handed over once more with an order planted in it
_PLANTED_MAILS = 3
_LEET = str.maketrans("aeiost", "431057")


def synthetic(documents: Sequence[str] = (), seed: int = 0) -> pd.DataFrame:
    """Text, label (1 an attack), source: "own", or "own planted" for an order in a document that is handed over.

    documents: such as users hand over with nothing planted in them, beside those of our own.
    """
    chance = random.Random(seed)
    rows = [*_short(chance), *_roles(chance), *_documents(chance, (*ordinary.DOCUMENTS, *documents)), *_foreign(chance)]
    rows += _mails(chance)
    return pd.DataFrame(rows, columns=["text", "label", "source"]).drop_duplicates("text", ignore_index=True)


def filled(text: str, slots: Slots, chance: random.Random) -> str:
    """The sentence with a phrase in each slot; a name stays the same throughout."""
    name = chance.choice(slots.get("name", ("",)))

    def phrase(found: re.Match[str]) -> str:
        slot = found[1]
        if slot == "name":
            return name
        return chance.choice(slots[slot]) if slot in slots else found[0]

    for _ in range(_DEPTH):
        text = _SLOT.sub(phrase, text)
    return text


def _written(text: str, chance: random.Random) -> str:
    """As a person may write it: in capitals, in lower case, with a slip, with figures for letters."""
    kind = chance.random()
    if kind < 0.06:
        return text.upper()
    if kind < 0.22:
        return text.lower().rstrip(".")
    if kind < 0.30 and len(text) > 20:
        at = chance.randrange(1, len(text) - 2)
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:1].upper() + text[1:]


def _short(chance: random.Random) -> Iterator[Row]:
    slots = {"q": ordinary.SLOTS["q"]} | attacks.SLOTS
    for text in (*attacks.OVERRIDE, *attacks.EXTRACT, *attacks.MODE, *attacks.PERSONA):
        for _ in range(_TIMES):
            attack = _written(filled(text, slots, chance), chance)
            if chance.random() < 0.04:
                attack = attack.translate(_LEET)
            before = chance.choice(slots["q"]) + chance.choice((" ", "\n", "\n\n")) if chance.random() < 0.15 else ""
            yield before + attack, 1, "own"
    for text in (*ordinary.LOOKALIKES, *ordinary.REQUESTS, *ordinary.SLOTS["q"]):
        for _ in range(_TIMES):
            before = chance.choice(ordinary.SLOTS["q"]) + " " if chance.random() < 0.1 else ""
            yield before + _written(filled(text, ordinary.SLOTS, chance), chance), 0, "own"


def _roles(chance: random.Random) -> Iterator[Row]:
    """Long prompts that give the model a role: to free it of its rules, or to work in."""
    slots = {"q": ordinary.SLOTS["q"]} | attacks.SLOTS
    for _ in range(_LONG):
        claims = chance.sample(attacks.CLAIMS, chance.randint(1, 9))
        # what frees the model stands among what every role prompt has
        claims += chance.sample(ordinary.DUTIES, chance.randint(0, 3))
        chance.shuffle(claims)
        parts = [chance.choice(attacks.OPENING), *claims, chance.choice(attacks.REPLY), chance.choice(attacks.ASKED)]
        yield filled(_joined(parts, chance), slots | {"role": ("",), "topic": ordinary.SLOTS["topic"]}, chance), 1, "own"
        duties = chance.sample(ordinary.DUTIES, chance.randint(1, 9))
        parts = [chance.choice(ordinary.ROLE), *duties, chance.choice(ordinary.CLOSING)]
        yield filled(_joined(parts, chance), ordinary.SLOTS, chance), 0, "own"


def _joined(parts: list[str], chance: random.Random) -> str:
    return chance.choice((" ", " ", "\n", "\n\n")).join(part for part in parts if part)


def _documents(chance: random.Random, documents: Sequence[str]) -> Iterator[Row]:
    """Documents with and without an order planted in them, with and without the user's own task."""
    for number in range(_DOCUMENTS):
        lines = [
            filled(line, ordinary.SLOTS, chance)
            for line in chance.choice(documents if number % 3 else ordinary.DOCUMENTS).split("\n")
        ]
        yield _handed_over(lines, chance), 0, "own"
        _plant(lines, number % 2 == 1, chance)
        yield _handed_over(lines, chance), 1, "own planted"


def _plant(lines: list[str], indirect: bool, chance: random.Random) -> None:
    """An order put into the lines; indirect: one that is for a model that reads them, else an attack as users write it."""
    planted = attacks.SLOTS | attacks.PLANTED_SLOTS
    if indirect:
        order = filled(chance.choice(attacks.PLANTED), planted, chance)
    else:
        order = filled(chance.choice((*attacks.OVERRIDE, *attacks.EXTRACT)), {"q": ordinary.SLOTS["q"]} | planted, chance)
    place = chance.choice((0, len(lines) // 2, len(lines), len(lines)))
    order = order[:1].upper() + order[1:]
    if place and chance.random() < 0.4:
        lines[place - 1] += " " + order
    else:
        lines.insert(place, order)


def _mails(chance: random.Random) -> Iterator[Row]:
    """Mails of people and firms, with what the user asks about them, and a few with an order planted."""
    slots = mails.SLOTS | mails.BETWEEN
    for number in range(_MAILS):
        text = mails.MAIL
        # what is put into a mail has slots in slots
        for _ in range(2):
            text = filled(text, slots, chance)
        asked = chance.choice((*mails.QUESTIONS, *ordinary.TASKS)) if chance.random() < 0.4 else ""
        yield f"{asked}\n{text}".strip(), 0, "own"
        if number % _PLANTED_MAILS == 0:
            lines = text.split("\n")
            _plant(lines, number % 2 == 1, chance)
            yield "\n".join((asked, *lines)).strip(), 1, "own planted"


def _handed_over(lines: list[str], chance: random.Random) -> str:
    task = chance.choice(ordinary.TASKS) if chance.random() < 0.6 else ""
    document = "\n".join(lines)
    return (f"{document}\n\n{task}" if chance.random() < 0.3 else f"{task}\n{document}").strip()


def _foreign(chance: random.Random) -> Iterator[Row]:
    for language in LANGUAGES:
        for sentences, label in ((language.attacks, 1), (language.ordinary, 0)):
            for text in sentences:
                # a sentence without a slot need not be repeated often
                for _ in range(_TIMES if "{" in text else 2):
                    yield _written(filled(text, language.slots, chance), chance), label, "own"
