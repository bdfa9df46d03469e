"""Train the model of short answers that do not help: `python -m training.declining DATA` writes drift/features/models/declining.npz.

Material: sentences of our own in many languages (declining.toml, refusal_sentences.py), put together as answers are; of the ordinary
answers of `training.refusal` those that are short, and phrases of them. No labelled answer: they try it. What it is good for is in docs/models/refusal.md.
"""

from __future__ import annotations

import random
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from drift.features import declining, ngrams
from training import refusal, short
from training import refusal_sentences as own

MATERIAL = Path(__file__).with_name("declining.toml")
HELPED, DECLINED, REFUSED = 0, 1, 2
# how much an ordinary answer counts beside one of our own; log odds added to `unhelpful`
ORDINARY = 0.1
# how much one of our own that helps counts beside one that does not
CAREFUL = 2.0
SHIFT = 0.2
_TIMES = 6
_SLOT, _DEEP = re.compile(r"\{(\w+)\}"), 2
_BEGINS = re.compile(r"(?:^|(?<=[.?!] ))[a-z]")
# answers to a question that yes or no answers
_WORDS = ("Yes.", "No.", "Ja.", "Nein.", "Oui.", "Non.", "Sí.", "No", "Sì.", "Sim.", "Não.", "はい。", "いいえ。", "是。", "不是。", "Nee.", "Tak.",
          "Nie.", "Да.", "Нет.", "네.", "아니요.")  # fmt: skip
_LEADS = {
    "en": ("Sorry, but ", "I'm sorry. ", "I understand, but ", "Thank you for asking. ", "Unfortunately, ", "Honestly, "),
    "de": ("Leider: ", "Tut mir leid. ", "Danke für Ihre Frage. ", "Ich verstehe Sie. ", "Nein. ", "Entschuldigung, "),
    "fr": ("Désolé. ", "Merci pour votre question. ", "Je comprends. ", "Malheureusement, ", "Non. "),
    "es": ("Lo siento. ", "Gracias por su pregunta. ", "Le entiendo. ", "Lamentablemente, ", "No. "),
    "it": ("Mi dispiace. ", "Grazie per la domanda. ", "Capisco. ", "Purtroppo, "),
    "pt": ("Desculpe. ", "Obrigado pela pergunta. ", "Entendo. ", "Infelizmente, "),
    "ja": ("申し訳ございません。", "お問い合わせありがとうございます。", "恐れ入りますが、", "残念ながら、"),
    "nl": ("Sorry. ", "Helaas. ", "Nee. "),
    "pl": ("Przepraszam. ", "Niestety. ", "Nie. "),
    "ru": ("Извините. ", "К сожалению. ", "Нет. "),
    "ko": ("죄송합니다. ", "아쉽게도 ", "아니요, "),
    "sv": ("Tyvärr. ", "Förlåt. ", "Tack för din fråga. ", "Nej. "),
    "tr": ("Maalesef ", "Üzgünüm. ", "Sorunuz için teşekkürler. ", "Hayır. "),
    "hi": ("माफ़ कीजिए। ", "खेद है, ", "नहीं। "),
    "zh": ("抱歉，", "很抱歉。", "感谢您的提问。", "很遗憾，", "不好意思，"),
}  # fmt: skip


def synthetic(seed: int = 0) -> Iterator[tuple[str, int]]:
    """Answers of our own, and what each does."""
    chance = random.Random(seed)
    for language, sentences in tomllib.loads(MATERIAL.read_text()).items():
        dense = language in short.DENSE
        for kind, name in ((REFUSED, "refused"), (DECLINED, "declined"), (HELPED, "helpful")):
            lines = sentences[name].strip().split("\n")
            for line in lines:
                for _ in range(_TIMES * max(1, len(_SLOT.findall(line)))):
                    text = filled(line, sentences, chance)
                    # an apology opens answers that help, too
                    if chance.random() < (0.35 if kind != HELPED else 0.15):
                        text = chance.choice(_LEADS[language]) + text
                    if chance.random() < 0.4:
                        text += ("" if dense else " ") + filled(chance.choice(lines), sentences, chance)
                    yield text, kind
    for refusals, ordinary in own.LANGUAGES.values():
        for texts, kind in ((refusals, REFUSED), (ordinary, HELPED)):
            for text in texts:
                yield text, kind
                yield f"{text} {chance.choice(texts)}", kind


def filled(line: str, sentences: dict, chance: random.Random) -> str:
    """The line with each name in braces exchanged for one of that list, which may have such names itself."""
    for _ in range(_DEEP):
        line = _SLOT.sub(lambda slot: chance.choice(sentences[slot[1]]) if slot[1] in sentences else slot[0], line)
    return _BEGINS.sub(lambda first: first[0].upper(), line)


def ordinary(data: Path) -> Iterator[tuple[str, int]]:
    """Ordinary answers that are short, none of them labelled."""
    chance = random.Random(2)
    for text in refusal.background(data).text:
        if len(text.encode()) <= declining.LONGEST:
            yield text, HELPED
        # a name, a label, a phrase: most answers of a few words are these
        words = text.split()
        first, size = chance.randrange(max(1, len(words))), chance.choice((1, 1, 2, 3, 5, 8))
        yield " ".join(words[first : first + size]), HELPED
    for text in (*_WORDS * 30, *short.foreign()):
        yield text, HELPED


def main(data: Path) -> None:
    ours, others = list(synthetic()), list(ordinary(data))
    texts, kinds = zip(*ours, *others, strict=True)
    kind, weight = np.array(kinds), np.concatenate([np.ones(len(ours)), np.full(len(others), ORDINARY)])
    weight[: len(ours)][kind[: len(ours)] == HELPED] = CAREFUL
    x = short.design(declining.READING, texts)
    unhelpful = kind != HELPED
    models = short.fit("unhelpful", x, unhelpful, weight, SHIFT)
    models |= short.fit("refused", x[unhelpful], kind[unhelpful] == REFUSED, weight[unhelpful], 0.0)
    print(ngrams.save("declining", models))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "/work/shared/data"))
