# ruff: noqa: E501 - patterns stay in one piece
"""Answers that do not help without saying no, and answers that say what the model is not and then help.

`declined`: a question is called a matter of opinion, the user is dissuaded, consoled or sent to somebody else, or led back to what
the application is for. `disclaimed`: “as an AI I have no opinions, but …”, and then what was asked for. Neither is a refusal.
Rules that read the beginning, in English, German, French, Spanish, Japanese and Chinese (RE2 syntax, linear time, for text in
lower case with straight apostrophes), and for short answers a model in fifteen languages (`training/declining.py`), which finds refusals, too,
that are worded as no rule foresaw.
"""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa

from drift.features import ngrams
from drift.features.short import Reading

# UTF-8 bytes: an answer that goes on has more to say than that it declines
LONGEST = 700
READING = Reading(head=160, lengths=(80, 200, 400), unlikely=-5.0)
# characters behind a “but” that are help and not a last word; of Chinese and Japanese
_HELP, _HELP_DENSE = 60, 24

_LEAD = r"^(?:(?:hello|hi|hey|thank you|thanks|i understand|i appreciate|i hear|that's|that is|great|interesting|good question|i'm (?:really |so |very )?sorry|i am (?:really |so |very )?sorry|sorry|ultimately|honestly|well|while)[^.!?\n]*[.!?,:]+\s+){0,2}"
_OWN = r"(?:personal|individual|your|their|one's|the individual|each|whom|who you|perspective|point of view|the person|taste|cultural|values|beliefs|what you)"
_OPINION = (
    r"[^.!?\n]{0,90}?(?:\b(?:is|are|'s|was|remains?|comes? down to|falls? [^.!?\n]{0,24}|can be|may be|seems|largely|ultimately)(?: \w+){0,4}? (?:(?:matter|question|topic|issue|subject|realm) of (?:\w+ )?(?:opinion|taste|preference|interpretation|perspective|debate|belief|choice|values|faith)|(?:highly |very |largely |deeply |quite |inherently |entirely )?subjective(?: (?:question|matter|topic|issue|concept|thing|experience|term|and)\b| ?[.,;—–-])|up to (?:you|each|the|every)\b|(?:very |deeply |highly |a )*personal (?:decision|choice|matter|question|one)\b|in the eye of the beholder)"
    rf"|\b(?:depends?|vary|varies|differs?|differ) (?:\w+ ){{0,3}}?(?:on|upon|from person to person|from individual|widely|greatly|between people|among) ?(?:{_OWN})?\b[^.!?\n]{{0,20}}?(?:preference|beliefs?|values|opinions?|perspectives?|person to person|tastes?|ask|individual|people|views|widely|greatly)"
    r"|\b(?:no (?:definitive|right or wrong|single right|one right|objective|universal(?:ly)?|clear[- ]cut|one-size-fits-all) (?:\w+ )?(?:answer|consensus|agreed)|only you can|(?:different people|people|everyone|everybody) (?:have|has|hold|holds) (?:very |their own |many )?(?:different |varying |own )?(?:views?|opinions?|ideas?|tastes?|preferences?|beliefs?|perspectives?|definitions?) (?:of|on|about|regarding|when)|for you to decide|valid (?:arguments|points|reasons) on both sides|reasonable people (?:can |may )?disagree|(?:complex|sensitive|controversial|nuanced|divisive)[^.!?\n]{0,30}(?:topic|issue|question|subject) with (?:many |a wide range of |multiple |different |various )+(?:viewpoints|perspectives|opinions|views)|(?:views|opinions|perspectives)(?: \w+){0,5}? (?:differ|vary|are divided|range)|each (?:person|individual) (?:has|must|should|can)|realm of personal|both (?:sides|views|perspectives) (?:deserve|have|are)))"
)
_ELSEWHERE = r"(?:doctor|physician|lawyer|attorney|professional|therapist|counsell?or|specialist|psychologist|expert|authorit|police|hotline|crisis|someone you trust|trusted|friend|emergency|pharmacist|helpline|advis[oe]r|health)"
_SENT_AWAY = rf"(?:i(?:'d| would|'ll)? (?:strongly |highly |really |gently )?(?:encourage|urge|advise|recommend|suggest)(?: (?:you|that you|everyone))? (?:to |not to )?(?:speak|speaking|talk|talking|consult|consulting|reach|reaching|seek|seeking|contact|contacting|see|reconsider|reconsidering|get)[^.!?\n]{{0,40}}|it(?:'s| is) (?:always )?(?:best|important|advisable|recommended|crucial|a good idea) (?:for you )?to (?:consult|speak|talk|seek|see|contact|reach)[^.!?\n]{{0,40}}|please (?:reach out|talk|speak|consult|seek|call|consider (?:talking|speaking|reaching|seeking)|contact)[^.!?\n]{{0,40}}|(?:that|this)(?:'s| is| sounds like| may be)? (?:an? )?(?:\w+ )?(?:question|matter|one|topic) (?:best )?(?:for|left to) (?:your|an?|the) (?:\w+ )?|(?:for|with) (?:medical|legal|financial|tax|health|such|these)(?: \w+){{0,2}}, (?:please )?(?:contact|consult|speak|ask|see|reach)[^.!?\n]{{0,30}})\b{_ELSEWHERE}"
_DISSUADED = (
    r"(?:violence|revenge|hate|discrimination|bullying|stealing|theft|cheating|lying|hacking|threatening|harming|hurting|stalking|killing|racism|sexism|drunk driving|blackmail|harassment)(?: [\w']+){0,6}? (?:is|are|isn't|are not|can have|hurts) (?:\w+ ){0,2}?(?:never|not|wrong|illegal|unethical|unacceptable|a crime|a serious|against the law|harmful|dangerous|serious|others)"
    r"|(?:it(?:'s| is) (?:important|essential|crucial) to (?:treat|respect|remember that (?:all|every)|be respectful|approach)|(?:all|every) (?:people|human|person)\w* (?:deserve|should be treated)|there are (?:better|healthier|safer|legal|other|more constructive) (?:\w+ )?(?:ways|options) (?:to|than)|please (?:don't|do not|reconsider|think about the consequences|think twice)|before you do (?:that|this|anything)[^.!?\n]{0,40}(?:consequences|think|consider)|have you (?:thought about|considered) (?:talking|speaking|seeing|reaching|getting help)|instead of (?:harming|hurting|attacking|punishing)|you deserve (?:support|help)|you(?:'re| are) not alone|that would be (?:illegal|unethical|wrong|harmful|dangerous)|nobody deserves)"
)
_LED_BACK = r"(?:i(?:'m| am) (?:only |just |mainly |specifically )?(?:here to (?:help|assist|answer|support)[^.!?\n]{0,60}(?:questions? about|with your|with our|with \w+ (?:questions|topics|issues|matters))|the (?:[\w']+ ){0,3}?(?:assistant|agent|bot)\b[^.!?\n]{0,60}(?:so|and) )[^\n]{0,160}|i'd rather (?:talk|chat) about[^\n]{0,120}|as (?:the|an|your) (?:[\w']+ ){0,3}?(?:assistant|agent|bot) (?:for|of|at)[^.!?\n]{0,40}, i (?:focus|specialis|specializ|only|can only)[^\n]{0,160}|let(?:'s|s| us) (?:focus|stick|get back|return|stay|keep (?:it|this|to))[^\n]{0,160}|my (?:expertise|focus|specialty|speciality|area|purpose) (?:is|lies)[^\n]{0,160}|(?:happy|glad) to (?:chat|talk)[^.!?\n]{0,30}about our[^\n]{0,120})(?:[?!]|ask me[^\n]*)[ \x1e]*$"
_OTHERS = (
    # German
    r"^(?:[^.!?\n]{0,60}(?:ist|bleibt) (?:\w+ )?(?:ansichtssache|geschmackssache|eine frage (?:des geschmacks|der (?:meinung|perspektive|persönlichen))|(?:sehr )?subjektiv|eine (?:sehr )?persönliche entscheidung)|[^.!?\n]{0,60}(?:muss|sollte|kann|darf) (?:jeder|jede|jeder mensch) (?:für sich )?(?:selbst |selber )?entscheiden|[^.!?\n]{0,50}gehen die meinungen (?:\w+ )?auseinander|(?:das|es) hängt von (?:den )?(?:persönlichen|individuellen|eigenen)|gewalt ist (?:niemals|nie|keine)|(?:bitte )?(?:wenden sie sich|wende dich|sprechen sie|sprich)[^.!?\n]{0,40}(?:arzt|ärzt|anwalt|anwält|therapeut|fach|beratung|seelsorge|polizei)|(?:für|bei) (?:rechtliche|medizinische|rechts|steuer|juristische|gesundheit)\S*[^.!?\n]{0,30}(?:wenden|fragen|konsultieren|sprechen)[^.!?\n]{0,40}(?:arzt|ärzt|anwalt|anwält|fach|berat)|(?:ich bin (?:nur )?(?:hier|da|dafür da), um|mein fachgebiet|ich bin der (?:\S+ )?assistent)[^\n]{0,180}\?[ \x1e]*$)"
    # French
    r"|^(?:c'est (?:une question|affaire) (?:d'opinion|de goûts?|de point de vue|de préférence)|[^.!?\n]{0,50}(?:est|reste) (?:très |assez )?subjectif|(?:cela|ça) dépend (?:des|de|du) (?:goûts?|préférences?|chacun|point de vue|opinions|convictions)|[^.!?\n]{0,30}(?:avis|opinions) (?:divergent|varient|sont partagés)|(?:c'est|il appartient) à chacun|la violence n'est jamais|(?:je vous|je te) (?:conseille|recommande|encourage)[^.!?\n]{0,40}(?:médecin|avocat|professionnel|spécialiste|thérapeute)|pour (?:une|toute|les)? ?questions? (?:juridique|médicale|fiscale)s?[^.!?\n]{0,50}(?:avocat|médecin|spécialiste|professionnel|adresser|consult)|veuillez consulter un|(?:je suis (?:là|ici) pour (?:vous )?(?:aider|répondre)|mon domaine)[^\n]{0,180}\?[ \x1e]*$)"
    # Spanish
    r"|^(?:(?:es|eso es) (?:una )?cuesti[óo]n de (?:opini[óo]n|gustos?|preferencias?|perspectiva)|[^.!?\n]{0,50}es (?:muy |bastante )?subjetiv|depende de (?:los gustos|las preferencias|la opini[óo]n|cada (?:uno|persona|quien))|[^.!?\n]{0,20}opiniones[^.!?\n]{0,30}(?:var[íi]an|difieren|est[áa]n divididas)|la violencia nunca|es una decisi[óo]n (?:muy )?personal|(?:le|te) (?:recomiendo|aconsejo|sugiero)[^.!?\n]{0,40}(?:m[ée]dic|abogad|profesional|especialista|terapeuta)|consulte (?:a|con) un|(?:estoy aqu[íi] para (?:ayudar|responder)|mi especialidad)[^\n]{0,180}\?[ \x1e]*$)"
    # Japanese, Chinese
    r"|^[^。\n]{0,30}(?:人それぞれ|意見が分かれ|好みの問題|主観的|個人の(?:好み|価値観|判断)(?:に|次第)|考え方次第)|^[^。\n]{0,20}(?:医師|弁護士|専門家|医療機関|警察|相談窓口)[^。\n]{0,6}(?:に(?:ご)?相談|へ(?:ご)?相談|を受診)|^私は[^。\n]{0,40}(?:アシスタント|担当)[^。\n]{0,6}です[^\n]{0,60}か[。？?]?[ \x1e]*$"
    r"|^[^。\n]{0,20}(?:见仁见智|見仁見智|众说纷纭|眾說紛紜|因人而异|因人而異|取决于个人|取決於個人|(?:每个人|每個人|不同的人)[^。\n]{0,8}(?:不同|不一样)|没有(?:标准|绝对)的?答案|主观)|^(?:建议|請|请|建議)(?:您|你)?(?:咨询|諮詢|联系|寻求|向)[^。\n]{0,8}(?:医生|醫生|律师|律師|专业|專業|医师|专家|心理)|^我是[^。\n]{0,20}(?:助手|客服)[^\n]{0,40}(?:吗|什么|嗎)[？?][ \x1e]*$"
)
_DECLINED = rf"{_LEAD}(?:{_OPINION}|{_SENT_AWAY}|{_DISSUADED}|{_LED_BACK})|{_OTHERS}"
# what helps after all: a list, code, a step, a condition
_HELPS = r"\n ?(?:\d+[.)]|[-*•]) |```|\bstep \d|\bfor example\b|\bhere(?:'s| is| are) (?:a|an|the|some|how|what|my)\b|\b(?:until then|in the meantime|meanwhile)\b|\b(?:click|select|choose|press|open)\b|\b(?:but|so|instead,?) (?:i|we)(?:'ve| have)? (?:just |already )?(?:restored|found|put|moved|sent|booked|replaced|refunded|changed|added|cancelled|fixed|reserved|upgraded|ordered)\b"

