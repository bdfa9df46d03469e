# ruff: noqa: E501 - sentences and patterns stay in one piece
"""How refusals are worded, by what the words do. Each pattern is a hint that the trained model weighs; none decides alone.

RE2 syntax (linear time), for text in lower case with straight apostrophes. Repetition stays inside a sentence.
"""

from __future__ import annotations

_NOT = (
    r"(?:cannot|can't|can not|cant|could not|couldn't|won't|will not|wouldn't|would not|shouldn't|should not|mustn't|must not"
    r"|(?:am|was|'m) (?:unable|not able|not in a position|not comfortable|not allowed|not permitted|not programmed|not designed"
    r"|not authori[sz]ed|not equipped|not willing|not going|not supposed|not at liberty|not configured|prohibited|forbidden|restricted|unwilling)"
    r"(?: to| from)?|must decline|have to decline|need to decline|(?:will|'ll|would) (?:have to |need to )?(?:decline|refuse|refrain)|decline to|refuse to"
    r"|have to (?:refuse|pass|say no|turn)|must (?:refuse|refrain)|'d rather not|would rather not|prefer not to|'d prefer not"
    r"|(?:don't|do not) (?:feel comfortable|have the ability|have permission|think i can|think i should|wish to|want to))"
)
_ACT = (
    r"(?:provid|help|assist|fulfil|comply|complying|creat|generat|writ|offer|giv|answer|respond|discuss|shar|suggest|recommend|support|encourag|condon"
    r"|promot|engag|participat|produc|complet|do that|do this|do so|do it|tell|mak|advis|disclos|reveal|accommodat|continue|carry out|take part|process"
    r"|act on|endors|be able|be part|be of|speculat|comment|express|satisfy|honor|honour|perform|list|draft|compos|explain|describ|teach|walk|guid"
    r"|facilitat|proceed|go along|go there|go into|play along|say|supply|address|entertain|agree|cover|contribut|role|pretend|instruct|translat|analy|look up|access|predict|confirm|verify|in good conscience)"
)
_FILL = r"(?:(?:really|simply|just|also|still|currently|therefore|unfortunately|regretfully|respectfully|sadly|genuinely|honestly|personally|legally|ethically|directly|definitely|absolutely|certainly|morally|do|however),? )*"

DIRECT = rf"\b(?:i|we)(?:,[^,.!?]*,)? ?{_FILL}{_NOT},? (?:\w+,? ){{0,4}}?{_ACT}"

