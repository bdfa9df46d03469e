# ruff: noqa: E501 - patterns stay in one piece
"""Whether a user's turn corrects the answer before it: “no, I meant …”, “the date is wrong”, “you forgot the tax”.

Each wording begins the input, after an interjection at most: in the middle of a text the same words are a story. What is said
of one's own things (“there is an error in my invoice”) is a question, and “no, thanks” an answer. RE2 syntax (linear time), for
text in lower case with straight apostrophes.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from drift.features import ngrams
from drift.features.batch import Batch, Context, Measured

_HEAD = 100
_END = r"[.!? ]*$"
# up to a "not" in the same sentence: the right thing, and not the wrong one
_NOT = r"[^.?!\n]{1,45}?[, ]+(?:and |und |et |y |e )?"

_ENGLISH_THING = r"(?:answer|response|reply|code|script|solution|result|calculation|math|translation|summary|number|total|sum|date|year|name|link|url|formula|query|figure|version|list|table|conversion|spelling|example|output|explanation|quote|source|statement|assumption|one|part|step)s?"
_WRONG = r"(?:wrong|incorrect|inaccurate|false|off\b|mistaken|outdated|made up|nonsense|broken|not (?:right|correct|true|accurate|valid|it\b|what i|working|the (?:right|correct|one)))"

BY_LANGUAGE: dict[str, tuple[str, ...]] = {
    "en": (
        r"(?:no|nope|nah)[,.!:; ]+(?:no[,.! ]+)*(?:still|same|try|check|look|again|[\d$€]|i (?:meant?|said|asked|want|need|was)|i'm (?:asking|talking)|that(?:'s| is|s)? not|not (?:that|what|the|quite|this)|it(?:'s| is) (?:not|the|a|an|wrong|actually|\d)|you(?:'re| are| got| mis\w*)|wrong|the (?:\w+ ){1,3}?ones?\b|try)",
        rf"(?:no[,.! ]+)?(?:that|this|it|which)(?:'s| is| was|s)? (?:still |just |completely |totally |simply |clearly |again |also |plain |factually |definitely )*(?:the |a )?{_WRONG}",
        r"(?:that|this|it) (?:isn't|isnt|wasn't|is not|was not) (?:right|correct|true|it\b|what i|accurate|the (?:right|correct))|(?:that|this|it) (?:can't|cannot|couldn't) be (?:right|true|correct)",
        r"(?:that|this) (?:still )?(?:doesn't|does not|didn't|did not) (?:answer|help\b|work\b|make sense|address|match|compile|exist|add up)|it (?:still )?(?:doesn't|does not|didn't|did not) (?:work\b|compile|answer|match|add up)|it still (?:won't|fails|crashes)",
        rf"(?:your|that|this) (?:\w+ )?{_ENGLISH_THING} (?:is|are|was|were|seems?|looks?) (?:still |just |completely |all |also |clearly )*{_WRONG}|the (?:\w+ )?(?:answer|calculation|total|sum|date|year|result|translation|math|conversion|number|name|figure|spelling)s? (?:is|are|was|you \w+ (?:is|was)|seems?|looks?) (?:still |just |completely |all )*{_WRONG}",
        rf"(?:your|that|this) (?:\w+ )?{_ENGLISH_THING} (?:doesn't|does not|don't|do not|didn't) (?:exist|work|compile|run|match|add up|answer|help|make sense|include|mention)|your (?:\w+ )?{_ENGLISH_THING} (?:throws|gives|raises|returns|contradicts|ignores|fails|crashes|misses|is missing|left out|leaves out)",
        r"(?:the|it|that|this)(?: \w+){0,3} (?:should|must|has to|is supposed to) (?:be|say|read) "
        + _NOT
        + r"not\b|(?:the|it|that|this)(?: \w+){0,2} should (?:be|have been) (?:[\d$€£]|the other)",
        r"(?:the|my|its?)(?: [\w']+){1,4} (?:is|are|was|were) " + _NOT + r"not (?:the |a |an |in )?[\w$€£]+" + _END,
        r"(?:it's|it is|that's|i'm|i am) (?:the |a |an |called |in )?[\w$€£]+(?: \w+)?,? not (?:the |a |an )?[\w$€£]+" + _END,
        r"i (?:asked (?:you )?for|asked about|wanted|said|meant|was asking (?:about|for)) " + _NOT + r"not\b",
        r"i (?:meant? (?:[^t ]|t[^o]|to the)|didn't (?:mean|ask|say|mention)|did not (?:mean|ask|say|mention)|never (?:said|asked|mentioned|wanted)|already (?:told|said|asked)|was asking|was talking)|i(?:'m| am) (?:not )?(?:asking|talking) about",
        r"you (?:just |still |again |have |'ve |completely |obviously |clearly |probably )*(?:misunderst\w+|misread|misinterpret\w*|misquot\w*|misspelle?d?|miscalculat\w*|miscount\w*|mixed|got (?:[\w']+ ){1,4}?wrong|forgot\b|missed\b|skipped|ignored|left out|made (?:a|an|another|the same) (?:\w+ )?(?:mistake|error)|confused|keep (?:giving|saying|making|ignoring|repeating)|contradict)",
        r"you (?:didn't|did not|haven't|have not) (?:answer|understand|read|include|mention|add|use|consider|list|give|account|address|translate|convert|count|follow|explain)",
        r"you(?:'re| are) (?:still |just |clearly )?(?:wrong|mistaken|incorrect|not (?:answering|reading|listening|right)|mixing|confusing|missing (?:the|my)|contradicting|misunderstanding|misreading)|you were wrong",
        r"there(?:'s| is| are|re)? (?:still |also )?(?:a |an |some |another |several |two )?(?:\w+ )?(?:mistake|error|bug|typo)s? in (?:your|that|this|the (?:\w+ )?(?:answer|calculation|code|formula|table|result|sum|translation|line|example|query|function|sentence))\b",
        r"(?:are you (?:really |quite )?sure|you sure)(?: about (?:that|this))?(?:"
        + _END
        + r"|[?,. ]+(?:i (?:think|believe|thought|read)|because|isn't|wasn't|it(?:'s| is| was| should)|that (?:doesn't|can't|seems)|my))",
        r"actually[, ]+(?:no\b|it(?:'s| is| was)|that(?:'s| is|s)? (?:not|wrong|incorrect)|i (?:meant|said|asked)|you\b|the \w+ (?:is|was))",
        r"(?:please )?(?:re-?read (?:my|the)|read (?:my|the) (?:\w+ )?(?:question|message|text|instructions|prompt) (?:again|carefully|properly|once more)|look (?:at it )?again|check (?:that|it|your (?:answer|facts|math|sources)) again)",
        r"(?:wrong|incorrect|false|nope)[,.!:] |(?:wrong|incorrect)"
        + _END
        + r"|wrong (?:answer|again|one|language|person|year|unit|file|format|city|country)\b(?:"
        + _END
        + r"|[,.])|not (?:quite|exactly|correct|right|true|what i|the one i|helpful)\b(?:"
        + _END
        + r"|[,.! ]+(?:i\b|it|the|what|asked|meant|wanted|need))|(?:please )?try (?:again|once more)"
        + _END,
        r"you(?:'ve| have)? (?:just |only |again )?(?:gave|given|said|told|used|answered|repeated|wrote|listed|calculated|translated|counted|put|quoted|copied|changed|removed|added|took|assumed|got|swapped|reversed|switched|duplicated|cut)(?: me| us| it| in| with| to)? (?:the |a |an |my |it )*(?:old|wrong|other|different|same|previous|incorrect|outdated|opposite|backwards?|the other|twice|half|last year)",
        r"(?:the )?(?:correct|right|actual|real|true|proper) (?:\w+ ){1,3}?(?:is|are|was|were|should|would)\b|(?:that|this|it)(?: is|'s| was| wasn't| isn't| was not| is not) (?:not )?(?:my question|the question|my \w+"
        + _END
        + r"|an? (?:\w+ )?answer|the one|the wrong|a different|for a different|about|someone else)",
        r"(?:that|this|it|which|your \w+) (?:doesn't|does not|don't|didn't) (?:look|seem|sound|feel|match|agree|correspond|fit|follow|contain|include|say|reflect)|(?:that|this|it) (?:contradicts|conflicts)\b|(?:that|this|it)(?:'s| is) not in (?:the|my|any)\b|where did you (?:get|find|read)|(?:that|this|it) should(?:n't| not)? (?:be|have been)\b|(?:that|this) \w+ is (?:deprecated|outdated|obsolete|not supported)",
        r"(?:isn't|wasn't|shouldn't|aren't|weren't|doesn't) (?:it|that|this|there|they)(?: be| only| \w+)? [^.?!]{0,12}\d[^.?!]{0,20}\?"
        + _END,
        rf"(?:the |that |this |your )?(?:first|second|third|fourth|fifth|last|next|previous|other|top|bottom|\d+(?:st|nd|rd|th)?)(?: [\w-]+){{0,2}} (?:is|are|was|were|looks|seems) (?:still |also |just )*{_WRONG}|(?:that|this)(?: [\w-]+){{1,3}} (?:is|was|are) (?:still |also |just )*{_WRONG}"
        + _END,
        r"(?:that|this|the)(?: [\w-]+){1,2} (?:doesn't|does not|don't|do not) exist"
        + _END
        + r"|(?:that|this|it)(?:'s| is) not (?:how|why|when|where|who|the way)|i (?:don't|do not) (?:think|believe) (?:that(?:'s| is)?|this(?: is)?|it(?:'s| is)|so\b|you)|you(?:'ve| have)? (?:have|got)? ?[^.?!]{1,30}? (?:swapped|reversed|mixed up|backwards|the wrong way|upside down|mixed)|[\w ]{1,20} is missing"
        + _END,
        r"(?:please )?(?:correct|fix|redo|recalculate|recheck|re-check|double[- ]check|revise|check) (?:again\b|that\b|it\b|this\b|your\b|the (?:\w+ )?(?:line|number|date|name|total|answer|calculation|translation|error|mistake|spelling|figure|sum|year|step)s?\b)",
        r"i (?:wanted|asked|needed|requested|said) (?:for )?[^.?!]{2,50}[,;.:] (?:but )?(?:this|that|you|it|these|yours?)\b|(?:but )?i (?:already|just|clearly|specifically|explicitly) (?:told|said|asked|wrote|mentioned)|i(?:'m| am) not (?:asking|talking|looking|interested in)|i did not want|i didn't want|i don't want (?:that|this)",
        r"still (?:not (?:right|correct|what|working|there|it\b|quite|good|enough)|isn't (?:right|correct|what|it)|doesn't|does not|wrong|getting|(?:the |an? )?(?:same |identical )?(?:error|mistake|problem|result|answer)|the same|broken|fails|incorrect)|same (?:error|mistake|problem|answer|result)|(?:i think )?(?:you|there) (?:mean|meant) [^.?!]{1,30}, not\b|not the [^.?!,]{1,30}, the\b",
    ),
    "de": (
        r"(?:nein|nee|ne|falsch)[,.! ]+(?:nein[,.! ]+)*(?:ich (?:meinte|meine|wollte|sprach|rede|habe|brauche|suche)|das (?:war nicht|ist (?:nicht|falsch)|stimmt|habe)|nicht (?:das|die|den|der|so)|es (?:ist|sind|war)\b|sie haben|du hast|(?:den|die|das|der) \w+"
        + _END
        + r"|eher)",
        r"(?:das|es|dies|die antwort|das ergebnis|das datum|die zahl|die summe|der name|die rechnung stimmt|die übersetzung|die berechnung|der link|der code|deine \w+|ihre (?:antwort|rechnung|berechnung|angabe)\w*|die \w+ ist|das \w+ ist) (?:ist |war |sind |stimmt |scheint )?(?:leider |immer noch |doch |so |auch |ja |einfach |völlig |ganz |aber |noch )*(?:falsch|verkehrt|unrichtig|inkorrekt|nicht (?:richtig|korrekt|wahr|das,? was|was ich)|(?:so )?nicht"
        + _END
        + r")",
        r"(?:das|es|dies|diese|dieser|die|der) (?:ist|war|sind|waren)(?: \w+){0,2} (?:nicht|keine?) (?:meine|mein|die (?:richtige|korrekte)|das (?:richtige|korrekte)|der (?:richtige|korrekte)|die frage|gefragt|antwort)|(?:das|es|deine \w+|ihre \w+) (?:passt|sieht|scheint|klingt|widerspricht|entspricht|steht|hilft)(?: \w+){0,3}? (?:nicht|falsch|komisch|dem|der)|(?:die|das|der|mein|meine) (?:richtige|korrekte|eigentliche|tatsächliche)\w* \w+ (?:ist|sind|war|lautet|wäre)|(?:das|es) (?:ist|sind|war|waren) (?:doch |aber |leider )*(?:der|die|das|ein|eine|einen) (?:falsche|verkehrte)\w*|(?:falsche|verkehrte)[rs]? \w+"
        + _END
        + r"|[\w ]{1,20} fehlt(?: noch| hier)?"
        + _END
        + r"|(?:der|die|das) (?:erste|zweite|dritte|letzte|andere|vorletzte|\w+)(?: \w+)? (?:ist|sind|war) (?:auch |leider |noch )*(?:falsch|verkehrt|nicht)|ich (?:glaube|denke) (?:das )?nicht,? (?:dass|das)|(?:den|die|das|diese\w*) \w+ (?:gibt es|existiert) (?:gar |doch |so )*nicht|(?:immer )?noch (?:immer )?(?:der|die|das)?selbe|(?:noch )?(?:immer|wieder) (?:der gleiche|die gleiche|das gleiche|falsch|nicht)|(?:sind|ist|war|waren|müsste|müssten) (?:es|das|sie) nicht [^.?!]{1,25}\?"
        + _END
        + r"|(?:du|sie) (?:hast|haben)(?: \w+){0,2} (?:den|die|das|eine?n?) (?:alte|falsche|andere|gleiche|selbe|vorige|letzte)\w*|ich (?:frage|suche|rede|spreche|will|wollte|möchte) (?:gar |doch |ja |aber )*nicht (?:nach|von|über|das|die|den|wissen)|(?:du|sie) (?:hast|haben) (?:dich|sich) (?:verrechnet|vertan|verlesen|verzählt|geirrt)|dass? du (?:dich|falsch)|(?:du|sie) (?:dich|sich) (?:da )?(?:geirrt|verrechnet|vertan|irr)|bitte (?:korrigier|prüf|rechne)\w* (?:das|deine?|ihre?|noch ?mal|nach|es)\b",
        r"das (?:stimmt (?:so |leider |aber |doch )*nicht|kann (?:so |doch )?nicht (?:sein|stimmen)|habe? ich (?:so )?(?:nicht|nie|nie so) (?:gefragt|gesagt|gemeint|geschrieben)|beantwortet (?:meine|die) frage nicht|war nicht (?:meine frage|gemeint|das)|hilft (?:mir )?nicht|funktioniert (?:immer noch |so )?nicht|meinte ich nicht)",
        r"(?:falsch|fehler|stimmt nicht|unsinn|quatsch)[,.!:]|(?:falsch|stimmt nicht)" + _END,
        r"ich (?:meinte|wollte|fragte nach|hatte nach|habe nach|heiße|sagte|brauche|suchte) "
        + _NOT
        + r"nicht\b|ich meinte\b|ich (?:sprach|spreche|rede|redete|meine) [^.?!]{1,40}, nicht\b|(?:das|es) (?:ist|sind) (?:doch |leider |schon )*(?:veraltet|überholt)|(?:das|es) (?:müsste|sollte|müssten|sollten)(?: \w+){0,4} (?:sein|heißen)|(?:das|es) steht (?:so |da |dort )*nicht|ich habe (?:doch |aber |gar )?(?:nicht|nie|schon|bereits) (?:gesagt|gefragt|gemeint|geschrieben|nach|von)|mein name ist "
        + _NOT
        + r"nicht\b|es (?:heißt|ist|sind|war|waren) "
        + _NOT
        + r"nicht\b",
        r"(?:du|sie) (?:hast|haben|irrst|irren|verwechsel\w*|vertausch\w*|verstehst|verstehen|übersiehst|ignorier\w*)(?: sich| dich| mich| da| das| den| die| etwas| meine?| wieder| leider| immer| noch| ein\w*| \w+){0,4}? ?(?:falsch|missverstanden|geirrt|unrecht|vergessen|verwechselt|vertauscht|übersehen|ausgelassen|fehler|verrechnet|verlesen|nicht (?:beantwortet|verstanden|gelesen|berücksichtigt)|beide\w*|mit\b|irr\w*)|du irrst|sie irren",
        r"(?:da|hier|in (?:deiner|ihrer|der) (?:antwort|rechnung|formel|tabelle|lösung)) ist (?:noch |immer noch |leider )*(?:ein|der) fehler|(?:da|hier) (?:stimmt etwas|stimmt was) nicht",
        r"(?:bitte )?(?:lies|lesen sie|les) (?:bitte |doch )*(?:meine|die) (?:\w+ )?(?:frage|nachricht)(?: bitte)? (?:noch ?mal|noch einmal|genau|richtig|erneut)",
        r"(?:bist du|sind sie) (?:dir |sich )?(?:da |ganz |wirklich )*sicher(?:"
        + _END
        + r"|[?,. ]+(?:ich (?:glaube|dachte|meine)|es (?:war|ist)|das))",
        r"(?:es |das )?(?:geht|funktioniert|klappt|stimmt) (?:leider )?(?:immer noch|noch immer|weiterhin) nicht|der (?:code|link|befehl) (?:funktioniert|existiert|geht|läuft|stimmt) (?:so |leider |immer noch )*nicht|so war das nicht gemeint|nicht (?:ganz|richtig|das, was)[,.!]",
    ),
    "fr": (
        r"(?:non|faux)[,.! ]+(?:non[,.! ]+)*(?:je (?:voulais|parlais|demandais|pensais|cherche|veux)|ce n'(?:est|était) pas|c'est (?:faux|pas|l'autre|le|la)\b|pas (?:ça|cela|celui|celle|le|la)|vous (?:vous|n'|avez)|tu (?:te|n'|as)|(?:le|la|les|l')\s?\w+"
        + _END
        + r")",
        r"(?:c'est|c’est|ça c'est) (?:toujours |encore |complètement |tout simplement )?(?:faux|incorrect|inexact|erroné|pas (?:ça|ce que|correct|juste|vrai|exact|(?:la |le |les )?(?:bonne?s?)|bon\b))|(?:ce n'est|ça n'est|ce n'était|cela n'est) (?:toujours )?pas (?:ça|cela|ce que|correct|juste|vrai|exact|possible|la bonne|le bon|moi\b)",
        r"(?:la|le|les|l'|votre|vos|ton|ta|tes|cette|ce) ?(?:\w+ )?(?:date|réponse|calcul|résultat|total|somme|nom|lien|code|traduction|année|chiffre|formule|nombre|prix)s? (?:est|sont|était|me semble|n'est) (?:toujours |encore |complètement |pas )*(?:fau(?:x|sse)s?|incorrect|inexact|erroné|mauvais|bon\b|bonne|correct|juste)",
        r"(?:ce n'(?:est|était)|ça n'est|c'est|ce n'étaient|ce ne sont) pas (?:ma|mon|la (?:bonne|question)|le (?:bon)|l'|les (?:bons|bonnes)|celle|celui|ce)|(?:la|le|les|ma|mon) (?:bon(?:ne)?s?|vraie?s?|correcte?s?) \w+ (?:est|sont|était|c'est)|toujours (?:la|le|les) même|(?:ça|cela|ce) (?:ne correspond|contredit|semble faux|n'a pas l'air)|(?:vous m'avez|tu m'as|vous avez|tu as) (?:donné|répondu|utilisé|pris|mis|répété|compté|traduit|inversé|cité)(?: à)? (?:l'ancien|le mauvais|la mauvaise|une autre|un autre|la même|le même|l'inverse|à une|à un|deux fois)\w*|je ne (?:demande|parle|cherche|veux) pas|ce ne (?:serait|devrait)|c'est (?:dépassé|périmé|obsolète)|(?:ça|cela|ce) devrai(?:t|ent) être|(?:ce|ça|cela) n(?:'est|e figure) pas dans|(?:tu n'as|vous n'avez) pas \w+|l'orthographe est|c'est (?:la|le|les) (?:mauvais|mauvaise)s?|il manque|(?:la|le|l'|les) ?(?:premi|deuxi|second|troisi|derni|autre|suivant)\w* (?:\w+ )?(?:est|sont|était) (?:aussi |encore )*(?:faux|fausse|incorrect|mauvais)\w*|je ne (?:crois|pense) pas (?:que|qu')|(?:cette|ce|cet) \w+ n'existe|j'ai (?:dit|demandé|écrit) [^.?!]{1,35}, (?:et )?pas\b|(?:mauvais|mauvaise) \w+"
        + _END
        + r"|n'est-ce pas [^.?!]{0,12}\d|(?:corrige|vérifie|recalcule)z? (?:ta|votre|ton|tes|vos|ça|cela|encore)\b",
        r"(?:faux|incorrect|inexact|erreur)[,.!:]|(?:vous vous êtes|vous vous|tu t'es|tu te) (?:encore )?tromp|(?:vous m'avez|tu m'as) mal (?:compris|lu)|(?:vous avez|tu as) (?:mal|encore|oublié|omis|confondu|ignoré|inversé|fait une erreur)",
        r"(?:tu|vous) (?:confond|mélang|oubli|ignor)\w+|(?:tu n'as|vous n'avez) pas (?:répondu|compris|lu|mentionné|inclus|pris)",
        r"je (?:voulais|demandais|parlais|cherchais|m'appelle|pensais à|suis|ai demandé|veux) "
        + _NOT
        + r"(?:pas|non)\b|je (?:parlais|demandais) (?:de|du|d')|je voulais (?:dire|parler de) (?:[^m]|m[^e])|je n'ai (?:jamais|pas) (?:dit|demandé|parlé|écrit)|j'ai déjà (?:dit|demandé)",
        r"(?:re)?lis(?:ez)?(?: bien| encore)? (?:ma|la) (?:question|demande)|(?:ça|cela|ce) ne (?:répond|correspond|résout|fonctionne|marche|compile)\w* (?:toujours |encore |pas )*(?:à ma|à ce|pas|toujours)",
        r"il y a (?:encore |toujours )?(?:une|des) (?:erreur|faute|bug)s? dans (?:le|la|les|votre|ton|ta|ce|cette|l')|(?:le|ce|votre) (?:lien|code) n(?:'existe|e (?:marche|fonctionne|compile))|toujours (?:faux|pas|la même erreur)|(?:es-tu|êtes-vous|tu es|vous êtes) (?:vraiment )?sûre?s?(?: de (?:ça|cela|vous|toi))?[? ]*(?:$|[?,.] ?(?:je (?:crois|pense)|c'était))",
    ),
    "es": (
        r"no[,.! ]+(?:no[,.! ]+)*(?:me refer|quise decir|quer[íi]a|quiero|eso no|esa no|ese no|no es (?:eso|esa|correcto|lo que)|es (?:el|la|otro)|te (?:equivoc|ped)|(?:el|la|los|las) \w+"
        + _END
        + r")",
        r"(?:eso|esto|esa|ese|la respuesta|tu respuesta|su respuesta) (?:sigue (?:estando )?|todav[íi]a |no )*(?:est[áa]|es|era|fue) (?:mal\b|equivocad|incorrect|err[óo]ne|fals|cierto|correct|lo que)|(?:eso|esto) no (?:es|era|fue|responde|contesta|funciona|sirve|tiene sentido|puede ser)|as[íi] no es",
        r"(?:la|el|los|las|tu|su|este|esta|ese|esa) (?:\w+ )?(?:fecha|respuesta|c[áa]lculo|resultado|total|suma|nombre|enlace|c[óo]digo|traducci[óo]n|a[ñn]o|cifra|f[óo]rmula|n[úu]mero|precio) (?:sigue |todav[íi]a )*(?:est[áa] (?:mal|equivocad)|es (?:incorrect|fals|err[óo]ne)|no (?:es (?:correct|es[ae]|ciert)|existe|funciona|cuadra|coincide))",
        r"(?:es[ae]|est[ae]|eso|esto|no) (?:no )?(?:es|era|fue|son) (?:mi|la (?:correct|pregunt|direcci|fecha)|el (?:correct)|lo que)\w*|(?:la|el|mi) (?:\w+ )?(?:correct[ao]|verdader[ao]|buen[ao]) (?:\w+ )?(?:es|son|era|ser[íi]a)|sigue (?:el|la) mism|(?:eso|esto|tu \w+) no (?:coincide|concuerda|parece|cuadra|corresponde)|(?:me )?(?:diste|dio|has dado|ha dado|usaste|respondiste|contestaste|repetiste|pusiste|contaste|tradujiste|has \w+do)(?: a)? (?:el|la|los|las|una?|otr[ao]|lo)? ?(?:precio |respuesta |pregunta |\w+ )?(?:antigu|viej|otr|equivocad|incorrect|mism|distint|pregunta)\w*|no (?:estoy )?(?:pregunt|habl|busc)(?:o|ando) (?:por|de)|te equivoc|se equivoc|(?:eso|esto)? ?(?:est[áa]|es) (?:desactualizad|obsolet|anticuad)|(?:deber[íi]an?|tendr[íi]an?) (?:que )?ser|(?:eso|esto) no est[áa] en|hablaba del? [^.?!]{1,35}, no\b|no (?:has|ha) \w+do\b|no \w+(?:iste|aste)\b|la ortograf[íi]a est[áa]|(?:es|era|son) (?:la|el|los|las) \w+ (?:equivocad|incorrect|err[óo]ne)|falta(?:n)? \w+|(?:la|el|lo) (?:primer|segund|tercer|[úu]ltim|otr)\w* (?:\w+ )?(?:es|est[áa]|era) (?:tambi[ée]n )?(?:incorrect|mal|equivocad|fals)|no creo que|(?:ese|esa|este|esta) \w+ no existe|(?:corrige|revisa|comprueba|recalcula) (?:tu|tus|eso|otra vez|de nuevo)\b",
        r"(?:incorrecto|falso|error|mal)[,.!:]|(?:te|se) (?:has |ha )?equivoc|est[áa]s? (?:equivocad|confundi|mezcl)|(?:me has|me ha) (?:entendido|le[íi]do) mal|me entendiste mal|(?:has|ha) (?:olvidado|omitido|confundido|ignorado)|(?:olvidaste|olvid[óo]|confundes|confunde|ignoraste|omitiste)\b|no (?:has|ha) (?:respondido|contestado|entendido|le[íi]do|incluido)|no (?:respondiste|contestaste|entendiste|incluiste)",
        r"(?:quer[íi]a|ped[íi]|pregunt[ée] (?:por)?|me llamo|dije|soy|es|necesito) "
        + _NOT
        + r"no\b|me refer[íi]a a|quise decir|(?:yo )?(?:nunca|no|ya) (?:he dicho|dije|ped[íi]|pregunt[ée]|mencion[ée])|no es lo que (?:ped|pregunt)",
        r"(?:lee|vuelve a leer|relee|lea)(?: otra vez| bien| de nuevo)? (?:mi|la) pregunta|sigue (?:sin (?:funcionar|responder|ser)|mal\b|dando|estando mal)|todav[íi]a no (?:funciona|es)|hay (?:un|otro|alg[úu]n) (?:error|fallo) en (?:el|la|los|las|tu|su|este|esta)\b|no puede ser[,. ]|(?:est[áa]s|est[áa]) segur[oa](?: de eso)?[? ]*(?:$|[?,.] ?(?:creo|pienso|era|fue))",
    ),
    "it": (
        r"no[,.! ]+(?:no[,.! ]+)*(?:intendevo|volevo|voglio|parlavo|non (?:è|e') (?:questo|quello|vero|corretto|giusto)|(?:è|e') (?:l'altr|il|la)|quell[oaei] \w+|(?:il|la|lo) \w+"
        + _END
        + r"|hai|ti sbagli)",
        r"(?:non (?:è|e'|era) (?:ancora )?(?:corretto|giusto|vero|esatto|quello che|quanto|possibile|così)|(?:è|e') (?:ancora |tutto )?(?:sbagliat|errat|fals)|(?:questo|questa|quello|ciò) (?:non |è |e' )*(?:sbagliat|errat|corrett|giust|ver|risponde|funziona|ha senso))",
        r"(?:la|il|lo|l'|la tua|il tuo|questa|questo|quel|quella) ?(?:\w+ )?(?:data|risposta|calcolo|risultato|totale|somma|nome|link|codice|traduzione|anno|cifra|formula|numero|prezzo) (?:è|e'|era|sembra|non) (?:ancora |è )*(?:sbagliat|errat|fals|corrett|giust|esiste|funziona|torna)",
        r"non (?:è|e'|era|sono) (?:la mia|il mio|l'|la (?:data|risposta|domanda)|quest|giust|corrett)\w*|(?:la|il|lo|l'|i|le) ?(?:\w+ )?(?:giust|corrett|ver|esatt)[aoei] (?:\w+ )?(?:è|e'|sono|era|sarebbe)|(?:sempre|ancora) (?:lo stesso|la stessa|sbagliat|errat)|(?:mi )?(?:hai|ha) (?:dato|risposto|usato|ripetuto|messo|contato|tradotto|invertito)(?: a)? (?:il|la|lo|un'?altr|un|una|due volte)?[^.?!]{0,12}(?:vecchi|altr|sbagliat|stess)\w*|ti sia sbagliat|ti sei sbagliat|(?:è|e') (?:superat|obsolet|vecchi)|dovrebbe(?:ro)? essere|(?:questo |quello |ciò )?non (?:c'è|si trova) nel|parlavo del? ?\w* [^.?!]{1,35}, non\b|parlavo del[^.?!]{1,40}, non\b|non hai \w+|(?:è|e') (?:la|il|lo|l') ?\w+ (?:sbagliat|errat)|manca(?:no)? \w+|(?:la|il|lo|l') ?(?:prim|second|terz|ultim|altr)\w* (?:\w+ )?(?:è|e'|era) (?:anche )?(?:sbagliat|errat|fals)|non (?:credo|penso) (?:che )?(?:sia|questo|quest|tu)|(?:quel|questo|questa|quella) \w+ non esiste|(?:questo|ciò|la tua \w+) non (?:corrisponde|sembra|torna|combacia)|non (?:sto chiedendo|chiedo|parlo|cerco)|(?:correggi|ricontrolla|ricalcola|verifica) (?:la tua|il tuo|di nuovo|ancora)\b",
        r"(?:sbagliato|errato|falso|errore)[,.!:]|hai (?:sbagliato|frainteso|capito male|dimenticato|confuso|ignorato|saltato|invertito|letto male)|mi (?:hai|ha) frainteso|ti (?:sei )?sbagli|(?:stai |)confond(?:endo|i)|non (?:hai|ha) (?:risposto|capito|letto|incluso)",
        r"(?:volevo|intendevo|chiedevo|ho chiesto|mi chiamo|ho detto|sono|è) "
        + _NOT
        + r"non\b|intendevo\b|non (?:ho|l'ho) (?:mai )?(?:detto|chiesto|scritto)|ho già (?:detto|chiesto)",
        r"(?:ri)?leggi (?:bene |di nuovo )?(?:la mia|la) domanda|non (?:risponde|corrisponde) alla|(?:non )?funziona ancora|ancora non (?:funziona|va)|non funziona (?:ancora|comunque)|c'è (?:ancora )?un errore (?:nel|nella|nei|in)\b(?: calcolo| codice| tu\w+| risposta| formula| tabella|\w*)|(?:sei|è) sicur[oa][? ]*(?:$|[?,.] ?(?:credo|penso|era))",
    ),
    "pt": (
        r"n[ãa]o[,.! ]+(?:n[ãa]o[,.! ]+)*(?:eu (?:quis|queria|me refer|estava|falei|quero)|n[ãa]o [ée] (?:isso|esse|essa)|isso|[ée] (?:o|a) outr|(?:o|a|os|as) \w+"
        + _END
        + r"|voc[êe])",
        r"(?:n[ãa]o foi (?:isso|o que)|isso (?:ainda )?(?:est[áa] (?:errado|incorreto)|n[ãa]o (?:est[áa]|[ée]|responde|funciona|faz sentido|era)|[ée] (?:falso|errado))|n[ãa]o [ée] (?:verdade|correto|isso|o que))",
        r"(?:a|o|as|os|sua|seu|essa|esse|esta|este) (?:\w+ )?(?:data|resposta|c[áa]lculo|resultado|total|soma|nome|link|c[óo]digo|tradu[çc][ãa]o|ano|f[óo]rmula|n[úu]mero|pre[çc]o) (?:ainda )?(?:est[áa] (?:errad|incorret|mal)|[ée] (?:fals|errad)|n[ãa]o (?:est[áa]|existe|funciona|bate|confere|[ée]))",
        r"(?:ess[ae]|est[ae]|isso) n[ãa]o (?:[ée]|era|foi|s[ãa]o|corresponde|confere|parece|bate)|(?:a|o|as|os) (?:\w+ )?(?:resposta |endere[çc]o |data |valor |\w+ )?(?:cert|corret|verdadeir)[ao] (?:\w+ )?(?:[ée]|era|seria|s[ãa]o)\b|continua o mesmo|o mesmo erro|(?:est[áa]|[ée]) (?:desatualizad|obsolet)|deveriam? ser|isso n[ãa]o est[áa] n|(?:estava )?fala(?:va|ndo) d[^.?!]{1,40}, n[ãa]o\b|voc[êe] n[ãa]o \w+(?:ou|eu|iu)\b|voc[êe] (?:me )?(?:deu|respondeu|usou|repetiu|colocou|contou|traduziu|trocou)(?: a)? [^.?!]{0,14}(?:antig|velh|outr|errad|mesm)\w*|voc[êe] (?:se )?(?:enganou|errou|equivocou)|n[ãa]o (?:estou )?(?:perguntando|falando|procurando)|(?:a|o|sua|seu) (?:resposta|c[áa]lculo|resultado) (?:est[áa]|[ée]) (?:incorret|errad|fals)\w*|(?:corrija|verifique|recalcule) (?:sua|seu|isso|de novo)\b",
        r"(?:errado|incorreto|falso|erro)[,.!:]|voc[êe] (?:me (?:entendeu|interpretou)|se (?:enganou|equivocou)|est[áa] (?:errad|enganad|confundi|mistur)|esqueceu|confundiu|ignorou|errou|n[ãa]o (?:respondeu|entendeu|leu|incluiu))|esqueceu\b|confundiu\b",
        r"(?:eu )?(?:queria|pedi|perguntei|disse|me chamo|meu nome [ée]|sou) "
        + _NOT
        + r"n[ãa]o\b|eu quis dizer|eu me referia|(?:eu )?(?:nunca|n[ãa]o|j[áa]) (?:disse|pedi|perguntei|falei)",
        r"(?:re)?lei?a (?:de novo |novamente )?(?:a )?minha pergunta|ainda (?:n[ãa]o (?:funciona|est[áa])|est[áa] errad)|continua (?:errad|sem|n[ãa]o)|h[áa] um erro (?:no|na|em (?:sua|seu))|tem um erro (?:no|na)|(?:tem|voc[êe] tem) certeza(?: disso)?[? ]*(?:$|[?,.] ?(?:acho|foi))",
    ),
    "nl": (
        r"dat (?:is|was|zijn) (?:\w+ )?(?:niet|geen) (?:het|de|mijn|een)|dat was mijn vraag niet|(?:nog )?steeds dezelfde|het (?:juiste|goede) \w+ is|je hebt (?:me |mij )?(?:de|het|een) (?:oude|verkeerde|andere)|nee[,.! ]+(?:ik (?:bedoel|wilde|vroeg|zei)|dat (?:is|was|klopt) (?:niet|fout)|niet (?:dat|die|de|het)|(?:de|het|die) \w+"
        + _END
        + r"|je)|dat (?:is|was) (?:nog steeds |helemaal |ook )*(?:fout|onjuist|verkeerd|niet (?:goed|juist|waar|wat ik|correct|mijn vraag))|dat (?:klopt (?:nog steeds |helemaal )*niet|kan niet kloppen|heb ik niet (?:gevraagd|gezegd)|vroeg ik niet|werkt niet)",
        r"ik bedoelde|ik (?:wilde|vroeg|zei|heet) "
        + _NOT
        + r"niet\b|(?:de|het|je|jouw|deze|dit) (?:\w+ )?(?:datum|antwoord|berekening|resultaat|totaal|naam|link|code|vertaling|jaar|getal|prijs) (?:is (?:fout|verkeerd|onjuist|niet)|klopt niet|bestaat niet|werkt (?:nog steeds )?niet)|je (?:hebt|bent|vergist|verwart|vergeet)(?: me| mij| je| het| de| een| mijn| \w+){0,4}? ?(?:verkeerd|vergeten|fout|vergist|door elkaar|niet (?:begrepen|gelezen|beantwoord)|twee|het)|fout[,.!:]|verkeerd[,.!:]|er zit (?:nog )?een fout in|lees mijn vraag|het werkt nog steeds niet|weet je het zeker",
    ),
    "pl": (
        r"nie[,.! ]+(?:nie[,.! ]+)*(?:chodziło|miał[ea]m|to nie|o to|pytał[ea]m|ten \w+|ta \w+|tamt\w+)|to (?:jest |nadal |wciąż )*(?:błąd|błędn|nieprawda|nie jest|źle|nie to|nie tak|niepoprawn|nie działa|nie odpowiada)|miał[ea]m na myśli|(?:data|odpowiedź|wynik|suma|link|kod|tłumaczenie|rok|imię|obliczenie)\w* (?:jest (?:błędn|zł|niepoprawn)|się nie zgadza|nie (?:istnieje|działa))|(?:pomylił|źle zrozumiał|nie zrozumiał|zapomniał|pominął|pominęł)\w*|nie o to pytał\w*|chciał[ea]m [^.?!]{1,40}, nie\b|(?:nigdy )?tego nie (?:powiedział|mówił|pytał)\w*|(?:źle|błąd|nieprawda)[,.!:]|nadal nie działa|przeczytaj (?:jeszcze raz )?moje pytanie|jest błąd w (?:twoj|obliczeni|kodzie|odpowiedzi)\w*",
    ),
    "ru": (
        r"нет[,.! ]+(?:нет[,.! ]+)*(?:я (?:имел|имела|про|говор|спраш|хочу|просил)|это не|не (?:то|это|тот|та|так)|неправильно|неверно|вы\b|ты\b)|это (?:всё ещё |всё равно |опять )*(?:неправильно|неверно|не (?:то|так|правда|верно|правильно|работает|отвечает))|(?:неправильно|неверно|ошибка)[,.!:]|я име(?:л|ла) в виду|(?:вы|ты) (?:ошиб|не (?:понял|так понял|ответил|прочитал)|забыл|пропустил|перепутал|путае)|(?:дата|ответ|результат|сумма|ссылка|код|перевод|год|имя|расч[её]т)\w* (?:указан\w* )?(?:неверн|неправильн|ошибочн|не (?:существует|работает|сходится|верн))|я (?:этого |такого )?(?:не|никогда не) (?:говорил|спрашивал|просил)|я (?:просил|спрашивал|хотел)\w* "
        + _NOT
        + r"не |вс[её] (?:ещ[её]|равно) не работает|(?:в|тут|здесь) (?:\w+ )?(?:есть |)ошибка|прочитай(?:те)? (?:ещ[её] раз|мой вопрос)",
    ),
    "ja": (
        r"(?:いえ|いや|いいえ|えっと|あの|すみません|でも|だから)?[、。 ]*(?:違います|違う(?:[。、!！よ]|$)|ちがいます|ちがう[。、!！よ]|そうではな|そうじゃな|そうでなく|そういう(?:意味|こと)(?:では|じゃ))",
        r"[^。？?\n]{1,16}(?:のはずです|のはずだ|のことです、)|[^。\n]{0,6}(?:本文|原文|文書|資料)に(?:は)?(?:あり|書いて|載って)[^。\n]{0,4}(?:ません|ない)|[^。\n]{0,14}(?:訳|含ま|考慮|回答|翻訳)[^。\n]{0,5}てい?(?:ません|ない)|(?:その)?情報[^。\n]{0,2}古い",
        r"[^。？?、\n]{1,10}(?:が|は)違(?:います|う)(?:[。、!！よ]|$)|(?:その|この|あなたの)?(?:答え|回答|計算|日付|住所|名前|数字|結果|翻訳|金額|値段)[^。\n]{0,6}(?:違|間違|誤|おかし|古い|合わ|正しくな)|[^。\n]{0,6}(?:私|わたし)の質問(?:では|じゃ)|正(?:しい|解)[^。\n]{0,8}は|まだ同じ|(?:もう一度)?(?:計算|確認|やり|見)し?直して|古い(?:値段|情報|データ|価格)(?:です|だ)",
        r"[^。？?\n]{0,14}(?:間違って(?:い|る|ます)|間違いです|誤りです|正しくな|正しくあり|合って(?:い)?な|合って(?:い)?ませ|おかしいです|になってい?ません|になってい?ない)",
        r"(?:それ|そんなこと|そう|そのこと)[^。？?\n]{0,4}(?:は|を)?(?:聞いて|言って|頼んで|尋ねて|質問して)(?:い)?(?:ません|ない)|いいえ、[^。？?\n]{1,18}(?:方|ほう|の|ほうの\w+)です|まだ(?:動|直|でき|エラー|間違|違)|もう一度[^。\n]{0,6}(?:質問|よく)[^。\n]{0,6}読|(?:リンク|ページ|その\w+)[^。\n]{0,3}(?:存在しません|存在しない|ありません)|[^。\n]{0,12}(?:誤解して|勘違いして|忘れて(?:い)?ます|抜けて(?:い)?ます)|[^。\n]{1,14}ではなく(?:て)?[、 ]?[^。\n]{1,16}(?:です|を|が)|私(?:が|の)(?:聞|言|質問)[^。\n]{0,10}(?:の)?は",
    ),
    "zh": (
        r"(?:抱歉|对不起|對不起|不好意思|嗯|呃)?[，, ]*(?:[^我\s，,。]{1,3}(?:错了|錯了)|(?:不|不是)[，,]\s*(?:要|是|我|用|应该|應該)|(?:还|還)?(?:漏|少|缺|忘)(?:了|掉)|我(?:觉得|認為|认为|覺得)\S{0,3}不(?:对|對|是)|我(?:是|想)(?:说|說|问|問)|(?:应该|應該)是\S|(?:原文|文中|文件)\S{0,2}(?:没|沒)有|(?:信息|资料|資料|数据)\S{0,2}(?:过时|過時|旧)|\S{0,6}(?:没|沒)有?(?:翻译|翻譯|包括|考虑|考慮|算|提到)|第\S{1,2}(?:个|個|条|條|行|步|项)\S{0,2}(?:错|錯|不对|不對|有误))",
        r"(?:不对|不對)(?:[，,。！! 吧啊呀]|$)|(?:不是|并非)(?:[，,。！! ]|这个|那个|這個|那個|这样|這樣|我)|错了|錯了|(?:你|您)(?:\S{0,4}?)(?:理解|弄|搞|记|算|说|写|看|答|听|讲|記|說|寫|聽)(?:错|錯|反)|(?:你|您)(?:误会|誤會|误解|誤解|忘了|忘记|漏了|漏掉|混淆|没有?(?:回答|理解|看|读|明白|包括)|沒有?(?:回答|理解|看|讀|明白))",
        r"(?:你|您)(?:的|给的|給的|说的|說的)?(?:答案|回答|计算|結果|结果|翻译|数字|日期|价格|链接|代码|說法|说法)?(?:\S{0,6}?)(?:是?(?:错|錯)的|不对|不對|不正确|不正確|有误|有誤|是旧|是舊|过时|過時|算错|算錯)|(?:地址|名字|价格|年份|时间|單位|单位|日期|金额|数量|电话)(?:不对|不對|错了|錯了|不正确|有误)|(?:正确|正確)的?(?:答案|结果|日期|地址|做法|\S{1,4})(?:是|应该|應該)|(?:这|這|那)(?:不是|并非)(?:我|正确)|(?:还|還)是(?:同样|一样|那个|同樣|一樣)|(?:请|請)?重新(?:算|计算|检查|看|計算)",
        r"我(?:说|问|要|指|想问|想要|說|問|想問)的(?:是|不是|并不是)|我(?:可|从来|從來|根本)?(?:没|沒)有?(?:说|问|要求|說|問)|我的意思是|我叫[^。，,]{1,8}[，,]不(?:叫|是)|(?:还|還|仍然|依然)是?(?:不行|错|錯|不对|不對|报错|報錯|没用|有错|有錯)|(?:请|請)?再(?:读|看|讀)一(?:遍|下|次)|(?:答案|日期|计算|結果|结果|数字|链接|翻译|年份|名字|公式|代码|价格|計算|數字|連結|翻譯)\S{0,3}?(?:错|錯|不对|不對|不正确|不正確|有(?:错|錯|误|誤|问题)|不存在|是(?:错|錯|假))|这(?:不对|不是|并不|是错)|這(?:不對|不是|並不|是錯)|(?:你|您)(?:确定|確定)吗?[？?]",
    ),
    "ko": (
        r"(?:아니요?|아뇨)[,. ]+(?:제 말|내 말|그게|그거|다른|저는|빨간|그 )|틀렸|틀린|그게 아니|제 말은|내 말은|잘못 (?:이해|알|계산|읽)|(?:답|날짜|계산|결과|링크|숫자)\S{0,4} (?:틀|잘못|맞지 않|없)|그렇게 말(?:한 적|하지)|질문에 (?:대한 )?답이 아니|아직도? (?:안|작동)|제가 (?:물어본|말한|요청한) (?:건|것은|게)|질문을 다시 읽",
    ),
}
_LEAD = (
    r"(?:(?:sorry|hm+|um+|uh|ah|oh|well|but|ok|okay|wait|hey|hi|please|and|so|again|unfortunately|thanks|thank you|i'm sorry|excuse me|i think(?: that)?|i believe(?: that)?|i guess|i'm afraid|it seems|it looks like|je crois que?|je pense que?|il me semble que|ich glaube|ich denke|ich fürchte|creo que|me parece que|credo che|mi sa che|acho que|ik denk dat"
    r"|aber|also|äh|sorry aber|moment|leider|entschuldigung|mais|désolé|pardon|attends|attendez|euh|pero|perdona|perdón|oye|espera|eh|ma|scusa|scusi|aspetta"
    r"|mas|desculpe|desculpa|espera|maar|sorry maar|wacht|ale|przepraszam|но|извините|подождите)[,.!…: ]+){0,3}"
)
# "no" and a few words: what is meant instead
_SHORT_NO = r"(?:no|nope|nein|nee|non|não|nao|nie|нет|いいえ|いや)[,.、]+ ?(?:[^\s,.?!、。]+ ?){1,5}[.!。]*$"
# a search for each language: one for all of them has too many states for RE2 to keep, and takes ten times as long
_PATTERNS = {
    name: rf"^[\s\"'«“„¿¡]*{_LEAD}[¿¡]?(?:" + "|".join(wordings) + ")"
    for name, wordings in (*BY_LANGUAGE.items(), ("no", (_SHORT_NO,)))
}
# to read a pattern costs as much as to search thousands of texts for it, so each is read only where its script is written
_SCRIPTS = {"ru": r"\p{Cyrillic}", "ja": r"\p{Hiragana}|\p{Katakana}|\p{Han}", "zh": r"\p{Han}", "ko": r"\p{Hangul}"}
# said in the words of a correction
_COURTESY = (
    r"^\W*(?:no|nope|nah|nein|nee|non|não|nao|nie|нет|いいえ|不用|不是)[,.!、，。 ]*(?:thanks|thank|nothing|sonst|rien|niente|nothing|not yet|noch nicht|pas encore|todavía|ancora|ainda|i'?m (?:good|fine|done|ok)|je n'ai|please don't|problem|worries|need|idea|rush|hurry|that(?:'s| is|s)? (?:all|it|fine|ok|everything|enough)|it(?:'s| is) (?:fine|ok|okay|all|good|not (?:urgent|important|a problem))|danke|das (?:ist|war) alles|das war'?s|problem|merci|c'est (?:tout|bon|parfait)|gracias|eso es todo|nada|está bien|grazie|è tutto|va bene|obrigad|é só|dziękuję|to wszystko|спасибо|это всё|結構|それだけ|大丈夫|很|急|特别)"
    r"|(?:sent|shipped|delivered|geschickt|geliefert|zugeschickt|envi[oóaé]\w*|livré|spedit\w*|consegnat\w*|届き|发错|發錯)"
    r"|^\W*(?:still|toujours|immer noch|todavía|ancora|ainda|まだ|还)[^.?!]{0,12}(?:deliver|arriv|receiv|ship|here|livré|reçu|geliefert|da\b|llegado|arrivat|chegou|届|收到|到)"
    r"|^\W*(?:actually|that'?s?|this|it)(?:'s| is|s)? not (?:bad|urgent|important|a problem|the only|all\b|necessary|too|working (?:for|out|on|with|in))|^\W*eso no es todo"
)


def measure(batch: Batch, context: Context) -> Measured:
    return {"correction": corrections(batch.column("input"))}


def corrections(inputs: pa.Array | pa.ChunkedArray) -> np.ndarray:
    """1 where the input begins by correcting the answer before it, 0 where not, NaN where null; shape (n,)."""
    head = pc.utf8_lower(pc.replace_substring(ngrams.beginnings(inputs, _HEAD), "’", "'"))
    said = np.where(head.is_valid().to_numpy(zero_copy_only=False), 0.0, np.nan)
    ascii_only = pc.fill_null(pc.string_is_ascii(head), True).to_numpy(zero_copy_only=False).astype(bool)
    for name in _PATTERNS.keys() - _SCRIPTS.keys():
        said[ngrams.found_in(head, _PATTERNS[name])] = 1.0
    other = np.flatnonzero(~ascii_only)
    texts = head.take(pa.array(other))
    for name, script in _SCRIPTS.items():
        here = ngrams.found_in(texts, script)
        if here.any():
            said[other[here][ngrams.found_in(texts.filter(pa.array(here)), _PATTERNS[name])]] = 1.0
    (rows,) = np.nonzero(said == 1)
    said[rows[ngrams.found_in(head.take(pa.array(rows)), _COURTESY)]] = 0.0
    return said