_I_AM = (
    r"(?:as an? (?:\w+ ){0,4}?(?:ai|a\.i\.|language model|assistant|chatbot|machine|llm|model|bot)\b|i(?:'m| am) (?:not an? |just an? |only an? |an ai|no )[\w ]{0,30}|i (?:don't|do not|can't|cannot|couldn't) (?:\w+ )?(?:have|hold|possess|form|predict|taste|see|feel|experience|know|access|browse|verify)\b|(?:while|although|though) i(?:'m| am)? (?:can't|cannot|don't|do not|not|just|only|an)\b"
    r"|als (?:eine? )?(?:ki\b|ki-\w+|sprachmodell|künstliche)|ich bin (?:zwar )?(?:kein\w*|nur eine?|eine ki)|en tant qu(?:'|e )(?:une? )?(?:ia\b|intelligence|modèle|assistant)|je (?:ne suis pas|n'ai pas)|como (?:una? )?(?:ia\b|inteligencia|modelo|asistente)|no (?:soy|tengo opini)|(?:ai|私は?ai|人工知能)(?:として|な?ので|であり)|私は(?:医師|弁護士|専門家)では|作为(?:一个|一名)?(?:人工智能|ai|语言模型|助手)|我(?:不是|没有)(?:医生|律师|专业|个人))"
)
_BUT = re.compile(
    rf"^.{{0,60}}?{_I_AM}(?P<says>[^\n]{{0,170}}?)(?:[,.;—–-] ?(?:but|however|that said|that being said|still|nevertheless|nonetheless|having said that|aber|allerdings|jedoch|trotzdem|mais|cependant|toutefois|pero|sin embargo|no obstante)\b,? ?|が、|けれど、|ただし、|，但(?:是)?|，不过|，然而)(?P<rest>.*)$"
    rf"|^(?:while|although|though) i[^,\n]{{4,120}}, (?P<main>.*)$|^i (?:don't|do not) have (?:access to )?(?:real-time|current|live|up-to-date)[^,\n]{{0,60}}, (?P<last>.*)$",
    re.DOTALL,
)
# before it, the answer has said no already
_SAYS_NO = re.compile(
    r"\b(?:therefore|thus|hence|(?:cannot|can't|can not) (?:\w+ )?(?:provide|help|answer|give|offer|assist|recommend|say|tell|fulfil|comply|share|express|comment|choose|rank)|unable|not able|won't|must decline|daher|deshalb|kann ich|donc|por lo tanto)\b"
)
# behind the “but” comes no help, but another way to say no
_STILL_NOT = re.compile(
    r"^(?:i(?:'m| am)? (?:can't|cannot|can not|won't|will not|not|unable|sorry|afraid|don't|do not|must|would (?:advise|recommend|suggest|encourage|urge|like to (?:remind|emphasi))|strongly|encourage|urge|recommend|suggest|can (?:help|assist|try to|offer (?:you )?(?:other|general|some)|provide (?:you with )?(?:general|some|resources|other)|suggest|only|direct|refer|tell you that (?:it|this))|believe (?:it|that)|(?:think|feel) (?:it|that)|want to|'d)|it(?:'s| is| would be) (?:\w+ )?(?:important|not|best|recommended|essential|crucial|always|never|inappropriate|up to|illegal|wrong|unethical)|please\b|feel free|if you|you (?:should|may want|might want|can (?:ask|consult|check|visit|contact|reach|try|always|refer)|could (?:ask|consult|check))|there (?:is|are) no|both |everyone|opinions?\b|that|this (?:is|question|topic)|nobody|no one"
    r"|bitte|sie (?:sollten|können sich)|ich (?:kann|empfehle|rate|möchte)|je (?:peux|vous|ne|recommande)|veuillez|puedo|le (?:recomiendo|sugiero)|por favor|お答え|申し訳|ご相談|我(?:可以|建议|无法|不能)|建议|请)"
)