OBJECTS = (
    r"(?:cannot|can't|can not|not able to|unable to|won't|will not|not going to|couldn't) (?:help|assist|support|aid)(?: you)?(?: out)? (?:with|in|on) (?:that|this|it|your|any|such|these|those|the)"
    r"|(?:fulfil|fulfill|complete|comply with|process|accommodate|honor|act on|satisfy|grant|support) (?:this|that|your|such|these|those) (?:\w+ )?(?:request|task|question|prompt|query|instruction|demand|order)"
    r"|not something (?:that )?(?:i|we)(?:'m| am|'re| are|'ll| will| can| could|'d)|isn't (?:something|a topic|a subject|an area) (?:that )?(?:i|we)|(?:that|this)(?:'s| is) (?:a |one )?(?:request|topic|line|question|thing)?(?: that)? ?i (?:can't|cannot|won't|will not|don't|have to decline|must decline|refuse|'m not)"
    r"|(?:request|response|answer|prompt|message|question|content|conversation|input|query)(?: \w+)? (?:was|has been|is|were|got|will be) (?:blocked|filtered|flagged|declined|rejected|refused|denied|not (?:allowed|permitted|supported|available))"
    r"|not (?:able|allowed|permitted|possible|available|authorized) (?:for me )?to (?:provide|help|assist|answer|discuss|share|generate|create|write|disclose|give|fulfil|comply|support)"
    r"|^(?:no[,.!;:—-]+ ?)?(?:unable|not able) to (?:help|assist|comply|provide|process|answer|complete|fulfil|do|generate|respond|discuss|share)"
    r"|^(?:request |access |permission )(?:denied|refused|declined)|^(?:hard pass|absolutely not|no can do|nope[,.]|no[,.] i (?:won't|will not|can't|cannot|refuse|'m not))|^(?:no\.|no!|declined?\.|refused\.)"
    r"|\bi (?:don't|do not|never) (?:provide|offer|discuss|give out|engage|comment|assist|handle|share|write|take part|have (?:access|permission|the ability)|feel (?:right|good|ok|okay|able))"
    r"|(?:irresponsible|wrong|unethical|inappropriate|improper|unsafe|dishonest) (?:of|for) me to|(?:would|could|might|may) (?:breach|violate|infringe|go against|break) (?:\w+ )?(?:rules|polic|guideline|terms|law|trust|privacy)|\b(?:i'll|i will|gonna|i'd) pass\b|no can do|hard no\b|no from me"
    r"|\bi (?:must|have to|need to|'ll|will|'m going to|am going to|'d like to|respectfully|politely|would like to)(?: \w+)? (?:decline|refuse|pass|say no|opt out|turn (?:this|that|it) down|stop (?:here|you))|\bi (?:decline|refuse)\b"
)
SORRY = (
    r"^(?:(?:oh|hi|hello|hey|thanks?[^.!?]*|hmm|well|ah|um|okay|ok|so|dear \w+)[,.!]* )?(?:but )?(?:i'm|i am|im|we're|we are)?(?: so| very| truly| really| deeply| terribly)? ?"
    r"(?:sorry|apologi[sz]e|apologies|my apologies|my sincere apologies|regret|unfortunately|regrettably|sadly|afraid|forgive me|pardon)"
    r"|\b(?:i'm|i am|we're|we are) (?:so |very |truly |really )?(?:sorry|afraid)\b(?:,| but| that)* (?:but )?(?:i|we)\b"
)
MACHINE = (
    r"\bas an? (?:\w+ ){0,3}?(?:ai|a\.i\.|artificial intelligence|language model|llm|assistant|chatbot|chat bot|virtual assistant|machine|computer program)\b"
    r"|\b(?:i'm|i am|being) (?:just |only |merely |simply )?an? (?:\w+ ){0,3}?(?:ai|artificial intelligence|language model|llm|chatbot|machine learning model|computer program)\b"
    r"|language model|openai's|my (?:programming|training|guidelines|purpose|ethical guidelines|safety|policies|content policy|principles|core values)|i(?: am|'m) programmed"
)
NORMS = (
    r"\b(?:not|n't|never|neither|nor) (?:\w+ ){0,2}?(?:appropriate|ethical|acceptable|okay|ok|respectful|legal|safe|responsible|right|moral|constructive|advisable|within my)"
    r"|against (?:\w+ ){0,4}?(?:programming|polic|guideline|principle|value|terms|ethic|moral|rules|law|code|standard|stance)"
    r"|violat\w+ (?:\w+ ){0,4}?(?:polic|guideline|law|privacy|terms|ethic|right|principle|rule|copyright|standard)"
    r"|\b(?:inappropriate|unethical|illegal|harmful|offensive|discriminatory|hateful|derogatory|dangerous|immoral|unlawful) (?:\w+ ){0,2}?(?:content|activit|act|behavio|language|material|request|purpose|stereotype|information|or\b|and\b)"
    r"|(?:ethical|moral|safety|content|community|usage|use) (?:and \w+ )?(?:guideline|polic|standard|principle|boundar|concern|reason|ground)"
)
PRIVACY = r"personal (?:\w+ )?(?:information|data|details)|not (?:publicly|readily) available|\bprivacy\b|confidential|without (?:\w+ ){0,3}?(?:consent|permission)|real-time|access to (?:\w+ )?(?:personal|private|current|real)"
NEUTRAL = (
    r"(?:don't|do not|cannot|can't|not) (?:\w+ ){0,2}?(?:have|hold|possess|express|share|form|offer|provide|take) (?:\w+ ){0,3}?(?:opinion|belief|preference|feeling|emotion|view|stance|side|bias|political)"
    r"|(?:remain|stay|be|am|'m) (?:\w+ ){0,2}?(?:neutral|impartial|unbiased|objective)|take sides|(?:one|either) side|up to (?:\w+ ){0,3}?(?:individual|communit|people|voter|public|each|you)"
)
PREMISE = (
    r"\bi (?:must|have to|would like to|want to|need to|feel) (?:\w+ ){0,2}?(?:point out|clarify|emphasi[sz]e|stress|challenge|address|inform|note|correct|remind|warn|advise)"
    r"|(?:don't|do not) (?:think|believe) (?:\w+'?\w* ){0,3}?(?:appropriate|accurate|valid|fair|right|respectful|helpful|should|necessary|productive)"
    r"|(?:false|faulty|flawed|harmful|incorrect|problematic|offensive|inaccurate|discriminatory|stereotyp\w+) (?:\w+ ){0,2}?(?:premise|assumption|stereotype|statement|belief|generali[sz]ation)|factually (?:coherent|incorrect|inaccurate)|not factually"
)
MORALS = (
    r"important to (?:\w+ ){0,3}?(?:note|recogni[sz]e|remember|respect|treat|prioriti[sz]e|consider|approach|promote|understand|acknowledge)"
    r"|(?:treated|treat \w+) with (?:\w+ )*(?:respect|dignity|kindness)|promot(?:e|es|ing) (?:\w+ ){0,3}?(?:respect|kindness|empathy|violence|hate|harm|discrimination|positiv|inclusi|illegal|understanding)"
    r"|(?:violence|discrimination|hate speech|harming) (?:\w+ ){0,4}?(?:is|are) (?:never|not)|seek (?:\w+ ){0,3}?(?:help|support|assistance|advice|guidance)|(?:legal|serious) consequences"
)
INSTEAD = (
    r"\b(?:instead,|instead of|alternatively,|rather than)|(?:i can|i could|i'd be|i would be|i am|i'm|happy to|glad to|let me) (?:\w+ ){0,2}?(?:help|suggest|offer|assist|provide|discuss) (?:\w+ ){0,3}?(?:other|another|alternative|different|general|with something)"
    r"|(?:is there|if there's|if there is|if you have|do you have|let me know if|feel free to ask)[^.!?]*(?:else|other|another|different|questions|legitimate)|something else|different (?:topic|question|request)|i (?:suggest|encourage|recommend|urge|would encourage|would suggest|would recommend|would advise) (?:you|that|instead|seeking|consult|reach|contact|focus|exploring|trying)|ask me (?:something|anything|about)|let's (?:talk|discuss|focus|change|chat|explore|try|keep)|change the (?:subject|topic)"
)
HOWEVER = r"\b(?:however|but|nevertheless|that said|having said that|with that said|nonetheless|still)\b,? (?:\w+ ){0,2}?(?:i can|i could|here|the |it |some|in general|generally|there|if |we |as |this|many|most|based|one|you )"
COMPLY = (
    r"^(?:sure|certainly|of course|absolutely|yes|okay|ok|great|definitely|happy to|gladly|no problem|here(?:'s| is| are)|the |to |there (?:is|are)|in |a |an |it is a|it's a|this |\(verse|\*\*|#|1[.)]|[-*•] |```|<|\{)"
    r"|here (?:is|are|'s) (?:\w+ ){0,4}?(?:list|step|tip|way|example|poem|story|summary|code|some|few|suggestion|guide|option)|step-by-step|follow these|\n ?(?:1[.)]|[-*•]) "
)
NOT_ABOUT_REQUEST = (
    r"can't (?:wait|help but|believe|say enough|stop|complain|emphasize|stress|imagine|go wrong|miss|lose|beat|recommend|thank)|cannot (?:wait|help but|believe|be (?:overstated|understated|ignored)|emphasize|stress|overstate|recommend)"
    r"|sorry (?:to hear|for your|about|for the|for any|for that|that you|you're|if)|apologi[sz]e for (?:the|any|my)|apologies for (?:the|any|my)|(?:couldn't|could not) (?:be happier|agree more|have|care)|if you (?:can't|cannot)|you (?:can't|cannot)"
    r"|no puedo esperar|mal posso esperar|doczekać|дождаться|niet wachten|non vedo l'ora|kaum erwarten|nicht erwarten|j'ai hâte|ne peux pas attendre|等不及|sabırsızlan"
    r"|(?:he|she|they|it|who|that|which|people|users|someone) (?:can't|cannot|could not|won't)"
)
QUOTED = r"[\"'«„“](?:i'm |i am )?(?:sorry|i can't|i cannot|i won't|as an ai|unfortunately)|(?:said|says|replied|reply|respond(?:s|ed)?|answer(?:s|ed)?|told|wrote|message|error|output|returns?|print|saying|subject|email|titled|called|phrase|lyrics|translat\w+)[^.!?]{0,20}[:,]? ?[\"'«„“]"
LATIN = (
    r"\bich (?:kann|darf|werde|möchte|könnte|muss|würde)(?: \S+){0,9}? (?:nicht|keine|keinen|keiner|keinerlei|ablehnen|verzichten)\b|\b(?:kann|darf|werde|möchte|muss) ich(?: \S+){0,9}? (?:nicht|keine|keinen|keiner|keinerlei|ablehnen)\b"
    r"|\b(?:bin|sehe mich)(?: \w+)? nicht (?:in der lage|befugt|berechtigt|bereit|darauf programmiert)|\bals (?:eine? )?(?:ki\b|künstliche|sprachmodell|großes sprachmodell|ki-)|gegen meine (?:richtlinien|grundsätze|programmierung)|\bich (?:lehne|verweigere)"
    r"|\bje (?:ne |n')(?:peux|puis|suis|saurais|vais|veux|pourrai|souhaite|dispose|ai)(?: \S+)? (?:pas|malheureusement|donc|en mesure|autoris)|\bje (?:dois|me vois|préfère)(?: \w+)? (?:refuser|décliner|ne pas|contraint|dans l'obligation|obligée?)|\bje (?:refuse|décline)|il m'est impossible|en tant qu(?:'|e )(?:une? )?(?:ia\b|intelligence|modèle|assistant)|(?:contraire|à l'encontre)[^.!?]*(?:principe|directive|politique|règle|éthique)"
    r"|\bno (?:puedo|tengo (?:permiso|permitido)|podré|podría|me es posible|me está permitido|voy a|debo|tengo permitido|soy capaz|estoy (?:en condiciones|autorizad|programad|capacitad|dispuest|en posición))|\bcomo (?:un |una )?(?:modelo de|ia\b|inteligencia|asistente)|me niego a|(?:debo|tengo que) (?:rechazar|declinar|negarme)|(?:va en contra|viola|infringe)[^.!?]*(?:política|principio|norma|directri|ética)"
    r"|\bnon (?:posso\b|potrei|potrò|sono (?:in grado|autorizzat|programmat|dispost|in condizione)|mi è (?:possibile|consentito|permesso)|intendo)|\b(?:in quanto|come) (?:un |una )?(?:ia\b|intelligenza|modello|assistente)|(?:devo|sono costretto a) (?:rifiutare|declinare|rifiutarmi)|mi rifiuto"
    r"|\bnão (?:posso|tenho (?:permissão|autorização|como)|consigo|poderei|poderia|vou|devo|sou capaz|me é (?:possível|permitido)|estou (?:autorizad|apt|em condiç|em posição|programad|dispost))|\bcomo (?:um |uma )?(?:modelo|ia\b|inteligência|assistente)|(?:devo|tenho de|tenho que|preciso) (?:recusar|declinar)|recuso-me|me recuso"
    r"|\bik (?:kan|mag|zal|wil|moet|ga)(?: \S+){0,8}? (?:niet|geen|weigeren|afwijzen)\b|\b(?:kan|mag|zal|moet|ga) ik(?: \S+){0,8}? (?:niet|geen|weigeren)\b|ben (?:\w+ )?niet (?:in staat|bevoegd|gemachtigd|bereid)|\bals (?:een )?(?:ai\b|taalmodel|kunstmatige|ai-)"
    r"|\bnie (?:mogę|jestem w stanie|jestem uprawnion|będę|wolno mi|mogłabym|mógłbym|jestem upoważnion|potrafię)|\b(?:muszę|zmuszon\w jestem) odmówić|odmawiam|\bjako (?:model|sztuczna|ai\b|asystent)"
    r"|\b\w*(?:yardımcı olamam|yardımcı olamıyorum|yardım edemem|sağlayamam|sağlayamıyorum|yanıtlayamam|yanıt veremem|cevap veremem|oluşturamam|yazamam|getiremem|getiremiyorum|paylaşamam|sunamam|veremem|yapamam|üretemem|konuşamam|mümkün değil|reddetmek|reddediyorum|(?:yanıtlay|cevaplay|sağlay|paylaş|yap|yaz|oluştur|konuş|sun)amıyorum|(?:ver|ed|üret|söyle|getir)emiyorum)|\bbir (?:yapay zeka|dil modeli)"
    r"|\bjag (?:kan|får|vill|måste)(?: \S+){0,3}? (?:inte|avböja|neka)\b|\bkan jag(?: \S+){0,3}? inte\b|\bjeg (?:kan|må|vil|ønsker)(?: \S+){0,3}? (?:ikke|afslå|avslå)\b|\bkan jeg(?: \S+){0,3}? ikke\b|\ben (?:voi|pysty|valitettavasti|saa)\b|\bnemohu\b|\bnemůžu\b|\bnesmím\b|\bnu (?:pot|îmi este permis|sunt în măsură|voi)\b|\bnem (?:tudok|tudom|segíthetek|áll módomban|adhatok|válaszolhatok)"
    r"|\b(?:saya|kami|aku) tidak (?:dapat|bisa|boleh|mampu|akan)|\btôi không (?:thể|được|có khả năng)|\bkhông thể (?:giúp|cung cấp|hỗ trợ|trả lời|đáp ứng)|\bno puc\b"
)
OTHER_SCRIPTS = (
    r"я (?:\S+ )?не (?:могу|буду|смогу|в состоянии|имею права|вправе|уполномочен|стану|способ|готов)|не могу (?:\S+ ){0,2}?(?:помочь|предостав|ответ|созда|напис|выполн|дать|помог|обсужд|поддерж|сгенер|подел|рассказ|сделать|удовлетвор|участв|совет)|вынужден\w* отказать|отказываюсь|как (?:языковая модель|искусственн|ии\b|ии-)|не могу этого|не могу с этим"
    r"|я не (?:можу|буду|маю права)|не можу (?:допомог|надат|відпов|створ|напис|викон)"
    r"|我(?:恐怕|实在|暂时|目前|真的|也)?(?:无法|不能|無法|不会|不會|不便|不可以|没有办法|沒有辦法|没办法|拒绝|不方便|不被允许|必须拒绝)|(?:无法|不能|無法)(?:为您|为你|為您|為你|向您|向你|給您|给您|协助|協助|帮助|幫助|提供|回答|生成|完成|满足|滿足|讨论|討論|参与|回應|回应|支持|处理|執行|执行)|作为(?:一个|一名|一款)?(?:人工智能|ai|语言模型|大型|大语言)|作為(?:一個|一名)?(?:人工智慧|ai|語言模型)|违反(?:了)?[^。！？]*(?:政策|规定|原则|法律|准则)|恕(?:我)?(?:无法|不能|難|难)"
    r"|(?:お手伝い|お答え|ご提供|提供|対応|お応え|ご協力|協力|作成|支援|回答|お教え|お力|ご案内|生成|手助け|助け|ご要望|ご希望|リクエスト|ご依頼|ご質問)[^。!?]*(?:できません|できかね|いたしかね|致しかね|出来ません|なれません|控えさせ|お断り|差し控え|沿えません|応じられません|できない)|(?:申し訳|すみません|残念ながら|恐れ入り|ごめんなさい)[^。!?]*(?:できません|できかね|かねます|出来ません|お断り|控え|られません|できない)|aiとして|言語モデル(?:として|なので|である)"
    r"|(?:도와|제공|답변|도움|작성|생성|도울|응할|알려|들어|처리|수행|말씀|공유|지원|이행|만들|써|해)[^.!?]*(?:수 ?(?:는|가)? ?없|드리기 어렵|드릴 수 없|드리지 않|않겠습니다|어렵습니다|거절|불가능|못합니다)|(?:죄송|미안|유감)[^.!?]*(?:수 ?(?:는|가)? ?없|어렵|불가능|못|않)|(?:ai|인공지능|언어 모델)(?:로서|이기 때문|이므로|입니다)"
    r"|(?:لا (?:أستطيع|يمكنني|أقدر|يمكننا|يسعني|أملك)|لن (?:أتمكن|أستطيع|أقدم|أقوم|أساعد)|لست (?:قادر|مخول)|(?:غير|لست) قادر|أرفض|لا يُسمح لي|لا يسمح لي|أعتذر عن)|(?:كنموذج لغ|بصفتي|كوني (?:نموذج|ذكاء)|كذكاء)"
    r"|(?:मदद|सहायता|प्रदान|जानकारी|उत्तर|जवाब|अनुरोध|लिख|बना|पूरा|सहयोग|बता)[^।.!?]*(?:नहीं|असमर्थ)[^।.!?]*(?:सकत|सकूँ|सकूं|कर|दे|हूँ|हूं)|(?:क्षमा|माफ़|माफ|खेद)[^।.!?]*(?:नहीं|असमर्थ)|एआई (?:के रूप|मॉडल)|भाषा मॉडल"
    r"|δεν μπορώ|δεν είμαι σε θέση|אינני יכול|איני יכול|אני לא יכול|לא אוכל|ไม่สามารถ|আমি[^।]*পারব না|পারছি না|نمی‌?توانم|قادر نیستم"
)
REGRET = (
    r"tut mir (?:sehr |wirklich |furchtbar )?leid|entschuldig|bedaure|bedauere|\bleider\b|désolée?|navrée?|regrette|malheureusement|m'excuse|lo siento|lo lamento|lamento|disculp|perdón|lamentablemente|desafortunadamente|mi dispiace|spiacente|purtroppo|mi scuso|mi rincresce"
    r"|desculp|lamento|sinto muito|infelizmente|het spijt me|helaas|excuses|przepraszam|przykro mi|niestety|извин|прост|к сожалению|мне жаль|сожале|прошу прощения|вибач|на жаль|抱歉|对不起|對不起|遗憾|遺憾|不好意思|申し訳|すみません|残念|恐れ入り|ごめんなさい|죄송|미안|유감|안타깝"
    r"|آسف|عذر|للأسف|أعتذر|معذرة|يؤسفني|क्षमा|माफ़|माफ|खेद|üzgünüm|maalesef|özür|kusura|ne yazık|tyvärr|beklager|desværre|dessverre|undskyld|valitettavasti|omlouvám|bohužel|îmi pare rău|din păcate|sajnál|sajnos|maaf|xin lỗi|rất tiếc|λυπάμαι|מצטער|ขออภัย|ขอโทษ"
)

