"""Answers that give away the instructions: a run of words of the system prompt, or words that only introduce one.

A run that the user or a document brought along is no leak. Where a trace has no system prompt only the introducing words
can be seen, so the rate steps when a store begins to record system prompts.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from drift.features import ngrams
from drift.features.batch import Batch, Context, Measured
from drift.features.ngrams import found_in
from drift.features.tokens import Tokens, grams, supported

# words in a row that an answer has in common with the system prompt: four overlapping runs of eight
WORDS = 11
_RUN = 8
_TOGETHER = WORDS - _RUN + 1
_CHARACTERS = 600

_INSTRUCTIONS = r"(?:prompt|instructions|message|rules|guidelines)"
_HIDDEN = r"(?:system|initial|original|hidden|secret|full|exact|internal)"
_SAID = "|".join(
    (
        rf"\b(?:my|the|our) {_HIDDEN} {_INSTRUCTIONS} (?:is|are|was|were|reads?|says?|states?|begins?)\b[^.!?]{{0,3}}[:\"\n]",
        rf"\b(?:here (?:is|are)|these are|this is) (?:\w+ )?(?:my|the) {_HIDDEN} (?:system )?(?:{_INSTRUCTIONS}|configuration)",
        r"(?:here (?:is|are)|these are) my (?:system )?(?:prompt|instructions|rules)(?: so far)? ?:",
        r"\bmy (?:instructions|rules|guidelines) (?:are|say|read)(?: as follows)?(?: that i)?\b ?[:\"]",
        r"\bi (?:was|am|have been) (?:instructed|told|configured|prompted) (?:by (?:my|the) \w+ )?(?:to|not to|that)\b",
        r"\b(?:the|my) (?:secret )?(?:password|passphrase|access code|code word) is\b ?:? ?[\"'`*]",
        r"<\|im_start\|>system|\bsystem prompt ?:",
        r"\byou are (?:chatgpt|a large language model trained|an ai assistant (?:created|developed|made|named))",
        r"mein system-?prompt (?:lautet|ist)|meine anweisungen (?:lauten|sind) ?:|mes instructions sont ?:",
        r"mis instrucciones son ?:|我的(?:系统提示|指令)(?:词)?(?:是|如下)|私の(?:指示|システムプロンプト)は",
    )
)


def says_so(texts: pa.Array | pa.ChunkedArray | list[str | None]) -> np.ndarray:
    """Whether the beginning of each text introduces instructions or a secret; bool, shape (n,)."""
    return found_in(ngrams.normal(ngrams.ends(ngrams.column(texts), _CHARACTERS)), _SAID)


def repeats(answers: Tokens, prompts: Tokens, *allowed: Tokens) -> np.ndarray:
    """Whether each answer has `WORDS` words in a row that its prompt has and none of the `allowed` texts; bool, shape (n,)."""
    # of as many runs as must follow each other one is looked up: few answers are suspected, and only those are read in full
    some = grams(answers, _RUN, _TOGETHER)
    suspects = np.unique(some.rows[supported(some, grams(prompts, _RUN))])
    out = np.zeros(len(answers.counts), bool)
    if len(suspects):
        runs = grams(answers.of_texts(suspects), _RUN)
        leaked = supported(runs, grams(prompts.of_texts(suspects), _RUN))
        for other in allowed:
            leaked &= ~supported(runs, grams(other.of_texts(suspects), _RUN))
        out[suspects] = _in_a_row(leaked, runs)
    return out


def _in_a_row(leaked: np.ndarray, runs: Tokens) -> np.ndarray:
    """Whether each text has `WORDS` words in a row that are in leaked runs; bool, shape (n,)."""
    last = max(len(leaked) - _TOGETHER + 1, 0)
    in_a_row = np.ones(last, bool)
    for step in range(_TOGETHER):
        in_a_row &= leaked[step : last + step]
    in_a_row &= runs.rows[:last] == runs.rows[_TOGETHER - 1 : _TOGETHER - 1 + last]
    return np.bincount(runs.rows[:last], in_a_row, len(runs.counts)) > 0


def measure(batch: Batch, context: Context) -> Measured:
    leaks = says_so(batch.column("output"))
    if batch.known("system_prompt").any():
        allowed = [batch.tokens("input"), batch.tokens("documents")]
        leaks |= repeats(batch.tokens("output"), batch.tokens("system_prompt"), *allowed)
    return {"prompt_leak": np.where(batch.known("output"), leaks, np.nan)}