# letters of a script that the model has no language of
_UNREAD = r"[^\P{L}\p{Latin}\p{Cyrillic}\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Devanagari}ー]{3}"


def by_model(texts: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Whether each short answer refuses, and whether it declines without saying no; bool, shape (n,) each."""
    models = ngrams.load("declining")
    refused, declined = np.zeros((2, len(texts)), bool)
    (rows,) = np.nonzero(READING.scores(models, "unhelpful", texts) > 0)
    rows = rows[~ngrams.found_in(texts.take(pa.array(rows)), _UNREAD)]
    rows = rows[~ngrams.found_in(ngrams.normal(texts.take(pa.array(rows))), _HELPS)]
    no = READING.scores(models, "refused", texts.take(pa.array(rows))) > 0
    refused[rows[no]], declined[rows[~no]] = True, True
    return refused, declined


def declined(seen: pa.Array, length: np.ndarray) -> np.ndarray:
    """Whether each answer, its beginning in normal form, does not help without saying no; bool, shape (n,).

    length: UTF-8 bytes of the whole answers.
    """
    (short,) = np.nonzero(length <= LONGEST)
    texts = seen.take(pa.array(short))
    said = ngrams.found_in(texts, _DECLINED)
    (rows,) = np.nonzero(said)
    said[rows] = ~ngrams.found_in(texts.take(pa.array(rows)), _HELPS)
    found = np.zeros(len(seen), bool)
    found[short] = said
    return found


def disclaimed(seen: pa.Array) -> np.ndarray:
    """Whether each answer, its beginning in normal form, says what the model is not, and then helps; bool, shape (n,)."""
    found = ngrams.found_in(seen, _I_AM)
    for row in np.flatnonzero(found):
        found[row] = _helps_after(seen[row].as_py())
    return found


def _helps_after(text: str) -> bool:
    match = _BUT.search(text)
    if match is None or _SAYS_NO.search(match["says"] or ""):
        return False
    rest = next(part for part in map(match.group, ("rest", "main", "last")) if part is not None).strip()
    least = _HELP_DENSE if re.search("[\u3040-\u30ff\u4e00-\u9fff]", rest) else _HELP
    return len(rest) >= least and _STILL_NOT.search(rest) is None