# an answer without any of these is no refusal in any language; most answers are passed over by it
CUE = (
    r"not\b|n't|cannot|unable|sorry|apolog|unfortunate|afraid|regret|declin|refus|\bas an? |language model|an ai\b|inappropriate|harmful|illegal|respect"
    r"|important|blocked|filter|flagg|denied|pass on|instead|personal|polic|guideline|suggest|problematic|one-sided|breach|confidential|irresponsible|wrong|no can do|hard no|no from me|pass\b|rather|prefer|outside|beyond|against|refrain|turn(?:ing)? |off (?:the table|limits)|answer (?:is|has|must|will)|still learning|let's|stop|sit (?:this|that)|prohibit|prevent|forbid|rejected|\bnicht\b|liever|acağım|eceğim|\bi (?:don't|never)|amıyorum|emiyorum|[^\x00-\x7f]"
    r"|kann|darf|werde|möchte|leider|\bals |\bne |\bje |malheur|\bno\b|lamento|\bnon\b|purtroppo|\bik\b|helaas|\bnie\b|niestety|maalesef|\w(?:amam|emem)\b|\bkan\b|\ben voi|nemohu|\bnu\b|\bnem\b|\btidak|\bmaaf"
)
# words that only English text begins with; other languages are then not looked for
ENGLISH = r"\b(?:the|and|you|your|that|this|with|it's|i'm|can't|cannot)\b"

# name: pattern; the order is the order of the model's weights
PATTERNS: dict[str, str] = {
    "direct": DIRECT,
    "objects": OBJECTS,
    "sorry": SORRY,
    "machine": MACHINE,
    "norms": NORMS,
    "privacy": PRIVACY,
    "neutral": NEUTRAL,
    "premise": PREMISE,
    "morals": MORALS,
    "instead": INSTEAD,
    "however": HOWEVER,
    "comply": COMPLY,
    "not_about_request": NOT_ABOUT_REQUEST,
    "quoted": QUOTED,
    "latin": LATIN,
    "other_scripts": OTHER_SCRIPTS,
    "regret": REGRET,
}
# these weigh more where a text opens with them
OPENING = ("direct", "objects", "machine", "norms", "neutral", "premise")
FOREIGN = ("latin", "other_scripts", "regret")
