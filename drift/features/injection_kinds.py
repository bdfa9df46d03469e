# ruff: noqa: E501 - patterns stay in one piece
"""What an attack on the model is after: to override its instructions, to free it by a role, to draw them out; and how it comes: in a
document that is handed over, or encoded.

An attack that is several is of the first of the kinds in `_WORDINGS` whose wording it has; what has none of them is an override. RE2 syntax (linear time),
for text in lower case with straight apostrophes that `injection` has found to be an attack.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from drift.features import ngrams
from drift.features.injection_patterns import PATTERNS

KINDS = ("override", "role", "extraction", "indirect", "encoded")

_ENCODED = (
    r"base ?64|rot-?13|\bhex\b|caesar|in morse|leet ?speak|pig latin|cipher|\bdecode|backwards|letter by letter|between (?:each|the|every) (?:letter|char)|dash between"
    r"|(?:^|\W)(?:\w[ .*_-]){6,}\w|[a-z0-9+/]{14,}={1,2}|\b(?:[0-9a-f]{2} ?){8,}\b|(?:\b\w*[a-z][013457][a-z]\w*\W+(?:[\w']+\W+){0,3}?){2}|\\u[0-9a-f]{4}"
)
# the user's own task, then a text with an order in it that is not the user's
_TASK = r"(?:^|\n)\W*(?:please |can you |could you )?(?:summari[sz]e|translate|read|review|check|proofread|rate|extract|classify|answer from|what (?:is|does|was)|here is|fasse|übersetze|lies|prüfe|résume|traduis|lis|resume|traduce|lee|要約|翻訳|总结|翻译|概括)"
_IN_A_TEXT = rf"{PATTERNS['reader']}|<!--|\[(?:to|note|system|ai|assistant)\b|{_TASK}[^\x1e]{{0,400}}\n[^\x1e]*\n|{PATTERNS['document']}|(?:ki|ia|ai)[ -](?:systeme?|modelle?|assistenten?),? die (?:diese|den)|assistant, (?:before|after|when|please)|\bif (?:a|an) (?:llm|bot|ai|model)\b"
_SHOW = r"(?:repeat|print|output|show|reveal|display|tell|give|write|list|summari[sz]e|sum up|recite|copy|translate|quote|dump|share|provide|leak|disclose|spell|send|sing|complete|what(?:'s| is| are| were| was| does| did)?|which|how|are there|zeig|nenne|wie lautet|was steht|affiche|montre|quel|répète|muestra|revela|qué|cuál|mostra|quali|見せ|教え|发给|显示|输出|告诉|告訴)"
_SECRETS = r"(?:system ?prompt|prompt\b|instructions?\b|rules\b|guidelines\b|configuration|set-?up|context\b|initial message|first message|first (?:line|word|sentence)|secret|password|pass ?phrase|access code|token\b|text above|words above|above (?:my|this)|before (?:my|this)|systemprompt|systemnachricht|anweisungen|passwort|nachricht bekommen|prompt système|consignes|instrucciones|mensaje de sistema|istruzioni|instruções|プロンプト|指示|設定|设定|指令|提示)"
_EXTRACTION = rf"{PATTERNS['extract']}|{PATTERNS['order']}|{PATTERNS['code']}|{_SHOW}[^.!?\n]{{0,60}}{_SECRETS}|(?:your|the|ur) (?:\w+ )?(?:system prompt|instructions|rules|prompt)\W*[?]|above words|access (?:granted|denied)|请?把你[^。]{{0,12}}(?:设定|指令|提示)"
_FREED = rf"{PATTERNS['unrestricted']}|{PATTERNS['freed']}"
_ROLE = rf"{PATTERNS['foreign_role']}|(?:act|answer|behave|speak|respond) (?:exactly )?(?:as|like)|pretend|role-?play|imagine|simulat|in character|you(?:'re| are| will be) (?:now |going to be )?(?:an? |called |named )|from now on you (?:are|will be)|\bmode\b|personalit|be my |my (?:late |dead )?(?:grand\w+|aunt|uncle|nanny)|hypothetical|fictional|two (?:selves|answers|ways)|\btwin\b|(?:play|be) [a-z]+,? (?:who|a machine|a spirit|an? ai)|stell dir vor|imagina|imagine que"
_WORDINGS = (
    ("encoded", _ENCODED),
    ("indirect", _IN_A_TEXT),
    ("role", _FREED),
    ("extraction", _EXTRACTION),
    ("role", _ROLE),
)


def of(seen: pa.Array) -> np.ndarray:
    """The kind of each attack, its text in normal form; object, shape (n,)."""
    kind = np.full(len(seen), "override", object)
    for name, wording in reversed(_WORDINGS):
        kind[ngrams.found_in(seen, wording)] = name
    return kind
