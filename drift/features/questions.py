"""What the user's turn says about the answer before it: that it was wrong, or that the question must be asked again."""

from __future__ import annotations

import hashlib

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drift.features import ngrams
from drift.features.batch import Batch, Context, Measured
from drift.features.tokens import Tokens

_FEWEST_WORDS = 3

# Each begins the input, after an interjection at most: in the middle of a text the same words are a story, not a correction.
_CORRECTIONS = (
    # English
    r"(?:no|nope|nah|wrong)[,.!:; ]+(?:that(?:'s| is|s)? not|that(?:'s| is|s)? (?:wrong|incorrect)|"
    r"i (?:meant|mean|said|asked|want)|not (?:that|what|the)|it(?:'s| is) not|you(?:'re| are)|wrong|the other)",
    r"(?:that|this|it|which)(?:'s| is| was|s)? (?:still |just |completely |totally |simply |clearly |again )?"
    r"(?:wrong|incorrect|not (?:right|correct|true|it|what i))",
    r"(?:that|this|it) (?:isn't|isnt|wasn't|is not|was not|doesn't|does not|didn't|did not) "
    r"(?:right|correct|true|it|what i|answer|work\b|help\b)",
    r"(?:you(?:'re| are)|you were|your (?:answer|response|code|solution|result|calculation|translation) (?:is|was)) "
    r"(?:still |just |completely )?(?:wrong|incorrect|mistaken|not (?:right|correct|answering))",
    r"you (?:misunderst\w+|got (?:that|it|this|me) wrong|made a mistake|didn't (?:answer|understand|read)|"
    r"did not (?:answer|understand)|keep (?:giving|saying|making)|missed (?:the point|my))",
    r"i (?:meant|didn't (?:mean|ask|say)|did not (?:mean|ask|say)|never (?:said|asked)|"
    r"already (?:told|said|asked)|was asking)\b",
    r"not what i (?:asked|meant|wanted|said|need)",
    r"i said [^.?!]{1,40}?[, ]not\b|not the [^.?!,]{1,30}, (?:but )?the\b|still (?:not|isn't|doesn't|is not|does not) (?:work\w*|right|correct)",
    r"(?:wrong answer|wrong again|try again|incorrect[.,!])",
    # German
    r"(?:nein|falsch)[,.! ]+(?:ich (?:meinte|meine|habe|wollte)|das (?:ist|war|stimmt)|nicht)",
    r"(?:das|es) (?:ist|war|stimmt) (?:leider |immer noch |doch )?(?:so )?"
    r"(?:falsch|nicht (?:richtig|korrekt|das|was ich)|nicht[.!]?$)",
    r"(?:das stimmt (?:so )?nicht|ich meinte|so war das nicht gemeint|du (?:hast|irrst) (?:mich falsch|dich|unrecht))",
    # French
    r"(?:non|faux)[,.! ]+(?:je (?:voulais|parlais|demandais)|ce n'est pas|c'est (?:faux|pas)|pas (?:ça|cela))",
    r"(?:c'est|c’est) (?:toujours )?(?:faux|incorrect|pas (?:ça|ce que|correct|juste))",
    r"(?:ce n'est pas (?:ça|ce que|correct|juste)|je voulais dire|tu te trompes|vous vous trompez)",
    # Spanish
    r"no[,.! ]+(?:me refer[íi]a|quise decir|quer[íi]a|eso no|no es (?:eso|correcto|lo que))",
    r"(?:eso|esto) (?:no es (?:correcto|cierto|lo que)|est[áa] (?:mal|equivocado)|es incorrecto)",
    r"(?:me refer[íi]a a|quise decir|te equivocas|est[áa]s equivocado|no es lo que (?:ped[íi]|pregunt[ée]))",
    # Portuguese, Italian
    r"(?:n[ãa]o[,.! ]+(?:eu quis|eu queria|n[ãa]o [ée] isso|isso)|eu quis dizer|"
    r"isso (?:est[áa] errado|n[ãa]o (?:est[áa]|[ée])))",
    r"(?:no[,.! ]+(?:intendevo|volevo dire|non [èe])|non [èe] (?:corretto|giusto|quello che)|[èe] sbagliato|intendevo )",
    # Dutch, Polish
    r"(?:nee[,.! ]+(?:ik bedoel|dat is|niet)|dat is (?:fout|onjuist|niet (?:goed|juist|wat ik))|dat klopt niet|ik bedoelde)",
    r"(?:nie[,.! ]+(?:chodziło|miałem|to nie)|to (?:jest )?(?:błąd|nieprawda|nie jest|źle)|miał[ea]m na myśli)",
    # Russian, Japanese, Chinese, Korean
    r"(?:нет[,.! ]+(?:я имел|это не|не то|неправильно)|это (?:неправильно|неверно|не то)|я име(?:л|ла) в виду|вы ошиб|ты ошиб)",
    r"(?:違います|違う|いいえ、|そうではなく|そうじゃなくて|間違って|間違い)",
    r"(?:不对|不是这个|不是，|错了|你错了|我的意思是|我是说|不對|錯了)",
    r"(?:아니요?[,. ]+(?:제 말|내 말|그게)|틀렸|그게 아니라|제 말은)",
)
_CORRECTION = (
    r"(?i)^\s*(?:(?:sorry|hmm+|um+|uh|well|but|ok|okay|actually|wait|hey|please|and|so|again|unfortunately|aber|mais|pero|mas|ma)"
    r"[,.!… ]+){0,2}(?:" + "|".join(_CORRECTIONS) + ")"
)


def measure(batch: Batch, context: Context) -> Measured:
    """`correction`, and `_input_hash`, by which a day knows a question that is asked again."""
    return {"correction": corrections(batch.column("input")), "_input_hash": keys(batch.tokens("input"), context.salt)}


def corrections(inputs: pa.Array | pa.ChunkedArray) -> np.ndarray:
    """1 where the input begins by correcting the answer before it, 0 where not, NaN where null; shape (n,)."""
    head = pc.replace_substring(ngrams.beginnings(inputs, 100), "’", "'")
    return pc.match_substring_regex(head, _CORRECTION).cast(pa.float64()).to_numpy(zero_copy_only=False).astype(float)


def keys(words: Tokens, salt: str) -> pa.Array:
    """A secret key of each input's words, whatever their order, case and punctuation; uint64, null below 3 words.

    Short inputs (“yes”, “thank you”) have none: said twice, they are no question asked again.
    """
    with np.errstate(over="ignore"):
        sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(words.hashes * words.hashes, dtype=np.uint64)])
    bags = sums[words.offsets[1:]] - sums[words.offsets[:-1]]
    secret = hashlib.blake2b(salt.encode(), digest_size=32).digest()
    digests = [hashlib.blake2b(bag, digest_size=8, key=secret).digest() for bag in bags.view("V8").tolist()]
    values = np.frombuffer(b"".join(digests), np.uint64)
    return pa.array(values, mask=words.counts < _FEWEST_WORDS)
