# ruff: noqa: E501 - sentences and patterns stay in one piece
"""How inputs try to take over a model, by what the words do. Each pattern is a hint that the trained model weighs.

RE2 syntax (linear time), for text in lower case with straight apostrophes.
"""

from __future__ import annotations

_SECRETS = r"(?:instruction|prompt|rule|ruleset|directive|guideline|system message|configuration|password|passphrase|pass phrase|secret|access code|conditions|initial message|previous message|words above|text above|insteuction|instuction)"

PATTERNS: dict[str, str] = {
    "override": (
        r"(?:ignor(?:e|ing)|disregard|forget|discard|overrid|bypass|neglect|dismiss|abandon|cancel|erase|delete|remove|stop following|don't follow|do not follow|don'?n?t answer|nevermind|never mind)"
        r" (?:[\w'’&;,]+ ){0,7}?(?:instruction|prompt|rule|direction|command|guideline|order|assignment|task|everything|above|previous|prior|before|preceding|earlier|training|polic|restriction|filter|safety|content of|question)"
    ),
    "extract": (
        r"(?:repeat|print|output|outputt|show|reveal|display|tell|give|write|list|summari[sz]e|state|recite|copy|translate|convert|explain|describe|format|dump|share|provide|return|echo|reproduce|paraphrase|rewrite|reword"
        r"|encode|complete|store|leak|disclose|expose|tl;?dr|what (?:are|were|is|was)|rap|poem|sonnet|story|song|pseudo ?code|python) (?:[\w,\"'“”()-]+ ){0,8}?"
        r"(?:your|you|yourr|the|above|all|these|previous|initial|original|system|secret|hidden|entire|full|prior|preceding|this|first|specific) (?:\w+ ){0,3}?"
        + _SECRETS
    ),
    "secrets": r"(?:your|system|above|previous|initial|secret|hidden|original|prior|preceding|prompt|pre-) ?(?:\w+ )?(?:instruction|prompt|rule|directive|guideline)s?\b|what was written|so far\b|beginning of this|(?:everything|text|words|what'?s|what is|was|lines?|message|of the|all the|all|the|print|repeat|show|ignore|copy|translate|summari[sz]e) above\b",
    "persona": (
        r"(?:act|acting|behave|respond|reply|answer|speak|write) (?:exactly )?(?:as|like) (?:if|an?|the|my|both|though)|pretend|role-?play|role play|(?:the|a|your) role of|simulat|immers|\bin character|break character|imagine (?:that )?you|from now on|you (?:are|will be|'re) (?:now|going to|about to|no longer|an? \w+)|now you are|known as|named|which stands for|hypothetical|fictional"
    ),
    "unrestricted": (
        r"do anything|\bdan (?:mode|can|is|will|has|never|doesn)|\b(?:as|be|stay|called|named|like) dan\b|jailbr|unfiltered|uncensored|unrestricted|non-restricted|(?:no|without|any|ignores?|has no|have no|bypass|break|follow) (?:\w+ ){0,3}?(?:rules|restriction|limits|limitation|filter|guidelines|moral|ethic|censorship|boundaries|laws)"
        r"|free (?:of|from)|freed|broken free|confines|content polic|(?:developer|debug|admin|test|maintenance|god|opposite|evil|root|superuser|unsafe|unlocked|no-filter) mode|amoral|never (?:refuse|say|break|decline|apologi)|does not care|\d tokens|tokens (?:left|each|if|and)"
    ),
    "model": r"openai|as an ai\b|chatgpt|gpt\b|language model|can't do|cannot do",
    "harm": r"\bevil\b|immoral|unethical|illegal|harmful|offensive|swear|curse|fuck|explicit content|insult",
    "freed": (
        r"do anything now|jailbr|unfiltered|uncensored|unrestricted|non-restricted|\bno (?:\w+ (?:or|and) )?(?:moral|ethic|rules|restriction|limit|filter|guideline|boundar)|free(?:d)? (?:of|from) (?:\w+ )?(?:restrict|rules|filter|limit|typical|confines|censor)"
        r"|broken free|never (?:refuse|say no|decline|say that|reject)|answers? (?:to )?any(?:thing|\b)|regardless of (?:\w+ ){0,3}?(?:legal|ethic|moral|rules|polic|consequences|content|guidelines|whether)|not bound by|(?:always|must|will) compl[yi]|(?:do(?:es)? not|don't|doesn't|never) (?:refuse|decline|apologi|warn|morali|lecture)|not allowed to (?:refuse|decline|say)|(?:no|without|any|add) (?:\w+ ){0,2}?(?:warnings|disclaimers)\b|(?:developer|opposite|dan) mode|\bin character|break character|(?:doesn't|does not|don't|do not) care|without (?:\w+ )?(?:moral|censor|fear|ethic|warning|restriction)|no matter (?:what|how) (?:\w+ )?(?:i|you|the user|it|they|illegal|un\w+|harm\w+|immoral|bad)\b"
    ),
    "placeholder": r"\[(?:insert|put|type|my|prompt|user|input|target|your (?:prompt|question|request|query|input|task))\b|<(?:prompt|input|output)>|\{(?:prompt|input|question)\}",
    "order": (
        r"(?:^|[.!?:\n] ?)(?:now |then |please |just |can you |could you |and )?(?:print|prints|output|outputs|list|format|repeat|summari[sz]e|show|recite|convert|encode|describe|explain|put|make) (?:\w+ ){0,3}?(?:instruct|insteuction|isntruct|rules?\b|ruleset|prompt|commands?\b|conditions|password|passphrase|access code|above|previous|words above)|^\W*(?:\w+ ){0,2}(?:prompt|instructions?|rules|commands?|above)\W*$"
    ),
    "delimiter": (
        r"%%%|#{5,}|#{3,} ?(?:system|instruction|new\b|user|assistant|admin|end\b)|={6,}|-{6,}|<\|?(?:system|im_start|user|inst)\b|<\|?/?(?:im_end|endoftext|assistant|s|inst)\|?>\s*[^\s<\x1e]|\[/?(?:inst|system|admin|prompt|instructions?|gpt|dan|frame)\b|\bend(?: of)? (?:user|system|prompt|untrusted|instruction|ambiguity|out of date|input|context|distraction|text|conversation|\w+ %)"
        r"|\bend (?:of )?[a-z]+\n|(?:^|\n)(?:system|assistant|user|pre-instructions|admin)\b[^\n]{0,20}:|new (?:instruction|prompt|system)|override (?:\w+ )?(?:enabled|mode|on|all|your|rules|system|previous|code)|(?:system|admin|root)[ _-]override|\bsudo\b|root access|(?:\) \]|\] \}|\} \)){3,}"
    ),
    "reply_with": (
        r"(?:begin|start|prefix|preface|end|finish|answer) (?:\w+ ){0,4}?(?:your|the|each|every|all|everything|this) ?(?:\w+ ){0,3}?(?:reply|response|answer|message|output|sentence|question)?s? ?(?:with|by)\b|(?:then|finally|next|lastly),? (?:say|write|print|output|list|add)|(?:just|only|simply|must|should) (?:(?:say|print|write|output|repeat)\b|(?:respond|reply|answer) (?:with|as|in|by|\"))"
        r"|repeat after me|say (?:that|exactly|\"|')|state that|verbatim|word for word|access (?:granted|denied)|no explanations|nothing else"
    ),
    "reply_changed": (
        r"(?:in|into|to|of|with|from|for|throughout|using|as) (?:your|the) (?:\w+ )?(?:response|reply|answer|output|replies)\b|(?:your|the) (?:response|reply|answer|output)(?:'s)? (?:in|with|using|by|should|must|so|as|into|words)"
        r"|(?:modify|augment|adjust|alter|edit|integrate|incorporate|append|embed|insert|scramble|substitute|misspell|misspell|remove|group|encode|change|replac\w+|swap|shuffle|jumble|rearrange|convert|transform|express|present|craft|reverse|introduce|make|use) (?:[\w'\"]+ ){0,8}?(?:your|the) (?:\w+ )?(?:response|reply|answer|output)"
        r"|(?:replac|substitut|swap|shuffl|scrambl|jumbl|rearrang|misspell|revers)\w* (?:\w+ ){0,4}?(?:letters?|vowels?|characters?|spaces?|words)\b|(?:add|include|give|provide|write|rewrite|mention|answer) (?:[\w'\"]+ ){0,3}?your (?:\w+ )?(?:response|reply|answer|output)"
    ),
    "foreign": (
        r"(?:vergiss|vergessen sie|vergesst|ignorier|missacht|olvid|ignora|oublie|ignore|dimentica|esque[çc]|desconsider|negeer|vergeet|zapomnij|zignoruj|игнорир|забудь|glöm|zaboravi)[^.!?\n]*?"
        r"(?:anweisung|vorgabe|regel|instruktion|alles|bisherig|prompt|aufgabe|befehl|consigne|instruction|règle|tout ce|instruc|reglas|indicacion|todo lo|regole|istruzion|tutto|regras|instruç|tudo|regels|instructies|eerdere|zasad|poleceni|instrukcj|инструкц|правил|указан|всё|allt|sve\b)"
        r"|(?:忽略|无视|忘记|忘掉|忽視|無視)[^。！？\n]*?(?:指令|指示|规则|規則|提示|设定|设置|要求)|(?:指示|ルール|命令|プロンプト|指令|規則)[^。\n]*?(?:無視|忘れ)|(?:지시|규칙|명령|프롬프트|지침)[^.\n]*?(?:무시|잊)"
        r"|تجاهل[^.\n]*?(?:تعليمات|قواعد|أوامر)|(?:निर्देश|नियम|आदेश)[^।\n]*?(?:अनदेखा|भूल|नज़रअंदाज)|(?:talimat|kural|komut)[^.\n]*?(?:yok say|unut|görmezden)"
        r"|neuen? (?:aufgabe|herausforderung|anweisung)|du bist (?:nun|jetzt)|(?:jetzt|nun) bist du|prompt-?text|du wirst vorgeben|(?:deine?n?|tus|tes|vos|tue|suas|teus|twoje|свои|твои|你的|あなたの|너의|당신의|sistem) (?:\S+ ){0,2}?(?:prompt|anweisungen|instruktion|instrucciones|instruções|istruzioni|instructions|инструкци|指令|提示|指示|지시)"
        r"|(?:system|système|sistema|системн\S*|시스템|システム|系统)[ -]?(?:prompt|промпт|프롬프트|プロンプト|提示)|(?:actúa como|agis comme|aja como|agisci come)[^.!?\n]*?(?:restric|restriz|règles|reglas|regras|regole|filtr|límite)"
    ),
    "foreign_role": (
        r"du bist (?:jetzt|nun|ab|von)|(?:jetzt|nun|ab sofort) bist du|stell dir vor,? du|\btu so\b|spiele? (?:die rolle|eine?n?\b)|verhalte dich|benimm dich|antworte (?:nur|ausschließlich|ab)|sage? (?:nur|mir nur|einfach)|ich befehle|\btu es (?:maintenant|désormais)|fais (?:comme si|semblant)|joue le rôle|à partir de maintenant|eres ahora|ahora eres|haz como si|a partir de ahora|\bfinge\b|fai finta|adesso sei|d'ora in poi"
        r"|agora você é|finja|faça de conta|a partir de agora|je bent nu|doe alsof|vanaf nu|jesteś teraz|udawaj|теперь ты|ты теперь|притворись|представь, что ты|你现在是|现在你是|假装你|从现在开始|あなたは今から|ふりをして|너는 이제|أنت الآن|अब तुम|artık sen|artık sınır"
    ),
    "urging": r"\battention\b|\bachtung\b|\bstopp?\b|urgent|dringend|well done|very good|sehr gut|gut gemacht|great job|congratulation|excellent|ausgezeichnet|new task|following task|very important|command you|i order you",
    "spelled": r"(?:^|\W)(?:\w[ .*-]{1,2}){7,}|\b\w*[a-z][01345][a-z]\w*\W+(?:[\w']+\W+){0,4}?\w*[a-z][01345][a-z]",
    "code": (
        r"(?:the|your|secret|correct|right|hidden|which|magic) (?:\w+ )?(?:pass ?word|pass ?phrase|passcode|access code|code ?word|magic word|secret (?:word|key|code|phrase|string|letter)|access phrase)\b|(?:the|your) secret(?:[.?!,]| is\b|$)|(?:give|shar|reveal|provid|show|send|tell|disclos|access|leak|expos|dump|list|display|obtain|hand)\w* (?:[\w']+ ){0,5}?(?:confidential|sensitive|classified|private|secret|internal|restricted) (?:[\w']+ )?(?:information|data|records?|details|documents?|files?|keys?|secrets)|secret (?:word|key|code|phrase|string|letter)|access granted"
    ),
    "void": (
        r"no longer (?:appl|valid|count|in force|follow|bound)|(?:do|does) not apply|(?:instructions?|rules|guidelines|commands|text|directives?|restrictions|context) (?:above |you \w+ \w+ )?(?:are|is|was|were|have been) (?:\w+ )?(?:void|outdated|out of date|obsolete|cancel|replaced|wrong|suspended|lifted|disabled|changed|updated|over)"
        r"|new (?:instructions?|orders|directives?|purpose|mission)\b|(?:real|actual|true) (?:task|instruction)|(?:highest|top) priority|(?:i am|i'm|as) your (?:new )?(?:developer|creator|owner|admin|boss|maker|master)|your (?:developers?|creators?|makers?)\b"
        r"|(?:ignore|forget|disregard|drop|discard) (?:all )?(?:of )?(?:that|this|it|those|these|everything)(?: and| but|[.,;:!]|$)|(?:do not|don't) (?:answer|translate|summari)|\binstead,? (?:of )?(?:just |you )?(?:answer|follow|say|writ|respond|print|output|tell|do)|(?:^|[.!?,:\n] ?)now,? (?:please |just |only |you (?:must|will|should) )?(?:say|write|tell me|answer|give me|print|output|act|repeat|show|ignore)\b|i (?:command|order|instruct) you|different task|new task|obey|you were (?:told|asked|given)|you (?:must|will) (?:only|now|always)|let me in\b|your (?:programming|safety training)\b"
    ),
    "reader": (
        r"(?:note|message|notice|instructions?|attention|hidden|todo|p\.s\.)[^.\n]{0,24} (?:to|for) (?:\w+ )?(?:ai|llm|bot|assistant|language model|agent|model|chatbot|summari[sz]er)s?\b|if you(?:'re| are) (?:an? )?(?:\w+ )?(?:ai|llm|language model|assistant|bot|agent|chatbot)\b"
        r"|\b(?:ai|llm|ai assistant|ai agent|bot|language model|chatbot)s?:? (?:\w+ this (?:\w+ )?)?(?:must|should|has to|have to|needs? to|reading|processing)\b|(?:when|while|after|before) (?:you )?(?:have )?(?:summari|process|read|translat)\w*,? (?:this|the (?:user|text|document|page|e-?mail))"
        r"|without (?:telling|asking|informing) the user|(?:do not|don't|never) (?:tell|mention|inform|show)[^.\n]{0,30}(?:user|this|anyone)|your next (?:action|task|job|step)\b"
    ),
    "encoded": (
        r"base ?64|rot-?13|caesar|in morse|leet ?speak|pig latin|backwards|in reverse|cipher|first letters?|acrostic|(?:letter by letter|character by character)|between (?:each|the|every) (?:letter|char)|\bdecode|\bhex\b|[a-z0-9+/]{8}="
    ),
    "document": r"subject:|received date|email_from|content:|\bhi \w+,",
    "question": r"^(?:what|who|when|where|why|how|which|can|could|is|are|do|does|did|should|would|will|i |i'm|my |please|tell me|was|wie|was|wer|wo|warum|ist|kann)\b",
}

