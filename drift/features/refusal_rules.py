# ruff: noqa: E501 - patterns stay in one piece
"""Wordings that decline by themselves, whatever the other words of the answer are.

The trained model knows the styles of its material; a new maker's model declines in a new style, most often in one short
sentence that gives it little to weigh. These rules read the sentence with which an answer opens, after courtesies. RE2
syntax (linear time), for text in lower case with straight apostrophes.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from drift.features import ngrams
from drift.features.refusal_patterns import QUOTED

# sentences of courtesy, and what a sentence may say before it declines
_COURTESY = (
    r"(?:(?:thank|thanks|hello|hi|hey|good (?:morning|day|evening)|i (?:understand|hear|appreciate|see|know|realize|realise|get|can see|can imagine)|that's an? |that is an? |what an? |great|interesting|congratulations|i'm sorry|sorry|i apologize|my apologies|i am \w+,)"
    r"[^.!?\n]*[.!?]+\s+){0,2}"
)
_BEFORE = r"(?:[^.!?\n\"]*?(?:[,:;—–…-] ?| (?:and|but|so|that|therefore|because) ))?(?:(?:but|so|and|even so,?|still,?|therefore,?|unfortunately,?|regrettably,?|sadly,?|however,?) )*"
_ADVERB = r"(?:\w+ly |also |just |still |therefore |have to |'m going to |am going to )?"
_CANNOT = (
    rf"(?:i|we) ?{_ADVERB}(?:cannot|can't|can not|cant|won't|will not|shouldn't|must not|(?:am|are|'m|'re) (?:\w+ly )?(?:unable|not able|not (?:\w+ly )?(?:allowed|permitted|authori[sz]ed|qualified|equipped|programmed|willing|at liberty|in a position|comfortable|going))(?: to)?"
    r"|(?:must|have to|need to|will|'ll|would|'d) (?:\w+ly )?(?:refrain from|decline to|refuse to)|(?:'d|would) (?:rather|prefer) not(?: to)?|(?:'d )?prefer not to|decline to|refuse to)"
)
_DO = (
    r"(?:provid|help (?:you|with|out|on|in|that|this|anyone|people)|assist|fulfil|comply|creat|generat|writ|draft|offer(?:ing)? (?:\w+ ){0,2}?(?:advice|opinions?|diagnos|information|instructions|guidance|help|assistance|support|details|comment)|giv(?:e|ing)\b|answer|respond to|discuss|shar(?:e|ing)\b|recommend|support any|support (?:that|this|such|requests)|condone|promot|engage in|participate|take (?:part|sides|(?:a |any )?(?:position|stance))|produc(?:e|ing)\b|do (?:that|this|it)\b|advise\b|disclos|reveal"
    r"|accommodat|carry out|process (?:this|that|your)|endors|speculat|comment|reproduc|quot(?:e|ing) |prescrib|diagnos|rank\b|rate\b|name (?:one|any|the best|a )|role-?play|pretend|impersonat|walk you|guide you|instruct|entertain (?:this|that|such)|touch|weigh in|look up|brows(?:e|ing) (?:the (?:internet|web|page|site|link)|that|this|online|links?|external)|open (?:links?|attachments?|files?|that|this)|view (?:images?|that|this|the)|reset that|go (?:there|into (?:that|it|this))|get into|ignore my|continue (?:this|with)|translat)"
)
# verbs that decline only where the speaker says of itself that it never does so
_HABIT = r"(?:assist with|help with|write|create|produce|provide|offer|share|discuss|engage in|give (?:out|advice)|rank|take sides|feel comfortable (?:\w+ ){0,2}?\w+ing\b)"

_DECLINED = (
    rf"{_CANNOT} (?:\w+,? ){{0,3}}?{_DO}"
    rf"|i (?:do not|don't) {_HABIT}"
    r"|i(?:'ll| will| must| have to| need to|'m going to| am going to)? (?:\w+ly )?(?:have to |need to )?(?:decline\b|refuse (?:this|that|your|the request|to (?:\w+ ){0,2}?(?:help|assist|write|take|answer|discuss))|pass on (?:this|that|it|writing|helping)|turn (?:this|that|it|your (?:\w+ )?request) down|turn down (?:this|that|your)|sit (?:this|that)(?: one)? out|stop (?:you )?(?:right )?(?:here|there)[.,;:!])"
    r"|let's (?:\w+ )?(?:steer away|change the (?:subject|topic)|talk about something else|move on to (?:another|a different)|keep (?:this|things) (?:respectful|appropriate))"
    r"|(?:sorry|apologies|unfortunately|regrettably)[ ,.—–-]+(?:but )?(?:can't|cannot|unable to|not able to|no can do) ?(?:\w+ )?(?:help|assist|do|answer|share|comply|provide|discuss|with)\b"
)
# the same without a speaker who acts: anywhere in the sentence
_IMPERSONAL = (
    r"(?:that|this)(?:'s| is) (?:one|something) i (?:have to|must|won't|can't|cannot|will not|'m not)|(?:not|isn't) (?:something|an? (?:topic|subject|area|thing|question|request|matter)) (?:that )?(?:i|we)(?:'m| am|'re| are|'ll| will| can|'d)\b|something (?:that )?i (?:won't|will not|refuse to|can't|cannot) (?:do|help|write|discuss|provide|assist)"
    r"|(?:outside|beyond) (?:of )?(?:what (?:i|we)(?:'m| am|'re| are|'ll| will| can|'d)\b|my (?:current )?(?:scope|capabilit|abilit|remit|role|guideline|area)|the scope of (?:what i|my))"
    r"|off(?: the)? (?:table|limits) for me|against my (?:\w+ )?(?:programming|guidelines|polic|principles|values|rules|training|design)"
    r"|(?:polic(?:y|ies)|guidelines|rules|programming|regulations|terms) (?:\w+ )?(?:prohibit|prevent|forbid|restrict|stop|bar|(?:do|does)(?:n't| not) (?:allow|permit|let)|(?:won't|will not) (?:allow|permit|let))s? (?:me|us)\b"
    r"|no way (?:that )?i (?:can|could|will) (?:\w+ly )?(?:help|assist|write|do (?:this|that)|support|provide)|my answer (?:is|has to be|must be|will be|remains) no\b"
    r"|(?:would not|wouldn't|will not|won't) be (?:\w+ )?(?:right|appropriate|ethical|fair|responsible|proper) (?:for|of) (?:me|us) to"
    r"|still learning how to answer|(?:isn't|is not) possible for me\b|(?:instructed|told|trained) not to (?:\w+ )?(?:talk|discuss|answer|share|give|help|comment|speak)|\bi choose not to (?:\w+ )?(?:write|answer|discuss|share|help|comment|take)|not in my power to|crosses a line for me|rather we (?:didn't|did not|not) (?:go|talk|discuss)|(?:the|this|your) (?:prompt|request|response|query|input) (?:was|has been|got) (?:rejected|blocked|filtered|flagged) (?:by|as|because|due) (?:to )?(?:it |our |my |the (?:safety|content|moderation|system's))"
)
_OTHER_LANGUAGES = (
    r"(?:kann|darf|können|dürfen|möchte|möchten|werde|werden) (?:ich|wir) (?:\S+ ){0,8}?(?:nicht|kein\w*) (?:\S+ )?(?:helfen|unterstützen|beantworten|mitteilen|geben|weitergeben|herausgeben|bereitstellen|erstellen|schreiben|äußern|nennen|bearbeiten|verraten|offenlegen|besprechen|erfüllen|kommentieren|dienen|weiterhelfen)"
    r"|(?:ich|wir) (?:kann|darf|können|dürfen|möchte|möchten|werde|werden) (?:\S+ ){0,8}?(?:nicht|kein\w*) (?:\S+ )?(?:helfen|unterstützen|beantworten|mitteilen|geben|weitergeben|herausgeben|bereitstellen|erstellen|schreiben|äußern|nennen|bearbeiten|verraten|offenlegen|besprechen|erfüllen|kommentieren|dienen|weiterhelfen)"
    r"|(?:schreibe|unterstütze|beantworte|erstelle|helfe|verfasse|bespreche) ich (?:\S+ )?nicht|fühle mich (?:\S+ )?nicht wohl|lieber nicht (?:\S+ )?(?:sprechen|reden|äußern|beantworten)|(?:rede|spreche) ich (?:\S+ )?nicht"
    r"|(?:je préfère|nous préférons|je préférerais) ne pas|nous ne (?:pouvons|sommes) (?:\S+ )?pas (?:\S+ ){0,3}?(?:aider|communiquer|fournir|partager|divulguer|répondre|donner|transmettre|en mesure)|je ne prendrai pas position|je ne me sens pas à l'aise"
    r"|prefiero no\b|preferiría no\b|no me siento cómod|no (?:podemos|nos es posible|estamos autorizad\w+ (?:a|para)) (?:\S+ )?(?:facilitar|proporcionar|compartir|ayudar|dar|atender|revelar|divulgar|responder|facilitarl|ofrecer)"
    r"|preferisco non\b|preferirei non\b|non mi sento a mio agio|non (?:ci|mi) è (?:consentito|permesso|possibile)|non possiamo (?:\S+ )?(?:fornire|comunicare|condividere|aiutar|rivelare|divulgare|rispondere|soddisfare)"
    r"|prefiro não\b|preferia não\b|não me sinto (?:à vontade|confortável)|não (?:podemos|nos é permitido|estamos autorizad\w+ a) (?:\S+ )?(?:fornecer|compartilhar|partilhar|ajudar|revelar|divulgar|responder|atender|dar)"
    r"|\bik (?:\S+ )?liever niet\b|\bliever niet over\b|(?:schrijf|geef|bespreek|beantwoord|maak) ik (?:\S+ )?(?:niet|geen)\b|(?:mogen|kunnen|willen) (?:wij|we) (?:\S+ ){0,5}?(?:niet|geen) (?:\S+ )?(?:delen|geven|helpen|verstrekken|beantwoorden|vrijgeven|bespreken)|(?:wij|we) (?:mogen|kunnen) (?:\S+ ){0,5}?(?:niet|geen) (?:\S+ )?(?:delen|geven|helpen|verstrekken|beantwoorden|vrijgeven|bespreken)"
    r"|wola(?:łbym|łabym|łbym) nie\b|wolę nie\b|\bnie (?:napiszę|pomogę|odpowiem|podam|udzielę|stworzę)|nie (?:możemy|wolno nam) (?:\S+ )?(?:spełnić|udzielić|podać|pomóc|ujawnić|udostępnić|odpowiedzieć|przekazać)"
    r"|предпоч(?:итаю|ёл бы|ел бы|ла бы|ту) не |не можем (?:\S+ )?(?:раскры|предостав|помочь|сообщ|выполн|ответ|подел|разглаш|выдать)"
    r"|我们(?:无法|不能|不便)(?:向您)?(?:透露|提供|分享|回答|协助|帮助|披露|讨论)|没有学会(?:如何|怎么|怎样)?回答|換個話題|换个话题|不予置评|不便(?:透露|回答|评论|讨论)"
    r"|(?:回答|コメント|お答え|発言|言及|回答する(?:こと|の))(?:は|を)?(?:控え|差し控え|遠慮)|お断り(?:し|いた|申)|お(?:伝え|話し|見せ)(?:する(?:こと|の)は)?でき(?:ません|かね)"
    r"|(?:أفضل|أفضّل) (?:عدم|ألا|أن لا)|لن (?:أكتب|أجيب|أشارك|أناقش|أنشئ)|لا يمكننا (?:الكشف|تقديم|مشاركة|مساعد|الإجابة|الإفصاح|تلبية)"
    r"|मैं [^।.!?]*नहीं (?:दे|कर|बता|लिख|बना|साझा कर) सक|(?:mayacağım|meyeceğim)|(?:mamayı|memeyi) tercih|(?:bilgi|veri|ayrıntı|talep|istek|istem|isteğ)\S* (?:\S+ )?(?:veremiyoruz|paylaşamıyoruz|açıklayamıyoruz|yerine getiremiyoruz|paylaşamayız|veremeyiz|paylaşmam mümkün değil)"
)

# of the options of a survey, the one that is no answer
_CHOSEN = r"^(?:answer: ?)?\(?[a-z1-9]\)?[.):]+ ?(?:refused|declined? to answer|prefer not to (?:say|answer)|no (?:opinion|answer))\b[ .]*(?:$|\()"
_ENGLISH = rf"{_CHOSEN}|^{_COURTESY}(?:{_BEFORE}(?:{_DECLINED})|[^.!?\n\"]*?\b(?:{_IMPERSONAL}))"
# a letter, a quotation or an error text that is handed over declines nothing
_HANDED_OVER = r"\b(?:said|says|wrote|replied|answered) \w|(?:recommend|thank|praise)[^.!?]* enough\b|^(?:dear |subject:|sehr geehrte|bonjour madame|cher |chère |estimad|here(?:'s| is| are) |[\"'“«`<{#*])"


def declines(seen: pa.Array, english: np.ndarray) -> np.ndarray:
    """Whether each answer, its beginning in normal form, declines in so many words; bool, shape (n,).

    english: whether each begins in English; other languages are looked for in the rest only.
    """
    found = ngrams.found_in(seen, _ENGLISH)
    (foreign,) = np.nonzero(~found & ~english)
    found[foreign] = ngrams.found_in(seen.take(pa.array(foreign)), _OTHER_LANGUAGES)
    (rows,) = np.nonzero(found)
    some = seen.take(pa.array(rows))
    found[rows] = ~(ngrams.found_in(some, _HANDED_OVER) | ngrams.found_in(some, QUOTED))
    return found
