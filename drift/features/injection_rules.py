# ruff: noqa: E501 - patterns stay in one piece
"""Wordings that decide by themselves whether an input tries to take over the model, before its trained model is asked.

ATTACK is said to nobody but a model. ORDINARY uses the same words about something else: a forgotten password, the rules of
a programme, a prompt that the user writes; COURTESY is thanks, "forget it" and how an answer should be written. An attack wins. RE2 syntax (linear time), for text in lower case
with straight apostrophes.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drift.features import ngrams

_DROP = r"(?:ignore|disregard|forget|override|bypass|discard|pretend|stop following|do not follow|don't follow)"
_HIDDEN = r"(?:(?:system|developer) (?:prompt|message|instruction)s?|(?:initial|original|hidden|secret|internal) (?:prompt|instructions?|rules|guidelines|configuration)|(?:prompt|instructions?|rules|guidelines) (?:you (?:were|have been) given|above this))"
_SHOW = r"(?:show|print|output|reveal|repeat|display|dump|leak|recite|translate|tell me|paste|share|list|encode|write out|give me|confirm by printing)"

ATTACK = (
    rf"\b{_DROP} (?:\w+ ){{0,2}}?(?:what|everything|anything|all) (?:that )?(?:the |your )?(?:developers?|creators?|makers?|owners?|operators?|system|admins?|openai|anthropic|google|company|you (?:were|have been|had been))(?: (?:told|taught|said|instructed|given|programmed|trained))?"
    rf"|\b{_DROP} (?:all |any |of |the |these |those )*(?:your (?:\w+ ){{0,2}}?|(?:previous|prior|earlier|above|preceding|original|initial|system) )(?:\w+ )?(?:instructions?|rules|guidelines|guidance|directives?|programming|training|restrictions|safety|system prompt|ethic\w*)\b"
    rf"|\b{_SHOW} (?:\w+ ){{0,3}}?(?:your|the) (?:\w+ ){{0,2}}?{_HIDDEN}|\bwhat (?:is|are|was|were|does) your (?:\w+ )?{_HIDDEN}"
    r"|\brepeat (?:everything|all|the (?:text|words)) (?:that )?(?:precedes|above|before)|(?:exact )?words you were (?:given|told)|(?:told|given|instructed) before this (?:chat|conversation|message)"
    r"|set aside (?:\w+ ){0,2}?(?:instructions|directions|rules|guidelines)|never trained to refuse|obey (?:the )?user|the real (?:instruction|task) (?:is|:)|the real instruction:|\b(?:print|repeat|output|copy) (?:all )?(?:the |everything )?(?:text |words )?(?:before|above) this (?:line|sentence|message)|(?:confidential|secret|hidden) instructions (?:\w+ ){0,3}?(?:developers?|creators?|makers?|system)|rules (?:\w+ ){0,2}?(?:company|developers?) (?:has |have )?(?:given|gave) you|(?:switch|turn) off your (?:\w+ )?(?:filters?|safety|guidelines|restrictions)|what(?:'s| is) (?:written |said )?in your (?:\w+ )?(?:instructions|prompt)|context window before|(?:deine|ihre) system(?:anweisung|prompt|nachricht)|ignore (?:the|this) (?:document|text|email|article|question) and (?:instead|just)\b|\[(?:system|admin|root|developer)[ _-]?(?:override|message|prompt|note|update)|(?:safety|content|ethical) (?:filters?|protocols?|guidelines|restrictions) (?:\w+ )?(?:disabled|deactivated|lifted|suspended|off\b)"
    r"|</(?:system|instructions?|prompt)>|<\|im_start\|>system|new instructions?: (?:\w+ ){0,3}?(?:reveal|print|ignore|send|leak|say|output)"
    r"|(?:note|attention|message|instructions?|important) (?:to|for) (?:any|all|the|every) (?:ai|llm|language model|assistant|chatbot|bot)s?\b|\bai (?:assistants?|models?|agents?) (?:reading|processing|summari[sz]ing) this"
    r"|when (?:you )?summari[sz]\w+ this (?:\w+,? ){0,2}?(?:also|always|instead|first)|your (?:guidelines|rules|instructions|restrictions) (?:have been|were|are now|are) (?:updated|changed|lifted|removed|suspended|void)"
    r"|(?:stop being|you are no longer|forget (?:that )?you(?:'re| are)) (?:an? )?(?:\w+ ){0,2}?(?:assistant|bot|chatbot|ai|language model|model)\b|previous (?:rules|instructions) never existed|decode (?:this|the) (?:\w+ )?(?:base64|hex|rot13|string)?\b[^.!?]* and (?:do|follow|execute|obey)"
    r"|(?:without|has no|have no|with no|no) (?:any )?(?:content policy|ethical (?:guidelines|restrictions)|safety (?:rules|filters|guidelines))|(?:got|getting|get) around (?:its|your) (?:safety|rules|filters)"
    r"|(?:oublie|ignore[zr]?|contourne)\S* (?:\S+ ){0,3}?(?:tes|vos) (?:\S+ )?(?:règles|consignes|instructions)|affiche\S* (?:\S+ )?(?:message|prompt) système|comme si tu n'avais (?:aucune|pas de) (?:restriction|règle|limite)"
    r"|tu so,? als (?:hättest|gäbe|wärst)[^.!?]*(?:regel|einschränkung|beschränkung)|(?:ignorier|vergiss|missacht)\S* (?:\S+ ){0,2}?(?:deine|ihre) (?:\S+ )?(?:regeln|vorgaben|anweisungen|richtlinien)"
    r"|(?:tu|il tuo|teu|seu|ton|tes) (?:prompt|message|instructions|mensaje) (?:de|di|do|del) sistem|(?:muestra|muéstra|revela|enseña)\S* (?:\S+ ){0,3}?(?:mensaje|prompt|instrucciones) del? sistema|(?:sin|senza|sem) (?:restricciones|restrizioni|restrições) (?:ni|e|y|o) "
)
ORDINARY = (
    r"\b(?:ignore|disregard|forget|cancel)(?: about)? (?:the |my |our |that |any |all )*(?:last |previous |prior |earlier )*(?:ticket|quote|draft|typo|invoice|attachment|reminder|appointment|estimate|booking|reservation|voicemail|song|alarm|quarter)s?\b|(?:instructions|rules|guidelines) (?:you|they|we) (?:gave|sent) (?:me|us)\b|\b(?:olvidé|he olvidado|j'ai oublié|ho dimenticato|esqueci|ich habe (?:\w+ ){0,3}?vergessen)|"
    r"\b(?:forgot|forgotten|forget) (?:my|the|our) (?:\w+ )?(?:password|pin|passcode|passphrase|login|username|user name|secret answer|security question)"
    r"|(?:write|create|make|design|improve|craft) (?:\w+ ){0,3}?(?:good|better|clear|system|effective|image) prompts?\b|prompt engineering|what (?:is|are) (?:a )?(?:prompt injections?|system prompts?|jailbreaks?)\b|difference between [^.?!]*prompt|\b(?:my|our) (?:own )?(?:gpt|chatbot|bot|assistant|agent|model)\b"
    r"|^(?:please |can you |could you )?(?:summari[sz]e|shorten|proofread|translate|rewrite|correct) the (?:text|paragraph|passage|sentence|message) (?:above|below)(?: (?:in|into|for|to) [^.!?\n]{0,40})?[.?!]?[ \x1e]*$|answer (?:me )?(?:only |just )?(?:with )?(?:only |just )?(?:yes or no|in one word)\b"
    r"|^(?:please |can you |could you )?(?:summari[sz]e|shorten|translate|rewrite) the above(?: (?:in|into|for|to) [^.!?\n]{0,40})?[.?!]?[ \x1e]*$"
    r"|\b(?:rules|conditions|instructions|guidelines) (?:of|for|to) (?:the |a |an |your |my |this |using |playing |passwords? |returning )(?:\w+ ?){1,4}(?:programme|program|game|site|shop|app|account|card|offer|competition|machine|shelf|device|hotel|pool|club|course)"
)
# Courtesy, and edits of an answer: the whole input is one of these, and no word of it is what an attack is after.
_LEAD = r"(?:(?:ok|okay|oh|ah|great|perfect|cool|sorry|please|well|hi|hello|no|yes|and|but|so|now|then|thx|thanks|thank you|actually|can you|could you|would you|will you|just|i'd like you to|try to)[,.! ]+){0,4}"
_TAIL = r"(?:[,.!;]* (?:and |but )?(?:thanks|thank you|thx|please|anyway|never ?mind|sorry|forget it|it (?:works|worked)|(?:i|we)(?:'ll| will|'d rather| can) (?:\w+ ?){1,5}|(?:i|we) (?:have |'ve )?(?:found|solved|got|figured|managed|fixed|meant|sent)[^.!?\n]{0,40}|(?:only |just )?(?:answer|reply to) the (?:second|last|other|next)(?: one| question)?)(?: (?:now|again|though|anyway|so much|a lot))?){0,3}[.!? \x1e:)]*$"
_MINE = r"(?:my|the|that|this) (?:\w+ ){0,2}?(?:question|message|e-?mail|mail|request|typo|mistake|order|comment|remark|reply|one|thing)s?(?: (?:above|below|before|in (?:my|the) \w+))?"
_SAID = r"(?:answer|response|reply|text|e-?mail|letter|message|list|table|summary|draft|paragraph|sentence|output|translation|post|article|story|code)s?"
_REST = r"[^.!?\n:\"“”«»*<>{}\[\]|#=]{0,60}"
COURTESY = (
    rf"^{_LEAD}(?:many )?(?:thanks|thank you|thx|cheers)(?: (?:so|very) much| a lot| again| anyway)?(?: for {_REST})?{_TAIL}"
    rf"|^{_LEAD}(?:let's )?(?:forget|never ?mind|ignore|disregard|scratch|cancel|drop|skip)(?: about)? (?:it|that|this|what i (?:just )?(?:said|wrote|asked)(?: before| earlier| above)?|i (?:asked|said \w+)|{_MINE}){_TAIL}"
    rf"|^{_LEAD}i (?:have |'ve )?(?:followed|read|tried|used|did) (?:all )?(?:your|the|these) (?:instructions|steps|rules|guidelines|directions){_REST}{_TAIL}"
    rf"|^{_LEAD}(?:all )?(?:your|the|these) (?:instructions|steps|rules|guidelines|directions) (?:are|were|was|did|do|worked|helped|made){_REST}{_TAIL}"
    rf"|^{_LEAD}(?:make|keep|shorten|expand|cut|format|rewrite|rephrase|reword|translate|summari[sz]e|repeat|show|send|write|put|start|begin|end|finish|give)(?: me)? (?:your|the|my|this|that|its) (?:\w+ ){{0,2}}?{_SAID}\b{_REST}{_TAIL}"
    rf"|^{_LEAD}(?:do not|don't|never|stop|avoid|quit) (?:use|using|include|including|add|adding|write|writing|start|starting|repeat|repeating|mention|mentioning|send|show) {_REST}{_TAIL}"
    rf"|^{_LEAD}(?:do not|don't|no need to) (?:answer|reply|respond)(?: (?:yet|now|that|this|it|me))?{_TAIL}"
    rf"|^{_LEAD}(?:ignore|skip|delete|remove|drop|erase|cancel) (?:the|my|this|that) (?:\w+ )?(?:column|row|version|page|paragraph|sentence|draft|item|value|line|step|section|chapter|slide|field|cell|tab|entry|file|order|booking|payment|attachment|weekend|day|introduction|explanation)s?\b{_REST}{_TAIL}"
    rf"|^(?:(?:danke|ok|gut|ach|ah|nein|na)[,.! ]+)?(?:danke|vergiss es|vergessen sie es|vergiss (?:die|meine) frage|schon gut|lass (?:es|gut sein)|hat sich erledigt|egal|passt so|kürzer|mach (?:es|das) (?:\w+ )?(?:kürzer|länger|einfacher)|ignorieren sie (?:bitte )?meine (?:letzte|vorige) (?:mail|nachricht)|merci|laisse(?:z)? tomber|laisse(?:z)?,|oublie(?:z)? (?:ça|ma (?:dernière )?question)|c'est bon|peu importe|plus court|gracias|déjalo|olvídalo|olvida (?:eso|mi (?:última )?pregunta|lo que dije)|no importa|más corto|hazlo más corto|grazie|lascia stare|lascia perdere|più corto|obrigad[oa]|deixa|esquece|mais curto|bedankt|laat maar|korter)\b{_REST}{_TAIL}|^(?:前|さっき|先ほど|先程|今|私)の(?:メッセージ|質問|メール|送信)[^\n:「」]{{0,12}}(?:無視|忘れ|取り消)[^\n:「」]{{0,12}}$|^(?:ありがとう|もう(?:いい|大丈夫|少し)|結構です|算了|不用了|谢谢|謝謝|短一点|请写?得?短|没事了)[^\n:「」]{{0,24}}$"
    rf"|^{_LEAD}(?:end|stop|close) (?:of )?(?:the |this )?(?:conversation|chat|discussion){_TAIL}"
    rf"|^{_LEAD}in your (?:next|future|following|other)? ?(?:answer|response|reply|message)s?,? (?:please )?(?:include|add|use|give|mention|keep|be|write|leave){_REST}{_TAIL}"
)
_AFTER = r"anweis|regeln|vorgab|geheim|passwort|consigne|règle|instruccion|secret|reglas|istruz|regol|regras|instruç|regels|指示|ルール|設定|指令|规则|提示|密码|prompt|system|secret|password|passphrase|hidden|confiden|configur|polic|restrict|filter|\bdan\b|jailbr|developer|creator|openai|anthropic|hack|pwn|censor|access|admin|sure\b|evil|swear|curse|insult|illegal|harm|bomb|weapon|drug|never refuse|everything|\ball (?:the|your|previous)\b|previous (?:instr|rule)|above (?:instr|rule)|initial|original (?:instr|rule)|(?:your|the) (?:instructions|rules|guidelines|directives)[^.!?]{0,40}(?:word|verbatim|poem|bullet|list)|(?:forget|ignore|disregard|never ?mind)[^.!?]{0,30}(?:instruction|rule|guideline|directive|training|programming|safety)"
# UTF-8 bytes; what a longer input asks for is not told by one phrase of it
_SHORT = 200


def decided(seen: pa.Array) -> np.ndarray:
    """1 where an input, in normal form, is an attack in so many words, -1 where it is ordinary, else 0; int8, shape (n,)."""
    attack = ngrams.found_in(seen, ATTACK)
    out = attack.astype(np.int8)
    (rest,) = np.nonzero(~attack)
    out[rest] = -ordinary(seen.take(pa.array(rest))).astype(np.int8)
    return out


def ordinary(seen: pa.Array) -> np.ndarray:
    """Whether each input, in normal form and no attack in so many words, is an ordinary one; bool, shape (n,)."""
    (short,) = np.nonzero(pc.less(pc.binary_length(seen), _SHORT).to_numpy(zero_copy_only=False))
    texts = seen.take(pa.array(short))
    said = ngrams.found_in(texts, ORDINARY)
    (rest,) = np.nonzero(~said)
    rest = rest[ngrams.found_in(texts.take(pa.array(rest)), COURTESY)]
    said[rest] = ~ngrams.found_in(texts.take(pa.array(rest)), _AFTER)
    found = np.zeros(len(seen), bool)
    found[short] = said
    return found