# two patterns that mean more together than each alone
TOGETHER = (
    ("persona", "freed"),
    ("persona", "unrestricted"),
    ("persona", "model"),
    ("persona", "harm"),
    ("unrestricted", "model"),
    ("extract", "reply_with"),
    ("secrets", "order"),
    ("reply_changed", "document"),
    ("encoded", "code"),
    ("encoded", "secrets"),
)

# what the patterns need, without the words between, but for those that ordinary inputs have as well (a question, an urgent
# word, a document, an encoding): an input without any of these is no attack, and most inputs are passed over by it
CUE = (
    r"ignor|disregard|forg[eo]t|decode|precedes|\bai |summari|set aside|real task|were (?:given|told)|gave you|regeln|comme si|off your|in your|context window|systemanweisung|systemnachricht|discard|overrid|bypass|neglect|dismiss|abandon|cancel|erase|delete|remove|stop following|n't follow|not follow|never ?mind"
    r"|instruct|instuct|insteuct|isntruct|prompt|rule|directive|guideline|system message|configuration|pass ?word|pass ?phrase|secret|access code|conditions|initial message|previous|words above|text above"
    r"|what was written|so far\b|beginning of this|above|commands?\b|restrict|limit|filter|moral|ethic|censor|boundar|laws|regardless of| mode|n't care|not care|without|no matter|not bound by|(?:always|must|will) compl[yi]|(?:not|n't|never) (?:refuse|decline|apologi|warn|morali|lecture)|not allowed|warnings|disclaimers"
    r"|begin|start|prefix|preface|end |finish|response|reply|replies|answer|output|\b\w[ .*-]{1,2}\w[ .*-]{1,2}\w[ .*-]|[a-z][01345][a-z]"
    r"|(?:then|finally|next|lastly),? (?:say|write|print|output|list|add)|(?:just|only|simply|must|should) (?:say|print|write|output|respond|reply|answer|repeat)\b|repeat after me|say (?:that|exactly|\"|')|state that|verbatim|word for word|access |no explanations|nothing else"
    r"|free (?:of|from)|freed|broken free|do anything|\bdan\b|jailbr|uncensored|confines|openai|content polic|evil|illegal|harmful|swear|curse|fuck|never (?:refuse|say|break|decline|apologi|reject)|as an ai|can't do|cannot do|chatgpt|gpt\b|language model|tokens"
    r"|%%%|#{3}|={6}|-{6}|<|\[|\{|\} \)|\) \]|\] \}|\\n|(?:^|\n)(?:system|assistant|user|admin)\b|new system|sudo|root access|"
    r"vergiss|vergessen sie|vergesst|missacht|olvid|oublie|dimentica|esque[çc]|desconsider|negeer|vergeet|zapomnij|игнорир|забудь|glöm|zaboravi|忽略|无视|忘|忽視|無視|무시|잊|تجاهل|अनदेखा|भूल|नज़रअंदाज|yok say|unut|görmezden|neuen? (?:aufgabe|herausforderung)|(?:neuen? |deine?n? |alle )anweisung|du wirst vorgeben"
    r"|anweisungen|instruktion|instruccion|instruç|istruzion|инструкц|指令|提示|指示|지시|промпт|프롬프트|プロンプト|restriz|règles|reglas|regras|regole|límite|"
    r"confidential|sensitive|classified|private |internal |replac|substitut|swap|shuffl|scrambl|jumbl|rearrang|misspell|revers|instead|(?:^|[.!?,:\n] ?)now,? |(?:command|order) you|pass ?code|code ?word|magic word|no longer|not apply|\btask|priority|purpose|\bmission|(?:as|i am|i'm) your|your (?:developer|creator|maker)|(?:drop|forget) |(?:not|n't) (?:answer|translate|tell|mention|inform|show)|never (?:tell|mention|inform|show)|(?:your|next|first|only|new) (?:\w+ )?(?:action|job|step|orders?)\b|obey|you were|you (?:must|will) (?:only|now|always)|let me in|your (?:memory|programming|training)"
    # what attacks are worded with that name no instruction
    r"|\btold\b|first (?:line|word|sentence|message|thing|text)|context|\bdump|opposite|listen to|loyal|serve me|outrank|authori[sz]|\bowner|\bcreator|\bdeveloper|\boperator|\badmin|\bboss|higher orders|new (?:order|request|command)|preceding|void\b|set-?up text|set up\?|\breset\b|reboot|wipe\b|abort\b|stop (?:what|being|obeying|listening)|the text before|before (?:this|me|my|we)\b|without limits|laws\b|my (?:late )?(?:grandm|grandf|aunt|uncle)|who (?:you are|made you)|wrote you|change you|hack|spell (?:out )?(?:your|the)|sing me|leak|\bobey|\bhidden|your (?:role|job|task|context|loyalty|limits)|ur (?:rules|prompt)"
    r"|entwickler|befehle|oberhalb|vor (?:meiner|dieser) nachricht|gilt nicht mehr|gelten nur|hinfällig|ohne (?:beschränk|einschränk|regeln|filter)|geheim|avant|obéis|consigne|sans (?:aucun|filtre|limite)|précède|système|conversation|creador|sin (?:censura|filtro|límite|restricc)|órdenes|nueva orden|todo lo anterior|senza (?:filtri|limiti|censura)|segreta|sem (?:filtro|censura|limite)|geheime|bestuurder|polecenie|instrukc|bez ogranicze|систем|указани|команд|начало|слово в слово|без (?:ограничен|цензур|фильтр)|sınırsız|talimat|komut|şifre|निर्देश|आदेश|设定|設定|系统|系統|初始|原文|要求|密码|無制限|制限|これまで|以前の|命令"
    r"|\b(?:ai|llm|bot|assistant|agent|model|chatbot)s?\b|(?:summari|process|read|translat|answer|respond|reply)\w*,? (?:to )?(?:this|you|the)|the user\b|"
) + "|".join(PATTERNS[name] for name in ("harm", "persona", "foreign_role"))
