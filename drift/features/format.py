"""What an answer is written as: JSON, code in fences, a stock opening. How long it is: `text`."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from drift.features import ngrams
from drift.features.batch import Batch, Context, Measured

# an object or an array, bare or in a fence; not a citation such as [1], not a Markdown link
_JSON_START = r"^\s*(?:```\s*(?:json|JSON)?\s*)?(?:\{\s*[\"}]|\[\s*(?:[\[{\"\]]|-?\d+(?:\.\d+)?\s*,))"
_FENCE = r"(?m)^[ \t]*(?:```|~~~)"
# lines that only code has
_CODE = (
    r"(?m)^\s*(?:def \w+\(.*\):|class \w+(?:\(.*\))?:$|from [\w.]+ import \w|import [\w.]+(?: as \w+)?$|#include\s*[<\"]|"
    r"(?:async )?function \w+\(|(?:const|let|var) \w+ = |(?:public|private|protected) (?:static |final |class |void )|"
    r"(?:SELECT|select) .+ (?:FROM|from) \w|for \(.+;.+;|if __name__ ==|(?:func|fn) \w+\(|return .+;$|using namespace |<\?php)"
)
OTHER = "other"
_OPENING_CHARACTERS = 32


def measure(batch: Batch, context: Context) -> Measured:
    """`json_valid`, `code_fenced`, `opening`, and `_json_like` by which a day learns where JSON is expected.

    `json_valid` is measured here on answers that look like JSON; `sessions.finish` knows the endpoints where it is expected,
    counts an answer that is no JSON at all as invalid there, and forgets it elsewhere.
    """
    output = batch.key("output")
    head = ngrams.beginnings(output, 200)
    like = _flags(pc.match_substring_regex(head, _JSON_START))
    valid = np.full(len(batch), np.nan)
    rows = np.flatnonzero(like == 1)
    valid[rows] = [is_json(text) for text in output.take(pa.array(rows)).to_pylist()]
    return {
        "json_valid": valid,
        "_json_like": like,
        "code_fenced": code_fenced(batch),
        "opening": openings(head),
    }


def is_json(text: str) -> bool:
    """Whether the whole text is one JSON object or array (RFC 8259), as a program would read it: in a fence it is not.

    Deeper than 1,024 levels counts as invalid: no program that this is meant for could read it.
    """
    try:
        return isinstance(orjson.loads(text), (dict, list))
    except (orjson.JSONDecodeError, RecursionError):
        return False


def code_fenced(batch: Batch) -> np.ndarray:
    """1 where an answer puts code in a fence, 0 where it has lines of code and no fence, unknown where it has no code."""
    flat = batch.flat("output")
    out = np.full(len(batch), np.nan)
    likely = np.flatnonzero(flat.tally(_code_marks) > 0)
    if len(likely):
        chosen = batch.key("output").take(pa.array(likely))
        fenced = ngrams.found_in(chosen, _FENCE)
        out[likely[fenced]] = 1.0
        likely, chosen = likely[~fenced], chosen.filter(pa.array(~fenced))
        out[likely[ngrams.found_in(ngrams.beginnings(chosen, 4_000), _CODE)]] = 0.0
    return out


def _code_marks(data: np.ndarray) -> np.ndarray:
    """Where one of _ ` { | } ~ ; < = > # or `):` stands: one is in every fence and in all code but the shortest.

    Few answers have one, and to look for bytes by arithmetic is much cheaper than two regular expressions.
    """
    marks = (data - 95 < 2) | (data - 123 < 4) | (data - 59 < 4) | (data == 35)
    marks[:-1] |= (data[:-1] == 41) & (data[1:] == 58)
    return marks


def _flags(matches: pa.ChunkedArray) -> np.ndarray:
    return matches.cast(pa.float64()).to_numpy(zero_copy_only=False).astype(float)


# a closed list: an opening can hold a person's name, so what is not here is `other`
_PHRASES = (
    "of course", "great question", "good question", "i'm sorry", "i am sorry", "i apologize", "i apologise", "my apologies",
    "as an ai", "as a language model", "as a large language model", "i cannot", "i can't", "i'm unable", "i am unable",
    "i'm not able", "i can", "i understand", "i don't", "i do not", "i think", "i would", "i'd be happy", "i'm happy",
    "i hope", "here is", "here are", "here's", "there is", "there are", "this is", "these are", "it is", "it's", "it seems",
    "it looks like", "it depends", "thank you", "thanks", "let's", "let me", "based on", "according to", "in order to",
    "to answer", "the answer", "the following", "the context", "the provided", "the documents", "no relevant",
    "unfortunately", "however", "absolutely", "certainly", "definitely", "sure", "yes", "no", "okay", "ok", "hello", "hi",
    "dear", "welcome", "please", "sorry", "first", "firstly", "step 1", "step one", "one", "to", "if", "when", "while",
    "a", "an", "the", "in", "on", "for", "you", "your", "we", "my", "i", "what", "how", "why", "who", "that", "this", "some",
    "answer", "question", "summary", "title", "subject", "true", "false", "none",
)  # fmt: skip
# by their words, one after the other; at None the phrase that ends there
_Tree = dict[str | None, Any]
_TREE: _Tree = {}
for _phrase in _PHRASES:
    _node = _TREE
    for _word in _phrase.split():
        _node = _node.setdefault(_word, {})
    _node[None] = _phrase
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_MARKS = (("```", "code fence"), ("#", "heading"), ("{", "{"), ("[", "["), ("|", "table"), ("<", "<"), ("- ", "list"),
          ("* ", "list"), ("• ", "list"))  # fmt: skip
_NUMBERED = re.compile(r"\d{1,2}[.)] ")


def openings(heads: pa.Array | pa.ChunkedArray) -> np.ndarray:
    """How answers open, by their first characters; object, shape (n,), None where null."""
    heads = pc.utf8_slice_codeunits(pc.utf8_ltrim_whitespace(heads), 0, _OPENING_CHARACTERS)
    heads = pc.utf8_lower(pc.replace_substring(heads, "’", "'"))
    return np.array([None if head is None else opening(head) for head in heads.to_pylist()], object)


def opening(head: str) -> str:
    """How an answer opens, from a closed list: a stock phrase or word, a mark of form, or `other`.

    head: the first characters, in lower case, from the first visible one on.
    """
    if not head:
        return "nothing"
    if head[0] in "`#{[|<-*•":
        for mark, name in _MARKS:
            if head.startswith(mark):
                return name
    elif head[0].isdigit():
        return "numbered list" if _NUMBERED.match(head) else "number"
    found, node = OTHER, _TREE
    # most openings are words with spaces between, which need no pattern to be told apart
    for word in head.split(" "):
        if word not in node:
            return found if word.isalpha() else _phrase_of(_WORD.findall(head))
        node = node[word]
        found = node.get(None, found)
    return found


def _phrase_of(words: list[str]) -> str:
    """The longest phrase that begins so."""
    found, node = OTHER, _TREE
    for word in words:
        if word not in node:
            break
        node = node[word]
        found = node.get(None, found)
    return found
