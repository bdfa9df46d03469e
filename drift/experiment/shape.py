"""What of a call's messages is its prompt, and what was filled into it: the documents that were found, and the question.

The prompt is what the system says and what stands around the question. Documents are known by their texts, word for word; from the first
to the last of them is one slot, whatever stands between. So a prompt can be put around another call's documents, and documents into it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from drift.experiment.calls import Recorded
from drift.features import prompts
from drift.stores.final_call import Message

# no text has these, for a text with a NUL is repaired where it is read
_DOCUMENTS, _QUESTION = "\x00D\x00", "\x00Q\x00"
_SYSTEM = ("system", "developer")


@dataclass(frozen=True)
class Shape:
    """A call's prompt with its slots: what the system says, and what is around the question. before, after: the messages between
    them and those after the question (tools that were called, and what they gave), which stay as they are; documents: what fills their
    slot."""

    system: tuple[Message, ...]
    around: str
    before: tuple[Message, ...]
    after: tuple[Message, ...]
    documents: str | None

    @property
    def text(self) -> str:
        """The prompt without what was filled in."""
        said = [*(str(message.get("content")) for message in self.system), self.around]
        return "\n\n".join(said).replace(_DOCUMENTS, "").replace(_QUESTION, "")

    @property
    def has_place_for_documents(self) -> bool:
        return any(_DOCUMENTS in text for text in (self.around, *(str(m.get("content")) for m in self.system)))


def shape_of(one: Recorded) -> Shape | None:
    """None where the call has no user's question in plain text, so that it has no prompt that could be exchanged."""
    said = one.call.messages
    last = max((place for place, message in enumerate(said) if message["role"] == "user"), default=None)
    if last is None or not isinstance(said[last].get("content"), str):
        return None
    found: list[str] = []
    # tools and earlier turns stay as they are
    slotted = [
        _slotted(message, one.documents, found) if at == last or message["role"] in _SYSTEM else message
        for at, message in enumerate(said)
    ]
    text, question = slotted[last]["content"], one.question.strip()
    place = text.rfind(question) if question else -1
    # where the question is not in it word for word, what is there is the question
    around = text[:place] + _QUESTION + text[place + len(question) :] if place >= 0 else _QUESTION
    system = tuple(message for message in slotted if message["role"] in _SYSTEM)
    before, after = (tuple(m for m in some if m["role"] not in _SYSTEM) for some in (said[:last], said[last + 1 :]))
    return Shape(system, around, before, after, found[0] if len(found) == 1 else None)


def _slotted(message: Message, documents: Sequence[str], found: list[str]) -> Message:
    text = message.get("content")
    if not isinstance(text, str):
        return message
    places = [(at, at + len(each)) for each in documents if each and (at := text.find(each)) >= 0]
    if not places:
        return message
    first, last = min(start for start, _ in places), max(end for _, end in places)
    found.append(text[first:last])
    return {**message, "content": text[:first] + _DOCUMENTS + text[last:]}


def identities(shapes: Sequence[Shape]) -> list[str]:
    """One name a prompt, whatever dates and numbers stand in it (`drift.features.prompts`); (n,)."""
    # an empty prompt is one, too
    texts = pa.array([shape.text or " none" for shape in shapes], pa.string())
    return [str(name) for name in prompts.versions(texts).to_pylist()]


def filled(prompt: Shape, one: Recorded, own: Shape, documents: str | None) -> tuple[Message, ...] | None:
    """The messages of a call with another prompt around them, or with other documents in it; None where the prompt has no place for them."""
    if documents and not prompt.has_place_for_documents:
        return None
    fill = _filler(documents or "", _question(one, own))
    system = tuple({**m, "content": fill(m["content"])} if isinstance(m.get("content"), str) else m for m in prompt.system)
    return (*system, *own.before, {"role": "user", "content": fill(prompt.around)}, *own.after)


def _question(one: Recorded, own: Shape) -> str:
    """What stood where the question is: the question, or all of the message where that has it in other words."""
    last: Any = next(m for m in reversed(one.call.messages) if m["role"] == "user")["content"]
    question = one.question.strip()
    return question if question and question in last else str(last)


def _filler(documents: str, question: str) -> Callable[[str], str]:
    def fill(text: str) -> str:
        return text.replace(_DOCUMENTS, documents).replace(_QUESTION, question)

    return fill
